import type { Pod } from '../kinds/core/pod.ts'
import { tolerates } from '../kinds/core/taints.ts'
import { controllerOf } from '../kinds/meta.ts'
import { preference } from './node-affinity.ts'
import type { NodeView } from './node-state.ts'
import type { Needs } from './pod-needs.ts'

type Measure = (pod: Pod, needs: Needs, view: NodeView) => number

interface Score {
  readonly weight: number
  readonly measure: Measure
  /** `absolute` is from 0 to 100 as it is; of the others the best node gets 100. */
  readonly scale: 'absolute' | 'more' | 'less'
}

/** The shares of CPU and memory that are taken once the pod is there. */
const shares = (needs: Needs, view: NodeView): number[] =>
  ['cpu', 'memory'].flatMap((resource) => {
    const allocatable = view.allocatable.get(resource) ?? 0
    return allocatable === 0
      ? []
      : Math.min(1, ((view.weight.get(resource) ?? 0) + (needs.weight.get(resource) ?? 0)) / allocatable)
  })

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length

const leastAllocated: Measure = (_pod, needs, view) => mean(shares(needs, view).map((share) => (1 - share) * 100))

const balanced: Measure = (_pod, needs, view) => {
  const [cpu = 0, memory = cpu] = shares(needs, view)
  return (1 - Math.abs(cpu - memory) / 2) * 100
}

const sameOwner: Measure = (pod, _needs, { owners }) => owners.get(controllerOf(pod)?.uid ?? '') ?? 0

const disliked: Measure = (pod, _needs, { node }) =>
  (node.spec?.taints ?? []).filter(
    (taint) => taint.effect === 'PreferNoSchedule' && !pod.spec?.tolerations?.some((each) => tolerates(each, taint)),
  ).length

/** Weights of Kubernetes' default profile. */
const scores: readonly Score[] = [
  { weight: 3, measure: disliked, scale: 'less' },
  { weight: 2, measure: (pod, _needs, { node }) => preference(pod, node), scale: 'more' },
  { weight: 2, measure: sameOwner, scale: 'less' },
  { weight: 1, measure: leastAllocated, scale: 'absolute' },
  { weight: 1, measure: balanced, scale: 'absolute' },
]

/** The best of the nodes that can take the pod; `turn` picks among equals, so that they take turns. */
export function best(pod: Pod, needs: Needs, views: readonly NodeView[], turn: number): NodeView | undefined {
  const totals = views.map(() => 0)
  for (const { weight, measure, scale } of scores) {
    const values = views.map((view) => measure(pod, needs, view))
    const most = values.reduce((a, b) => Math.max(a, b), 0)
    values.forEach((value, index) => {
      const part = most === 0 ? 0 : (value / most) * 100
      totals[index] =
        (totals[index] ?? 0) + weight * (scale === 'absolute' ? value : scale === 'more' ? part : 100 - part)
    })
  }
  // whole points only: the noise of fractions is not a preference
  const points = totals.map(Math.round)
  const top = points.reduce((a, b) => Math.max(a, b), 0)
  const equals = views.filter((_, index) => points[index] === top)
  return equals[turn % Math.max(1, equals.length)]
}
