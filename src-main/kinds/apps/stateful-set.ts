import { countOrPercent, each, nonNegative, notOver100Percent, oneOfIfAny, say } from '../checks.ts'
import { age, templateColumns } from '../columns.ts'
import { warnOfClaimSpec } from '../core/claim-warnings.ts'
import { dropDisabledOfTemplate } from '../core/disabled-fields.ts'
import { checkClaimSpec } from '../core/persistent-volume-claim.ts'
import { checkTemplate, checkTemplateMeta, defaultTemplate } from '../core/pod-spec.ts'
import { warnOfTemplate } from '../core/pod-warnings.ts'
import { amountOf, checkCollisions, checkCounts, checkKeptRunning, checkSelected, checkSelection, noTemplate } from '../core/workload-template.ts'
import { type FieldError, FieldPath } from '../field-error.ts'
import type { StatefulSet, StatefulSetSpec, StatefulSetUpdateStrategy } from '../generated/types.ts'
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
    object.status = { replicas: 0, availableReplicas: 0 }
    dropDisabled(object)
  },
  prepareUpdate: dropDisabled,
  ownRules: true,
  validate: ({ spec }, at, old) => checkSpec(spec ?? {}, at.child('spec'), old?.spec && rulesOfUpdate(old.spec)),
  validateUpdate: ({ spec }, { spec: old }, at) => checkUpdate(spec, old, at.child('spec')),
  warn: ({ spec }, old) => [
    ...(old && sameValue(spec, old.spec) ? [] : warnOfTemplate(spec?.template, 'spec.template')),
    // Kubernetes writes the last part of the path so when it is an update, and leaves it out when it is not
    ...(spec?.volumeClaimTemplates ?? []).flatMap((claim, i) => warnOfClaimSpec(claim.spec ?? {}, `spec.volumeClaimTemplates[${i}]${old ? '.Spec' : ''}`)),
    ...((spec?.revisionHistoryLimit ?? 0) < 0 ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'] : []),
  ],
  validatePart: (_subresource, { status }, { status: old }, at) => [
    ...checkCounts(status, at.child('status'), counts, bounded, 'status.readyReplicas'),
    ...checkCollisions(status?.collisionCount, old?.collisionCount, at.child('status')),
  ],
  columns: [
    { name: 'Ready', type: 'string', description: 'Number of the pod with ready state', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1}` },
    age,
    ...templateColumns<StatefulSet>(({ spec }) => spec?.template, () => '').slice(0, 2),
  ],
})

/** MaxUnavailableStatefulSet is off in Kubernetes 1.36. */
function dropDisabled({ spec }: StatefulSet, old?: Readonly<StatefulSet>): void {
  dropDisabledOfTemplate(spec?.template, old?.spec?.template)
  const rolling = spec?.updateStrategy?.rollingUpdate
  if (rolling?.maxUnavailable !== undefined && old?.spec?.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) delete rolling.maxUnavailable
}

function defaultSpec(spec: StatefulSetSpec): void {
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.podManagementPolicy ??= 'OrderedReady'
  spec.serviceName ??= ''
  const strategy = (spec.updateStrategy ??= {})
  if (!strategy.type) {
    strategy.type = 'RollingUpdate'
    strategy.rollingUpdate ??= {}
  }
  // who says the type and nothing of how gets nothing said
  if (strategy.type === 'RollingUpdate' && strategy.rollingUpdate) strategy.rollingUpdate = { partition: 0, ...strategy.rollingUpdate }
  spec.persistentVolumeClaimRetentionPolicy = { whenDeleted: 'Retain', whenScaled: 'Retain', ...spec.persistentVolumeClaimRetentionPolicy }
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion ||= 'v1'
    claim.kind ||= 'PersistentVolumeClaim'
    if (claim.spec) claim.spec.volumeMode ??= 'Filesystem'
    const status = (claim.status ??= {})
    status.phase ??= 'Pending'
  }
  defaultTemplate(spec.template)
}

/** The template as its pods will be: every claim is a volume too, and the controller says what they and their hosts are called. */
function asPods(template: StatefulSetSpec['template'], claims: NonNullable<StatefulSetSpec['volumeClaimTemplates']>): StatefulSetSpec['template'] {
  if (!template.spec) return template
  const names = [...new Set(claims.map(({ metadata }) => metadata?.name ?? ''))]
  const own = (template.spec.volumes ?? []).filter(({ name }) => !names.includes(name))
  const { hostname: _hostname, subdomain: _subdomain, ...spec } = template.spec
  return { ...template, spec: { ...spec, volumes: [...names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } })), ...own] } }
}

const counts = ['replicas', 'readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas', 'observedGeneration', 'collisionCount']
const bounded = ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas']

/** What is not looked at again, since no update can change it, or since it was wrong before. */
interface Rules {
  readonly isUpdate: boolean
  readonly isTemplateWrong: boolean
}
const all: Rules = { isUpdate: false, isTemplateWrong: false }

const rulesOfUpdate = (old: StatefulSetSpec): Rules =>
  ({ isUpdate: true, isTemplateWrong: checkSpec(old, new FieldPath(), { isUpdate: true, isTemplateWrong: false }).length > 0 })

function checkSpec(spec: Partial<StatefulSetSpec>, at: FieldPath, rules = all): FieldError[] {
  const { podManagementPolicy: policy, persistentVolumeClaimRetentionPolicy: retention = {}, ordinals, serviceName, volumeClaimTemplates } = spec
  const errors: FieldError[] = []
  if (policy !== 'OrderedReady' && policy !== 'Parallel') errors.push(at.child('podManagementPolicy').invalid(policy ?? '', "must be 'OrderedReady' or 'Parallel'"))
  errors.push(...checkStrategy(spec.updateStrategy ?? {}, at.child('updateStrategy')))
  for (const name of ['whenDeleted', 'whenScaled'] as const) {
    errors.push(...oneOfIfAny(retention[name], ['Retain', 'Delete'], at.child('persistentVolumeClaimRetentionPolicy', name)))
  }
  if (!rules.isUpdate) errors.push(...each(volumeClaimTemplates, at.child('volumeClaimTemplates'), (claim, here) => checkClaimSpec(claim.spec ?? {}, here.child('spec'))))
  errors.push(
    ...nonNegative(spec.replicas, at.child('replicas')),
    ...nonNegative(spec.minReadySeconds, at.child('minReadySeconds')),
    ...nonNegative(ordinals?.start, at.child('ordinals.start')),
  )
  if (serviceName && !rules.isUpdate) errors.push(...say(at.child('serviceName'), serviceName, isDNS1123Label(serviceName)))
  return [...errors, ...checkPods(spec, at, rules)]
}

function checkPods({ selector, template = noTemplate(), volumeClaimTemplates = [] }: Partial<StatefulSetSpec>, at: FieldPath, { isTemplateWrong }: Rules): FieldError[] {
  const { errors, selects } = checkSelection(selector, at.child('selector'), 'statefulset')
  const here = at.child('template')
  if (!selects) errors.push(at.child('selector').invalid(selector, ''))
  else {
    errors.push(...checkSelected(selects, template.metadata?.labels, here))
    if (!isTemplateWrong) errors.push(...checkTemplate(asPods(template, volumeClaimTemplates), here))
    errors.push(...checkTemplateMeta(template, here))
  }
  return [...errors, ...checkKeptRunning(template, here, 'StatefulSet')]
}

function checkStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy, at: FieldPath): FieldError[] {
  const here = at.child('rollingUpdate')
  if (type === 'OnDelete') return rollingUpdate ? [here.invalid(internalRolling(rollingUpdate), "only allowed for updateStrategy 'RollingUpdate'")] : []
  if (type !== 'RollingUpdate') return [at.invalid({ Type: type ?? '', RollingUpdate: rollingUpdate ? internalRolling(rollingUpdate) : null }, "must be 'RollingUpdate' or 'OnDelete'")]
  const { partition, maxUnavailable } = rollingUpdate ?? {}
  const errors = nonNegative(partition, here.child('partition'))
  if (maxUnavailable === undefined) return errors
  const most = here.child('maxUnavailable')
  errors.push(...countOrPercent(maxUnavailable, most))
  if (amountOf(maxUnavailable) === 0) errors.push(most.invalid(maxUnavailable, 'cannot be 0'))
  return [...errors, ...notOver100Percent(maxUnavailable, most)]
}

/** Kubernetes' own type, as its sentences show it. */
const internalRolling = ({ partition = 0, maxUnavailable }: NonNullable<StatefulSetUpdateStrategy['rollingUpdate']>): object => ({ Partition: partition, MaxUnavailable: maxUnavailable ?? null })

const changeable = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds']

function checkUpdate(spec: StatefulSetSpec | undefined, old: StatefulSetSpec | undefined, at: FieldPath): FieldError[] {
  const fixed = (one: StatefulSetSpec | undefined) => Object.fromEntries(Object.entries(one ?? {}).filter(([name]) => !changeable.includes(name)))
  if (sameValue(fixed(spec), fixed(old))) return []
  const listed = changeable.slice(0, -1).map((name) => `'${name}'`).join(', ')
  return [at.forbidden(`updates to statefulset spec for fields other than ${listed} and '${changeable.at(-1)}' are forbidden`)]
}
