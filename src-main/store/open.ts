import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { errorMessage } from '../base/log.ts'
import { applicationId, createDatabase, migrate, schemaVersion, versionOf } from './migrate.ts'
import { Damaged, Locked, NewerVersion, StorageFailed } from './store.ts'

/**
 * Up to this size every page is checked at each start, at about 1.5 GB/s. Of a larger file only what loading the newest
 * state reads is checked: the length, the whole index and the row of every live object.
 */
const quickCheckBytes = 64 * 1024 * 1024

/**
 * Keeps other processes, and other stores of this one, away from the database until the returned function is called or
 * the process ends in whatever way: the lock is the operating system's, on a file beside it. Throws `Locked` at once.
 */
export function lock(file: string): () => void {
  const lockFile = `${file}.lock`
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // an existing one is not opened: closing any descriptor of a file drops all locks that the process has on it
  if (!existsSync(lockFile)) createPrivate(lockFile)
  const db = new Database(lockFile, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (codeOf(error) !== 'SQLITE_BUSY') throw error
    throw new Locked(
      `${dirname(file)} is in use by another Wheelhouse. Close that one, or choose another data directory.`,
    )
  }
  return () => db.close()
}

function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

/**
 * A read-only connection to the database, made if there is none, checked and brought to the newest schema otherwise.
 * Call it with the lock held. Throws `Damaged`, `NewerVersion` or `StorageFailed`; the file is then as it was.
 */
export function openDatabase(file: string): Database.Database {
  try {
    if (!existsSync(file)) create(file)
    for (const part of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(part)) chmodSync(part, 0o600)
    const db = openChecked(file)
    if (versionOf(db) === schemaVersion) return db
    db.close()
    upgrade(file)
    return new Database(file, { readonly: true, fileMustExist: true })
  } catch (error) {
    throw explain(file, error)
  }
}

function create(file: string): void {
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false })
  if (wal && wal.size > 0)
    throw damaged(file, 'it is missing, although the newest changes to it are still there, in its -wal file')
  createDatabase(file)
}

function openChecked(file: string): Database.Database {
  const { size } = statSync(file)
  assertHeader(file, size)
  const db = new Database(file, { readonly: true, fileMustExist: true })
  try {
    if (db.pragma('application_id', { simple: true }) !== applicationId) {
      throw damaged(file, 'it is an SQLite database, but not one of Wheelhouse')
    }
    const version = versionOf(db)
    if (version > schemaVersion) {
      throw new NewerVersion(
        `The database ${file} was written by a newer Wheelhouse (its schema is version ${version}, this one knows ` +
          `${schemaVersion}). It was not changed. Use that newer Wheelhouse, or another data directory.`,
      )
    }
    if (size <= quickCheckBytes) quickCheck(db, file)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Before SQLite sees the file, which takes an empty one for a new database. */
function assertHeader(file: string, size: number): void {
  const header = Buffer.alloc(16)
  const fd = openSync(file, 'r')
  try {
    readSync(fd, header, 0, 16, 0)
  } finally {
    closeSync(fd)
  }
  if (size === 0) throw damaged(file, 'it is empty')
  if (header.toString('latin1') !== 'SQLite format 3\0') throw damaged(file, 'it is not a database')
}

function quickCheck(db: Database.Database, file: string): void {
  const finding = String(db.pragma('quick_check(1)', { simple: true }))
  if (finding !== 'ok') throw damaged(file, finding)
}

function upgrade(file: string): void {
  const db = new Database(file, { fileMustExist: true })
  try {
    migrate(db)
  } finally {
    db.close()
  }
}

const damaged = (file: string, why: string) =>
  new Damaged(
    `The database ${file} is damaged: ${why}. It was not changed. Put a backup in its place, or move it and its -wal ` +
      'file away to start with an empty cluster.',
  )

/** SQLite's and the system's errors as the store's own, with the sentence that a person needs. */
export function explain(file: string, error: unknown): unknown {
  const code = codeOf(error)
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return damaged(file, errorMessage(error))
  if (!/^(SQLITE_|E[A-Z]+$)/.test(code)) return error
  return new StorageFailed(`The database ${file} cannot be opened: ${errorMessage(error)}.`, { cause: error })
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code ?? '')
