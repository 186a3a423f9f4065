import { timestamp } from '../base/clock.ts'
import type { Pod } from '../kinds/core/pod.ts'
import type { Condition, PodDisruptionBudgetStatus } from '../kinds/generated/types.ts'
import { lookup } from '../kinds/lookup.ts'
import { withCondition } from '../kinds/meta.ts'
import type { PodDisruptionBudget } from '../kinds/policy/pod-disruption-budget.ts'
import { isReady } from './pod-state.ts'

/** How long an eviction may take to show: DeletionTimeout of Kubernetes' disruption controller. */
const deletionTimeoutMs = 2 * 60 * 1000

/** How many pods there should be, and how many of them healthy. */
export interface Expected {
  readonly pods: number
  readonly healthy: number
}

/** Whether the budget counts against what the owners of its pods want, and not against the pods there are. */
export const countsOwners = ({ spec }: PodDisruptionBudget): boolean => spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string'

/** `wanted` is the sum of what the owners want; without meaning unless `countsOwners`. */
export function expectedOf({ spec }: PodDisruptionBudget, pods: number, wanted: number): Expected {
  const { minAvailable, maxUnavailable } = spec ?? {}
  if (maxUnavailable !== undefined) return { pods: wanted, healthy: Math.max(wanted - scaled(maxUnavailable, wanted), 0) }
  if (minAvailable === undefined) return { pods: 0, healthy: 0 }
  return typeof minAvailable === 'number' ? { pods, healthy: minAvailable } : { pods: wanted, healthy: scaled(minAvailable, wanted) }
}

const scaled = (value: number | string, total: number): number =>
  typeof value === 'number' ? value : Math.ceil((Number(value.replace('%', '')) * total) / 100)

export interface StatusPlan {
  readonly status: PodDisruptionBudgetStatus
  /** When evictions that did not happen are forgotten, in ms. */
  readonly recheckAt?: number
  /** Pods whose eviction was allowed and did not happen. */
  readonly notDeleted: readonly Pod[]
}

/** What a budget allows now. */
export function planStatus({ metadata, status: was = {} }: PodDisruptionBudget, pods: readonly Pod[], expected: Expected, now: number): StatusPlan {
  const allowedAt = ({ metadata: { name = '' } }: Pod) => lookup(was.disruptedPods, name)
  const going = pods.filter((pod) => !pod.metadata.deletionTimestamp && allowedAt(pod) !== undefined)
  const deadline = (pod: Pod) => Date.parse(allowedAt(pod) ?? '') + deletionTimeoutMs
  const disrupted = going.filter((pod) => deadline(pod) >= now)
  const healthy = pods.filter((pod) => !pod.metadata.deletionTimestamp && !disrupted.includes(pod) && isReady(pod)).length
  const disruptionsAllowed = expected.pods <= 0 ? 0 : Math.max(healthy - expected.healthy, 0)
  const observedGeneration = metadata.generation ?? 0
  const { disruptedPods: _disrupted, ...rest } = was
  const status: PodDisruptionBudgetStatus = {
    ...rest,
    currentHealthy: healthy,
    desiredHealthy: expected.healthy,
    expectedPods: expected.pods,
    disruptionsAllowed,
    observedGeneration,
    conditions: withAllowed(was.conditions, disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods', '', observedGeneration, now),
    ...(disrupted.length > 0
      ? { disruptedPods: Object.fromEntries(disrupted.map((pod) => [pod.metadata.name ?? '', allowedAt(pod) ?? ''])) }
      : {}),
  }
  const recheckAt = disrupted.length > 0 ? Math.min(...disrupted.map(deadline)) : undefined
  return { status, notDeleted: going.filter((pod) => !disrupted.includes(pod)), ...(recheckAt === undefined ? {} : { recheckAt }) }
}

/** What is said when nothing can be counted: better no disruption than one too many. */
export const planFailure = ({ status = {} }: PodDisruptionBudget, why: string, now: number): PodDisruptionBudgetStatus => ({
  currentHealthy: 0,
  desiredHealthy: 0,
  expectedPods: 0,
  ...status,
  disruptionsAllowed: 0,
  conditions: withAllowed(status.conditions, 'SyncFailed', why, status.observedGeneration ?? 0, now),
})

function withAllowed(conditions: readonly Condition[] | undefined, reason: string, message: string, observedGeneration: number, now: number): Condition[] {
  const allowed = { type: 'DisruptionAllowed', status: reason === 'SufficientPods' ? 'True' : 'False', reason, message, observedGeneration, lastTransitionTime: timestamp(now) }
  return withCondition(conditions as Condition[], allowed, now)
}
