import { type Checker, type EnvironmentPart, type Evaluator, type Macro, type MacroCall, type Scope, variableIn } from './part.ts'
import { Budget, budgetName } from './budget.ts'

/** What stands before the dot of `lists.range(3)`. */
class Lists {
  readonly name = 'lists'
}

type Comparable = bigint | number | string | boolean | Date

const order = (a: unknown, b: unknown): number => {
  if (typeof a !== typeof b) throw new Error('list elements must have the same type')
  if (!['bigint', 'number', 'string', 'boolean'].includes(typeof a) && !(a instanceof Date)) throw new Error('list elements must be comparable')
  return (a as Comparable) < (b as Comparable) ? -1 : (a as Comparable) > (b as Comparable) ? 1 : 0
}

function slice(list: readonly unknown[], start: bigint, end: bigint): unknown[] {
  const wrong = (sentence: string): never => {
    throw new Error(`cannot slice(${start}, ${end}), ${sentence}`)
  }
  if (start < 0n || end < 0n) return wrong('negative indexes not supported')
  if (start > end) return wrong('start index must be less than or equal to end index')
  return BigInt(list.length) < end ? wrong(`list is length ${list.length}`) : list.slice(Number(start), Number(end))
}

function flatten(list: readonly unknown[], depth = 1n): unknown[] {
  if (depth < 0n) throw new Error('level must be non-negative')
  return list.flat(Number(depth > 100n ? 100n : depth))
}

/** More would be no list that an expression could use. */
const longestRange = 1_000_000n

function range(count: bigint): bigint[] {
  if (count > longestRange) throw new Error(`cannot make a list of ${count} elements`)
  return Array.from({ length: Math.max(Number(count), 0) }, (_, i) => BigInt(i))
}

function sortBy({ receiver, args }: MacroCall): Macro {
  const name = variableIn(args[0])
  const key = args[1]!
  let inner: Scope
  return {
    async: false,
    typeCheck(checker: Checker, _macro: unknown, scope: Scope) {
      const type = checker.check(receiver, scope)
      if (type.kind !== 'list' && type.kind !== 'dyn') throw checker.createError('invalid_comprehension_range', `expression of type '${type.name}' cannot be range of a comprehension (must be list, map, or dynamic)`, receiver)
      inner = scope.forkWithVariable(name, type.valueType ?? checker.getType('dyn'))
      checker.check(key, inner)
      return type
    },
    evaluate(evaluator: Evaluator, _macro: unknown, scope: Scope) {
      const budget = scope.getValue(budgetName)
      const list = evaluator.run(receiver, scope)
      if (!Array.isArray(list)) throw new Error('no such overload')
      const keyed = list.map((item: unknown) => {
        if (budget instanceof Budget) budget.charge(2)
        return [evaluator.run(key, inner.reuse(scope).setIterValue(item, evaluator)), item] as const
      })
      return keyed.sort(([a], [b]) => order(a, b)).map(([, item]) => item)
    },
  }
}

/** Lists of cel-go's extensions, version 3. */
export const listFunctionsPart: EnvironmentPart = {
  types: { Lists },
  constants: { lists: ['Lists', new Lists()] },
  functions: {
    'list<A>.slice(int, int): list<A>': slice,
    'list.flatten(): list': (list: unknown[]) => flatten(list),
    'list.flatten(int): list': flatten,
    'list<A>.sort(): list<A>': (list: unknown[]) => [...list].sort(order),
    'list<A>.reverse(): list<A>': (list: unknown[]) => [...list].reverse(),
    'Lists.range(int): list<int>': (_lists: Lists, count: bigint) => range(count),
  },
  macros: { 'list.sortBy(ast, ast): dyn': sortBy },
}
