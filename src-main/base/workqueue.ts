import type { Clock } from './clock.ts'
import { exponentialBuckets, Histogram } from './metric-families.ts'

/** Seconds; as in k8s.io/component-base/metrics/prometheus/workqueue. */
const buckets = exponentialBuckets(1e-8, 10, 10)

/**
 * Keys waiting for work, as client-go's workqueue: a key that is waiting is not added twice, and a key that is
 * being worked on is handed out again only after it was finished, so it is never worked on twice at once.
 */
export class WorkQueue<K = string> {
  readonly #clock: Clock
  /** Each with when it came, or its work began, in ms of the process' own clock. */
  readonly #waiting = new Map<K, number>()
  readonly #working = new Map<K, number>()
  readonly #again = new Map<K, number>()
  readonly #delayed = new Map<K, { at: number; cancel: () => void }>()
  readonly #failures = new Map<K, number>()
  readonly #takers: Array<(key: K | undefined) => void> = []
  #closed = false
  #adds = 0
  #retries = 0
  /** How many seconds keys waited, and were worked on. */
  readonly waited = new Histogram(buckets)
  readonly worked = new Histogram(buckets)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get length(): number {
    return this.#waiting.size
  }

  /** Keys that wait, are worked on, or are due later: nothing is left to do when this is 0. */
  get pending(): number {
    return this.#waiting.size + this.#working.size + this.#delayed.size
  }

  /** How many keys were added that did not wait already. */
  get adds(): number {
    return this.#adds
  }

  /** How many keys were to be added later. */
  get retries(): number {
    return this.#retries
  }

  /** Keys that are to be taken, also those whose last work is not done. */
  get depth(): number {
    return this.#waiting.size + this.#again.size
  }

  /** For how many seconds each key that is taken has been worked on. */
  get working(): number[] {
    const now = performance.now()
    return [...this.#working.values()].map((began) => (now - began) / 1000)
  }

  add(key: K): void {
    if (this.#closed) return
    const waiting = this.#working.has(key) ? this.#again : this.#waiting
    if (waiting.has(key)) return
    this.#adds++
    waiting.set(key, performance.now())
    if (waiting === this.#waiting) this.#handOut()
  }

  /** Adds the key after `ms`; of several delays of one key the earliest counts. */
  addAfter(key: K, ms: number): void {
    if (this.#closed) return
    this.#retries++
    const at = this.#clock.now() + ms
    const earlier = this.#delayed.get(key)
    if (earlier && earlier.at <= at) return
    earlier?.cancel()
    const cancel = this.#clock.after(ms, () => {
      this.#delayed.delete(key)
      this.add(key)
    })
    this.#delayed.set(key, { at, cancel })
  }

  /** Adds the key after 5 ms, doubled at every failure up to 1000 s: client-go's default rate limiter. */
  retry(key: K): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    this.addAfter(key, Math.min(5 * 2 ** failures, 1_000_000))
  }

  /** The key worked well: its next failure starts from the shortest delay. */
  forget(key: K): void {
    this.#failures.delete(key)
  }

  /** The next key, or undefined once the queue is closed. Every key taken must be given to `done`. */
  take(): Promise<K | undefined> {
    if (this.#closed) return Promise.resolve(undefined)
    return new Promise((resolve) => {
      this.#takers.push(resolve)
      this.#handOut()
    })
  }

  done(key: K): void {
    const began = this.#working.get(key)
    if (began === undefined) return
    this.worked.observe((performance.now() - began) / 1000)
    this.#working.delete(key)
    const came = this.#again.get(key)
    if (came === undefined || this.#closed) return
    this.#again.delete(key)
    this.#waiting.set(key, came)
    this.#handOut()
  }

  /** Ends every `take`, drops what waits. */
  close(): void {
    this.#closed = true
    for (const { cancel } of this.#delayed.values()) cancel()
    this.#delayed.clear()
    this.#waiting.clear()
    this.#again.clear()
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }

  /** The key that has waited longest to whoever has. */
  #handOut(): void {
    if (this.#takers.length === 0) return
    for (const [key, came] of this.#waiting) {
      const now = performance.now()
      this.#waiting.delete(key)
      this.#working.set(key, now)
      this.waited.observe((now - came) / 1000)
      this.#takers.shift()!(key)
      return
    }
  }
}
