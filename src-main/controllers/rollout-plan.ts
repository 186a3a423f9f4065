import type { Deployment } from '../kinds/apps/deployment.ts'
import type { ReplicaSet } from '../kinds/apps/replica-set.ts'
import type { DeploymentCondition, DeploymentStatus } from '../kinds/generated/types.ts'
import { conditionOf } from '../kinds/meta.ts'
import { isRolling, wished } from './rollout-limits.ts'
import { isScaling, newSetSize, rollingStep, scalingStep, type Sizes } from './rollout-scale.ts'
import {
  divide,
  isActiveSet,
  newSet,
  revisionKey,
  byRevision,
  revisionOf,
  scaleAnnotations,
  sizeOf,
  upToDate,
} from './rollout-sets.ts'
import { countStatus, deadlineOf, isCompleteNow, rolloutStatus, setCondition } from './rollout-status.ts'

export interface RolloutPlan {
  readonly create?: ReplicaSet
  /** Whole sets as they shall be, with the version they were decided from. */
  readonly update: readonly ReplicaSet[]
  readonly remove: readonly ReplicaSet[]
  /** What the Deployment's own revision annotation shall say. */
  readonly revision?: string
  readonly status: DeploymentStatus
  /** Messages of ScalingReplicaSet events. */
  readonly scalings: readonly string[]
  readonly afterMs?: number
}

/** What one look at a Deployment changes; the status is settled afterwards. */
interface Step {
  readonly create?: ReplicaSet
  readonly sizes: Sizes
  readonly remove?: readonly ReplicaSet[]
}

/**
 * The next step of a Deployment, as kube-controller-manager's deployment controller takes it.
 *
 * @param sets  the ReplicaSets it manages
 * @param oldPodsRun  whether pods of other sets than the current one still exist; Recreate waits for them
 */
export function planRollout(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  oldPodsRun: (old: readonly ReplicaSet[]) => boolean,
  now: number,
): RolloutPlan {
  const { current, old } = divide(deployment, sets)
  const leaving = deployment.metadata.deletionTimestamp !== undefined
  const paused = deployment.spec?.paused === true
  const resizing = !leaving && (paused || isScaling(deployment, sets))
  const step: Step = leaving
    ? { sizes: new Map() }
    : resizing
      ? resize(deployment, current, old, paused)
      : advance(deployment, current, old, oldPodsRun)
  const shown = step.create ?? (current && !leaving ? upToDate(deployment, current, old) : current)
  const after = [...old, ...(shown ? [shown] : [])].map((set) =>
    sized(deployment, set, step.sizes.get(set === shown && current ? current : set)),
  )
  const newest = after.find(({ metadata }) => metadata.name === shown?.metadata.name)
  const conditions = progressConditions(deployment, step.create, shown, now)
  const status = countStatus(deployment, newest, after, conditions, now)
  const revision = shown && !leaving ? String(revisionOf(shown)) : undefined
  return {
    ...(step.create ? { create: step.create } : {}),
    update: after.filter((set) => set !== step.create && !sets.includes(set)),
    remove: step.remove ?? [],
    ...(revision !== undefined && revision !== deployment.metadata.annotations?.[revisionKey] ? { revision } : {}),
    ...(leaving || resizing ? { status } : rolloutStatus(deployment, newest, status, now)),
    scalings: [
      ...(step.create ? scaling(step.create, 0, sizeOf(step.create)) : []),
      ...[...step.sizes].flatMap(([set, size]) => scaling(set, sizeOf(set), size)),
    ],
  }
}

function resize(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  paused: boolean,
): Step {
  return { sizes: scalingStep(deployment, current, old), remove: paused ? overHistory(deployment, old) : [] }
}

function advance(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  oldPodsRun: (old: readonly ReplicaSet[]) => boolean,
): Step {
  const step = isRolling(deployment) ? roll(deployment, current, old) : recreate(deployment, current, old, oldPodsRun)
  const still = !step.create && [...step.sizes].every(([set, size]) => sizeOf(set) === size)
  return still && isCompleteNow(deployment) ? { ...step, remove: overHistory(deployment, old) } : step
}

function roll(deployment: Deployment, current: ReplicaSet | undefined, old: readonly ReplicaSet[]): Step {
  if (current) return { sizes: rollingStep(deployment, current, old) }
  const create = newSet(deployment, old, newSetSize(deployment, 0, old))
  return { create, sizes: rollingStep(deployment, create, old) }
}

function recreate(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
  oldPodsRun: (old: readonly ReplicaSet[]) => boolean,
): Step {
  const active = old.filter(isActiveSet)
  if (active.length > 0) return { sizes: new Map(active.map((set) => [set, 0])) }
  if (oldPodsRun(old)) return { sizes: new Map() }
  if (!current) return { create: newSet(deployment, old, wished(deployment)), sizes: new Map() }
  return { sizes: new Map(sizeOf(current) === wished(deployment) ? [] : [[current, wished(deployment)]]) }
}

/** Old, empty sets beyond `revisionHistoryLimit`, the oldest revisions first. */
function overHistory(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const alive = old.filter(({ metadata }) => !metadata.deletionTimestamp).sort(byRevision)
  const surplus = alive.length - (deployment.spec?.revisionHistoryLimit ?? 10)
  return surplus <= 0 ? [] : alive.slice(0, surplus).filter(isEmpty)
}

const isEmpty = ({ metadata, spec, status }: ReplicaSet): boolean =>
  spec?.replicas === 0 && !status?.replicas && (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0)

function sized(deployment: Deployment, set: ReplicaSet, size: number | undefined): ReplicaSet {
  const annotations = { ...set.metadata.annotations, ...scaleAnnotations(deployment) }
  const same = Object.entries(annotations).every(([key, value]) => set.metadata.annotations?.[key] === value)
  if (size === undefined || (size === sizeOf(set) && same)) return set
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec!, replicas: size } }
}

function scaling({ metadata }: ReplicaSet, from: number, to: number): string[] {
  if (from === to) return []
  return [`Scaled ${to > from ? 'up' : 'down'} replica set ${metadata.name} from ${from} to ${to}`]
}

/** Progressing as far as it is about pausing and about finding or making the current set. */
function progressConditions(
  deployment: Deployment,
  created: ReplicaSet | undefined,
  current: ReplicaSet | undefined,
  now: number,
): DeploymentCondition[] {
  const conditions = deployment.status?.conditions ?? []
  if (deadlineOf(deployment) === undefined || deployment.metadata.deletionTimestamp) return conditions
  const say = (status: string, reason: string, message: string) =>
    setCondition(conditions, { type: 'Progressing', status, reason, message }, now)
  const name = JSON.stringify(current?.metadata.name)
  if (created) return say('True', 'NewReplicaSetCreated', `Created new replica set ${name}`)
  const old = conditionOf(conditions, 'Progressing')
  const paused = old?.reason === 'DeploymentPaused'
  if (deployment.spec?.paused && !paused && old?.reason !== 'ProgressDeadlineExceeded')
    return say('Unknown', 'DeploymentPaused', 'Deployment is paused')
  if (!deployment.spec?.paused && paused) return say('Unknown', 'DeploymentResumed', 'Deployment is resumed')
  return !old && current ? say('True', 'FoundNewReplicaSet', `Found new replica set ${name}`) : conditions
}
