import type { Environment } from '@marcbachmann/cel-js'
import { Budget, budgetName, CostExceeded } from './budget.ts'
import { badAt, BadExpression, badExpression, badWhole, runtimeSentence } from './errors.ts'
import { replacements } from './replacements.ts'
import { mistakesIn } from './literals.ts'
import type { CheckedType } from './part.ts'
import { checkOptionalField, checkPresence } from './presence.ts'
import { settleShape } from './shape.ts'
import { type Reading, readable, unquoted } from './source.ts'

export { BadExpression, Budget, CostExceeded }

/** An expression went wrong while it ran; the message is cel-go's. */
export class EvaluationFailed extends Error {
  override readonly name = 'EvaluationFailed'
}

export interface Program {
  /** `bool`, `string`, `dyn`, `list<string>`, ... */
  readonly type: string
  /** What estimates of its cost look at. */
  readonly tree: Tree
  /** Whether the expression uses the variable. */
  uses(variable: string): boolean
  /** @throws CostExceeded, or EvaluationFailed with what went wrong in the expression */
  run(variables: Readonly<Record<string, unknown>>, budget: Budget): unknown
}

/** What is looked at of a node of the library's tree. */
export interface Tree {
  op?: string
  args?: unknown
  meta?: { alternate?: unknown; macro?: unknown }
  checkedType?: CheckedType
  readonly start?: number
  readonly end?: number
  /** How a checked operator or call does its work: its values come first. */
  handle?: (...values: unknown[]) => unknown
}

interface Comprehension {
  step: object
  condition?: (accumulated: unknown) => boolean
}

interface Evaluable {
  evaluate(evaluator: unknown, tree: unknown, context: unknown): unknown
}

/** Code points of an expression, and how deep it may nest: what cel-go takes. */
const mostCharacters = 100_000
const mostDepth = 250

/** @throws BadExpression */
export function compile(env: Environment, expression: string, reading: Reading = {}): Program {
  const characters = expression.length > mostCharacters ? [...expression].length : 0
  if (characters > mostCharacters) throw badWhole(`expression code point size exceeds limit: size: ${characters}, limit ${mostCharacters}`)
  const source = readable(expression, reading)
  const known = (name: string): boolean => env.getDefinitions().functions.some((each) => each.name === name)
  const orBad = <T>(make: () => T): T => {
    try {
      return make()
    } catch (error) {
      throw badExpression(error, expression, source, known)
    }
  }
  let budget = new Budget()
  const evaluate = orBad(() => env.parse(source.text))
  if (settleShape(evaluate.ast as unknown as Tree) > mostDepth) throw badWhole('max recursion depth exceeded')
  const names = new Set<string>()
  const loops: Comprehension[] = []
  const works: Tree[] = []
  visit(evaluate.ast, (tree) => {
    if (tree.op === 'id' && typeof tree.args === 'string') names.add(tree.args)
    if (tree.op === 'rcall' && Array.isArray(tree.args)) tree.args[0] = replacements.get(String(tree.args[0])) ?? (tree.args[0] as unknown)
    if ((tree.op === '.' || tree.op === '.?') && Array.isArray(tree.args)) tree.args[1] = unquoted(String(tree.args[1]))
    checkPresence(tree)
    checkOptionalField(tree)
    if (tree.op === 'comprehension') loops.push(tree.args as Comprehension)
    works.push(tree)
  })
  const checked = evaluate.check()
  if (!checked.valid) throw badExpression(checked.error, expression, source, known)
  const mistakes = mistakesIn(works)
  if (mistakes.length > 0) throw badAt(mistakes, expression, source)
  const current = (): Budget => budget
  for (const loop of loops) meterLoop(loop, current)
  for (const work of works) if (work.handle && metered.has(work.op ?? '')) meterWork(work, current)
  return {
    type: checked.type ?? 'dyn',
    tree: evaluate.ast as unknown as Tree,
    uses: (variable) => names.has(variable),
    run(variables, given) {
      const outer = budget
      budget = given
      budget.begin()
      try {
        if (budget.exhausted) throw budget.error()
        const result: unknown = evaluate({ ...variables, [budgetName]: budget })
        // the library catches errors where another operand may decide
        if (budget.spent) throw budget.error()
        return result
      } catch (error) {
        if (error instanceof CostExceeded || budget.spent) throw budget.error()
        throw new EvaluationFailed(runtimeSentence(error))
      } finally {
        budget = outer
      }
    },
  }
}

/** A round of a loop, besides what is done in it. */
const roundCost = 2

/** Makes every round of a loop count. The library has no limit of its own, and what it catches must end its loops all the same. */
function meterLoop(loop: Comprehension, budget: () => Budget): void {
  const step = loop.step as Evaluable
  const { condition } = loop
  loop.step = {
    evaluate(evaluator: unknown, _tree: unknown, context: unknown) {
      budget().charge(roundCost)
      return step.evaluate(evaluator, step, context)
    },
  }
  loop.condition = (accumulated) => !budget().spent && (condition?.(accumulated) ?? true)
}

const metered = new Set(['call', 'rcall', '+', '==', '!=', 'in', '<', '<=', '>', '>='])
const matching = new Set([replacements.get('matches'), 'find', 'findAll'])

/** Makes operators and functions count by the size of what they are given. */
function meterWork(tree: Tree, budget: () => Budget): void {
  const work = tree.handle!
  const isCall = tree.op === 'call' || tree.op === 'rcall'
  const name = isCall && Array.isArray(tree.args) ? String(tree.args[0]) : ''
  const isMatching = matching.has(name)
  tree.handle = (...values) => {
    const sizes = isCall ? (values[0] as unknown[]).map(sizeOf) : [sizeOf(values[0]), sizeOf(values[1])]
    budget().charge(isMatching ? (1 + (sizes[0] ?? 0)) * Math.max(1, (sizes[1] ?? 0) * 2.5) : 1 + (sizes[0] ?? 0) + (sizes[1] ?? 0))
    return work(...values)
  }
}

/** StringTraversalCostFactor of cel-go. */
const perCharacter = 0.1

const sizeOf = (value: unknown): number =>
  typeof value === 'string' ? value.length * perCharacter : Array.isArray(value) ? value.length : value instanceof Map ? value.size : 0

/** Every node below, once; those that macros made too. */
export function visit(root: unknown, see: (tree: Tree) => void): void {
  const seen = new Set<unknown>()
  const waiting = [root]
  for (let at = waiting.pop(); waiting.length > 0 || at !== undefined; at = waiting.pop()) {
    if (typeof at !== 'object' || at === null || seen.has(at)) continue
    seen.add(at)
    const tree = at as Tree
    if (typeof tree.op === 'string') see(tree)
    waiting.push(...Object.values(at).filter((part) => typeof part === 'object'), tree.meta?.alternate, tree.meta?.macro)
  }
}

