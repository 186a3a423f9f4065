import type { Pod } from '../kinds/core/pod.ts'
import { conditionOf } from '../kinds/meta.ts'
import { isReady } from './pod-state.ts'

const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }
const phaseRank = ({ status }: Pod): number => phases[status?.phase ?? 'Pending'] ?? 1

const deletionCost = ({ metadata }: Pod): number =>
  Number(metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0

const restarts = ({ status }: Pod): number =>
  Math.max(
    0,
    ...[...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].map(
      (container) => container.restartCount,
    ),
  )

const readySince = (pod: Pod): number | undefined =>
  isReady(pod)
    ? Date.parse(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? '') || undefined
    : undefined

const createdAt = ({ metadata }: Pod): number | undefined => Date.parse(metadata.creationTimestamp ?? '') || undefined

/** Ages in the same power of two count as equal, so that the newest are not always the ones to go; then the uid decides. */
function youngerFirst(a: Pod, b: Pod, time: (pod: Pod) => number | undefined, now: number): number {
  const [first, second] = [time(a), time(b)]
  if (first === second) return 0
  if (first === undefined || second === undefined) return first === undefined ? -1 : 1
  const power = (at: number) => (now > at ? Math.floor(Math.log2(now - at)) : -1)
  return power(first) - power(second) || ((a.metadata.uid ?? '') < (b.metadata.uid ?? '') ? -1 : 1)
}

/**
 * The pods in the order in which a controller gives them up, as Kubernetes' ActivePodsWithRanks: unassigned, pending, not
 * ready, cheap, crowded, young and restarted ones first.
 *
 * @param related  pods of the same workload, of all its ReplicaSets: those that share a node make it crowded
 */
export function inDeletionOrder(pods: readonly Pod[], related: readonly Pod[], now: number): Pod[] {
  const perNode = new Map<string, number>()
  for (const { spec } of related) if (spec?.nodeName) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1)
  const crowd = ({ spec }: Pod) => perNode.get(spec?.nodeName ?? '') ?? 0
  return [...pods].sort(
    (a, b) =>
      Number(Boolean(a.spec?.nodeName)) - Number(Boolean(b.spec?.nodeName)) ||
      phaseRank(a) - phaseRank(b) ||
      Number(isReady(a)) - Number(isReady(b)) ||
      deletionCost(a) - deletionCost(b) ||
      crowd(b) - crowd(a) ||
      youngerFirst(a, b, readySince, now) ||
      restarts(b) - restarts(a) ||
      youngerFirst(a, b, createdAt, now),
  )
}
