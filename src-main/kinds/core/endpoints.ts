import { age, showSome } from '../columns.ts'
import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { EndpointAddress, EndpointSubset, Endpoints } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isNonSpecialIP, isValidIP, unusualIP } from '../ip.ts'
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidPortNum } from '../validation.ts'

export type { Endpoints }

export const endpoints = defineKind<Endpoints>({
  group: '', version: 'v1', kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'], singular: 'endpoints',
  namespaced: true,
  createOnUpdate: true,
  schema: 'io.k8s.api.core.v1.Endpoints',
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
  default: ({ subsets }) => {
    for (const port of (subsets ?? []).flatMap((subset) => subset.ports ?? [])) port.protocol ??= 'TCP'
  },
  ownRules: true,
  validate: ({ subsets }, at, old) => (old && sameValue(subsets, old.subsets) ? [] : each(subsets, at.child('subsets'), checkSubset)),
  warn: warnOfEndpoints,
  columns: [{ name: 'Endpoints', type: 'string', of: 'subsets', cell: ({ subsets }) => showSome((subsets ?? []).flatMap(addressesOf), '<none>') }, age],
})

function checkSubset(subset: EndpointSubset, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!subset.addresses?.length && !subset.notReadyAddresses?.length) errors.push(at.required('must specify `addresses` or `notReadyAddresses`'))
  for (const list of ['addresses', 'notReadyAddresses'] as const) {
    errors.push(...each(subset[list], at.child(list), checkAddress))
  }
  const several = (subset.ports?.length ?? 0) > 1
  return [...errors, ...each(subset.ports, at.child('ports'), ({ name, port = 0, protocol = '', appProtocol }, here) => [
    ...(name ? say(here.child('name'), name, isDNS1123Label(name)) : several ? [here.child('name').required()] : []),
    ...say(here.child('port'), port, isValidPortNum(port)),
    ...(protocols.includes(protocol) ? [] : [here.child('protocol').notSupported(protocol, protocols)]),
    ...(appProtocol === undefined ? [] : say(here.child('appProtocol'), appProtocol, isQualifiedName(appProtocol))),
  ])]
}

const protocols = ['SCTP', 'TCP', 'UDP']

function checkAddress({ ip = '', hostname, nodeName }: EndpointAddress, at: FieldPath): FieldError[] {
  const errors = say(at.child('ip'), ip, isValidIP(ip))
  if (hostname) errors.push(...say(at.child('hostname'), hostname, isDNS1123Label(hostname)))
  if (nodeName !== undefined) errors.push(...say(at.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName)))
  return [...errors, ...say(at.child('ip'), ip, isNonSpecialIP(ip))]
}

function addressesOf({ addresses = [], ports }: EndpointSubset): string[] {
  const withPort = (ip: string, port: number): string => (ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`)
  if (!ports?.length) return addresses.map(({ ip }) => ip)
  return ports.flatMap(({ port }) => addresses.map(({ ip = '' }) => withPort(ip, port)))
}

/** What a client is told of addresses that are hardly written so; the server's own controller makes none. */
function warnOfEndpoints({ subsets }: Readonly<Endpoints>): string[] {
  return (subsets ?? []).flatMap((subset, i) => (['addresses', 'notReadyAddresses'] as const).flatMap((list) =>
    (subset[list] ?? []).flatMap(({ ip = '' }, j) => unusualIP(`subsets[${i}].${list}[${j}].ip`, ip)),
  ))
}
