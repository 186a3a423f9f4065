import type { Budget } from '../../../base/cel/budget.ts'
import type { Program } from '../../../base/cel/program.ts'
import { Failure } from '../../../base/cel/values.ts'
import { eachInSteps, type Steps } from '../../../base/turns.ts'
import type { Wanted } from '../../../kinds/cel/admission.ts'
import { admissionCel } from '../../../kinds/custom/cel-rules.ts'
import type { Variable } from '../../../kinds/generated/types.ts'

/** An expression that is ready to run, or why it is not. */
export interface Expression {
  readonly text: string
  readonly program?: Program
  readonly error?: string
}

/** What an expression came to. */
export type Outcome = { readonly value: unknown } | { readonly error: string }

/** Expressions of one policy: they share its variables. */
export interface Compiler {
  expression(text: string, wanted: Wanted, more?: { readonly authorizer?: boolean; readonly patchTypes?: boolean }): Steps<Expression>
  /** The variable `variables` of one run. */
  variables(given: Readonly<Record<string, unknown>>, budget: Budget): unknown
}

function* orReason(text: string, make: Steps<Program>): Steps<Expression> {
  try {
    return { text, program: yield* make }
  } catch (error) {
    if (error instanceof Error && error.name === 'BadExpression') return { text, error: error.message }
    throw error
  }
}

/** Needs CEL to be loaded. */
export function* createCompiler(params: boolean, list: readonly Variable[] = []): Steps<Compiler> {
  const { compileWanted, Scope } = admissionCel()
  const scope = new Scope({ params }, { always: true })
  const compiled = (text: string, wanted: Wanted, { authorizer = true, patchTypes = false } = {}): Steps<Expression> =>
    orReason(text, compileWanted(scope.for({ authorizer }), text, wanted, patchTypes))
  const programs = new Map<string, Expression>()
  yield* eachInSteps(list, function* ({ name, expression }) {
    const made = yield* compiled(expression, undefined)
    programs.set(name, made)
    scope.declare(name, made.program?.type)
  })
  return {
    expression: compiled,
    variables(given, budget) {
      const values: unknown = scope.values((name): unknown => {
        const found = programs.get(name)
        if (!found?.program) return new Failure(`composited variable ${JSON.stringify(name)} fails to compile: ${found?.error ?? 'no such key'}`)
        try {
          return found.program.run({ ...given, variables: values }, budget)
        } catch (error) {
          if (error instanceof Error && error.name === 'EvaluationFailed') return new Failure(`composited variable ${JSON.stringify(name)} fails to evaluate: ${error.message}`)
          throw error
        }
      })
      return values
    },
  }
}

/** @throws CostExceeded when nothing may run any more */
export function evaluate({ text, program, error }: Expression, variables: Readonly<Record<string, unknown>>, budget: Budget): Outcome {
  if (!program) return { error: `compilation error: ${error}` }
  try {
    return { value: program.run(variables, budget) }
  } catch (thrown) {
    if (!(thrown instanceof Error) || budget.exhausted || !['EvaluationFailed', 'CostExceeded'].includes(thrown.name)) throw thrown
    return { error: `expression '${text}' resulted in error: ${thrown.message}` }
  }
}
