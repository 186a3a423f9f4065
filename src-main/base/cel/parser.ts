import type { Steps } from '../turns.ts'
import type { Entry, Expr, Field } from './ast.ts'
import { BadExpression, type Issues, mostErrors } from './issues.ts'
import { lex, type Token, type TokenType } from './lexer.ts'
import { literalValue } from './literals.ts'
import { BadMacro, expandMacro } from './macros.ts'
import { Pace } from './pace.ts'
import { syntaxErrors } from './syntax-errors.ts'
import type { SyntaxError } from './syntax-recovery.ts'

const reserved = new Set([
  'as', 'break', 'const', 'continue', 'else', 'false', 'for', 'function', 'if', 'import', 'in', 'let', 'loop', 'package', 'namespace', 'null', 'return', 'true', 'var',
  'void', 'while',
])

/** How deep rules of the grammar, and then the tree, may nest: maxRecursionDepth of cel-go. */
const mostDepth = 250
/** expressionSizeCodePointLimit */
const mostCharacters = 100_000

/** The text does not follow the grammar; what exactly is wrong is found out by who has the grammar. */
class NoSyntax extends Error {}

/**
 * The tree of an expression.
 *
 * @throws BadExpression
 */
export function* parse(source: string, issues: Issues): Steps<Expr> {
  const characters = source.length > mostCharacters ? [...source].length : 0
  if (characters > mostCharacters) throw whole(`expression code point size exceeds limit: size: ${characters}, limit ${mostCharacters}`)
  const { tokens, unknown } = yield* lex(source)
  const unknowns = unknown.map(({ at, text }) => ({ at, sentence: `Syntax error: token recognition error at: '${text}'` }))
  const add = (errors: readonly SyntaxError[]): void => {
    // reading ends with one more than are told
    for (const { at, sentence } of errors.toSorted((a, b) => (a.at ?? -1) - (b.at ?? -1)).slice(0, mostErrors + 1)) issues.add(at, sentence)
  }
  try {
    const expr = yield* new Parser(tokens, issues).start()
    add(unknowns)
    issues.throwIfAny()
    return expr
  } catch (error) {
    if (!(error instanceof NoSyntax)) throw error
    const { errors, end } = yield* syntaxErrors(source, tokens, unknown)
    add([...unknowns.filter(({ at }) => at < end), ...errors])
    throw new BadExpression(issues.toString())
  }
}

const whole = (sentence: string): BadExpression => new BadExpression(`ERROR: <input>:-1:0: ${sentence}`)

type Rule = 'expr' | 'relation' | 'calc'

const relations: ReadonlySet<TokenType> = new Set(["'=='", "'!='", "'<'", "'<='", "'>'", "'>='", "'in'"])
const sums: ReadonlySet<TokenType> = new Set(["'+'", "'-'"])
const products: ReadonlySet<TokenType> = new Set(["'*'", "'/'", "'%'"])

/** What an operand goes on with. */
const follows: ReadonlySet<TokenType> = new Set(["'.'", "'['", "'('", "'{'"])
const simple: ReadonlySet<TokenType> = new Set(['NUM_INT', 'NUM_UINT', 'NUM_FLOAT', 'STRING', 'BYTES', "'true'", "'false'", "'null'"])

class Parser {
  readonly #tokens: readonly Token[]
  readonly #issues: Issues
  readonly #depth: Record<Rule, number> = { expr: 0, relation: 0, calc: 0 }
  /** How deep the tree below a node is. */
  readonly #heights = new Map<Expr, number>()
  readonly #pace = new Pace()
  #next = 0

  constructor(tokens: readonly Token[], issues: Issues) {
    this.#tokens = tokens
    this.#issues = issues
  }

  *start(): Steps<Expr> {
    const expr = yield* this.#expr()
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

  #enter(rule: Rule): void {
    if (++this.#depth[rule] > mostDepth) throw whole(`expression recursion limit exceeded: ${mostDepth}`)
  }

  /** Whoever leaves in a hurry has no use for the depth any more. */
  #leave(rule: Rule, made: Expr): Expr {
    this.#depth[rule]--
    return made
  }

  /** Keeps how deep a node is above those it is made of; `by` is one for those that cel-go counts. */
  #above(expr: Expr, by: 0 | 1, parts: readonly Expr[]): Expr {
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
    return this.#above({ kind: 'call', at, name, target: undefined, args }, 1, args)
  }

  *#expr(): Steps<Expr> {
    this.#enter('expr')
    const test = yield* this.#or()
    const mark = this.#skip("'?'")
    if (!mark) return this.#leave('expr', test)
    const yes = yield* this.#or()
    this.#take("':'")
    return this.#leave('expr', this.#operator(mark.at, '_?_:_', [test, yes, yield* this.#expr()]))
  }

  #or(): Steps<Expr> {
    return this.#logical("'||'", '_||_', () => this.#logical("'&&'", '_&&_', () => this.#relation()))
  }

  /** A chain becomes a tree that is as deep on both sides. */
  *#logical(sign: "'||'" | "'&&'", name: string, term: () => Steps<Expr>): Steps<Expr> {
    const first = yield* term()
    if (!this.#is(sign)) return first
    const terms = [first]
    const operators: Token[] = []
    for (let operator = this.#skip(sign); operator; operator = this.#skip(sign)) {
      operators.push(operator)
      terms.push(yield* term())
    }
    const pace = this.#pace
    const above = (at: number, left: Expr, right: Expr): Expr => this.#above({ kind: 'call', at, name, target: undefined, args: [left, right] }, 0, [left, right])
    const join = function* (low: number, high: number): Steps<Expr> {
      if (pace.isTime) yield
      const middle = (low + high + 1) >> 1
      const left = middle === low ? terms[middle]! : yield* join(low, middle - 1)
      const right = middle === high ? terms[middle + 1]! : yield* join(middle + 1, high)
      return above(operators[middle]!.at, left, right)
    }
    return yield* join(0, operators.length - 1)
  }

  *#relation(): Steps<Expr> {
    this.#enter('relation')
    let left = yield* this.#calc(1)
    while (relations.has(this.#token.type)) {
      const { at, text, type } = this.#take(this.#token.type)
      this.#enter('relation')
      const right = this.#leave('relation', yield* this.#calc(1))
      left = this.#operator(at, type === "'in'" ? '@in' : `_${text}_`, [left, right])
    }
    return this.#leave('relation', left)
  }

  /** `least` is how tightly the operators bind that are read here: sums 1, products 2. */
  *#calc(least: number): Steps<Expr> {
    if (this.#pace.isTime) yield
    this.#enter('calc')
    let left = this.#alone() ?? (yield* this.#unary())
    for (;;) {
      const { type } = this.#token
      const binding = products.has(type) ? 2 : sums.has(type) ? 1 : 0
      if (binding === 0 || binding < least) return this.#leave('calc', left)
      const { at, text } = this.#take(type)
      left = this.#operator(at, `_${text}_`, [left, yield* this.#calc(binding + 1)])
    }
  }

  /** A name or a literal by itself, as most are. */
  #alone(): Expr | undefined {
    const { type } = this.#token
    if (follows.has(this.#tokens[this.#next + 1]?.type ?? '<EOF>')) return undefined
    return type === 'IDENTIFIER' ? this.#variable() : simple.has(type) ? this.#literal() : undefined
  }

  #variable(): Expr | undefined {
    const { type, text, at } = this.#token
    if (type !== 'IDENTIFIER' || this.#tokens[this.#next + 1]?.type === "'('" || reserved.has(text) || this.#messageBrace() !== undefined) return undefined
    this.#next++
    return { kind: 'ident', at, name: text }
  }

  /** `.field` */
  #selected({ at }: Token, operand: Expr): Expr | undefined {
    const { type, text } = this.#token
    if (type !== 'IDENTIFIER' || this.#tokens[this.#next + 1]?.type === "'('") return undefined
    this.#next++
    return this.#above({ kind: 'select', at, operand, field: text, presence: false }, 1, [operand])
  }

  *#unary(): Steps<Expr> {
    const sign = this.#is("'!'") ? "'!'" : this.#is("'-'") && !this.#isNegative() ? "'-'" : undefined
    if (!sign) return yield* this.#member()
    const { at } = this.#take(sign)
    let count = 1
    while (this.#skip(sign)) count++
    const operand = yield* this.#member()
    if (count % 2 === 0) return operand
    return this.#above({ kind: 'call', at, name: sign === "'!'" ? '!_' : '-_', target: undefined, args: [operand] }, 0, [operand])
  }

  #isNegative(): boolean {
    const type = this.#tokens[this.#next + 1]?.type
    return type === 'NUM_INT' || type === 'NUM_FLOAT'
  }

  *#member(): Steps<Expr> {
    let operand = this.#variable() ?? (yield* this.#primary())
    for (;;) {
      const sign = this.#skip("'.'") ?? this.#skip("'['")
      if (!sign) return operand
      operand = sign.type === "'['" ? yield* this.#index(sign, operand) : (this.#selected(sign, operand) ?? (yield* this.#field(sign, operand)))
    }
  }

  *#index({ at }: Token, operand: Expr): Steps<Expr> {
    const isOptional = this.#skip("'?'") !== undefined
    const index = yield* this.#expr()
    this.#take("']'")
    return this.#operator(at, isOptional ? '_[?_]' : '_[_]', [operand, index])
  }

  *#field({ at }: Token, operand: Expr): Steps<Expr> {
    const isOptional = this.#skip("'?'") !== undefined
    const token = this.#skip('ESC_IDENTIFIER') ?? this.#take('IDENTIFIER')
    const field = token.type === 'ESC_IDENTIFIER' ? token.text.slice(1, -1) : token.text
    if (isOptional) return this.#operator(at, '_?._', [operand, { kind: 'literal', at: token.at, value: field }])
    const open = token.type === 'IDENTIFIER' ? this.#skip("'('") : undefined
    if (!open) return this.#above({ kind: 'select', at, operand, field, presence: false }, 1, [operand])
    const args = yield* this.#arguments()
    return this.#above(this.#call(open.at, field, operand, args), 1, [operand, ...args])
  }

  *#arguments(): Steps<Expr[]> {
    const args: Expr[] = []
    if (!this.#is("')'")) {
      do args.push(yield* this.#expr())
      while (this.#skip("','"))
    }
    this.#take("')'")
    return args
  }

  *#primary(): Steps<Expr> {
    const { type, at } = this.#token
    switch (type) {
      case "'('": {
        this.#take(type)
        const expr = yield* this.#expr()
        this.#take("')'")
        return expr
      }
      case "'['":
        return yield* this.#list()
      case "'{'": {
        this.#take(type)
        const entries = yield* this.#between(() => this.#entry())
        return this.#above({ kind: 'map', at, entries }, 0, entries.flatMap(({ key, value }) => [key, value]))
      }
      case "'.'": case 'IDENTIFIER':
        return yield* this.#named()
      default:
        return this.#literal()
    }
  }

  *#list(): Steps<Expr> {
    const { at } = this.#take("'['")
    const items: Expr[] = []
    const optional = new Set<number>()
    while (!this.#is("']'")) {
      if (items.length > 0 && (!this.#skip("','") || this.#is("']'"))) break
      if (items.length === 0 && this.#skip("','")) break
      if (this.#skip("'?'")) optional.add(items.length)
      items.push(yield* this.#expr())
    }
    this.#take("']'")
    return this.#above({ kind: 'list', at, items, optional }, 0, items)
  }

  /** Reads what stands between braces, and the brace that closes. */
  *#between<T>(read: () => Steps<T>): Steps<T[]> {
    const made: T[] = []
    while (!this.#is("'}'")) {
      if (made.length > 0 && (!this.#skip("','") || this.#is("'}'"))) break
      if (made.length === 0 && this.#skip("','")) break
      made.push(yield* read())
    }
    this.#take("'}'")
    return made
  }

  *#entry(): Steps<Entry> {
    const optional = this.#skip("'?'") !== undefined
    const key = yield* this.#expr()
    const { at } = this.#take("':'")
    return { at, key, value: yield* this.#expr(), optional }
  }

  *#messageField(): Steps<Field> {
    const optional = this.#skip("'?'") !== undefined
    const token = this.#skip('ESC_IDENTIFIER') ?? this.#take('IDENTIFIER')
    const { at } = this.#take("':'")
    return { at, name: token.type === 'ESC_IDENTIFIER' ? token.text.slice(1, -1) : token.text, value: yield* this.#expr(), optional }
  }

  /** A variable, a call, or a message. */
  *#named(): Steps<Expr> {
    const dot = this.#skip("'.'")
    const braceAt = this.#messageBrace()
    if (braceAt !== undefined) return yield* this.#message(dot ? '.' : '', braceAt)
    const { text, at } = this.#take('IDENTIFIER')
    const open = this.#skip("'('")
    const args = open ? yield* this.#arguments() : undefined
    const name = (dot ? '.' : '') + text
    if (reserved.has(text)) return this.#bad(dot?.at ?? at, `reserved identifier: ${text}`)
    return args ? this.#above(this.#call(open!.at, name, undefined, args), 0, args) : { kind: 'ident', at, name }
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

  *#message(prefix: string, braceAt: number): Steps<Expr> {
    const name = prefix + this.#tokens.slice(this.#next, braceAt).map(({ text }) => text).join('')
    this.#next = braceAt
    const { at } = this.#take("'{'")
    const fields = yield* this.#between(() => this.#messageField())
    return this.#above({ kind: 'struct', at, name, fields }, 0, fields.map(({ value }) => value))
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
