import { checkSelector, each, oneOfIfAny, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Affinity, NodeAffinity, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm, Toleration, TopologySpreadConstraint } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidLabelValue } from '../validation.ts'

export const checkTolerations = (tolerations: readonly Toleration[] | undefined, at: FieldPath): FieldError[] => each(tolerations, at, checkToleration)

function checkToleration({ key, operator, value = '', effect, tolerationSeconds }: Toleration, at: FieldPath): FieldError[] {
  const errors: FieldError[] = key ? say(at.child('key'), key, isQualifiedName(key)) : []
  if (!key && operator !== 'Exists') {
    errors.push(at.child('operator').invalid(operator ?? '', 'operator must be Exists when `key` is empty, which means "match all values and all keys"'))
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(at.child('effect').invalid(effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"))
  }
  if (operator === undefined || operator === 'Equal') {
    const wrong = isValidLabelValue(value)
    if (wrong.length > 0) errors.push(at.child('operator').invalid(value, wrong.join(';')))
  } else if (operator !== 'Exists') errors.push(at.child('operator').notSupported(operator, operator === 'Lt' || operator === 'Gt' ? ['Equal', 'Exists', 'Lt', 'Gt'] : ['Equal', 'Exists']))
  else if (value) errors.push(at.child('operator').invalid(value, "value must be empty when `operator` is 'Exists'"))
  return [...errors, ...oneOfIfAny(effect, ['NoSchedule', 'PreferNoSchedule', 'NoExecute'], at.child('effect'))]
}

const some = (n: number, at: FieldPath) => (n === 0 ? [at.required("must be specified when `operator` is 'In' or 'NotIn'")] : [])
const none = (n: number, at: FieldPath) => (n > 0 ? [at.forbidden("may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : [])
const single = (n: number, at: FieldPath) => (n === 1 ? [] : [at.required("must be specified single value when `operator` is 'Lt' or 'Gt'")])
const counts: Readonly<Record<string, typeof some>> = { In: some, NotIn: some, Exists: none, DoesNotExist: none, Gt: single, Lt: single }

/** `strict`: the values are labels'. What is only preferred may have values that no label has. */
export function checkNodeTerm({ matchExpressions, matchFields }: NodeSelectorTerm, at: FieldPath, strict = true): FieldError[] {
  const expressions = each(matchExpressions, at.child('matchExpressions'), ({ key = '', operator, values = [] }, here) => [
    ...(lookup(counts, operator)?.(values.length, here.child('values')) ?? [here.child('operator').invalid(operator ?? '', 'not a valid selector operator')]),
    ...say(here.child('key'), key, isQualifiedName(key)),
    ...(strict ? each(values, here.child('values'), (value, there) => say(there, value, isValidLabelValue(value))) : []),
  ])
  return [...expressions, ...each(matchFields, at.child('matchFields'), checkNodeField)]
}

function checkNodeField({ key = '', operator, values = [] }: NodeSelectorRequirement, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (operator !== 'In' && operator !== 'NotIn') errors.push(at.child('operator').invalid(operator ?? '', 'not a valid selector operator'))
  else if (values.length !== 1) errors.push(at.child('values').required("must be only one value when `operator` is 'In' or 'NotIn' for node field selector"))
  if (key !== 'metadata.name') return [...errors, at.child('key').invalid(key, 'not a valid field selector key')]
  return [...errors, ...each(values, at.child('values'), (value, here) => say(here, value, isDNS1123Subdomain(value)))]
}

const hard = 'requiredDuringSchedulingIgnoredDuringExecution'
const soft = 'preferredDuringSchedulingIgnoredDuringExecution'

export const checkAffinity = ({ nodeAffinity, podAffinity, podAntiAffinity }: Affinity, at: FieldPath): FieldError[] => [
  ...(nodeAffinity ? checkNodeAffinity(nodeAffinity, at.child('nodeAffinity')) : []),
  ...(podAffinity ? checkPodAffinity(podAffinity, at.child('podAffinity')) : []),
  ...(podAntiAffinity ? checkPodAffinity(podAntiAffinity, at.child('podAntiAffinity')) : []),
]

function checkNodeAffinity(affinity: NodeAffinity, at: FieldPath): FieldError[] {
  const required = affinity[hard]
  const terms = at.child(hard, 'nodeSelectorTerms')
  const errors = required && !required.nodeSelectorTerms?.length ? [terms.required('must have at least one node selector term')] : []
  errors.push(...each(required?.nodeSelectorTerms, terms, (term, here) => checkNodeTerm(term, here)))
  return [...errors, ...each(affinity[soft], at.child(soft), ({ weight, preference }, here) => [
    ...checkWeight(weight, here.child('weight')),
    ...checkNodeTerm(preference ?? {}, here.child('preference'), false),
  ])]
}

const checkPodAffinity = (affinity: PodAffinity, at: FieldPath): FieldError[] => [
  ...each(affinity[hard], at.child(hard), checkPodTerm),
  ...each(affinity[soft], at.child(soft), ({ weight, podAffinityTerm }, here) => [
    ...checkWeight(weight, here.child('weight')),
    ...checkPodTerm(podAffinityTerm ?? { topologyKey: '' }, here.child('podAffinityTerm')),
  ]),
]

const checkWeight = (weight: number | undefined, at: FieldPath): FieldError[] =>
  weight === undefined || weight < 1 || weight > 100 ? [at.invalid(weight ?? 0, 'must be in the range 1-100')] : []

function checkPodTerm(term: PodAffinityTerm, at: FieldPath): FieldError[] {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey = '' } = term
  return [
    ...checkSelector(labelSelector, at.child('labelSelector')),
    ...checkSelector(namespaceSelector, at.child('namespaceSelector')),
    ...namespaces.flatMap((name) => say(at.child('namespace'), name, isDNS1123Label(name))),
    ...checkLabelKeys(term, at),
    ...(topologyKey ? [] : [at.child('topologyKey').required('can not be empty')]),
    ...say(at.child('topologyKey'), topologyKey, isQualifiedName(topologyKey)),
  ]
}

type LabelKeys = Pick<PodAffinityTerm, 'labelSelector' | 'matchLabelKeys' | 'mismatchLabelKeys'>

/** Labels of which the value is the incoming pod's own: the selector of a pod has them already. */
function checkLabelKeys({ labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] }: LabelKeys, at: FieldPath): FieldError[] {
  const errors = ([['matchLabelKeys', matchLabelKeys], ['mismatchLabelKeys', mismatchLabelKeys]] as const).flatMap(([name, keys]) => {
    if (keys.length > 0 && !labelSelector) return [at.child(name).forbidden('must not be specified when labelSelector is not set')]
    return each(keys, at.child(name), (key, here) => say(here, key, isQualifiedName(key)))
  })
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}))
  const places = new Map(matchLabelKeys.map((key, i) => [key, i]))
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const i = places.get(key)
    if (i !== undefined && seen.has(key)) errors.push(at.child(i).invalid(key, 'exists in both matchLabelKeys and labelSelector'))
    seen.add(key)
  }
  const mismatched = new Set(mismatchLabelKeys)
  return [...errors, ...each(matchLabelKeys, at.child('matchLabelKeys'), (key, here) =>
    mismatched.has(key) ? [here.invalid(key, 'exists in both matchLabelKeys and mismatchLabelKeys')] : [],
  )]
}

export function checkSpread(constraints: readonly TopologySpreadConstraint[] | undefined, list: FieldPath): FieldError[] {
  if (!constraints) return []
  const last = new Map(constraints.map(({ topologyKey, whenUnsatisfiable }, i) => [JSON.stringify([topologyKey, whenUnsatisfiable]), i]))
  return constraints.flatMap((constraint, i) => {
    const at = list.child(i)
    const { maxSkew = 0, topologyKey = '', whenUnsatisfiable: action = '', minDomains } = constraint as Partial<TopologySpreadConstraint>
    const errors = maxSkew > 0 ? [] : [at.child('maxSkew').invalid(maxSkew, 'must be greater than zero')]
    if (!topologyKey) errors.push(at.child('topologyKey').required('can not be empty'))
    errors.push(...oneOfIfAny(action, ['DoNotSchedule', 'ScheduleAnyway'], at.child('whenUnsatisfiable')))
    if (last.get(JSON.stringify([constraint.topologyKey, constraint.whenUnsatisfiable])) !== i) errors.push(at.child('{topologyKey, whenUnsatisfiable}').duplicate(`{${topologyKey}, ${action}}`))
    if (minDomains !== undefined && minDomains <= 0) errors.push(at.child('minDomains').invalid(minDomains, 'must be greater than zero'))
    if (minDomains !== undefined && action !== 'DoNotSchedule') {
      errors.push(at.child('minDomains').invalid(minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`))
    }
    return [
      ...errors,
      ...oneOfIfAny(constraint.nodeAffinityPolicy, ['Honor', 'Ignore'], at.child('nodeAffinityPolicy')),
      ...oneOfIfAny(constraint.nodeTaintsPolicy, ['Honor', 'Ignore'], at.child('nodeTaintsPolicy')),
      ...checkLabelKeys(constraint, at),
      ...checkSelector(constraint.labelSelector, at.child('labelSelector')),
    ]
  })
}
