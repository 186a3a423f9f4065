import type { TokenType } from './lexer.ts'

export type TokenSet = ReadonlySet<TokenType>

const set = (...types: readonly TokenType[]): TokenSet => new Set(types)
const union = (...sets: readonly TokenSet[]): TokenSet => new Set(sets.flatMap((each) => [...each]))

/** What may come after a rule where it is used; `ends` where the rule around it may end there too. */
export interface Follow {
  readonly set: TokenSet
  readonly ends: boolean
}

const only = (...types: readonly TokenType[]): Follow => ({ set: set(...types), ends: false })
const orEnd = (...types: readonly TokenType[]): Follow => ({ set: set(...types), ends: true })

const numbersAfterMinus = set('NUM_INT', 'NUM_FLOAT')
const literals = set("'-'", "'true'", "'false'", "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES')
/** What a member begins with, and a primary. */
const member = union(literals, set("'['", "'{'", "'('", "'.'", 'IDENTIFIER'))
const expr = union(member, set("'!'"))
const item = union(expr, set("'?'"))
const name = set('IDENTIFIER', 'ESC_IDENTIFIER')
const field = union(name, set("'?'"))

/** What CEL's rules begin with. */
export const first = { numbersAfterMinus, literals, member, expr, item, name, field, relation: set("'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'"), product: set("'*'", "'/'", "'%'"), sum: set("'+'", "'-'") }

/** What is expected in the middle of rules. */
export const inside = {
  arguments: union(expr, set("')'")),
  list: union(item, set("','", "']'")), listEnd: set("','", "']'"),
  map: union(item, set("','", "'}'")), message: union(field, set("','", "'}'")), braceEnd: set("','", "'}'"),
  afterNot: union(expr), afterMinus: union(member),
  step: set("'.'", "'['"), messageName: set("'.'", "'{'"),
}

/** What comes after each use of a rule. */
export const follow = {
  start: only('<EOF>'), test: orEnd("'?'"), yes: only("':'"), end: orEnd(), or: orEnd("'||'"), and: orEnd("'&&'"),
  relation: orEnd(...first.relation), calc: orEnd(...first.product, ...first.sum), step: orEnd("'.'", "'['"),
  closed: only("')'"), index: only("']'"), list: only("','", "']'"), braces: only("','", "'}'"), next: orEnd("','"), key: only("':'"),
}

const order: readonly TokenType[] = [
  '<EOF>', "'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'", "'&&'", "'||'", "'['", "']'", "'{'", "'}'", "'('", "')'", "'.'", "','", "'-'", "'!'", "'?'", "':'", "'+'",
  "'*'", "'/'", "'%'", "'true'", "'false'", "'null'", 'NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER', 'ESC_IDENTIFIER',
]

/** As messages write what was expected. */
export function written(types: TokenSet): string {
  const names = order.filter((each) => types.has(each))
  return names.length === 1 ? names[0]! : `{${names.join(', ')}}`
}
