import { createHash, randomBytes } from 'node:crypto'
import type { Clock } from '../base/clock.ts'

/** A sign-in link that nobody used for this long is void. */
const tokenMs = 10 * 60 * 1000
/** The oldest of more is signed out. */
const maxSessions = 1000

/** One-time tokens, and the sessions they were exchanged for. In memory: a restart signs everybody out. */
export class Sessions {
  readonly #clock: Clock
  /** Hash of the token to when it ends; the hash, so that a lookup's time tells nothing. */
  readonly #tokens = new Map<string, number>()
  readonly #sessions = new Set<string>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A token for one sign-in; `lasting` ones wait as long as it takes. */
  issue(lasting = false): string {
    for (const [hash, ends] of this.#tokens) if (ends < this.#clock.now()) this.#tokens.delete(hash)
    const token = randomBytes(32).toString('base64url')
    this.#tokens.set(hashOf(token), lasting ? Infinity : this.#clock.now() + tokenMs)
    return token
  }

  /** A new session's secret; undefined when the token is not one, was used, or is too old. */
  exchange(token: string): string | undefined {
    const hash = hashOf(token)
    const ends = this.#tokens.get(hash)
    this.#tokens.delete(hash)
    if (ends === undefined || ends < this.#clock.now()) return undefined
    const secret = randomBytes(32).toString('base64url')
    this.#sessions.add(hashOf(secret))
    const oldest = this.#sessions.values().next().value
    if (this.#sessions.size > maxSessions && oldest !== undefined) this.#sessions.delete(oldest)
    return secret
  }

  has(secret: string): boolean {
    return this.#sessions.has(hashOf(secret))
  }
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
