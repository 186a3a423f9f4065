import { checkSelector, each, say } from '../checks.ts'
import { age, showSelector } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from '../generated/types.ts'
import { isAnyCIDR, isStrictSubset, isValidCIDR, unusualCIDR, withoutKept } from '../ip.ts'
import { defineKind } from '../kind.ts'
import { isValidPortName, isValidPortNum } from '../validation.ts'

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
  ownRules: true,
  validate: ({ spec }, root, old) => {
    const at = root.child('spec')
    const errors = [
      ...checkSelector(spec?.podSelector, at.child('podSelector')),
      ...each(spec?.ingress, at.child('ingress'), (rule, here) => [...checkPorts(rule.ports, here), ...each(rule.from, here.child('from'), checkPeer)]),
      ...each(spec?.egress, at.child('egress'), (rule, here) => [...checkPorts(rule.ports, here), ...each(rule.to, here.child('to'), checkPeer)]),
      ...checkTypes(spec?.policyTypes ?? [], at.child('policyTypes')),
    ]
    return errors.length > 0 && old ? withoutKept(errors, rangesOf(old)) : errors
  },
  warn: warnOfPolicy,
  columns: [{ name: 'Pod-Selector', type: 'string', of: 'spec.podSelector', cell: ({ spec }) => showSelector(spec?.podSelector) }, age],
})

const rangesOf = ({ spec }: NetworkPolicy): string[] =>
  [...(spec?.ingress ?? []).flatMap(({ from }) => from ?? []), ...(spec?.egress ?? []).flatMap(({ to }) => to ?? [])].flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []))

const checkPorts = (ports: readonly NetworkPolicyPort[] | undefined, at: FieldPath): FieldError[] => each(ports, at.child('ports'), checkPort)

const protocols = ['TCP', 'UDP', 'SCTP']
const types = ['Ingress', 'Egress']

function checkTypes(given: readonly string[], at: FieldPath): FieldError[] {
  if (given.length > types.length) return [at.invalid(given, 'may not specify more than two policyTypes')]
  return each(given, at, (type, here) => (types.includes(type) ? [] : [here.notSupported(type, types)]))
}

function checkPort({ protocol = 'TCP', port, endPort }: NetworkPolicyPort, at: FieldPath): FieldError[] {
  const errors = protocols.includes(protocol) ? [] : [at.child('protocol').notSupported(protocol, protocols)]
  const end = at.child('endPort')
  if (typeof port === 'number') {
    errors.push(...say(at.child('port'), port, isValidPortNum(port)))
    // Kubernetes shows the other one
    if (endPort !== undefined && endPort < port) errors.push(end.invalid(port, 'must be greater than or equal to `port`'))
    return endPort === undefined ? errors : [...errors, ...say(end, endPort, isValidPortNum(endPort))]
  }
  if (endPort !== undefined) errors.push(end.invalid(endPort, `may not be specified when \`port\` is ${port === undefined ? 'not specified' : 'non-numeric'}`))
  return port === undefined ? errors : [...errors, ...say(at.child('port'), port, isValidPortName(port))]
}

function checkPeer({ ipBlock, podSelector, namespaceSelector }: NetworkPolicyPeer, at: FieldPath): FieldError[] {
  if (!ipBlock && !podSelector && !namespaceSelector) return [at.required('must specify a peer')]
  const errors = [
    ...checkSelector(podSelector, at.child('podSelector')),
    ...checkSelector(namespaceSelector, at.child('namespaceSelector')),
    ...(ipBlock ? checkBlock(ipBlock, at.child('ipBlock')) : []),
  ]
  return ipBlock && (podSelector || namespaceSelector) ? [...errors, at.forbidden('may not specify both ipBlock and another peer')] : errors
}

function checkBlock({ cidr = '', except }: IPBlock, at: FieldPath): FieldError[] {
  if (cidr === '') return [at.child('cidr').required()]
  const wrong = say(at.child('cidr'), cidr, isValidCIDR(cidr))
  if (!except?.length || !isAnyCIDR(cidr)) return wrong
  return [...wrong, ...each(except, at.child('except'), (inner, here) => {
    const errors = say(here, inner, isValidCIDR(inner))
    return !isAnyCIDR(inner) || isStrictSubset(inner, cidr) ? errors : [...errors, here.invalid(inner, 'must be a strict subset of `cidr`')]
  })]
}

/** What a client is told of ranges that are hardly meant, or hardly written so. */
function warnOfPolicy({ spec }: Readonly<NetworkPolicy>): string[] {
  const ofPeers = (peers: readonly NetworkPolicyPeer[] | undefined, at: string): string[] =>
    (peers ?? []).flatMap(({ ipBlock }, i) => {
      const here = `${at}[${i}].ipBlock`
      return ipBlock ? [...unusualCIDR(`${here}.cidr`, ipBlock.cidr ?? ''), ...(ipBlock.except ?? []).flatMap((range, j) => unusualCIDR(`${here}.except[${j}]`, range))] : []
    })
  return [
    ...(spec?.ingress ?? []).flatMap(({ from }, i) => ofPeers(from, `spec.ingress[${i}].from`)),
    ...(spec?.egress ?? []).flatMap(({ to }, i) => ofPeers(to, `spec.egress[${i}].to`)),
  ]
}
