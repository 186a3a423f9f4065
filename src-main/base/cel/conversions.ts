import { call, type Library } from './declarations.ts'
import { writeDouble } from './number-text.ts'
import { intOverflow, uintOverflow } from './operators.ts'
import { inInt64, parseDuration, parseTimestamp, timestampOf, writeDuration, writeTimestamp } from './times.ts'
import * as t from './types.ts'
import type { Type } from './types.ts'
import { type Duration, Failure, type Timestamp, typeOf, TypeValue, Uint } from './values.ts'

const { bool, bytes, double, duration, int, string, timestamp, uint } = t
const a = t.param('A')

const unfit = (from: Type, to: Type): Failure => new Failure(`type conversion error from '${from.name}' to '${to.name}'`)
const int64 = 2 ** 63

function textToWhole(text: string, least: bigint, most: bigint): bigint | undefined {
  if (!/^[+-]?\d+$/.test(text) || text.length > 100) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  return value < least || value > most ? undefined : value
}

function textToDouble(text: string): number | Failure {
  const special = /^([+-]?)(inf|infinity)$/i.exec(text)
  if (special) return special[1] === '-' ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return NaN
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
  return Number.isFinite(value) ? value : unfit(string, double)
}

const truths: Readonly<Record<string, boolean>> = { 1: true, t: true, T: true, TRUE: true, true: true, True: true, 0: false, f: false, F: false, FALSE: false, false: false, False: false }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(value: Uint8Array): string | Failure {
  try {
    return utf8.decode(value)
  } catch {
    return new Failure('invalid UTF-8 in bytes, cannot convert to string')
  }
}

const same = (value: unknown): unknown => value
const doubleToInt = (value: number): bigint | Failure => (Number.isNaN(value) || value <= -int64 || value >= int64 ? intOverflow : BigInt(Math.trunc(value)))
const doubleToUint = (value: number): Uint | Failure => (Number.isNaN(value) || value < 0 || value >= 2 * int64 ? uintOverflow : new Uint(BigInt(Math.trunc(value))))
const secondsOf = ({ nanos }: Timestamp): bigint => (nanos - (((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n

const from = <T>(type: Type, to: Type, run: (value: T) => unknown) => call([type], to, run as (...values: never[]) => unknown)

/** Functions named as the types that they make. */
export const conversionLibrary: Library = {
  functions: {
    type: [call([a], t.typeOfType(a), (value: unknown) => new TypeValue(typeOf(value).name))],
    dyn: [call([a], t.dyn, same)],
    bool: [
      from(bool, bool, same),
      from(string, bool, (text: string) => (Object.hasOwn(truths, text) ? truths[text] : unfit(string, bool))),
    ],
    bytes: [from(bytes, bytes, same), from(string, bytes, (text: string) => Uint8Array.from(Buffer.from(text)))],
    double: [from(double, double, same), from(int, double, Number), from(string, double, textToDouble), from(uint, double, ({ value }: Uint) => Number(value))],
    duration: [from(duration, duration, same), from(string, duration, (text: string) => parseDuration(text) ?? unfit(string, duration))],
    int: [
      from(int, int, same), from(double, int, doubleToInt), from(duration, int, ({ nanos }: Duration) => nanos),
      from(string, int, (text: string) => textToWhole(text, -(2n ** 63n), 2n ** 63n - 1n) ?? unfit(string, int)),
      from(timestamp, int, secondsOf), from(uint, int, ({ value }: Uint) => (inInt64(value) ? value : intOverflow)),
    ],
    string: [
      from(string, string, same), from(bool, string, String), from(bytes, string, textOf), from(double, string, writeDouble), from(duration, string, writeDuration),
      from(int, string, String), from(timestamp, string, writeTimestamp), from(uint, string, ({ value }: Uint) => String(value)),
    ],
    timestamp: [from(timestamp, timestamp, same), from(int, timestamp, (seconds: bigint) => timestampOf(seconds * 1_000_000_000n)), from(string, timestamp, parseTimestamp)],
    uint: [
      from(uint, uint, same), from(double, uint, doubleToUint), from(int, uint, (value: bigint) => (value < 0n ? uintOverflow : new Uint(value))),
      from(string, uint, (text: string) => {
        const value = /^\d/.test(text) ? textToWhole(text, 0n, 2n ** 64n - 1n) : undefined
        return value === undefined ? unfit(string, uint) : new Uint(value)
      }),
    ],
  },
}
