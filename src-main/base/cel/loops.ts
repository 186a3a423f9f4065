import { Later } from './frame.ts'
import type { Step } from './planner.ts'
import { type AnyMap, Failure, find, isMap, typeOf } from './values.ts'

interface Loop {
  readonly range: Step
  readonly begin: Step
  readonly condition: Step
  readonly step: Step
  readonly end: Step
  /** Where its variables are kept. */
  readonly result: number
  readonly first: number
  readonly second: number | undefined
}

/** What macros grow must be theirs. */
const own = (value: unknown): unknown => (Array.isArray(value) && value.length === 0 ? [] : value instanceof Map && value.size === 0 ? new Map() : value)

/** Goes through a list or a map. */
export const loop = ({ range, begin, condition, step, end, result, first, second }: Loop): Step => (frame) => {
  const over = range(frame)
  if (over instanceof Failure) return over
  const pairs = second === undefined ? singles(over) : pairsOf(over)
  if (pairs instanceof Failure) return pairs
  frame.set(result, new Later(() => own(begin(frame))))
  for (const [key, value] of pairs) {
    frame.set(first, key)
    if (second !== undefined) frame.set(second, value)
    if (condition(frame) === false) break
    frame.set(result, step(frame))
  }
  return end(frame)
}

type Pairs = Iterable<readonly [unknown, unknown]>

function* keysOf(over: Iterable<unknown>): Generator<readonly [unknown, unknown]> {
  for (const each of over) yield [each, undefined]
}

function* entriesOf(map: AnyMap): Generator<readonly [unknown, unknown]> {
  for (const key of map.keys()) yield [key, find(map, key)]
}

function* itemsOf(list: readonly unknown[]): Generator<readonly [unknown, unknown]> {
  for (let i = 0; i < list.length; i++) yield [BigInt(i), list[i]]
}

/** The word that Go has for a type of values. */
const goType = (value: unknown): string => {
  const { name } = typeOf(value)
  return `types.${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

function singles(over: unknown): Pairs | Failure {
  if (Array.isArray(over)) return keysOf(over)
  return isMap(over) ? keysOf(over.keys()) : new Failure(`got '${goType(over)}', expected iterable type`)
}

function pairsOf(over: unknown): Pairs | Failure {
  if (Array.isArray(over)) return itemsOf(over)
  return isMap(over) ? entriesOf(over) : new Failure(`unsupported comprehension range type: ${goType(over)}`)
}
