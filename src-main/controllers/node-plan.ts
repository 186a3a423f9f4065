import { timestamp } from '../base/clock.ts'
import { equalJson } from '../base/json.ts'
import type { Lease } from '../kinds/coordination/lease.ts'
import type { Node } from '../kinds/core/node.ts'
import type { NodeCondition, Taint } from '../kinds/generated/types.ts'
import { conditionOf, withCondition } from '../kinds/meta.ts'
import { sameValue } from '../kinds/same-value.ts'

export interface NodePlan {
  /** Nothing was heard of the node for too long. */
  readonly lost: boolean
  /** Set when the node has fallen silent and does not say so yet. */
  readonly conditions?: readonly NodeCondition[]
  /** Set when they differ from the node's. */
  readonly taints?: readonly Taint[]
  readonly event?: { readonly reason: 'NodeReady' | 'NodeNotReady'; readonly message: string }
  /** When silence would become too long. */
  readonly afterMs?: number
}

/** Silence after which a node counts as lost, in seconds, unless its lease says otherwise. */
const graceSeconds = 40
const unreachable = 'node.kubernetes.io/unreachable'
const notReady = 'node.kubernetes.io/not-ready'

/** Which condition keeps which pods away, as kube-controller-manager's node lifecycle controller. */
const taintsOfConditions: ReadonlyArray<
  readonly [type: string, status: string, key: string, effects: ReadonlyArray<Taint['effect']>]
> = [
  ['Ready', 'False', notReady, ['NoSchedule', 'NoExecute']],
  ['Ready', 'Unknown', unreachable, ['NoSchedule', 'NoExecute']],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure', ['NoSchedule']],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure', ['NoSchedule']],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure', ['NoSchedule']],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable', ['NoSchedule']],
]
const unschedulable = 'node.kubernetes.io/unschedulable'
const ownKeys: ReadonlySet<string> = new Set([...taintsOfConditions.map(([, , key]) => key), unschedulable])

/**
 * Judges a node by its last sign of life.
 *
 * @param startedAt  when the judge began to listen, in ms: older silence may be its own absence
 */
export function planNode(node: Node, lease: Lease | undefined, startedAt: number, now: number): NodePlan {
  const due = lastHeard(node, lease, startedAt) + (lease?.spec?.leaseDurationSeconds ?? graceSeconds) * 1000
  const lost = now >= due
  const before = node.status?.conditions ?? []
  const conditions = lost ? silenced(before, now) : before
  const taints = withTaints(node, conditions, now)
  const event = changeOf(node, conditions)
  return {
    lost,
    ...(sameValue(conditions, before) ? {} : { conditions }),
    ...(equalJson(taints, node.spec?.taints ?? []) ? {} : { taints }),
    ...(event ? { event } : {}),
    ...(lost ? {} : { afterMs: due - now }),
  }
}

function lastHeard({ metadata, status }: Node, lease: Lease | undefined, startedAt: number): number {
  const times = [
    lease?.spec?.renewTime,
    conditionOf(status?.conditions, 'Ready')?.lastHeartbeatTime,
    metadata.creationTimestamp,
  ]
  return Math.max(startedAt, ...times.map((time) => Date.parse(time ?? '')).filter((at) => !Number.isNaN(at)))
}

function silenced(conditions: readonly NodeCondition[], now: number): NodeCondition[] {
  return ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'].reduce<NodeCondition[]>(
    (all, type) => {
      const old = conditionOf(all, type)
      if (old?.status === 'Unknown') return all
      const said = old
        ? { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }
        : { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' }
      return withCondition(all, { ...old, type, status: 'Unknown', ...said }, now)
    },
    [...conditions],
  )
}

/** The node's taints, with those that its conditions ask for and none that they no longer do. */
function withTaints({ spec }: Node, conditions: readonly NodeCondition[], now: number): Taint[] {
  const wished = taintsOfConditions
    .filter(([type, status]) => conditionOf(conditions, type)?.status === status)
    .flatMap(([, , key, effects]) => effects.map((effect): Taint => ({ key, effect, timeAdded: timestamp(now) })))
  if (spec?.unschedulable) wished.push({ key: unschedulable, effect: 'NoSchedule', timeAdded: timestamp(now) })
  const same = (a: Taint) => (b: Taint) => a.key === b.key && a.effect === b.effect
  const kept = (spec?.taints ?? []).filter((taint) => !ownKeys.has(taint.key) || wished.some(same(taint)))
  return [...kept, ...wished.filter((taint) => !kept.some(same(taint)))]
}

/** The taint remembers what was told last. A kubelet that lives tells of its own troubles itself. */
function changeOf({ metadata, spec }: Node, conditions: readonly NodeCondition[]): NodePlan['event'] {
  const told = spec?.taints?.some(({ key, effect }) => key === unreachable && effect === 'NoExecute') ?? false
  const status = conditionOf(conditions, 'Ready')?.status
  if (told ? status !== 'True' : status !== 'Unknown') return undefined
  const reason = told ? 'NodeReady' : 'NodeNotReady'
  return { reason, message: `Node ${metadata.name} status is now: ${reason}` }
}
