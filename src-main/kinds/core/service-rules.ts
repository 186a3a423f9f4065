import { checkLabels, each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Service, ServiceSpec } from '../generated/types.ts'
import { isAnyIP, isNonSpecialIP, isValidCIDR, isValidIP } from '../ip.ts'
import { isDNS1123Subdomain, isQualifiedName, isValidPortNum } from '../validation.ts'
import { checkServiceAddresses, needsHealthCheck } from './service-addresses.ts'
import { checkServicePorts } from './service-ports.ts'

/** A day: the longest a client stays with its endpoint. */
const maxAffinitySeconds = 86400
const affinities = ['ClientIP', 'None']
const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
export const trafficPolicies: readonly string[] = ['Cluster', 'Local']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const modeAnnotation = 'service.kubernetes.io/topology-mode'
const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints'
const onlyBalanced = "may only be used when `type` is 'LoadBalancer'"

export function checkService({ metadata, spec = {} }: Service, root: FieldPath): FieldError[] {
  const at = root.child('spec')
  const { type = '' } = spec
  const ports = checkServicePorts(spec, at.child('ports'))
  return [
    ...checkTopologyMode(metadata.annotations ?? {}, root.child('metadata', 'annotations')),
    ...ports.missing,
    ...checkType(spec, at),
    ...ports.each,
    ...checkLabels(spec.selector, at.child('selector')),
    ...checkAffinity(spec, at),
    ...checkServiceAddresses(spec, at),
    ...each(spec.externalIPs, at.child('externalIPs'), checkOutsideIp),
    ...(types.includes(type) ? [] : [at.child('type').notSupported(type, types)]),
    ...ports.together,
    ...checkSourceRanges(metadata.annotations ?? {}, spec, root),
    ...checkBalancer(spec, at),
    ...checkTraffic(spec, at),
  ]
}

function checkTopologyMode(annotations: Readonly<Record<string, string>>, at: FieldPath): FieldError[] {
  const { [modeAnnotation]: mode, [hintsAnnotation]: hints } = annotations
  if (mode === undefined || hints === undefined || mode === hints) return []
  return [at.key(modeAnnotation).invalid(mode, `must match annotations[${hintsAnnotation}] when both are specified`)]
}

function checkType(spec: ServiceSpec, at: FieldPath): FieldError[] {
  const { type, clusterIPs } = spec
  if (type === 'LoadBalancer' || type === 'NodePort') {
    return spec.clusterIP === 'None' ? [at.child('clusterIPs', 0).invalid('None', `may not be set to 'None' for ${type} services`)] : []
  }
  if (type !== 'ExternalName') return []
  const errors = clusterIPs?.length || spec.clusterIP ? [at.child('clusterIPs').forbidden('may not be set for ExternalName services')] : []
  if (spec.ipFamilies?.length) errors.push(at.child('ipFamilies').forbidden('may not be set for ExternalName services'))
  if (spec.ipFamilyPolicy !== undefined) errors.push(at.child('ipFamilyPolicy').forbidden('may not be set for ExternalName services'))
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  return [...errors, ...(name ? say(at.child('externalName'), name, isDNS1123Subdomain(name)) : [at.child('externalName').required()])]
}

function checkAffinity(spec: ServiceSpec, at: FieldPath): FieldError[] {
  const { sessionAffinity = '', sessionAffinityConfig: config } = spec
  const here = at.child('sessionAffinityConfig')
  if (!affinities.includes(sessionAffinity)) return [at.child('sessionAffinity').notSupported(sessionAffinity, affinities)]
  if (sessionAffinity === 'None') return config ? [here.forbidden('must not be set when session affinity is None')] : []
  if (!config) return [here.required('when session affinity type is ClientIP')]
  if (!config.clientIP) return [here.child('clientIP').required('when session affinity type is ClientIP')]
  const { timeoutSeconds } = config.clientIP
  if (timeoutSeconds === undefined) return [here.child('clientIP', 'timeoutSeconds').required('when session affinity type is ClientIP')]
  const right = timeoutSeconds > 0 && timeoutSeconds <= maxAffinitySeconds
  return right ? [] : [here.child('clientIP', 'timeoutSeconds').invalid(timeoutSeconds, `must be greater than 0 and less than ${maxAffinitySeconds}`)]
}

function checkOutsideIp(ip: string, at: FieldPath): FieldError[] {
  const errors = say(at, ip, isValidIP(ip))
  return errors.length > 0 ? errors : say(at, ip, isNonSpecialIP(ip))
}

/** Of the field, or of the annotation that was there before it. */
function checkSourceRanges(annotations: Readonly<Record<string, string>>, { type, loadBalancerSourceRanges: ranges }: ServiceSpec, root: FieldPath): FieldError[] {
  const balanced = type === 'LoadBalancer'
  if (ranges?.length) {
    // Kubernetes' own spelling of the path
    const at = root.child('spec', 'LoadBalancerSourceRanges')
    return [...(balanced ? [] : [at.forbidden(onlyBalanced)]), ...each(ranges, at, (range, here) => say(here, range.trim(), isValidCIDR(range.trim())))]
  }
  const text = annotations[rangesAnnotation]
  if (text === undefined) return []
  const at = root.child('metadata', 'annotations').key(rangesAnnotation)
  const given = text.trim() === '' ? [] : text.split(',').map((range) => range.trim())
  return [...(balanced ? [] : [at.forbidden(onlyBalanced)]), ...given.flatMap((range) => say(at, range, isValidCIDR(range)))]
}

function checkBalancer({ type, allocateLoadBalancerNodePorts: allocate, loadBalancerClass }: ServiceSpec, at: FieldPath): FieldError[] {
  const balanced = type === 'LoadBalancer'
  const errors = allocate !== undefined && !balanced ? [at.child('allocateLoadBalancerNodePorts').forbidden(onlyBalanced)] : []
  const here = at.child('loadBalancerClass')
  if (loadBalancerClass === undefined) return errors
  return [...errors, ...(balanced ? say(here, loadBalancerClass, isQualifiedName(loadBalancerClass)) : [here.forbidden(onlyBalanced)])]
}

/** Whether traffic from outside the cluster comes in: ExternallyAccessible of core/v1/service. */
export const isOutside = ({ type, externalIPs }: ServiceSpec): boolean =>
  type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && Boolean(externalIPs?.length))

function checkTraffic(spec: ServiceSpec, at: FieldPath): FieldError[] {
  const { externalTrafficPolicy = '', internalTrafficPolicy, healthCheckNodePort, trafficDistribution } = spec
  const errors: FieldError[] = []
  const external = at.child('externalTrafficPolicy')
  if (!isOutside(spec)) {
    if (externalTrafficPolicy) errors.push(external.invalid(externalTrafficPolicy, 'may only be set for externally-accessible services'))
  } else if (!trafficPolicies.includes(externalTrafficPolicy)) errors.push(external.notSupported(externalTrafficPolicy, trafficPolicies))
  const health = at.child('healthCheckNodePort')
  if (healthCheckNodePort && !needsHealthCheck(spec)) {
    errors.push(health.invalid(healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"))
  } else if (healthCheckNodePort) errors.push(...say(health, healthCheckNodePort, isValidPortNum(healthCheckNodePort)))
  if (internalTrafficPolicy !== undefined && !trafficPolicies.includes(internalTrafficPolicy)) {
    errors.push(at.child('internalTrafficPolicy').notSupported(internalTrafficPolicy, trafficPolicies))
  }
  if (trafficDistribution !== undefined && !distributions.includes(trafficDistribution)) {
    errors.push(at.child('trafficDistribution').notSupported(trafficDistribution, distributions))
  }
  return errors
}

const ipModes = ['Proxy', 'VIP']

/** What a balancer may say of itself; `at` is the list of its addresses. */
export function checkBalancerStatus({ spec, status }: Service, at: FieldPath): FieldError[] {
  const ingress = status?.loadBalancer?.ingress ?? []
  if (spec?.type !== 'LoadBalancer' && ingress.length > 0) return [at.forbidden("may only be used when `spec.type` is 'LoadBalancer'")]
  return each(ingress, at, ({ ip, ipMode, hostname }, here) => {
    const errors = ip ? say(here.child('ip'), ip, isValidIP(ip)) : []
    if (ipMode === undefined) errors.push(...(ip ? [here.child('ipMode').required('must be specified when `ip` is set')] : []))
    else if (!ip) errors.push(here.child('ipMode').forbidden('may not be specified when `ip` is not set'))
    else if (!ipModes.includes(ipMode)) errors.push(here.child('ipMode').notSupported(ipMode, ipModes))
    if (!hostname) return errors
    errors.push(...say(here.child('hostname'), hostname, isDNS1123Subdomain(hostname)))
    return isAnyIP(hostname) ? [...errors, here.child('hostname').invalid(hostname, 'must be a DNS name, not an IP address')] : errors
  })
}
