import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import { Counters, type Family, gauge, type Labels } from '../base/metric-families.ts'

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

/** `/healthz`, `/livez`, `/readyz` and the single checks below them. */
export class Health {
  readonly #deps: Deps
  /** What the newest answer of each root said of each check. */
  readonly #newest = new Map<string, { readonly labels: Labels; readonly well: boolean }>()
  readonly #total = new Counters('kubernetes_healthchecks_total', 'This metric records the results of all healthcheck.')

  constructor(deps: Deps) {
    this.#deps = deps
  }

  get paths(): string[] {
    return roots.flatMap((root) => [`/${root}`, ...checksOf(root, this.#deps.checks).map(({ name }) => `/${root}/${name}`)])
  }

  /** False when the path is none of them. Whatever the method. */
  async serve(path: string, query: URLSearchParams, req: IncomingMessage, res: ServerResponse): Promise<boolean> {
    const deps = this.#deps
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
    for (const { name, skip, reason } of results) if (!skip) this.#count(root, name, reason === undefined)
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

  /** What the roots have answered so far, for `/metrics/slis`. */
  families(): Family[] {
    const newest = gauge('kubernetes_healthcheck', 'This metric records the result of a single healthcheck.', 0)
    return [{ ...newest, samples: [...this.#newest.values()].map(({ labels, well }) => ({ labels, value: well ? 1 : 0 })) }, this.#total.family()]
  }

  #count(type: string, name: string, well: boolean): void {
    const labels = { name, type }
    this.#newest.set(`${type}/${name}`, { labels, well })
    this.#total.add({ name, status: well ? 'success' : 'error', type })
  }
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
