import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it, vi } from 'vitest'
import { silent } from '../../src-main/base/log.ts'
import { openStore } from '../../src-main/store/log.ts'
import { Damaged, Locked, NewerVersion, StorageFailed } from '../../src-main/store/store.ts'
import { contents, opened, put, remove, revision, temporaryFile, temporaryFolder } from './fixture.ts'

const modeOf = (file: string) => statSync(file).mode & 0o777

async function filled(objects = 200, size = 1000): Promise<string> {
  const file = temporaryFile()
  const store = await opened({ file })
  await Promise.all(Array.from({ length: objects }, (_, i) => put(store, `/a/${i}`, 'x'.repeat(size))))
  await store.close()
  return file
}

/** The files as the kill of a process leaves them: the newest commits only in the -wal file. */
async function killed(): Promise<string> {
  const file = await filled()
  const copy = temporaryFile()
  const store = await opened({ file })
  await put(store, '/a/in-wal', 'y')
  for (const end of ['', '-wal']) copyFileSync(file + end, copy + end)
  expect(statSync(`${copy}-wal`).size).toBeGreaterThan(0)
  return copy
}

function scribble(file: string, from: number, length: number): void {
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0xa5, from, from + length))
}

async function expectRefusal(
  file: string,
  kind: typeof Damaged | typeof NewerVersion,
  sentence: RegExp,
): Promise<void> {
  // an empty -wal file is as good as none
  const read = () => ['', '-wal'].map((end) => (existsSync(file + end) ? readFileSync(file + end) : Buffer.alloc(0)))
  const before = read()
  const error = await openStore({ file, log: silent }).then(
    () => undefined,
    (reason: Error) => reason,
  )
  expect(error).toBeInstanceOf(kind)
  expect(error?.message).toContain(file)
  expect(error?.message).toMatch(sentence)
  expect(error?.message).toContain('not changed')
  expect(read().map((bytes, i) => bytes.equals(before[i]!))).toEqual([true, true])
}

describe('a damaged database is refused by name and left alone:', () => {
  it.each<[string, (file: string) => void, RegExp]>([
    ['one with a garbage header', (file) => scribble(file, 0, 100), /not a database/],
    ['one that is text', (file) => writeFileSync(file, 'hello'), /not a database/],
    ['an empty one', (file) => truncateSync(file, 0), /empty/],
    ['a truncated one', (file) => truncateSync(file, Math.floor(statSync(file).size / 2)), /malformed|truncated|Tree/],
    ['one with scribbled pages', (file) => scribble(file, 5 * 4096, 3 * 4096), /Tree|malformed/],
  ])('%s', async (_name, harm, sentence) => {
    const file = await filled()
    harm(file)
    await expectRefusal(file, Damaged, sentence)
  })

  it('one whose newest commits are still in the -wal file', async () => {
    const file = await killed()
    scribble(file, 5 * 4096, 3 * 4096)
    await expectRefusal(file, Damaged, /move it and its -wal file away/)
  })

  it('one that is missing, but not its -wal file', async () => {
    const file = await killed()
    rmSync(file)
    await expectRefusal(file, Damaged, /missing/)
    expect(existsSync(file)).toBe(false)
  })

  it('one too large to check every page', { timeout: 60_000 }, async () => {
    const file = await filled(60, 1_400_000)
    const { size } = statSync(file)
    expect(size).toBeGreaterThan(64 * 1024 * 1024)
    truncateSync(file, size - 4096 * 300)
    await expectRefusal(file, Damaged, /malformed/)
  })

  it("another program's SQLite database", async () => {
    const file = temporaryFile()
    new Database(file).exec('CREATE TABLE cookies (name)').close()
    await expectRefusal(file, Damaged, /not one of Wheelhouse/)
  })
})

it('a database of a newer schema is refused with what to do', async () => {
  const file = await filled(1)
  const db = new Database(file)
  db.pragma('user_version = 99')
  db.pragma('journal_mode = DELETE')
  db.close()
  await expectRefusal(file, NewerVersion, /newer Wheelhouse.*version 99/)
})

it('what a kill left in the -wal file is there at the next start', async () => {
  const store = await opened({ file: await killed() })
  expect(store.revision).toBe(201)
  expect(store.get('/a/in-wal')).toBeDefined()
})

it('a folder that cannot be written is a StorageFailed that names the file', async () => {
  const file = join(temporaryFile(), 'below-a-file', 'store.db')
  writeFileSync(dirname(dirname(file)), '')
  const error = await openStore({ file, log: silent }).then(
    () => undefined,
    (reason: Error) => reason,
  )
  expect(error).toBeInstanceOf(StorageFailed)
  expect(error?.message).toContain(file)
})

it('nobody else may read the files', async () => {
  const file = temporaryFile()
  const store = await opened({ file })
  await put(store, '/a/1')
  expect(['', '-wal', '-shm', '.lock'].map((end) => modeOf(file + end))).toEqual([0o600, 0o600, 0o600, 0o600])
})

describe('the lock', () => {
  it('keeps a second store of this process out until the first is closed, and out still after a refused attempt', async () => {
    const file = temporaryFile()
    const first = await opened({ file })
    await expect(openStore({ file, log: silent })).rejects.toThrow(Locked)
    await expect(openStore({ file, log: silent })).rejects.toThrow(`${dirname(file)} is in use by another Wheelhouse`)
    const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-child.ts'), file, '0'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    child.stdin.write('go\n')
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await once(child, 'close')
    expect(said).toContain('in use by another Wheelhouse')
    await first.close()
    expect((await opened({ file })).revision).toBe(0)
  })

  it('ends with kill -9 of its process', async () => {
    const file = temporaryFile()
    const child = spawn(process.execPath, [join(import.meta.dirname, 'crash-child.ts'), file, '0'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.stdin.write('go\n')
    await once(child.stdout, 'data')
    await expect(openStore({ file, log: silent })).rejects.toThrow(Locked)
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await opened({ file })).revision).toBeGreaterThan(0)
  })
})

describe('a full disk', () => {
  it('fails the requests of its batch, changes nothing, and the store goes on when there is room', async () => {
    const file = temporaryFile()
    const store = await opened({ file, quotaBytes: 1024 * 1024 })
    const told: number[] = []
    await store.watch('/', revision(0), ({ current }) => told.push(current.revision))
    let failure: unknown
    for (let i = 0; i < 2000 && !failure; i++) {
      await put(store, `/a/${i % 10}`, 'x'.repeat(5000)).catch((error: unknown) => (failure = error))
    }
    expect(failure).toBeInstanceOf(StorageFailed)
    expect(failure).toMatchObject({
      cause: { code: 'SQLITE_FULL' },
      message: expect.stringContaining('Nothing was changed'),
    })
    const before = { revision: store.revision, list: contents(store.list('/').items) }
    const batch = await Promise.allSettled([put(store, '/a/new', 'x'.repeat(50_000)), remove(store, '/a/1')])
    expect(batch.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect({ revision: store.revision, list: contents(store.list('/').items) }).toEqual(before)

    await store.compact(store.revision)
    expect((await put(store, '/a/new')).revision).toBe(before.revision + 1)
    expect(told).toEqual(Array.from({ length: store.revision }, (_, i) => i + 1))
    const after = contents(store.list('/').items)
    await store.close()
    expect(contents((await opened({ file })).list('/').items)).toEqual(after)
  })
})

describe('a backup', () => {
  it('made while commits go on opens as a store with a consistent state and its history', async () => {
    const store = await opened()
    await Promise.all(Array.from({ length: 500 }, (_, i) => put(store, `/a/${i % 20}`, i)))
    const states = new Map([[store.revision, contents(store.list('/').items)]])
    store.onCommit((number) => states.set(number, contents(store.list('/').items)))
    let done = false
    const writing = (async () => {
      while (!done) await put(store, '/a/busy', store.revision)
    })()
    const to = join(temporaryFolder(), 'backup.db')
    await store.backup(to)
    done = true
    await writing
    expect(modeOf(to)).toBe(0o600)
    const copy = await opened({ file: to })
    expect(contents(copy.list('/').items)).toEqual(states.get(copy.revision))
    expect(contents((await copy.listAt('/', revision(500))).items)).toEqual(states.get(revision(500)))
    expect((await put(copy, '/a/1')).revision).toBe(copy.revision)
  })

  it('never overwrites a file', async () => {
    const store = await opened()
    const to = temporaryFile()
    writeFileSync(to, 'precious')
    await expect(store.backup(to)).rejects.toThrow(to)
    expect(readFileSync(to, 'utf8')).toBe('precious')
    expect(existsSync(`${to}.partial`)).toBe(false)
  })
})

it('a database that is broken from outside fails the commits and logs it', async () => {
  const error = vi.fn()
  const log = { ...silent, error }
  const file = temporaryFile()
  const store = await opened({ file, log })
  await put(store, '/a/1')
  const thief = new Database(file)
  thief.exec('DROP TABLE log').close()
  await expect(put(store, '/a/2')).rejects.toThrow(StorageFailed)
  expect(error).toHaveBeenCalledWith('the database refused', expect.objectContaining({ file }))
  expect(store.revision).toBe(1)
})
