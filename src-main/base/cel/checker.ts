import type { Steps } from '../turns.ts'
import type { Call, Comprehension, Expr, Ident, ListExpr, MapExpr, Select, StructExpr } from './ast.ts'
import { visit } from './ast.ts'
import type { Environment, Overload } from './declarations.ts'
import type { Issues } from './issues.ts'
import { Pace } from './pace.ts'
import * as types from './types.ts'
import { errorType, formatType, isDyn, isDynOrError, isOptional, isSame, type Type, unwrapped } from './types.ts'
import { mostGeneral, Substitutions } from './unify.ts'
import { typeOf } from './values.ts'

/** Finds the type of every node, and what does not fit. Writes types, and what names turned out to mean, into the tree. */
export function* check(root: Expr, env: Environment, issues: Issues): Steps<Type> {
  const checker = new Checker(env, issues)
  yield* checker.check(root)
  yield* visit(root, (expr) => {
    if (expr.type) expr.type = checker.known(expr.type, true)
  })
  return root.type!
}

class Checker {
  readonly #env: Environment
  readonly #issues: Issues
  readonly #substitutions = new Substitutions()
  /** Variables of macros, the innermost last. */
  readonly #scopes: Array<ReadonlyMap<string, Type>> = []
  readonly #pace = new Pace()
  #made = 0

  constructor(env: Environment, issues: Issues) {
    this.#env = env
    this.#issues = issues
  }

  known(of: Type, unknownAsDyn = false): Type {
    return this.#substitutions.resolve(of, unknownAsDyn)
  }

  *check(expr: Expr): Steps<Type> {
    if (this.#pace.isTime) yield
    switch (expr.kind) {
      case 'literal':
        return (expr.type = typeOf(expr.value))
      case 'ident':
        return (expr.type = this.#ident(expr))
      case 'select':
        return (expr.type = yield* this.#select(expr))
      case 'call':
        return (expr.type = yield* this.#call(expr))
      case 'list':
        return (expr.type = yield* this.#list(expr))
      case 'map':
        return (expr.type = yield* this.#map(expr))
      case 'struct':
        return (expr.type = yield* this.#struct(expr))
      case 'comprehension':
        return (expr.type = yield* this.#comprehension(expr))
    }
  }

  #undeclared(at: number, name: string): Type {
    this.#issues.add(at, `undeclared reference to '${name}' (in container '')`)
    return errorType
  }

  #mismatch(at: number, expected: Type, found: Type): void {
    this.#issues.add(at, `expected type '${formatType(expected)}' but found '${formatType(found)}'`)
  }

  #local(name: string): Type | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const found = this.#scopes[i]!.get(name)
      if (found) return found
    }
    return undefined
  }

  /** A variable of the environment, or the name of a type or a number. */
  #global(name: string): { readonly type: Type; readonly constant?: Type | bigint } | undefined {
    const variable = this.#env.variable(name)
    if (variable) return { type: variable }
    const type = this.#env.type(name)
    if (type) return { type: types.typeOfType(type), constant: type }
    const number = this.#env.number(name)
    return number === undefined ? undefined : { type: types.int, constant: number }
  }

  #ident(expr: Ident): Type {
    const local = expr.name.startsWith('.') ? undefined : this.#local(expr.name)
    if (local) return local
    const found = this.#global(expr.name.replace(/^\./, ''))
    if (!found) return this.#undeclared(expr.at, expr.name)
    if (found.constant !== undefined) expr.constant = found.constant
    return found.type
  }

  *#select(expr: Select): Steps<Type> {
    const name = expr.presence ? undefined : qualifiedName(expr)
    const found = name !== undefined && !this.#local(name.slice(0, name.indexOf('.'))) ? this.#global(name.replace(/^\./, '')) : undefined
    if (found) {
      // it is one name, dots and all
      const ident = expr as unknown as Ident
      ident.kind = 'ident'
      ident.name = name!
      if (found.constant !== undefined) ident.constant = found.constant
      return found.type
    }
    const field = yield* this.#field(expr.at, expr.operand, expr.field, false)
    return expr.presence ? types.bool : this.known(field)
  }

  /** The type of a field; of an optional it is optional too. */
  *#field(at: number, operand: Expr, name: string, optional: boolean): Steps<Type> {
    const of = this.known(yield* this.check(operand))
    const target = unwrapped(of)
    const field = this.#fieldOf(at, target, name)
    return optional || isOptional(of) ? types.optional(field) : field
  }

  #fieldOf(at: number, target: Type, name: string): Type {
    switch (target.kind) {
      case 'map':
        return target.params[1]!
      case 'struct': {
        const field = target.field?.(name)
        if (!field) this.#issues.add(at, `undefined field '${name}'`)
        return field ?? errorType
      }
      case 'param':
        this.#substitutions.isAssignable(types.dyn, target)
        return types.dyn
      default:
        if (!isDynOrError(target)) this.#issues.add(at, `type '${formatType(target)}' does not support field selection`)
        return types.dyn
    }
  }

  *#call(expr: Call): Steps<Type> {
    if (expr.name === '_?._') {
      const [operand, field] = expr.args as readonly [Expr, Expr]
      const type = yield* this.#field(expr.at, operand, field.kind === 'literal' ? String(field.value) : '', true)
      field.type = types.string
      return this.known(type)
    }
    for (const arg of expr.args) yield* this.check(arg)
    if (!expr.target) return this.#function(expr, expr.name.replace(/^\./, ''))
    const prefix = qualifiedName(expr.target)?.replace(/^\./, '')
    if (prefix !== undefined && this.#env.overloads(`${prefix}.${expr.name}`)) {
      // what stands before the dot is a part of the name
      expr.name = `${prefix}.${expr.name}`
      expr.target = undefined
      return this.#function(expr, expr.name)
    }
    yield* this.check(expr.target)
    return this.#function(expr, expr.name)
  }

  #function(expr: Call, name: string): Type {
    const overloads = this.#env.overloads(name)
    if (!overloads) return this.#undeclared(expr.at, expr.name)
    expr.name = name
    const args = expr.target ? [expr.target, ...expr.args] : expr.args
    if (name === '_&&_' || name === '_||_') return this.#logical(expr, overloads)
    const given = args.map(({ type }) => type!)
    const fitting: Overload[] = []
    let result: Type | undefined
    for (const overload of overloads) {
      if (overload.isMember !== (expr.target !== undefined)) continue
      const { params, made } = this.#instance(overload)
      if (!this.#substitutions.areAssignable(given, params)) continue
      fitting.push(overload)
      const type = this.known(made)
      if (!result) result = type
      else if (!isDyn(result) && !isSame(type, result)) result = types.dyn
    }
    if (!result) {
      const [first, ...rest] = given.map((each) => formatType(this.known(each, true)))
      const shown = expr.target ? `${first}.(${rest.join(', ')})` : `(${[first, ...rest].filter((each) => each !== undefined).join(', ')})`
      this.#issues.add(expr.at, `found no matching overload for '${name}' applied to '${shown}'`)
      return errorType
    }
    expr.overloads = fitting
    return result
  }

  #logical(expr: Call, overloads: readonly Overload[]): Type {
    const wrong = expr.args.filter(({ type }) => !this.#substitutions.isAssignable(type!, types.bool))
    for (const { at, type } of wrong) this.#mismatch(at, types.bool, type!)
    expr.overloads = overloads
    return wrong.length > 0 ? errorType : types.bool
  }

  /** An overload with parameters of its own. */
  #instance({ args, result, params }: Overload): { readonly params: readonly Type[]; readonly made: Type } {
    if (params.length === 0) return { params: args, made: result }
    const fresh = new Map(params.map((name) => [name, this.#newParam()]))
    const replaced = (of: Type): Type => (of.kind === 'param' ? fresh.get(of.name)! : of.params.length === 0 ? of : { ...of, params: of.params.map(replaced) })
    return { params: args.map(replaced), made: replaced(result) }
  }

  #newParam(): Type {
    return types.param(`_var${this.#made++}`)
  }

  /** The type of several; that they are one is looked at later. */
  #join(before: Type | undefined, next: Type): Type {
    if (!before) return next
    return this.#substitutions.isAssignable(before, next) ? mostGeneral(before, next) : types.dyn
  }

  /** What an optional entry is of. */
  #entry(expr: Expr, optional: boolean): Type {
    const type = expr.type!
    if (!optional) return type
    const inner = unwrapped(type)
    if (!isOptional(type) && !isDyn(type)) this.#mismatch(expr.at, types.optional(type), type)
    return inner
  }

  *#list(expr: ListExpr): Steps<Type> {
    let item: Type | undefined
    for (const [i, each] of expr.items.entries()) {
      yield* this.check(each)
      item = this.#join(item, this.#entry(each, expr.optional.has(i)))
    }
    return types.list(item ?? this.#newParam())
  }

  *#map(expr: MapExpr): Steps<Type> {
    let key: Type | undefined
    let value: Type | undefined
    for (const entry of expr.entries) {
      key = this.#join(key, yield* this.check(entry.key))
      yield* this.check(entry.value)
      value = this.#join(value, this.#entry(entry.value, entry.optional))
    }
    return types.map(key ?? this.#newParam(), value ?? this.#newParam())
  }

  *#struct(expr: StructExpr): Steps<Type> {
    const name = expr.name.replace(/^\./, '')
    const message = this.#env.message(name)
    const type = message?.type ?? this.#env.type(name)
    if (!type) return this.#undeclared(expr.at, expr.name)
    if (!message && type.kind !== 'struct') {
      this.#issues.add(expr.at, `'${type.name}' is not a message type`)
      return errorType
    }
    for (const { at, name, value, optional } of expr.fields) {
      yield* this.check(value)
      const field = message?.field ? message.field(name) : type.field?.(name)
      if (!field) this.#issues.add(at, `undefined field '${name}'`)
      const given = this.#entry(value, optional)
      if (!this.#substitutions.isAssignable(field ?? errorType, given)) {
        this.#issues.add(at, `expected type of field '${name}' is '${formatType(field!)}' but provided type is '${formatType(given)}'`)
      }
    }
    return type
  }

  *#comprehension(expr: Comprehension): Steps<Type> {
    yield* this.check(expr.range)
    const accumulated = yield* this.check(expr.begin)
    const [first, second] = this.#loopTypes(expr)
    this.#scopes.push(new Map([[expr.accumulator, accumulated]]))
    this.#scopes.push(new Map(expr.second === undefined ? [[expr.variable, first]] : [[expr.variable, first], [expr.second, second]]))
    yield* this.check(expr.condition)
    this.#assert(expr.condition, types.bool)
    yield* this.check(expr.step)
    this.#assert(expr.step, accumulated)
    this.#scopes.pop()
    const result = yield* this.check(expr.result)
    this.#scopes.pop()
    return this.known(result)
  }

  #loopTypes({ range, second }: Comprehension): readonly [Type, Type] {
    const of = this.known(range.type!)
    switch (of.kind) {
      case 'list':
        return second === undefined ? [of.params[0]!, of.params[0]!] : [types.int, of.params[0]!]
      case 'map':
        return [of.params[0]!, of.params[1]!]
      case 'dyn': case 'error': case 'param':
        this.#substitutions.isAssignable(types.dyn, of)
        return [types.dyn, types.dyn]
      default:
        this.#issues.add(range.at, `expression of type '${formatType(of)}' cannot be range of a comprehension (must be list, map, or dynamic)`)
        return [errorType, errorType]
    }
  }

  #assert(expr: Expr, wanted: Type): void {
    if (!this.#substitutions.isAssignable(wanted, expr.type!)) this.#mismatch(expr.at, wanted, expr.type!)
  }
}

/** `a.b.c`, if it may be one name. */
function qualifiedName(expr: Expr): string | undefined {
  const names: string[] = []
  let at = expr
  while (at.kind === 'select' && !at.presence) {
    names.push(at.field)
    at = at.operand
  }
  return at.kind === 'ident' ? [at.name, ...names.reverse()].join('.') : undefined
}
