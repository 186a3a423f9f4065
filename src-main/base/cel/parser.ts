import type { Entry, Expr, Field } from './ast.ts'
import { BadExpression, type Issues, mostErrors } from './issues.ts'
import { lex, type Token, type TokenType } from './lexer.ts'
import { BadMacro, expandMacro } from './macros.ts'
import { syntaxErrors } from './syntax-errors.ts'
import type { SyntaxError } from './syntax-recovery.ts'
import { unescapeBytes, unescapeText } from './unescape.ts'
import { Uint } from './values.ts'

const reserved = new Set([
  'as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'package', 'namespace', 'null', 'return', 'true', 'var',
  'void', 'while',
])

/** How deep rules of the grammar, and then the tree, may nest: maxRecursionDepth of cel-go. */
const mostDepth = 250
/** expressionSizeCodePointLimit */
const mostCharacters = 100_000
/** Nobody else is served while an expression is read: this many take some 50 ms. */
const mostTokens = 20_000

/** The text does not follow the grammar; what exactly is wrong is found out by who has the grammar. */
class NoSyntax extends Error {}

/**
 * The tree of an expression.
 *
 * @throws BadExpression
 */
export function parse(source: string, issues: Issues): Expr {
  const characters = source.length > mostCharacters ? [...source].length : 0
  if (characters > mostCharacters) throw whole(`expression code point size exceeds limit: size: ${characters}, limit ${mostCharacters}`)
  const { tokens, unknown } = lex(source)
  if (tokens.length > mostTokens) throw whole(`expression size exceeds limit: size: ${tokens.length} tokens, limit ${mostTokens}`)
  const unknowns = unknown.map(({ at, text }) => ({ at, sentence: `Syntax error: token recognition error at: '${text}'` }))
  const add = (errors: readonly SyntaxError[]): void => {
    // reading ends with one more than are told
    for (const { at, sentence } of errors.toSorted((a, b) => (a.at ?? -1) - (b.at ?? -1)).slice(0, mostErrors + 1)) issues.add(at, sentence)
  }
  try {
    const expr = new Parser(tokens, issues).start()
    add(unknowns)
    issues.throwIfAny()
    return expr
  } catch (error) {
    if (!(error instanceof NoSyntax)) throw error
    const { errors, end } = syntaxErrors(source, tokens, unknown)
    add([...unknowns.filter(({ at }) => at < end), ...errors])
    throw new BadExpression(issues.toString())
  }
}

const whole = (sentence: string): BadExpression => new BadExpression(`ERROR: <input>:-1:0: ${sentence}`)

type Rule = 'expr' | 'relation' | 'calc'

const relations: ReadonlySet<TokenType> = new Set(["'=='", "'!='", "'<'", "'<='", "'>'", "'>='", "'in'"])
const sums: ReadonlySet<TokenType> = new Set(["'+'", "'-'"])
const products: ReadonlySet<TokenType> = new Set(["'*'", "'/'", "'%'"])

class Parser {
  readonly #tokens: readonly Token[]
  readonly #issues: Issues
  readonly #depth: Record<Rule, number> = { expr: 0, relation: 0, calc: 0 }
  /** How deep the tree below a node is. */
  readonly #heights = new Map<Expr, number>()
  #next = 0

  constructor(tokens: readonly Token[], issues: Issues) {
    this.#tokens = tokens
    this.#issues = issues
  }

  start(): Expr {
    const expr = this.#expr()
    this.#take('<EOF>')
    return expr
  }

  get #token(): Token {
    return this.#tokens[this.#next]!
  }

  #is(type: TokenType): boolean {
    return this.#token.type === type
  }

  #skip(type: TokenType): Token | undefined {
    return this.#is(type) ? this.#take(type) : undefined
  }

  #take(type: TokenType): Token {
    const token = this.#token
    if (token.type !== type) throw new NoSyntax()
    if (type !== '<EOF>') this.#next++
    return token
  }

  #within<T>(rule: Rule, read: () => T): T {
    if (++this.#depth[rule] > mostDepth) throw whole(`expression recursion limit exceeded: ${mostDepth}`)
    const made = read()
    this.#depth[rule]--
    return made
  }

  /** Keeps how deep a node is above those it is made of; `by` is one for those that cel-go counts. */
  #above(expr: Expr, by: 0 | 1, ...parts: readonly Expr[]): Expr {
    let height = 0
    for (const part of parts) height = Math.max(height, this.#heights.get(part) ?? 0)
    height += by
    if (height > mostDepth) throw whole('max recursion depth exceeded')
    if (height > (this.#heights.get(expr) ?? 0)) this.#heights.set(expr, height)
    return expr
  }

  #bad(at: number, sentence: string): Expr {
    this.#issues.add(at, sentence)
    return { kind: 'literal', at, value: null }
  }

  #call(at: number, name: string, target: Expr | undefined, args: readonly Expr[]): Expr {
    try {
      return expandMacro(at, name, target, args) ?? { kind: 'call', at, name, target, args }
    } catch (error) {
      if (error instanceof BadMacro) return this.#bad(error.at, error.message)
      throw error
    }
  }

  #operator(at: number, name: string, args: readonly Expr[]): Expr {
    return this.#above({ kind: 'call', at, name, target: undefined, args }, 1, ...args)
  }

  #expr(): Expr {
    return this.#within('expr', () => {
      const test = this.#logical("'||'", '_||_', () => this.#logical("'&&'", '_&&_', () => this.#relation()))
      const mark = this.#skip("'?'")
      if (!mark) return test
      const yes = this.#logical("'||'", '_||_', () => this.#logical("'&&'", '_&&_', () => this.#relation()))
      this.#take("':'")
      return this.#operator(mark.at, '_?_:_', [test, yes, this.#expr()])
    })
  }

  /** A chain becomes a tree that is as deep on both sides. */
  #logical(sign: "'||'" | "'&&'", name: string, term: () => Expr): Expr {
    const first = term()
    if (!this.#is(sign)) return first
    const terms = [first]
    const operators: Token[] = []
    for (let operator = this.#skip(sign); operator; operator = this.#skip(sign)) {
      operators.push(operator)
      terms.push(term())
    }
    const join = (low: number, high: number): Expr => {
      const middle = (low + high + 1) >> 1
      const left = middle === low ? terms[middle]! : join(low, middle - 1)
      const right = middle === high ? terms[middle + 1]! : join(middle + 1, high)
      return this.#above({ kind: 'call', at: operators[middle]!.at, name, target: undefined, args: [left, right] }, 0, left, right)
    }
    return join(0, operators.length - 1)
  }

  #relation(): Expr {
    return this.#within('relation', () => {
      let left = this.#calc(1)
      while (relations.has(this.#token.type)) {
        const { at, text, type } = this.#take(this.#token.type)
        const right = this.#within('relation', () => this.#calc(1))
        left = this.#operator(at, type === "'in'" ? '@in' : `_${text}_`, [left, right])
      }
      return left
    })
  }

  /** `least` is how tightly the operators bind that are read here: sums 1, products 2. */
  #calc(least: number): Expr {
    return this.#within('calc', () => {
      let left = this.#unary()
      for (;;) {
        const { type } = this.#token
        const binding = products.has(type) ? 2 : sums.has(type) ? 1 : 0
        if (binding === 0 || binding < least) return left
        const { at, text } = this.#take(type)
        left = this.#operator(at, `_${text}_`, [left, this.#calc(binding + 1)])
      }
    })
  }

  #unary(): Expr {
    const sign = this.#is("'!'") ? "'!'" : this.#is("'-'") && !this.#isNegative() ? "'-'" : undefined
    if (!sign) return this.#member()
    const { at } = this.#take(sign)
    let count = 1
    while (this.#skip(sign)) count++
    const operand = this.#member()
    if (count % 2 === 0) return operand
    return this.#above({ kind: 'call', at, name: sign === "'!'" ? '!_' : '-_', target: undefined, args: [operand] }, 0, operand)
  }

  #isNegative(): boolean {
    const type = this.#tokens[this.#next + 1]?.type
    return type === 'NUM_INT' || type === 'NUM_FLOAT'
  }

  #member(): Expr {
    let operand = this.#primary()
    for (;;) {
      const sign = this.#skip("'.'") ?? this.#skip("'['")
      if (!sign) return operand
      operand = sign.type === "'['" ? this.#index(sign, operand) : this.#field(sign, operand)
    }
  }

  #index({ at }: Token, operand: Expr): Expr {
    const isOptional = this.#skip("'?'") !== undefined
    const index = this.#expr()
    this.#take("']'")
    return this.#operator(at, isOptional ? '_[?_]' : '_[_]', [operand, index])
  }

  #field({ at }: Token, operand: Expr): Expr {
    const isOptional = this.#skip("'?'") !== undefined
    const token = this.#skip('ESC_IDENTIFIER') ?? this.#take('IDENTIFIER')
    const field = token.type === 'ESC_IDENTIFIER' ? token.text.slice(1, -1) : token.text
    if (isOptional) return this.#operator(at, '_?._', [operand, { kind: 'literal', at: token.at, value: field }])
    const open = token.type === 'IDENTIFIER' ? this.#skip("'('") : undefined
    if (!open) return this.#above({ kind: 'select', at, operand, field, presence: false }, 1, operand)
    const args = this.#arguments()
    return this.#above(this.#call(open.at, field, operand, args), 1, operand, ...args)
  }

  #arguments(): Expr[] {
    const args: Expr[] = []
    if (!this.#is("')'")) {
      do args.push(this.#expr())
      while (this.#skip("','"))
    }
    this.#take("')'")
    return args
  }

  #primary(): Expr {
    const { type, at } = this.#token
    switch (type) {
      case "'('": {
        this.#take(type)
        const expr = this.#expr()
        this.#take("')'")
        return expr
      }
      case "'['":
        return this.#list()
      case "'{'": {
        this.#take(type)
        const entries = this.#entries()
        return this.#above({ kind: 'map', at, entries }, 0, ...entries.flatMap(({ key, value }) => [key, value]))
      }
      case "'.'": case 'IDENTIFIER':
        return this.#named()
      default:
        return this.#literal()
    }
  }

  #list(): Expr {
    const { at } = this.#take("'['")
    const items: Expr[] = []
    const optional = new Set<number>()
    while (!this.#is("']'")) {
      if (items.length > 0 && (!this.#skip("','") || this.#is("']'"))) break
      if (items.length === 0 && this.#skip("','")) break
      if (this.#skip("'?'")) optional.add(items.length)
      items.push(this.#expr())
    }
    this.#take("']'")
    return this.#above({ kind: 'list', at, items, optional }, 0, ...items)
  }

  /** Reads what stands between braces, and the brace that closes. */
  #between<T>(read: () => T): T[] {
    const made: T[] = []
    while (!this.#is("'}'")) {
      if (made.length > 0 && (!this.#skip("','") || this.#is("'}'"))) break
      if (made.length === 0 && this.#skip("','")) break
      made.push(read())
    }
    this.#take("'}'")
    return made
  }

  #entries(): Entry[] {
    return this.#between(() => {
      const optional = this.#skip("'?'") !== undefined
      const key = this.#expr()
      const { at } = this.#take("':'")
      return { at, key, value: this.#expr(), optional }
    })
  }

  #fields(): Field[] {
    return this.#between(() => {
      const optional = this.#skip("'?'") !== undefined
      const token = this.#skip('ESC_IDENTIFIER') ?? this.#take('IDENTIFIER')
      const { at } = this.#take("':'")
      return { at, name: token.type === 'ESC_IDENTIFIER' ? token.text.slice(1, -1) : token.text, value: this.#expr(), optional }
    })
  }

  /** A variable, a call, or a message. */
  #named(): Expr {
    const dot = this.#skip("'.'")
    const braceAt = this.#messageBrace()
    if (braceAt !== undefined) return this.#message(dot ? '.' : '', braceAt)
    const { text, at } = this.#take('IDENTIFIER')
    const open = this.#skip("'('")
    const args = open ? this.#arguments() : undefined
    const name = (dot ? '.' : '') + text
    if (reserved.has(text)) return this.#bad(dot?.at ?? at, `reserved identifier: ${text}`)
    return args ? this.#above(this.#call(open!.at, name, undefined, args), 0, ...args) : { kind: 'ident', at, name }
  }

  /** Where the brace of a message stands among the tokens, if one comes. */
  #messageBrace(): number | undefined {
    let at = this.#next
    for (; this.#tokens[at]?.type === 'IDENTIFIER'; at += 2) {
      if (this.#tokens[at + 1]?.type === "'{'") return at + 1
      if (this.#tokens[at + 1]?.type !== "'.'") return undefined
    }
    return undefined
  }

  #message(prefix: string, braceAt: number): Expr {
    const name = prefix + this.#tokens.slice(this.#next, braceAt).map(({ text }) => text).join('')
    this.#next = braceAt
    const { at } = this.#take("'{'")
    const fields = this.#fields()
    return this.#above({ kind: 'struct', at, name, fields }, 0, ...fields.map(({ value }) => value))
  }

  #literal(): Expr {
    const { at } = this.#token
    const minus = this.#skip("'-'") ? '-' : ''
    const { type, text } = this.#token
    if (minus && type !== 'NUM_INT' && type !== 'NUM_FLOAT') throw new NoSyntax()
    const value = literalValue(type, text, minus)
    if (value === undefined) throw new NoSyntax()
    this.#next++
    return value instanceof Error ? this.#bad(at, value.message) : { kind: 'literal', at, value }
  }
}

/** Undefined for what is no literal, an error for one that is wrong. */
function literalValue(type: TokenType, text: string, minus: string): unknown {
  switch (type) {
    case 'NUM_INT': {
      const value = BigInt(text) * (minus ? -1n : 1n)
      return BigInt.asIntN(64, value) === value ? value : new Error('invalid int literal')
    }
    case 'NUM_UINT': {
      const value = BigInt(text.slice(0, -1))
      return BigInt.asUintN(64, value) === value ? new Uint(value) : new Error('invalid uint literal')
    }
    case 'NUM_FLOAT': {
      const value = Number(minus + text)
      return Number.isFinite(value) ? value : new Error('invalid double literal')
    }
    case 'STRING': case 'BYTES':
      return attempt(() => (type === 'STRING' ? unescapeText(text) : unescapeBytes(text.slice(1))))
    case "'true'": case "'false'":
      return type === "'true'"
    case "'null'":
      return null
    default:
      return undefined
  }
}

function attempt(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return error
  }
}

