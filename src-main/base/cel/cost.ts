import type { Steps } from '../turns.ts'
import type { Call, Comprehension, Expr } from './ast.ts'
import { CostScope, eitherEntries } from './cost-scope.ts'
import { callEstimate, comparison, costs, type Estimate, isComparison, perCharacter } from './cost-table.ts'
import { eitherSize, plus, scaled, type SizedType, sizePlus, times } from './cost-sizes.ts'
import type { Overload } from './declarations.ts'
import { Pace } from './pace.ts'

/**
 * What an expression costs at most, as cel-go's checker and Kubernetes estimate it: by what its variables may hold, each
 * loop as often as there may be items. `declared` is the type of the variables, which all are of one; nothing is known of their sizes without.
 */
export const estimateCost = (tree: Expr, declared?: SizedType): Steps<number> => new Coster(declared).cost(tree)

class Coster {
  readonly #scope: CostScope
  readonly #pace = new Pace()

  constructor(declared: SizedType | undefined) {
    this.#scope = new CostScope(declared)
  }

  *cost(expr: Expr): Steps<number> {
    if (this.#pace.isTime) yield
    switch (expr.kind) {
      case 'literal':
        return costs.literal
      case 'ident': {
        const path = this.#scope.path(expr)
        this.#scope.reach(expr, path.length > 0 ? path : [expr.name])
        return costs.access
      }
      case 'select': {
        const cost = yield* this.cost(expr.operand)
        if (expr.presence) return cost
        this.#scope.reachFrom(expr, expr.operand, expr.field)
        return plus(cost, ['map', 'struct', 'param'].includes(expr.operand.type?.kind ?? '') ? costs.access : 0)
      }
      case 'call':
        return yield* this.#call(expr)
      case 'list': {
        const cost = plus(costs.list, yield* this.#all(expr.items))
        this.#scope.holdAll(expr, true, [], expr.items)
        return cost
      }
      case 'map': {
        const [keys, values] = [expr.entries.map(({ key }) => key), expr.entries.map(({ value }) => value)]
        const cost = plus(costs.map, yield* this.#all(keys), yield* this.#all(values))
        this.#scope.holdAll(expr, false, keys, values)
        return cost
      }
      case 'struct':
        return plus(costs.message, yield* this.#all(expr.fields.map(({ value }) => value)))
      case 'comprehension':
        return isBind(expr) ? yield* this.#bind(expr) : yield* this.#loop(expr)
    }
  }

  *#all(exprs: readonly Expr[]): Steps<number> {
    let sum = 0
    for (const each of exprs) sum = plus(sum, yield* this.cost(each))
    return sum
  }

  *#call(expr: Call): Steps<number> {
    const { name, args, target } = expr
    const costOfArgs: number[] = []
    for (const arg of args) costOfArgs.push(yield* this.cost(arg))
    if (name === 'dyn') {
      this.#scope.copy(expr, args[0]!)
      return plus(costOfArgs[0]!, 1)
    }
    const costOfTarget = target ? yield* this.cost(target) : 0
    const sum = costOfArgs.reduce((before, cost) => plus(before, cost), 0)
    const estimates = (expr.overloads ?? [undefined]).map((overload) => this.#overload(expr, overload, costOfArgs, sum))
    const size = estimates.map((each) => each.size).reduce((a, b) => (a && b ? eitherSize(a, b) : (a ?? b)))
    this.#scope.measure(expr, size ?? this.#scope.known(expr))
    return plus(costOfTarget, Math.max(...estimates.map(({ cost }) => cost)))
  }

  /** With what the arguments cost. */
  #overload(expr: Call, overload: Overload | undefined, [first = 0, second = 0, third = 0]: readonly number[], sum: number): Estimate {
    const { name, args, target } = expr
    const given = { target: target && this.#scope.operand(target), args: args.map((arg) => this.#scope.operand(arg)), overload }
    switch (name) {
      case '_&&_': case '_||_':
        return { cost: plus(first, second) }
      case '_?_:_':
        this.#scope.hold(expr, eitherEntries(this.#scope.entries(args[1]!), this.#scope.entries(args[2]!)))
        return { cost: plus(first, Math.max(second, third)), size: eitherSize(this.#scope.size(args[1]!), this.#scope.size(args[2]!)) }
      case '_+_':
        return this.#sum(expr, overload, sum)
      case '@in':
        return { cost: plus(sum, overload?.args[1]?.kind === 'list' ? this.#scope.size(args[1]!).max : 1) }
      case '_[_]':
        return this.#index(expr, overload, sum)
      default: {
        if (isComparison(name)) return { cost: plus(sum, comparison(name, given)) }
        const estimate = callEstimate(name, given)
        return { ...estimate, cost: plus(estimate.cost, sum) }
      }
    }
  }

  #sum(expr: Call, overload: Overload | undefined, sum: number): Estimate {
    const kind = overload?.args[0]?.kind
    if (kind !== 'string' && kind !== 'bytes' && kind !== 'list') return { cost: plus(sum, 1) }
    const [left, right] = expr.args as readonly [Expr, Expr]
    const size = sizePlus(this.#scope.size(left), this.#scope.size(right))
    this.#scope.hold(expr, eitherEntries(this.#scope.entries(left), this.#scope.entries(right)))
    return { cost: plus(sum, kind === 'list' ? 1 : scaled(size.max, perCharacter)), size }
  }

  #index(expr: Call, overload: Overload | undefined, sum: number): Estimate {
    const [from] = expr.args as readonly [Expr, Expr]
    const kind = overload?.args[0]?.kind
    if (kind !== 'list' && kind !== 'map') return { cost: plus(sum, 1) }
    this.#scope.reachFrom(expr, from, kind === 'list' ? '@items' : '@values')
    const size = this.#scope.entries(from)?.values
    return { cost: plus(sum, 1), ...(size ? { size } : {}) }
  }

  /** What is named costs what it costs once. */
  *#bind(expr: Comprehension): Steps<number> {
    const before = plus(yield* this.cost(expr.range), yield* this.cost(expr.begin))
    const leave = this.#scope.enter([[expr.accumulator, this.#scope.asLocal(expr.begin)]])
    const made = yield* this.cost(expr.result)
    this.#scope.copy(expr, expr.result)
    leave()
    return plus(before, made)
  }

  *#loop(expr: Comprehension): Steps<number> {
    const before = plus(yield* this.cost(expr.range), yield* this.cost(expr.begin))
    const result = [expr.accumulator, this.#scope.asLocal(expr.begin)] as const
    const leaveRound = this.#scope.enter([result, ...this.#scope.loopVariables(expr)])
    const round = plus(yield* this.cost(expr.condition), yield* this.cost(expr.step))
    leaveRound()
    const leaveEnd = this.#scope.enter([result])
    const end = yield* this.cost(expr.result)
    leaveEnd()
    const size = this.#scope.size(expr.range)
    if (expr.begin.kind === 'literal') this.#scope.measure(expr, this.#scope.known(expr.begin))
    else if (expr.begin.kind === 'list' || expr.begin.kind === 'map') {
      this.#scope.measure(expr, size)
      this.#scope.hold(expr, this.#scope.entries(expr.step))
    }
    return plus(before, end, times(size.max, round))
  }
}

const isBind = ({ range, condition }: Comprehension): boolean => range.kind === 'list' && range.items.length === 0 && condition.kind === 'literal' && condition.value === false
