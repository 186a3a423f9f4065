/** What may come next, and how Go says that something else did. */
const wanted = {
  value: 'looking for beginning of value',
  key: 'looking for beginning of object key string',
  colon: 'after object key',
  pairEnd: 'after object key:value pair',
  itemEnd: 'after array element',
  nothing: 'after top-level value',
} as const

type State = keyof typeof wanted

/** A text that ends early. */
const endsEarly = 'unexpected end of JSON input'

/** How the parts of a string or number go on, each with what Go says when they do not. */
const stringParts: readonly Part[] = [
  [/(?:[^\\"\p{Cc}]|[\x7f-\x9f])*/uy, ''],
  [/["\\]/y, 'in string literal'],
]
const shortEscapes = new Set('"\\/bfnrt')
const escapeParts: readonly Part[] = [[/["\\/bfnrtu]/y, 'in string escape code']]
const hexParts: readonly Part[] = Array.from({ length: 4 }, () => [/[0-9a-fA-F]/y, 'in \\u hexadecimal character escape'])
type Part = readonly [form: RegExp, otherwise: string]

/**
 * What Go's encoding/json, which looks at bytes, says of a text that JSON.parse has refused; as far as it has been read, in
 * one pass.
 */
export function jsonMistake(bytes: Buffer): string {
  return new Reader(`${bytes.toString('latin1')} `).mistake() ?? endsEarly
}

class Reader {
  readonly #text: string
  #at = 0
  #said: string | undefined

  /** @param text  a character for each byte, with one space behind them, which Go reads at the end */
  constructor(text: string) {
    this.#text = text
  }

  mistake(): string | undefined {
    const closers: string[] = []
    let state: State = 'value'
    let mayClose = false
    for (;;) {
      this.#take(/[ \t\r\n]*/y)
      if (this.#at >= this.#text.length) return undefined
      const char = this.#text[this.#at]!
      const closer = closers.at(-1)
      const closes: boolean = char === closer && (mayClose || state === 'pairEnd' || state === 'itemEnd')
      mayClose = false
      if (closes) {
        closers.pop()
        this.#at++
        state = after(closers)
      } else if (state === 'value' && (char === '{' || char === '[')) {
        closers.push(char === '{' ? '}' : ']')
        this.#at++
        mayClose = true
        state = char === '{' ? 'key' : 'value'
      } else if (state === 'value' || (state === 'key' && char === '"')) {
        if (!this.#scalar(char)) return this.#said
        state = state === 'key' ? 'colon' : after(closers)
      } else if (char === ({ colon: ':', pairEnd: ',', itemEnd: ',' } as Partial<Record<State, string>>)[state]) {
        this.#at++
        state = state === 'pairEnd' ? 'key' : 'value'
      } else return this.#wrong(wanted[state])
    }
  }

  /** Reads a string, number or literal; false when it is none, or ends early. */
  #scalar(char: string): boolean {
    if (char === '"') return this.#string()
    const literal = ['true', 'false', 'null'].find((each) => each.startsWith(char))
    if (literal) return this.#parts([...literal.slice(1)].map((next) => [new RegExp(next, 'y'), `in literal ${literal} (expecting '${next}')`]), 1)
    if (!/[-0-9]/.test(char)) return this.#wrong(wanted.value) === undefined
    return this.#parts([[/-?/y, ''], [/0|[1-9][0-9]*/y, 'in numeric literal']])
      && (!this.#take(/\./y) || this.#parts([[/[0-9]+/y, 'after decimal point in numeric literal']]))
      && (!this.#take(/[eE][-+]?/y) || this.#parts([[/[0-9]+/y, 'in exponent of numeric literal']]))
  }

  #string(): boolean {
    for (this.#at++; ; ) {
      // three million of them are nothing for a loop, and much for as many expressions
      while (this.#text[this.#at] === '\\' && shortEscapes.has(this.#text[this.#at + 1]!)) this.#at += 2
      if (!this.#parts(stringParts)) return false
      if (this.#text[this.#at - 1] === '"') return true
      if (!this.#parts(escapeParts)) return false
      if (this.#text[this.#at - 1] === 'u' && !this.#parts(hexParts)) return false
    }
  }

  #parts(parts: readonly Part[], from = 0): boolean {
    this.#at += from
    for (const [form, otherwise] of parts) {
      if (this.#take(form) || otherwise === '') continue
      if (this.#at < this.#text.length) this.#wrong(otherwise)
      return false
    }
    return true
  }

  #take(form: RegExp): boolean {
    form.lastIndex = this.#at
    if (!form.test(this.#text) || form.lastIndex === this.#at) return false
    this.#at = form.lastIndex
    return true
  }

  #wrong(otherwise: string): string {
    return (this.#said = `invalid character ${quoted(this.#text.charCodeAt(this.#at))} ${otherwise}`)
  }
}

const after = (closers: readonly string[]): State => (closers.length === 0 ? 'nothing' : closers.at(-1) === '}' ? 'pairEnd' : 'itemEnd')

/** A byte as Go quotes it. */
function quoted(byte: number): string {
  const char = String.fromCharCode(byte)
  if (char === "'") return String.raw`'\''`
  if (char === '"') return `'"'`
  const short = ({ 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r', 92: '\\' } as Readonly<Record<number, string>>)[byte]
  if (short) return `'\\${short}'`
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`
  return /[\x80-\xa0\xad]/.test(char) ? `'\\u00${byte.toString(16)}'` : `'${char}'`
}
