import { checkLabels, each, say, unique } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ServicePort, ServiceSpec } from '../generated/types.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Label, isDNS1123Subdomain, isIPv4, isValidIP, isValidPortNum } from '../validation.ts'
import { checkPort } from './probe.ts'

/** A day: the longest a client stays with its endpoint. */
const maxAffinitySeconds = 86400

export function checkService(spec: ServiceSpec, at: FieldPath): FieldError[] {
  return [
    ...checkPorts(spec, at.child('ports')),
    ...checkLabels(spec.selector, at.child('selector')),
    ...checkAddresses(spec, at),
    ...checkAffinity(spec, at.child('sessionAffinityConfig', 'clientIP', 'timeoutSeconds')),
    ...checkTrafficPolicy(spec, at),
  ]
}

function checkPorts(spec: ServiceSpec, at: FieldPath): FieldError[] {
  const ports = spec.ports ?? []
  const headless = spec.clusterIP === 'None'
  if (ports.length === 0) return headless || spec.type === 'ExternalName' ? [] : [at.required()]
  const errors = each(ports, at, (port, here) => checkServicePort(port, here, ports.length > 1, spec))
  errors.push(...unique(ports, (port) => port.name, (i) => at.child(i, 'name')))
  const pairs = new Set<string>()
  const nodePorts = new Set<string>()
  for (const [i, { protocol = 'TCP', port, nodePort }] of ports.entries()) {
    if (pairs.has(`${protocol} ${port}`)) errors.push(at.child(i).duplicate({ protocol, port }))
    pairs.add(`${protocol} ${port}`)
    if (!nodePort) continue
    if (nodePorts.has(`${protocol} ${nodePort}`)) errors.push(at.child(i, 'nodePort').duplicate(nodePort))
    nodePorts.add(`${protocol} ${nodePort}`)
  }
  return errors
}

function checkServicePort(port: ServicePort, at: FieldPath, several: boolean, { type }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = []
  if (port.name) errors.push(...say(at.child('name'), port.name, isDNS1123Label(port.name)))
  else if (several) errors.push(at.child('name').required())
  errors.push(...say(at.child('port'), port.port ?? 0, isValidPortNum(port.port ?? 0)))
  if (port.targetPort !== undefined) errors.push(...checkPort(port.targetPort, at.child('targetPort')))
  if (!port.nodePort) return errors
  if (type === 'ClusterIP') errors.push(at.child('nodePort').forbidden("may not be used when `type` is 'ClusterIP'"))
  else errors.push(...say(at.child('nodePort'), port.nodePort, isValidPortNum(port.nodePort)))
  return errors
}

function checkAddresses(spec: ServiceSpec, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const { type, clusterIP } = spec
  if (type === 'ExternalName') {
    if (clusterIP) errors.push(at.child('clusterIPs').forbidden("may not be set when `type` is 'ExternalName'"))
    const name = spec.externalName ?? ''
    if (name) errors.push(...say(at.child('externalName'), name, isDNS1123Subdomain(name.replace(/\.$/, ''))))
    else errors.push(at.child('externalName').required())
  } else {
    if (clusterIP === 'None' && type !== 'ClusterIP') {
      errors.push(at.child('clusterIPs', 0).invalid('None', `may not be set to 'None' for ${type} services`))
    } else if (clusterIP && clusterIP !== 'None') errors.push(...say(at.child('clusterIPs', 0), clusterIP, isValidIP(clusterIP)))
    if (spec.ipFamilies?.includes('IPv4') && spec.ipFamilies.length === 1 && clusterIP && clusterIP.includes(':') && !isIPv4(clusterIP)) {
      errors.push(at.child('clusterIPs', 0).invalid(clusterIP, "expected an IPv4 value as indicated by `ipFamilies[0]`"))
    }
  }
  return [...errors, ...each(spec.externalIPs, at.child('externalIPs'), (ip, here) => say(here, ip, isValidIP(ip)))]
}

function checkAffinity(spec: ServiceSpec, at: FieldPath): FieldError[] {
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds
  if (spec.sessionAffinity !== 'ClientIP' || seconds === undefined) return []
  const right = seconds > 0 && seconds <= maxAffinitySeconds
  return right ? [] : [at.invalid(seconds, `must be greater than 0 and less than or equal to ${maxAffinitySeconds}`)]
}

function checkTrafficPolicy({ type, externalIPs, externalTrafficPolicy }: ServiceSpec, at: FieldPath): FieldError[] {
  const reachable = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs?.length)
  if (!externalTrafficPolicy || reachable) return []
  return [at.child('externalTrafficPolicy').invalid(externalTrafficPolicy, 'may only be set for externally-accessible services')]
}

/** A Service keeps its address as long as it has one; only another type lets it go. */
export function checkServiceUpdate(spec: ServiceSpec, old: ServiceSpec, at: FieldPath): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName' || !old.clusterIP) return []
  if (sameValue(spec.clusterIP, old.clusterIP)) return []
  return [at.child('clusterIPs', 0).invalid(spec.clusterIP ? [spec.clusterIP] : [], 'may not change once set')]
}
