import type { Answer, Question } from 'dns-packet'
import { isIPv4 } from 'node:net'
import type { Endpoint, EndpointSlice, Service } from '../kinds/generated/types.ts'

/** What the zone is made from. */
export interface Records {
  service(namespace: string, name: string): Service | undefined
  /** The EndpointSlices of a Service. */
  slices(namespace: string, name: string): readonly EndpointSlice[]
  hasNamespace(name: string): boolean
  /** The Service with this ClusterIP. */
  serviceAt(address: string): Service | undefined
  /** Namespace of the pod with this address. */
  podNamespaceAt(address: string): string | undefined
  /** An endpoint of a headless Service with this address. */
  endpointAt(address: string): { readonly service: Service; readonly endpoint: Endpoint } | undefined
}

/** `outside`: not ours, ask upstream. `alias`: the answers so far end in a name outside. */
export type ZoneAnswer =
  | { readonly type: 'answers'; readonly answers: readonly Answer[]; readonly extra?: readonly Answer[]; readonly alias?: string }
  /** The name exists, but has no records of this type. */
  | { readonly type: 'none' }
  | { readonly type: 'no such name' }
  | { readonly type: 'outside' }

/** Seconds; CoreDNS' kubernetes plugin has the same default. */
const ttl = 5
const none: ZoneAnswer = { type: 'none' }
const noSuchName: ZoneAnswer = { type: 'no such name' }

/**
 * Answers a question from the cluster's objects, after the specification of Kubernetes DNS-based service discovery.
 *
 * @param domain  `cluster.local`
 */
export function answerFromZone(question: Question, records: Records, domain: string): ZoneAnswer {
  const name = question.name.toLowerCase().replace(/\.$/, '')
  if (name.endsWith('.in-addr.arpa')) return reverse(question, name, records, domain)
  if (name !== domain && !name.endsWith(`.${domain}`)) return { type: 'outside' }
  const labels = name === domain ? [] : name.slice(0, -domain.length - 1).split('.')
  const kind = labels.at(-1)
  if (kind === 'svc') return inServices(question, labels.slice(0, -1), records, domain)
  if (kind === 'pod') return inPods(question, labels.slice(0, -1), records)
  if (labels.length === 0) return none
  if (labels.length === 1 && kind === 'dns-version') {
    return question.type === 'TXT' ? { type: 'answers', answers: [{ type: 'TXT', name: question.name, ttl, data: '1.1.0' }] } : none
  }
  return noSuchName
}

/** The zone's SOA, which says for how long "no" may be remembered. */
export const soaOf = (domain: string): Answer => ({
  type: 'SOA', name: domain, ttl,
  data: { mname: `ns.dns.${domain}`, rname: `hostmaster.${domain}`, serial: 1, refresh: 7200, retry: 1800, expire: 86400, minimum: ttl },
})

/** `labels` is what stands before `svc`: [...what, service, namespace]. */
function inServices(question: Question, labels: readonly string[], records: Records, domain: string): ZoneAnswer {
  const namespace = labels.at(-1)
  if (namespace === undefined) return none
  const name = labels.at(-2)
  if (name === undefined) return records.hasNamespace(namespace) ? none : noSuchName
  const service = records.service(namespace, name)
  if (!service) return noSuchName
  const base = `${name}.${namespace}.svc.${domain}`
  const alias = service.spec?.type === 'ExternalName' ? service.spec.externalName : undefined
  if (alias) {
    if (labels.length > 2) return noSuchName
    return { type: 'answers', answers: [{ type: 'CNAME', name: question.name, ttl, data: alias }], alias: alias.toLowerCase().replace(/\.$/, '') }
  }
  const what = labels.slice(0, -2)
  const hosts = hostsOf(service, records.slices(namespace, name), base)
  const [first, second] = what
  if (what.length === 2 && first?.startsWith('_') && second?.startsWith('_')) {
    return servicePort(question, hosts, first.slice(1), second.slice(1))
  }
  if (what.length === 0) return serviceItself(question, hosts)
  const ofHost = hosts.filter((host) => host.name === `${first}.${base}`)
  return what.length === 1 && ofHost.length > 0 ? addresses(question, ofHost) : noSuchName
}

/** Where a Service is: at its ClusterIP, or at each of its ready endpoints. */
interface Host {
  readonly name: string
  readonly address: string
  readonly ports: ReadonlyArray<{ readonly name?: string; readonly protocol?: string; readonly port?: number }>
}

function hostsOf(service: Service, slices: readonly EndpointSlice[], base: string): Host[] {
  const { clusterIP, ports = [] } = service.spec ?? {}
  if (clusterIP && clusterIP !== 'None') return [{ name: base, address: clusterIP, ports }]
  return slices
    .filter((slice) => slice.addressType === 'IPv4')
    .flatMap((slice) => (slice.endpoints ?? []).filter(isReady).flatMap((endpoint) =>
      endpoint.addresses.map((address) => ({ name: `${hostLabel(endpoint, address)}.${base}`, address, ports: slice.ports ?? [] }))))
}

const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready ?? true

const dashed = (address: string): string => address.replaceAll('.', '-')

/** An endpoint without a hostname of its own is called by its address. */
const hostLabel = (endpoint: Endpoint, address: string): string => endpoint.hostname ?? dashed(address)

/** An unnamed SRV question for the Service itself lists all of its ports, as CoreDNS does. */
function serviceItself(question: Question, hosts: readonly Host[]): ZoneAnswer {
  if (question.type === 'SRV') return servicePort(question, hosts, undefined, undefined)
  return addresses(question, hosts)
}

function addresses({ type, name }: Question, hosts: readonly Host[]): ZoneAnswer {
  const unique = [...new Set(hosts.map((host) => host.address))]
  if (type !== 'A' || unique.length === 0) return none
  return { type: 'answers', answers: unique.map((data) => ({ type: 'A', name, ttl, data })) }
}

function servicePort(question: Question, hosts: readonly Host[], port: string | undefined, protocol: string | undefined): ZoneAnswer {
  const found = hosts.flatMap((host) => host.ports
    .filter((p) => port === undefined || ((p.name ?? '').toLowerCase() === port && (p.protocol ?? 'TCP').toLowerCase() === protocol))
    .map((p) => ({ host, port: p.port ?? 0 })))
  if (found.length === 0) return port === undefined ? none : noSuchName
  if (question.type !== 'SRV') return none
  const weight = Math.max(1, Math.floor(100 / found.length))
  return {
    type: 'answers',
    answers: found.map(({ host, port: number }) => ({ type: 'SRV', name: question.name, ttl, data: { priority: 0, weight, port: number, target: host.name } })),
    extra: [...new Map(found.map(({ host }) => [`${host.name} ${host.address}`, host])).values()]
      .map((host) => ({ type: 'A', name: host.name, ttl, data: host.address })),
  }
}

/** `10-0-0-7.namespace.pod`: any address in a namespace that exists, as CoreDNS' `pods insecure`. */
function inPods({ type, name }: Question, labels: readonly string[], records: Records): ZoneAnswer {
  const [address, namespace] = labels.length === 2 ? labels : [undefined, labels[0]]
  if (labels.length > 2) return noSuchName
  if (namespace === undefined) return none
  if (!records.hasNamespace(namespace)) return noSuchName
  if (address === undefined) return none
  const data = address.replaceAll('-', '.')
  if (!isIPv4(data)) return noSuchName
  return type === 'A' ? { type: 'answers', answers: [{ type: 'A', name, ttl, data }] } : none
}

function reverse(question: Question, name: string, records: Records, domain: string): ZoneAnswer {
  const address = name.slice(0, -'.in-addr.arpa'.length).split('.').reverse().join('.')
  const data = isIPv4(address) ? nameAt(address, records, domain) : undefined
  if (data === undefined) return { type: 'outside' }
  return question.type === 'PTR' ? { type: 'answers', answers: [{ type: 'PTR', name: question.name, ttl, data }] } : none
}

function nameAt(address: string, records: Records, domain: string): string | undefined {
  const service = records.serviceAt(address)
  if (service) return `${nameOf(service)}.svc.${domain}`
  const found = records.endpointAt(address)
  if (found) return `${hostLabel(found.endpoint, address)}.${nameOf(found.service)}.svc.${domain}`
  const namespace = records.podNamespaceAt(address)
  return namespace && `${dashed(address)}.${namespace}.pod.${domain}`
}

const nameOf = ({ metadata }: Service): string => `${metadata.name}.${metadata.namespace}`
