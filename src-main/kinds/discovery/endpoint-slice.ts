import { each, say } from '../checks.ts'
import { age, showSome } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { EndpointSlice } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { lookup } from '../lookup.ts'
import { isDNS1123Label, isDNS1123Subdomain, isIPv4, isIPv6, isNonSpecialIP, isQualifiedName } from '../validation.ts'

export type { EndpointSlice }

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', plural: 'endpointslices',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  generation: true,
  default: ({ ports, endpoints }) => {
    // a struct of Go's, which is on the wire even when it is empty
    for (const endpoint of endpoints ?? []) endpoint.conditions ??= {}
    for (const port of ports ?? []) {
      port.name ??= ''
      port.protocol ||= 'TCP'
    }
  },
  ownRules: true,
  validate: checkSlice,
  validateUpdate: ({ addressType }, old, at) => (addressType === old.addressType ? [] : [at.child('addressType').immutable(addressType)]),
  columns: [
    { name: 'AddressType', type: 'string', of: 'addressType', cell: ({ addressType }) => addressType },
    { name: 'Ports', type: 'string', of: 'ports', cell: ({ ports }) => showSome((ports ?? []).map(({ name, port }) => String(port ?? name ?? '*')), '<unset>') },
    { name: 'Endpoints', type: 'string', of: 'endpoints', cell: ({ endpoints }) => showSome((endpoints ?? []).flatMap(({ addresses }) => addresses), '<unset>') },
    age,
  ],
})

const addressRules: Readonly<Record<string, (address: string) => readonly string[]>> = {
  IPv4: (address) => (isIPv4(address) ? isNonSpecialIP(address) : ['must be a valid IPv4 address']),
  IPv6: (address) => (isIPv6(address) ? isNonSpecialIP(address) : ['must be a valid IPv6 address']),
  FQDN: isDNS1123Subdomain,
}

const protocols = ['SCTP', 'TCP', 'UDP']
/** Of one slice: maxEndpoints and maxPorts of discovery validation. */
const limits = { endpoints: 1000, ports: 20000, addresses: 100, zones: 8 }

function checkSlice(slice: EndpointSlice, root: FieldPath): FieldError[] {
  const at = root.child('endpoints')
  const endpoints = slice.endpoints ?? []
  if (endpoints.length > limits.endpoints) return [at.tooMany(endpoints.length, limits.endpoints)]
  const rule = lookup(addressRules, slice.addressType)
  const types = Object.keys(addressRules)
  const { addressType } = slice
  const wrongType = !addressType ? [root.child('addressType').required()] : rule ? [] : [root.child('addressType').notSupported(addressType, [...types].sort())]
  const errors = each(endpoints, at, ({ addresses = [], hostname, nodeName, hints }, here) => {
    const found = addresses.length === 0 ? [here.child('addresses').required('must contain at least 1 address')] : []
    if (addresses.length > limits.addresses) found.push(here.child('addresses').tooMany(addresses.length, limits.addresses))
    if (rule) found.push(...each(addresses, here.child('addresses'), (address, there) => say(there, address, rule(address))))
    const zones = hints?.forZones ?? []
    if (nodeName !== undefined) found.push(...say(here.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName)))
    if (hostname !== undefined) found.push(...say(here.child('hostname'), hostname, isDNS1123Label(hostname)))
    return zones.length > limits.zones ? [...found, here.child('hints', 'forZones').tooMany(zones.length, limits.zones)] : found
  })
  return [...wrongType, ...errors, ...checkPorts(slice.ports, root.child('ports'))]
}

function checkPorts(ports: EndpointSlice['ports'], at: FieldPath): FieldError[] {
  if ((ports?.length ?? 0) > limits.ports) return [at.tooMany(ports?.length ?? 0, limits.ports)]
  const seen = new Set<string>()
  return each(ports ?? [], at, ({ name = '', protocol = '', appProtocol }, here) => {
    const errors = name ? say(here.child('name'), name, isDNS1123Label(name)) : []
    if (seen.has(name)) errors.push(here.child('name').duplicate(name))
    seen.add(name)
    if (!protocols.includes(protocol)) errors.push(here.child('protocol').notSupported(protocol, protocols))
    return appProtocol === undefined ? errors : [...errors, ...say(here.child('appProtocol'), appProtocol, isQualifiedName(appProtocol))]
  })
}
