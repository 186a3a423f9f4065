import { Agent, type ClientRequest, request, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { type Duplex, PassThrough } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { APIService } from '../../kinds/apiregistration/api-service.ts'
import { service as serviceKind } from '../../kinds/core/service.ts'
import type { Service } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { unavailable } from '../../kinds/status-error.ts'
import type { User, Verbs } from '../verbs.ts'

/** How extension servers are reached, and what proves to them that it is this server that asks. */
export interface ExtensionDoors {
  readonly verbs: Verbs
  /** Through the Service's balancer; rejects when no endpoint answers. */
  readonly dialService?: (namespace: string, service: string, port: number) => Promise<Duplex>
  /** PEM, signed by the authority of the requestheader- settings. */
  readonly frontProxy: { readonly cert: string; readonly key: string }
}

/** No answer to a connection attempt in that time is none. */
const handshakeMs = 5000

/** The servers behind APIServices with a service: connections over TLS, kept for the next question. */
export class ExtensionServers {
  readonly #doors: ExtensionDoors
  readonly #agents = new Map<string, { readonly key: string; readonly agent: Agent }>()

  constructor(doors: ExtensionDoors) {
    this.#doors = doors
  }

  /** Asks the extension server as `user`. Only what may be asked twice uses a connection again. */
  request(object: Readonly<APIService>, user: User, { headers, ...options }: RequestOptions): ClientRequest {
    const repeatable = options.method === 'GET' || options.method === 'HEAD'
    const { service } = object.spec ?? {}
    return request({
      ...options, setHost: false, agent: repeatable ? this.#agentOf(object) : new ServiceAgent(() => this.connect(object), false),
      headers: { ...(headers as Record<string, string>), ...identityHeaders(user), host: `${service?.name}.${service?.namespace}.svc:${service?.port ?? 443}` },
    })
  }

  /** A TLS connection of its own. Rejects with a sentence when there is none, or the server is not the one it should be. */
  async connect({ spec }: Readonly<APIService>): Promise<Duplex> {
    const { service, caBundle, insecureSkipTLSVerify } = spec ?? {}
    if (!service) throw unavailable('service unavailable')
    const { namespace = '', name = '', port = 443 } = service
    const raw = await this.#dial(namespace, name, port)
    const { cert, key } = this.#doors.frontProxy
    return new Promise((resolve, reject) => {
      const socket = connectTls({
        socket: raw, cert, key, servername: `${name}.${namespace}.svc`, rejectUnauthorized: insecureSkipTLSVerify !== true,
        ...(caBundle ? { ca: Buffer.from(caBundle, 'base64') } : {}),
      })
      const fail = (error: Error): void => {
        raw.destroy()
        reject(error)
      }
      const late = setTimeout(() => fail(new Error('TLS handshake timeout')), handshakeMs)
      socket.once('error', fail).once('close', () => fail(new Error('connection closed'))).once('secureConnect', () => {
        socket.off('error', fail)
        resolve(socket)
      })
      socket.once('close', () => clearTimeout(late)).once('secureConnect', () => clearTimeout(late))
    })
  }

  /** Drops the connections of one that has gone. */
  forget(name: string): void {
    this.#agents.get(name)?.agent.destroy()
    this.#agents.delete(name)
  }

  close(): void {
    for (const name of [...this.#agents.keys()]) this.forget(name)
  }

  #agentOf(object: Readonly<APIService>): Agent {
    const name = object.metadata.name ?? ''
    const key = JSON.stringify(object.spec)
    const known = this.#agents.get(name)
    if (known?.key === key) return known.agent
    this.forget(name)
    const agent = new ServiceAgent(() => this.connect(object), true)
    this.#agents.set(name, { key, agent })
    return agent
  }

  async #dial(namespace: string, name: string, port: number): Promise<Duplex> {
    const { spec } = (await this.#doors.verbs.get(serviceKind, { namespace, name })).object as KubeObject & Service
    if (spec?.type === 'ExternalName' && spec.externalName) return connect({ host: spec.externalName, port })
    if (!this.#doors.dialService) throw unavailable('no proxy runs on this node')
    return this.#doors.dialService(namespace, name, port)
  }
}

type Connected = (error: Error | null, socket: Duplex) => void

class ServiceAgent extends Agent {
  readonly #open: () => Promise<Duplex>

  constructor(open: () => Promise<Duplex>, keepAlive: boolean) {
    super({ keepAlive })
    this.#open = open
  }

  // node calls back for a connection that takes time
  override createConnection(_options: unknown, done?: Connected): undefined {
    const fail = (error: unknown): void => done?.(error instanceof Error ? error : new Error(String(error)), new PassThrough())
    this.#open().then((socket) => done?.(null, socket), fail)
    return undefined
  }
}

/** Who asks, as the requestheader- settings say it. */
export function identityHeaders({ name, groups, uid, extra = {} }: User): Record<string, string | string[]> {
  return {
    'X-Remote-User': name,
    ...(groups.length > 0 ? { 'X-Remote-Group': [...groups] } : {}),
    ...(uid ? { 'X-Remote-Uid': uid } : {}),
    ...Object.fromEntries(Object.entries(extra).map(([key, values]) => [`X-Remote-Extra-${headerKey(key)}`, [...values]])),
  }
}

/** A header's name may not have every sign that a key may: those are percent-encoded, as the receiver decodes them. */
const headerKey = (key: string): string => encodeURIComponent(key).replace(/[()]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
