import type { Clock } from './clock.ts'

/**
 * Keys waiting for work, as client-go's workqueue: a key that is waiting is not added twice, and a key that is
 * being worked on is handed out again only after it was finished, so it is never worked on twice at once.
 */
export class WorkQueue<K = string> {
  readonly #clock: Clock
  readonly #waiting = new Set<K>()
  readonly #working = new Set<K>()
  readonly #again = new Set<K>()
  readonly #delayed = new Map<K, { at: number; cancel: () => void }>()
  readonly #failures = new Map<K, number>()
  readonly #takers: Array<(key: K | undefined) => void> = []
  #closed = false

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

  add(key: K): void {
    if (this.#closed) return
    if (this.#working.has(key)) {
      this.#again.add(key)
      return
    }
    const taker = this.#takers.shift()
    if (!taker) {
      this.#waiting.add(key)
      return
    }
    this.#working.add(key)
    taker(key)
  }

  /** Adds the key after `ms`; of several delays of one key the earliest counts. */
  addAfter(key: K, ms: number): void {
    if (this.#closed) return
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
    for (const key of this.#waiting) {
      this.#waiting.delete(key)
      this.#working.add(key)
      return Promise.resolve(key)
    }
    return new Promise((resolve) => this.#takers.push(resolve))
  }

  done(key: K): void {
    this.#working.delete(key)
    if (this.#again.delete(key)) this.add(key)
  }

  /** Ends every `take`, drops what waits. */
  close(): void {
    this.#closed = true
    for (const { cancel } of this.#delayed.values()) cancel()
    this.#delayed.clear()
    this.#waiting.clear()
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }
}
