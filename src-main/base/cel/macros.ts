import type { Call, Comprehension, Expr, Ident, Literal } from './ast.ts'

/** A macro is not used as it wants to be. */
export class BadMacro extends Error {
  readonly at: number

  constructor(at: number, sentence: string) {
    super(sentence)
    this.at = at
  }
}

/** Where the result of a loop is kept; nobody can write the name. */
export const accumulator = '@result'

/** Makes the nodes of a macro, which all stand where it is called. */
class Maker {
  readonly at: number

  constructor(at: number) {
    this.at = at
  }

  literal = (value: unknown): Literal => ({ kind: 'literal', at: this.at, value })
  ident = (name: string): Ident => ({ kind: 'ident', at: this.at, name })
  result = (): Ident => this.ident(accumulator)
  list = (...items: Expr[]): Expr => ({ kind: 'list', at: this.at, items, optional: new Set() })
  call = (name: string, ...args: Expr[]): Call => ({ kind: 'call', at: this.at, name, target: undefined, args })
  member = (name: string, target: Expr, ...args: Expr[]): Call => ({ kind: 'call', at: this.at, name, target, args })

  loop = (range: Expr, [variable, second]: readonly [string, string?], more: Pick<Comprehension, 'begin' | 'condition' | 'step'> & { readonly result?: Expr }): Expr =>
    ({ kind: 'comprehension', at: this.at, range, variable, second, accumulator, result: this.result(), ...more })

  /** Names a value for an expression. */
  bind = (name: string, value: Expr, result: Expr): Expr =>
    ({ kind: 'comprehension', at: this.at, range: this.list(), variable: '#unused', second: undefined, accumulator: name, begin: value, condition: this.literal(false), step: this.ident(name), result })
}

type Expand = (make: Maker, target: Expr, args: readonly Expr[]) => Expr

const nameOf = (expr: Expr, otherwise: string): string => {
  if (expr.kind !== 'ident') throw new BadMacro(expr.at, otherwise)
  return expr.name
}

function loopName(expr: Expr, otherwise = 'argument must be a simple name'): string {
  const name = nameOf(expr, otherwise)
  if (name === accumulator || name === '__result__') throw new BadMacro(expr.at, 'iteration variable overwrites accumulator variable')
  return name
}

/** The names of the variables that come first in the arguments. */
function loopNames(count: 1 | 2, args: readonly Expr[]): readonly [string, string?] {
  if (count === 1) return [loopName(args[0]!)]
  const [first, second] = args as readonly [Expr, Expr]
  const names = [nameOf(first, 'argument must be a simple name'), nameOf(second, 'argument must be a simple name')] as const
  if (names[0] === names[1]) throw new BadMacro(second.at, `duplicate variable name: ${names[0]}`)
  return [loopName(first), loopName(second)]
}

const all = (count: 1 | 2): Expand => (make, target, args) => make.loop(target, loopNames(count, args), {
  begin: make.literal(true),
  condition: make.call('@not_strictly_false', make.result()),
  step: make.call('_&&_', make.result(), args[count]!),
})

const exists = (count: 1 | 2): Expand => (make, target, args) => make.loop(target, loopNames(count, args), {
  begin: make.literal(false),
  condition: make.call('@not_strictly_false', make.call('!_', make.result())),
  step: make.call('_||_', make.result(), args[count]!),
})

const existsOne = (count: 1 | 2): Expand => (make, target, args) => make.loop(target, loopNames(count, args), {
  begin: make.literal(0n),
  condition: make.literal(true),
  step: make.call('_?_:_', args[count]!, make.call('_+_', make.result(), make.literal(1n)), make.result()),
  result: make.call('_==_', make.result(), make.literal(1n)),
})

/** A list of what an expression makes of each item that passes. */
function collect(make: Maker, target: Expr, names: readonly [string, string?], [body, test]: readonly [Expr, Expr?]): Expr {
  const push = make.call('_+_', make.result(), make.list(body))
  return make.loop(target, names, { begin: make.list(), condition: make.literal(true), step: test ? make.call('_?_:_', test, push, make.result()) : push })
}

const notIdentifier = 'argument is not an identifier'
const map: Expand = (make, target, args) => collect(make, target, [loopName(args[0]!, notIdentifier)], args.length === 3 ? [args[2]!, args[1]] : [args[1]!])
const filter: Expand = (make, target, args) => collect(make, target, [loopName(args[0]!, notIdentifier)], [args[0]!, args[1]])
const transformList: Expand = (make, target, args) => collect(make, target, loopNames(2, args), args.length === 4 ? [args[3]!, args[2]] : [args[2]!])

/** A map of what is inserted for each entry that passes. */
const transformMap = (hasKey: boolean): Expand => (make, target, args) => {
  const names = loopNames(2, args)
  const [body, test] = args.length === 4 ? [args[3]!, args[2]] : [args[2]!]
  const insert = make.call('cel.@mapInsert', make.result(), ...(hasKey ? [make.ident(names[0])] : []), body)
  return make.loop(target, names, { begin: { kind: 'map', at: make.at, entries: [] }, condition: make.literal(true), step: test ? make.call('_?_:_', test, insert, make.result()) : insert })
}

const has: Expand = (make, _target, [field]) => {
  if (field?.kind !== 'select') throw new BadMacro(field!.at, 'invalid argument to has() macro')
  return { kind: 'select', at: make.at, operand: field.operand, field: field.field, presence: true }
}

const optionalTarget = '#opt_target'

/** What an expression makes of an optional's value; a flat one makes an optional itself. */
const optionalMap = (word: string, isFlat: boolean): Expand => (make, target, args) => {
  const name = nameOf(args[0]!, `${word}() variable name must be a simple identifier`)
  const isNamed = target.kind === 'ident'
  const optional = isNamed ? target : make.ident(optionalTarget)
  const made = make.bind(name, make.member('value', make.ident(optional.name)), args[1]!)
  const choice = make.call('_?_:_', make.member('hasValue', optional), isFlat ? made : make.call('optional.of', made), make.call('optional.none'))
  return isNamed ? choice : make.bind(optionalTarget, target, choice)
}

const sortTarget = '@__sortBy_input__'

const sortBy: Expand = (make, target, args) => {
  if (!['list', 'select', 'ident', 'comprehension', 'call'].includes(target.kind)) {
    throw new BadMacro(target.at, 'sortBy can only be applied to a list, identifier, comprehension, call or select expression')
  }
  return make.bind(sortTarget, target, make.member('@sortByAssociatedKeys', make.ident(sortTarget), map(make, make.ident(sortTarget), args)))
}

/** By name and number of arguments; `has` alone is called on nothing. */
const macros: ReadonlyMap<string, Expand> = new Map<string, Expand>([
  ['has:1', has],
  ['all:2', all(1)], ['exists:2', exists(1)], ['exists_one:2', existsOne(1)], ['map:2', map], ['map:3', map], ['filter:2', filter],
  ['all:3', all(2)], ['exists:3', exists(2)], ['exists_one:3', existsOne(2)], ['existsOne:3', existsOne(2)],
  ['transformList:3', transformList], ['transformList:4', transformList],
  ['transformMap:3', transformMap(true)], ['transformMap:4', transformMap(true)], ['transformMapEntry:3', transformMap(false)], ['transformMapEntry:4', transformMap(false)],
  ['optMap:2', optionalMap('optMap', false)], ['optFlatMap:2', optionalMap('optFlatMap', true)], ['sortBy:2', sortBy],
])

/** What a call becomes, if it is one of a macro. @throws BadMacro */
export function expandMacro(at: number, name: string, target: Expr | undefined, args: readonly Expr[]): Expr | undefined {
  const expand = (target === undefined) === (name === 'has') ? macros.get(`${name}:${args.length}`) : undefined
  // only one that is called on something looks at it
  return expand?.(new Maker(at), target ?? args[0]!, args)
}
