import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../../src-main/store/batch.ts'
import { State } from '../../src-main/store/state.ts'
import type { Revision } from '../../src-main/store/store.ts'

const keys = fc.constantFrom('/a/x/1', '/a/x/2', '/a/x/3', '/a/x-y/1', '/a/y/1', '/b/x/1')
const steps = fc.array(fc.record({ key: keys, deletes: fc.boolean() }), { maxLength: 12 })

describe('a list inside a transaction', () => {
  it('shows what was there and what the batch wrote so far, in key order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(keys), steps, fc.constantFrom('/a/x/', '/a/', '/a/x/2', '/b/'), (before, writes, prefix) => {
        const state = new State()
        const setUp = new Batch(state, 0 as Revision)
        setUp.run((tx) => before.forEach((key) => tx.put(key, { metadata: {} })))
        for (const change of setUp.changes) state.apply(change)
        const batch = new Batch(state, before.length as Revision)
        const model = new Set(before)
        const outcome = batch.run((tx) => {
          for (const { key, deletes } of writes) {
            if (deletes) tx.delete(key)
            else tx.put(key, { metadata: {} })
            if (deletes) model.delete(key)
            else model.add(key)
          }
          return tx.list(prefix).map((item) => item.key)
        })
        expect(outcome).toEqual({ ok: true, value: [...model].filter((key) => key.startsWith(prefix)).toSorted() })
      }),
    )
  })
})
