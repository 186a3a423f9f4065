import { equalJson } from '../../base/json.ts'
import { checkSelector, countOrPercent, nonNegative, notOver100Percent, oneOfIfAny } from '../checks.ts'
import { age } from '../columns.ts'
import { checkConditions } from '../conditions.ts'
import type { LabelSelector, PodDisruptionBudget } from '../generated/types.ts'
import { defineKind, type Kind } from '../kind.ts'
import { otherVersion } from '../versions.ts'

export type { PodDisruptionBudget }

type Spec = NonNullable<PodDisruptionBudget['spec']>

/** Kubernetes' own type, as its sentence shows it. */
const internalSpec = ({ minAvailable, selector, maxUnavailable, unhealthyPodEvictionPolicy }: Spec): object =>
  ({ MinAvailable: minAvailable ?? null, Selector: selector ?? null, MaxUnavailable: maxUnavailable ?? null, UnhealthyPodEvictionPolicy: unhealthyPodEvictionPolicy ?? null })

const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const

/** What Kubernetes writes also as zeros. */
const nobodyCounted = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }

export const podDisruptionBudget = defineKind<PodDisruptionBudget>({
  group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', shortNames: ['pdb'],
  namespaced: true,
  schema: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  conditionalUpdate: true,
  status: true,
  generation: true,
  default: (budget) => {
    budget.spec ??= {}
    if (budget.status) budget.status = { ...nobodyCounted, ...budget.status }
  },
  prepareCreate: (budget) => {
    budget.status = { ...nobodyCounted }
  },
  // whatever a URL can say is a name here
  names: 'path-segment',
  ownRules: true,
  validate: ({ spec = {} }, root) => {
    const at = root.child('spec')
    const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy } = spec
    const both = minAvailable !== undefined && maxUnavailable !== undefined
    return [
      ...(both ? [at.invalid(internalSpec(spec), 'minAvailable and maxUnavailable cannot be both set')] : []),
      ...countOrPercent(minAvailable, at.child('minAvailable')),
      ...notOver100Percent(minAvailable, at.child('minAvailable')),
      ...countOrPercent(maxUnavailable, at.child('maxUnavailable')),
      ...notOver100Percent(maxUnavailable, at.child('maxUnavailable')),
      ...checkSelector(spec.selector, at.child('selector')),
      ...oneOfIfAny(unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'], at.child('unhealthyPodEvictionPolicy')),
    ]
  },
  validatePart: (_subresource, { status }, _old, at) => [
    ...checkConditions(status?.conditions, at.child('status', 'conditions')),
    ...counts.flatMap((name) => nonNegative(status?.[name], at.child('status', name))),
  ],
  columns: [
    { name: 'Min Available', type: 'string', description: 'The minimum number of pods that must be available.', cell: ({ spec }) => String(spec?.minAvailable ?? 'N/A') },
    { name: 'Max Unavailable', type: 'string', description: 'The maximum number of pods that may be unavailable.', cell: ({ spec }) => String(spec?.maxUnavailable ?? 'N/A') },
    { name: 'Allowed Disruptions', type: 'integer', description: 'Calculated number of pods that may be disrupted at this time.', cell: ({ status }) => status?.disruptionsAllowed ?? 0 },
    age,
  ],
})

const emptySelector = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match'
const matchNone: LabelSelector = { matchExpressions: [{ key: emptySelector, operator: 'Exists' }] }
const matchAll: LabelSelector = { matchExpressions: [{ key: emptySelector, operator: 'DoesNotExist' }] }

const withSelector = (budget: Readonly<PodDisruptionBudget>, empty: LabelSelector, named: LabelSelector): PodDisruptionBudget => {
  const selector = budget.spec?.selector
  if (!selector) return budget
  if (equalJson(selector, {})) return { ...budget, spec: { ...budget.spec, selector: empty } }
  return equalJson(selector, named) ? { ...budget, spec: { ...budget.spec, selector: {} } } : budget
}

/** The empty selector selected no pod in the beta, and selects every pod today. */
export const podDisruptionBudgetV1Beta1: Kind<PodDisruptionBudget> = otherVersion(podDisruptionBudget, {
  version: 'v1beta1', deprecated: { since: '1.21', until: '1.25' },
  toStored: (budget: Readonly<PodDisruptionBudget>) => withSelector(budget, matchNone, matchAll),
  fromStored: (stored: Readonly<PodDisruptionBudget>) => withSelector(stored, matchAll, matchNone),
})
