import { inInt64, timestampOf } from './times.ts'
import { Duration, Failure, noOverload, OwnList, Timestamp, Uint } from './values.ts'

export const intOverflow = new Failure('integer overflow')
export const uintOverflow = new Failure('unsigned integer overflow')
const divideByZero = new Failure('division by zero')
const modulusByZero = new Failure('modulus by zero')

const int = (value: bigint): bigint | Failure => (inInt64(value) ? value : intOverflow)
const uint = (value: bigint): Uint | Failure => (value >= 0n && value < 2n ** 64n ? new Uint(value) : uintOverflow)
const durationOf = (nanos: bigint): Duration | Failure => (inInt64(nanos) ? new Duration(nanos) : intOverflow)

export function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a + b) : noOverload
  if (typeof a === 'string') return typeof b === 'string' ? a + b : noOverload
  if (typeof a === 'number') return typeof b === 'number' ? a + b : noOverload
  if (a instanceof Uint) return b instanceof Uint ? uint(a.value + b.value) : noOverload
  if (Array.isArray(a)) return Array.isArray(b) ? (a instanceof OwnList ? a.plus(b) : [...(a as unknown[]), ...(b as unknown[])]) : noOverload
  if (a instanceof Uint8Array) return b instanceof Uint8Array ? Uint8Array.from(Buffer.concat([a, b])) : noOverload
  if (a instanceof Duration) {
    if (b instanceof Duration) return durationOf(a.nanos + b.nanos)
    return b instanceof Timestamp ? timestampOf(a.nanos + b.nanos, b.zoneMinutes) : noOverload
  }
  if (!(a instanceof Timestamp)) return undefined
  return b instanceof Duration ? timestampOf(a.nanos + b.nanos, a.zoneMinutes) : noOverload
}

export function subtract(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a - b) : noOverload
  if (typeof a === 'number') return typeof b === 'number' ? a - b : noOverload
  if (a instanceof Uint) return b instanceof Uint ? uint(a.value - b.value) : noOverload
  if (a instanceof Duration) return b instanceof Duration ? durationOf(a.nanos - b.nanos) : noOverload
  if (!(a instanceof Timestamp)) return undefined
  if (b instanceof Duration) return inInt64(-b.nanos) ? timestampOf(a.nanos - b.nanos, a.zoneMinutes) : intOverflow
  return b instanceof Timestamp ? durationOf(a.nanos - b.nanos) : noOverload
}

export function multiply(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? int(a * b) : noOverload
  if (typeof a === 'number') return typeof b === 'number' ? a * b : noOverload
  if (a instanceof Uint) return b instanceof Uint ? uint(a.value * b.value) : noOverload
  return undefined
}

export function divide(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? (b === 0n ? divideByZero : int(a / b)) : noOverload
  if (typeof a === 'number') return typeof b === 'number' ? a / b : noOverload
  if (a instanceof Uint) return b instanceof Uint ? (b.value === 0n ? divideByZero : new Uint(a.value / b.value)) : noOverload
  return undefined
}

export function remainder(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint') return typeof b === 'bigint' ? (b === 0n ? modulusByZero : b === -1n && !inInt64(-a) ? intOverflow : a % b) : noOverload
  if (a instanceof Uint) return b instanceof Uint ? (b.value === 0n ? modulusByZero : new Uint(a.value % b.value)) : noOverload
  return undefined
}

export function negate(a: unknown): unknown {
  if (typeof a === 'bigint') return int(-a)
  if (typeof a === 'number') return -a
  return a instanceof Duration ? durationOf(-a.nanos) : undefined
}

