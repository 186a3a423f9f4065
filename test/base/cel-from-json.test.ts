import { expect, it } from 'vitest'
import { fromJson, fromJsonInSteps } from '../../src-main/base/cel/from-json.ts'
import { LazyMap } from '../../src-main/base/cel/values.ts'
import { counted } from '../fixtures/counted-steps.ts'

const many = <T>(count: number, each: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => each(n))

/** As plain maps, whatever looks at them lazily. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof LazyMap) return new Map([...value.keys()].map((key) => [key, plain(value.get(key))]))
  return value instanceof Map ? new Map([...(value as Map<string, unknown>)].map(([key, each]) => [key, plain(each)])) : value
}

it('a long value is shown to expressions in steps as a short one is at once', () => {
  const value = {
    list: many(20_000, (n) => ({ a: n, b: [n / 2, null, undefined] })), map: Object.fromEntries(many(9000, (n) => [`k${n}`, n === 5 ? many(9000, (i) => i) : 'x'])), none: undefined, nothing: null, short: { a: 1 },
  }
  const { value: seen, count } = counted(fromJsonInSteps(value))
  expect(plain(seen)).toEqual(plain(fromJson(value)))
  expect(count).toBeGreaterThan(10)
})
