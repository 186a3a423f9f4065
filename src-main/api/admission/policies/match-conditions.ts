import { Budget, matchConditionsLimit, Processor } from '../../../base/cel/budget.ts'
import { eachInSteps, type Steps } from '../../../base/turns.ts'
import type { MatchCondition } from '../../../kinds/generated/types.ts'
import { aggregate } from '../../auth/rbac.ts'
import type { Conditional, MatchConditionMetrics } from '../match-condition-metrics.ts'
import { type Compiler, evaluate, type Expression } from './expressions.ts'

/** Whether a request meets the conditions; `error` when that could not be found out and the policy is to fail then. */
export type Met = { readonly met: boolean } | { readonly error: string }

export const compileConditions = (compiler: Compiler, conditions: readonly MatchCondition[] | undefined): Steps<Expression[]> =>
  eachInSteps(conditions, ({ expression }) => compiler.expression(expression, ['bool']))

type Variables = (budget: Budget) => Readonly<Record<string, unknown>>

export interface Terms {
  readonly of: Conditional
  readonly failurePolicy: string | undefined
  readonly metrics: MatchConditionMetrics
  readonly processor?: Processor
}

/** One condition that says no is enough; errors count only when none does. Rests between them. */
export function* meets(conditions: readonly Expression[], variables: Variables, terms: Terms): Steps<Met> {
  if (conditions.length === 0) return { met: true }
  const began = performance.now()
  const met = yield* judged(conditions, variables, terms)
  terms.metrics.evaluated(terms.of, (performance.now() - began) / 1000)
  return met
}

function* judged(conditions: readonly Expression[], variables: Variables, { of, failurePolicy, metrics, processor = new Processor({ inSlices: true }) }: Terms): Steps<Met> {
  const budget = new Budget(matchConditionsLimit, processor)
  const given = variables(budget)
  const errors: string[] = []
  for (const condition of conditions) {
    const outcome = tried(() => evaluate(condition, given, budget))
    if ('error' in outcome) {
      errors.push(outcome.error)
      // what they all cost together is no fault of this one
      if (!budget.exhausted) metrics.failed(of)
    } else if (outcome.value === false) return { met: false }
    yield
  }
  if (errors.length === 0) return { met: true }
  return failurePolicy === 'Ignore' ? { met: false } : { error: aggregate(errors) }
}

function tried(run: () => ReturnType<typeof evaluate>): ReturnType<typeof evaluate> {
  try {
    return run()
  } catch (error) {
    if (error instanceof Error && error.name === 'CostExceeded') return { error: error.message }
    throw error
  }
}
