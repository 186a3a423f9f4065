import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { StorageFailed } from '../../src-main/store/store.ts'
import { describeWith } from '../parts.ts'
import { contents, opened, put, temporaryFolder } from './fixture.ts'

// without mounting there is no small disk to fill
describeWith(['root'], 'a file system without room', () => {
  let folder = ''

  beforeEach(() => {
    folder = temporaryFolder()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=700', 'tmpfs', folder])
  })
  afterEach(() => {
    execFileSync('umount', ['--lazy', folder])
  })

  it('fails commits, loses nothing, and serves again when there is room', async () => {
    const ballast = join(folder, 'ballast')
    writeFileSync(ballast, Buffer.alloc(1024 * 1024))
    const file = join(folder, 'store.db')
    const store = await opened({ file })
    let failure: unknown
    for (let i = 0; i < 2000 && !failure; i++) {
      await put(store, `/a/${i}`, 'x'.repeat(8000)).catch((error: unknown) => (failure = error))
    }
    expect(failure).toBeInstanceOf(StorageFailed)
    expect(failure).toMatchObject({ cause: { code: expect.stringMatching(/^SQLITE_(FULL|IOERR)/) } })
    const kept = contents(store.list('/').items)
    expect(kept).toHaveLength(store.revision)
    expect(kept.length).toBeGreaterThan(50)

    rmSync(ballast)
    const next = await put(store, '/b/after', 'room')
    expect(next.revision).toBe(kept.length + 1)
    await store.close()
    const again = await opened({ file })
    expect(contents(again.list('/').items)).toEqual([...kept, ['/b/after', 'room']])
    await again.close()
  })
})
