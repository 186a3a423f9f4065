import { checkWorkloadSelector, countOrPercent, nonNegative, notOver100Percent, percentOf } from '../checks.ts'
import { age, showSelector, templateColumns } from '../columns.ts'
import { checkRunningTemplate, defaultTemplate } from '../core/pod-spec.ts'
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
  generation: true,
  scale: { replicas: 'spec.replicas', statusReplicas: 'status.replicas', selector: 'spec.selector' },
  default: (object) => defaultSpec((object.spec ??= {} as DeploymentSpec)),
  validate: ({ spec }, at) => (spec ? checkSpec(spec, at.child('spec')) : [at.child('spec').required()]),
  validateUpdate: ({ spec }, { spec: old }, at) =>
    sameValue(spec?.selector, old?.selector) ? [] : [at.child('spec', 'selector').immutable(spec?.selector)],
  columns: [
    { name: 'Ready', type: 'string', description: 'Number of the pod with ready state', cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 1}` },
    { name: 'Up-to-date', type: 'integer', cell: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: 'Available', type: 'integer', cell: ({ status }) => status?.availableReplicas ?? 0 },
    age,
    ...templateColumns<Deployment>(({ spec }) => spec?.template, ({ spec }) => showSelector(spec?.selector)),
  ],
})

function defaultSpec(spec: DeploymentSpec): void {
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  const strategy = (spec.strategy ??= {})
  strategy.type ??= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') strategy.rollingUpdate = { maxUnavailable: '25%', maxSurge: '25%', ...strategy.rollingUpdate }
  defaultTemplate(spec.template)
}

function checkSpec(spec: DeploymentSpec, at: FieldPath): FieldError[] {
  const deadline = spec.progressDeadlineSeconds
  const errors = [
    ...nonNegative(spec.replicas, at.child('replicas')),
    ...checkWorkloadSelector(spec.selector, spec.template?.metadata?.labels, at, 'deployment'),
    ...checkRunningTemplate(spec.template, at.child('template'), 'ReplicaSet'),
    ...checkStrategy(spec.strategy ?? {}, at.child('strategy')),
    ...nonNegative(spec.minReadySeconds, at.child('minReadySeconds')),
    ...nonNegative(spec.revisionHistoryLimit, at.child('revisionHistoryLimit')),
    ...nonNegative(deadline, at.child('progressDeadlineSeconds')),
  ]
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) {
    errors.push(at.child('progressDeadlineSeconds').invalid(deadline, 'must be greater than minReadySeconds'))
  }
  return errors
}

const isNone = (value: number | string | undefined): boolean => value === 0 || percentOf(value) === 0

function checkStrategy({ type, rollingUpdate }: DeploymentStrategy, root: FieldPath): FieldError[] {
  const at = root.child('rollingUpdate')
  if (type === 'Recreate') return rollingUpdate ? [at.forbidden("may not be specified when strategy `type` is 'Recreate'")] : []
  if (!rollingUpdate) return []
  const { maxUnavailable, maxSurge } = rollingUpdate
  const errors = [...countOrPercent(maxUnavailable, at.child('maxUnavailable')), ...countOrPercent(maxSurge, at.child('maxSurge'))]
  if (isNone(maxUnavailable) && isNone(maxSurge)) {
    errors.push(at.child('maxUnavailable').invalid(maxUnavailable, 'may not be 0 when `maxSurge` is 0'))
  }
  return [...errors, ...notOver100Percent(maxUnavailable, at.child('maxUnavailable'))]
}
