import { age, showLabels } from '../columns.ts'
import type { Service, ServicePort, ServiceSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { unusualIP, withoutKept } from '../ip.ts'
import { sameValue } from '../same-value.ts'
import { checkServiceUpdate, needsHealthCheck } from './service-addresses.ts'
import { checkBalancerStatus, checkService, isOutside, trafficPolicies } from './service-rules.ts'
import { warnOfService } from './service-warnings.ts'

export type { Service }

export const service = defineKind<Service>({
  group: '', version: 'v1', kind: 'Service', plural: 'services', shortNames: ['svc'], categories: ['all'],
  namespaced: true,
  createOnUpdate: true,
  schema: 'io.k8s.api.core.v1.Service',
  status: true,
  names: 'label',
  default: (object) => {
    defaultSpec((object.spec ??= {}))
    object.status ??= { loadBalancer: {} }
    for (const ingress of object.status.loadBalancer?.ingress ?? []) if (ingress.ip) ingress.ipMode ??= 'VIP'
  },
  prepareCreate: (object) => {
    object.status = { loadBalancer: {} }
  },
  prepareUpdate: ({ spec = {} }, { spec: old = {} }) => dropLeftovers(spec, old),
  ownRules: true,
  validate: (object, at, old) => withoutKept(checkService(object, at), old ? addressesIn(old) : []),
  validateUpdate: ({ spec = {} }, { spec: old = {} }, at) => checkServiceUpdate(spec, old, at.child('spec')),
  validatePart: (_subresource, object, { status: old }, at) =>
    withoutKept(checkBalancerStatus(object, at.child('status', 'loadBalancer', 'ingress')), old?.loadBalancer?.ingress?.map(({ ip }) => ip) ?? []),
  warnPart: (_subresource, { status }) => (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }, i) => (ip ? unusualIP(`status.loadBalancer.ingress[${i}]`, ip) : [])),
  warn: warnOfService,
  selectableFields: {
    'spec.clusterIP': ({ spec }) => spec?.clusterIP ?? '',
    'spec.type': ({ spec }) => spec?.type ?? '',
  },
  columns: [
    { name: 'Type', type: 'string', of: 'spec.type', cell: ({ spec }) => spec?.type },
    { name: 'Cluster-IP', type: 'string', of: 'spec.clusterIP', cell: ({ spec }) => spec?.clusterIP || '<none>' },
    { name: 'External-IP', type: 'string', of: 'spec.externalIPs', cell: externalIp },
    { name: 'Port(s)', type: 'string', of: 'spec.ports', cell: ({ spec }) => showPorts(spec?.ports ?? []) },
    age,
    { name: 'Selector', type: 'string', priority: 1, of: 'spec.selector', cell: ({ spec }) => showLabels(spec?.selector) },
  ],
})

const addressesIn = ({ spec: { clusterIPs = [], externalIPs = [], loadBalancerSourceRanges = [] } = {} }: Service): string[] => [...clusterIPs, ...externalIPs, ...loadBalancerSourceRanges]

/** DefaultClientIPServiceAffinitySeconds of core/v1: three hours. */
const affinitySeconds = 10800

function defaultSpec(spec: ServiceSpec): void {
  spec.type ??= 'ClusterIP'
  spec.sessionAffinity ??= 'None'
  if (spec.sessionAffinity === 'None') delete spec.sessionAffinityConfig
  else if (spec.sessionAffinity === 'ClientIP' && spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined) {
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: affinitySeconds } }
  }
  for (const port of spec.ports ?? []) {
    port.protocol ??= 'TCP'
    port.targetPort ||= port.port
  }
  if (isOutside(spec)) spec.externalTrafficPolicy ??= 'Cluster'
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true
  if (spec.type !== 'ExternalName') spec.internalTrafficPolicy ??= 'Cluster'
  // it was once filled in there too, and is not shown any more
  else if (trafficPolicies.includes(spec.internalTrafficPolicy ?? '')) delete spec.internalTrafficPolicy
}

const isOpen = (type: string | undefined): boolean => type === 'NodePort' || type === 'LoadBalancer'

function externalIp({ spec = {}, status }: Service): string {
  const fixed = spec.externalIPs ?? []
  if (spec.type === 'ExternalName') return spec.externalName ?? '<none>'
  if (spec.type !== 'LoadBalancer') return fixed.join(',') || '<none>'
  const balanced = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? [])
  return [...balanced, ...fixed].join(',') || '<pending>'
}

const showPorts = (ports: readonly ServicePort[]): string =>
  ports.map(({ port, nodePort, protocol }) => `${port}${nodePort ? `:${nodePort}` : ''}/${protocol}`).join(',') || '<none>'

/** What only the former type needed goes with it, unless the client changed it: as dropTypeDependentFields of the Service strategy. */
function dropLeftovers(spec: ServiceSpec, old: Readonly<ServiceSpec>): void {
  if (old.type !== 'ExternalName' && spec.type === 'ExternalName') {
    if ((spec.clusterIP ?? '') === (old.clusterIP ?? '')) {
      delete spec.clusterIP
      delete spec.clusterIPs
    }
    for (const name of ['ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'] as const) if (sameValue(spec[name], old[name])) delete spec[name]
  }
  if (needsHealthCheck(old) && !needsHealthCheck(spec) && spec.healthCheckNodePort === old.healthCheckNodePort) delete spec.healthCheckNodePort
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    if (spec.allocateLoadBalancerNodePorts === old.allocateLoadBalancerNodePorts) delete spec.allocateLoadBalancerNodePorts
    if (spec.loadBalancerClass === old.loadBalancerClass) delete spec.loadBalancerClass
  }
  if (isOutside(old) && !isOutside(spec) && spec.externalTrafficPolicy === old.externalTrafficPolicy) delete spec.externalTrafficPolicy
  if (!isOpen(old.type) || isOpen(spec.type)) return
  const before = new Set(old.ports?.map((port) => port.nodePort))
  if (spec.ports?.every((port) => !port.nodePort || before.has(port.nodePort))) for (const port of spec.ports) delete port.nodePort
}
