import { checkLabels, checkSelector, each, present, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Affinity, NodeSelectorTerm, PodAffinityTerm, PodSpec, Taint, Toleration, TopologySpreadConstraint } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { isQualifiedName, isValidLabelValue } from '../validation.ts'

/** What a pod spec says about where it may run. */
export const checkScheduling = (spec: PodSpec, at: FieldPath): FieldError[] => [
  ...checkLabels(spec.nodeSelector, at.child('nodeSelector')),
  ...checkTolerations(spec.tolerations, at.child('tolerations')),
  ...checkAffinity(spec.affinity, at.child('affinity')),
  ...checkSpread(spec.topologySpreadConstraints, at.child('topologySpreadConstraints')),
]

export const checkTolerations = (tolerations: readonly Toleration[] | undefined, at: FieldPath): FieldError[] => each(tolerations, at, checkToleration)

function checkToleration({ key, operator, value, effect, tolerationSeconds }: Toleration, at: FieldPath): FieldError[] {
  const errors: FieldError[] = key ? say(at.child('key'), key, isQualifiedName(key)) : []
  if (!key && operator !== 'Exists') {
    errors.push(at.child('operator').invalid(operator ?? '', 'operator must be Exists when `key` is empty, which means "match all values and all keys"'))
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(at.child('effect').invalid(effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  }
  if (operator === 'Exists') {
    if (value) errors.push(at.child('operator').invalid({ key, operator, value, effect }, "value must be empty when `operator` is 'Exists'"))
  } else errors.push(...say(at.child('operator'), value ?? '', isValidLabelValue(value ?? '')))
  return errors
}

const nodeOperators: Readonly<Record<string, (count: number) => string | undefined>> = {
  In: (n) => (n === 0 ? "must be specified when `operator` is 'In' or 'NotIn'" : undefined),
  NotIn: (n) => (n === 0 ? "must be specified when `operator` is 'In' or 'NotIn'" : undefined),
  Exists: (n) => (n > 0 ? "may not be specified when `operator` is 'Exists' or 'DoesNotExist'" : undefined),
  DoesNotExist: (n) => (n > 0 ? "may not be specified when `operator` is 'Exists' or 'DoesNotExist'" : undefined),
  Gt: (n) => (n !== 1 ? "must be specified single value when `operator` is 'Lt' or 'Gt'" : undefined),
  Lt: (n) => (n !== 1 ? "must be specified single value when `operator` is 'Lt' or 'Gt'" : undefined),
}

function checkNodeTerm(term: NodeSelectorTerm, at: FieldPath): FieldError[] {
  return each(term.matchExpressions, at.child('matchExpressions'), ({ key, operator, values = [] }, here) => {
    const errors = say(here.child('key'), key ?? '', isQualifiedName(key ?? ''))
    const rule = lookup(nodeOperators, operator)
    if (!rule) return [here.child('operator').invalid(operator, 'not a valid selector operator'), ...errors]
    const wrong = rule(values.length)
    if (!wrong) return errors
    return [wrong.startsWith('may not') ? here.child('values').forbidden(wrong) : here.child('values').required(wrong), ...errors]
  })
}

function checkAffinity(affinity: Affinity | undefined, at: FieldPath): FieldError[] {
  if (!affinity) return []
  const errors: FieldError[] = []
  const { nodeAffinity } = affinity
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  const here = at.child('nodeAffinity', 'requiredDuringSchedulingIgnoredDuringExecution', 'nodeSelectorTerms')
  if (required && !required.nodeSelectorTerms?.length) errors.push(here.required('must have at least one node selector term'))
  errors.push(...each(required?.nodeSelectorTerms, here, checkNodeTerm))
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'
  errors.push(...each(nodeAffinity?.[preferred], at.child('nodeAffinity', preferred), ({ weight, preference }, there) => [
    ...checkWeight(weight, there.child('weight')),
    ...checkNodeTerm(preference ?? {}, there.child('preference')),
  ]))
  for (const name of ['podAffinity', 'podAntiAffinity'] as const) {
    const rules = affinity[name]
    const hard = 'requiredDuringSchedulingIgnoredDuringExecution'
    errors.push(...each(rules?.[hard], at.child(name, hard), checkPodTerm))
    errors.push(...each(rules?.[preferred], at.child(name, preferred), ({ weight, podAffinityTerm }, there) => [
      ...checkWeight(weight, there.child('weight')),
      ...(podAffinityTerm ? checkPodTerm(podAffinityTerm, there.child('podAffinityTerm')) : []),
    ]))
  }
  return errors
}

const checkWeight = (weight: number | undefined, at: FieldPath): FieldError[] =>
  weight === undefined || weight < 1 || weight > 100 ? [at.invalid(weight ?? 0, 'must be in the range 1-100')] : []

function checkPodTerm(term: PodAffinityTerm, at: FieldPath): FieldError[] {
  const errors = [...checkSelector(term.labelSelector, at.child('labelSelector')), ...checkSelector(term.namespaceSelector, at.child('namespaceSelector'))]
  if (!term.topologyKey) return [...errors, at.child('topologyKey').required('can not be empty')]
  return [...errors, ...say(at.child('topologyKey'), term.topologyKey, isQualifiedName(term.topologyKey))]
}

function checkSpread(constraints: readonly TopologySpreadConstraint[] | undefined, at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(constraints, at, (constraint, here) => {
    const errors = checkSelector(constraint.labelSelector, here.child('labelSelector'))
    if ((constraint.maxSkew ?? 0) <= 0) errors.push(here.child('maxSkew').invalid(constraint.maxSkew ?? 0, 'must be greater than zero'))
    if (!constraint.topologyKey) errors.push(here.child('topologyKey').required('can not be empty'))
    const pair = `{${constraint.topologyKey}, ${constraint.whenUnsatisfiable}}`
    if (seen.has(pair)) errors.push(here.child('{topologyKey, whenUnsatisfiable}').duplicate(pair))
    seen.add(pair)
    return errors
  })
}

/** The taints of a node. */
export function checkTaints(taints: readonly Taint[] | undefined, at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(taints, at, (taint, here) => {
    const errors = say(here.child('key'), taint.key ?? '', isQualifiedName(taint.key ?? ''))
    errors.push(...say(here.child('value'), taint.value ?? '', isValidLabelValue(taint.value ?? '')))
    errors.push(...present(taint.effect, here.child('effect')))
    const identity = `${taint.key}:${taint.effect}`
    if (seen.has(identity)) {
      const duplicate = here.duplicate(taint)
      errors.push({ ...duplicate, message: `${duplicate.message}: taints must be unique by key and effect pair` })
    }
    seen.add(identity)
    return errors
  })
}
