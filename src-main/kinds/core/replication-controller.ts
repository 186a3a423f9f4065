import { matches } from '../../base/selector.ts'
import { nonNegative } from '../checks.ts'
import { age, showLabels, templateColumns } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ReplicationController, ReplicationControllerSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { dropDisabledOfTemplate } from './disabled-fields.ts'
import { defaultTemplate } from './pod-spec.ts'
import { warnOfPodNames, warnOfTemplate } from './pod-warnings.ts'
import { checkCounts, checkRunningTemplate, checkSelected } from './workload-template.ts'

export type { ReplicationController }

export const replicationController = defineKind<ReplicationController>({
  group: '', version: 'v1', kind: 'ReplicationController', plural: 'replicationcontrollers', shortNames: ['rc'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.ReplicationController',
  status: true,
  orphans: true,
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector', missing: { group: 'autoscaling', plural: 'replicationcontrollers/scale' } },
  default: (object) => {
    const spec = (object.spec ??= {})
    spec.replicas ??= 1
    // its default is what Go leaves out
    if (spec.minReadySeconds === 0) delete spec.minReadySeconds
    defaultTemplate(spec.template)
    const labels = spec.template?.metadata?.labels
    if (!labels) return
    if (Object.keys(spec.selector ?? {}).length === 0) spec.selector = labels
    if (Object.keys(object.metadata.labels ?? {}).length === 0) object.metadata.labels = labels
  },
  prepareCreate: (object) => {
    object.status = { replicas: 0 }
    dropDisabledOfTemplate(object.spec?.template)
  },
  prepareUpdate: ({ spec }, { spec: old }) => dropDisabledOfTemplate(spec?.template, old?.template),
  ownRules: true,
  warn: (object, old) => (old ? (sameValue(object.spec, old.spec) ? [] : warnOfTemplate(object.spec?.template, 'template')) : [...warnOfPodNames(object), ...warnOfTemplate(object.spec?.template, 'template')]),
  validate: ({ spec }, at) => checkSpec(spec ?? {}, at.child('spec')),
  validatePart: (_subresource, { status }, _old, at) => checkCounts(status, at.child('status'), counts, bounded),
  selectableFields: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
  columns: [
    { name: 'Desired', type: 'integer', of: 'spec.replicas', cell: ({ spec }) => spec?.replicas ?? 1 },
    { name: 'Current', type: 'integer', of: 'status.replicas', cell: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', of: 'status.readyReplicas', cell: ({ status }) => status?.readyReplicas ?? 0 },
    age,
    ...templateColumns<ReplicationController>(({ spec }) => spec?.template, ({ spec }) => showLabels(spec?.selector)),
  ],
})

const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration']
const bounded = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']

function checkSpec({ minReadySeconds, selector = {}, replicas = 0, template }: ReplicationControllerSpec, at: FieldPath): FieldError[] {
  const wanted = Object.entries(selector).map(([key, value]) => ({ key, operator: '=' as const, values: [value] }))
  const errors = [
    ...nonNegative(minReadySeconds, at.child('minReadySeconds')),
    ...(wanted.length === 0 ? [at.child('selector').required()] : []),
    ...nonNegative(replicas, at.child('replicas')),
  ]
  const here = at.child('template')
  if (!template) return [...errors, here.required()]
  return [
    ...errors,
    ...checkSelected((labels) => matches(wanted, labels), template.metadata?.labels, here),
    ...checkRunningTemplate(template, here, 'ReplicationController'),
  ]
}
