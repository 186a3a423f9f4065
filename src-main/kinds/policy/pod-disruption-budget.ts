import { checkSelector, countOrPercent, notOver100Percent } from '../checks.ts'
import { age } from '../columns.ts'
import type { PodDisruptionBudget } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { PodDisruptionBudget }

export const podDisruptionBudget = defineKind<PodDisruptionBudget>({
  group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', plural: 'poddisruptionbudgets', shortNames: ['pdb'],
  namespaced: true,
  schema: 'io.k8s.api.policy.v1.PodDisruptionBudget',
  status: true,
  generation: true,
  validate: ({ spec = {} }, root) => {
    const at = root.child('spec')
    const { minAvailable, maxUnavailable } = spec
    const both = minAvailable !== undefined && maxUnavailable !== undefined
    return [
      ...(both ? [at.invalid(spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
      ...countOrPercent(minAvailable, at.child('minAvailable')),
      ...notOver100Percent(minAvailable, at.child('minAvailable')),
      ...countOrPercent(maxUnavailable, at.child('maxUnavailable')),
      ...notOver100Percent(maxUnavailable, at.child('maxUnavailable')),
      ...checkSelector(spec.selector, at.child('selector')),
    ]
  },
  columns: [
    { name: 'Min Available', type: 'string', cell: ({ spec }) => String(spec?.minAvailable ?? 'N/A') },
    { name: 'Max Unavailable', type: 'string', cell: ({ spec }) => String(spec?.maxUnavailable ?? 'N/A') },
    { name: 'Allowed Disruptions', type: 'integer', cell: ({ status }) => status?.disruptionsAllowed ?? 0 },
    age,
  ],
})
