import type { Steps } from '../turns.ts'
import type { Call, Comprehension, Expr, Ident, ListExpr, MapExpr, Select, StructExpr } from './ast.ts'
import { callCost, costsAfterwards } from './call-costs.ts'
import { runCall } from './calls.ts'
import type { Environment } from './declarations.ts'
import { loop } from './loops.ts'
import { accumulator } from './macros.ts'
import { Pace } from './pace.ts'
import { qualified, type Qualifier } from './qualify.ts'
import type { Frame } from './frame.ts'
import { goText } from './value-text.ts'
import { Failure, isEqual, keyOf, MadeMap, noOverload, Optional, TypeValue, Uint } from './values.ts'

/** Evaluates a node. */
export type Step = (frame: Frame) => unknown

/** How a node is evaluated. */
interface Plan {
  readonly run: Step
  /** What it always is. */
  readonly constant?: { readonly value: unknown }
  /** Where it stands for what it holds: without the price of looking it up. */
  readonly inner?: Step
  /** Takes a step further into the value. */
  readonly qualify?: (qualifier: Qualifier<Frame>) => Plan
}

/** An expression cannot be made ready to run. */
export class BadProgram extends Error {}

/** Makes an expression ready to run. It is checked. @throws BadProgram */
export function* plan(root: Expr, env: Environment): Steps<{ readonly run: Step; readonly slots: number }> {
  const planner = new Planner(env)
  const { run } = yield* planner.plan(root)
  return { run, slots: planner.slots }
}

const accessCost = 1
const [listCost, mapCost, structCost] = [10, 30, 40]
const constant = (value: unknown): Plan => ({ run: () => value, constant: { value } })

/** Functions named as types, which are worked out at once for what never changes. */
const conversions = new Set(['bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint'])

class Planner {
  readonly #env: Environment
  /** Where variables of macros are kept in the run. */
  readonly #scopes: Array<ReadonlyMap<string, number>> = []
  readonly #pace = new Pace()
  slots = 0

  constructor(env: Environment) {
    this.#env = env
  }

  *plan(expr: Expr): Steps<Plan> {
    if (this.#pace.isTime) yield
    switch (expr.kind) {
      case 'literal':
        return constant(expr.value)
      case 'ident':
        return this.#ident(expr)
      case 'select':
        return yield* this.#select(expr)
      case 'call':
        return yield* this.#call(expr)
      case 'list':
        return yield* this.#list(expr)
      case 'map':
        return yield* this.#map(expr)
      case 'struct':
        return yield* this.#struct(expr)
      case 'comprehension':
        return { run: yield* this.#loop(expr) }
    }
  }

  *#all(exprs: readonly Expr[]): Steps<Plan[]> {
    const plans: Plan[] = []
    for (const each of exprs) plans.push(yield* this.plan(each))
    return plans
  }

  #slot(name: string): number | undefined {
    for (let i = this.#scopes.length - 1; i >= 0; i--) {
      const found = this.#scopes[i]!.get(name)
      if (found !== undefined) return found
    }
    return undefined
  }

  #ident({ name, constant: type }: Ident): Plan {
    if (typeof type === 'bigint') return constant(type)
    if (type) {
      // the checker alone knows some names
      if (type.kind === 'dyn' || type.name !== name.replace(/^\./, '')) throw new BadProgram(`reference to undefined type: ${name}`)
      return constant(new TypeValue(type.name))
    }
    const slot = name.startsWith('.') ? undefined : this.#slot(name)
    if (slot !== undefined) return attribute((frame) => frame.local(slot), [])
    const plain = name.replace(/^\./, '')
    return attribute((frame) => frame.variable(plain), [])
  }

  *#select({ operand, field, presence }: Select): Steps<Plan> {
    return into(yield* this.plan(operand), { key: () => field, optional: false, presence })
  }

  *#call(expr: Call): Steps<Plan> {
    // before its parts, of which one is planned there: twice at every depth is too often
    if (expr.name === '_+_' && this.#isPush(expr)) return { run: yield* this.#push(expr) }
    const plans = yield* this.#all(expr.target ? [expr.target, ...expr.args] : expr.args)
    const [first, second, third] = plans as [Plan, Plan, Plan]
    switch (expr.name) {
      case '_&&_':
        return { run: both(first.run, second.run, false) }
      case '_||_':
        return { run: both(first.run, second.run, true) }
      case '_?:_': case '_?_:_':
        return choice(first.run, second, third)
      case '_==_': case '_!=_':
        return { run: equality(first.run, second.run, expr.name) }
      case '@not_strictly_false':
        return { run: notStrictlyFalse(first.run) }
      case '_[_]': case '_[?_]': case '_?._':
        return into(first, { key: second.inner ?? second.run, optional: expr.name !== '_[_]', presence: false })
      case 'or': case 'orValue':
        return { run: otherwise(first.run, second.run, expr.name === 'or') }
      default:
        return this.#function(expr, plans)
    }
  }

  #function(expr: Call, plans: readonly Plan[]): Plan {
    const { name, overloads = [] } = expr
    const only = overloads.length === 1 ? overloads[0] : undefined
    const [first, second] = plans
    if (name === '@in' && only?.args[1]?.kind === 'list' && second?.constant && isPlain(second.constant.value)) return membership(first!, second.constant.value as readonly unknown[])
    const all = this.#env.overloads(name)!
    const call = runCall(name, only, all)
    if (conversions.has(name) && plans.length === 1 && first!.constant) {
      const value = call([first!.constant.value])
      if (value instanceof Failure) throw new BadProgram(value.message)
      return constant(value)
    }
    const pattern = (name === 'matches' || name === 'find' || name === 'findAll') && second?.constant
    if (pattern) {
      // a pattern that is none is told before anything runs
      const tried = call(['', pattern.value, ...(plans.length > 2 ? [1n] : [])])
      if (tried instanceof Failure) throw new BadProgram(tried.message.replace(/^Illegal regex: /, ''))
    }
    return { run: called(plans.map(({ run }) => run), call, callCost(name, only), costsAfterwards(name)) }
  }

  /** `@result + [item]`, by which macros make lists. */
  #isPush({ args: [list, added] }: Call): boolean {
    return list?.kind === 'ident' && list.name === accumulator && added?.kind === 'list' && added.items.length === 1 && added.optional.size === 0
  }

  /** Nobody else has the list yet, so it may grow as it is. */
  *#push({ args: [list, added] }: Call): Steps<Step> {
    const slot = this.#slot((list as Ident).name)!
    const item = yield* this.plan((added as ListExpr).items[0]!)
    const cost = accessCost + (item.constant ? 0 : listCost) + 1
    return (frame) => {
      const made = frame.local(slot)
      if (made instanceof Failure) {
        frame.charge(accessCost)
        return made
      }
      frame.charge(cost)
      const value = item.run(frame)
      if (value instanceof Failure) return value
      ;(made as unknown[]).push(value)
      return made
    }
  }

  *#list({ items, optional }: ListExpr): Steps<Plan> {
    const plans = yield* this.#all(items)
    const isConstant = optional.size === 0 && plans.every((each) => each.constant)
    const steps = plans.map(({ run }) => run)
    if (isConstant) return constant(plans.map((each) => each.constant!.value))
    return {
      run(frame) {
        const made: unknown[] = []
        frame.charge(listCost, steps.length)
        for (let i = 0; i < steps.length; i++) {
          const value = steps[i]!(frame)
          if (value instanceof Failure) return value
          if (!optional.has(i)) made.push(value)
          else if (!(value instanceof Optional)) return new Failure(`cannot initialize optional list element from non-optional value ${goText(value)}`)
          else if (value.value !== undefined) made.push(value.value)
        }
        return made
      },
    }
  }

  *#map({ entries }: MapExpr): Steps<Plan> {
    const parts = yield* this.#all(entries.flatMap(({ key, value }) => [key, value]))
    const plans = entries.map(({ optional }, i) => ({ key: parts[2 * i]!, value: parts[2 * i + 1]!, optional }))
    if (plans.every(({ key, value, optional }) => key.constant && value.constant && !optional)) return constant(new MadeMap(plans.map(({ key, value }) => [key.constant!.value, value.constant!.value])))
    return {
      run(frame) {
        const made = new MadeMap<unknown, unknown>()
        frame.charge(mapCost, plans.length)
        for (const { key, value, optional } of plans) {
          const name = key.run(frame)
          if (name instanceof Failure) return name
          const failure = put(made, name, value.run(frame), optional)
          if (failure) return failure
        }
        return made
      },
    }
  }

  *#struct({ name, fields }: StructExpr): Steps<Plan> {
    const message = this.#env.message(name.replace(/^\./, ''))
    if (!message) throw new BadProgram(`unknown type: ${name}`)
    const values = yield* this.#all(fields.map(({ value }) => value))
    const plans = fields.map(({ name, optional }, i) => ({ name, value: values[i]!.run, optional }))
    return {
      run(frame) {
        const made = new Map<string, unknown>()
        frame.charge(structCost, plans.length)
        for (const field of plans) {
          const failure = put(made, field.name, field.value(frame), field.optional)
          if (failure) return failure
        }
        return message.make(made)
      },
    }
  }

  *#loop(expr: Comprehension): Steps<Step> {
    const { run: range } = yield* this.plan(expr.range)
    const { run: begin } = yield* this.plan(expr.begin)
    const result = this.slots++
    const first = this.slots++
    const second = expr.second === undefined ? undefined : this.slots++
    this.#scopes.push(new Map([[expr.accumulator, result]]))
    this.#scopes.push(new Map([[expr.variable, first], ...(expr.second === undefined ? [] : [[expr.second, second!] as const])]))
    const { run: condition } = yield* this.plan(expr.condition)
    const { run: step } = yield* this.plan(expr.step)
    this.#scopes.pop()
    const { run: end } = yield* this.plan(expr.result)
    this.#scopes.pop()
    return loop({ range, begin, condition, step, end, result, first, second })
  }
}

/** Puts an entry into what is made; a failure when that cannot be. */
function put<K>(made: Map<K, unknown>, key: K, value: unknown, optional: boolean): Failure | undefined {
  if (value instanceof Failure) return value
  if (!optional) made.set(key, value)
  else if (!(value instanceof Optional)) return new Failure(`cannot initialize optional entry '${goText(key)}' from non-optional value ${goText(value)}`)
  else if (value.value !== undefined) made.set(key, value.value)
  else made.delete(key)
  return undefined
}

/** A value and steps into it; to look it up costs something once. */
function attribute(base: Step, qualifiers: ReadonlyArray<Qualifier<Frame>>): Plan {
  const inner: Step = qualifiers.length === 0 ? base : (frame) => {
    const value = base(frame)
    return value instanceof Failure ? value : qualified(frame, value, qualifiers)
  }
  const isPresence = qualifiers.at(-1)?.presence === true
  const run: Step = (frame) => {
    if (!isPresence) frame.charge(accessCost)
    const value = inner(frame)
    return isPresence && value instanceof Optional ? value.value !== undefined : value
  }
  return { run, inner, qualify: (qualifier) => attribute(base, [...qualifiers, qualifier]) }
}

const into = (from: Plan, qualifier: Qualifier<Frame>): Plan => (from.qualify ?? attribute(from.run, []).qualify!)(qualifier)

/** A choice costs what decides it and what it comes to. */
function choice(test: Step, yes: Plan, no: Plan, qualifiers: ReadonlyArray<Qualifier<Frame>> = []): Plan {
  const [onYes, onNo] = [yes.inner ?? yes.run, no.inner ?? no.run]
  const run: Step = (frame) => {
    const decided = test(frame)
    if (typeof decided !== 'boolean') return decided instanceof Failure ? decided : noOverload
    const value = decided ? onYes(frame) : onNo(frame)
    return value instanceof Failure || qualifiers.length === 0 ? value : qualified(frame, value, qualifiers)
  }
  return { run, inner: run, qualify: (qualifier) => choice(test, yes, no, [...qualifiers, qualifier]) }
}

/** `decisive` ends it, whatever the other is. */
const both = (left: Step, right: Step, decisive: boolean): Step => (frame) => {
  const first = left(frame)
  if (first === decisive) return decisive
  const second = right(frame)
  if (second === decisive) return decisive
  const wrong = typeof first !== 'boolean' ? first : typeof second !== 'boolean' ? second : undefined
  return wrong === undefined ? !decisive : wrong instanceof Failure ? wrong : noOverload
}

const notStrictlyFalse = (of: Step): Step => (frame) => {
  const value = of(frame)
  frame.charge(1)
  return typeof value === 'boolean' ? value : true
}

function equality(left: Step, right: Step, name: '_==_' | '_!=_'): Step {
  const cost = callCost(name, undefined)
  return (frame) => {
    const first = left(frame)
    if (first instanceof Failure) return first
    const second = right(frame)
    const isLarge = typeof first === 'object' && typeof second === 'object'
    frame.charge(cost([first, second], undefined), isLarge ? 50 : 1)
    if (second instanceof Failure) return second
    return isEqual(first, second) === (name === '_==_')
  }
}

const otherwise = (optional: Step, other: Step, isOptional: boolean): Step => (frame) => {
  const first = optional(frame)
  if (first instanceof Failure) return first
  if (!(first instanceof Optional)) return noOverload
  if (first.value === undefined) return other(frame)
  return isOptional ? first : first.value
}

/** Items by which a list may be looked through before the run. */
const isPlain = (list: unknown): boolean => Array.isArray(list) && list.every((each) => each instanceof Uint || ['string', 'boolean', 'bigint', 'number'].includes(typeof each))

function membership(value: Plan, list: readonly unknown[]): Plan {
  if (list.length === 0) return constant(false)
  const known = new Set(list.map(keyOf))
  return {
    run(frame) {
      const asked = value.run(frame)
      return asked instanceof Failure ? asked : known.has(keyOf(asked))
    },
  }
}

const called = (args: readonly Step[], call: (values: readonly unknown[]) => unknown, cost: ReturnType<typeof callCost>, isAfter: boolean): Step => (frame) => {
  const values: unknown[] = new Array(args.length)
  let work = 1
  const last = args.length - 1
  for (let i = 0; i <= last; i++) {
    const value = args[i]!(frame)
    // once all has been worked out that it is given, a call costs what it costs
    if (value instanceof Failure && i < last) return value
    if (Array.isArray(value)) work += value.length
    else if (typeof value === 'string') work += value.length >> 6
    values[i] = value
  }
  if (!isAfter) frame.charge(cost(values, undefined), work)
  const made = values[last] instanceof Failure ? values[last] : call(values)
  if (isAfter) frame.charge(cost(values, made), work)
  return made
}
