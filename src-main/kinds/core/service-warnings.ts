import type { Service } from '../generated/types.ts'
import { unusualCIDR, unusualIP } from '../ip.ts'

const hints = 'service.kubernetes.io/topology-aware-hints'
const mode = 'service.kubernetes.io/topology-mode'

/** What a client is told of a Service: GetWarningsForService of Kubernetes' service package. */
export function warnOfService({ metadata, spec = {} }: Readonly<Service>): string[] {
  const { type = 'ClusterIP', clusterIP, clusterIPs = [], externalIPs = [], externalName, loadBalancerIP, loadBalancerSourceRanges = [], sessionAffinity, trafficDistribution } = spec
  const isHeadless = type === 'ClusterIP' && clusterIP === 'None'
  const rules: ReadonlyArray<readonly [holds: boolean, warning: string]> = [
    [isHeadless && Boolean(loadBalancerIP), 'spec.loadBalancerIP is ignored for headless services'],
    [isHeadless && externalIPs.length > 0, 'spec.externalIPs is ignored for headless services'],
    [isHeadless && sessionAffinity !== 'None', 'spec.SessionAffinity is ignored for headless services'],
  ]
  const later: typeof rules = [
    [type === 'ExternalName' && externalIPs.length > 0, 'spec.externalIPs is ignored when spec.type is "ExternalName"'],
    [type !== 'ExternalName' && Boolean(externalName), 'spec.externalName is ignored when spec.type is not "ExternalName"'],
    [trafficDistribution === 'PreferClose', 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
  ]
  const told = (all: typeof rules): string[] => all.filter(([holds]) => holds).map(([, warning]) => warning)
  return [
    ...(metadata.annotations?.[hints] === undefined ? [] : [`annotation ${hints} is deprecated, please use ${mode} instead`]),
    ...clusterIPs.flatMap((address, i) => (address === 'None' ? [] : unusualIP(`spec.clusterIPs[${i}]`, address))),
    ...told(rules),
    ...externalIPs.flatMap((address, i) => unusualIP(`spec.externalIPs[${i}]`, address)),
    ...(externalIPs.length > 0 && !isHeadless && type !== 'ExternalName' ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters'] : []),
    ...(loadBalancerIP ? unusualIP('spec.loadBalancerIP', loadBalancerIP) : []),
    ...loadBalancerSourceRanges.flatMap((range, i) => unusualCIDR(`spec.loadBalancerSourceRanges[${i}]`, range)),
    ...told(later),
  ]
}
