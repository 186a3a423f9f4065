import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { Regex } from '../regex.ts'
import type { EnvironmentPart } from './part.ts'
import { secondsOf } from './times.ts'

/** What stands before the dot of `strings.quote(a)`. */
class Strings {
  readonly name = 'strings'
}

const regexes = new Map<string, Regex>()

function regexOf(pattern: string): Regex {
  let regex = regexes.get(pattern)
  if (!regex) {
    if (regexes.size >= 1000) regexes.clear()
    regexes.set(pattern, (regex = new Regex(pattern)))
  }
  return regex
}

function findAll(text: string, pattern: string, most = -1n): string[] {
  const found: string[] = []
  const regex = regexOf(pattern)
  for (let at = 0; at <= text.length && (most < 0n || found.length < most); ) {
    const match = regex.find(text, at)
    if (!match) break
    // as Go: nothing right behind a match is no match of its own
    if (match.end > match.start || match.start !== at || at === 0 || found.length === 0) found.push(text.slice(match.start, match.end))
    at = match.end > match.start ? match.end : match.end + 1
  }
  return found
}

function charAt(text: string, at: bigint): string {
  const characters = [...text]
  if (at < 0n || at > characters.length) throw new Error(`index out of range: ${at}`)
  return characters[Number(at)] ?? ''
}

function replace(text: string, from: string, to: string, most: bigint): string {
  if (most < 0n) return text.replaceAll(from, () => to)
  let left = most
  return text.replaceAll(from, (same) => (left-- > 0n ? to : same))
}

const escapes: Readonly<Record<string, string>> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', '"': '\\"' }
const quote = (text: string): string => `"${text.replaceAll(/["\\\p{Cc}]/gu, (character) => escapes[character] ?? character)}"`

/** Clauses of `"...".format([...])`. */
function format(text: string, values: readonly unknown[]): string {
  let next = 0
  const result = text.replaceAll(/%(%|(?:\.(\d+))?([sdfexXob])|$|[^])/g, (clause: string, rest: string, precision: string | undefined, verb: string | undefined) => {
    if (rest === '%') return '%'
    if (verb === undefined) throw new Error(`could not parse formatting clause: unrecognized formatting clause "${clause.slice(1)}"`)
    if (next >= values.length) throw new Error(`index ${next} out of range`)
    return formatted(verb, values[next++], Math.min(Number(precision ?? 6), 100))
  })
  return result
}

function formatted(verb: string, value: unknown, precision: number): string {
  const whole = value instanceof UnsignedInt ? BigInt(value.toString()) : value
  switch (verb) {
    case 's':
      return plain(value)
    case 'd':
      if (typeof whole === 'bigint' || typeof whole === 'number') return String(whole)
      break
    case 'f':
      if (typeof whole === 'number' || typeof whole === 'bigint') return Number(whole).toFixed(precision)
      break
    case 'e':
      if (typeof whole === 'number' || typeof whole === 'bigint') return Number(whole).toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2')
      break
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0'
      if (typeof whole === 'bigint') return whole.toString(2)
      break
    case 'o':
      if (typeof whole === 'bigint') return whole.toString(8)
      break
    default: {
      const bytes = typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? Buffer.from(value) : undefined
      const hex = typeof whole === 'bigint' ? whole.toString(16) : bytes?.toString('hex')
      if (hex !== undefined) return verb === 'X' ? hex.toUpperCase() : hex
    }
  }
  throw new Error(`error during formatting: %${verb} does not fit the type of its argument`)
}

function plain(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return value
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z')
  if (value instanceof Duration) return secondsOf(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (Array.isArray(value)) return `[${value.map(plain).join(', ')}]`
  if (value instanceof Map) return `{${[...(value as Map<unknown, unknown>)].map(([key, each]) => `${plain(key)}: ${plain(each)}`).sort().join(', ')}}`
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) return plain(new Map(Object.entries(value)))
  return String(value as bigint)
}

/** cel-go's strings (version 2), and Kubernetes' regular expressions, which are RE2's. */
export const stringPart: EnvironmentPart = {
  types: { Strings },
  constants: { strings: ['Strings', new Strings()] },
  functions: {
    'string.matchesLinear(string): bool': (text: string, pattern: string) => regexOf(pattern).test(text),
    'string.find(string): string': (text: string, pattern: string) => findAll(text, pattern, 1n)[0] ?? '',
    'string.findAll(string): list<string>': findAll,
    'string.findAll(string, int): list<string>': findAll,
    'string.lowerAsciiOnly(): string': (text: string) => text.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase()),
    'string.upperAsciiOnly(): string': (text: string) => text.replaceAll(/[a-z]+/g, (part) => part.toUpperCase()),
    'string.charAt(int): string': charAt,
    'string.replace(string, string): string': (text: string, from: string, to: string) => replace(text, from, to, -1n),
    'string.replace(string, string, int): string': replace,
    'string.reverse(): string': (text: string) => [...text].reverse().join(''),
    'string.format(list): string': format,
    'Strings.quote(string): string': (_strings: Strings, text: string) => quote(text),
  },
}
