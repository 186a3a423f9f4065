import { isJsonObject } from './json.ts'

const named: Readonly<Record<string, string>> = { '\u0007': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '"': '\\"', '\\': '\\\\' }
const unprintable = /["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu

/** A text as Go's `%q` writes it. */
export const goQuoted = (text: string): string => `"${text.replaceAll(unprintable, (character) => named[character] ?? escaped(character.codePointAt(0)!))}"`

function escaped(code: number): string {
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** A float64 as Go's `%v` writes it: an exponent has two digits at least, and is there from the fifth place behind the point on. */
export const goFloat = (value: number): string => (value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value)).replace(/e([+-])(\d)$/, 'e$10$2')

/** A value that Go has and JSON has not, as Go tells of it: by `%v`, by `%#v`, and by its type. */
export class GoOnly {
  readonly text: string
  readonly source: string
  readonly type: string
  /** What Go writes for it in JSON, where it does. */
  readonly json?: string | number

  constructor(type: string, text: string, source = text, json?: string | number) {
    this.type = type
    this.text = text
    this.source = source
    if (json !== undefined) this.json = json
  }
}

/** A JSON value as Go's `%v` writes it. */
export function goText(value: unknown): string {
  if (value instanceof GoOnly) return value.text
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (isJsonObject(value)) return `map[${Object.keys(value).sort().map((name) => `${name}:${goText(value[name])}`).join(' ')}]`
  return value === null ? '<nil>' : typeof value === 'number' ? goFloat(value) : String(value)
}

/** A JSON value as Go's `%s` writes it: what is no text is told by its type. */
export function goAsText(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map(goAsText).join(' ')}]`
  if (isJsonObject(value)) return `map[${Object.keys(value).sort().map((name) => `${name}:${goAsText(value[name])}`).join(' ')}]`
  return `%!s(${value === null ? '' : `${goTypeOf(value)}=`}${goText(value)})`
}

/** A JSON value as Go's `%#v` writes it. */
export function goSource(value: unknown): string {
  if (value instanceof GoOnly) return value.source
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSource).join(', ')}}`
  if (isJsonObject(value)) return `map[string]interface {}{${Object.keys(value).sort().map((name) => `${goQuoted(name)}:${goSource(value[name])}`).join(', ')}}`
  return value === null ? 'interface {}(nil)' : typeof value === 'string' ? goQuoted(value) : goText(value)
}

/** A JSON value with its names in the order in which Go writes those of a map. */
export const inGoOrder = (value: unknown): unknown =>
  Array.isArray(value) ? value.map(inGoOrder) : isJsonObject(value) ? Object.fromEntries(Object.keys(value).sort().map((name) => [name, inGoOrder(value[name])])) : value

const goTypes: Readonly<Record<string, string>> = { string: 'string', number: 'float64', bigint: 'int64', boolean: 'bool', object: 'map[string]interface {}' }

/** What Go calls the type of a decoded JSON value. */
export function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (value instanceof GoOnly) return value.type
  if (Array.isArray(value)) return '[]interface {}'
  return Number.isSafeInteger(value) ? 'int64' : (goTypes[typeof value] ?? '')
}

const int64 = 2 ** 63

/** What Go's conversion to int64 makes of a float64: beyond its bounds, on most machines, the smallest. */
export const goInt64 = (value: number): bigint => (value >= -int64 && value < int64 ? BigInt(Math.trunc(value)) : BigInt(-int64))
