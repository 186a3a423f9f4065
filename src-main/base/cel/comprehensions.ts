import { Budget, budgetName } from './budget.ts'
import { type CheckedType, type Checker, type EnvironmentPart, type Evaluator, type Macro, type MacroCall, type Scope, type TreeNode, variableIn } from './part.ts'

/** The pairs a comprehension with two variables goes through: index and item, or key and value. */
function pairsOf(range: unknown): Iterable<readonly [unknown, unknown]> {
  if (Array.isArray(range)) return range.map((item: unknown, i) => [BigInt(i), item] as const)
  if (range instanceof Map) return range as Map<unknown, unknown>
  if (typeof range === 'object' && range !== null) return Object.entries(range)
  throw new Error('no such overload')
}

/** What a comprehension does with each pair; `run` evaluates its body there. */
interface Shape {
  /** Arguments after the two variables. */
  readonly bodies: number
  type(checker: Checker, bodies: readonly CheckedType[], range: CheckedType): CheckedType
  evaluate(pairs: Iterable<readonly [unknown, unknown]>, run: (body: number, pair: readonly [unknown, unknown]) => unknown): unknown
}

const named = (type: CheckedType): string => (/\b[A-Z]\b|\$/.test(type.name) ? 'dyn' : type.name)

const comprehension = (shape: Shape) => ({ receiver, args }: MacroCall): Macro => {
  const [first, second] = [variableIn(args[0]), variableIn(args[1])]
  const bodies: readonly TreeNode[] = args.slice(2)
  let outer: Scope
  let inner: Scope
  return {
    async: false,
    typeCheck(checker, _macro, scope) {
      const range = checker.check(receiver, scope)
      if (!['list', 'map', 'dyn'].includes(range.kind)) throw checker.createError('invalid_comprehension_range', `expression of type '${range.name}' cannot be range of a comprehension (must be list, map, or dynamic)`, receiver)
      outer = scope.forkWithVariable(first, range.kind === 'list' ? checker.getType('int') : (range.keyType ?? checker.getType('dyn')))
      inner = outer.forkWithVariable(second, range.valueType ?? checker.getType('dyn'))
      return shape.type(checker, bodies.map((body) => checker.check(body, inner)), range)
    },
    evaluate(evaluator: Evaluator, _macro, scope) {
      const budget = scope.getValue(budgetName)
      const pairs = pairsOf(evaluator.run(receiver, scope))
      return shape.evaluate(pairs, (body, [key, value]) => {
        if (budget instanceof Budget) budget.charge(2)
        return evaluator.run(bodies[body]!, inner.reuse(outer.reuse(scope).setIterValue(key, evaluator)).setIterValue(value, evaluator))
      })
    },
  }
}

const truth = (value: unknown): boolean => {
  if (typeof value !== 'boolean') throw new Error('no such overload')
  return value
}

/** Ends at the first pair that decides; an error counts only when none does. */
const quantifier = (decides: boolean): Shape => ({
  bodies: 1,
  type: (checker) => checker.getType('bool'),
  evaluate(pairs, run) {
    let failure: unknown
    for (const pair of pairs) {
      try {
        if (truth(run(0, pair)) === decides) return decides
      } catch (error) {
        failure ??= error
      }
    }
    if (failure !== undefined) throw failure
    return !decides
  },
})

const existsOne: Shape = {
  bodies: 1,
  type: (checker) => checker.getType('bool'),
  evaluate: (pairs, run) => [...pairs].filter((pair) => truth(run(0, pair))).length === 1,
}

const transformList = (bodies: 1 | 2): Shape => ({
  bodies,
  type: (checker, types) => checker.getType(`list<${named(types.at(-1)!)}>`),
  evaluate: (pairs, run) => [...pairs].filter((pair) => bodies === 1 || truth(run(0, pair))).map((pair) => run(bodies - 1, pair)),
})

const transformMap = (bodies: 1 | 2): Shape => ({
  bodies,
  type: (checker, types, range) => checker.getType(`map<${range.kind === 'list' ? 'int' : range.keyType ? named(range.keyType) : 'dyn'}, ${named(types.at(-1)!)}>`),
  evaluate: (pairs, run) => new Map([...pairs].filter((pair) => bodies === 1 || truth(run(0, pair))).map((pair) => [pair[0], run(bodies - 1, pair)] as const)),
})

const transformMapEntry = (bodies: 1 | 2): Shape => ({
  bodies,
  type: (checker) => checker.getType('map'),
  evaluate(pairs, run) {
    const made = new Map<unknown, unknown>()
    for (const pair of pairs) {
      if (bodies === 2 && !truth(run(0, pair))) continue
      for (const [key, value] of pairsOf(run(bodies - 1, pair))) {
        if (made.has(key)) throw new Error(`insert failed: key ${String(key)} already exists`)
        made.set(key, value)
      }
    }
    return made
  },
})

const macro = (name: string, shape: Shape): readonly [string, (given: MacroCall) => Macro] =>
  [`list.${name}(${Array(shape.bodies + 2).fill('ast').join(', ')}): dyn`, comprehension(shape)]

/** TwoVarComprehensions of cel-go's extensions. */
export const comprehensionPart: EnvironmentPart = {
  functions: {},
  macros: Object.fromEntries([
    macro('all', quantifier(false)),
    macro('exists', quantifier(true)),
    macro('exists_one', existsOne),
    macro('existsOne', existsOne),
    macro('transformList', transformList(1)),
    macro('transformList', transformList(2)),
    macro('transformMap', transformMap(1)),
    macro('transformMap', transformMap(2)),
    macro('transformMapEntry', transformMapEntry(1)),
    macro('transformMapEntry', transformMapEntry(2)),
  ]),
}
