import { checkWorkloadSelector, nonNegative } from '../checks.ts'
import { age, showSelector, templateColumns } from '../columns.ts'
import { checkRunningTemplate, defaultTemplate } from '../core/pod-spec.ts'
import type { ReplicaSet, ReplicaSetSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'

export type { ReplicaSet }

export const replicaSet = defineKind<ReplicaSet>({
  group: 'apps', version: 'v1', kind: 'ReplicaSet', plural: 'replicasets', shortNames: ['rs'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.ReplicaSet',
  status: true,
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  default: (object) => {
    const spec = (object.spec ??= {} as ReplicaSetSpec)
    spec.replicas ??= 1
    defaultTemplate(spec.template)
  },
  prepareCreate: (object) => {
    object.status = { replicas: 0 }
  },
  validate: ({ spec }, root) => {
    const at = root.child('spec')
    return [
      ...nonNegative(spec?.replicas, at.child('replicas')),
      ...nonNegative(spec?.minReadySeconds, at.child('minReadySeconds')),
      ...checkWorkloadSelector(spec?.selector, spec?.template?.metadata?.labels, at, 'deployment'),
      ...checkRunningTemplate(spec?.template, at.child('template'), 'ReplicaSet'),
    ]
  },
  validateUpdate: ({ spec }, { spec: old }, at) =>
    sameValue(spec?.selector, old?.selector) ? [] : [at.child('spec', 'selector').immutable(spec?.selector)],
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    { name: 'Desired', type: 'integer', cell: ({ spec }) => spec?.replicas ?? 1 },
    { name: 'Current', type: 'integer', cell: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', cell: ({ status }) => status?.readyReplicas ?? 0 },
    age,
    ...templateColumns<ReplicaSet>(({ spec }) => spec?.template, ({ spec }) => showSelector(spec?.selector)),
  ],
})
