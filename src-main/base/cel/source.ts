/** A piece of an expression. */
interface Token {
  readonly type: 'name' | 'quoted' | 'text' | 'number' | 'sign'
  readonly text: string
  readonly start: number
}

/** Functions that stand for what the parser does not read; two underscores keep them out of everybody's way. */
export const rewritten = {
  /** `Object{...}` */
  object: 'object__',
  /** `Object.spec{...}` */
  part: 'objectPart__',
  /** `JSONPatch{...}` */
  jsonPatch: 'jsonPatch__',
  /** `?value` in a literal */
  optional: 'optionalEntry__',
  /** The literal around it */
  present: 'presentEntries__',
} as const

const quotedName = 'quoted__'

/** A name that stood in backquotes, which the parser does not read, as it was. */
export const unquoted = (name: string): string => (name.startsWith(quotedName) ? Buffer.from(name.slice(quotedName.length), 'hex').toString() : name)

export interface Source {
  readonly text: string
  /** Where a place in `text` was before. */
  original(place: number): number
}

/** Which literals with a type are read. */
export interface Reading {
  readonly patchTypes?: boolean
}

/** Writes an expression as one that the parser reads: message literals and optional entries become calls, names in backquotes plain ones. */
export function readable(expression: string, { patchTypes = false }: Reading): Source {
  const needed = /[[{,]\s*\?|`/.test(expression) || (patchTypes && /\b(Object|JSONPatch)\b/.test(expression))
  return needed ? new Rewriter(expression, patchTypes).run() : { text: expression, original: (place) => place }
}

interface Frame {
  readonly kind: 'list' | 'map' | 'message' | 'other'
  /** Where in the output the literal begins. */
  readonly at: number
  /** What closes it besides its own bracket. */
  readonly closing: string
  /** The next name or value begins an entry. */
  fresh: boolean
  /** The entry's value will be optional. */
  optional: boolean
  /** A call was opened that ends with the entry. */
  open: boolean
  hasOptional: boolean
}

class Rewriter {
  readonly #tokens: readonly Token[]
  readonly #patchTypes: boolean
  readonly #expression: string
  readonly #out: Array<{ text: string; from: number }> = []
  readonly #frames: Frame[] = []

  constructor(expression: string, patchTypes: boolean) {
    this.#expression = expression
    this.#tokens = tokensOf(expression)
    this.#patchTypes = patchTypes
  }

  run(): Source {
    this.#tokens.forEach((token, i) => this.#token(token, i))
    const starts: number[] = []
    let text = ''
    for (const piece of this.#out) {
      starts.push(text.length)
      text += piece.text
    }
    const original = (place: number): number => {
      let i = starts.length - 1
      while (i > 0 && starts[i]! > place) i--
      return Math.min((this.#out[i]?.from ?? 0) + place - (starts[i] ?? 0), this.#expression.length)
    }
    return { text, original }
  }

  #put(text: string, from: number): void {
    this.#out.push({ text, from })
  }

  #token(token: Token, i: number): void {
    const frame = this.#frames.at(-1)
    const { text, start, type } = token
    if (type === 'sign') {
      if (text === '{') return this.#openBrace(start, i)
      if (text === '[') return this.#open(this.#isOperand(i - 1) ? 'other' : 'list', start, '[')
      if (text === '(') return this.#open('other', start, '(')
      if (text === '}' || text === ']' || text === ')') return this.#close(token)
      if (frame && frame.kind !== 'other') {
        if (text === '?' && frame.fresh) return this.#optionalEntry(frame, start)
        if (text === ',') {
          this.#endEntry(frame, start)
          this.#put(', ', start)
          frame.fresh = true
          return
        }
        if (text === ':' && frame.optional) {
          frame.optional = false
          frame.open = true
          return this.#put(`: ${rewritten.optional}(`, start)
        }
      }
    }
    if (type === 'quoted') this.#put(this.#isField(i) ? `${quotedName}${Buffer.from(text.slice(1, -1)).toString('hex')}` : text, start)
    else if (frame?.kind === 'message' && frame.fresh && type === 'name') this.#put(JSON.stringify(text), start)
    else this.#put(this.#spaced(text, i), start)
    if (frame) frame.fresh = false
  }

  /** Names and numbers that stood apart must stay apart; what stood together, as `r"x"` or `.?`, together. */
  #spaced(text: string, i: number): string {
    const next = this.#tokens[i + 1]
    return next && next.start > this.#tokens[i]!.start + text.length ? `${text} ` : text
  }

  #open(kind: Frame['kind'], start: number, bracket: string): void {
    this.#frames.push({ kind, at: this.#out.length, closing: '', fresh: true, optional: false, open: false, hasOptional: false })
    this.#put(bracket, start)
  }

  #openBrace(start: number, i: number): void {
    const chain = this.#patchTypes ? this.#typeBefore(i) : undefined
    if (!chain) return this.#open('map', start, '{')
    this.#out.length -= chain.tokens
    const call = chain.name === 'Object' ? `${rewritten.object}(` : chain.name === 'JSONPatch' ? `${rewritten.jsonPatch}(` : `${rewritten.part}(${JSON.stringify(chain.name)}, `
    this.#put(call, start)
    this.#frames.push({ kind: 'message', at: this.#out.length, closing: ')', fresh: true, optional: false, open: false, hasOptional: false })
    this.#put('{', start)
  }

  /** The type's name that ends right before a brace. */
  #typeBefore(i: number): { name: string; tokens: number } | undefined {
    let first = i - 1
    if (this.#tokens[first]?.type !== 'name') return undefined
    while (this.#tokens[first - 1]?.text === '.' && this.#tokens[first - 2]?.type === 'name') first -= 2
    if (this.#tokens[first - 1]?.text === '.') return undefined
    const names = this.#tokens.slice(first, i).filter(({ type }) => type === 'name').map(({ text }) => text)
    const known = names[0] === 'Object' || (names[0] === 'JSONPatch' && names.length === 1)
    return known ? { name: names.join('.'), tokens: i - first } : undefined
  }

  #optionalEntry(frame: Frame, start: number): void {
    frame.hasOptional = true
    if (frame.kind !== 'list') {
      frame.optional = true
      return
    }
    frame.open = true
    frame.fresh = false
    this.#put(`${rewritten.optional}(`, start)
  }

  #endEntry(frame: Frame, start: number): void {
    if (frame.open) this.#put(')', start)
    frame.open = frame.optional = false
  }

  #close({ text, start }: Token): void {
    const frame = this.#frames.pop()
    if (frame) this.#endEntry(frame, start)
    this.#put(text, start)
    if (frame?.hasOptional) {
      this.#out[frame.at] = { ...this.#out[frame.at]!, text: `${rewritten.present}(${this.#out[frame.at]!.text}` }
      this.#put(')', start)
    }
    if (frame?.closing) this.#put(frame.closing, start)
    const around = this.#frames.at(-1)
    if (around) around.fresh = false
  }

  #isField(i: number): boolean {
    const before = this.#tokens[i - 1]?.text === '?' ? i - 2 : i - 1
    return this.#tokens[before]?.text === '.'
  }

  #isOperand(i: number): boolean {
    const token = this.#tokens[i]
    if (!token) return false
    if (token.type === 'name') return token.text !== 'in'
    return token.type !== 'sign' || token.text === ')' || token.text === ']' || token.text === '}'
  }
}

const tokenSyntax = /\s+|\/\/[^\n]*|([bBrR]{0,2}(?:"""[^]*?"""|'''[^]*?'''|"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'))|([A-Za-z_]\w*)|(\d[\w.]*)|(`[\w.\-/ ]+`)|([^])/gy

function tokensOf(expression: string): Token[] {
  const tokens: Token[] = []
  for (const { 0: text, 1: string, 2: name, 3: number, 4: quoted, 5: sign, index: start } of expression.matchAll(tokenSyntax)) {
    const type = string !== undefined ? 'text' : name !== undefined ? 'name' : number !== undefined ? 'number' : quoted !== undefined ? 'quoted' : sign !== undefined ? 'sign' : undefined
    if (type) tokens.push({ type, text, start })
  }
  return tokens
}
