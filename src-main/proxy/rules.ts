import type { Endpoint, EndpointSlice, Service, ServicePort } from '../kinds/generated/types.ts'
import { keyOf } from '../kinds/meta.ts'
import { balanceAnnotation } from '../kinds/traffic.ts'

export const serviceNameLabel = 'kubernetes.io/service-name'

/** One port of one Service, as the proxy has to serve it. */
export interface WantedPort {
  /** `namespace/name:80/TCP`: a Service has each port and protocol once. */
  readonly id: string
  /** `namespace/name` */
  readonly service: string
  readonly name?: string
  readonly port: number
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
  readonly clusterIP?: string
  readonly nodePort?: number
  readonly balance: 'round-robin' | 'random'
  /** Session affinity by client address for so long after its last connection; absent without affinity. */
  readonly affinitySeconds?: number
  readonly endpoints: readonly WantedEndpoint[]
}

export interface WantedEndpoint {
  /** `10.0.0.7:8080` */
  readonly id: string
  readonly address: string
  readonly port: number
  readonly pod?: string
  readonly ready: boolean
  /** May be sent to: ready, or the best there is while every endpoint terminates. */
  readonly usable: boolean
}

/** core/v1 DefaultClientIPServiceAffinitySeconds. */
const defaultAffinitySeconds = 10_800

/** The Service an EndpointSlice belongs to, as `namespace/name`. */
export function serviceOf(slice: EndpointSlice): string | undefined {
  const name = slice.metadata.labels?.[serviceNameLabel]
  return name ? `${slice.metadata.namespace}/${name}` : undefined
}

/** What to serve for a Service: nothing for ExternalName, which is DNS alone, and for headless ones. */
export function wantedPorts(service: Service, slices: readonly EndpointSlice[]): WantedPort[] {
  const { spec } = service
  if (!spec || spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return []
  const affinitySeconds =
    spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? defaultAffinitySeconds) : undefined
  const random = service.metadata.annotations?.[balanceAnnotation] === 'random'
  return (spec.ports ?? []).map((port) => ({
    id: `${keyOf(service)}:${port.port}/${port.protocol ?? 'TCP'}`,
    service: keyOf(service),
    name: port.name,
    port: port.port,
    protocol: port.protocol ?? 'TCP',
    clusterIP: spec.clusterIP,
    nodePort: port.nodePort || undefined,
    balance: random ? 'random' : 'round-robin',
    affinitySeconds,
    endpoints: endpointsOf(port, slices),
  }))
}

/** In a stable order, each address once, so that round robin goes round. */
function endpointsOf(port: ServicePort, slices: readonly EndpointSlice[]): WantedEndpoint[] {
  const found = new Map<string, { endpoint: Endpoint; address: string; port: number }>()
  for (const slice of slices) {
    if (slice.addressType !== 'IPv4') continue
    const target = slice.ports?.find((p) => (p.name ?? '') === (port.name ?? '') && (p.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))
    if (!target?.port) continue
    for (const endpoint of slice.endpoints ?? []) {
      // addresses of one endpoint are fungible, and Kubernetes says to use the first
      const address = endpoint.addresses[0]
      if (address === undefined) continue
      const id = `${address}:${target.port}`
      const other = found.get(id)
      if (!other || !isReady(other.endpoint)) found.set(id, { endpoint, address, port: target.port })
    }
  }
  const anyReady = [...found.values()].some(({ endpoint }) => isReady(endpoint))
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { endpoint, address, port: number }]) => ({
      id, address, port: number,
      pod: endpoint.targetRef?.kind === 'Pod' ? endpoint.targetRef.name : undefined,
      ready: isReady(endpoint),
      usable: anyReady ? isReady(endpoint) : isServingLast(endpoint),
    }))
}

/** Unknown means ready: discovery/v1 EndpointConditions. */
const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready ?? true

/** KEP-1669: while all terminate, those that still serve get the traffic. */
const isServingLast = ({ conditions }: Endpoint): boolean =>
  (conditions?.serving ?? conditions?.ready ?? true) && conditions?.terminating === true

/** Where packets to a service shall go instead. */
export interface Redirect {
  /** Sent by this machine's own processes, or arriving from pods. */
  readonly from: 'host' | 'pods'
  readonly protocol: 'tcp' | 'udp'
  /** An address, or any address of this machine. */
  readonly destination: { readonly address: string } | 'this machine'
  readonly port: number
  readonly to: Socket
  /** `shop/web:80/TCP`, for whoever reads the rules. */
  readonly comment: string
}

export interface Socket {
  readonly address: string
  readonly port: number
}

/** The proxy's own sockets of one port: on loopback for this machine, on the bridge for pods. */
export interface Listening {
  readonly host?: Socket
  readonly pods?: Socket
}

export function redirectsFor(wanted: WantedPort, listening: Listening): Redirect[] {
  if (wanted.protocol === 'SCTP') return []
  const protocol = wanted.protocol === 'UDP' ? 'udp' : 'tcp'
  const redirects: Redirect[] = []
  for (const from of ['host', 'pods'] as const) {
    const to = listening[from]
    if (!to) continue
    const rule = { from, protocol, to, comment: wanted.id } as const
    // without an endpoint nobody accepts: a connection is refused at once, like one to an address that no Service has
    const answers = wanted.endpoints.some(({ usable }) => usable)
    if (wanted.clusterIP && answers) redirects.push({ ...rule, destination: { address: wanted.clusterIP }, port: wanted.port })
    if (wanted.nodePort) redirects.push({ ...rule, destination: 'this machine', port: wanted.nodePort })
  }
  return redirects
}
