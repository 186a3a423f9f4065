import type Database from 'better-sqlite3'
import { parseJson } from '../base/json.ts'
import { sealedPrefix, type Cipher } from './cipher.ts'
import { afterPrefix } from './state.ts'
import { Compacted, type Change, type Revision, type StoredObject } from './store.ts'

/** Rows that one read goes over: a few milliseconds of the event loop. */
const pageRows = 1000

type Row = [revision: Revision, key: string, value: Buffer]
type ChangeRow = [...Row, deleted: number, previous: Revision | null, previousValue: Buffer | null]

/** The log on disk, read page by page; between two pages the caller lets others run. */
export class History {
  readonly #db: Database.Database
  readonly #cipher: Cipher
  readonly #compacted: Database.Statement<[], Revision>
  readonly #newest: Database.Statement<[], Revision>
  readonly #state: Database.Statement<[], Row>
  readonly #stateAt: Database.Statement<[Revision, string, string, number], Row>
  readonly #changes: Database.Statement<[Revision, Revision, string, string], ChangeRow>

  /** @param db  a read-only connection, closed by `close` */
  constructor(db: Database.Database, cipher: Cipher) {
    this.#db = db
    this.#cipher = cipher
    this.#compacted = db.prepare<[], Revision>(`SELECT value FROM meta WHERE name = 'compacted'`).pluck()
    this.#newest = db.prepare<[], Revision>('SELECT max(revision) FROM log').pluck()
    this.#state = db
      .prepare<[], Row>(
        `SELECT l.revision, l.key, l.value FROM (SELECT key, max(revision) AS revision FROM log GROUP BY key) n
       CROSS JOIN log l ON l.revision = n.revision WHERE NOT l.deleted`,
      )
      .raw()
    this.#stateAt = db
      .prepare<[Revision, string, string, number], Row>(
        `SELECT l.revision, l.key, CASE WHEN l.deleted THEN NULL ELSE l.value END FROM
         (SELECT key, max(revision) AS revision FROM log WHERE revision <= ? AND key >= ? AND key < ? GROUP BY key LIMIT ?) n
       CROSS JOIN log l ON l.revision = n.revision`,
      )
      .raw()
    this.#changes = db
      .prepare<[Revision, Revision, string, string], ChangeRow>(
        `SELECT l.revision, l.key, l.value, l.deleted, p.revision, p.value FROM log l LEFT JOIN log p ON p.revision = l.previous
       WHERE l.revision > ? AND l.revision <= ? AND l.key >= ? AND l.key < ? ORDER BY l.revision`,
      )
      .raw()
  }

  get compacted(): Revision {
    return this.#compacted.get() ?? (0 as Revision)
  }

  get newest(): Revision {
    return Math.max(this.#newest.get() ?? 0, this.compacted) as Revision
  }

  /** The newest state of everything, in key order. */
  current(): StoredObject[] {
    return this.#state.all().map((row) => this.#stored(row))
  }

  /** Throws `WrongKey` unless the key opens everything that is encrypted, what only history still knows included. */
  assertReadable(): void {
    const rows = this.#db.prepare<[string, string], [key: string, value: Buffer]>('SELECT key, value FROM log WHERE key >= ? AND key < ?')
    for (const [key, value] of rows.raw().iterate(sealedPrefix, afterPrefix(sealedPrefix))) this.#cipher.open(key, value)
  }

  /** The state at `revision` of the next keys from `from` on, and where to go on. Throws `Compacted`. */
  stateAt(prefix: string, revision: Revision, from = prefix): { items: StoredObject[]; next?: string } {
    const rows = this.#consistently(revision, () => this.#stateAt.all(revision, from, afterPrefix(prefix), pageRows))
    const last = rows.length === pageRows ? rows.at(-1)![1] : undefined
    return { items: rows.filter(([, , value]) => value).map((row) => this.#stored(row)), next: last && `${last}\0` }
  }

  /** The changes after `after`, up to some revision not after `newest`, and that revision. Throws `Compacted`. */
  changes(prefix: string, after: Revision, newest: Revision): { changes: Change[]; through: Revision } {
    const through = Math.min(after + pageRows, newest) as Revision
    const rows = this.#consistently(after, () => this.#changes.all(after, through, prefix, afterPrefix(prefix)))
    return { changes: rows.map((row) => this.#change(row)), through }
  }

  close(): void {
    this.#db.close()
  }

  #stored([revision, key, value]: Row): StoredObject {
    return stored(revision, key, this.#cipher.open(key, value))
  }

  #change([revision, key, value, deleted, previous, previousValue]: ChangeRow): Change {
    return {
      type: deleted ? 'delete' : 'put',
      current: this.#stored([revision, key, value]),
      previous: previous !== null && previousValue ? this.#stored([previous, key, previousValue]) : undefined,
    }
  }

  /** Reads in one snapshot with the compacted revision, which the writer may move between any two reads. */
  #consistently<T>(revision: Revision, read: () => T): T {
    return this.#db.transaction(() => {
      assertNotCompacted(revision, this.compacted)
      return read()
    })()
  }
}

export function assertNotCompacted(revision: Revision, compacted: Revision): void {
  if (revision < compacted) {
    throw new Compacted(`revision ${revision} has been compacted; the oldest that can be read is ${compacted}`)
  }
}

/** Parsed when somebody looks, since most of what a start loads is looked at later or as bytes. */
function stored(revision: Revision, key: string, bytes: Buffer): StoredObject {
  let object: StoredObject['object'] | undefined
  return {
    key,
    revision,
    bytes,
    get object() {
      return (object ??= parseJson(bytes.toString()) as StoredObject['object'])
    },
  }
}
