import { call, type Library, member } from './declarations.ts'
import { format } from './formatting.ts'
import { goText } from './value-text.ts'
import * as t from './types.ts'
import { characters, checkLength, Failure, lengthOf, noOverload } from './values.ts'

const { int, string } = t
const strings = t.list(string)

const outOfRange = (index: bigint): Failure => new Failure(`index out of range: ${index}`)

function charAt(text: string, at: bigint): unknown {
  const all = characters(text)
  return at < 0n || at > all.length ? outOfRange(at) : (all[Number(at)] ?? '')
}

/** A place in code points, from one in what the language counts. */
const placeOf = (text: string, found: number): bigint => BigInt(found < 0 ? -1 : lengthOf(text.slice(0, found)))
const unitsOf = (text: string, place: bigint): number => characters(text).slice(0, Number(place)).join('').length

function indexOf(text: string, part: string, from = 0n): unknown {
  if (from < 0n) return outOfRange(from)
  const length = BigInt(lengthOf(text))
  if (part === '') return from > length ? length : from
  return from >= length ? -1n : placeOf(text, text.indexOf(part, unitsOf(text, from)))
}

function lastIndexOf(text: string, part: string, from?: bigint): unknown {
  if (from !== undefined && from < 0n) return outOfRange(from)
  const length = BigInt(lengthOf(text))
  if (part === '') return from === undefined || from > length ? length : from
  if (from !== undefined && from >= length) return -1n
  return placeOf(text, text.lastIndexOf(part, from === undefined ? Infinity : unitsOf(text, from)))
}

function replace(text: string, from: string, to: string, most = -1n): string {
  checkLength((from === '' ? text.length + 1 : text.split(from).length) * to.length)
  if (most < 0n && from !== '') return text.replaceAll(from, () => to)
  // Go finds nothing around every character
  if (from === '') return replaceNothing(text, to, most)
  let left = most
  return text.replaceAll(from, (same) => (left-- > 0n ? to : same))
}

function replaceNothing(text: string, to: string, most: bigint): string {
  let left = most < 0n ? BigInt(text.length + 1) : most
  const all = characters(text)
  if (left > all.length) return to + all.join(to) + (all.length > 0 ? to : '')
  const put = (): string => (left-- > 0n ? to : '')
  return all.map((each) => put() + each).join('')
}

function split(text: string, separator: string, most = -1n): string[] {
  if (most === 0n) return []
  const parts = separator === '' ? [...text] : text.split(separator)
  if (most < 0n || BigInt(parts.length) <= most) return parts
  const count = Number(most)
  return [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)]
}

function substring(text: string, start: bigint, end?: bigint): unknown {
  const all = characters(text)
  if (end !== undefined && start > end) return new Failure(`invalid substring range. start: ${start}, end: ${end}`)
  if (start < 0n || start > all.length) return outOfRange(start)
  if (end !== undefined && end > all.length) return outOfRange(end)
  return all.slice(Number(start), end === undefined ? undefined : Number(end)).join('')
}

function join(list: readonly unknown[], separator = ''): unknown {
  const wrong = list.find((each) => typeof each !== 'string')
  if (wrong !== undefined) return new Failure(`join: invalid input: ${goText(wrong)}`)
  checkLength(list.length * separator.length)
  return list.join(separator)
}

const escapes: Readonly<Record<string, string>> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', '"': '\\"' }
const quote = (text: string): string => `"${text.replaceAll(/["\\\p{Cc}]/gu, (character) => escapes[character] ?? character)}"`

const test = (run: (text: string, part: string) => boolean) => [
  member([string, string], t.bool, (text: unknown, part: unknown) => (typeof text === 'string' && typeof part === 'string' ? run(text, part) : noOverload)),
]

/** Texts of the language, and those of cel-go's extensions, version 2. */
export const stringLibrary: Library = {
  functions: {
    'contains': test((text, part) => text.includes(part)),
    'endsWith': test((text, part) => text.endsWith(part)),
    'startsWith': test((text, part) => text.startsWith(part)),
    'charAt': [member([string, int], string, charAt)],
    'indexOf': [member([string, string], int, indexOf), member([string, string, int], int, indexOf)],
    'lastIndexOf': [member([string, string], int, lastIndexOf), member([string, string, int], int, lastIndexOf)],
    'lowerAscii': [member([string], string, (text: string) => text.replaceAll(/[A-Z]+/g, (part) => part.toLowerCase()))],
    'upperAscii': [member([string], string, (text: string) => text.replaceAll(/[a-z]+/g, (part) => part.toUpperCase()))],
    'replace': [member([string, string, string], string, replace), member([string, string, string, int], string, replace)],
    'split': [member([string, string], strings, split), member([string, string, int], strings, split)],
    'substring': [member([string, int], string, substring), member([string, int, int], string, substring)],
    'trim': [member([string], string, (text: string) => text.replaceAll(/^[\p{White_Space}]+|[\p{White_Space}]+$/gu, ''))],
    'join': [member([strings], string, join), member([strings, string], string, join)],
    'format': [member([string, t.list(t.dyn)], string, format)],
    'strings.quote': [call([string], string, quote)],
  },
}
