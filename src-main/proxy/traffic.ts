import type { Clock } from '../base/clock.ts'
import { parseKey } from '../kinds/meta.ts'
import { serviceTraffic, type ServiceTraffic, type TrafficPort } from '../kinds/traffic.ts'
import type { Allowed } from './redirector.ts'
import type { WantedPort } from './rules.ts'
import type { ServicePort } from './service-port.ts'

export type TrafficListener = (type: 'ADDED' | 'MODIFIED' | 'DELETED', object: ServiceTraffic) => void

/** The counters as a kind: api/virtual.ts's provider, which gives versions. */
export interface Traffic {
  readonly kind: typeof serviceTraffic
  get(name: string, namespace?: string): Promise<ServiceTraffic | undefined>
  list(namespace?: string): Promise<ServiceTraffic[]>
  /** Changes from now on; a Service's at most four times a second. Returns how to stop. */
  subscribe(listener: TrafficListener): () => void
}

export interface TrafficSource {
  /** `namespace/name` of the Services served. */
  services(): Iterable<string>
  portsOf(service: string): readonly ServicePort[]
  /** Whether ClusterIPs are redirected. */
  redirects(): Allowed
}

const tickMs = 250

/** `stop` ends the ticking. */
export function createTraffic(source: TrafficSource, clock: Clock): Traffic & { stop(): void } {
  const listeners = new Set<TrafficListener>()
  /** What listeners were told last, by Service. */
  const told = new Map<string, { text: string; object: ServiceTraffic }>()
  let cancel: (() => void) | undefined

  function read(service: string): ServiceTraffic | undefined {
    const ports = source.portsOf(service)
    if (ports.length === 0) return undefined
    return {
      apiVersion: serviceTraffic.apiVersion,
      kind: serviceTraffic.kind,
      metadata: { ...parseKey(service) },
      status: { ports: ports.map((port) => trafficOf(port, source.redirects())) },
    }
  }

  function all(): ServiceTraffic[] {
    return [...source.services()].map(read).filter((object) => object !== undefined)
  }

  function tick(): void {
    const present = new Set<string>()
    for (const service of source.services()) {
      const object = read(service)
      if (!object) continue
      present.add(service)
      const text = JSON.stringify(object.status)
      const old = told.get(service)
      if (old?.text !== text) tell(service, old ? 'MODIFIED' : 'ADDED', text, object)
    }
    for (const [service, { object }] of told) {
      if (present.has(service)) continue
      told.delete(service)
      for (const listener of listeners) listener('DELETED', object)
    }
    cancel = listeners.size > 0 ? clock.after(tickMs, tick) : undefined
  }

  function tell(service: string, type: 'ADDED' | 'MODIFIED', text: string, object: ServiceTraffic): void {
    told.set(service, { text, object })
    for (const listener of listeners) listener(type, object)
  }

  return {
    kind: serviceTraffic,
    get: (name, namespace) => Promise.resolve(read(`${namespace}/${name}`)),
    list: (namespace) => Promise.resolve(all().filter((t) => namespace === undefined || t.metadata.namespace === namespace)),
    subscribe(listener) {
      if (!cancel) {
        // from here on is measured against what is there now
        told.clear()
        for (const object of all()) told.set(`${object.metadata.namespace}/${object.metadata.name}`, { text: JSON.stringify(object.status), object })
        cancel = clock.after(tickMs, tick)
      }
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    stop: () => cancel?.(),
  }
}

function trafficOf(port: ServicePort, redirects: Allowed): TrafficPort {
  const { wanted } = port.backend
  const host = port.listening.host
  const listen = host ? `${host.address}:${host.port}` : ''
  return {
    name: wanted.name,
    port: wanted.port,
    protocol: wanted.protocol,
    balance: wanted.balance,
    sessionAffinity: wanted.affinitySeconds === undefined ? 'None' : 'ClientIP',
    listen,
    access: [...clusterIpAccess(wanted, listen, redirects), ...nodePortAccess(wanted, port)],
    endpoints: wanted.endpoints.map(({ id, pod, ready }) => ({ address: id, pod, ready, ...port.backend.meter(id).read() })),
  }
}

function clusterIpAccess(wanted: WantedPort, listen: string, redirects: Allowed): TrafficPort['access'] {
  if (!wanted.clusterIP) return []
  const way = { type: 'ClusterIP', address: `${wanted.clusterIP}:${wanted.port}` } as const
  if (wanted.protocol === 'SCTP') return [{ ...way, available: false, message: 'SCTP is not forwarded; TCP and UDP are.' }]
  if (redirects.ok) return [{ ...way, available: true }]
  const instead = listen ? ` On this machine, use ${listen} instead.` : ''
  return [{ ...way, available: false, message: `${redirects.reason}${instead}` }]
}

function nodePortAccess(wanted: WantedPort, port: ServicePort): TrafficPort['access'] {
  if (!wanted.nodePort) return []
  const way = { type: 'NodePort', address: `${port.nodePortAddress}:${wanted.nodePort}` } as const
  if (wanted.protocol === 'SCTP') return [{ ...way, available: false, message: 'SCTP is not forwarded; TCP and UDP are.' }]
  const failure = port.nodePortFailure
  if (failure === undefined) return [{ ...way, available: true }]
  const message = `Port ${wanted.nodePort} of this machine could not be opened (${failure}). End the program that has it, or choose another nodePort.`
  return [{ ...way, available: false, message }]
}
