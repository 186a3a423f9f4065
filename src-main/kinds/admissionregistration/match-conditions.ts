import { equalJson } from '../../base/json.ts'
import { say } from '../checks.ts'
import type { Wanted } from '../cel/admission.ts'
import { admissionCel } from '../custom/cel-rules.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { MatchCondition } from '../generated/types.ts'
import { isQualifiedName } from '../validation.ts'

const mostConditions = 64

/** Match conditions of webhooks and policies; what was accepted once (`old`) may stay. Needs CEL to be loaded when there are any. */
export function checkMatchConditions(
  conditions: readonly MatchCondition[] | undefined, at: FieldPath, old?: readonly MatchCondition[], params = false,
): FieldError[] {
  if (!conditions?.length || equalJson(conditions, old)) return []
  const environment = admissionCel().admissionEnvironment({ params, authorizer: true, checked: true })
  const errors = conditions.length > mostConditions ? [at.tooMany(conditions.length, mostConditions)] : []
  const names = new Set<string>()
  for (const [i, { name, expression }] of conditions.entries()) {
    const here = at.child(i)
    if (!expression?.trim()) errors.push(here.child('expression').required())
    else errors.push(...checkExpression(environment, expression.trim(), ['bool'], here.child('expression')))
    if (!name) errors.push(here.child('name').required())
    else errors.push(...say(here.child('name'), name, isQualifiedName(name)))
    if (name && names.has(name)) errors.push(here.child('name').duplicate(name))
    names.add(name)
  }
  return errors
}

type Environment = ReturnType<ReturnType<typeof admissionCel>['admissionEnvironment']>

/** What is wrong with an expression, as a cause of a 422. */
export function checkExpression(environment: Environment, expression: string, wanted: Wanted, at: FieldPath, patchTypes = false): FieldError[] {
  try {
    admissionCel().compileWanted(environment, expression, wanted, patchTypes)
    return []
  } catch (error) {
    if (error instanceof Error && error.name === 'BadExpression') return [at.invalid(expression, error.message)]
    throw error
  }
}
