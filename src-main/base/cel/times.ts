import { goQuoted } from '../go-text.ts'
import { plainNumber } from './number-text.ts'
import { Duration, Failure, Timestamp } from './values.ts'

const nanosPer: Readonly<Record<string, bigint>> = { ns: 1n, us: 1_000n, 'µs': 1_000n, 'μs': 1_000n, ms: 1_000_000n, s: 1_000_000_000n, m: 60_000_000_000n, h: 3_600_000_000_000n }
const second = 1_000_000_000n
const int64 = 2n ** 63n

export const inInt64 = (value: bigint): boolean => value < int64 && value >= -int64

/** As Go's time.ParseDuration reads it; undefined for what is none. */
export function parseDuration(text: string): Duration | undefined {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (rest === '0') return new Duration(0n)
  if (!/^((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(rest) || rest.length > 1000) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const each = nanosPer[unit]!
    nanos += BigInt(whole || '0') * each + (BigInt(fraction || '0') * each) / 10n ** BigInt(fraction.length)
  }
  const signed = sign === '-' ? -nanos : nanos
  return inInt64(signed) ? new Duration(signed) : undefined
}

/** Seconds with what is left of them: `90s`, `1.5s`. */
export const writeDuration = ({ nanos }: Duration): string => {
  const whole = nanos / second
  return `${plainNumber(Number(whole) + Number(nanos - whole * second) / 1e9)}s`
}

const rfc3339 = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** Years 1 to 9999. */
const [least, most] = [-62_135_596_800n, 253_402_300_799n]

export const timestampOverflow = new Failure('timestamp overflow')

/** In the years that there are. */
export function timestampOf(nanos: bigint, zoneMinutes = 0): Timestamp | Failure {
  const seconds = (nanos - (((nanos % second) + second) % second)) / second
  return seconds < least || seconds > most ? timestampOverflow : new Timestamp(nanos, zoneMinutes)
}

/** A time in RFC 3339. */
export function parseTimestamp(text: string): Timestamp | Failure {
  const match = rfc3339.exec(text)
  if (!match) return new Failure(`invalid RFC 3339 timestamp ${goQuoted(text)}`)
  const [, year = '', month = '', day = '', hour = '', minute = '', seconds = '', fraction = '', zone = ''] = match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  // no month has a day that is in the next
  if (date.getUTCMonth() !== Number(month) - 1 || seconds === '60') return new Failure("type conversion error from 'string' to 'google.protobuf.Timestamp'")
  const [, sign, hours = '0', minutes = '0'] = /^([+-])(\d\d):(\d\d)$/.exec(zone) ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1)
  const whole = BigInt(date.getTime() / 1000) + BigInt((Number(hour) * 60 + Number(minute) - offset) * 60 + Number(seconds))
  return timestampOf(whole * second + BigInt(fraction.slice(0, 9).padEnd(9, '0')), offset)
}

function writeZone(minutes: number): string {
  const two = (count: number): string => String(Math.floor(count)).padStart(2, '0')
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`
}

const millisOf = (nanos: bigint): number => Number((nanos - (((nanos % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n)

export function writeTimestamp({ nanos, zoneMinutes }: Timestamp): string {
  const whole = new Date(millisOf(nanos) + zoneMinutes * 60_000).toISOString().slice(0, 19)
  const fraction = String(((nanos % second) + second) % second).padStart(9, '0').replace(/0+$/, '')
  return `${whole}${fraction ? `.${fraction}` : ''}${zoneMinutes === 0 ? 'Z' : writeZone(zoneMinutes)}`
}

/** What a time is called in a zone. */
export interface Calendar {
  readonly year: number
  /** From zero. */
  readonly month: number
  /** From one. */
  readonly day: number
  /** From zero. */
  readonly dayOfYear: number
  /** From Sunday. */
  readonly weekday: number
  readonly hours: number
  readonly minutes: number
  readonly seconds: number
  readonly milliseconds: number
}

/** @throws Error for a zone that is none */
export function calendarOf({ nanos }: Timestamp, zone = 'UTC'): Calendar {
  const millis = millisOf(nanos)
  const date = new Date(millis + offsetOf(zone, millis))
  return {
    year: date.getUTCFullYear(), month: date.getUTCMonth(), day: date.getUTCDate(), weekday: date.getUTCDay(),
    dayOfYear: Math.floor((date.getTime() - new Date(0).setUTCFullYear(date.getUTCFullYear(), 0, 1)) / 86_400_000),
    hours: date.getUTCHours(), minutes: date.getUTCMinutes(), seconds: date.getUTCSeconds(), milliseconds: date.getUTCMilliseconds(),
  }
}

/** How far a zone is ahead at a time, in milliseconds. */
function offsetOf(zone: string, millis: number): number {
  if (zone === 'UTC' || zone === '') return 0
  const colon = zone.indexOf(':')
  if (colon < 0) return namedOffset(zone, millis)
  const [hours, minutes] = [atoi(zone.slice(0, colon)), atoi(zone.slice(colon + 1))]
  if (hours < -23 || hours > 23) throw new Error(`timezone offset hours out of range [-23, 23]: ${zone}`)
  if (minutes < 0 || minutes > 59) throw new Error(`timezone offset minutes out of range [0, 59]: ${zone}`)
  return (hours * 60 + (zone.startsWith('-') ? -minutes : minutes)) * 60_000
}

function atoi(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.Atoi: parsing ${goQuoted(text)}: invalid syntax`)
  return Number(text)
}

function namedOffset(zone: string, millis: number): number {
  const format = formatOf(zone)
  const parts = Object.fromEntries(format.formatToParts(millis).map(({ type, value }) => [type, Number(value)]))
  const year = parts['year']!
  const local = new Date(0)
  local.setUTCFullYear(year, parts['month']! - 1, parts['day'])
  local.setUTCHours(parts['hour']! % 24, parts['minute'], parts['second'])
  return local.getTime() - Math.floor(millis / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'iso8601', hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
  } catch {
    // as Go's time.LoadLocation says it
    throw new Error(`unknown time zone ${zone}`)
  }
}
