import type { Environment } from '@marcbachmann/cel-js'
import { errorMessage } from '../log.ts'
import { linearMatches } from './library.ts'

/** The expression is not one, or its types do not fit; the message says where. */
export class BadExpression extends Error {
  override readonly name = 'BadExpression'
}

/** An expression, or several together, used up what they may. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded'
}

/** What evaluations may use up together: CEL cannot loop for ever, but its loops nest. */
export class Budget {
  #iterations: number
  readonly #deadline: number

  /** @param iterations  of comprehensions, all together; about 150 ns each */
  constructor(iterations = 250_000, limitMs = 80) {
    this.#iterations = iterations
    this.#deadline = performance.now() + limitMs
  }

  get spent(): boolean {
    return this.#iterations <= 0
  }

  /** One more iteration; its own cost may be large where texts are, so the clock is looked at too. */
  take(): boolean {
    if (--this.#iterations > 0 && (this.#iterations & 63) === 0 && performance.now() > this.#deadline) this.#iterations = 0
    return this.#iterations > 0
  }
}

export interface Program {
  /** `bool`, `string`, `dyn`, ... */
  readonly type: string
  /** Whether the expression uses the variable. */
  uses(variable: string): boolean
  /** @throws CostExceeded, or an Error with what went wrong in the expression */
  run(variables: Readonly<Record<string, unknown>>, budget: Budget): unknown
}

/** What is looked at of a node of the library's tree. */
interface Tree {
  op?: string
  args?: unknown
  meta?: { alternate?: unknown; macro?: unknown }
}

interface Comprehension {
  step: object
  condition?: (accumulated: unknown) => boolean
}

interface Evaluable {
  evaluate(evaluator: unknown, tree: unknown, context: unknown): unknown
}

/** Longer than any rule; what is read takes memory by it. */
const maxLength = 64 * 1024

/** @throws BadExpression */
export function compile(env: Environment, expression: string): Program {
  if (expression.length > maxLength) throw new BadExpression(`an expression must not be longer than ${maxLength} characters`)
  let budget = new Budget()
  const evaluate = orBad(() => env.parse(expression))
  const names = new Set<string>()
  const loops: Comprehension[] = []
  visit(evaluate.ast, (tree) => {
    if (tree.op === 'id' && typeof tree.args === 'string') names.add(tree.args)
    if (tree.op === 'rcall' && Array.isArray(tree.args) && tree.args[0] === 'matches') tree.args[0] = linearMatches
    if (tree.op === 'comprehension') loops.push(tree.args as Comprehension)
  })
  const checked = evaluate.check()
  if (!checked.valid) throw new BadExpression(summaryOf(checked.error))
  for (const loop of loops) meter(loop, () => budget)
  return {
    type: checked.type ?? 'dyn',
    uses: (variable) => names.has(variable),
    run(variables, given) {
      budget = given
      if (budget.spent) throw new CostExceeded('no budget left')
      const result: unknown = evaluate({ ...variables })
      if (budget.spent) throw new CostExceeded('operation cancelled: actual cost limit exceeded')
      return result
    },
  }
}

/** Makes every round of a loop count. The library has no limit of its own, and what it catches must end its loops all the same. */
function meter(loop: Comprehension, budget: () => Budget): void {
  const step = loop.step as Evaluable
  const { condition } = loop
  loop.step = {
    evaluate(evaluator: unknown, _tree: unknown, context: unknown) {
      if (!budget().take()) throw exceeded
      return step.evaluate(evaluator, step, context)
    },
  }
  loop.condition = (accumulated) => !budget().spent && (condition?.(accumulated) ?? true)
}

const exceeded = new CostExceeded('operation cancelled: actual cost limit exceeded')

function visit(root: unknown, see: (tree: Tree) => void): void {
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

function orBad<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    throw new BadExpression(summaryOf(error))
  }
}

const summaryOf = (error: unknown): string => (errorMessage(error).split('\n')[0] ?? '').trim()
