import { end, endsLine, endsWord, isBlank, isBreak, type YamlCursor } from './yaml-cursor.ts'

/** Line breaks between two words: one is a space, and of more all but the first count. */
const folded = (first: string, more: string): string => (first === '\n' ? more || ' ' : first + more)

/** Blanks and line breaks within a text of several lines. */
interface Gap {
  blanks: string
  /** The first line break; empty within a line. */
  first: string
  more: string
}

/** Reads what is between two words of a text; `look` may refuse a blank. */
function takeGap(cursor: YamlCursor, look: (inNewLine: boolean) => void, first = ''): Gap {
  const gap: Gap = { blanks: '', first, more: '' }
  let isNewLine = first !== ''
  for (let code = cursor.code(); isBlank(code) || isBreak(code); code = cursor.code()) {
    if (isBlank(code)) {
      look(isNewLine)
      const blank = cursor.take()
      if (!isNewLine) gap.blanks += blank
    } else if (isNewLine) gap.more += cursor.takeBreak()
    else {
      gap.first = cursor.takeBreak()
      gap.blanks = ''
      isNewLine = true
    }
  }
  return gap
}

const textOf = ({ blanks, first, more }: Gap): string => (first === '' ? blanks : folded(first, more))

const flowEnds = new Set([...',?[]{}'].map((each) => each.charCodeAt(0)))
const colon = ':'.charCodeAt(0)
const hash = '#'.charCodeAt(0)

/** A text without quotes, which belongs to what is indented by `indent`; `endsInGap`: further lines followed, of something else. */
export function takePlain(cursor: YamlCursor, inFlow: boolean, indent: number): { readonly text: string; readonly endsInGap: boolean } {
  let text = ''
  let gap: Gap | undefined
  const ends = (code: number, next: number): boolean => endsWord(code) || (code === colon && endsWord(next)) || (inFlow && flowEnds.has(code))
  while (!cursor.atMarker() && cursor.code() !== hash) {
    let length = 0
    while (!ends(cursor.code(length), cursor.code(length + 1))) length++
    if (length > 0) {
      text += (gap ? textOf(gap) : '') + cursor.take(length)
      gap = undefined
    }
    if (!isBlank(cursor.code()) && !isBreak(cursor.code())) break
    gap = takeGap(cursor, (isNewLine) => {
      if (isNewLine && cursor.column <= indent && cursor.code() === 0x09) cursor.fail('found a tab character that violates indentation')
    })
    if (!inFlow && cursor.column <= indent) break
  }
  return { text, endsInGap: gap !== undefined && gap.first !== '' }
}

const escapes: Readonly<Record<string, string>> = {
  '0': '\0', 'a': '\x07', 'b': '\b', 't': '\t', '\t': '\t', 'n': '\n', 'v': '\v', 'f': '\f', 'r': '\r', 'e': '\x1b', ' ': ' ', '"': '"', "'": "'", '\\': '\\',
  'N': '\x85', '_': '\xa0', 'L': '\u2028', 'P': '\u2029',
}
const digitsOf: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }
const backslash = '\\'.charCodeAt(0)

function takeEscape(cursor: YamlCursor): string {
  const kind = String.fromCharCode(cursor.code(1))
  const known = Object.hasOwn(escapes, kind) ? escapes[kind] : undefined
  const digits = Object.hasOwn(digitsOf, kind) ? digitsOf[kind]! : 0
  if (known === undefined && digits === 0) cursor.fail('found unknown escape character')
  cursor.take(2)
  if (known !== undefined) return known
  const hex = Array.from({ length: digits }, (_, i) => String.fromCharCode(cursor.code(i))).join('')
  if (!/^[\da-fA-F]+$/.test(hex)) cursor.fail('did not find expected hexdecimal number')
  const value = Number.parseInt(hex, 16)
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) cursor.fail('found invalid Unicode character escape code')
  cursor.take(digits)
  return String.fromCodePoint(value)
}

/** A text in quotes, of which the first is next. */
export function takeQuoted(cursor: YamlCursor): string {
  const quote = cursor.take().charCodeAt(0)
  const isSingle = quote === 0x27
  const isOrdinary = (code: number): boolean => !endsWord(code) && code !== quote && (isSingle || code !== backslash)
  let text = ''
  for (;;) {
    if (cursor.atMarker()) cursor.fail('found unexpected document indicator')
    if (cursor.code() === end) cursor.fail('found unexpected end of stream')
    let isJoined = false
    for (let code = cursor.code(); !endsWord(code); code = cursor.code()) {
      if (isOrdinary(code)) text += cursor.takeWhile(isOrdinary)
      else if (isSingle && cursor.code(1) === quote) text += cursor.take(2)[0]!
      else if (code === quote) break
      else if (isBreak(cursor.code(1))) {
        cursor.take()
        cursor.takeBreak()
        isJoined = true
        break
      } else text += takeEscape(cursor)
    }
    if (cursor.code() === quote) break
    const gap = takeGap(cursor, () => undefined, isJoined ? '\\' : '')
    // behind a backslash the end of the line does not count, and the blanks of the next do not either
    text += isJoined ? gap.more : textOf(gap)
  }
  cursor.take()
  return text
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39

/** `|-`, `>2+`: how much the text is indented where that is said, and which line breaks behind it count. */
function takeHeader(cursor: YamlCursor): { readonly chomp: string; readonly increment: number } {
  let chomp = ''
  let increment = 0
  const sign = (): boolean => cursor.sees('+') || cursor.sees('-')
  const digit = (): void => {
    if (!isDigit(cursor.code())) return
    if (cursor.sees('0')) cursor.fail('found an indentation indicator equal to 0')
    increment = Number(cursor.take())
  }
  if (sign()) {
    chomp = cursor.take()
    digit()
  } else {
    digit()
    if (increment > 0 && sign()) chomp = cursor.take()
  }
  cursor.skipComment()
  if (!endsLine(cursor.code())) cursor.fail('did not find expected comment or line break')
  if (isBreak(cursor.code())) cursor.takeBreak()
  return { chomp, increment }
}

/** A text of lines below `|` or `>`, which is next, inside of what is indented by `parent`. */
export function takeBlock(cursor: YamlCursor, parent: number): string {
  const isLiteral = cursor.take() === '|'
  const { chomp, increment } = takeHeader(cursor)
  let indent = increment === 0 ? 0 : Math.max(parent, 0) + increment
  let deepest = 0
  const takeBreaks = (): string => {
    let breaks = ''
    for (;;) {
      while ((indent === 0 || cursor.column < indent) && cursor.code() === 0x20) cursor.take()
      deepest = Math.max(deepest, cursor.column)
      if ((indent === 0 || cursor.column < indent) && cursor.code() === 0x09) cursor.fail('found a tab character where an indentation space is expected')
      if (!isBreak(cursor.code())) break
      breaks += cursor.takeBreak()
    }
    if (indent === 0) indent = Math.max(deepest, parent + 1, 1)
    return breaks
  }
  let text = ''
  let lineBreak = ''
  let wasBlank = false
  let breaks = takeBreaks()
  while (cursor.column === indent && cursor.code() !== end) {
    const blank = isBlank(cursor.code())
    if (!isLiteral && lineBreak === '\n' && !wasBlank && !blank) text += breaks === '' ? ' ' : breaks
    else text += lineBreak + breaks
    wasBlank = blank
    text += cursor.takeWhile((code) => !endsLine(code))
    lineBreak = isBreak(cursor.code()) ? cursor.takeBreak() : ''
    breaks = takeBreaks()
  }
  return text + (chomp === '-' ? '' : lineBreak) + (chomp === '+' ? breaks : '')
}
