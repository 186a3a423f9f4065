import { checkSelector, each, say } from '../checks.ts'
import { age, showSelector } from '../columns.ts'
import { checkPort } from '../core/probe.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isValidCIDR } from '../validation.ts'

export type { NetworkPolicy }

export const networkPolicy = defineKind<NetworkPolicy>({
  group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy', plural: 'networkpolicies', shortNames: ['netpol'],
  namespaced: true,
  schema: 'io.k8s.api.networking.v1.NetworkPolicy',
  generation: true,
  default: (object) => {
    const spec = (object.spec ??= {} as NetworkPolicySpec)
    spec.podSelector ??= {}
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress']
    for (const port of [...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap((rule) => rule.ports ?? [])) port.protocol ??= 'TCP'
  },
  validate: ({ spec }, root) => {
    const at = root.child('spec')
    return [
      ...checkSelector(spec?.podSelector, at.child('podSelector')),
      ...each(spec?.ingress, at.child('ingress'), (rule, here) => [...checkPorts(rule.ports, here), ...each(rule.from, here.child('from'), checkPeer)]),
      ...each(spec?.egress, at.child('egress'), (rule, here) => [...checkPorts(rule.ports, here), ...each(rule.to, here.child('to'), checkPeer)]),
    ]
  },
  columns: [{ name: 'Pod-Selector', type: 'string', cell: ({ spec }) => showSelector(spec?.podSelector) }, age],
})

const checkPorts = (ports: readonly NetworkPolicyPort[] | undefined, at: FieldPath): FieldError[] =>
  each(ports, at.child('ports'), ({ port }, here) => (port === undefined ? [] : checkPort(port, here.child('port'))))

function checkPeer({ ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer, at: FieldPath): FieldError[] {
  if (!ipBlock && !podSelector && !namespaceSelector) return [at.required('must specify a peer')]
  if (ipBlock && (podSelector || namespaceSelector)) return [at.forbidden('may not specify both ipBlock and another peer')]
  return [
    ...checkSelector(podSelector, at.child('podSelector')),
    ...checkSelector(namespaceSelector, at.child('namespaceSelector')),
    ...(ipBlock ? say(at.child('ipBlock', 'cidr'), ipBlock.cidr ?? '', isValidCIDR(ipBlock.cidr ?? '')) : []),
    ...each(ipBlock?.except, at.child('ipBlock', 'except'), (cidr, here) => say(here, cidr, isValidCIDR(cidr))),
  ]
}
