import { type JsonObject, ownValue } from '../json.ts'
import { LazyMap } from './values.ts'

/** Of an object with more names than this, only what is asked for is looked at. */
const long = 1000

/** A JSON value as an expression sees it when no schema says more: whole numbers are ints. */
export function fromJson(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value === 'object' && value !== null) {
    const names = Object.keys(value).filter((name) => (value as JsonObject)[name] !== undefined)
    return names.length > long ? new LongMap(value as JsonObject, names) : new Map(names.map((name) => [name, fromJson((value as JsonObject)[name])]))
  }
  return value ?? null
}

class LongMap extends LazyMap {
  readonly #of: JsonObject
  readonly #names: readonly string[]
  readonly #known = new Map<string, unknown>()

  constructor(of: JsonObject, names: readonly string[]) {
    super()
    this.#of = of
    this.#names = names
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
