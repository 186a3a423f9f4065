import { labelSelector, matches, type Labels, type LabelSelector } from '../../base/selector.ts'
import { checkSelector, percentOf } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PodTemplateSpec } from '../generated/types.ts'
import { checkTemplate, noSpec } from './pod-spec.ts'

/** The template of an object that says none: what Go has then. */
export const noTemplate = (): PodTemplateSpec => ({ metadata: {}, spec: noSpec() })

/** A workload's selector, as far as Kubernetes can use it. */
type Selection = { readonly errors: FieldError[]; readonly selects?: (labels: Labels) => boolean }

/** It must be there and choose something. `workload` is the word of Kubernetes' sentence, `deployment` for ReplicaSets too. */
export function checkSelection(selector: LabelSelector | undefined, at: FieldPath, workload: string): Selection {
  // what is not there chooses nothing
  if (!selector) return { errors: [at.required()], selects: () => false }
  const errors = checkSelector(selector, at)
  const isUsable = errors.length === 0
  if (selectsAll(selector)) errors.push(at.invalid(selector, `empty selector is invalid for ${workload}`))
  return isUsable ? { errors, selects: (labels) => selectsAll(selector) || matches(labelSelector(selector), labels) } : { errors }
}

const selectsAll = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean => Object.keys(matchLabels).length + matchExpressions.length === 0

/** `template` is where the template stands. */
export function checkSelected(selects: (labels: Labels) => boolean, labels: Labels | undefined, template: FieldPath): FieldError[] {
  return selects(labels ?? {}) ? [] : [template.child('metadata', 'labels').invalid(inOrder(labels), '`selector` does not match template `labels`')]
}

/** As Go writes a map. */
export const inOrder = (labels: Labels | undefined): object | null => (labels ? Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))) : null)

/** A template whose pods a controller keeps running: it must restart always. `owner` is the name Kubernetes' sentence has (`ReplicaSet` for Deployments too). */
export const checkRunningTemplate = (template: PodTemplateSpec, at: FieldPath, owner: string): FieldError[] => [
  ...checkTemplate(template, at),
  ...checkKeptRunning(template, at, owner),
]

export function checkKeptRunning({ spec }: PodTemplateSpec, at: FieldPath, owner: string): FieldError[] {
  const errors: FieldError[] = []
  if (spec?.restartPolicy !== undefined && spec.restartPolicy !== 'Always') errors.push(at.child('spec', 'restartPolicy').notSupported(spec.restartPolicy, ['Always']))
  if (spec?.activeDeadlineSeconds === undefined) return errors
  return [...errors, at.child('spec', 'activeDeadlineSeconds').forbidden(`activeDeadlineSeconds in ${owner} is not Supported`)]
}

/** Counts in a status, and of which none is more than `replicas`. `ready` is how Kubernetes names the count of ready ones. */
export function checkCounts(status: object | undefined, at: FieldPath, names: readonly string[], bounded: readonly string[] = [], ready = 'readyReplicas'): FieldError[] {
  const count = (name: string): number => ((status ?? {}) as Readonly<Record<string, number>>)[name] ?? 0
  const errors = names.flatMap((name) => (count(name) < 0 ? [at.child(name).negative(count(name))] : []))
  errors.push(...bounded.filter((name) => count(name) > count('replicas')).map((name) => at.child(name).invalid(count(name), 'cannot be greater than status.replicas')))
  if (bounded.includes('availableReplicas') && count('availableReplicas') > count('readyReplicas')) {
    errors.push(at.child('availableReplicas').invalid(count('availableReplicas'), `cannot be greater than ${ready}`))
  }
  return errors
}

/** The strategy of a Deployment or a DaemonSet in Kubernetes' own type, as its sentence shows it. */
export const internalStrategy = (type: string | undefined, rolling: { maxUnavailable?: number | string; maxSurge?: number | string } | undefined): object =>
  ({ Type: type ?? '', RollingUpdate: rolling ? { MaxUnavailable: rolling.maxUnavailable ?? 0, MaxSurge: rolling.maxSurge ?? 0 } : null })

/** Of a count or a percentage, the number that it says, right or not: getIntOrPercentValue of apps validation. */
export function amountOf(value: number | string | undefined): number {
  if (typeof value !== 'string') return value ?? 0
  const amount = percentOf(value) ?? Number(value)
  return Number.isInteger(amount) ? amount : 0
}

/** A counter that only grows. */
export function checkCollisions(now: number | undefined, before: number | undefined, at: FieldPath): FieldError[] {
  return before !== undefined && (now ?? -1) < before ? [at.child('collisionCount').invalid(now ?? 0, 'cannot be decremented')] : []
}
