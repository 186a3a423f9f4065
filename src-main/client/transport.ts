import { Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { parseJson } from '../base/json.ts'
import { errorMessage } from '../base/log.ts'
import type { Status } from '../kinds/generated/types.ts'
import { StatusError, internal, unavailable } from '../kinds/status-error.ts'

/** Where the API server is and who we are: a bearer token, or a client certificate. All PEM text. */
export type Connection = { readonly url: string; readonly ca: string } & (
  | { readonly token: string }
  | { readonly cert: string; readonly key: string }
)

export interface Transport {
  /** The parsed body of a 2xx answer; rejects with a StatusError otherwise, 503 when the server cannot be reached. */
  request(method: string, path: string, body?: unknown, contentType?: string): Promise<unknown>
  /** The lines of a streaming answer, until it or `signal` ends it. Throws a StatusError as `request` does. */
  lines(path: string, signal?: AbortSignal): AsyncIterable<string>
  close(): void
}

/** A server that accepts a request and then says nothing for this long is taken for dead. */
const silenceMs = 60_000

export function createTransport(connection: Connection): Transport {
  const { url, ca, ...identity } = connection
  const { hostname, port } = new URL(url)
  const tls = 'cert' in identity ? { ca, cert: identity.cert, key: identity.key } : { ca }
  const agent = new Agent({ keepAlive: true, ...tls })
  const authorization: Record<string, string> = 'token' in identity ? { authorization: `Bearer ${identity.token}` } : {}
  const base = { agent, host: hostname.replace(/^\[|\]$/g, ''), port: port || 443 }
  const options = (method: string, path: string, headers: object): RequestOptions => ({
    ...base, method, path, headers: { accept: 'application/json', ...authorization, ...headers },
  })

  return {
    async request(method, path, body, contentType = 'application/json') {
      const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
      const headers = bytes ? { 'content-type': contentType, 'content-length': bytes.length } : {}
      const response = await send(url, options(method, path, headers), bytes, silenceMs)
      const text = await textOf(url, response)
      if (isSuccess(response)) return parse(text)
      throw failure(response, text)
    },
    async *lines(path, signal) {
      const response = await send(url, { ...options('GET', path, {}), signal }, undefined, undefined).catch((error: unknown) => {
        if (signal?.aborted) return undefined
        throw error
      })
      if (!response) return
      if (!isSuccess(response)) throw failure(response, await textOf(url, response))
      yield* linesOf(url, response, signal)
    },
    close: () => agent.destroy(),
  }
}

async function* linesOf(url: string, response: IncomingMessage, signal?: AbortSignal): AsyncGenerator<string> {
  const broken = new Promise<never>((_, reject) => response.once('error', reject))
  broken.catch(() => undefined)
  const lines = createInterface({ input: response, crlfDelay: Infinity })[Symbol.asyncIterator]()
  try {
    for (;;) {
      const { done, value } = await Promise.race([lines.next(), broken])
      if (done) return
      if (value !== '') yield value
    }
  } catch (error) {
    if (!signal?.aborted) throw unreachable(url, error)
  } finally {
    response.destroy()
  }
}

function send(url: string, options: RequestOptions, body: Buffer | undefined, timeout: number | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({ ...options, timeout }, resolve)
    request.on('timeout', () => request.destroy(new Error(`no answer for ${silenceMs / 1000} seconds`)))
    request.on('error', (error: NodeJS.ErrnoException) => {
      // the server closed an idle connection just as we used it; a write might have been done all the same, a read may go again
      if (request.reusedSocket && error.code === 'ECONNRESET' && options.method === 'GET') resolve(send(url, options, body, timeout))
      else reject(unreachable(url, error))
    })
    request.end(body)
  })
}

async function textOf(url: string, response: IncomingMessage): Promise<string> {
  try {
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return Buffer.concat(chunks).toString('utf8')
  } catch (error) {
    throw unreachable(url, error)
  }
}

const isSuccess = (response: IncomingMessage): boolean => {
  const code = response.statusCode ?? 0
  return code >= 200 && code < 300
}

const unreachable = (url: string, error: unknown): StatusError =>
  unavailable(`the API server at ${url} cannot be reached: ${errorMessage(error)}`)

function parse(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    throw internal(`the server answered with something that is not JSON: ${text.slice(0, 200)}`)
  }
}

/** The Status in the body; a proxy in between may have answered something else. */
function failure(response: IncomingMessage, text: string): StatusError {
  try {
    const status = JSON.parse(text) as Status
    if (status.kind === 'Status') return new StatusError(status)
  } catch {
    // not JSON: the code is all there is to go by
  }
  const code = response.statusCode ?? 500
  return new StatusError({
    apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code, reason: response.statusMessage || 'Unknown',
    message: `the server answered ${code} without a Status: ${text.slice(0, 200)}`,
  })
}
