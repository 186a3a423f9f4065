import { countOrPercent, each, nonNegative, notOver100Percent, oneOfIfAny, percentOf, say } from '../checks.ts'
import { age, templateColumns } from '../columns.ts'
import { checkClaimSpec } from '../core/persistent-volume-claim.ts'
import { defaultTemplate } from '../core/pod-spec.ts'
import { checkCollisions, checkCounts, checkRunningTemplate, checkSelected, checkSelection, noTemplate } from '../core/workload-template.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PersistentVolumeClaim, StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Label } from '../validation.ts'

export type { StatefulSet }

export const statefulSet = defineKind<StatefulSet>({
  group: 'apps', version: 'v1', kind: 'StatefulSet', plural: 'statefulsets', shortNames: ['sts'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.StatefulSet',
  status: true,
  // its pods' names are its own and a number, and their hosts' names too
  names: 'label',
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  default: (object) => defaultSpec((object.spec ??= {} as StatefulSetSpec)),
  prepareCreate: (object) => {
    object.status = { replicas: 0 }
  },
  ownRules: true,
  validate: ({ spec }, at, old) => checkSpec(spec ?? {}, at.child('spec'), old?.spec),
  validateUpdate: ({ spec }, { spec: old }, at) => checkUpdate(spec, old, at.child('spec')),
  validatePart: (_subresource, { status }, { status: old }, at) => [
    ...checkCounts(status, at.child('status'), counts, bounded),
    ...checkCollisions(status?.collisionCount, old?.collisionCount, at.child('status')),
  ],
  columns: [
    { name: 'Ready', type: 'string', description: 'Number of the pod with ready state', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1}` },
    age,
    ...templateColumns<StatefulSet>(({ spec }) => spec?.template, () => '').slice(0, 2),
  ],
})

function defaultSpec(spec: StatefulSetSpec): void {
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.podManagementPolicy ??= 'OrderedReady'
  spec.serviceName ??= ''
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
function withClaims(template: StatefulSetSpec['template'], claims: readonly PersistentVolumeClaim[]): StatefulSetSpec['template'] {
  if (!template.spec || claims.length === 0) return template
  const own = (template.spec.volumes ?? []).filter(({ name }) => !claims.some((claim) => claim.metadata?.name === name))
  const claimed = claims.map(({ metadata: { name = '' } = {} }) => ({ name, persistentVolumeClaim: { claimName: name || 'unnamed' } }))
  return { ...template, spec: { ...template.spec, volumes: [...own, ...claimed] } }
}

const counts = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount']
const bounded = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']

function checkSpec(spec: Partial<StatefulSetSpec>, at: FieldPath, old: StatefulSetSpec | undefined): FieldError[] {
  const { podManagementPolicy: policy, persistentVolumeClaimRetentionPolicy: retention = {}, ordinals, serviceName } = spec
  const errors: FieldError[] = []
  if (policy !== 'OrderedReady' && policy !== 'Parallel') errors.push(at.child('podManagementPolicy').invalid(policy ?? '', "must be 'OrderedReady' or 'Parallel'"))
  errors.push(...checkStrategy(spec.updateStrategy ?? {}, at.child('updateStrategy')))
  for (const name of ['whenDeleted', 'whenScaled'] as const) {
    errors.push(...oneOfIfAny(retention[name], ['Retain', 'Delete'], at.child('persistentVolumeClaimRetentionPolicy', name)))
  }
  errors.push(
    ...nonNegative(spec.replicas, at.child('replicas')),
    ...nonNegative(spec.minReadySeconds, at.child('minReadySeconds')),
    ...nonNegative(ordinals?.start, at.child('ordinals.start')),
  )
  // a name of before this rule may stay
  if (serviceName && serviceName !== old?.serviceName) errors.push(...say(at.child('serviceName'), serviceName, isDNS1123Label(serviceName)))
  errors.push(...each(old ? undefined : spec.volumeClaimTemplates, at.child('volumeClaimTemplates'), (claim, here) => checkClaimSpec(claim.spec ?? {}, here.child('spec'))))
  return [...errors, ...checkPods(spec, at)]
}

function checkPods({ selector, template = noTemplate(), volumeClaimTemplates = [] }: Partial<StatefulSetSpec>, at: FieldPath): FieldError[] {
  const { errors, selects } = checkSelection(selector, at.child('selector'), 'statefulset')
  const here = at.child('template')
  if (!selects) return [...errors, at.child('selector').invalid(selector, '')]
  return [...errors, ...checkSelected(selects, template.metadata?.labels, here), ...checkRunningTemplate(withClaims(template, volumeClaimTemplates), here, 'StatefulSet', false)]
}

function checkStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy, at: FieldPath): FieldError[] {
  const here = at.child('rollingUpdate')
  if (type === 'OnDelete') return rollingUpdate ? [here.invalid({ Partition: rollingUpdate.partition ?? 0, MaxUnavailable: rollingUpdate.maxUnavailable ?? null }, "only allowed for updateStrategy 'RollingUpdate'")] : []
  if (type !== 'RollingUpdate') return [at.invalid({ Type: type ?? '', RollingUpdate: rollingUpdate ?? null }, "must be 'RollingUpdate' or 'OnDelete'")]
  const { partition, maxUnavailable } = rollingUpdate ?? {}
  const errors = nonNegative(partition, here.child('partition'))
  if (maxUnavailable === undefined) return errors
  const most = here.child('maxUnavailable')
  errors.push(...countOrPercent(maxUnavailable, most))
  if (maxUnavailable === 0 || percentOf(maxUnavailable) === 0) errors.push(most.invalid(maxUnavailable, 'cannot be 0'))
  return [...errors, ...notOver100Percent(maxUnavailable, most)]
}

const changeable = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds']

function checkUpdate(spec: StatefulSetSpec | undefined, old: StatefulSetSpec | undefined, at: FieldPath): FieldError[] {
  const fixed = (one: StatefulSetSpec | undefined) => Object.fromEntries(Object.entries(one ?? {}).filter(([name]) => !changeable.includes(name)))
  if (sameValue(fixed(spec), fixed(old))) return []
  const listed = changeable.slice(0, -1).map((name) => `'${name}'`).join(', ')
  return [at.forbidden(`updates to statefulset spec for fields other than ${listed} and '${changeable.at(-1)}' are forbidden`)]
}
