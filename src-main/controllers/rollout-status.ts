import { timestamp } from '../base/clock.ts'
import type { Deployment } from '../kinds/apps/deployment.ts'
import type { ReplicaSet } from '../kinds/apps/replica-set.ts'
import type { DeploymentCondition, DeploymentStatus } from '../kinds/generated/types.ts'
import { conditionOf } from '../kinds/meta.ts'
import { maxUnavailable, wished } from './rollout-limits.ts'
import { sizeOf, total } from './rollout-sets.ts'

interface Said {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** A condition with the same status and reason stays as it is; the times tell when either changed. */
export function setCondition(
  conditions: readonly DeploymentCondition[],
  said: Said,
  now: number,
): DeploymentCondition[] {
  const old = conditionOf(conditions, said.type)
  if (old?.status === said.status && old.reason === said.reason) return [...conditions]
  return replaceCondition(conditions, said, now)
}

function replaceCondition(conditions: readonly DeploymentCondition[], said: Said, now: number): DeploymentCondition[] {
  const old = conditionOf(conditions, said.type)
  const lastTransitionTime = old?.status === said.status ? old.lastTransitionTime : timestamp(now)
  const next = { ...said, lastUpdateTime: timestamp(now), lastTransitionTime }
  return [...conditions.filter((condition) => condition !== old), next]
}

export const without = (conditions: readonly DeploymentCondition[], type: string): DeploymentCondition[] =>
  conditions.filter((condition) => condition.type !== type)

/** The counts, with the conditions Available and ReplicaFailure; Progressing is left as `conditions` has it. */
export function countStatus(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  sets: readonly ReplicaSet[],
  conditions: readonly DeploymentCondition[],
  now: number,
): DeploymentStatus {
  const availableReplicas = total(sets, ({ status }) => status?.availableReplicas ?? 0)
  const { collisionCount } = deployment.status ?? {}
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: total(sets, ({ status }) => status?.replicas ?? 0),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: total(sets, ({ status }) => status?.readyReplicas ?? 0),
    availableReplicas,
    unavailableReplicas: Math.max(0, total(sets, sizeOf) - availableReplicas),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withFailures(setCondition(conditions, availability(deployment, availableReplicas), now), sets, now),
  }
}

const availability = (deployment: Deployment, availableReplicas: number): Said =>
  availableReplicas >= wished(deployment) - maxUnavailable(deployment)
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }

function withFailures(
  conditions: DeploymentCondition[],
  sets: readonly ReplicaSet[],
  now: number,
): DeploymentCondition[] {
  const failure = sets
    .map(({ status }) => conditionOf(status?.conditions, 'ReplicaFailure'))
    .find((condition) => condition?.status === 'True')
  if (!failure) return without(conditions, 'ReplicaFailure')
  const { type, status, reason = '', message = '' } = failure
  return setCondition(conditions, { type, status, reason, message }, now)
}

const isComplete = (deployment: Deployment, status: DeploymentStatus): boolean =>
  status.updatedReplicas === wished(deployment) &&
  status.replicas === wished(deployment) &&
  status.availableReplicas === wished(deployment)

export const isCompleteNow = (deployment: Deployment): boolean =>
  deployment.status?.observedGeneration === deployment.metadata.generation &&
  isComplete(deployment, deployment.status ?? {})

function isMoving(before: DeploymentStatus = {}, now: DeploymentStatus): boolean {
  const count = (value: number | undefined) => value ?? 0
  const old = (status: DeploymentStatus) => count(status.replicas) - count(status.updatedReplicas)
  return (
    count(now.updatedReplicas) > count(before.updatedReplicas) ||
    old(now) < old(before) ||
    count(now.readyReplicas) > count(before.readyReplicas) ||
    count(now.availableReplicas) > count(before.availableReplicas)
  )
}

export const deadlineOf = ({ spec }: Deployment): number | undefined =>
  spec?.progressDeadlineSeconds === undefined || spec.progressDeadlineSeconds === 2 ** 31 - 1
    ? undefined
    : spec.progressDeadlineSeconds * 1000

/** The status with Progressing as the rollout stands, and when its deadline must be looked at again. */
export function rolloutStatus(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  status: DeploymentStatus,
  now: number,
): { status: DeploymentStatus; afterMs?: number } {
  const conditions = status.conditions ?? []
  const deadline = deadlineOf(deployment)
  if (deadline === undefined) return { status: { ...status, conditions: without(conditions, 'Progressing') } }
  const progressing = conditionOf(conditions, 'Progressing')
  if (status.replicas === status.updatedReplicas && progressing?.reason === 'NewReplicaSetAvailable') return { status }
  const subject = current
    ? `ReplicaSet ${JSON.stringify(current.metadata.name)}`
    : `Deployment ${JSON.stringify(deployment.metadata.name)}`
  const say = (state: string, reason: string, end: string): Said => ({
    type: 'Progressing',
    status: state,
    reason,
    message: `${subject} ${end}`,
  })
  const progressed = (next: DeploymentCondition[]) => ({ ...status, conditions: next })

  if (isComplete(deployment, status)) {
    return {
      status: progressed(
        setCondition(conditions, say('True', 'NewReplicaSetAvailable', 'has successfully progressed.'), now),
      ),
    }
  }
  if (isMoving(deployment.status, status)) {
    return {
      status: progressed(replaceCondition(conditions, say('True', 'ReplicaSetUpdated', 'is progressing.'), now)),
      afterMs: deadline,
    }
  }
  if (!progressing || progressing.reason === 'NewReplicaSetAvailable') return { status }
  const left = Date.parse(progressing.lastUpdateTime ?? '') + deadline - now
  if (progressing.reason === 'ProgressDeadlineExceeded' || left <= 0) {
    return {
      status: progressed(
        setCondition(conditions, say('False', 'ProgressDeadlineExceeded', 'has timed out progressing.'), now),
      ),
    }
  }
  return { status, ...(Number.isNaN(left) ? {} : { afterMs: left }) }
}
