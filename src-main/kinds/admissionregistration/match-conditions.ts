import type { Type } from '../../base/cel/types.ts'
import { equalJson } from '../../base/json.ts'
import type { Steps } from '../../base/turns.ts'
import type { Asking, Scope, Wanted } from '../cel/admission.ts'
import { say } from '../checks.ts'
import { admissionCel } from '../custom/cel-rules.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { MatchCondition } from '../generated/types.ts'
import { isQualifiedName } from '../validation.ts'

const mostConditions = 64

/** Match conditions of webhooks and policies; what was accepted once (`old`) may stay. Needs CEL to be loaded when there are any. */
export function* checkMatchConditions(
  conditions: readonly MatchCondition[] | undefined, at: FieldPath, old?: readonly MatchCondition[], params = false,
): Steps<FieldError[]> {
  if (!conditions?.length || equalJson(conditions, old)) return []
  // they have no variables
  const scope = scopeOf({ params })
  const errors = conditions.length > mostConditions ? [at.tooMany(conditions.length, mostConditions)] : []
  const names = new Set<string>()
  for (const [i, { name, expression }] of conditions.entries()) {
    const here = at.child(i)
    if (!expression?.trim()) errors.push(here.child('expression').required())
    else errors.push(...yield* checkExpression(scope, expression.trim(), { wanted: ['bool'], at: here.child('expression') }))
    if (!name) errors.push(here.child('name').required())
    else errors.push(...say(here.child('name'), name, isQualifiedName(name)))
    if (name && names.has(name)) errors.push(here.child('name').duplicate(name))
    names.add(name)
    yield
  }
  return errors
}

/** What expressions are checked against before they are stored. Needs CEL to be loaded. */
export function scopeOf({ params, always = false }: { readonly params: boolean; readonly always?: boolean }): Scope {
  const { Scope } = admissionCel()
  return new Scope({ params }, { always })
}

interface Checked extends Partial<Asking> {
  readonly at: FieldPath
  readonly wanted: Wanted
  readonly patchTypes?: boolean
  /** What is shown where that is not the expression itself. */
  readonly shown?: string
}

/** What is wrong with an expression, as a cause of a 422. */
export function* checkExpression(scope: Scope, expression: string, { at, wanted, authorizer = true, patchTypes = false, shown = expression }: Checked): Steps<FieldError[]> {
  const { type, wrong } = yield* readExpression(scope, expression, { wanted, authorizer, patchTypes })
  return type === undefined ? [at.invalid(shown, wrong)] : []
}

/** What an expression makes, or what is wrong with it. */
export function* readExpression(
  scope: Scope, expression: string, { wanted, authorizer, patchTypes }: Asking & { readonly wanted: Wanted; readonly patchTypes: boolean },
): Steps<{ readonly type: Type; readonly wrong?: undefined } | { readonly type?: undefined; readonly wrong: string }> {
  try {
    const { type } = yield* admissionCel().compileWanted(scope.for({ authorizer }), expression, wanted, patchTypes)
    return { type }
  } catch (error) {
    if (error instanceof Error && error.name === 'BadExpression') return { wrong: error.message }
    throw error
  }
}
