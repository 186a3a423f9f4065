import type { Steps } from '../turns.ts'
import { type Expr, visit } from './ast.ts'
import { Budget, CostExceeded } from './budget.ts'
import { check } from './checker.ts'
import type { Environment } from './declarations.ts'
import { Frame } from './frame.ts'
import { BadExpression, Issues } from './issues.ts'
import { parse } from './parser.ts'
import { BadProgram, plan } from './planner.ts'
import type { Type } from './types.ts'
import { validate } from './validators.ts'
import { Failure } from './values.ts'

export { BadExpression, Budget, CostExceeded }

/** An expression went wrong while it ran; the message is cel-go's. */
export class EvaluationFailed extends Error {
  override readonly name = 'EvaluationFailed'
}

export interface Program {
  /** Of what it makes. */
  readonly type: Type
  /** What estimates of its cost look at. */
  readonly tree: Expr
  /** Whether the expression uses the variable. */
  uses(variable: string): boolean
  /** @throws CostExceeded, or EvaluationFailed with what went wrong in the expression */
  run(variables: Readonly<Record<string, unknown>>, budget: Budget): unknown
}

/** Rests on the way: expressions may be long. @throws BadExpression */
export function* compile(env: Environment, expression: string): Steps<Program> {
  const issues = new Issues(expression)
  const tree = yield* parse(expression, issues)
  const type = yield* check(tree, env, issues)
  issues.throwIfAny()
  yield* validate(tree, issues)
  issues.throwIfAny()
  const { run, slots } = yield* planned(tree, env)
  const names = new Set<string>()
  yield* visit(tree, (expr) => {
    if (expr.kind === 'ident') names.add(expr.name)
  })
  return {
    type, tree,
    uses: (variable) => names.has(variable),
    run(variables, budget) {
      const value = budget.spend(() => run(new Frame(variables, slots, budget)))
      if (value instanceof Failure) throw new EvaluationFailed(value.message)
      return value
    },
  }
}

function* planned(tree: Expr, env: Environment): ReturnType<typeof plan> {
  try {
    return yield* plan(tree, env)
  } catch (error) {
    throw error instanceof BadProgram ? new BadExpression(error.message, 'instantiation') : error
  }
}
