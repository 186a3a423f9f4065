import { systemClock, type Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import { Batch } from './batch.ts'
import { createCipher } from './cipher.ts'
import { defaultRetention, type Retention } from './compact.ts'
import { assertNotCompacted, History } from './history.ts'
import { explain, lock, openDatabase } from './open.ts'
import { CommitQueue } from './queue.ts'
import { State } from './state.ts'
import {
  FutureRevision,
  StorageFailed,
  type Change,
  type Revision,
  type Snapshot,
  type Store,
  type StoredObject,
  type Subscription,
  type WriteTx,
} from './store.ts'
import { WriterThread } from './thread.ts'
import { Watches } from './watch.ts'
import type { Failure } from './writer.ts'

export interface StoreOptions {
  /** The SQLite database; its -wal, -shm and .lock files stand beside it, all 0600. */
  readonly file: string
  readonly log: Logger
  readonly clock?: Clock
  /** How much history stays; `defaultRetention` unless said. */
  readonly retention?: Partial<Retention>
  /** The file may not grow above this many bytes, as with etcd's --quota-backend-bytes; commits then fail with `StorageFailed`. */
  readonly quotaBytes?: number
  /** 32 bytes that encrypt Secrets on disk. What was written before there was a key stays readable. */
  readonly encryptionKey?: Buffer
}

/**
 * Opens the database, made if there is none, and loads the newest state.
 * Rejects with `Locked`, `Damaged`, `NewerVersion`, `WrongKey` or `StorageFailed`, each a sentence; the file is then as it was.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { file } = options
  const unlock = locked(file)
  const cipher = createCipher(options.encryptionKey)
  const writer = new WriterThread({ kind: 'write', file, quotaBytes: options.quotaBytes }, cipher)
  let history: History | undefined
  try {
    history = new History(openDatabase(file), cipher)
    history.assertReadable()
    const current = history.current() // reading it all is part of the check, so it comes before anything may write
    const failure = await writer.open()
    if (failure) throw sqliteError(failure)
    return new SqliteStore(options, { history, current, writer, unlock })
  } catch (error) {
    await writer.abandon()
    history?.close()
    unlock()
    throw explain(file, error)
  }
}

function locked(file: string): () => void {
  try {
    return lock(file)
  } catch (error) {
    throw explain(`${file}.lock`, error)
  }
}

const retainEveryMs = 60_000

interface Parts {
  readonly history: History
  readonly current: readonly StoredObject[]
  readonly writer: WriterThread
  readonly unlock: () => void
}

class SqliteStore implements Store {
  revision: Revision
  compactedRevision: Revision
  readonly #options: StoreOptions
  readonly #clock: Clock
  readonly #history: History
  readonly #writer: WriterThread
  readonly #unlock: () => void
  readonly #state = new State()
  readonly #watches: Watches
  readonly #listeners = new Set<(revision: Revision) => void>()
  readonly #queue: CommitQueue
  #closing: Promise<void> | undefined
  #cancelRetain: () => void

  constructor(options: StoreOptions, parts: Parts) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#history = parts.history
    this.#writer = parts.writer
    this.#unlock = parts.unlock
    this.#writer.onCompacting = (revision) => this.#compactedTo(revision)
    this.revision = parts.history.newest
    this.compactedRevision = parts.history.compacted
    for (const item of parts.current) this.#state.set(item)
    this.#watches = new Watches(options.log, this.revision)
    this.#queue = new CommitQueue({
      begin: () => new Batch(this.#state, this.revision),
      write: (changes) => this.#write(changes),
      publish: (changes) => this.#publish(changes),
    })
    this.#cancelRetain = this.#clock.after(retainEveryMs, () => this.#retain())
  }

  commit<T>(fn: (tx: WriteTx) => T): Promise<T> {
    if (this.#closing) return Promise.reject(new Error('the store is closed'))
    return this.#queue.add(fn)
  }

  get(key: string): StoredObject | undefined {
    return this.#state.get(key)
  }

  list(prefix: string): Snapshot {
    return { revision: this.revision, items: this.#state.list(prefix) }
  }

  async listAt(prefix: string, revision: Revision): Promise<Snapshot> {
    this.#assertKnown(revision)
    if (revision === this.revision) return this.list(prefix)
    const items: StoredObject[] = []
    let from: string | undefined = prefix
    while (from !== undefined) {
      const page: ReturnType<History['stateAt']> = this.#history.stateAt(prefix, revision, from)
      items.push(...page.items)
      from = page.next
      if (from !== undefined) await othersTurn()
    }
    return { revision, items }
  }

  async watch(prefix: string, after: Revision, onChange: (change: Change) => void): Promise<Subscription> {
    assertNotCompacted(after, this.compactedRevision)
    let position = after
    for (;;) {
      const live = this.#watches.subscribe(prefix, position, onChange)
      if (live) return live
      const { changes, through } = this.#history.changes(prefix, position, this.revision)
      for (const change of changes) onChange(change)
      position = through
      await othersTurn()
    }
  }

  onCommit(listener: (revision: Revision) => void): Subscription {
    const own = (revision: Revision) => listener(revision)
    this.#listeners.add(own)
    return { close: () => this.#listeners.delete(own) }
  }

  async compact(revision: Revision): Promise<void> {
    if (revision > this.revision) throw futureRevision(revision, this.revision)
    const failure = await this.#writer.compact(revision)
    if (failure) throw this.#failed('compacted', failure)
  }

  async backup(file: string): Promise<void> {
    const failure = await new WriterThread({ kind: 'backup', file: this.#options.file, to: file }).finished()
    if (failure)
      throw new StorageFailed(`The backup ${file} was not written: ${failure.message}.`, {
        cause: sqliteError(failure),
      })
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close())
  }

  #compactedTo(revision: number): void {
    this.compactedRevision = Math.max(this.compactedRevision, revision) as Revision
  }

  async #close(): Promise<void> {
    this.#cancelRetain()
    await this.#queue.drained()
    this.#watches.close()
    // the writer's connection is the last one, so it empties the WAL into the database
    this.#history.close()
    const failure = await this.#writer.close()
    this.#unlock()
    if (failure) throw this.#failed('closed', failure)
  }

  async #write(changes: readonly Change[]): Promise<StorageFailed | undefined> {
    const failure = await this.#writer.write(changes, this.#clock.now())
    return failure && this.#failed('written', failure)
  }

  #publish(changes: readonly Change[]): void {
    if (changes.length === 0) return
    for (const change of changes) this.#state.apply(change)
    this.revision = changes.at(-1)!.current.revision
    this.#watches.publish(changes)
    for (const listener of this.#listeners) this.#notify(listener)
  }

  #notify(listener: (revision: Revision) => void): void {
    try {
      listener(this.revision)
    } catch (error) {
      this.#options.log.error('a commit listener threw; the others go on', { error: errorMessage(error) })
    }
  }

  #retain(): void {
    this.#writer.retain(this.#clock.now(), { ...defaultRetention, ...this.#options.retention })
    this.#cancelRetain = this.#clock.after(retainEveryMs, () => this.#retain())
  }

  #assertKnown(revision: Revision): void {
    if (revision > this.revision) throw futureRevision(revision, this.revision)
    assertNotCompacted(revision, this.compactedRevision)
  }

  #failed(what: string, failure: Failure): StorageFailed {
    const { file, log } = this.#options
    log.error('the database refused', { file, code: failure.code, error: failure.message })
    // a thread that died may have got as far as the disk
    const outcome = failure.code.startsWith('SQLITE_')
      ? 'Nothing was changed.'
      : 'Whether the last change was kept shows after a restart.'
    const advice = failure.code === 'SQLITE_FULL' ? ' Free some disk space, then try again.' : ''
    return new StorageFailed(`The database ${file} cannot be ${what}: ${failure.message}. ${outcome}${advice}`, {
      cause: sqliteError(failure),
    })
  }
}

const futureRevision = (revision: Revision, newest: Revision) =>
  new FutureRevision(`revision ${revision} is in the future; the newest is ${newest}`)

const sqliteError = ({ code, message }: Failure): Error => Object.assign(new Error(message), { code })

const othersTurn = () => new Promise<void>((resolve) => setImmediate(resolve))
