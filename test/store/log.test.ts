import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../../src-main/store/batch.ts'
import { State } from '../../src-main/store/state.ts'
import { TooLarge, type StoredObject, type WriteTx } from '../../src-main/store/store.ts'
import { contents, opened, put, remove, revision, temporaryFile, thing, valueOf } from './fixture.ts'

describe('a commit', () => {
  it("stamps a copy with its revision, in the object and in the bytes, and leaves the caller's object alone", async () => {
    const store = await opened()
    const mine = thing('a')
    const stored = await store.commit((tx) => tx.put('/pods/default/web', mine))
    expect(stored.revision).toBe(1)
    expect(stored.object).toEqual({ metadata: { resourceVersion: '1' }, value: 'a' })
    expect(JSON.parse(stored.bytes.toString())).toEqual(stored.object)
    expect(mine).toEqual({ metadata: {}, value: 'a' })
    expect(store.get('/pods/default/web')).toBe(stored)
    expect(store.revision).toBe(1)
  })

  it('shows its writes to the others of its batch, and to nobody else before they are durable', async () => {
    const store = await opened()
    const first = put(store, '/a/1', 'one')
    const second = store.commit((tx) => ({
      seen: valueOf(tx.get('/a/1')),
      list: contents(tx.list('/a/')),
      outside: store.get('/a/1'),
    }))
    expect(await second).toEqual({ seen: 'one', list: [['/a/1', 'one']], outside: undefined })
    expect((await first).revision).toBe(1)
  })

  it('that throws drops its own writes only, and its revisions are given to the next', async () => {
    const store = await opened()
    await put(store, '/a/kept', 'old')
    const outcomes = await Promise.allSettled([
      put(store, '/a/1', 1),
      store.commit((tx) => {
        tx.put('/a/1', thing('wrong'))
        tx.put('/a/2', thing('wrong'))
        tx.delete('/a/kept')
        tx.put('/a/kept', thing('wrong'))
        throw new Error('conflict')
      }),
      store.commit((tx) => [tx.get('/a/1'), tx.get('/a/2'), tx.get('/a/kept')].map(valueOf)),
      put(store, '/a/3', 3),
    ])
    expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { message: 'conflict' } })
    expect(outcomes[2]).toMatchObject({ status: 'fulfilled', value: [1, undefined, 'old'] })
    expect(outcomes[3]).toMatchObject({ status: 'fulfilled', value: { revision: 3 } })
    expect(contents(store.list('/a/').items)).toEqual([
      ['/a/1', 1],
      ['/a/3', 3],
      ['/a/kept', 'old'],
    ])
  })

  it('refuses an object over 1.5 MiB, and goes on', async () => {
    const store = await opened()
    await expect(put(store, '/a/big', 'x'.repeat(1.5 * 1024 * 1024))).rejects.toThrow(TooLarge)
    expect((await put(store, '/a/fits', 'x'.repeat(1.4 * 1024 * 1024))).revision).toBe(1)
    expect(store.get('/a/big')).toBeUndefined()
  })

  it('refuses an asynchronous function and a transaction used after its end', async () => {
    const store = await opened()
    const asynchronous = store.commit(async (tx) => void tx.put('/a/1', thing(1)))
    await expect(asynchronous).rejects.toThrow('must be synchronous')
    let leaked: WriteTx | undefined
    await store.commit((tx) => void (leaked = tx))
    expect(() => leaked?.put('/a/1', thing(1))).toThrow('has ended')
    expect(store.revision).toBe(0)
  })

  it('that deletes leaves the last state stamped with the deletion, and tells when there was nothing', async () => {
    const store = await opened()
    await put(store, '/a/1', 'last')
    const gone = await remove(store, '/a/1')
    expect(gone).toMatchObject({ revision: 2, object: { metadata: { resourceVersion: '2' }, value: 'last' } })
    expect(await remove(store, '/a/1')).toBeUndefined()
    expect(store.get('/a/1')).toBeUndefined()
    expect(store.revision).toBe(2)
  })

  it('is refused after close, which waits for those before it', async () => {
    const file = temporaryFile()
    const store = await opened({ file })
    const pending = put(store, '/a/1', 'in time')
    const closed = store.close()
    await expect(put(store, '/a/2')).rejects.toThrow('closed')
    expect((await pending).revision).toBe(1)
    await closed
    expect(contents((await opened({ file })).list('/').items)).toEqual([['/a/1', 'in time']])
  })

  it('tells the listeners the newest revision once per batch, after the state shows it', async () => {
    const store = await opened()
    const told: unknown[] = []
    const listener = store.onCommit((number) => told.push([number, store.list('/a/').items.length]))
    await Promise.all([put(store, '/a/1'), put(store, '/a/2')])
    listener.close()
    await put(store, '/a/3')
    expect(told).toEqual([[2, 2]])
  })
})

describe('a list', () => {
  it('has exactly the keys with the prefix, in key order, whatever was put and deleted, also inside a transaction', () => {
    const segment = fc.constantFrom('a', 'a-b', 'a0', 'b', 'pods', 'po')
    const key = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
    const operation = fc.record({ key, put: fc.boolean() })
    const prefix = fc.oneof(
      key,
      key.map((k) => `${k}/`),
      fc.constantFrom('/', '', '/p', '/none/'),
    )
    fc.assert(
      fc.property(fc.array(fc.array(operation, { maxLength: 12 }), { maxLength: 6 }), prefix, (batches, wanted) => {
        const state = new State()
        const model = new Map<string, number>()
        const expected = () => [...model].filter(([k]) => k.startsWith(wanted)).sort(([a], [b]) => (a < b ? -1 : 1))
        for (const [i, operations] of batches.entries()) {
          const batch = new Batch(state, revision(i * 100))
          const outcome = batch.run((tx) => {
            for (const step of operations) {
              if (step.put) tx.put(step.key, thing(i))
              else tx.delete(step.key)
              if (step.put) model.set(step.key, i)
              else model.delete(step.key)
              expect(contents(tx.list(wanted))).toEqual(expected())
            }
          })
          if (!outcome.ok) throw outcome.error
          for (const change of batch.changes) state.apply(change)
          expect(contents(state.list(wanted))).toEqual(expected())
        }
      }),
      { numRuns: 300 },
    )
  })

  it('stays as it was while the state moves on', async () => {
    const store = await opened()
    await put(store, '/a/1', 'old')
    const before = store.list('/a/')
    await put(store, '/a/1', 'new')
    await put(store, '/a/0', 'more')
    expect(before.revision).toBe(1)
    expect(contents(before.items)).toEqual([['/a/1', 'old']])
  })
})

describe('a restart', () => {
  it('finds integers that no number holds', async () => {
    const file = temporaryFile()
    const first = await opened({ file })
    const values = [2n ** 63n - 1n, 2n ** 53n + 1n, -(2n ** 63n)]
    await put(first, '/a/1', values)
    await first.close()
    expect(contents((await opened({ file })).list('/a/').items)).toEqual([['/a/1', values]])
  })

  it('finds the state, the revision and the history', async () => {
    const file = temporaryFile()
    const first = await opened({ file })
    await put(first, '/a/1', 'one')
    await put(first, '/a/2', 'zwei \u{1F600}')
    await put(first, '/a/1', 'changed')
    await remove(first, '/a/2')
    await first.close()
    const second = await opened({ file })
    expect(second.revision).toBe(4)
    expect(contents(second.list('/').items)).toEqual([['/a/1', 'changed']])
    const item = second.get('/a/1') as StoredObject
    expect(item.object.metadata.resourceVersion).toBe('3')
    expect({ ...item }.object).toBe(item.object)
    expect(contents((await second.listAt('/a/', second.revision)).items)).toEqual([['/a/1', 'changed']])
    expect((await put(second, '/a/3')).revision).toBe(5)
  })
})
