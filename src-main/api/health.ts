import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'

/** A named condition for being alive or ready. */
export interface Check {
  /** As Kubernetes calls it; may have slashes, as `poststarthook/rbac/bootstrap-roles`. */
  readonly name: string
  /** Counts for /readyz alone: the server lives, and is not to be sent requests yet or any more. */
  readonly onlyReadiness?: boolean
  /** Returns or resolves when it is well, throws or rejects with the reason when not. 2 s without an answer is not well. */
  check(): unknown
}

interface Deps {
  readonly checks?: readonly Check[]
  readonly clock: Clock
  readonly log: Logger
}

const roots = ['healthz', 'livez', 'readyz']
const patienceMs = 2000

const ping: Check = { name: 'ping', check: () => undefined }

const checksOf = (root: string, checks: readonly Check[] = []): Check[] =>
  [ping, ...checks].filter(({ onlyReadiness }) => !onlyReadiness || root === 'readyz')

export const healthPaths = (checks: readonly Check[] = []): string[] =>
  roots.flatMap((root) => [`/${root}`, ...checksOf(root, checks).map(({ name }) => `/${root}/${name}`)])

/** Answers `/healthz`, `/livez`, `/readyz` and the single checks below them; false when the path is none of them. Whatever the method. */
export async function serveHealth(path: string, query: URLSearchParams, req: IncomingMessage, res: ServerResponse, deps: Deps): Promise<boolean> {
  const [root = '', ...rest] = path.slice(1).split('/')
  const known = checksOf(root, deps.checks)
  const one = rest.length > 0 ? known.find(({ name }) => name === rest.join('/')) : undefined
  if (!roots.includes(root) || (rest.length > 0 && !one)) return false
  if (one) {
    const reason = await reasonOf(one, deps)
    return answer(req, res, reason === undefined, reason === undefined ? 'ok' : `internal server error: ${reason}\n`)
  }
  const excluded = new Set(query.getAll('exclude'))
  const results = await Promise.all(known.map(async (check) => ({ name: check.name, skip: excluded.has(check.name), reason: excluded.has(check.name) ? undefined : await reasonOf(check, deps) })))
  const failed = results.filter(({ reason }) => reason !== undefined)
  for (const { name, reason } of failed) deps.log.warn('health check failed', { path, check: name, reason })
  // why is for the log alone: anybody may read this
  const lines = results.map(({ name, skip, reason }) => (skip ? `[+]${name} excluded: ok` : reason === undefined ? `[+]${name} ok` : `[-]${name} failed: reason withheld`))
  const unknown = [...excluded].filter((name) => !known.some((check) => check.name === name)).sort()
  if (unknown.length > 0) lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.map((name) => JSON.stringify(name)).join(', ')}`)
  const well = failed.length === 0
  const wordy = !well || query.has('verbose')
  return answer(req, res, well, wordy ? `${lines.join('\n')}\n${root} check ${well ? 'passed' : 'failed'}\n` : 'ok')
}

/** Undefined when it is well. */
async function reasonOf({ check }: Check, { clock }: Deps): Promise<string | undefined> {
  let cancel = () => undefined as unknown
  const late = new Promise<string>((resolve) => (cancel = clock.after(patienceMs, () => resolve(`no answer within ${patienceMs / 1000} s`))))
  const checked = Promise.resolve().then(check).then(() => undefined, errorMessage)
  try {
    return await Promise.race([checked, late])
  } finally {
    cancel()
  }
}

function answer(req: IncomingMessage, res: ServerResponse, well: boolean, text: string): true {
  const body = Buffer.from(text)
  res.writeHead(well ? 200 : 500, {
    'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length, 'Cache-Control': 'no-cache, private', 'X-Content-Type-Options': 'nosniff',
  })
  res.end(req.method === 'HEAD' ? undefined : body)
  return true
}
