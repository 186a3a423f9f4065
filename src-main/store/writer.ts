import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { copyTo } from './backup.ts'
import { planCompaction, readFacts, slicer, type Retention } from './compact.ts'

/** What the thread is started for: to write the log until `close`, or to make one copy of it. */
export type WriterTask =
  | { readonly kind: 'write'; readonly file: string; readonly quotaBytes?: number }
  | { readonly kind: 'backup'; readonly file: string; readonly to: string }

/** One transaction, column by column: the rows have the revisions `first`, `first + 1`, ... */
export interface Rows {
  readonly first: number
  readonly time: number
  readonly keys: readonly string[]
  readonly previous: ReadonlyArray<number | null>
  readonly deleted: readonly number[]
  readonly lengths: readonly number[]
  /** All values, one after the other. */
  readonly values: Uint8Array
}

export type Request =
  | { readonly kind: 'open' }
  | { readonly kind: 'write'; readonly rows: Rows }
  | { readonly kind: 'compact'; readonly id: number; readonly target: number }
  | { readonly kind: 'retain'; readonly now: number; readonly retention: Retention }
  | { readonly kind: 'close' }

export interface Failure {
  readonly code: string
  readonly message: string
}

export type Reply =
  | { readonly kind: 'opened'; readonly failure?: Failure }
  | { readonly kind: 'written'; readonly failure?: Failure }
  | { readonly kind: 'compacting'; readonly revision: number }
  | { readonly kind: 'compacted'; readonly id: number; readonly failure?: Failure }
  | { readonly kind: 'closed'; readonly failure?: Failure }

const port = parentPort
if (!port) throw new Error("writer.ts is the entry of the store's worker thread")
const reply = (message: Reply) => port.postMessage(message)
const task = workerData as WriterTask

if (task.kind === 'backup') {
  reply({ kind: 'closed', failure: attempt(() => copyTo(task.file, task.to)) })
} else {
  // loading SQLite overlaps with the main thread's checks; only when those passed may anything touch the file
  port.once('message', () =>
    reply({ kind: 'opened', failure: attempt(() => serve(openWriter(task.file, task.quotaBytes))) }),
  )
}

function openWriter(file: string, quotaBytes?: number): Database.Database {
  const db = new Database(file, { fileMustExist: true })
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  // a checkpoint makes one commit wait, so fewer and larger ones; afterwards the file is cut back to that size
  db.pragma('wal_autocheckpoint = 4000')
  db.pragma(`journal_size_limit = ${32 * 1024 * 1024}`)
  const pageSize = Number(db.pragma('page_size', { simple: true }))
  if (quotaBytes) db.pragma(`max_page_count = ${Math.floor(quotaBytes / pageSize)}`)
  return db
}

function serve(db: Database.Database): void {
  const write = rowWriter(db)
  const compact = compactor(db)
  port!.on('message', (request: Request) => {
    switch (request.kind) {
      case 'open':
        return
      case 'write':
        return reply({ kind: 'written', failure: attempt(() => write(request.rows)) })
      case 'compact':
        return compact(request.target, (failure) => reply({ kind: 'compacted', id: request.id, failure }))
      case 'retain':
        return compact(planCompaction(readFacts(db, request.now), request.retention))
      case 'close':
        reply({ kind: 'closed', failure: attempt(() => db.close()) })
        port!.close()
    }
  })
}

function rowWriter(db: Database.Database): (rows: Rows) => void {
  const insert = db.prepare('INSERT INTO log (revision, key, previous, deleted, time, value) VALUES (?, ?, ?, ?, ?, ?)')
  return db.transaction(({ first, time, keys, previous, deleted, lengths, values }: Rows) => {
    let offset = 0
    keys.forEach((key, i) => {
      const end = offset + lengths[i]!
      insert.run(first + i, key, previous[i], deleted[i], time, values.subarray(offset, end))
      offset = end
    })
  }).immediate
}

/** Compacts in slices with the event loop between them, where waiting transactions have their turn. */
function compactor(db: Database.Database): (target: number, done?: (failure?: Failure) => void) => void {
  const slice = slicer(db)
  return function compact(target, done) {
    if (!db.open) return done?.({ code: 'CLOSED', message: 'the store was closed' })
    let revision = 0
    const failure = attempt(() => (revision = slice(target)))
    if (!failure) reply({ kind: 'compacting', revision })
    if (failure || revision >= target) return done?.(failure)
    setImmediate(compact, target, done)
  }
}

function attempt(act: () => unknown): Failure | undefined {
  try {
    act()
    return undefined
  } catch (error) {
    const { code = 'ERROR', message } = error as Error & { code?: string }
    return { code, message }
  }
}
