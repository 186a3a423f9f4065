import { nonNegative } from '../checks.ts'
import { age, showSelector, templateColumns } from '../columns.ts'
import { dropDisabledOfTemplate } from '../core/disabled-fields.ts'
import { defaultTemplate } from '../core/pod-spec.ts'
import { warnOfPodNames, warnOfTemplate } from '../core/pod-warnings.ts'
import { checkCounts, checkRunningTemplate, checkSelected, checkSelection, noTemplate } from '../core/workload-template.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
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
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector', missing: { group: 'apps', plural: 'replicasets/scale' } },
  default: (object) => {
    const spec = (object.spec ??= {} as ReplicaSetSpec)
    spec.replicas ??= 1
    defaultTemplate(spec.template)
  },
  prepareCreate: (object) => {
    object.status = { replicas: 0 }
    dropDisabledOfTemplate(object.spec?.template)
  },
  prepareUpdate: ({ spec }, { spec: old }) => dropDisabledOfTemplate(spec?.template, old?.template),
  ownRules: true,
  validate: ({ spec }, at) => checkSpec(spec ?? {}, at.child('spec')),
  validateUpdate: ({ spec }, { spec: old }, at) =>
    sameValue(spec?.selector, old?.selector) ? [] : [at.child('spec', 'selector').immutable(spec?.selector)],
  warn: (object, old) => [
    ...(old ? [] : warnOfPodNames(object)),
    ...(old && sameValue(object.spec, old.spec) ? [] : warnOfTemplate(object.spec?.template, 'spec.template')),
  ],
  validatePart: (_subresource, { status }, _old, at) => checkCounts(status, at.child('status'), counts, bounded),
  columns: [
    { name: 'Desired', type: 'integer', of: 'spec.replicas', cell: ({ spec }) => spec?.replicas ?? 1 },
    { name: 'Current', type: 'integer', of: 'status.replicas', cell: ({ status }) => status?.replicas ?? 0 },
    { name: 'Ready', type: 'integer', of: 'status.readyReplicas', cell: ({ status }) => status?.readyReplicas ?? 0 },
    age,
    ...templateColumns<ReplicaSet>(({ spec }) => spec?.template, ({ spec }) => showSelector(spec?.selector)),
  ],
})

const counts = ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'terminatingReplicas', 'observedGeneration']
const bounded = ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']

function checkSpec({ replicas = 0, minReadySeconds, selector, template = noTemplate() }: Partial<ReplicaSetSpec>, at: FieldPath): FieldError[] {
  const { errors, selects } = checkSelection(selector, at.child('selector'), 'deployment')
  const counted = [...nonNegative(replicas, at.child('replicas')), ...nonNegative(minReadySeconds, at.child('minReadySeconds')), ...errors]
  const here = at.child('template')
  if (!selects) return [...counted, at.child('selector').invalid(selector, 'invalid label selector')]
  return [...counted, ...checkSelected(selects, template.metadata?.labels, here), ...checkRunningTemplate(template, here, 'ReplicaSet')]
}
