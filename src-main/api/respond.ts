import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Status } from '../kinds/generated/types.ts'
import { internal, StatusError } from '../kinds/status-error.ts'
import { negotiate, type Wanted } from './negotiate.ts'

/** One request under way: what came, where the answer goes, and in which form. */
export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly wanted: Wanted
  readonly pretty: boolean
  /** For `Warning` headers; the verbs add to it. */
  readonly warnings: string[]
}

/** kube-apiserver's defaultGzipThresholdBytes. */
const gzipFromBytes = 128 * 1024
const gzipped = promisify(gzip)

export function exchange(req: IncomingMessage, res: ServerResponse, pretty: boolean): Exchange {
  // people at a terminal read the answer themselves
  const terminal = /^(curl|Wget)\//.test(req.headers['user-agent'] ?? '')
  return { req, res, wanted: negotiate(req.headers.accept), pretty: pretty || terminal, warnings: [] }
}

/** Answers with JSON that is ready to send, re-written only for those who want it pretty or as YAML. */
export async function sendJson(to: Exchange, code: number, json: Buffer): Promise<void> {
  setWarnings(to.res, to.warnings)
  if (to.wanted.format === 'yaml') {
    const { stringify } = await import('yaml')
    return send(to.req, to.res, code, 'application/yaml', Buffer.from(stringify(JSON.parse(json.toString()))))
  }
  const body = to.pretty ? Buffer.from(`${JSON.stringify(JSON.parse(json.toString()), null, 2)}\n`) : json
  return send(to.req, to.res, code, 'application/json', body)
}

export const sendObject = (to: Exchange, code: number, object: object): Promise<void> =>
  sendJson(to, code, Buffer.from(`${JSON.stringify(object)}\n`))

/** Any body at all, compressed when it is large and the client can read that. */
export async function send(req: IncomingMessage, res: ServerResponse, code: number, type: string, body: Buffer): Promise<void> {
  const small = body.length < gzipFromBytes || !/\bgzip\b/.test(String(req.headers['accept-encoding'] ?? ''))
  const bytes = small ? body : await gzipped(body, { level: 1 })
  if (res.destroyed || res.headersSent) return
  if (!small) res.setHeader('Content-Encoding', 'gzip').appendHeader('Vary', 'Accept-Encoding')
  res.setHeader('Cache-Control', 'no-cache, private').setHeader('Content-Type', type).setHeader('Content-Length', bytes.length)
  res.writeHead(code)
  res.end(req.method === 'HEAD' ? undefined : bytes)
}

/** Kubernetes gives all warnings of one answer 4 KiB. */
const warningBytes = 4096

function setWarnings(res: ServerResponse, warnings: readonly string[]): void {
  const headers: string[] = []
  let length = 0
  for (const warning of new Set(warnings)) {
    // a header carries printable ASCII alone
    const text = warning.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')
    length += text.length
    if (length > warningBytes) break
    headers.push(`299 - "${text}"`)
  }
  if (headers.length > 0) res.setHeader('Warning', headers)
}

/** The Status to answer with; what is not a StatusError is a fault of ours, and is logged with its stack. */
export function statusOf(error: unknown, log: Logger): Status {
  if (error instanceof StatusError) return error.status
  log.error('request failed', { error: errorMessage(error), stack: error instanceof Error ? error.stack : undefined })
  return internal(errorMessage(error)).status
}

/** Answers with a Status as JSON (or YAML when that was asked for); an answer that has begun is cut off instead. */
export async function sendError(req: IncomingMessage, res: ServerResponse, error: unknown, log: Logger): Promise<void> {
  const status = statusOf(error, log)
  if (res.headersSent) {
    res.destroy()
    return
  }
  const retry = status.details?.retryAfterSeconds
  if (retry !== undefined) res.setHeader('Retry-After', String(retry))
  // the rest of a body that nobody reads would be taken for the next request
  if (!req.complete) res.setHeader('Connection', 'close')
  const yaml = /^\s*application\/yaml\b/.test(req.headers.accept ?? '')
  await sendObject({ req, res, wanted: { format: yaml ? 'yaml' : 'json' }, pretty: false, warnings: [] }, status.code ?? 500, status)
}
