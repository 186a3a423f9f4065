import { matches } from '../../base/selector.ts'
import { checkLabels, nonNegative } from '../checks.ts'
import { age, showLabels, templateColumns } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ReplicationController } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { checkRunningTemplate, defaultTemplate } from './pod-spec.ts'

export type { ReplicationController }

export const replicationController = defineKind<ReplicationController>({
  group: '', version: 'v1', kind: 'ReplicationController', plural: 'replicationcontrollers', shortNames: ['rc'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ReplicationController',
  status: true,
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  default: (object) => {
    const spec = (object.spec ??= {})
    spec.replicas ??= 1
    defaultTemplate(spec.template)
    const labels = spec.template?.metadata?.labels
    if (!labels) return
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = { ...labels }
    if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = { ...labels }
  },
  prepareCreate: (object) => {
    object.status = { replicas: 0 }
  },
  validate: checkController,
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    { name: 'Desired', type: 'integer', cell: ({ spec }) => spec?.replicas ?? 1 },
    { name: 'Current', type: 'integer', cell: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', cell: ({ status }) => status?.readyReplicas ?? 0 },
    age,
    ...templateColumns<ReplicationController>(({ spec }) => spec?.template, ({ spec }) => showLabels(spec?.selector)),
  ],
})

function checkController({ spec = {} }: ReplicationController, root: FieldPath): FieldError[] {
  const at = root.child('spec')
  const selector = Object.entries(spec.selector ?? {})
  const labels = spec.template?.metadata?.labels
  const errors = [
    ...nonNegative(spec.minReadySeconds, at.child('minReadySeconds')),
    ...(selector.length === 0 ? [at.child('selector').required()] : checkLabels(spec.selector, at.child('selector'))),
    ...nonNegative(spec.replicas, at.child('replicas')),
    ...checkRunningTemplate(spec.template, at.child('template'), 'ReplicationController'),
  ]
  const wanted = selector.map(([key, value]) => ({ key, operator: '=' as const, values: [value] }))
  if (spec.template && selector.length > 0 && !matches(wanted, labels ?? {})) {
    errors.push(at.child('template', 'metadata', 'labels').invalid(labels ?? null, '`selector` does not match template `labels`'))
  }
  return errors
}
