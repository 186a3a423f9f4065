import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyJson, equalJson } from '../../src-main/base/json.ts'
import { copyInSteps, equalInSteps, holds, isEmpty, isLong, jsonInSteps, sharing, sortInSteps } from '../../src-main/base/json-steps.ts'
import { atOnce, type Steps } from '../../src-main/base/turns.ts'

const long = { list: Array.from({ length: 9000 }, (_, n) => ({ n, deep: [n] })), map: Object.fromEntries(Array.from({ length: 9000 }, (_, n) => [`k${n}`, n % 2 ? `v${n}` : 12345678901234567890n])) }

describe('what is done with long values in steps', () => {
  it('comes to the same as at once', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (one, other) => {
      const [a, b] = [{ ...long, one }, { one: other, ...copyJson(long) }]
      expect(atOnce(jsonInSteps(a))).toBe(JSON.stringify(a))
      expect(atOnce(copyInSteps(a))).toEqual(a)
      expect(atOnce(equalInSteps(a, b))).toBe(equalJson(a, b))
      expect(atOnce(equalInSteps(b, a))).toBe(equalJson(b, a))
      expect(JSON.stringify(atOnce(sharing(a, b)))).toBe(JSON.stringify(a))
    }), { numRuns: 8 })
  }, 30_000)

  it('leaves out what JSON leaves out, and knows what is missing', () => {
    const value = { ...long, none: undefined, list: [...long.list, undefined] }
    expect(atOnce(jsonInSteps(value))).toBe(JSON.stringify(value))
    expect(atOnce(equalInSteps(value, { ...value, more: 1 }))).toBe(false)
    expect(atOnce(equalInSteps({ ...value, more: undefined }, value))).toBe(true)
    expect(atOnce(equalInSteps(value.list, [...value.list, 1]))).toBe(false)
  })

  it('shares what two objects have in common', () => {
    const next = { ...copyJson(long), other: 1 }
    const shared = atOnce(sharing(next, long as typeof next))
    expect(shared.list).toBe(long.list)
    expect(shared.map).toBe(long.map)
    expect(shared.other).toBe(1)
  })

  it('takes several steps', () => {
    const count = (steps: Steps<unknown>): number => {
      let taken = 0
      while (!steps.next().done) taken++
      return taken
    }
    for (const steps of [jsonInSteps(long), copyInSteps(long), equalInSteps(long, copyJson(long))]) expect(count(steps)).toBeGreaterThan(3)
    expect(count(jsonInSteps({ a: 1 }))).toBe(0)
  })

  it('counts and sorts', () => {
    expect([1, 20_000, 60_000].map((many) => atOnce(holds(long, many)))).toEqual([true, true, false])
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 9000, maxLength: 20_000 }), (list) => {
      const items = list.map((rank, at) => ({ rank, at }))
      const compare = (a: { rank: number }, b: { rank: number }): number => a.rank - b.rank
      expect(atOnce(sortInSteps(items, compare))).toEqual(items.toSorted(compare))
    }), { numRuns: 5 })
  }, 30_000)

  it('is told of an object that became short, or empty', () => {
    const map = copyJson(long.map)
    expect([isLong(map), isEmpty(map)]).toEqual([true, false])
    for (const key of Object.keys(map).slice(0, -1)) delete map[key]
    expect([isLong(map), isEmpty(map)]).toEqual([false, false])
    delete map[Object.keys(map)[0]!]
    expect(isEmpty(map)).toBe(true)
  })
})
