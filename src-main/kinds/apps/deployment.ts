import { countOrPercent, nonNegative, notOver100Percent } from '../checks.ts'
import { age, showSelector, templateColumns } from '../columns.ts'
import { dropDisabledOfTemplate } from '../core/disabled-fields.ts'
import { defaultTemplate } from '../core/pod-spec.ts'
import { warnOfPodNames, warnOfTemplate } from '../core/pod-warnings.ts'
import { amountOf, checkCollisions, checkCounts, checkRunningTemplate, checkSelected, checkSelection, internalStrategy, noTemplate } from '../core/workload-template.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Deployment, DeploymentSpec, DeploymentStrategy } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'

export type { Deployment }

export const deployment = defineKind<Deployment>({
  group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', shortNames: ['deploy'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.apps.v1.Deployment',
  status: true,
  statusKeeps: 'labels',
  generation: 'with annotations',
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  default: (object) => defaultSpec((object.spec ??= {} as DeploymentSpec)),
  prepareCreate: (object) => {
    object.status = {}
    dropDisabledOfTemplate(object.spec?.template)
  },
  prepareUpdate: ({ spec }, { spec: old }) => dropDisabledOfTemplate(spec?.template, old?.template),
  ownRules: true,
  validate: ({ spec }, at) => checkSpec(spec ?? {}, at.child('spec')),
  validateUpdate: ({ spec }, { spec: old }, at) =>
    sameValue(spec?.selector, old?.selector) ? [] : [at.child('spec', 'selector').immutable(spec?.selector)],
  warn: (object, old) => [
    ...(old ? [] : warnOfPodNames(object)),
    ...(isWishedAlready(object, old) ? [] : warnOfTemplate(object.spec?.template, 'spec.template')),
  ],
  validatePart: (_subresource, { status }, { status: old }, at) => [
    ...checkCounts(status, at.child('status'), counts, bounded),
    ...checkCollisions(status?.collisionCount, old?.collisionCount, at.child('status')),
  ],
  columns: [
    { name: 'Ready', type: 'string', description: 'Number of the pod with ready state', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1}` },
    { name: 'Up-to-date', type: 'string', of: 'status.updatedReplicas', cell: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', type: 'string', of: 'status.availableReplicas', cell: ({ status }) => status?.availableReplicas ?? 0 },
    age,
    ...templateColumns<Deployment>(({ spec }) => spec?.template, ({ spec }) => showSelector(spec?.selector)),
  ],
})

const isWishedAlready = ({ spec, metadata }: Deployment, old: Readonly<Deployment> | undefined): boolean =>
  old !== undefined && sameValue(spec, old.spec) && sameValue(metadata.annotations, old.metadata.annotations)

function defaultSpec(spec: DeploymentSpec): void {
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  const strategy = (spec.strategy ??= {})
  strategy.type ??= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate }
  defaultTemplate(spec.template)
}

const counts = ['observedGeneration', 'replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount']
const bounded = ['updatedReplicas', 'readyReplicas', 'availableReplicas']

function checkSpec(spec: Partial<DeploymentSpec>, at: FieldPath): FieldError[] {
  const { replicas = 0, minReadySeconds = 0, progressDeadlineSeconds: deadline } = spec
  const errors = [
    ...nonNegative(replicas, at.child('replicas')),
    ...checkPods(spec, at),
    ...checkStrategy(spec.strategy ?? {}, at.child('strategy')),
    ...nonNegative(minReadySeconds, at.child('minReadySeconds')),
    ...nonNegative(spec.revisionHistoryLimit, at.child('revisionHistoryLimit')),
    ...nonNegative(deadline, at.child('progressDeadlineSeconds')),
  ]
  if (deadline === undefined || deadline > minReadySeconds) return errors
  return [...errors, at.child('progressDeadlineSeconds').invalid(deadline, 'must be greater than minReadySeconds')]
}

function checkPods({ selector, template = noTemplate() }: Partial<DeploymentSpec>, at: FieldPath): FieldError[] {
  const { errors, selects } = checkSelection(selector, at.child('selector'), 'deployment')
  const here = at.child('template')
  if (!selects) return [...errors, at.child('selector').invalid(selector, 'invalid label selector')]
  return [...errors, ...checkSelected(selects, template.metadata?.labels, here), ...checkRunningTemplate(template, here, 'ReplicaSet')]
}

function checkStrategy({ type, rollingUpdate }: DeploymentStrategy, root: FieldPath): FieldError[] {
  const at = root.child('rollingUpdate')
  if (type === 'Recreate') return rollingUpdate ? [at.forbidden("may not be specified when strategy `type` is 'Recreate'")] : []
  if (type !== 'RollingUpdate') return [root.notSupported(internalStrategy(type, rollingUpdate), ['Recreate', 'RollingUpdate'])]
  if (!rollingUpdate) return [at.required('this should be defaulted and never be nil')]
  const { maxUnavailable, maxSurge } = rollingUpdate
  const errors = [...countOrPercent(maxUnavailable, at.child('maxUnavailable')), ...countOrPercent(maxSurge, at.child('maxSurge'))]
  if (amountOf(maxUnavailable) === 0 && amountOf(maxSurge) === 0) {
    errors.push(at.child('maxUnavailable').invalid(maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return [...errors, ...notOver100Percent(maxUnavailable, at.child('maxUnavailable'))]
}
