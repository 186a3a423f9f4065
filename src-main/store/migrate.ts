import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'

/** "WHEL" in the file header tells our databases from other SQLite files. */
export const applicationId = 0x5748454c

/**
 * The step at index n takes schema version n to n + 1. Steps that shipped never change.
 *
 * `previous` is the revision that a row supersedes, null for a creation. `time` is milliseconds since the epoch. `value`
 * stands last: what looks only at the other columns does not read its overflow pages.
 */
const steps = [
  `CREATE TABLE log (
     revision INTEGER PRIMARY KEY,
     key TEXT NOT NULL,
     previous INTEGER,
     deleted INTEGER NOT NULL,
     time INTEGER NOT NULL,
     value BLOB NOT NULL
   ) STRICT;
   CREATE INDEX log_key ON log (key, revision);
   CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
   INSERT INTO meta VALUES ('compacted', 0);`,
]

export const schemaVersion = steps.length

export const versionOf = (db: Database.Database): number => Number(db.pragma('user_version', { simple: true }))

/** Brings the schema up to date, in one transaction. */
export function migrate(db: Database.Database): void {
  db.transaction(() => {
    for (const step of steps.slice(versionOf(db))) db.exec(step)
    db.pragma(`user_version = ${schemaVersion}`)
  }).immediate()
}

/** Makes an empty database that appears under its name only when it is complete, so that half of one is never found there. */
export function createDatabase(file: string): void {
  const draft = `${file}.new`
  for (const leftover of [draft, `${draft}-journal`, `${draft}-wal`, `${draft}-shm`]) rmSync(leftover, { force: true })
  closeSync(openSync(draft, 'wx', 0o600))
  const db = new Database(draft)
  try {
    db.pragma(`application_id = ${applicationId}`)
    migrate(db)
    db.pragma('journal_mode = WAL')
  } finally {
    db.close()
  }
  renameSync(draft, file)
  syncFolder(dirname(file))
}

/** Makes a new name in the folder durable. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
