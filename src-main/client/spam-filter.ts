import type { Clock } from '../base/clock.ts'

/** client-go's: 25 events at once about one object, then one more every 5 minutes (tools/record/events_cache.go). */
const burst = 25
const refillMs = 300_000
const rememberedBound = 4096

/** A token bucket per key. */
export class SpamFilter {
  readonly #clock: Clock
  readonly #buckets = new Map<string, { tokens: number; at: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  allows(key: string): boolean {
    const now = this.#clock.now()
    const old = this.#buckets.get(key) ?? { tokens: burst, at: now }
    const tokens = Math.min(burst, old.tokens + (now - old.at) / refillMs)
    const allowed = tokens >= 1
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: allowed ? tokens - 1 : tokens, at: now })
    if (this.#buckets.size > rememberedBound) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest)
        break
      }
    }
    return allowed
  }
}
