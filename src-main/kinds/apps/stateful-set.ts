import { checkWorkloadSelector, nonNegative } from '../checks.ts'
import { age, templateColumns } from '../columns.ts'
import { checkRunningTemplate, defaultTemplate } from '../core/pod-spec.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { StatefulSet, StatefulSetSpec } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'

export type { StatefulSet }

export const statefulSet = defineKind<StatefulSet>({
  group: 'apps', version: 'v1', kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.StatefulSet',
  status: true,
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  default: (object) => defaultSpec((object.spec ??= {} as StatefulSetSpec)),
  prepareCreate: (object) => {
    object.status = { replicas: 0 }
  },
  validate: ({ spec }, root) => {
    const at = root.child('spec')
    return [
      ...nonNegative(spec?.replicas, at.child('replicas')),
      ...nonNegative(spec?.minReadySeconds, at.child('minReadySeconds')),
      ...checkWorkloadSelector(spec?.selector, spec?.template?.metadata?.labels, at, 'statefulset'),
      ...checkRunningTemplate(spec?.template && withClaims(spec), at.child('template'), 'StatefulSet'),
    ]
  },
  validateUpdate: ({ spec }, { spec: old }, at) => checkUpdate(spec, old, at.child('spec')),
  columns: [
    { name: 'Ready', type: 'string', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1}` },
    age,
    ...templateColumns<StatefulSet>(({ spec }) => spec?.template, () => '').slice(0, 2),
  ],
})

function defaultSpec(spec: StatefulSetSpec): void {
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.podManagementPolicy ??= 'OrderedReady'
  const strategy = (spec.updateStrategy ??= {})
  strategy.type ??= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { partition: 0, ...strategy.rollingUpdate }
  spec.persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Retain', whenScaled: 'Retain', ...spec.persistentVolumeClaimRetentionPolicy }
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ||= 'v1'
    claim.kind ||= 'PersistentVolumeClaim'
    if (claim.spec) claim.spec.volumeMode ??= 'Filesystem'
    claim.status ??= { phase: 'Pending' }
  }
  defaultTemplate(spec.template)
}

/** The template as its pods will be: every claim is a volume too. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): StatefulSetSpec['template'] {
  if (!template.spec || volumeClaimTemplates.length === 0) return template
  const own = (template.spec.volumes ?? []).filter(({ name }) => !volumeClaimTemplates.some((claim) => claim.metadata?.name === name))
  const claimed = volumeClaimTemplates.map(({ metadata: { name = '' } = {} }) => ({ name, persistentVolumeClaim: { claimName: name || 'unnamed' } }))
  return { ...template, spec: { ...template.spec, volumes: [...own, ...claimed] } }
}

const changeable = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds']

function checkUpdate(spec: StatefulSetSpec | undefined, old: StatefulSetSpec | undefined, at: FieldPath): FieldError[] {
  const fixed = (one: StatefulSetSpec | undefined) => Object.fromEntries(Object.entries(one ?? {}).filter(([name]) => !changeable.includes(name)))
  if (sameValue(fixed(spec), fixed(old))) return []
  const listed = changeable.slice(0, -1).map((name) => `'${name}'`).join(', ')
  return [at.forbidden(`updates to statefulset spec for fields other than ${listed} and '${changeable.at(-1)}' are forbidden`)]
}
