import { expect, it } from 'vitest'
import { silent } from '../../src-main/base/log.ts'
import { openStore } from '../../src-main/store/log.ts'
import type { Change } from '../../src-main/store/store.ts'
import { WriterThread } from '../../src-main/store/thread.ts'
import { afterTest, revision, temporaryFile, thing } from './fixture.ts'

const change = (number: number): Change => ({
  type: 'put',
  current: { key: '/a/1', revision: revision(number), bytes: Buffer.from('{}'), object: thing('x') },
})

it('a writer thread that dies answers what waits for it, and everything after', async () => {
  const file = temporaryFile()
  await (await openStore({ file, log: silent })).close()
  const writer = new WriterThread({ kind: 'write', file })
  afterTest(() => writer.abandon())
  expect(await writer.open()).toBeUndefined()
  expect(await writer.write([change(1)], 0)).toBeUndefined()
  const waiting = writer.compact(Number.MAX_SAFE_INTEGER)
  await writer.abandon()
  expect(await waiting).toEqual({ code: 'EXIT', message: 'the writer thread has ended' })
  expect(await writer.write([change(2)], 0)).toMatchObject({ code: 'EXIT' })
  expect(await writer.close()).toMatchObject({ code: 'EXIT' })
})

it('a writer thread reports what SQLite refused and goes on', async () => {
  const file = temporaryFile()
  await (await openStore({ file, log: silent })).close()
  const writer = new WriterThread({ kind: 'write', file })
  afterTest(() => writer.close())
  await writer.open()
  await writer.write([change(1)], 0)
  expect(await writer.write([change(1)], 0)).toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' })
  expect(await writer.write([change(2)], 0)).toBeUndefined()
})
