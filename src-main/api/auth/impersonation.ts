import type { IncomingMessage } from 'node:http'
import { goQuoted } from '../../base/go-text.ts'
import { badRequest, StatusError } from '../../kinds/status-error.ts'
import type { Attributes, Authorize } from '../authz.ts'
import type { User } from '../verbs.ts'
import { ImpersonationMetrics } from './impersonation-metrics.ts'
import { actedAs, type Impersonated, modes } from './impersonation-modes.ts'

const extraPrefix = 'impersonate-extra-'

/** So many users are remembered by the mode in which they last became somebody else. */
const mostRemembered = 10_000

/** Lets those who may act as another user, as WithConstrainedImpersonation of k8s.io/apiserver (KEP-5284). */
export class Impersonation {
  readonly #authorize: Authorize
  /** By the user who asked, the mode that was right: it is tried first, and its refusal is what is told. */
  readonly #last = new Map<string, number>()

  readonly #metrics: ImpersonationMetrics

  constructor(authorize: Authorize, metrics = new ImpersonationMetrics()) {
    this.#authorize = metrics.asking(authorize)
    this.#metrics = metrics
  }

  /**
   * The user that the `Impersonate-*` headers name, when the one who asks may do what is asked as them; undefined without
   * such headers.
   *
   * @throws StatusError 403 for who may not, 400 for headers without a user, both as kube-apiserver answers
   */
  of(req: IncomingMessage, user: User, asked: () => Attributes): Impersonated | undefined {
    const wish = wishOf(req)
    if (!wish) return undefined
    const began = performance.now()
    let made: Impersonated | undefined
    try {
      made = this.#actedAs(wish, user, asked)
      return made
    } finally {
      this.#metrics.attempted(made ? 'allowed' : 'denied', made?.constraint, (performance.now() - began) / 1000)
    }
  }

  #actedAs(wish: User, user: User, asked: () => Attributes): Impersonated {
    const question = { wish, user, asked: asked(), authorize: this.#authorize }
    const last = this.#last.get(user.name)
    let refusal: StatusError | undefined
    for (const i of last === undefined ? modes.keys() : [last, ...modes.keys().filter((each) => each !== last)]) {
      try {
        const made = actedAs(modes[i]!, question)
        if (!made) continue
        this.#remember(user.name, i)
        return made
      } catch (error) {
        if (!(error instanceof StatusError)) throw error
        refusal ??= error
      }
    }
    // the last mode is for everybody, and so somebody refused
    throw refusal!
  }

  #remember(name: string, mode: number): void {
    this.#last.delete(name)
    this.#last.set(name, mode)
    if (this.#last.size > mostRemembered) this.#last.delete(this.#last.keys().next().value!)
  }
}

function wishOf(req: IncomingMessage): User | undefined {
  // asked of every request, and nearly none has them
  if (!Object.keys(req.headers).some((header) => header.startsWith('impersonate-'))) return undefined
  const { headersDistinct } = req
  const name = headersDistinct['impersonate-user']?.[0] ?? ''
  const groups = headersDistinct['impersonate-group'] ?? []
  const uid = headersDistinct['impersonate-uid']?.[0]
  const extra: Record<string, string[]> = Object.create(null) as Record<string, string[]>
  for (const [header, values] of Object.entries(headersDistinct)) {
    if (header.startsWith(extraPrefix)) extra[unescape(header.slice(extraPrefix.length))] = values ?? []
  }
  const hasExtra = Object.keys(extra).length > 0
  const wish = { name, groups, ...(uid ? { uid } : {}), ...(hasExtra ? { extra } : {}) }
  if (name !== '') return wish
  if (groups.length > 0 || hasExtra || uid) throw badRequest(`requested ${goSource(wish)} without impersonating a user name`)
  return undefined
}

/** Keys of extra are percent-encoded, for they may have what a header's name may not; a bad code stands for itself. */
function unescape(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** As Go's `%#v` writes it. */
function goSource({ name, uid = '', groups, extra = {} }: User): string {
  const list = (values: readonly string[]): string => (values.length === 0 ? '(nil)' : `{${values.map(goQuoted).join(', ')}}`)
  const keys = Object.keys(extra).sort()
  const map = keys.length === 0 ? '(nil)' : `{${keys.map((key) => `${goQuoted(key)}:[]string${list(extra[key] ?? [])}`).join(', ')}}`
  return `&user.DefaultInfo{Name:${goQuoted(name)}, UID:${goQuoted(uid)}, Groups:[]string${list(groups)}, Extra:map[string][]string${map}}`
}
