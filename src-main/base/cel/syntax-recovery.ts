import type { Steps } from '../turns.ts'
import { type Follow, type TokenSet, written } from './grammar-sets.ts'
import { mostErrors } from './issues.ts'
import type { Token, TokenType, Unknown } from './lexer.ts'
import { Pace } from './pace.ts'

export interface SyntaxError {
  /** Undefined for what is wrong with all of it. */
  readonly at: number | undefined
  readonly sentence: string
}

/** Reads what stands in a rule; the rules within it, which it gives, are read for it before it goes on. */
export type Reading = Iterable<Rule>

/** A rule of the grammar, where something may come behind it. */
export interface Rule {
  readonly after: Follow
  readonly read: () => Reading
}

/** A rule that has begun at a place. */
interface Open {
  readonly rule: Rule
  readonly place: string
  within?: Iterator<Rule>
}

/** A rule cannot go on; who reads it looks for where to go on behind it. */
class Stuck extends Error {}

/** Nothing more is read. */
export class GivenUp extends Error {}

/** errorRecoveryLimit, errorRecoveryTokenLookaheadLimit and maxRecursionDepth of cel-go. */
const [mostAttempts, mostSkipped, mostDepth] = [30, 256, 250]

/**
 * Goes through tokens as a parser made by ANTLR does that finds something wrong: leaves one out, takes one for there, or gives up the
 * rule and goes on behind it. What it says on the way is what Kubernetes answers.
 */
export class Recovery {
  readonly errors: SyntaxError[] = []
  readonly #source: string
  readonly #tokens: readonly Token[]
  readonly #unknown: readonly Unknown[]
  readonly #follows: Follow[] = []
  readonly #pace = new Pace()
  #next = 0
  /** Nothing is said from a mistake until something fits again. */
  #recovering = false
  #lastErrorAt = -1
  readonly #lastErrorPlaces = new Set<string>()
  #attempts = 0
  /** Where in the grammar it is. */
  #place = ''

  constructor(source: string, tokens: readonly Token[], unknown: readonly Unknown[]) {
    this.#source = source
    this.#tokens = tokens
    this.#unknown = unknown
  }

  /** The token that is so far ahead. */
  ahead(by: number): Token {
    return this.#tokens[Math.min(this.#next + by, this.#tokens.length - 1)]!
  }

  get type(): TokenType {
    return this.ahead(0).type
  }

  isAt(types: TokenSet): boolean {
    return types.has(this.type)
  }

  /** Reads a rule with all below it, or what is left of each after a mistake. */
  *follow(rule: Rule): Steps<void> {
    const open: Open[] = []
    for (let next: Rule | undefined = rule; ; ) {
      if (this.#pace.isTime) yield
      if (next) {
        if (open.length > mostDepth * 12) this.giveUp(undefined, `expression recursion limit exceeded: ${mostDepth}`)
        open.push({ rule: next, place: this.#place })
        this.#follows.push(next.after)
      }
      const last = open.at(-1)!
      next = this.#nextIn(last)
      if (next) continue
      this.#follows.pop()
      this.#place = last.place
      open.pop()
      if (open.length === 0) return
    }
  }

  /** The rule that comes next in another; none at its end, or where it is given up. */
  #nextIn(open: Open): Rule | undefined {
    try {
      const { done, value } = (open.within ??= open.rule.read()[Symbol.iterator]()).next()
      return done ? undefined : value
    } catch (error) {
      if (!(error instanceof Stuck)) throw error
      this.#recover()
      return undefined
    }
  }

  /** @throws Stuck */
  match(type: TokenType, place: string, after: Follow): void {
    this.#place = place
    if (this.type === type) return this.#matched()
    const expected = new Set([type])
    this.#count()
    if (this.#leaveOut(expected)) return this.#consume()
    if (this.#canFollow(after)) {
      this.#say(`missing ${written(expected)} at ${shown(this.ahead(0))}`)
      return
    }
    this.#mismatch(expected)
  }

  /** Where a choice begins: nothing else may stand there. @throws Stuck */
  choice(types: TokenSet, place: string): void {
    this.#place = place
    if (this.#recovering || this.isAt(types) || this.#leaveOut(types)) return
    this.#mismatch(types)
  }

  /** Where a repetition may go on. */
  repetition(types: TokenSet, place: string): void {
    this.#place = place
    if (this.#recovering || this.isAt(types)) return
    this.#say(`extraneous input ${shown(this.ahead(0))} expecting ${written(types)}`)
    this.#skipTo(new Set([...types, ...this.#recoverySet()]), { count: 0 })
  }

  /** None of the ways on goes as far as the token that is so far ahead. @throws Stuck */
  noWay(by: number, place: string): never {
    this.#place = place
    const [from, to] = [this.ahead(0), this.ahead(by)]
    const text = from.type === '<EOF>' ? '<EOF>' : this.#known(from.at, to.type === '<EOF>' ? this.#source.length : to.at + to.text.length)
    const sentence = `no viable alternative at input ${escaped(text)}`
    this.#say(/'.(true|false|null)'$/.test(sentence) ? sentence.replace(/no viable alternative at input '.(true|false|null)'/, "mismatched input '$1' expecting IDENTIFIER") : sentence, to)
    throw new Stuck()
  }

  /** The source without what is no token. */
  #known(from: number, to: number): string {
    let text = ''
    let at = from
    for (const piece of this.#unknown) {
      if (piece.at < at || piece.at >= to) continue
      text += this.#source.slice(at, piece.at)
      at = piece.at + piece.text.length
    }
    return text + this.#source.slice(at, to)
  }

  #consume(): void {
    if (this.type !== '<EOF>') this.#next++
  }

  #matched(): void {
    this.#fits()
    this.#consume()
  }

  #fits(): void {
    this.#recovering = false
    this.#lastErrorAt = -1
    this.#lastErrorPlaces.clear()
  }

  #say(sentence: string, token = this.ahead(0)): void {
    if (this.#recovering) return
    this.#recovering = true
    this.#tell(token.at, sentence)
  }

  #tell(at: number | undefined, sentence: string): void {
    if (this.errors.length >= mostErrors) this.giveUp(at, `Syntax error: More than ${mostErrors} syntax errors`)
    this.errors.push({ at, sentence: `Syntax error: ${sentence}` })
  }

  giveUp(at: number | undefined, sentence: string): never {
    this.errors.push({ at, sentence })
    throw new GivenUp()
  }

  #count(): void {
    if (this.#attempts++ === mostAttempts) {
      this.#tell(this.ahead(0).at, `error recovery attempt limit exceeded: ${mostAttempts}`)
      throw new GivenUp()
    }
  }

  /** Leaves a token out if the one behind it fits. */
  #leaveOut(expected: TokenSet): boolean {
    if (!expected.has(this.ahead(1).type)) return false
    this.#say(`extraneous input ${shown(this.ahead(0))} expecting ${written(expected)}`)
    this.#consume()
    this.#fits()
    return true
  }

  /** Whether a token may stand behind one that is missing. */
  #canFollow(after: Follow): boolean {
    let follow: Follow | undefined = after
    for (let i = this.#follows.length - 1; follow; i--) {
      if (follow.set.has(this.type)) return true
      if (!follow.ends) return false
      if (i < 0) return this.type === '<EOF>'
      follow = this.#follows[i]
    }
    return false
  }

  #mismatch(expected: TokenSet): never {
    this.#say(`mismatched input ${shown(this.ahead(0))} expecting ${written(expected)}`)
    throw new Stuck()
  }

  #recoverySet(): TokenSet {
    return new Set(this.#follows.flatMap(({ set }) => [...set]))
  }

  #recover(): void {
    this.#count()
    const skipped = { count: 0 }
    if (this.#lastErrorAt === this.#next && this.#lastErrorPlaces.has(this.#place)) this.#skip(skipped)
    this.#lastErrorAt = this.#next
    this.#lastErrorPlaces.add(this.#place)
    this.#skipTo(this.#recoverySet(), skipped)
  }

  #skipTo(types: TokenSet, skipped: { count: number }): void {
    while (this.type !== '<EOF>' && !this.isAt(types)) this.#skip(skipped)
  }

  #skip(skipped: { count: number }): void {
    if (skipped.count++ >= mostSkipped) this.giveUp(undefined, `error recovery token lookahead limit exceeded: ${mostSkipped}`)
    this.#consume()
  }
}

const escaped = (text: string): string => `'${text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
const shown = (token: Token): string => escaped(token.text)
