import { equalJson } from '../../base/json.ts'
import type { Service } from '../../kinds/core/service.ts'
import { sameValue } from '../../kinds/same-value.ts'

type Spec = NonNullable<Service['spec']>

/**
 * Lets an updated Service keep the addresses it does not mention, and drops those that its new type has no use for when
 * the update only repeats them. Changes `spec`.
 */
export function carryOver(spec: Spec, old: Readonly<Spec>): void {
  followSingular(spec, old)
  if (hasAddress(spec) && hasAddress(old)) {
    // who changes the one address and repeats the list means the list too
    if (spec.clusterIP && spec.clusterIP !== old.clusterIP && sameValue(spec.clusterIPs, old.clusterIPs)) spec.clusterIPs = [spec.clusterIP]
    if (!spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIP = old.clusterIP
    if (!spec.clusterIPs?.length && spec.clusterIP === old.clusterIP && old.clusterIPs)
      spec.clusterIPs = [...old.clusterIPs]
  } else if (!hasAddress(spec) && spec.clusterIP === old.clusterIP) {
    delete spec.clusterIP
    delete spec.clusterIPs
    delete spec.ipFamilies
    delete spec.ipFamilyPolicy
  }
  if (hasNodePorts(spec) && hasNodePorts(old)) keepNodePorts(spec, old)
  else if (!hasNodePorts(spec) && hasNodePorts(old)) dropNodePorts(spec, old)
}

/** Who changes `clusterIP` and repeats `clusterIPs` knows only the first of them: NormalizeClusterIPs. Changes `spec`. */
function followSingular(spec: Spec, old: Readonly<Spec>): void {
  const { clusterIP = '', clusterIPs = [] } = spec
  if (clusterIP === (old.clusterIP ?? '') || !equalJson(clusterIPs, old.clusterIPs ?? [])) return
  if (clusterIP === '') delete spec.clusterIPs
  else spec.clusterIPs = [clusterIP]
}

export const hasNodePorts = (spec: Readonly<Spec>): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)

const hasAddress = (spec: Readonly<Spec>): boolean => spec.type !== 'ExternalName'
const portKey = ({ port, protocol = 'TCP' }: { port: number; protocol?: string }): string => `${port}/${protocol}`

function keepNodePorts(spec: Spec, old: Readonly<Spec>): void {
  const given = new Set((spec.ports ?? []).map((port) => port.nodePort))
  const before = new Map((old.ports ?? []).map((port) => [portKey(port), port.nodePort]))
  for (const port of spec.ports ?? []) {
    const known = before.get(portKey(port))
    if (!port.nodePort && known && !given.has(known)) port.nodePort = known
  }
  if (old.healthCheckNodePort && !spec.healthCheckNodePort && spec.externalTrafficPolicy === 'Local')
    spec.healthCheckNodePort = old.healthCheckNodePort
}

function dropNodePorts(spec: Spec, old: Readonly<Spec>): void {
  const before = new Set((old.ports ?? []).map((port) => port.nodePort))
  for (const port of spec.ports ?? []) if (before.has(port.nodePort)) delete port.nodePort
  if (spec.healthCheckNodePort === old.healthCheckNodePort) delete spec.healthCheckNodePort
  if (spec.externalTrafficPolicy === old.externalTrafficPolicy) delete spec.externalTrafficPolicy
}
