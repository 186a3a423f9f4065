import type { Steps } from '../turns.ts'
import { first, follow, type Follow, inside, type TokenSet } from './grammar-sets.ts'
import type { Token, TokenType, Unknown } from './lexer.ts'
import { GivenUp, type Reading, Recovery, type Rule, type SyntaxError } from './syntax-recovery.ts'

/** What is wrong with tokens that do not follow the grammar, in ANTLR's words, and how far they were read. */
export function* syntaxErrors(source: string, tokens: readonly Token[], unknown: readonly Unknown[]): Steps<{ errors: readonly SyntaxError[]; end: number }> {
  const recovery = new Recovery(source, tokens, unknown)
  try {
    yield* recovery.follow(new Grammar(recovery).start())
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error
    return { errors: recovery.errors, end: recovery.ahead(0).at }
  }
  return { errors: recovery.errors, end: source.length }
}

const one = (...types: readonly TokenType[]): Follow => ({ set: new Set(types), ends: false })
const among = (set: TokenSet): Follow => ({ set, ends: false })

/** CEL's grammar, read for its mistakes alone. */
class Grammar {
  readonly #in: Recovery

  constructor(recovery: Recovery) {
    this.#in = recovery
  }

  start(): Rule {
    return { after: { set: new Set(), ends: true }, read: () => this.#whole() }
  }

  *#whole(): Reading {
    yield this.#expr(follow.start)
    this.#in.match('<EOF>', 'start', { set: new Set(), ends: true })
  }

  #expr(after: Follow): Rule {
    return { after, read: () => this.#choice() }
  }

  *#choice(): Reading {
    yield this.#or(follow.test)
    if (this.#in.type !== "'?'") return
    this.#in.match("'?'", 'expr ?', among(first.expr))
    yield this.#or(follow.yes)
    this.#in.match("':'", 'expr :', among(first.expr))
    yield this.#expr(follow.end)
  }

  #or(after: Follow): Rule {
    const and = (): Rule => ({ after: follow.or, read: () => this.#chain("'&&'", 'and', () => this.#relation(follow.and, 0)) })
    return { after, read: () => this.#chain("'||'", 'or', and) }
  }

  *#chain(sign: TokenType, place: string, read: () => Rule): Reading {
    yield read()
    while (this.#in.type === sign) {
      this.#in.match(sign, place, among(first.expr))
      yield read()
    }
  }

  #relation(after: Follow, least: number): Rule {
    return { after, read: () => this.#relations(least) }
  }

  *#relations(least: number): Reading {
    yield this.#calc(follow.relation, 0)
    while (least <= 1 && this.#in.isAt(first.relation)) {
      this.#in.match(this.#in.type, 'relation', among(first.expr))
      yield this.#relation(follow.relation, 2)
    }
  }

  #calc(after: Follow, least: number): Rule {
    return { after, read: () => this.#terms(least) }
  }

  *#terms(least: number): Reading {
    yield { after: follow.calc, read: () => this.#unary() }
    for (;;) {
      const binding = this.#in.isAt(first.product) ? 2 : this.#in.isAt(first.sum) ? 1 : 0
      if (binding === 0 || binding < least) return
      this.#in.match(this.#in.type, 'calc', among(first.expr))
      yield this.#calc(follow.calc, binding + 1)
    }
  }

  *#unary(): Reading {
    this.#in.choice(first.expr, 'unary')
    if (this.#in.type === "'!'") {
      do {
        this.#in.match("'!'", 'unary !', among(first.expr))
        this.#in.repetition(inside.afterNot, 'unary ! again')
      } while (this.#in.type === "'!'")
    } else if (this.#in.type === "'-'" && !first.numbersAfterMinus.has(this.#in.ahead(1).type)) {
      if (!first.member.has(this.#in.ahead(1).type)) this.#in.noWay(1, 'unary')
      do {
        this.#in.match("'-'", 'unary -', among(first.member))
        this.#in.repetition(inside.afterMinus, 'unary - again')
        if (!this.#in.isAt(first.member)) this.#in.noWay(0, 'unary - again')
        if (this.#in.type === "'-'" && !first.member.has(this.#in.ahead(1).type)) this.#in.noWay(1, 'unary - again')
      } while (this.#in.type === "'-'")
    } else if (!this.#in.isAt(first.expr)) this.#in.noWay(0, 'unary')
    yield { after: follow.end, read: () => this.#member() }
  }

  *#member(): Reading {
    yield { after: follow.step, read: () => this.#primary() }
    while (this.#in.isAt(inside.step)) yield* this.#step()
  }

  *#step(): Reading {
    if (this.#in.type === "'['") {
      this.#in.match("'['", 'index', among(first.item))
      this.#in.choice(first.item, 'index ?')
      this.#optional('index ?', first.expr)
      yield this.#expr(follow.index)
      return this.#in.match("']'", 'index ]', follow.step)
    }
    const { type } = this.#in.ahead(1)
    if (type !== "'?'" && !first.name.has(type)) this.#in.noWay(1, 'member')
    this.#in.match("'.'", 'member .', among(first.field))
    if (type === 'IDENTIFIER' && this.#in.ahead(1).type === "'('") {
      this.#in.match('IDENTIFIER', 'call name', one("'('"))
      return yield* this.#arguments('call', follow.step)
    }
    this.#in.choice(first.field, 'member ?')
    this.#optional('member ?', first.name)
    yield this.#name(follow.step)
  }

  #optional(place: string, after: TokenSet): void {
    if (this.#in.type === "'?'") this.#in.match("'?'", place, among(after))
  }

  *#arguments(place: string, after: Follow): Reading {
    this.#in.match("'('", `${place} (`, among(inside.arguments))
    this.#in.choice(inside.arguments, `${place} arguments`)
    if (this.#in.isAt(first.expr)) yield { after: follow.closed, read: () => this.#chain("','", 'arguments ,', () => this.#expr(follow.next)) }
    this.#in.match("')'", `${place} )`, after)
  }

  #name(after: Follow): Rule {
    return { after, read: () => this.#anyName() }
  }

  #anyName(): Reading {
    this.#in.choice(first.name, 'name')
    if (!this.#in.isAt(first.name)) this.#in.noWay(0, 'name')
    this.#in.match(this.#in.type, 'name', follow.end)
    return []
  }

  *#primary(): Reading {
    this.#in.choice(first.member, 'primary')
    switch (this.#in.type) {
      case "'('":
        this.#in.match("'('", 'nested (', among(first.expr))
        yield this.#expr(follow.closed)
        return this.#in.match("')'", 'nested )', follow.end)
      case "'['":
        return yield* this.#list()
      case "'{'":
        this.#in.match("'{'", 'map {', among(inside.map))
        return yield* this.#braces('map', inside.map, first.item, () => this.#entry())
      case "'.'": case 'IDENTIFIER':
        return yield* this.#named()
      default:
        if (!this.#in.isAt(first.literals)) this.#in.noWay(0, 'primary')
        return yield { after: follow.end, read: () => this.#literal() }
    }
  }

  *#list(): Reading {
    this.#in.match("'['", 'list [', among(inside.list))
    this.#in.choice(inside.list, 'list items')
    if (this.#in.isAt(first.item)) yield { after: follow.list, read: () => this.#items(first.item, () => this.#itemAlone()) }
    this.#in.choice(inside.listEnd, 'list ,')
    if (this.#in.type === "','") this.#in.match("','", 'list ,', one("']'"))
    this.#in.match("']'", 'list ]', follow.end)
  }

  /** A comma goes on only where something comes behind it. */
  *#items(begins: TokenSet, read: () => Reading): Reading {
    yield* read()
    while (this.#in.type === "','" && begins.has(this.#in.ahead(1).type)) {
      this.#in.match("','", 'items ,', among(begins))
      yield* read()
    }
  }

  #item(after: Follow): Rule {
    return { after, read: () => this.#perhaps() }
  }

  *#itemAlone(): Reading {
    yield this.#item(follow.next)
  }

  *#perhaps(): Reading {
    this.#in.choice(first.item, 'item')
    this.#optional('item ?', first.expr)
    yield this.#expr(follow.end)
  }

  *#entry(): Reading {
    yield this.#item(follow.key)
    this.#in.match("':'", 'entry :', among(first.expr))
    yield this.#expr(follow.next)
  }

  *#field(): Reading {
    yield { after: follow.key, read: () => this.#fieldName() }
    this.#in.match("':'", 'field :', among(first.expr))
    yield this.#expr(follow.next)
  }

  *#fieldName(): Reading {
    this.#in.choice(first.field, 'field')
    this.#optional('field ?', first.name)
    yield this.#name(follow.end)
  }

  /** What stands behind the opening brace. */
  *#braces(place: string, expected: TokenSet, begins: TokenSet, read: () => Reading): Reading {
    this.#in.choice(expected, `${place} entries`)
    if (this.#in.isAt(begins)) yield { after: follow.braces, read: () => this.#items(begins, read) }
    this.#in.choice(inside.braceEnd, `${place} ,`)
    if (this.#in.type === "','") this.#in.match("','", `${place} ,`, one("'}'"))
    this.#in.match("'}'", `${place} }`, follow.end)
  }

  /** A variable, a call, or a message: told apart by what comes behind the names. */
  *#named(): Reading {
    const dots = this.#in.type === "'.'" ? 1 : 0
    if (this.#in.ahead(dots).type !== 'IDENTIFIER') this.#in.noWay(dots, 'primary')
    const sort = this.#sort(dots + 1)
    if (dots) this.#in.match("'.'", 'name .', one('IDENTIFIER'))
    this.#in.match('IDENTIFIER', 'name', sort === 'call' ? one("'('") : sort === 'message' ? among(inside.messageName) : follow.end)
    if (sort === 'call') return yield* this.#arguments('function', follow.end)
    if (sort === 'ident') return
    while (this.#in.type === "'.'") {
      this.#in.match("'.'", 'message .', one('IDENTIFIER'))
      this.#in.match('IDENTIFIER', 'message name', among(inside.messageName))
    }
    this.#in.match("'{'", 'message {', among(inside.message))
    yield* this.#braces('message', inside.message, first.field, () => this.#field())
  }

  /** `by` is where the token behind the first name is. */
  #sort(by: number): 'ident' | 'call' | 'message' {
    if (this.#in.ahead(by).type === "'('") return 'call'
    let at = by
    while (this.#in.ahead(at).type === "'.'" && this.#in.ahead(at + 1).type === 'IDENTIFIER') at += 2
    return this.#in.ahead(at).type === "'{'" ? 'message' : 'ident'
  }

  #literal(): Reading {
    this.#in.choice(first.literals, 'literal')
    if (this.#in.type === "'-'") {
      if (!first.numbersAfterMinus.has(this.#in.ahead(1).type)) this.#in.noWay(1, 'literal')
      this.#in.match("'-'", 'literal -', among(first.numbersAfterMinus))
    }
    if (!this.#in.isAt(first.literals)) this.#in.noWay(0, 'literal')
    this.#in.match(this.#in.type, 'literal', follow.end)
    return []
  }
}
