import { closeSync, fsyncSync, linkSync, openSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { syncFolder } from './migrate.ts'

/**
 * Writes a consistent, compact copy of the database to the new file `to`, which appears there only when it is complete and
 * on disk. Takes as long as reading and writing the whole file: run it in a thread. Throws when `to` exists.
 */
export function copyTo(file: string, to: string): void {
  const draft = `${to}.partial`
  closeSync(openSync(draft, 'wx', 0o600))
  try {
    // one read transaction: commits go on meanwhile, unlike with SQLite's page by page backup, which starts again at each
    const db = new Database(file, { readonly: true, fileMustExist: true })
    try {
      db.prepare('VACUUM INTO ?').run(draft)
    } finally {
      db.close()
    }
    sync(draft)
    linkSync(draft, to) // refuses where renaming would overwrite
    syncFolder(dirname(to))
  } finally {
    rmSync(draft, { force: true })
  }
}

function sync(file: string): void {
  const fd = openSync(file, 'r+')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}
