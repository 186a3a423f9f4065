import type { Batch, Outcome } from './batch.ts'
import type { Change, WriteTx } from './store.ts'

/** A transaction takes no more than this, so that a flood of commits holds up neither the event loop nor those behind it. */
const batchFunctions = 512
const batchBytes = 4 * 1024 * 1024
/** Some functions take longer than all others together. */
const batchMs = 20

interface Queued {
  readonly fn: (tx: WriteTx) => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** What a transaction consists of. */
export interface Steps {
  /** A batch on the newest state. */
  begin(): Batch
  /** Makes the changes durable; resolves with what to tell the callers when that failed. Never rejects. */
  write(changes: readonly Change[]): Promise<Error | undefined>
  /** Shows durable changes to everybody. Must not throw. */
  publish(changes: readonly Change[]): void
}

/** Group commit: while one transaction is being written, the functions of the next one gather. */
export class CommitQueue {
  readonly #steps: Steps
  #queue: Queued[] = []
  #busy = false
  #drained: (() => void) | undefined

  constructor(steps: Steps) {
    this.#steps = steps
  }

  add<T>(fn: (tx: WriteTx) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ fn, resolve: resolve as (value: unknown) => void, reject })
      if (!this.#busy) this.#next()
    })
  }

  /** Everything that was added is settled. */
  async drained(): Promise<void> {
    if (this.#busy) await new Promise<void>((resolve) => (this.#drained = resolve))
  }

  /** Not at once: what arrives in this turn of the event loop, or answers the last batch, belongs in the same transaction. */
  #next(): void {
    this.#busy = this.#queue.length > 0
    if (this.#busy) setImmediate(() => void this.#transact())
    else this.#drained?.()
  }

  async #transact(): Promise<void> {
    const batch = this.#steps.begin()
    const ran = this.#run(batch)
    const failure = batch.changes.length > 0 ? await this.#steps.write(batch.changes) : undefined
    if (!failure) this.#steps.publish(batch.changes)
    for (const { queued, outcome } of ran) {
      if (!outcome.ok) queued.reject(outcome.error)
      else if (failure) queued.reject(failure)
      else queued.resolve(outcome.value)
    }
    this.#next()
  }

  #run(batch: Batch): Array<{ queued: Queued; outcome: Outcome<unknown> }> {
    const ran: Array<{ queued: Queued; outcome: Outcome<unknown> }> = []
    const began = performance.now()
    for (const queued of this.#queue) {
      if (ran.length === batchFunctions || batch.bytes >= batchBytes || performance.now() - began > batchMs) break
      ran.push({ queued, outcome: batch.run(queued.fn) })
    }
    this.#queue = this.#queue.slice(ran.length)
    return ran
  }
}
