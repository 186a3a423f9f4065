import type { Deployment } from '../kinds/apps/deployment.ts'
import type { ReplicaSet } from '../kinds/apps/replica-set.ts'
import { isRolling, maxSurge, maxUnavailable, wished } from './rollout-limits.ts'
import { byAge, desiredKey, isActiveSet, maxKey, sizeOf, total } from './rollout-sets.ts'

/** New sizes of some sets; the others stay as they are. */
export type Sizes = ReadonlyMap<ReplicaSet, number>

const available = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0

/** How large the set of the current template may be now, beside what the old ones still hold. */
export function newSetSize(deployment: Deployment, current: number, old: readonly ReplicaSet[]): number {
  const replicas = wished(deployment)
  if (!isRolling(deployment) || current >= replicas) return replicas
  const room = replicas + maxSurge(deployment) - total(old, sizeOf) - current
  return current + Math.max(0, Math.min(room, replicas - current))
}

/** The next step of a rolling update: first the new set moves, then the old ones shrink as far as availability allows. */
export function rollingStep(deployment: Deployment, current: ReplicaSet, old: readonly ReplicaSet[]): Sizes {
  const size = newSetSize(deployment, sizeOf(current), old)
  if (size !== sizeOf(current)) return new Map([[current, size]])
  const active = old.filter(isActiveSet)
  if (active.length === 0) return new Map()
  const needed = wished(deployment) - maxUnavailable(deployment)
  const allowed = total([...active, current], sizeOf) - needed - (sizeOf(current) - available(current))
  if (allowed <= 0) return new Map()
  const sizes = withoutUnhealthy(active, allowed)
  return shrink(active, sizes, total([...active, current], available) - needed)
}

/** Old pods that do not work go first: they are missed by nobody. */
function withoutUnhealthy(sets: readonly ReplicaSet[], allowed: number): Map<ReplicaSet, number> {
  const sizes = new Map<ReplicaSet, number>()
  let left = allowed
  for (const set of [...sets].sort(byAge)) {
    const gone = Math.min(left, sizeOf(set) - available(set))
    if (gone <= 0) continue
    sizes.set(set, sizeOf(set) - gone)
    left -= gone
  }
  return sizes
}

function shrink(sets: readonly ReplicaSet[], sizes: Map<ReplicaSet, number>, surplus: number): Sizes {
  let left = surplus
  for (const set of [...sets].sort(byAge)) {
    const size = sizes.get(set) ?? sizeOf(set)
    const gone = Math.min(left, size)
    if (gone <= 0) continue
    sizes.set(set, size - gone)
    left -= gone
  }
  return sizes
}

const noted = (set: ReplicaSet, key: string): number => Number(set.metadata.annotations?.[key] ?? 0) || 0

/** Whether the wished number changed since the sets were last sized. */
export const isScaling = (deployment: Deployment, sets: readonly ReplicaSet[]): boolean =>
  sets.some(
    (set) =>
      isActiveSet(set) &&
      set.metadata.annotations?.[desiredKey] !== undefined &&
      noted(set, desiredKey) !== wished(deployment),
  )

/** Sizes after a change of the wished number, outside of a rollout's own steps: in the middle of one, in proportion. */
export function scalingStep(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): Sizes {
  const replicas = wished(deployment)
  const active = [...old, ...(current ? [current] : [])].filter(isActiveSet)
  if (active.length <= 1) {
    const only = active[0] ?? current ?? old.at(-1)
    return new Map(only ? [[only, replicas]] : [])
  }
  if (current && isSaturated(deployment, current)) return new Map(old.filter(isActiveSet).map((set) => [set, 0]))
  return isRolling(deployment) ? inProportion(deployment, active) : new Map(active.map((set) => [set, sizeOf(set)]))
}

const isSaturated = (deployment: Deployment, set: ReplicaSet): boolean =>
  [noted(set, desiredKey), sizeOf(set), available(set)].every((count) => count === wished(deployment))

function inProportion(deployment: Deployment, active: readonly ReplicaSet[]): Sizes {
  const replicas = wished(deployment)
  const toAdd = (replicas > 0 ? replicas + maxSurge(deployment) : 0) - total(active, sizeOf)
  // on a tie the newer grows, the older shrinks
  const sorted = [...active].sort((a, b) => sizeOf(b) - sizeOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b)))
  const sizes = new Map<ReplicaSet, number>()
  let added = 0
  for (const set of sorted) {
    const share = toAdd === 0 ? 0 : shareOf(deployment, set, toAdd - added)
    sizes.set(set, sizeOf(set) + share)
    added += share
  }
  const [largest] = sorted
  if (largest) sizes.set(largest, Math.max(0, (sizes.get(largest) ?? 0) + toAdd - added))
  return sizes
}

function shareOf(deployment: Deployment, set: ReplicaSet, left: number): number {
  if (left === 0) return 0
  const before = noted(set, maxKey) || deployment.status?.replicas || 0
  const after = wished(deployment) + maxSurge(deployment)
  const share =
    wished(deployment) === 0
      ? -sizeOf(set)
      : before === 0
        ? 0
        : Math.round((sizeOf(set) * after) / before) - sizeOf(set)
  return left > 0 ? Math.min(share, left) : Math.max(share, left)
}
