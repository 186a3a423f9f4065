import type { Database } from 'better-sqlite3'

/** How much history stays for watches that resume and for time travel. */
export interface Retention {
  /** History younger than this stays... */
  readonly keepMs: number
  /** ...and so does this much of any age. */
  readonly keepRevisions: number
  /** Above this size of the database the older half of the history goes, however young it is... */
  readonly maxBytes: number
  /** ...but never the newest this many revisions, which running watches and paged lists stand on. */
  readonly leastRevisions: number
}

/**
 * An hour covers every client that resumes a watch (Kubernetes compacts after five minutes); 100,000 revisions are days of a
 * quiet cluster for the timeline. At a few KB each they stay around 300 MB, and the size bound caps a busy one.
 */
export const defaultRetention: Retention = {
  keepMs: 3_600_000,
  keepRevisions: 100_000,
  maxBytes: 1024 ** 3,
  leastRevisions: 10_000,
}

export interface HistoryFacts {
  readonly now: number
  readonly newest: number
  readonly compacted: number
  /** Of what is in use; free pages do not count. */
  readonly bytes: number
  /** When the first kept change at or after `revision` was written; times grow with revisions. */
  timeAt(revision: number): number | undefined
}

/** The revision to compact to; `compacted` itself when there is nothing to do. */
export function planCompaction(facts: HistoryFacts, keep: Retention): number {
  const { newest, compacted } = facts
  const byAge = Math.min(lastBefore(facts, facts.now - keep.keepMs), newest - keep.keepRevisions)
  const halved = compacted + Math.floor((newest - compacted) / 2)
  const bySize = facts.bytes > keep.maxBytes ? Math.min(halved, newest - keep.leastRevisions) : 0
  return Math.max(compacted, byAge, bySize)
}

function lastBefore({ compacted, newest, timeAt }: HistoryFacts, time: number): number {
  let low = compacted
  let high = newest
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((timeAt(middle) ?? Infinity) < time) low = middle
    else high = middle - 1
  }
  return low
}

export function readFacts(db: Database, now: number): HistoryFacts {
  const number = (sql: string) => Number(db.prepare(sql).pluck().get() ?? 0)
  const compacted = number(`SELECT value FROM meta WHERE name = 'compacted'`)
  const used = number('SELECT page_count - freelist_count FROM pragma_page_count, pragma_freelist_count')
  const time = db
    .prepare<[number], number>('SELECT time FROM log WHERE revision >= ? ORDER BY revision LIMIT 1')
    .pluck()
  return {
    now,
    compacted,
    newest: Math.max(number('SELECT max(revision) FROM log'), compacted),
    bytes: used * Number(db.pragma('page_size', { simple: true })),
    timeAt: (revision) => time.get(revision),
  }
}

/** Changes that one slice goes over: a few milliseconds, so that a commit hardly waits for one. */
const sliceRevisions = 256

/**
 * Forgets the next slice of superseded versions on the way to `target`; the compacted revision moves in the same
 * transaction, so a crash between slices leaves a database compacted a little less far, and nothing to repair.
 *
 * Up to the compacted revision only the newest version of each live key exists. So each change after it makes exactly
 * one row superfluous, the one it replaced, and a tombstone makes itself superfluous too.
 *
 * @returns makes the next slice and returns the new compacted revision
 */
export function slicer(db: Database): (target: number) => number {
  const compacted = db.prepare<[], number>(`SELECT value FROM meta WHERE name = 'compacted'`).pluck()
  const replaced = db.prepare<[number, number]>(
    'DELETE FROM log WHERE revision IN (SELECT previous FROM log WHERE revision > ? AND revision <= ? AND previous IS NOT NULL)',
  )
  const tombstones = db.prepare<[number, number]>(
    'DELETE FROM log WHERE revision > ? AND revision <= ? AND deleted = 1',
  )
  const move = db.prepare<[number]>(`UPDATE meta SET value = ? WHERE name = 'compacted'`)
  return db.transaction((target: number) => {
    const from = compacted.get() ?? 0
    const to = Math.min(from + sliceRevisions, target)
    if (to <= from) return from
    replaced.run(from, to)
    tombstones.run(from, to)
    move.run(to)
    return to
  }).immediate
}
