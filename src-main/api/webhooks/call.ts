import type { IncomingMessage } from 'node:http'
import { Agent, request, type RequestOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { errorMessage } from '../../base/log.ts'
import { isJsonObject, type JsonObject, parseJson } from '../../base/json.ts'
import { jsonMistake } from '../../base/json-mistake.ts'
import { jsonInSteps } from '../../base/json-steps.ts'
import { turns } from '../../base/turns.ts'
import { StatusError } from '../../kinds/status-error.ts'
import { maxDepth } from '../../kinds/schemas.ts'
import { refusedJson } from '../json-guard.ts'
import { failureOf, refusalOf } from './call-errors.ts'

/** Where a webhook answers: a URL, or a Service of this cluster. The same in webhook configurations and in CRDs. */
export interface WebhookClientConfig {
  readonly url?: string
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number }
  /** PEM in base64: the only roots that are trusted; the system's when it is absent. */
  readonly caBundle?: string
}

export interface WebhookCaller {
  /**
   * Posts JSON and resolves with the JSON object of the answer. Rejects with an Error in Kubernetes' words:
   * `Post "https://web.default.svc:443/check?timeout=10s": context deadline exceeded`.
   */
  call(config: WebhookClientConfig, body: object, options: { readonly timeoutMs: number }): Promise<JsonObject>
  /** Closes the connections that are kept for the next call. */
  close(): void
}

export interface WebhookCallerDependencies {
  /** Connects to a Service through its balancer. */
  readonly dialService?: (namespace: string, service: string, port: number) => Promise<Duplex>
}

/** More than any review of an object that may be stored, with its patch in base64. */
const mostBytes = 32 * 1024 * 1024
/** As many as client-go keeps for one host, so that what is asked at once needs no new connections the next time. */
const idleSockets = 25
/** Less than servers usually wait before they close what is not used. */
const idleMs = 4000

export function createWebhookCaller({ dialService }: WebhookCallerDependencies): WebhookCaller {
  const keep = { keepAlive: true, maxFreeSockets: idleSockets, timeout: idleMs }
  const direct = new Agent(keep)
  const balanced = new ServiceAgent(keep, dialService)
  return {
    async call(config, body, { timeoutMs }) {
      const target = targetOf(config, timeoutMs)
      const options: RequestOptions = {
        method: 'POST',
        agent: config.service ? balanced : direct,
        ...(config.caBundle ? { ca: rootsOf(config.caBundle) } : {}),
        ...(config.service ? { servername: target.hostname } : {}),
      }
      const bytes = Buffer.from(await turns.run(jsonInSteps(body)))
      const signal = AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs)))
      try {
        return await post(target.url, { ...options, signal }, bytes)
      } catch (error) {
        if (error instanceof AnswerError) throw error
        throw new Error(`Post ${JSON.stringify(target.shown)}: ${failureOf(error, target.url, signal)}`, { cause: error })
      }
    },
    close() {
      direct.destroy()
      balanced.destroy()
    },
  }
}

interface Target {
  readonly url: URL
  readonly hostname: string
  /** As Kubernetes writes it, with the port that a URL leaves out. */
  readonly shown: string
}

function targetOf({ url, service }: WebhookClientConfig, timeoutMs: number): Target {
  const query = `timeout=${Math.ceil(timeoutMs / 1000)}s`
  if (service) {
    const hostname = `${service.name}.${service.namespace}.svc`
    const shown = `https://${hostname}:${service.port ?? 443}/${(service.path ?? '').replace(/^\/+/, '')}?${query}`
    return { url: new URL(shown), hostname, shown }
  }
  if (!url) throw new Error('webhook configuration must have either service or URL')
  const at = new URL(url)
  if (at.protocol !== 'https:') throw new Error(`webhook url ${JSON.stringify(url)} must use https`)
  // nothing of the configuration may stand in the query or be sent as a password
  for (const part of ['username', 'password', 'hash'] as const) at[part] = ''
  at.search = query
  const path = url.replace(/^https:\/\/[^/?#]*/i, '').split(/[?#]/)[0] || '/'
  return { url: at, hostname: at.hostname, shown: `https://${/^https:\/\/([^/?#]*)/i.exec(url)?.[1] ?? at.host}${path}?${query}` }
}

function rootsOf(caBundle: string): string {
  const pem = Buffer.from(caBundle, 'base64').toString()
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('unable to load root certificates: unable to parse bytes as PEM block')
  return pem
}

/** Connects to Services by what their host name says: `<service>.<namespace>.svc`. */
class ServiceAgent extends Agent {
  readonly #dial: WebhookCallerDependencies['dialService']

  constructor(options: ConstructorParameters<typeof Agent>[0], dial: WebhookCallerDependencies['dialService']) {
    super(options)
    this.#dial = dial
  }

  override createConnection(options: RequestOptions, opened?: (error: Error | null, socket: Duplex) => void): undefined {
    const [service = '', namespace = ''] = String(options.host).split('.')
    const port = Number(options.port || 443)
    const dialled = this.#dial?.(namespace, service, port) ?? Promise.reject(new Error(`no endpoints available for service ${JSON.stringify(service)}`))
    dialled.then(
      (socket) => opened?.(null, connect({ socket, servername: `${service}.${namespace}.svc`, ...(options.ca ? { ca: options.ca } : {}) })),
      (error: unknown) => opened?.(missing(error, service), undefined as unknown as Duplex),
    )
    return undefined
  }
}

function missing(error: unknown, service: string): Error {
  if (error instanceof StatusError && error.code === 404) return new Error(`service ${JSON.stringify(service)} not found`)
  return error instanceof Error ? error : new Error(errorMessage(error))
}

/** What was answered is no answer; Kubernetes says so without the request. */
class AnswerError extends Error {}

function post(url: URL, options: RequestOptions, bytes: Buffer, again = true): Promise<JsonObject> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, */*', 'content-length': bytes.length }
    const req = request(url, { ...options, headers }, (res) => {
      readAnswer(res).then(resolve, reject)
    })
    req.on('error', (error: NodeJS.ErrnoException) => {
      // the other side closed a kept connection just when this request took it
      if (again && req.reusedSocket && error.code === 'ECONNRESET') post(url, options, bytes, false).then(resolve, reject)
      else reject(error)
    })
    req.end(bytes)
  })
}

async function readAnswer(res: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of res as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > mostBytes) {
      res.destroy()
      throw new AnswerError(`the webhook's answer is longer than ${mostBytes} bytes`)
    }
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  const code = res.statusCode ?? 0
  if (code < 200 || code > 206) throw new AnswerError(refusalOf(code, res.headers['content-type'], body))
  return parsed(body)
}

function parsed(body: Buffer): JsonObject {
  const refused = refusedJson(body, maxDepth)
  if (refused) throw new AnswerError(refused)
  let value: unknown
  try {
    value = parseJson(body.toString())
  } catch (error) {
    throw new AnswerError(`couldn't get version/kind; json parse error: ${error instanceof SyntaxError ? jsonMistake(body) : errorMessage(error)}`)
  }
  if (!isJsonObject(value)) throw new AnswerError("couldn't get version/kind; json parse error: the answer is no object")
  return value
}
