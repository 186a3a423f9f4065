import type { Clock } from '../base/clock.ts'

interface Entry {
  readonly priority: number
  /** When it came, in ms. */
  readonly since: number
  failures: number
  /** In ms: not handed out again before. */
  notBefore: number
  cancel?: () => void
}

/** As kube-scheduler's podInitialBackoffSeconds, podMaxBackoffSeconds and podMaxInUnschedulablePodsDuration. */
const firstBackoffMs = 1000
const longestBackoffMs = 10_000
const parkedMs = 300_000

/**
 * Pods that wait for a node: by priority, then in the order they came. One that fits nowhere is parked until something
 * happens that could help, but is not tried again before its back-off is over.
 */
export class SchedulingQueue {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()
  readonly #ready = new Map<number, Set<string>>()
  readonly #parked = new Set<string>()
  #taker: (() => void) | undefined
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(key: string, priority: number): void {
    if (this.#entries.has(key)) return
    this.#entries.set(key, { priority, since: this.#clock.now(), failures: 0, notBefore: 0 })
    this.#makeReady(key)
  }

  /** The pod is bound or gone. */
  drop(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    entry.cancel?.()
    this.#ready.get(entry.priority)?.delete(key)
    this.#parked.delete(key)
    this.#entries.delete(key)
  }

  /** Which attempt it is to find a node for the pod, and when the pod came, in ms. */
  attemptOf(key: string): { readonly attempt: number; readonly since: number } {
    const { failures = 0, since = this.#clock.now() } = this.#entries.get(key) ?? {}
    return { attempt: failures + 1, since }
  }

  /** How many pods are to be handed out, wait for their back-off to be over, and are parked. */
  get waiting(): { readonly active: number; readonly backoff: number; readonly unschedulable: number } {
    const active = [...this.#ready.values()].reduce((sum, { size }) => sum + size, 0)
    const delayed = [...this.#entries.values()].filter(({ cancel }) => cancel).length
    return { active, backoff: delayed - this.#parked.size, unschedulable: this.#parked.size }
  }

  /** The next pod, or undefined once the queue is closed. For one taker at a time. */
  async take(): Promise<string | undefined> {
    while (!this.#closed) {
      const key = this.#next()
      if (key !== undefined) return key
      await new Promise<void>((resolve) => (this.#taker = resolve))
    }
    return undefined
  }

  /** The pod that was taken fits nowhere now. */
  park(key: string): void {
    const entry = this.#fail(key)
    if (!entry) return
    this.#parked.add(key)
    entry.cancel = this.#clock.after(parkedMs, () => this.#unpark(key))
  }

  /** The pod that was taken could not be bound, for a reason that may pass by itself. */
  retry(key: string): void {
    if (this.#fail(key)) this.#unpark(key)
  }

  /** Something happened that may let parked pods fit. */
  wake(): void {
    for (const key of [...this.#parked]) this.#unpark(key)
  }

  close(): void {
    this.#closed = true
    for (const key of [...this.#entries.keys()]) this.drop(key)
    this.#taker?.()
  }

  #fail(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    entry.notBefore = this.#clock.now() + Math.min(firstBackoffMs * 2 ** entry.failures++, longestBackoffMs)
    return entry
  }

  #unpark(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    entry.cancel?.()
    this.#parked.delete(key)
    const wait = entry.notBefore - this.#clock.now()
    if (wait <= 0) this.#makeReady(key)
    else entry.cancel = this.#clock.after(wait, () => this.#makeReady(key))
  }

  #makeReady(key: string): void {
    const entry = this.#entries.get(key)
    if (!entry) return
    entry.cancel = undefined
    const level = this.#ready.get(entry.priority) ?? new Set()
    this.#ready.set(entry.priority, level.add(key))
    this.#taker?.()
    this.#taker = undefined
  }

  #next(): string | undefined {
    for (const priority of [...this.#ready.keys()].sort((a, b) => b - a)) {
      const level = this.#ready.get(priority)!
      for (const key of level) {
        level.delete(key)
        return key
      }
      this.#ready.delete(priority)
    }
    return undefined
  }
}
