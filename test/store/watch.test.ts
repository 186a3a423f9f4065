import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Compacted, type Change, type Subscription } from '../../src-main/store/store.ts'
import { line, opened, put, remove, revision, temporaryFile, thing } from './fixture.ts'

describe('a watch', () => {
  it('tells creation, change and deletion, each with the version it replaced', async () => {
    const store = await opened()
    const told: string[] = []
    await store.watch('/a/', revision(0), (change) => told.push(line(change)))
    await put(store, '/a/1', 'one')
    await put(store, '/b/1', 'other')
    await put(store, '/a/1', 'two')
    await remove(store, '/a/1')
    await put(store, '/a/1', 'again')
    expect(told).toEqual([
      '1 put /a/1 one',
      '3 put /a/1 two (was 1 one)',
      '4 delete /a/1 two (was 3 two)',
      '5 put /a/1 again',
    ])
  })

  it('tells the same from memory and, after a restart, from the log', async () => {
    const file = temporaryFile()
    const first = await opened({ file })
    for (let i = 0; i < 30; i++) {
      await put(first, `/a/${i % 4}`, i)
      if (i % 5 === 0) await remove(first, `/a/${i % 4}`)
      await put(first, '/b/x', i)
    }
    const fromMemory: string[] = []
    await first.watch('/a/', revision(7), (change) => fromMemory.push(line(change)))
    await first.close()
    const second = await opened({ file })
    const fromLog: string[] = []
    await second.watch('/a/', revision(7), (change) => fromLog.push(line(change)))
    expect(fromLog).toEqual(fromMemory)
    expect(fromLog.length).toBeGreaterThan(20)
  })

  it(
    'goes from replay to live without gap or duplicate while others commit, from any revision',
    { timeout: 60_000 },
    async () => {
      const store = await opened()
      // more than the window holds, so that some watches start in the log and catch up with running commits
      const before = 6000
      await Promise.all(Array.from({ length: before }, (_, i) => put(store, `/a/${i % 50}`, i)))
      let writing = true
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let i = 0; writing; i++) await put(store, `/a/w${writer}-${i % 10}`, i)
      })
      const heard: Array<{ after: number; revisions: number[]; watch: Subscription }> = []
      await fc.assert(
        fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (part) => {
          const after = Math.floor(part * store.revision)
          const revisions: number[] = []
          const watch = await store.watch('/a/', revision(after), ({ current }) => revisions.push(current.revision))
          heard.push({ after, revisions, watch })
        }),
        { numRuns: 40 },
      )
      await put(store, '/a/last')
      writing = false
      await Promise.all(writers)
      for (const { after, revisions } of heard) {
        expect(revisions[0]).toBe(after + 1)
        expect(revisions.at(-1)).toBe(store.revision)
        expect(revisions.every((number, i) => number === after + 1 + i)).toBe(true)
      }
      expect(heard.some(({ after }) => after < before - 4096)).toBe(true)
    },
  )

  it('has one order for everybody, also for those who join, leave and write from inside a callback', async () => {
    const store = await opened()
    const all: string[] = []
    const joined: number[] = []
    const once: number[] = []
    let second: Promise<Subscription> | undefined
    await store.watch('/', revision(0), ({ current }) => {
      all.push(`first ${current.revision}`)
      second ??= store.watch('/a/', revision(0), (change) => joined.push(change.current.revision))
      if (current.revision === 2) void put(store, '/a/written-inside')
    })
    const leaving = await store.watch('/', revision(0), ({ current }) => {
      once.push(current.revision)
      leaving.close()
    })
    await store.watch('/', revision(0), ({ current }) => all.push(`last ${current.revision}`))
    await Promise.all([put(store, '/a/1'), put(store, '/a/2'), put(store, '/a/3')])
    await vi.waitFor(() => expect(store.get('/a/written-inside')).toBeDefined())
    expect(all).toEqual([1, 2, 3, 4].flatMap((n) => [`first ${n}`, `last ${n}`]))
    expect(joined).toEqual([1, 2, 3, 4])
    expect(once).toEqual([1])
  })

  it('has told of a change before the commit resolves, and the state shows it by then', async () => {
    const store = await opened()
    const order: unknown[] = []
    await store.watch('/', revision(0), ({ current }) => order.push(store.get(current.key) === current))
    await put(store, '/a/1').then(() => order.push('resolved'))
    expect(order).toEqual([true, 'resolved'])
  })

  it('whose callback throws harms nobody else and is logged', async () => {
    const errors: string[] = []
    const log = {
      debug: vi.fn(),
      info: vi.fn(),
      warn: vi.fn(),
      error: (message: string) => errors.push(message),
      with: () => log,
    }
    const store = await opened({ log })
    const told: Change[] = []
    await store.watch('/', revision(0), () => {
      throw new Error('mistake')
    })
    await store.watch('/', revision(0), (change) => told.push(change))
    await put(store, '/a/1')
    expect(told).toHaveLength(1)
    expect(errors).toEqual(['a watch callback threw; the others go on'])
  })

  it('tells what comes after a revision of the future, and nothing before', async () => {
    const store = await opened()
    await put(store, '/a/1', 1)
    const told: string[] = []
    await store.watch('/', revision(2), (change) => told.push(line(change)))
    await put(store, '/a/1', 2)
    await put(store, '/a/1', 3)
    expect(told).toEqual(['3 put /a/1 3 (was 2 2)'])
  })

  it('is refused for what was compacted', async () => {
    const store = await opened()
    for (let i = 0; i < 5; i++) await put(store, '/a/1', i)
    await store.compact(revision(3))
    const nobody = () => expect.unreachable('told of a change')
    await expect(store.watch('/', revision(2), nobody)).rejects.toThrow(Compacted)
    const told: string[] = []
    await store.watch('/', revision(3), (change) => told.push(line(change)))
    expect(told).toEqual(['4 put /a/1 3 (was 3 2)', '5 put /a/1 4 (was 4 3)'])
  })

  it('that is overtaken by a compaction while it replays the log rejects instead of leaving changes out', async () => {
    const file = temporaryFile()
    const first = await opened({ file })
    await first.commit((tx) => {
      for (let i = 0; i < 5000; i++) tx.put(`/a/${i % 3}`, thing(i))
    })
    await first.close()
    const store = await opened({ file })
    const revisions: number[] = []
    const watching = store.watch('/a/', revision(0), ({ current }) => revisions.push(current.revision))
    watching.catch(() => undefined)
    await store.compact(revision(5000))
    const outcome = await watching.then(
      () => 'complete',
      (error: Error) => error.name,
    )
    expect(revisions.every((number, i) => number === i + 1)).toBe(true)
    expect(outcome).toBe(revisions.length === 5000 ? 'complete' : 'Compacted')
  })
})
