import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { Clock } from '../../src-main/base/clock.ts'
import { planCompaction, type Retention } from '../../src-main/store/compact.ts'
import { Compacted, FutureRevision, type Snapshot } from '../../src-main/store/store.ts'
import { contents, opened, put, remove, revision, temporaryFile } from './fixture.ts'

/** Dozens of starts, each with its thread and its fsyncs. */
const slow = { timeout: 60_000 }

describe('history', () => {
  it('shows the state at every revision, and after a compaction at every one that is left', slow, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ key: fc.constantFrom('/a/1', '/a/2', '/a/3', '/b/1'), put: fc.boolean() }), {
          minLength: 1,
          maxLength: 40,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (steps, part) => {
          const file = temporaryFile()
          const store = await opened({ file })
          const states: Array<Array<[string, unknown]>> = [[]]
          for (const [i, step] of steps.entries()) {
            await (step.put ? put(store, step.key, i) : remove(store, step.key))
            states[store.revision] = contents(store.list('/a/').items)
          }
          const newest = store.revision
          const kept = Math.floor(part * newest)
          const seen = async (from: number, reader = store) => {
            const snapshots: Snapshot[] = []
            for (let r = from; r <= newest; r++) snapshots.push(await reader.listAt('/a/', revision(r)))
            return snapshots.map(({ items }) => contents(items))
          }
          expect(await seen(0)).toEqual(states)
          await store.compact(revision(kept))
          expect(store.compactedRevision).toBe(kept)
          expect(await seen(kept)).toEqual(states.slice(kept))
          await store.close()
          const again = await opened({ file })
          expect([again.revision, again.compactedRevision]).toEqual([newest, kept])
          expect(await seen(kept, again)).toEqual(states.slice(kept))
          if (kept > 0) await expect(again.listAt('/a/', revision(kept - 1))).rejects.toThrow(Compacted)
          await again.close()
        },
      ),
      { numRuns: 15 },
    )
  })

  it('lists old states of more keys than one page reads', async () => {
    const store = await opened()
    await Promise.all(Array.from({ length: 2500 }, (_, i) => put(store, `/a/${String(i).padStart(5, '0')}`, i)))
    const then = store.revision
    await remove(store, '/a/00999')
    const { items } = await store.listAt('/a/', then)
    expect(items.map(({ key }) => key)).toEqual(
      Array.from({ length: 2500 }, (_, i) => `/a/${String(i).padStart(5, '0')}`),
    )
    expect((await store.listAt('/a/0000', then)).items).toHaveLength(10)
  })

  it('of the future cannot be read or compacted', async () => {
    const store = await opened()
    await put(store, '/a/1')
    await expect(store.listAt('/', revision(2))).rejects.toThrow(FutureRevision)
    await expect(store.compact(revision(2))).rejects.toThrow(FutureRevision)
  })

  it('keeps counting after everything was deleted and forgotten', async () => {
    const file = temporaryFile()
    const first = await opened({ file })
    await put(first, '/a/1')
    await remove(first, '/a/1')
    await first.compact(revision(2))
    await first.close()
    const second = await opened({ file })
    expect(second.revision).toBe(2)
    expect((await put(second, '/a/1')).revision).toBe(3)
  })
})

const keep: Retention = { keepMs: 1000, keepRevisions: 10, maxBytes: 1_000_000, leastRevisions: 5 }

describe('automatic compaction', () => {
  const facts = { now: 100_000, newest: 1000, compacted: 100, bytes: 0, timeAt: (r: number) => r * 100 }

  it('takes what is both old and many', () => {
    expect(planCompaction(facts, keep)).toBe(989) // 990 was written exactly keepMs ago and stays
    expect(planCompaction(facts, { ...keep, keepRevisions: 300 })).toBe(700)
    expect(planCompaction(facts, { ...keep, keepMs: 99_000 })).toBe(100)
  })

  it('halves a history that is too large, but leaves the newest revisions', () => {
    const large = { ...facts, bytes: 1_000_001 }
    expect(planCompaction(large, { ...keep, keepRevisions: 5000 })).toBe(550)
    expect(planCompaction(large, { ...keep, keepRevisions: 5000, leastRevisions: 800 })).toBe(200)
    expect(planCompaction(large, { ...keep, keepRevisions: 5000, leastRevisions: 5000 })).toBe(100)
  })

  it('runs by the clock while commits go on', async () => {
    let now = 0
    const timers: Array<() => void> = []
    const clock: Clock = { now: () => now, after: (_ms, fn) => (timers.push(fn), () => undefined) }
    const store = await opened({ clock, retention: { keepMs: 1000, keepRevisions: 100, leastRevisions: 10 } })
    await Promise.all(Array.from({ length: 1500 }, (_, i) => put(store, `/a/${i % 7}`, i)))
    now = 10_000
    const commits = Promise.all(Array.from({ length: 200 }, (_, i) => put(store, '/b/1', i)))
    await commits
    timers.splice(0).forEach((fire) => fire())
    await vi.waitFor(() => expect(store.compactedRevision).toBe(1500), { timeout: 5000 })
    expect(store.list('/a/').items).toHaveLength(7)
    await expect(store.listAt('/a/', revision(1499))).rejects.toThrow(Compacted)
    expect((await store.listAt('/a/', revision(1500))).items).toHaveLength(7)
    expect(timers).toHaveLength(1)
  })
})
