import { each, nonNegative, oneOfIfAny, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { JobSpec, PodFailurePolicy, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule, SuccessPolicy, SuccessPolicyRule } from '../generated/types.ts'
import { isQualifiedName } from '../validation.ts'
import { countIndexes } from './job-indexes.ts'

/** Figures of batch validation. */
const most = { rules: 20, patterns: 20, exitCodes: 255, indexesBytes: 64 * 1024 }
const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']

/** A word that must be there, with the words there are. */
function oneOfQuoted(word: string | undefined, supported: readonly string[], at: FieldPath): FieldError[] {
  return word ? oneOfIfAny(word, supported, at) : [at.required(`valid values: [${supported.map((one) => JSON.stringify(one)).join(' ')}]`)]
}

export function checkFailurePolicy({ rules = [] }: PodFailurePolicy, spec: JobSpec, at: FieldPath): FieldError[] {
  const errors = rules.length > most.rules ? [at.child('rules').tooMany(rules.length, most.rules)] : []
  return [...errors, ...each(rules, at.child('rules'), (rule, here) => checkFailureRule(rule, spec, here))]
}

function checkFailureRule({ action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, spec: JobSpec, at: FieldPath): FieldError[] {
  const errors = oneOfQuoted(action, actions, at.child('action'))
  if (action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) errors.push(at.child('action').invalid(action, 'requires the backoffLimitPerIndex to be set'))
  if (onExitCodes) errors.push(...checkExitCodes(onExitCodes, spec, at.child('onExitCodes')))
  const list = at.child('onPodConditions')
  if (onPodConditions.length > most.patterns) errors.push(list.tooMany(onPodConditions.length, most.patterns))
  errors.push(...each(onPodConditions, list, ({ type = '', status }, here) => [
    ...say(here.child('type'), type, isQualifiedName(type)),
    ...oneOfQuoted(status, ['False', 'True', 'Unknown'], here.child('status')),
  ]))
  if (onExitCodes && onPodConditions.length > 0) errors.push(at.wrong('specifying both OnExitCodes and OnPodConditions is not supported'))
  if (!onExitCodes && onPodConditions.length === 0) errors.push(at.wrong('specifying one of OnExitCodes and OnPodConditions is required'))
  return errors
}

function checkExitCodes({ operator, containerName, values: given }: PodFailurePolicyOnExitCodesRequirement, { template }: JobSpec, at: FieldPath): FieldError[] {
  const errors = oneOfQuoted(operator, ['In', 'NotIn'], at.child('operator'))
  const names = [...(template?.spec?.containers ?? []), ...(template?.spec?.initContainers ?? [])].map(({ name }) => name)
  if (containerName !== undefined && !names.includes(containerName)) {
    errors.push(at.child('containerName').invalid(containerName, 'must be one of the container or initContainer names in the pod template'))
  }
  const [list, values] = [at.child('values'), given ?? []]
  if (values.length === 0) errors.push(list.invalid(given, 'at least one value is required'))
  else if (values.length > most.exitCodes) errors.push(list.tooMany(values.length, most.exitCodes))
  const seen = new Set<number>()
  errors.push(...each(values, list, (code, here) => {
    const found = operator === 'In' && code === 0 ? [here.invalid(code, 'must not be 0 for the In operator')] : []
    if (seen.has(code)) found.push(here.duplicate(code))
    seen.add(code)
    return found
  }))
  return values.every((code, i) => i === 0 || (values[i - 1] ?? code) <= code) ? errors : [...errors, list.invalid(values, 'must be ordered')]
}

export function checkSuccessPolicy({ rules = [] }: SuccessPolicy, completions: number, at: FieldPath): FieldError[] {
  const list = at.child('rules')
  const errors = rules.length === 0 ? [list.required('at least one rules must be specified when the successPolicy is specified')] : []
  if (rules.length > most.rules) errors.push(list.tooMany(rules.length, most.rules))
  return [...errors, ...each(rules, list, (rule, here) => checkSuccessRule(rule, completions, here))]
}

function checkSuccessRule({ succeededCount: count, succeededIndexes: text }: SuccessPolicyRule, completions: number, at: FieldPath): FieldError[] {
  const errors = count === undefined && text === undefined ? [at.required('at least one of succeededCount or succeededIndexes must be specified')] : []
  const indexes = text === undefined ? undefined : countIndexes(text, completions)
  if (text !== undefined && Buffer.byteLength(text) > most.indexesBytes) errors.push(at.child('succeededIndexes').tooLong(most.indexesBytes))
  if (typeof indexes === 'string') errors.push(at.child('succeededIndexes').invalid(text, `error parsing succeededIndexes: ${indexes}`))
  if (count === undefined) return errors
  const here = at.child('succeededCount')
  errors.push(...nonNegative(count, here))
  if (count > completions) errors.push(here.invalid(count, `must be less than or equal to ${completions} (the number of specified completions)`))
  const known = typeof indexes === 'number' ? indexes : 0
  if (text === undefined || count <= known) return errors
  return [...errors, here.invalid(count, `must be less than or equal to ${known} (the number of indexes in the specified succeededIndexes field)`)]
}
