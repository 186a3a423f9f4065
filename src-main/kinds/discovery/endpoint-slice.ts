import { checkLabels, each, say } from '../checks.ts'
import { age, showSome } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Endpoint, EndpointSlice } from '../generated/types.ts'
import { isNonSpecialIP, isV4, isV6, isValidIP, unusualIP } from '../ip.ts'
import { defineKind } from '../kind.ts'
import { lookup } from '../lookup.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidLabelValue } from '../validation.ts'

export type { EndpointSlice }

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', plural: 'endpointslices',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  generation: 'with labels',
  default: ({ ports, endpoints }) => {
    // a struct of Go's, which is on the wire even when it is empty
    for (const endpoint of endpoints ?? []) endpoint.conditions ??= {}
    for (const port of ports ?? []) {
      port.name ??= ''
      port.protocol ??= 'TCP'
    }
  },
  prepareCreate: (slice) => dropTopology(slice),
  prepareUpdate: (slice, old) => dropTopology(slice, old),
  ownRules: true,
  validate: checkSlice,
  validateUpdate: ({ addressType }, old, at) => (addressType === old.addressType ? [] : [at.child('addressType').immutable(addressType)]),
  warn: warnOfSlice,
  columns: [
    { name: 'AddressType', type: 'string', of: 'addressType', cell: ({ addressType }) => addressType },
    { name: 'Ports', type: 'string', of: 'ports', cell: ({ ports }) => showSome((ports ?? []).map(({ name, port }) => String(port ?? name ?? '*')), '<unset>') },
    { name: 'Endpoints', type: 'string', of: 'endpoints', cell: ({ endpoints }) => showSome((endpoints ?? []).flatMap(({ addresses }) => addresses), '<unset>') },
    age,
  ],
})

/** Of v1, nobody writes it any more; what is there stays with endpoints that do not change. Changes `slice`. */
function dropTopology(slice: EndpointSlice, old?: Readonly<EndpointSlice>): void {
  const { endpoints } = slice
  if (!endpoints?.some(({ deprecatedTopology }) => deprecatedTopology) || (old && sameValue(endpoints, old.endpoints))) return
  slice.endpoints = endpoints.map(({ deprecatedTopology: _topology, ...endpoint }) => endpoint)
}

/** `at` is the address, `list` all of them: where Kubernetes says that one is of the other family. */
type AddressRule = (address: string, at: FieldPath, list: FieldPath) => FieldError[]

const ofFamily = (isOne: (address: string) => boolean, family: string): AddressRule => (address, at, list) => {
  const errors = say(at, address, isValidIP(address))
  if (errors.length > 0) return errors
  return [...(isOne(address) ? [] : [list.invalid(address, `must be an ${family} address`)]), ...say(at, address, isNonSpecialIP(address))]
}

const addressRules: Readonly<Record<string, AddressRule>> = {
  IPv4: ofFamily(isV4, 'IPv4'),
  IPv6: ofFamily(isV6, 'IPv6'),
  FQDN: checkDomain,
}

/** IsFullyQualifiedDomainName of apimachinery. */
function checkDomain(name: string, at: FieldPath): FieldError[] {
  if (name === '') return [at.required()]
  const domain = name.replace(/\.$/, '')
  const wrong = isDNS1123Subdomain(domain)
  if (wrong.length > 0) return [at.invalid(domain, wrong.join(','))]
  const labels = domain.split('.')
  if (labels.length < 2) return [at.invalid(domain, 'should be a domain with at least two segments separated by dots')]
  const long = labels.find((label) => label.length > 63)
  return long === undefined ? [] : [at.invalid(long, isDNS1123Label(long).join(','))]
}

const protocols = ['SCTP', 'TCP', 'UDP']
/** Of one slice: maxEndpoints and maxPorts of discovery validation. */
const limits = { endpoints: 1000, ports: 20000, addresses: 100, zones: 8, nodes: 8, topology: 16 }

function checkSlice({ addressType, endpoints, ports }: EndpointSlice, root: FieldPath, old?: EndpointSlice): FieldError[] {
  const rule = lookup(addressRules, addressType)
  const wrongType = !addressType ? [root.child('addressType').required()] : rule ? [] : [root.child('addressType').notSupported(addressType, Object.keys(addressRules).sort())]
  const errors = checkEndpoints(endpoints ?? [], root.child('endpoints'), rule)
  // what older rules let in may stay as it is
  const isKept = errors.length > 0 && old !== undefined && sameValue(endpoints, old.endpoints)
  return [...wrongType, ...checkPorts(ports, root.child('ports')), ...(isKept ? [] : errors)]
}

function checkEndpoints(endpoints: readonly Endpoint[], at: FieldPath, rule: AddressRule | undefined): FieldError[] {
  if (endpoints.length > limits.endpoints) return [at.tooMany(endpoints.length, limits.endpoints)]
  return each(endpoints, at, (endpoint, here) => checkEndpoint(endpoint, here, rule))
}

function checkEndpoint({ addresses = [], hostname, nodeName, deprecatedTopology, hints }: Endpoint, here: FieldPath, rule: AddressRule | undefined): FieldError[] {
  const list = here.child('addresses')
  const found = addresses.length === 0 ? [list.required('must contain at least 1 address')] : []
  if (addresses.length > limits.addresses) found.push(list.tooMany(addresses.length, limits.addresses))
  if (rule) found.push(...each(addresses, list, (address, there) => rule(address, there, list)))
  if (nodeName !== undefined) found.push(...say(here.child('nodeName'), nodeName, isDNS1123Subdomain(nodeName)))
  const topology = here.child('deprecatedTopology')
  const labels = Object.keys(deprecatedTopology ?? {}).length
  if (labels > limits.topology) found.push(topology.tooMany(labels, limits.topology))
  found.push(...checkLabels(deprecatedTopology, topology))
  if (hostname !== undefined) found.push(...say(here.child('hostname'), hostname, isDNS1123Label(hostname)))
  if (!hints) return found
  const zones = checkHints(hints.forZones, here.child('hints', 'forZones'), limits.zones, isValidLabelValue)
  // of too many zones no more is said, of nodes neither
  return [...found, ...zones, ...((hints.forZones?.length ?? 0) > limits.zones ? [] : checkHints(hints.forNodes, here.child('hints', 'forNodes'), limits.nodes, isDNS1123Subdomain))]
}

function checkHints(hints: ReadonlyArray<{ name?: string }> | undefined, at: FieldPath, most: number, rule: (name: string) => readonly string[]): FieldError[] {
  if ((hints?.length ?? 0) > most) return [at.tooMany(hints?.length ?? 0, most)]
  const seen = new Set<string>()
  return each(hints, at, ({ name = '' }, here) => {
    const again = seen.has(name) ? [here.child('name').duplicate(name)] : []
    seen.add(name)
    return [...again, ...say(here.child('name'), name, rule(name))]
  })
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

/** Kubernetes' own controllers, which write addresses as they should be written. */
const knowing: ReadonlyArray<string | undefined> = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io']

/** What a client is told of names in place of addresses, and of addresses that are hardly written so. */
function warnOfSlice({ metadata: { labels }, addressType, endpoints }: Readonly<EndpointSlice>, old?: Readonly<EndpointSlice>): string[] {
  // Kubernetes' own path
  const warnings = addressType === 'FQDN' && !old ? ['spec.addressType: FQDN endpoints are deprecated'] : []
  if (knowing.includes(labels?.['endpointslice.kubernetes.io/managed-by'])) return warnings
  return [...warnings, ...(endpoints ?? []).flatMap(({ addresses }, i) => (addresses ?? []).flatMap((address, j) => unusualIP(`endpoints[${i}].addresses[${j}]`, address)))]
}
