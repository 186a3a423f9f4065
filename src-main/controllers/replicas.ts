import { matches, type Selector } from '../base/selector.ts'
import type { Pod } from '../kinds/core/pod.ts'
import type { PodTemplateSpec, ReplicaSetStatus } from '../kinds/generated/types.ts'
import { conditionOf, type KubeObject, withCondition } from '../kinds/meta.ts'
import { sameValue } from '../kinds/same-value.ts'
import { inDeletionOrder } from './pod-ranks.ts'
import { availableAt, isActive, isReady } from './pod-state.ts'

/** What a ReplicaSet and a ReplicationController have in common. */
export interface ReplicaWish extends KubeObject {
  spec?: { replicas?: number; minReadySeconds?: number; template?: PodTemplateSpec }
  status?: ReplicaSetStatus
}

export interface ReplicaPlan {
  readonly create: number
  readonly remove: readonly Pod[]
  readonly status: ReplicaSetStatus
  /** When the next ready pod becomes available. */
  readonly afterMs?: number
}

/** Kubernetes' BurstReplicas: creations and deletions of one round. */
const burst = 500

/**
 * Compares the pods a workload manages with the number it wishes.
 *
 * @param owned  everything it manages, finished and terminating pods too
 * @param related  pods of the same workload, which make a node crowded
 */
export function planReplicas(
  wish: ReplicaWish,
  owned: readonly Pod[],
  related: readonly Pod[],
  now: number,
): ReplicaPlan {
  const active = owned.filter(isActive)
  const missing = (wish.spec?.replicas ?? 1) - active.length
  const leaving = wish.metadata.deletionTimestamp !== undefined
  const due = active.map((pod) => availableAt(pod, wish.spec?.minReadySeconds ?? 0)).filter((at) => at !== undefined)
  const next = Math.min(...due.filter((at) => at > now))
  return {
    create: leaving ? 0 : Math.min(Math.max(missing, 0), burst),
    remove:
      leaving || missing >= 0
        ? []
        : inDeletionOrder(active, related.filter(isActive), now).slice(0, Math.min(-missing, burst)),
    status: statusOf(wish, active, due.filter((at) => at <= now).length),
    ...(Number.isFinite(next) ? { afterMs: next - now } : {}),
  }
}

function statusOf(wish: ReplicaWish, active: readonly Pod[], availableReplicas: number): ReplicaSetStatus {
  const template: Selector = Object.entries(wish.spec?.template?.metadata?.labels ?? {}).map(([key, value]) => ({
    key,
    operator: '=',
    values: [value],
  }))
  return {
    ...wish.status,
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) => matches(template, metadata.labels ?? {})).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas,
    observedGeneration: wish.metadata.generation,
  }
}

/** A round that could not create or delete says so in the status, until one could. */
export function withFailure(
  status: ReplicaSetStatus,
  failure: { reason: string; message: string } | undefined,
  now: number,
): ReplicaSetStatus {
  const old = conditionOf(status.conditions, 'ReplicaFailure')
  if (!failure)
    return old ? { ...status, conditions: status.conditions?.filter((condition) => condition !== old) } : status
  if (old?.status === 'True' && old.reason === failure.reason) return status
  return {
    ...status,
    conditions: withCondition(status.conditions, { type: 'ReplicaFailure', status: 'True', ...failure }, now),
  }
}

/** Whether a status says the same as the stored one, in which absent numbers are 0. */
export function sameStatus(a: ReplicaSetStatus | undefined, b: ReplicaSetStatus): boolean {
  const full = (status: Partial<ReplicaSetStatus> = {}) => ({
    replicas: 0,
    fullyLabeledReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    ...status,
    conditions: status.conditions ?? [],
  })
  return sameValue(full(a), full(b))
}
