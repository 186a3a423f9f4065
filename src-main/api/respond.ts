import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Status } from '../kinds/generated/types.ts'
import { internal, StatusError } from '../kinds/status-error.ts'
import type { Body, Codec, Item, ItemList } from './codec.ts'
import { prettyCodec, whole } from './codec-json.ts'
import { codecOf } from './codecs.ts'
import { statusDefinition } from './forms.ts'
import { type Answers, firstOf, negotiate, type Wanted } from './negotiate.ts'
import type { Waits } from './request-facts.ts'
import { closeUnread, endUnread, isUnread } from './unread.ts'
import { warningHeaders } from './warnings.ts'

/** One request under way: what came, where the answer goes, and in which form. */
export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly wanted: Wanted
  readonly codec: Codec
  /** For `Warning` headers; the verbs add to it. */
  readonly warnings: string[]
  /** Annotations of the audit event, when there is one; the verbs add to it. */
  readonly audit?: Record<string, string>
  /** Is told the name of what was created, when there is an audit log. */
  readonly created?: (name: string | undefined) => void
  /** When it must be answered, in milliseconds of the process' own clock. */
  readonly until?: number | undefined
  /** Where it is noted what the request waits for. */
  readonly waits?: Waits
}

/** kube-apiserver's defaultGzipThresholdBytes. */
const gzipFromBytes = 128 * 1024
const gzipped = promisify(gzip)

/** @throws StatusError 406 when the client accepts nothing that can be answered */
export function exchange(req: IncomingMessage, res: ServerResponse, answers?: Answers): Exchange {
  const wanted = negotiate(req.headers.accept, answers)
  return { req, res, wanted, codec: codecOf(wanted, readByPeople(req)), warnings: [] }
}

/** At a terminal or in a browser, unless the request itself says whether. */
function readByPeople({ url = '', headers }: IncomingMessage): boolean {
  if (/;\s*pretty=1\b/.test(headers.accept ?? '')) return true
  const said = /[?&]pretty=([^&]+)/.exec(url)?.[1]
  return said === undefined ? /^(curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '') : /^(1|t|true)$/i.test(said)
}

/** Answers with an object, or with what was made of one, in the form that the client wants. */
export async function sendItem(to: Exchange, code: number, item: Item, definition: string): Promise<void> {
  await sendBody(to, code, to.codec.object(item, definition))
}

/** `definition` is that of the items. */
export async function sendList(to: Exchange, list: ItemList, definition: string): Promise<void> {
  await sendBody(to, 200, to.codec.list(list, definition))
}

/** Answers with what has a form in JSON and what is written like it. */
export async function sendJson(to: Exchange, code: number, json: Buffer): Promise<void> {
  if (!to.codec.json) throw new TypeError(`no ${to.codec.mediaType} can be made of JSON`)
  await sendBody(to, code, to.codec.json(json))
}

async function sendBody({ req, res, codec, warnings }: Exchange, code: number, body: Body | Promise<Body>): Promise<void> {
  const bytes = await body
  setWarnings(res, warnings)
  await send(req, res, code, codec.mediaType, bytes)
}

/** As Kubernetes reads it: the bare word, without a weight. */
const takesGzip = /(?:^|,)\s*gzip\s*(?:,|$)/

/** Any body at all, compressed when it is large and the client can read that. */
export async function send(req: IncomingMessage, res: ServerResponse, code: number, type: string, body: Body): Promise<void> {
  const length = Buffer.isBuffer(body) ? body.length : body.reduce((sum, piece) => sum + piece.length, 0)
  const small = length < gzipFromBytes || !takesGzip.test(String(req.headers['accept-encoding'] ?? ''))
  const bytes = small ? body : await gzipped(whole(body), { level: 1 })
  if (res.destroyed || res.headersSent) return
  if (!small) res.setHeader('Content-Encoding', 'gzip').appendHeader('Vary', 'Accept-Encoding')
  if (!res.hasHeader('Cache-Control')) res.setHeader('Cache-Control', 'no-cache, private')
  res.setHeader('Content-Type', type)
  res.setHeader('Content-Length', Buffer.isBuffer(bytes) ? bytes.length : length)
  res.writeHead(code)
  if (req.method === 'HEAD') return void res.end()
  if (isUnread(req, res)) return endUnread(req, res, whole(bytes))
  if (length > pieceBytes && !Buffer.isBuffer(bytes)) await sendPieces(res, bytes)
  res.end(Buffer.isBuffer(bytes) ? bytes : length > pieceBytes ? undefined : whole(bytes))
}

/** How much of a long list is joined, encrypted and handed over at once. */
const pieceBytes = 256 * 1024

/**
 * Sends as the client reads: a long list is in memory once, as it is stored, however many ask for it. Every piece stands
 * in the same place, for what Node frees only when it next looks for garbage adds up to more than the list.
 */
async function sendPieces(res: ServerResponse, body: readonly Buffer[]): Promise<void> {
  const piece = Buffer.allocUnsafeSlow(pieceBytes)
  let length = 0
  for (const part of body) {
    for (let from = 0; from < part.length; ) {
      const copied = part.copy(piece, length, from)
      from += copied
      length += copied
      if (length < pieceBytes) continue
      if (!(await written(res, piece))) return
      length = 0
    }
  }
  if (length > 0) await written(res, piece.subarray(0, length))
}

/** Resolves when the bytes have left and their place is free again; with false when nobody reads any more. */
function written(res: ServerResponse, bytes: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    if (res.destroyed) return resolve(false)
    const done = (error?: Error | null): void => {
      res.off('close', gone)
      resolve(!error && !res.destroyed)
    }
    const gone = (): void => resolve(false)
    res.on('close', gone)
    res.write(bytes, done)
  })
}

export function setWarnings(res: ServerResponse, warnings: readonly string[]): void {
  const headers = warningHeaders(warnings)
  if (headers.length > 0) res.setHeader('Warning', headers)
}

/** The Status to answer with; what is not a StatusError is a fault of ours, and is logged with its stack. */
export function statusOf(error: unknown, log: Logger): Status {
  if (error instanceof StatusError) return error.status
  log.error('request failed', { error: errorMessage(error), stack: error instanceof Error ? error.stack : undefined })
  return internal(errorMessage(error)).status
}

/** Answers with a Status, as JSON to who accepts nothing that there is; an answer that has begun is cut off instead. */
export async function sendError(req: IncomingMessage, res: ServerResponse, error: unknown, log: Logger, warnings: string[] = []): Promise<void> {
  const status = statusOf(error, log)
  if (res.headersSent) {
    res.destroy()
    return
  }
  const retry = status.details?.retryAfterSeconds
  if (retry !== undefined) res.setHeader('Retry-After', String(retry))
  closeUnread(req, res)
  const wanted = firstOf(req.headers.accept)
  const codec = wanted ? codecOf(wanted, readByPeople(req)) : prettyCodec
  await sendItem({ req, res, wanted: wanted ?? { format: 'json' }, codec, warnings }, status.code ?? 500, { object: status }, statusDefinition)
}
