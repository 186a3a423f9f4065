import type { KubeObject, WatchEvent } from '../kinds/meta.ts'

/** client-go's watch channels are shorter, but there the socket's buffers stand behind them. */
const bound = 10_000

/**
 * Watch events waiting for their one consumer. A consumer that falls behind by more than the bound gets what is queued,
 * then the end of the stream: it can go on from the last version it saw, and nobody else has waited for it. What is
 * pushed before `live` (what was there at the start, however much) does not count.
 */
export class EventQueue<T extends KubeObject> implements AsyncIterable<WatchEvent<T>> {
  readonly #limit: number
  #bound = Infinity
  #events: Array<WatchEvent<T>> = []
  #next = 0
  #closed = false
  #wake: (() => void) | undefined

  constructor(limit = bound) {
    this.#limit = limit
  }

  live(): void {
    this.#bound = this.#events.length + this.#limit
  }

  push(event: WatchEvent<T>): void {
    if (this.#closed) return
    this.#events.push(event)
    if (this.#events.length - this.#next >= this.#bound) this.#closed = true
    this.#wake?.()
  }

  /** Drops what waits and ends the stream. */
  close(): void {
    this.#closed = true
    this.#events = []
    this.#next = 0
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchEvent<T>> {
    for (;;) {
      while (this.#next < this.#events.length) {
        yield this.#events[this.#next++] as WatchEvent<T>
        if (this.#next >= 1000) {
          this.#events = this.#events.slice(this.#next)
          this.#next = 0
        }
      }
      this.#events = []
      this.#next = 0
      if (this.#closed) return
      await new Promise<void>((resolve) => (this.#wake = resolve))
      this.#wake = undefined
    }
  }
}
