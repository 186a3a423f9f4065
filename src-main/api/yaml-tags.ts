import { endsWord, isBlank, isBreak, type YamlCursor } from './yaml-cursor.ts'

const isWord = (code: number): boolean => /[\w-]/.test(String.fromCharCode(code)) && code >= 0
const inUri = new Set([..."-_;/?:@&=+$,.!~*'()[]"].map((each) => each.charCodeAt(0)))
const isUri = (code: number): boolean => isWord(code) || inUri.has(code)
const afterName = new Set([...'?:,]}%@`'].map((each) => each.charCodeAt(0)))

/** The name behind `&` or `*`, which is next. */
export function takeAnchor(cursor: YamlCursor): string {
  cursor.take()
  const name = cursor.takeWhile(isWord)
  if (name === '' || !(endsWord(cursor.code()) || afterName.has(cursor.code()))) cursor.fail('did not find expected alphabetic or numeric character')
  return name
}

/** A tag: `suffix` behind what `handle` stands for, which is nothing where it is empty. */
export interface Tag {
  readonly handle: string
  readonly suffix: string
}

/** `!!str`, `!<tag:yaml.org,2002:str>`, `!own` */
export function takeTag(cursor: YamlCursor): Tag {
  const tag = cursor.sees('!<') ? takeVerbatim(cursor) : takeShort(cursor)
  if (!endsWord(cursor.code())) cursor.fail('did not find expected whitespace or line break')
  return tag
}

function takeVerbatim(cursor: YamlCursor): Tag {
  cursor.take(2)
  const suffix = takeUri(cursor, '')
  if (!cursor.sees('>')) cursor.fail("did not find the expected '>'")
  cursor.take()
  return { handle: '', suffix }
}

function takeShort(cursor: YamlCursor): Tag {
  const handle = takeHandle(cursor, false)
  if (handle.length > 1 && handle.endsWith('!')) return { handle, suffix: takeUri(cursor, '') }
  const suffix = takeUri(cursor, handle)
  return suffix === '' ? { handle: '', suffix: '!' } : { handle: '!', suffix }
}

function takeHandle(cursor: YamlCursor, inDirective: boolean): string {
  if (!cursor.sees('!')) cursor.fail("did not find expected '!'")
  const handle = cursor.take() + cursor.takeWhile(isWord)
  if (cursor.sees('!')) return handle + cursor.take()
  if (inDirective && handle !== '!') cursor.fail("did not find expected '!'")
  return handle
}

/** What follows on a `head` that was taken for a handle. */
function takeUri(cursor: YamlCursor, head: string): string {
  let uri = head.slice(1)
  for (let code = cursor.code(); isUri(code) || code === 0x25; code = cursor.code()) uri += code === 0x25 ? takeUriEscape(cursor) : cursor.take()
  if (uri === '' && head === '') cursor.fail('did not find expected tag URI')
  return uri
}

function takeUriEscape(cursor: YamlCursor): string {
  const bytes: number[] = []
  let width = 0
  do {
    const hex = [1, 2].map((i) => String.fromCharCode(cursor.code(i))).join('')
    if (!cursor.sees('%') || !/^[\da-fA-F]{2}$/.test(hex)) cursor.fail('did not find URI escaped octet')
    const octet = Number.parseInt(hex, 16)
    if (width === 0) {
      width = octet < 0x80 ? 1 : (octet & 0xe0) === 0xc0 ? 2 : (octet & 0xf0) === 0xe0 ? 3 : (octet & 0xf8) === 0xf0 ? 4 : 0
      if (width === 0) cursor.fail('found an incorrect leading UTF-8 octet')
    } else if ((octet & 0xc0) !== 0x80) cursor.fail('found an incorrect trailing UTF-8 octet')
    bytes.push(octet)
    cursor.take(3)
  } while (bytes.length < width)
  return Buffer.from(bytes).toString()
}

export type Directive = { readonly type: 'version'; readonly value: string } | { readonly type: 'tag-directive'; readonly handle: string; readonly prefix: string }

/** `%YAML 1.1`, `%TAG ! tag:example.com:` */
export function takeDirective(cursor: YamlCursor): Directive {
  cursor.take()
  const name = cursor.takeWhile(isWord)
  if (name === '') cursor.fail('could not find expected directive name')
  if (!endsWord(cursor.code())) cursor.fail('found unexpected non-alphabetical character')
  if (name !== 'YAML' && name !== 'TAG') cursor.fail('found unknown directive name')
  cursor.takeWhile(isBlank)
  const directive = name === 'YAML' ? takeVersion(cursor) : takePrefix(cursor)
  cursor.skipComment()
  if (!endsWord(cursor.code()) || isBlank(cursor.code())) cursor.fail('did not find expected comment or line break')
  if (isBreak(cursor.code())) cursor.takeBreak()
  return directive
}

function takeVersion(cursor: YamlCursor): Directive {
  const number = (): string => {
    const digits = cursor.takeWhile((code) => code >= 0x30 && code <= 0x39)
    if (digits.length > 2) cursor.fail('found extremely long version number')
    if (digits === '') cursor.fail('did not find expected version number')
    return String(Number(digits))
  }
  const major = number()
  if (!cursor.sees('.')) cursor.fail("did not find expected digit or '.' character")
  cursor.take()
  return { type: 'version', value: `${major}.${number()}` }
}

function takePrefix(cursor: YamlCursor): Directive {
  const handle = takeHandle(cursor, true)
  if (!isBlank(cursor.code())) cursor.fail('did not find expected whitespace')
  cursor.takeWhile(isBlank)
  const prefix = takeUri(cursor, '')
  if (!endsWord(cursor.code())) cursor.fail('did not find expected whitespace or line break')
  return { type: 'tag-directive', handle, prefix }
}
