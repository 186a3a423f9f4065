import * as types from './types.ts'
import type { Type } from './types.ts'

/*
 * Values in the run: null, booleans, bigints (int), numbers (double), strings, Uint8Arrays (bytes), arrays, and instances of Map
 * and of the classes here. What went wrong is a value too, since another operand may decide.
 */

/** What went wrong; the message is cel-go's. */
export class Failure {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

export const noOverload = new Failure('no such overload')
/** Of numbers of which one is none. */
export const unordered = new Failure('NaN values cannot be ordered')

export class Uint {
  readonly value: bigint

  constructor(value: bigint) {
    this.value = value
  }
}

export class Duration {
  readonly nanos: bigint

  constructor(nanos: bigint) {
    this.nanos = nanos
  }
}

export class Timestamp {
  /** Since 1970. */
  readonly nanos: bigint
  /** How far the zone is ahead in which it was said; it is written in that. */
  readonly zoneMinutes: number

  constructor(nanos: bigint, zoneMinutes = 0) {
    this.nanos = nanos
    this.zoneMinutes = zoneMinutes
  }
}

export class Optional {
  /** Undefined for none. */
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

export const none = new Optional(undefined)
export const optionalOf = (value: unknown): Optional => (value === undefined ? none : new Optional(value))

/** The name of a type, as a value. */
export class TypeValue {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** A map that an expression says itself. */
export class MadeMap<K, V> extends Map<K, V> {}

/** A map or an object that finds what is under a name when it is asked. */
export abstract class LazyMap {
  /** Of an object that expressions make. */
  readonly type?: Type
  /** Undefined for what it has not. */
  abstract get(key: unknown): unknown
  abstract keys(): Iterable<unknown>
  abstract readonly size: number
  /** Whether it is the same as another, where that takes more than to look at the entries. */
  equals?(other: AnyMap): boolean
}

/** A list that has a say in what it is when another is added, and in which is the same. */
export abstract class OwnList extends Array<unknown> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  abstract plus(other: readonly unknown[]): unknown
  abstract equals(other: readonly unknown[]): boolean
}

/** A value of which only functions know more. */
export abstract class OpaqueValue {
  abstract readonly type: Type
  /** How much there is of it, where that is said. */
  get size(): number | undefined {
    return undefined
  }
  /** Values of one type with the same are the same. */
  abstract readonly key: string
}

/** More characters than any text may have that an expression makes. */
const longestText = 2_000_000

/** An expression makes more than anybody could use. */
export class TooMuch extends Error {}

/** @throws TooMuch */
export function checkLength(length: number): void {
  if (length > longestText) throw new TooMuch(`a text of ${length} characters`)
}

export type AnyMap = ReadonlyMap<unknown, unknown> | LazyMap

export const isMap = (value: unknown): value is AnyMap => value instanceof Map || value instanceof LazyMap

export function typeOf(value: unknown): Type {
  switch (typeof value) {
    case 'string':
      return types.string
    case 'bigint':
      return types.int
    case 'number':
      return types.double
    case 'boolean':
      return types.bool
    default:
      return typeOfObject(value as object | null)
  }
}

const anyList = types.list(types.dyn)
const anyMap = types.map(types.dyn, types.dyn)
const anyOptional = types.optional(types.dyn)

function typeOfObject(value: object | null): Type {
  if (value === null) return types.nullType
  if (Array.isArray(value)) return anyList
  if (isMap(value)) return value instanceof LazyMap ? (value.type ?? anyMap) : anyMap
  if (value instanceof OpaqueValue) return value.type
  if (value instanceof Uint8Array) return types.bytes
  if (value instanceof Timestamp) return types.timestamp
  if (value instanceof Duration) return types.duration
  if (value instanceof Optional) return anyOptional
  if (value instanceof Uint) return types.uint
  if (value instanceof TypeValue) return types.type
  throw new Error(`${value.constructor.name} is no value of an expression`)
}

/** What a map has under a key; whole numbers are the same whatever their type. Undefined for nothing. */
export function find(map: AnyMap, key: unknown): unknown {
  const found = map.get(key)
  if (found !== undefined || map instanceof LazyMap || map.size === 0) return found
  const whole = wholeOf(key)
  if (whole === undefined) return undefined
  for (const [each, value] of map) if (wholeOf(each) === whole) return value
  return undefined
}

function wholeOf(key: unknown): bigint | undefined {
  if (key instanceof Uint) return key.value
  if (typeof key === 'bigint') return key
  return typeof key === 'number' && Number.isInteger(key) ? BigInt(key) : undefined
}

const numberOf = (value: unknown): bigint | number | undefined => (typeof value === 'bigint' || typeof value === 'number' ? value : value instanceof Uint ? value.value : undefined)

/** Whether two values are the same, whatever their types. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  const [first, second] = [numberOf(a), numberOf(b)]
  // the language compares numbers of both sorts by value
  if (first !== undefined || second !== undefined) return first !== undefined && second !== undefined && first == second
  return typeof a === 'object' && typeof b === 'object' && areEqual(a, b)
}

function areEqual(a: object, b: object): boolean {
  if (Array.isArray(a)) return Array.isArray(b) && areListsEqual(a, b)
  if (isMap(a)) return isMap(b) && areMapsEqual(a, b)
  if (a instanceof OpaqueValue) return b instanceof OpaqueValue && a.type.name === b.type.name && a.key === b.key
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos
  if (a instanceof Duration) return b instanceof Duration && a.nanos === b.nanos
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name
  if (!(a instanceof Optional) || !(b instanceof Optional)) return false
  return a.value === undefined || b.value === undefined ? a.value === b.value : isEqual(a.value, b.value)
}

function areListsEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a instanceof OwnList) return a.equals(b)
  return a.length === b.length && a.every((each, i) => isEqual(each, b[i]))
}

function areMapsEqual(a: AnyMap, b: AnyMap): boolean {
  if (a instanceof LazyMap && a.equals) return a.equals(b)
  if (a.size !== b.size) return false
  for (const key of a.keys()) {
    const other = find(b, key)
    const own = find(a, key)
    if (other === undefined ? own !== undefined : !isEqual(own, other)) return false
  }
  return true
}

/** Which comes first: negative, zero or positive. */
export function compare(a: unknown, b: unknown): number | Failure {
  const [first, second] = [numberOf(a), numberOf(b)]
  if (first !== undefined && second !== undefined) {
    if (Number.isNaN(first) || Number.isNaN(second)) return unordered
    return first < second ? -1 : first > second ? 1 : 0
  }
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 0 : compareTexts(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b)
  const isTime = (a instanceof Timestamp && b instanceof Timestamp) || (a instanceof Duration && b instanceof Duration)
  if (!isTime) return noOverload
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0
}

const surrogate = /[\ud800-\udfff]/

/** By code points, which is by bytes. */
function compareTexts(a: string, b: string): number {
  if (surrogate.test(a) || surrogate.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : 1
}

/** The code points of a text. */
export const characters = (text: string): readonly string[] => (surrogate.test(text) ? [...text] : text.split(''))

export const lengthOf = (text: string): number => (surrogate.test(text) ? [...text].length : text.length)

/** Characters, bytes, items or entries; undefined for what has no size. */
export function sizeOf(value: unknown): number | undefined {
  if (typeof value === 'string') return lengthOf(value)
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length
  return isMap(value) || value instanceof OpaqueValue ? value.size : undefined
}

/** The zero of times is where year 1 begins. */
const firstTime = -62_135_596_800_000_000_000n

/** Whether a value has no more than the zero of its type. */
export function isZero(value: unknown): boolean {
  if (value === null || value === false || value === 0 || value === 0n) return true
  if (value instanceof Uint) return value.value === 0n
  if (value instanceof Duration) return value.nanos === 0n
  if (value instanceof Timestamp) return value.nanos === firstTime
  if (value instanceof Optional) return value.value === undefined
  return sizeOf(value) === 0
}

/** A text that is the same for values that are the same. */
export function keyOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  const number = numberOf(value)
  if (number !== undefined) return typeof number === 'number' && Number.isInteger(number) ? String(BigInt(number)) : String(number)
  if (Array.isArray(value)) return `[${value.map(keyOf).join()}]`
  if (isMap(value)) return `{${[...value.keys()].map((key) => `${keyOf(key)}:${keyOf(find(value, key))}`).sort().join()}}`
  if (value instanceof OpaqueValue) return `${value.type.name} ${value.key}`
  if (value instanceof Timestamp || value instanceof Duration) return `${value.constructor.name} ${value.nanos}`
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('hex')}`
  if (value instanceof TypeValue) return `type ${value.name}`
  return value instanceof Optional ? `optional ${value.value === undefined ? '' : keyOf(value.value)}` : String(value as boolean | null)
}
