import { evaluated, type Node, NotFindable, WholeLiteral } from './json-path-walk.ts'

/** A path is not one that Kubernetes' JSONPath takes; the message says why. */
export class BadPath extends Error {
  override readonly name = 'BadPath'
}

/** What a path finds in a value, in order; nothing where it leads nowhere, or to what has no such thing. */
export type Find = (value: unknown) => unknown[]

/** Reads a printer column's path: `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`. @throws BadPath */
export function jsonPath(text: string): Find {
  const nodes = nodesOf(text)
  return (value) => {
    try {
      return evaluated(nodes, [value])
    } catch (error) {
      if (error instanceof NotFindable) return []
      throw error
    }
  }
}

/** Longer than any path anybody writes; what is read below takes time by the square of it. */
const maxPathLength = 1024

/** client-go's util/jsonpath reads the text between braces; whatever is behind one of its own is another template. */
function nodesOf(text: string): Node[] {
  if (text.length > maxPathLength) throw new BadPath(`a JSONPath must not be longer than ${maxPathLength} characters`)
  return new Reader(text).nodes()
}

const nameEnd = /[ \t\r\n.,[\]$@{}]/

class Reader {
  readonly #text: string
  readonly #nodes: Node[] = []
  #at = 0

  constructor(text: string) {
    this.#text = `${text}}`
  }

  nodes(): Node[] {
    while (this.#step());
    return this.#nodes
  }

  /** Reads a node, or passes over what is none; false at the end. */
  #step(): boolean {
    if (this.#take('}')) return false
    if (this.#take('[?(')) return this.#add(this.#filter())
    if (this.#take('..')) return this.#deep()
    const [character] = this.#text.slice(this.#at)
    if (character === undefined || character === '\r' || character === '\n') throw new BadPath('unclosed action')
    if (this.#take(' ') || this.#take('@') || this.#take('$')) return true
    if (this.#take('[')) return this.#array()
    if (this.#take('.')) return this.#add(this.#field())
    if (character === '"' || character === "'") return this.#add({ op: 'value', value: this.#quoted(character) })
    if (/[-+\p{Nd}]/u.test(character)) return this.#add({ op: 'each', value: this.#number() })
    if (/[_\p{L}]/u.test(character)) return this.#add(this.#identifier())
    throw new BadPath(`unrecognized character in action: ${JSON.stringify(character)}`)
  }

  #add(...nodes: readonly Node[]): true {
    this.#nodes.push(...nodes)
    return true
  }

  #take(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  #match(form: RegExp): string {
    form.lastIndex = this.#at
    const found = form.exec(this.#text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #deep(): true {
    if (this.#nodes.at(-1)?.op === 'deep') throw new BadPath('invalid multiple recursive descent')
    this.#add({ op: 'deep' })
    return /[_\p{L}\p{Nd}]/u.test(this.#text[this.#at] ?? '') ? this.#add(this.#field()) : true
  }

  #field(): Node {
    const name = this.#match(/(?:\\[^]|[^ \t\r\n.,[\]$@{}\\])*/y)
    return name === '*' ? { op: 'every' } : { op: 'name', name: name.replaceAll('\\', '') }
  }

  #identifier(): Node {
    const from = this.#at
    while (this.#at < this.#text.length && !nameEnd.test(this.#text[this.#at]!)) this.#at++
    const name = this.#text.slice(from, this.#at)
    return name === 'true' || name === 'false' ? { op: 'each', value: name === 'true' } : { op: 'unknown' }
  }

  #number(): unknown {
    const text = this.#match(/[-+]?[.\p{Nd}]*/uy)
    if (/^[-+]?\d+$/.test(text)) return new WholeLiteral(Number(text))
    if (/^[-+]?(?:\d+\.?\d*|\.\d+)$/.test(text)) return Number(text)
    throw new BadPath(`cannot parse number ${text}`)
  }

  #quoted(quote: string): string {
    const from = this.#at
    for (this.#at++; this.#text[this.#at] !== quote || this.#text[this.#at - 1] === '\\'; this.#at++) {
      if (this.#at >= this.#text.length || this.#text[this.#at] === '\n') throw new BadPath('unterminated quoted string')
    }
    this.#at++
    return unquoted(this.#text.slice(from + 1, this.#at - 1), quote)
  }

  #array(): true {
    const end = this.#text.indexOf(']', this.#at)
    const inside = end < 0 ? '\n' : this.#text.slice(this.#at, end)
    if (inside.includes('\n')) throw new BadPath('unterminated array')
    this.#at = end + 1
    const parts = inside.split(',')
    if (parts.length > 1) return this.#add({ op: 'union', of: parts.map((part) => nodesOf(`[${part.replaceAll(/^ +| +$/g, '')}]`)) })
    const key = /^'([^']*)'$/.exec(inside)?.[1]
    return key === undefined ? this.#add(sliceOf(inside === '*' ? ':' : inside)) : this.#add(...nodesOf(`.${key}`))
  }

  #filter(): Node {
    const from = this.#at
    let quote: string | undefined
    let isQuoteClosed = false
    for (; ; this.#at++) {
      const character = this.#text[this.#at]
      if (character === undefined || character === '\n') throw new BadPath('unterminated filter')
      if (character === '"' || character === "'") {
        if (quote === undefined) quote = character
        else if (this.#text[this.#at - 1] !== '\\' && character === quote) isQuoteClosed = true
      } else if (character === ')' && (quote !== undefined) === isQuoteClosed) break
    }
    const text = this.#text.slice(from, this.#at++)
    if (!this.#take(']')) throw new BadPath('unclosed array expect ]')
    const [, left, operator, right] = /^([^!<>=]+)([!<>=]+)(.+)$/s.exec(text) ?? []
    if (left === undefined) return { op: 'filter', left: nodesOf(text) }
    return { op: 'filter', left: nodesOf(left), operator: operator!, right: nodesOf(right!) }
  }
}

function sliceOf(text: string): Node {
  const parts = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?$/.exec(text)
  if (!parts) throw new BadPath(`invalid array index ${text}`)
  const numbers = parts.slice(1).map((part: string | undefined) => {
    if (part === undefined || part === '') return undefined
    if (part === '-') throw new BadPath(`array index ${part} is not a number`)
    return Number(part)
  })
  const [from, to, by] = numbers
  // without a colon it is the one item
  return parts[2] === undefined ? { op: 'slice', from, to: (from ?? 0) + 1, isOne: true, by } : { op: 'slice', from, to, isOne: false, by }
}

const escapes: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' }

/** Go's escapes, of which a quote may be the one that it stands between. */
function unquoted(text: string, quote: string): string {
  return text.replaceAll(/\\(?:x([\da-f]{2})|u([\da-f]{4})|U([\da-f]{8})|([0-7]{3})|([^]?))/gi, (_, x?: string, u?: string, long?: string, octal?: string, one = '') => {
    const hex = x ?? u ?? long
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16))
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
    if (one === quote) return quote
    if (!Object.hasOwn(escapes, one)) throw new BadPath(`unquote string ${text} error invalid syntax`)
    return escapes[one]!
  })
}
