import { each, say } from '../checks.ts'
import { age, showSome } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { EndpointSlice } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { lookup } from '../lookup.ts'
import { isDNS1123Label, isDNS1123Subdomain, isIPv4, isIPv6, isValidPortName, isValidPortNum } from '../validation.ts'

export type { EndpointSlice }

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', plural: 'endpointslices',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  generation: true,
  default: ({ ports }) => {
    for (const port of ports ?? []) {
      port.name ??= ''
      port.protocol ||= 'TCP'
    }
  },
  validate: checkSlice,
  validateUpdate: ({ addressType }, old, at) => (addressType === old.addressType ? [] : [at.child('addressType').immutable(addressType)]),
  columns: [
    { name: 'AddressType', type: 'string', cell: ({ addressType }) => addressType },
    { name: 'Ports', type: 'string', cell: ({ ports }) => showSome((ports ?? []).map(({ name, port }) => String(port ?? name ?? '*')), '<unset>') },
    { name: 'Endpoints', type: 'string', cell: ({ endpoints }) => showSome((endpoints ?? []).flatMap(({ addresses }) => addresses), '<unset>') },
    age,
  ],
})

const addressRules: Readonly<Record<string, (address: string) => readonly string[]>> = {
  IPv4: (address) => (isIPv4(address) ? [] : ['must be a valid IPv4 address']),
  IPv6: (address) => (isIPv6(address) ? [] : ['must be a valid IPv6 address']),
  FQDN: isDNS1123Subdomain,
}

const protocols = ['SCTP', 'TCP', 'UDP']
/** Of one slice: maxEndpoints and maxPorts of discovery validation. */
const limits = { endpoints: 1000, ports: 20000, addresses: 100 }

function checkSlice(slice: EndpointSlice, root: FieldPath): FieldError[] {
  const at = root.child('endpoints')
  const endpoints = slice.endpoints ?? []
  if (endpoints.length > limits.endpoints) return [at.tooMany(endpoints.length, limits.endpoints)]
  const rule = lookup(addressRules, slice.addressType)
  const errors = each(endpoints, at, ({ addresses = [], hostname }, here) => {
    const found = addresses.length === 0 ? [here.child('addresses').required('must contain at least 1 address')] : []
    if (addresses.length > limits.addresses) found.push(here.child('addresses').tooMany(addresses.length, limits.addresses))
    if (rule) found.push(...each(addresses, here.child('addresses'), (address, there) => say(there, address, rule(address))))
    return hostname ? [...found, ...say(here.child('hostname'), hostname, isDNS1123Label(hostname))] : found
  })
  return [...errors, ...checkPorts(slice.ports, root.child('ports'))]
}

function checkPorts(ports: EndpointSlice['ports'], at: FieldPath): FieldError[] {
  const errors = each(ports, at, ({ name, port, protocol }, here) => [
    ...(name ? say(here.child('name'), name, isValidPortName(name)) : []),
    ...(protocol && !protocols.includes(protocol) ? [here.child('protocol').notSupported(protocol, protocols)] : []),
    ...(port === undefined ? [] : say(here.child('port'), port, isValidPortNum(port))),
  ])
  const seen = new Set<string>()
  return [...errors, ...each(ports, at, ({ name = '' }, here) => {
    if (seen.has(name)) return [here.child('name').duplicate(name)]
    seen.add(name)
    return []
  })]
}
