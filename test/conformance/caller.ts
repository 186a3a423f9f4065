import { createServer, type IncomingHttpHeaders, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { createInterface } from 'node:readline'
import { type Duplex, duplexPair } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { parse } from 'yaml'
import type { ApiServer } from '../../src-main/api/server.ts'
import type { User } from '../../src-main/api/verbs.ts'

/** Whoever asks, instead of the administrator. */
export interface Who {
  readonly name: string
  readonly groups?: readonly string[]
}

/** What a client signs its connection with. */
export interface Certificate {
  /** PEM, in base64 as Kubernetes writes it. */
  readonly certificate: string
  readonly keyPem: string
}

export interface Call {
  readonly method: string
  /** With its query, as it stands in the request line. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
  readonly as?: Who
  readonly cert?: Certificate
}

export interface Answer {
  readonly code: number
  readonly headers: IncomingHttpHeaders
  /** Unpacked. */
  readonly bytes: Buffer
  readonly text: string
  /** The text as what its media type says, where that is JSON or YAML. */
  readonly body: unknown
}

export interface WatchedEvent {
  readonly type: string
  readonly object: unknown
}

export interface Watching {
  readonly events: readonly WatchedEvent[]
  readonly ended: boolean
  close(): void
}

/** One way to an API server. */
export interface Caller {
  call(call: Call): Promise<Answer>
  /** Resolves when the answer has begun; with the answer itself when it is none of events. */
  watch(call: Call): Promise<Watching | Answer>
  close(): void
}

type Send = (options: RequestOptions, call: Call, answered: (res: IncomingMessage) => void) => { destroy(): void; on(event: 'error', fail: (error: Error) => void): unknown; end(body?: string | Buffer): unknown }

/** The server's own `handle`, as the dashboard asks it: no port, no TLS, and a user who has been signed in already. */
export function inProcess(api: Pick<ApiServer, 'handle'>, admin: User): Caller {
  const open = (user: User): Duplex => {
    const server = createServer((req, res) => void api.handle(req, res, user))
    const [near, far] = duplexPair()
    near.on('close', () => far.destroy())
    server.emit('connection', far)
    return near
  }
  return callerOver((options, call, answered) => {
    const user = call.as ? { name: call.as.name, groups: call.as.groups ?? ['system:authenticated'] } : admin
    return httpRequest({ ...options, createConnection: () => open(user) }, answered)
  }, () => undefined)
}

export interface Address {
  readonly url: string
  readonly token: string
  /** PEM; the system's own unless said. */
  readonly ca?: string
}

/** A real connection with the administrator's token; others are impersonated. */
export function overHttps({ url, token, ca }: Address): Caller {
  const { hostname, port } = new URL(url)
  const agent = new Agent({ keepAlive: true, ca })
  const watches = new Agent({ ca })
  return callerOver((options, { as, cert }, answered) => {
    if (cert) {
      const own = new Agent({ ca, cert: Buffer.from(cert.certificate, 'base64'), key: cert.keyPem })
      return httpsRequest({ ...options, host: hostname, port, agent: own }, answered)
    }
    const who = as ? { 'Impersonate-User': as.name, 'Impersonate-Group': [...(as.groups ?? ['system:authenticated'])] } : {}
    const headers = { authorization: `Bearer ${token}`, ...who, ...(options.headers as object) }
    return httpsRequest({ ...options, headers, host: hostname, servername: isIP(hostname) ? '' : hostname, port, agent: options.timeout === undefined ? agent : watches }, answered)
  }, () => {
    agent.destroy()
    watches.destroy()
  })
}

function callerOver(send: Send, close: () => void): Caller {
  const begin = (call: Call, forWatch: boolean) => {
    const length = call.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(call.body)) }
    const headers = { ...length, ...call.headers }
    return new Promise<{ res: IncomingMessage; end(): void }>((resolve, reject) => {
      const req = send({ method: call.method, path: call.path, headers, ...(forWatch ? { timeout: 0 } : {}) }, call, (res) => resolve({ res, end: () => req.destroy() }))
      req.on('error', reject)
      req.end(call.body)
    })
  }
  return {
    close,
    async call(call) {
      const { res } = await begin(call, false)
      return readAnswer(res)
    },
    async watch(call) {
      const { res, end } = await begin(call, true)
      if (res.statusCode !== 200) return readAnswer(res)
      const events: WatchedEvent[] = []
      const watching = { events, ended: false, close: end }
      res.on('error', () => undefined).on('close', () => (watching.ended = true))
      createInterface(res).on('error', () => undefined).on('line', (line) => events.push(JSON.parse(line) as WatchedEvent))
      return watching
    },
  }
}

async function readAnswer(res: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of res) chunks.push(chunk as Buffer)
  const sent = Buffer.concat(chunks)
  const bytes = res.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
  const text = bytes.toString()
  return { code: res.statusCode ?? 0, headers: res.headers, bytes, text, body: parsed(text, res.headers['content-type'] ?? '') }
}

function parsed(text: string, type: string): unknown {
  if (type.includes('yaml')) return parse(text) as unknown
  return type.includes('json') && text !== '' ? (JSON.parse(text) as unknown) : undefined
}
