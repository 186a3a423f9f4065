import type { Amount } from '../base/amount.ts'
import { podAmounts } from '../kinds/core/pod-amounts.ts'
import { qosClassOf } from '../kinds/core/pod-qos.ts'
import type { Container, ContainerStatus, Pod, ResourceRequirements } from '../kinds/generated/types.ts'
import { conditionOf } from '../kinds/meta.ts'
import { sameValue } from '../kinds/same-value.ts'
import { withResources } from './amounts.ts'

/** What the node has granted a pod: its own wish as it came, or as it was before a resize that is not granted yet. */
export interface Allocation {
  readonly whole: ResourceRequirements | undefined
  readonly containers: ReadonlyMap<string, ResourceRequirements | undefined>
}

const containersOf = ({ spec }: Pod): Container[] => [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]

export const allocationOf = (pod: Pod): Allocation => ({
  whole: pod.spec?.resources,
  containers: new Map(containersOf(pod).map(({ name, resources }) => [name, resources])),
})

/** The pod as it is granted; the same pod when that is what it wishes. */
export const withAllocation = (pod: Pod, { whole, containers }: Allocation): Pod =>
  withResources(
    pod,
    ({ name, resources }) => {
      const granted = containers.has(name) ? containers.get(name) : resources
      return sameValue(granted, resources) ? resources : granted
    },
    sameValue(whole, pod.spec?.resources) ? pod.spec?.resources : whole,
  )

/**
 * What was granted before this kubelet started, from the pod's status: the wish itself, unless a resize waits or came while
 * nobody looked.
 */
export function adoptedAllocation(pod: Pod): Allocation {
  const { metadata, spec, status } = pod
  const statuses = new Map([...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].map((each) => [each.name, each]))
  const waits = conditionOf(status?.conditions, 'PodResizePending') !== undefined
  const behind = metadata.generation !== undefined && status?.observedGeneration !== undefined && status.observedGeneration < metadata.generation
  if (!waits && !behind) return allocationOf(pod)
  return {
    whole: spec?.resources && (adoptedWhole(spec.resources, status?.resources) ?? spec.resources),
    containers: new Map(containersOf(pod).map(({ name, resources }) => [name, adopted(statuses.get(name)) ?? resources])),
  }
}

const adopted = (status: ContainerStatus | undefined): ResourceRequirements | undefined =>
  status?.resources && { ...status.resources, ...(status.allocatedResources ? { requests: status.allocatedResources } : {}) }

/** A status tells of a pod as a whole also what its containers add up to. */
export function adoptedWhole(wished: ResourceRequirements, status: ResourceRequirements | undefined): ResourceRequirements | undefined {
  if (!status) return undefined
  const known = (which: 'requests' | 'limits') => {
    const list = wished[which] && Object.entries(wished[which]).map(([name, quantity]) => [name, status[which]?.[name] ?? quantity] as const)
    return list ? { [which]: Object.fromEntries(list) } : {}
  }
  return { ...known('limits'), ...known('requests') }
}

/** What a node has for pods. */
export interface Capacity {
  readonly milliCpu: number
  readonly memoryBytes: number
}

export type Verdict = { readonly fits: true } | { readonly fits: false; readonly reason: 'Deferred' | 'Infeasible'; readonly message: string }

const infeasible = (message: string): Verdict => ({ fits: false, reason: 'Infeasible', message })

/** Whether the node can give the pod what it wishes, beside what the others hold. */
export function planAdmission(pod: Pod, others: readonly Pod[], { milliCpu, memoryBytes }: Capacity): Verdict {
  const source = pod.metadata.annotations?.['kubernetes.io/config.source']
  if (source !== undefined && source !== 'api') return infeasible('In-place resize of static-pods is not supported')
  const wish = requestsOf(pod)
  const short = (what: string, requested: number, capacity: number): Verdict =>
    infeasible(`Node didn't have enough capacity: ${what}, requested: ${requested}, capacity: ${capacity}`)
  if (wish.memoryBytes > memoryBytes) return short('memory', wish.memoryBytes, memoryBytes)
  if (wish.milliCpu > milliCpu) return short('cpu', wish.milliCpu, milliCpu)
  const used = others.map(requestsOf)
  const sum = (of: (requests: Capacity) => number): number => used.reduce((total, each) => total + of(each), 0)
  const crowded = (what: string, requested: number, taken: number, capacity: number): Verdict | undefined =>
    requested > 0 && requested > capacity - taken
      ? { fits: false, reason: 'Deferred', message: `Node didn't have enough resource: ${what}, requested: ${requested}, used: ${taken}, capacity: ${capacity}` }
      : undefined
  return (
    crowded('cpu', wish.milliCpu, sum((each) => each.milliCpu), milliCpu) ??
    crowded('memory', wish.memoryBytes, sum((each) => each.memoryBytes), memoryBytes) ?? { fits: true }
  )
}

const roundedUp = (amount: Amount | undefined, unit: bigint): number => (amount ? Number((amount.nano + unit - 1n) / unit) : 0)

function requestsOf(pod: Pod): Capacity {
  const requests = podAmounts(pod, 'requests')
  return { milliCpu: roundedUp(requests.get('cpu'), 10n ** 6n), memoryBytes: roundedUp(requests.get('memory'), 10n ** 9n) }
}

/** A resize that waits, for the order in which waiting ones are looked at. */
export interface Waiting {
  readonly wish: Pod
  readonly granted: Pod
  /** RFC 3339; absent for one that was never looked at. */
  readonly since: string | undefined
}

/** Those that request no more come first, then by priority, then guaranteed pods, then who waits longest. */
export function byTurn(a: Waiting, b: Waiting): number {
  return (
    Number(requestsMore(a)) - Number(requestsMore(b)) ||
    (b.wish.spec?.priority ?? 0) - (a.wish.spec?.priority ?? 0) ||
    Number(qosClassOf(b.wish) === 'Guaranteed') - Number(qosClassOf(a.wish) === 'Guaranteed') ||
    (a.since ?? '~').localeCompare(b.since ?? '~')
  )
}

function requestsMore({ wish, granted }: Waiting): boolean {
  const [next, before] = [requestsOf(wish), requestsOf(granted)]
  return next.milliCpu > before.milliCpu || next.memoryBytes > before.memoryBytes
}
