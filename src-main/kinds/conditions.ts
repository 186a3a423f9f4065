import { each, present, say } from './checks.ts'
import type { FieldError, FieldPath } from './field-error.ts'
import type { Condition } from './generated/types.ts'
import { isConditionReason, isQualifiedName } from './validation.ts'

/** Of metav1 validation, in bytes. */
const limits = { reason: 1024, message: 32 * 1024 }
const statuses = ['False', 'True', 'Unknown']

/** metav1.Conditions: ValidateConditions. */
export function checkConditions(conditions: readonly Condition[] | null | undefined, at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(conditions, at, (condition, here) => {
    const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition
    const errors = seen.has(type) ? [here.child('type').duplicate(type)] : []
    seen.add(type)
    errors.push(...say(here.child('type'), type, isQualifiedName(type)))
    if (!statuses.includes(status)) errors.push(here.child('status').notSupported(status, statuses))
    if (observedGeneration < 0) errors.push(here.child('observedGeneration').invalid(observedGeneration, 'must be greater than or equal to zero'))
    errors.push(...present(lastTransitionTime, here.child('lastTransitionTime')))
    errors.push(...(reason === '' ? [here.child('reason').required()] : say(here.child('reason'), reason, isConditionReason(reason))))
    if (Buffer.byteLength(reason) > limits.reason) errors.push(here.child('reason').tooLong(limits.reason))
    return Buffer.byteLength(message) > limits.message ? [...errors, here.child('message').tooLong(limits.message)] : errors
  })
}
