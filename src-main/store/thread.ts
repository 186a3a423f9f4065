import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Cipher } from './cipher.ts'
import type { Retention } from './compact.ts'
import type { Change } from './store.ts'
import type { Failure, Reply, Request, Rows, WriterTask } from './writer.ts'

type Settle = (failure?: Failure) => void

/** The main thread's end of the writer. Every call resolves with a failure or with undefined; none rejects. */
export class WriterThread {
  readonly #worker: Worker
  readonly #cipher: Cipher | undefined
  readonly #compactions: Settle[] = []
  #written: Settle | undefined
  #closed: Settle | undefined
  #opened: Settle | undefined
  #dead: Failure | undefined
  /** Told of every slice of a compaction. */
  onCompacting: (revision: number) => void = () => undefined

  /** @param cipher  for what is written; a copy needs none, it takes values as they are on disk */
  constructor(task: WriterTask, cipher?: Cipher) {
    this.#cipher = cipher
    this.#worker = new Worker(writerUrl(), { workerData: task, execArgv: [] })
    this.#worker.on('message', (reply: Reply) => this.#receive(reply))
    this.#worker.on('error', (error: Error & { code?: string }) =>
      this.#die({ code: error.code ?? 'ERROR', message: error.message }),
    )
    this.#worker.on('exit', () => this.#die({ code: 'EXIT', message: 'the writer thread has ended' }))
  }

  /** Lets the thread open the file; before, it does not touch it. */
  open(): Promise<Failure | undefined> {
    return this.#until((settle) => {
      this.#opened = settle
      this.#post({ kind: 'open' })
    })
  }

  /** One transaction; one at a time. */
  write(changes: readonly Change[], time: number): Promise<Failure | undefined> {
    return this.#until((settle) => {
      this.#written = settle
      const rows = toRows(changes, time, this.#cipher)
      this.#post({ kind: 'write', rows }, [rows.values.buffer as ArrayBuffer])
    })
  }

  compact(target: number): Promise<Failure | undefined> {
    return this.#until((settle) => {
      const id = this.#compactions.push(settle) - 1
      this.#post({ kind: 'compact', id, target })
    })
  }

  retain(now: number, retention: Retention): void {
    this.#post({ kind: 'retain', now, retention })
  }

  /** Lets the thread finish what it was given and waits for its end. */
  async close(): Promise<Failure | undefined> {
    const failure = await this.#until((settle) => {
      this.#closed = settle
      this.#post({ kind: 'close' })
    })
    await this.abandon()
    return failure
  }

  async abandon(): Promise<void> {
    await this.#worker.terminate()
  }

  /** For a thread that ends by itself. */
  finished(): Promise<Failure | undefined> {
    return this.#until((settle) => (this.#closed = settle))
  }

  #until(start: (settle: Settle) => void): Promise<Failure | undefined> {
    if (this.#dead) return Promise.resolve(this.#dead)
    return new Promise(start)
  }

  #post(request: Request, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer)
  }

  #receive(reply: Reply): void {
    switch (reply.kind) {
      case 'opened':
        return this.#opened?.(reply.failure)
      case 'written':
        return this.#written?.(reply.failure)
      case 'compacting':
        return this.onCompacting(reply.revision)
      case 'compacted':
        this.#compactions[reply.id]?.(reply.failure)
        delete this.#compactions[reply.id]
        return
      case 'closed':
        return this.#closed?.(reply.failure)
    }
  }

  #die(failure: Failure): void {
    this.#dead ??= failure
    for (const settle of [this.#opened, this.#written, this.#closed, ...this.#compactions]) settle?.(this.#dead)
  }
}

/** Beside this file, or, once bundled, beside or above the bundle's chunk that this file is in. */
function writerUrl(): URL {
  const names = import.meta.url.endsWith('.ts') ? ['./writer.ts'] : ['./writer.js', '../writer.js']
  const urls = names.map((name) => new URL(name, import.meta.url))
  const found = urls.find((url) => existsSync(url))
  if (!found) throw new Error(`the store's writer is missing: expected it at ${urls.join(' or ')}`)
  return found
}

/** The values are copied into one buffer that moves to the thread instead of being copied again. */
function toRows(changes: readonly Change[], time: number, cipher?: Cipher): Rows {
  const sealed = changes.map(({ current }) => cipher?.seal(current.key, current.bytes) ?? current.bytes)
  const lengths = sealed.map((value) => value.length)
  const values = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0))
  let offset = 0
  for (const value of sealed) {
    values.set(value, offset)
    offset += value.length
  }
  return {
    first: changes[0]!.current.revision,
    time: Math.floor(time),
    keys: changes.map(({ current }) => current.key),
    previous: changes.map(({ previous }) => previous?.revision ?? null),
    deleted: changes.map(({ type }) => (type === 'delete' ? 1 : 0)),
    lengths,
    values,
  }
}
