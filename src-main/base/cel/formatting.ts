import { piecesOf, refusals, type Verb } from './format-clauses.ts'
import { goQuoted } from '../go-text.ts'
import { plainNumber, writeDouble } from './number-text.ts'
import { writeDuration, writeTimestamp } from './times.ts'
import { type AnyMap, checkLength, Duration, find, isMap, Timestamp, typeOf, TypeValue, Uint } from './values.ts'

/** `"...".format([...])` of cel-go's strings. @throws Error with cel-go's sentence */
export function format(text: string, values: readonly unknown[]): string {
  let next = 0
  let made = ''
  for (const piece of piecesOf(text, values.length, { isRun: true })) {
    made += typeof piece === 'string' ? piece : clause(piece.verb, values[next++], piece.precision)
    checkLength(made.length)
  }
  return made
}

const defaultPrecision = 6
/** More digits than any number has would only be zeros. */
const mostDigits = 100

function clause(verb: Verb, value: unknown, precision = defaultPrecision): string {
  const made = writers[verb](value, precision)
  if (made === undefined) throw new Error(`error during formatting: ${refusals[verb]}, was given ${typeOf(value).name}`)
  return made
}

const wholeOf = (value: unknown): bigint | undefined => (typeof value === 'bigint' ? value : value instanceof Uint ? value.value : undefined)

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return value === 'NaN' ? NaN : value === 'Infinity' ? Infinity : value === '-Infinity' ? -Infinity : undefined
}

const unending = (value: number): string => (Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '-∞')

/** With the digits grouped, as English has it. */
function fixed(value: number, precision: number): string {
  if (!Number.isFinite(value)) return unending(value)
  const [whole = '', fraction] = toFixed(value, Math.min(precision, mostDigits)).split('.')
  const grouped = whole.replaceAll(/\d(?=(\d{3})+$)/g, '$&,')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}

/** The language writes large numbers with an exponent, and takes the larger of two that are as near, where Go takes the even one. */
function toFixed(value: number, precision: number): string {
  if (Math.abs(value) >= 1e21) return `${plainNumber(value)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`
  const exact = value.toFixed(mostDigits)
  const cut = exact.length - mostDigits + precision
  const isTie = /^50*$/.test(exact.slice(cut)) && /[02468]\.?$/.test(exact.slice(0, cut))
  return isTie ? exact.slice(0, cut).replace(/\.$/, '') : value.toFixed(precision)
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

function scientific(value: number, precision: number): string {
  if (!Number.isFinite(value)) return unending(value)
  const [digits = '', exponent = '0'] = value.toExponential(defaultPrecision).split('e')
  const power = exponent.replace('+', '').replace('-', '⁻').replace(/^(⁻?)(\d)$/, '$10$2').replaceAll(/\d/g, (digit) => superscripts[Number(digit)]!)
  // cel-go takes the precision for a width
  return `${digits}×10${power}`.padStart(precision)
}

const hex = (value: unknown): string | undefined => {
  const whole = wholeOf(value)
  if (whole !== undefined) return whole.toString(16)
  return typeof value === 'string' || value instanceof Uint8Array ? Buffer.from(value as string).toString('hex') : undefined
}

const writers: Readonly<Record<Verb, (value: unknown, precision: number) => string | undefined>> = {
  s: shown,
  d: (value) => wholeOf(value)?.toString(),
  f: (value, precision) => (numberOf(value) === undefined ? undefined : fixed(numberOf(value)!, precision)),
  e: (value, precision) => (numberOf(value) === undefined ? undefined : scientific(numberOf(value)!, precision)),
  b: (value) => (typeof value === 'boolean' ? (value ? '1' : '0') : wholeOf(value)?.toString(2)),
  o: (value) => wholeOf(value)?.toString(8),
  x: hex,
  X: (value) => hex(value)?.toUpperCase(),
}

/** As `%s` has it; undefined for what has no text. */
function shown(value: unknown): string | undefined {
  if (value === null) return 'null'
  if (typeof value === 'number') return writeDouble(value)
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof TypeValue) return value.name
  if (value instanceof Timestamp) return writeTimestamp(value)
  if (value instanceof Duration) return writeDuration(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (Array.isArray(value)) return `[${value.map(nested).join(', ')}]`
  return isMap(value) ? shownMap(value) : undefined
}

function shownMap(map: AnyMap): string {
  const entries = [...map.keys()].map((key): readonly [string, string] => {
    if (!['string', 'boolean', 'bigint'].includes(typeof key) && !(key instanceof Uint)) throw new Error(`error during formatting: no formatting function for map key of type ${typeOf(key).name}`)
    return [nested(key), nested(find(map, key))]
  })
  return `{${entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, value]) => `${key}:${value}`).join(', ')}}`
}

/** In a list or a map, where texts stand in quotes. */
function nested(value: unknown): string {
  if (typeof value === 'string') return goQuoted(value)
  if (value instanceof Uint8Array) return `b${goQuoted(Buffer.from(value).toString())}`
  if (typeof value === 'number') return Number.isFinite(value) ? value.toFixed(defaultPrecision) : goQuoted(Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf')
  if (value instanceof Timestamp) return `timestamp(${goQuoted(writeTimestamp(value))})`
  if (value instanceof Duration) return `duration(${goQuoted(writeDuration(value))})`
  const text = shown(value)
  if (text === undefined) throw new Error(`error during formatting: no formatting function for ${typeOf(value).name}`)
  return text
}
