/** One code point out of a set. */
export interface CharSet {
  /** Low and high ends in turn, both included. */
  readonly ranges: readonly number[]
  /** Unicode classes such as `\p{Greek}`; each is asked about one code point at a time. */
  readonly properties: ReadonlyArray<{ readonly test: RegExp; readonly negated: boolean }>
  readonly negated: boolean
  readonly ignoreCase: boolean
}

export type Assertion = 'begin' | 'end' | 'lineBegin' | 'lineEnd' | 'word' | 'notWord'

export type Node =
  | { readonly op: 'set'; readonly set: CharSet }
  | { readonly op: 'assert'; readonly what: Assertion }
  | { readonly op: 'all' | 'any'; readonly nodes: readonly Node[] }
  | { readonly op: 'repeat'; readonly node: Node; readonly min: number; readonly max: number; readonly lazy: boolean }

/** The pattern is not one of RE2's; the message is the one Go's regexp gives. */
export class BadRegex extends Error {
  override readonly name = 'BadRegex'
}

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
}

const digit = [48, 57]
const space = [9, 10, 12, 13, 32, 32]
const word = [48, 57, 65, 90, 95, 95, 97, 122]
const perl: Readonly<Record<string, readonly number[]>> = { d: digit, s: space, w: word }
const posix: Readonly<Record<string, readonly number[]>> = {
  alnum: [48, 57, 65, 90, 97, 122], alpha: [65, 90, 97, 122], ascii: [0, 127], blank: [9, 9, 32, 32], cntrl: [0, 31, 127, 127],
  digit, graph: [33, 126], lower: [97, 122], print: [32, 126], punct: [33, 47, 58, 64, 91, 96, 123, 126], space: [9, 13, 32, 32],
  upper: [65, 90], word, xdigit: [48, 57, 65, 70, 97, 102],
}
const letters: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 }
const last = 0x10ffff
/** RE2's own limit. */
const maxRepeat = 1000
const maxDepth = 250

const invert = (ranges: readonly number[]): number[] => {
  const out: number[] = []
  let from = 0
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! > from) out.push(from, ranges[i]! - 1)
    from = ranges[i + 1]! + 1
  }
  return from <= last ? [...out, from, last] : out
}

const charSet = (ranges: readonly number[], flags: Flags, negated = false, properties: CharSet['properties'] = []): Node => ({
  op: 'set', set: { ranges, properties, negated, ignoreCase: flags.i },
})

/** Reads a pattern as RE2 does. @throws BadRegex */
export function parseRegex(pattern: string): Node {
  const parser = new Parser(pattern)
  const node = parser.alternatives({ i: false, m: false, s: false }, 0)
  if (!parser.ended) throw new BadRegex(`error parsing regexp: unexpected ): \`${pattern}\``)
  return node
}

class Parser {
  readonly #text: readonly string[]
  #at = 0

  constructor(pattern: string) {
    this.#text = [...pattern]
  }

  get ended(): boolean {
    return this.#at >= this.#text.length
  }

  #rest(length = this.#text.length): string {
    return this.#text.slice(this.#at, this.#at + length).join('')
  }

  #take(text: string): boolean {
    if (this.#rest(text.length) !== text) return false
    this.#at += text.length
    return true
  }

  #fail(why: string, from: number): never {
    throw new BadRegex(`error parsing regexp: ${why}: \`${this.#text.slice(from, Math.max(this.#at, from + 1)).join('')}\``)
  }

  alternatives(given: Flags, depth: number): Node {
    if (depth > maxDepth) throw new BadRegex('error parsing regexp: expression nests too deeply')
    let flags = given
    const choices: Node[] = []
    let sequence: Node[] = []
    while (!this.ended && this.#text[this.#at] !== ')') {
      if (this.#take('|')) {
        choices.push({ op: 'all', nodes: sequence })
        sequence = []
        continue
      }
      const set = this.#flagGroup(flags)
      if (set) {
        flags = set
        continue
      }
      const from = this.#at
      const atom = this.#atom(flags, depth)
      if (atom) sequence.push(...this.#repeated(atom, from))
    }
    choices.push({ op: 'all', nodes: sequence })
    return choices.length === 1 ? choices[0]! : { op: 'any', nodes: choices }
  }

  /** `(?i)` holds to the end of its group. */
  #flagGroup(flags: Flags): Flags | undefined {
    const [whole = '', on = '', off = ''] = /^\(\?([imsU]*)(?:-([imsU]+))?\)/.exec(this.#rest(16)) ?? []
    if (whole === '') return undefined
    this.#at += whole.length
    return withFlags(flags, on, off)
  }

  #repeated(atom: Node, from: number): Node[] {
    let node = atom
    for (let times = 0; ; times++) {
      const at = this.#at
      const range = this.#quantifier()
      if (!range) return [node]
      if (times > 0) this.#fail('invalid nested repetition operator', at)
      if (range.min > maxRepeat || (range.max !== Infinity && range.max > maxRepeat) || range.min > range.max) this.#fail('invalid repeat count', at)
      if (atom.op === 'assert' && from === at) this.#fail('missing argument to repetition operator', at)
      const lazy = this.#take('?')
      node = { op: 'repeat', node, ...range, lazy }
    }
  }

  #quantifier(): { min: number; max: number } | undefined {
    if (this.#take('*')) return { min: 0, max: Infinity }
    if (this.#take('+')) return { min: 1, max: Infinity }
    if (this.#take('?')) return { min: 0, max: 1 }
    const [whole = '', low = '', comma, high = ''] = /^\{(\d+)(?:(,)(\d*))?\}/.exec(this.#rest(24)) ?? []
    if (whole === '') return undefined
    this.#at += whole.length
    return { min: Number(low), max: comma === undefined ? Number(low) : high === '' ? Infinity : Number(high) }
  }

  #atom(flags: Flags, depth: number): Node | undefined {
    const from = this.#at
    const c = this.#text[this.#at++]!
    switch (c) {
      case '(':
        return this.#group(flags, depth, from)
      case '[':
        return this.#class(flags, from)
      case '.':
        return charSet(flags.s ? [0, last] : [0, 9, 11, last], { ...flags, i: false })
      case '^':
        return { op: 'assert', what: flags.m ? 'lineBegin' : 'begin' }
      case '$':
        return { op: 'assert', what: flags.m ? 'lineEnd' : 'end' }
      case '*': case '+': case '?':
        return this.#fail('missing argument to repetition operator', from)
      case '\\':
        return this.#escape(flags, from)
      default:
        return charSet([c.codePointAt(0)!, c.codePointAt(0)!], flags)
    }
  }

  #group(flags: Flags, depth: number, from: number): Node {
    let inner = flags
    if (this.#take('?')) {
      const [whole = '', name, on = '', off = ''] = /^(?:P?<(\w+)>|([imsU]*)(?:-([imsU]+))?:)/.exec(this.#rest(160)) ?? []
      if (whole === '') {
        // up to what is not known
        this.#at += /^[imsU-]*/.exec(this.#rest(160))![0].length + 1
        this.#fail('invalid or unsupported Perl syntax', from)
      }
      this.#at += whole.length
      if (name === undefined) inner = withFlags(flags, on, off)
    }
    const node = this.alternatives(inner, depth + 1)
    if (!this.#take(')')) throw new BadRegex(`error parsing regexp: missing closing ): \`${this.#text.join('')}\``)
    return node
  }

  #escape(flags: Flags, from: number): Node | undefined {
    if (this.ended) throw new BadRegex('error parsing regexp: trailing backslash at end of expression: ``')
    if (this.#take('A')) return { op: 'assert', what: 'begin' }
    if (this.#take('z')) return { op: 'assert', what: 'end' }
    if (this.#take('b')) return { op: 'assert', what: 'word' }
    if (this.#take('B')) return { op: 'assert', what: 'notWord' }
    if (this.#take('Q')) {
      const end = this.#rest().indexOf('\\E')
      const literal = [...(end < 0 ? this.#rest() : this.#rest().slice(0, end))]
      this.#at += literal.length + (end < 0 ? 0 : 2)
      return { op: 'all', nodes: literal.map((c) => charSet([c.codePointAt(0)!, c.codePointAt(0)!], flags)) }
    }
    const found = this.#classEscape(from)
    if (found) return charSet(found.ranges, flags, false, found.properties)
    const code = this.#codePoint(from)
    return charSet([code, code], flags)
  }

  /** What stands behind a backslash and is a set: `\d`, `\pL`, `\p{Greek}`. */
  #classEscape(from: number): Pick<CharSet, 'ranges' | 'properties'> | undefined {
    const c = this.#text[this.#at] ?? ''
    const ranges = Object.hasOwn(perl, c.toLowerCase()) ? perl[c.toLowerCase()] : undefined
    if (ranges) {
      this.#at++
      return { ranges: c === c.toLowerCase() ? ranges : invert(ranges), properties: [] }
    }
    if (c !== 'p' && c !== 'P') return undefined
    const [whole = '', caret = '', long, short] = /^[pP](?:\{(\^?)(\w+)\}|(\w))/.exec(this.#rest(64)) ?? []
    this.#at += Math.max(whole.length, 1)
    const test = unicodeClass(long ?? short ?? '')
    if (!test) this.#fail('invalid character class range', from)
    return { ranges: [], properties: [{ test, negated: (c === 'P') !== (caret === '^') }] }
  }

  #codePoint(from: number): number {
    const [hex = '', two, many] = /^x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/.exec(this.#rest(16)) ?? []
    if (hex !== '') {
      this.#at += hex.length
      const code = parseInt(two ?? many ?? '', 16)
      return code <= last ? code : this.#fail('invalid escape sequence', from)
    }
    const [octal = ''] = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(this.#rest(3)) ?? []
    if (octal !== '') {
      this.#at += octal.length
      return parseInt(octal, 8)
    }
    const c = this.#text[this.#at++] ?? ''
    if (Object.hasOwn(letters, c)) return letters[c]!
    return /^[\x21-\x7e]$/.test(c) && !/\w/.test(c) ? c.codePointAt(0)! : c === '_' ? 95 : this.#fail('invalid escape sequence', from)
  }

  #class(flags: Flags, from: number): Node {
    const negated = this.#take('^')
    const ranges: number[] = []
    const properties: Array<CharSet['properties'][number]> = []
    for (let first = true; first || this.#text[this.#at] !== ']'; first = false) {
      if (this.ended) throw new BadRegex(`error parsing regexp: missing closing ]: \`${this.#text.slice(from).join('')}\``)
      const at = this.#at
      const [whole = '', caret = '', name = ''] = /^\[:(\^?)(\w+):\]/.exec(this.#rest(16)) ?? []
      if (whole !== '') {
        this.#at += whole.length
        const known = Object.hasOwn(posix, name) ? posix[name]! : this.#fail('invalid character class range', at)
        ranges.push(...(caret ? invert(known) : known))
        continue
      }
      const set = this.#take('\\') ? this.#classEscape(at) : undefined
      if (set) {
        ranges.push(...set.ranges)
        properties.push(...set.properties)
        continue
      }
      const low = this.#member(at)
      let high = low
      if (this.#text[this.#at] === '-' && this.#text[this.#at + 1] !== ']' && this.#at + 1 < this.#text.length) {
        this.#at++
        const highAt = this.#at
        this.#take('\\')
        high = this.#member(highAt)
        if (high < low) this.#fail('invalid character class range', at)
      }
      ranges.push(low, high)
    }
    this.#at++
    return charSet(ranges, flags, negated, properties)
  }

  /** One code point of a class; a backslash before it has been taken. */
  #member(from: number): number {
    return this.#text[this.#at - 1] === '\\' && this.#at > from ? this.#codePoint(from) : this.#text[this.#at++]!.codePointAt(0)!
  }
}

function withFlags(flags: Flags, on: string, off: string): Flags {
  const is = (flag: keyof Flags): boolean => !off.includes(flag) && (on.includes(flag) || flags[flag])
  return { i: is('i'), m: is('m'), s: is('s') }
}

function unicodeClass(name: string): RegExp | undefined {
  for (const property of [name, `Script=${name}`]) {
    try {
      return new RegExp(`^\\p{${property}}$`, 'u')
    } catch {
      // not a general category: perhaps a script
    }
  }
  return undefined
}
