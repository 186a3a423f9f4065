import type { Duplex } from 'node:stream'
import { sleep, type Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Informers } from '../client/informer.ts'
import { service as serviceKind } from '../kinds/core/service.ts'
import { endpointSlice } from '../kinds/discovery/endpoint-slice.ts'
import type { EndpointSlice } from '../kinds/generated/types.ts'
import { keyOf } from '../kinds/meta.ts'
import { serviceCidr } from '../kinds/networking/service-cidr.ts'
import { notFound, unavailable } from '../kinds/status-error.ts'
import { bridgeWith, type PodNetwork } from './listener.ts'
import type { Allowed, Redirector } from './redirector.ts'
import { redirectsFor, serviceOf, wantedPorts } from './rules.ts'
import { ServicePort } from './service-port.ts'
import { connectToEndpoint } from './tcp.ts'
import { createTraffic, type Traffic } from './traffic.ts'

export interface ProxyDependencies {
  readonly informers: Informers
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly redirector: Redirector
  /** The address of this machine on the network that pods are on (a Docker bridge's gateway); none without containers. */
  readonly listenHost?: string | PodNetwork
  /** The CIDR of ClusterIPs, besides those of ServiceCIDRs; without it nobody refuses what goes to an address that no Service has. */
  readonly serviceRange?: string
  /** Where NodePorts listen; 127.0.0.1 unless said, `0.0.0.0` opens them to the network. */
  readonly nodePortAddress?: string
  /** For random balancing; in [0, 1). */
  readonly random?: () => number
}

export interface Proxy {
  readonly traffic: Traffic
  /** Whether ClusterIPs work, and the sentence why not. */
  readonly redirects: Allowed
  /**
   * A connection to a Service through the balancer, counted as one from 127.0.0.1. `port` is a number or a port's name.
   * Rejects with a StatusError: 404 when there is no such Service, 503 when it has no such port or no endpoint answers.
   */
  dial(namespace: string, service: string, port: number | string): Promise<Duplex>
  /** Closes every socket and connection, and removes every redirect. */
  stop(): Promise<void>
}

/** IPv4, and small enough to give addresses out of it: nobody loses the rest of the network to a slip. */
const isRange = (cidr: string): boolean => /^[\d.]+\/(8|9|[12]\d|30)$/.test(cidr)

/** How often sockets and redirects are compared with the wish, whatever happened to them meanwhile. */
const resyncMs = 30_000

/** Serves every Service of the cluster until `signal` aborts or `stop` is called. Resolves once the first sockets are open. */
export async function startProxy(deps: ProxyDependencies): Promise<Proxy> {
  const { informers, clock, log } = deps
  const stopping = new AbortController()
  const signal = AbortSignal.any([deps.signal, stopping.signal])
  const slices = new Map<string, Map<string, EndpointSlice>>()
  const ports = new Map<string, Map<string, ServicePort>>()
  const unwanted: ServicePort[] = []
  const redirects = await deps.redirector.canRedirect()
  if (!redirects.ok) log.warn('ClusterIPs are not redirected', { reason: redirects.reason })

  const traffic = createTraffic({
    services: () => ports.keys(),
    portsOf: (service) => [...(ports.get(service)?.values() ?? [])],
    redirects: () => redirects,
  }, clock)
  const options = {
    clock, log,
    random: deps.random ?? Math.random,
    nodePortAddress: deps.nodePortAddress ?? '127.0.0.1',
  }

  const services = informers.of(serviceKind)
  function update(key: string): void {
    const service = services.get(key)
    const wanted = service ? wantedPorts(service, [...(slices.get(key)?.values() ?? [])]) : []
    const old = ports.get(key)
    const next = new Map<string, ServicePort>()
    for (const port of wanted) {
      const existing = old?.get(port.id)
      if (existing) existing.wanted = port
      next.set(port.id, existing ?? new ServicePort(port, options))
    }
    for (const [id, port] of old ?? []) if (!next.has(id)) unwanted.push(port)
    if (next.size > 0) ports.set(key, next)
    else ports.delete(key)
    changes.wake()
  }

  const cidrs = informers.of(serviceCidr)
  function serviceRanges(): string[] {
    if (deps.serviceRange === undefined) return []
    return [...new Set([deps.serviceRange, ...[...cidrs.list()].flatMap(({ spec }) => (spec?.cidrs ?? []).filter(isRange))])]
  }

  async function sync(): Promise<void> {
    await Promise.all(unwanted.splice(0).map((port) => port.close()))
    const all = [...ports.values()].flatMap((byId) => [...byId.values()])
    const bridge = bridgeWith(deps.listenHost)
    await Promise.all(all.map((port) => port.open(bridge)))
    if (!redirects.ok) return
    const wanted = all.flatMap((port) => redirectsFor(port.reachable, port.listening))
    await deps.redirector.apply({ redirects: wanted, podInterface: bridge?.interface, serviceRanges: serviceRanges() }).catch((error: unknown) => {
      log.error('redirects could not be changed', { error: errorMessage(error) })
    })
  }

  const changes = wakeable()
  async function run(): Promise<void> {
    while (!signal.aborted) {
      await changes.woken(resyncMs, clock, signal)
      if (signal.aborted) return
      await sync()
    }
  }

  const unsubscribe = [
    cidrs.subscribe(() => changes.wake()),
    services.subscribe(({ object }) => update(keyOf(object))),
    informers.of(endpointSlice).subscribe(({ type, object, old }) => {
      const [key, oldKey] = [serviceOf(object), old && serviceOf(old)]
      if (oldKey && (type === 'deleted' || oldKey !== key)) slices.get(oldKey)?.delete(keyOf(object))
      if (key && type !== 'deleted') mapIn(slices, key).set(keyOf(object), object)
      for (const service of new Set([key, oldKey])) if (service) update(service)
    }),
  ]
  await informers.synced()
  await sync()
  const running = run()

  let stopped: Promise<void> | undefined
  async function stop(): Promise<void> {
    stopping.abort()
    for (const off of unsubscribe) off()
    traffic.stop()
    await running
    for (const byId of ports.values()) unwanted.push(...byId.values())
    ports.clear()
    if (redirects.ok) await deps.redirector.clear()
    await Promise.all(unwanted.splice(0).map((port) => port.close()))
  }
  const stopOnce = () => (stopped ??= stop())
  deps.signal.addEventListener('abort', () => void stopOnce().catch((error: unknown) => {
    log.error('redirects could not be removed', { error: errorMessage(error) })
  }), { once: true })

  return {
    traffic,
    get redirects() {
      return redirects
    },
    async dial(namespace, name, port) {
      if (!services.get(`${namespace}/${name}`)) throw notFound(serviceKind, name)
      const found = [...(ports.get(`${namespace}/${name}`)?.values() ?? [])]
        .map((candidate) => candidate.backend)
        .find(({ wanted }) => wanted.protocol === 'TCP' && (wanted.port === Number(port) || wanted.name === port))
      if (!found) throw unavailable(`no service port ${JSON.stringify(String(port))} found for service "${name}"`)
      if (!found.wanted.endpoints.some((e) => e.usable)) throw unavailable(`no endpoints available for service "${name}"`)
      const socket = await connectToEndpoint(found, '127.0.0.1', () => signal.aborted)
      if (!socket) throw unavailable(`no endpoint of service "${name}" accepts connections on its port ${port}`)
      return socket
    },
    stop: stopOnce,
  }
}

function mapIn<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = maps.get(key)
  if (!map) maps.set(key, (map = new Map()))
  return map
}

/** Wakes its one waiter now, or at once when it comes to wait. */
function wakeable() {
  let pending = false
  let wake: (() => void) | undefined
  return {
    wake() {
      pending = true
      wake?.()
    },
    async woken(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
      const woke = new AbortController()
      wake = () => woke.abort()
      if (!pending) await sleep(ms, clock, AbortSignal.any([signal, woke.signal]))
      pending = false
    },
  }
}
