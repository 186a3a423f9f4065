import { goText } from './value-text.ts'
import { Failure, find, isMap, LazyMap, noOverload, Optional, typeOf, Uint } from './values.ts'

const isNumber = (key: unknown): key is bigint | number | Uint => typeof key === 'bigint' || typeof key === 'number' || key instanceof Uint

function indexOf(key: unknown): number | Failure {
  if (!isNumber(key)) return new Failure(`unsupported index type '${typeOf(key).name}' in list`)
  const index = key instanceof Uint ? Number(key.value) : Number(key)
  return Number.isInteger(index) ? index : new Failure(`unsupported index value ${goText(key)} in list`)
}

/** What stands under a key or at an index; undefined for nothing. A failure when that cannot be asked. */
export function lookUp(value: unknown, key: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    if (isMap(value)) return value instanceof LazyMap && typeof key !== 'string' ? noOverload : find(value, key)
    if (Array.isArray(value)) {
      const index = indexOf(key)
      return index instanceof Failure ? index : (value[index] as unknown)
    }
  }
  return undefined
}

/** What is said of a key or an index that is not there. */
const missing = (value: unknown, key: unknown): Failure => new Failure(`${Array.isArray(value) ? 'index out of bounds' : 'no such key'}: ${goText(key)}`)

/** A step from a value to what it holds. */
export interface Qualifier<Frame> {
  /** The key; a failure when it could not be found out. */
  key(frame: Frame): unknown
  /** Makes an optional. */
  readonly optional: boolean
  /** Asks only whether it is there. */
  readonly presence: boolean
}

/** What each step costs. */
const stepCost = 1

/** Goes from a value step by step. What an optional holds is optional itself. */
export function qualified<Frame extends { charge(cost: number): void }>(frame: Frame, from: unknown, qualifiers: ReadonlyArray<Qualifier<Frame>>): unknown {
  let isOptional = from instanceof Optional
  if (isOptional && (from as Optional).value === undefined) return from
  let value = isOptional ? (from as Optional).value : from
  for (const { key, optional, presence } of qualifiers) {
    isOptional ||= optional
    const name = key(frame)
    if (name instanceof Failure) return name
    const found = lookUp(value, name)
    // one that is not there costs nothing to look for, if it need not be
    if (!isOptional || presence || found !== undefined) frame.charge(stepCost)
    if (found instanceof Failure) return found
    if (isOptional && found === undefined) return new Optional(undefined)
    if (!isOptional && !presence && found === undefined) return missing(value, name)
    value = presence && !isOptional ? found !== undefined : found
  }
  return isOptional ? new Optional(value) : value
}
