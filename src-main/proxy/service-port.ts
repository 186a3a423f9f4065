import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import { Backend } from './backend.ts'
import { everybody, type Admits, type Bridge, type Listener } from './listener.ts'
import type { Listening, Socket, WantedPort } from './rules.ts'
import { listenTcp } from './tcp.ts'
import { listenUdp } from './udp.ts'

export interface ServicePortOptions {
  readonly clock: Clock
  readonly log: Logger
  readonly random: () => number
  /** Where NodePorts listen. */
  readonly nodePortAddress: string
}

type Place = 'host' | 'pods' | 'node' | 'nodeOnBridge'

/** The sockets of one port of one Service, all before the same backend. */
export class ServicePort {
  readonly backend: Backend
  readonly #options: ServicePortOptions
  readonly #listeners = new Map<Place, Listener>()
  readonly #failures = new Map<Place, string>()

  constructor(wanted: WantedPort, options: ServicePortOptions) {
    this.#options = options
    this.backend = new Backend(wanted, options.clock, options.random)
  }

  get listening(): Listening {
    return { host: this.#listeners.get('host')?.socket, pods: this.#listeners.get('pods')?.socket }
  }

  /** Why the NodePort has no socket, as the system put it. */
  get nodePortFailure(): string | undefined {
    return this.#failures.get('node')
  }

  get nodePortAddress(): string {
    return this.#options.nodePortAddress
  }

  /** The port without the NodePort when another program has it: its traffic is not ours to redirect. */
  get reachable(): WantedPort {
    const { wanted } = this.backend
    return this.nodePortFailure === undefined ? wanted : { ...wanted, nodePort: undefined }
  }

  /** Takes effect at once for new connections; sockets follow with `open`. */
  set wanted(wanted: WantedPort) {
    this.backend.wanted = wanted
    for (const listener of this.#listeners.values()) listener.refresh()
  }

  /**
   * Opens the sockets that are missing and closes those no longer wanted. What cannot be had is tried again next time.
   *
   * @param bridge  the network pods are on, as it is now
   */
  async open(bridge: Bridge | undefined): Promise<void> {
    const { wanted } = this.backend
    if (wanted.protocol === 'SCTP') return
    const { nodePortAddress } = this.#options
    const everywhere = nodePortAddress === '0.0.0.0'
    await this.#keep('host', { address: '127.0.0.1', port: 0 }, everybody)
    await this.#keep('pods', bridge && { address: bridge.address, port: 0 }, bridge?.admits ?? everybody)
    const nodePort = wanted.nodePort
    await this.#keep('node', nodePort ? { address: nodePortAddress, port: nodePort } : undefined, everybody)
    const onBridge = nodePort && bridge && !everywhere && bridge.address !== nodePortAddress
    await this.#keep('nodeOnBridge', onBridge ? { address: bridge.address, port: nodePort } : undefined, bridge?.admits ?? everybody)
  }

  async #keep(place: Place, at: Socket | undefined, admits: Admits): Promise<void> {
    const old = this.#listeners.get(place)
    const same = at && old?.socket.address === at.address && (at.port === 0 || old.socket.port === at.port)
    if (same) return
    this.#listeners.delete(place)
    this.#failures.delete(place)
    await old?.close()
    if (!at) return
    try {
      this.#listeners.set(place, await this.#listen(at, admits))
    } catch (error) {
      this.#failures.set(place, errorMessage(error))
      this.#options.log.warn('cannot listen for a Service', { port: this.backend.wanted.id, at, error: errorMessage(error) })
    }
  }

  #listen(at: Socket, admits: Admits): Promise<Listener> {
    return this.backend.wanted.protocol === 'UDP'
      ? listenUdp(this.backend, at, admits, this.#options.clock)
      : listenTcp(this.backend, at, admits)
  }

  async close(): Promise<void> {
    const closing = [...this.#listeners.values()].map((listener) => listener.close())
    this.#listeners.clear()
    await Promise.all(closing)
  }
}
