import { type JsonObject, ownValue } from '../json.ts'
import { isLong, through } from '../json-steps.ts'
import type { Steps } from '../turns.ts'
import { LazyMap } from './values.ts'

/** Of an object with more names than this, only what is asked for is looked at. */
const long = 1000

/** A JSON value as an expression sees it when no schema says more: whole numbers are ints. */
export function fromJson(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value)
    if (names.length > long) return new LongMap(value as JsonObject, names)
    const map = new Map<string, unknown>()
    for (const name of names) {
      const each = (value as JsonObject)[name]
      if (each !== undefined) map.set(name, fromJson(each))
    }
    return map
  }
  return value ?? null
}

/** The same of a value that may be long. */
export function* fromJsonInSteps(value: unknown): Steps<unknown> {
  if (!isLong(value)) return fromJson(value)
  if (Array.isArray(value)) {
    const list: unknown[] = []
    yield* through(value.keys(), (i) => value[i] as unknown, (_, item) => list.push(fromJson(item)) > 0, function* (_, item) {
      return list.push(yield* fromJsonInSteps(item)) > 0
    })
    return list
  }
  const names = Object.keys(value)
  yield
  const known = new Map<string, unknown>()
  const isShort = names.length <= long
  const keep = (name: string, each: unknown): true => {
    if (isShort && each !== undefined) known.set(name, fromJson(each))
    return true
  }
  yield* through(names, (name) => (value as JsonObject)[name], keep, function* (name, each) {
    known.set(name, yield* fromJsonInSteps(each))
    return true
  })
  return isShort ? known : new LongMap(value as JsonObject, names, known)
}

class LongMap extends LazyMap {
  readonly #of: JsonObject
  readonly #all: readonly string[]
  #there: readonly string[] | undefined
  readonly #known: Map<string, unknown>

  /** `known`: what of it is at hand. */
  constructor(of: JsonObject, names: readonly string[], known = new Map<string, unknown>()) {
    super()
    this.#known = known
    this.#of = of
    this.#all = names
  }

  get #names(): readonly string[] {
    return (this.#there ??= this.#all.filter((name) => this.#of[name] !== undefined))
  }

  get size(): number {
    return this.#names.length
  }

  keys(): Iterable<string> {
    return this.#names
  }

  get(key: unknown): unknown {
    if (typeof key !== 'string') return undefined
    if (this.#known.has(key)) return this.#known.get(key)
    const value = ownValue(this.#of, key)
    if (value === undefined) return undefined
    const seen = fromJson(value)
    this.#known.set(key, seen)
    return seen
  }
}
