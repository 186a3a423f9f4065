import { formatBytes, formatMilliCpu, milliCpu, wholeQuantity } from '../base/quantity.ts'
import { formatAmount } from '../base/amount.ts'
import { podAmounts } from '../kinds/core/pod-amounts.ts'
import type { Container, Pod, ResourceRequirements } from '../kinds/generated/types.ts'
import type { ContainerLimits } from './runtime.ts'

/** cgroup's bounds for cpu.shares, and Kubernetes' shortest cpu.cfs_quota_us. */
const leastShares = 2
const mostShares = 262_144
const leastQuota = 1_000
export const cpuPeriod = 100_000

/** What a container is to have of CPU (in thousandths) and memory (in bytes); 0 where nothing is said. */
export interface ContainerAmounts {
  readonly cpuRequest: number
  readonly cpuLimit: number
  readonly memoryRequest: number
  readonly memoryLimit: number
}

/** Where a container has no limit of its own, its pod's as a whole is its limit. */
export const amountsOf = (own: ResourceRequirements | undefined, whole: ResourceRequirements | undefined): ContainerAmounts => ({
  cpuRequest: milliCpu(own?.requests?.cpu),
  cpuLimit: milliCpu(own?.limits?.cpu) || milliCpu(whole?.limits?.cpu),
  memoryRequest: wholeQuantity(own?.requests?.memory),
  memoryLimit: wholeQuantity(own?.limits?.memory) || wholeQuantity(whole?.limits?.memory),
})

export const sameAmounts = (a: ContainerAmounts, b: ContainerAmounts): boolean =>
  a.cpuRequest === b.cpuRequest && a.cpuLimit === b.cpuLimit && a.memoryRequest === b.memoryRequest && a.memoryLimit === b.memoryLimit

/** What the engine is told: as the kubelet turns CPU into shares and a quota; who requests nothing requests its limit. */
export function limitsOf(own: ResourceRequirements | undefined, whole: ResourceRequirements | undefined): ContainerLimits {
  const { cpuRequest, cpuLimit, memoryLimit } = amountsOf(own, whole)
  const request = own?.requests?.cpu === undefined ? cpuLimit : cpuRequest
  return {
    cpuShares: Math.min(mostShares, Math.max(leastShares, Math.floor((request * 1024) / 1000))),
    ...(cpuLimit > 0 ? { cpuQuota: Math.max(leastQuota, (cpuLimit * cpuPeriod) / 1000) } : {}),
    ...(memoryLimit > 0 ? { memoryBytes: memoryLimit } : {}),
  }
}

/** What a running container was last given, by itself and as a part of its pod. */
export interface Actuated {
  readonly containerId: string
  readonly own: ResourceRequirements
  readonly whole?: ResourceRequirements
}

/**
 * What a status says that a running container has: what it was given last, or what the engine says where that is another
 * thing. Whatever cannot be resized is as it was allocated.
 */
export function actualResources(allocated: ResourceRequirements, given: Actuated, limits: ContainerLimits | undefined): ResourceRequirements {
  const told = limitsOf(given.own, given.whole)
  const real = limits ?? told
  const cpuRequest = real.cpuShares === told.cpuShares ? given.own.requests?.cpu : formatMilliCpu(Math.ceil((real.cpuShares * 1000) / 1024))
  const cpuLimit = real.cpuQuota === told.cpuQuota ? given.own.limits?.cpu : real.cpuQuota && formatMilliCpu((real.cpuQuota * 1000) / cpuPeriod)
  const memoryLimit = real.memoryBytes === told.memoryBytes ? given.own.limits?.memory : real.memoryBytes && formatBytes(real.memoryBytes)
  return {
    ...allocated,
    ...(allocated.limits ? { limits: withActual(allocated.limits, cpuLimit, memoryLimit) } : {}),
    ...(allocated.requests ? { requests: withActual(allocated.requests, cpuRequest, given.own.requests?.memory) } : {}),
  }
}

function withActual(allocated: Readonly<Record<string, string>>, cpu: string | number | undefined, memory: string | number | undefined): Record<string, string> {
  const { cpu: _cpu, memory: _memory, ...others } = allocated
  return { ...(cpu ? { cpu: String(cpu) } : {}), ...(memory ? { memory: String(memory) } : {}), ...others }
}

const resized = ['cpu', 'memory'] as const

/** CPU and memory of a pod as a whole, as its cgroup would have them: it is bounded when it says so, or all its containers are. */
export function podResources(pod: Pod): ResourceRequirements {
  const requests = podAmounts(pod, 'requests')
  const limits = podAmounts(pod, 'limits')
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always')]
  const bounded = (name: string): boolean => pod.spec?.resources?.limits?.[name] !== undefined || containers.every((c) => c.resources?.limits?.[name] !== undefined)
  const written = (amounts: typeof requests, names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => (amounts.has(name) ? [[name, formatAmount(amounts.get(name)!)]] : [])))
  const lists = { limits: written(limits, resized.filter(bounded)), requests: written(requests, resized) }
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => Object.keys(list).length > 0))
}

/** The pod with other resources for its containers and as a whole; the same pod where nothing differs. */
export function withResources(pod: Pod, of: (container: Container) => ResourceRequirements | undefined, whole: ResourceRequirements | undefined): Pod {
  const { spec } = pod
  if (!spec) return pod
  const change = (container: Container): Container => {
    const resources = of(container)
    if (resources === container.resources) return container
    const { resources: _resources, ...kept } = container
    return { ...kept, ...(resources ? { resources } : {}) }
  }
  const containers = spec.containers.map(change)
  const inits = spec.initContainers?.map(change)
  const same = (a: readonly Container[] = [], b: readonly Container[] = []) => a.every((each, i) => each === b[i])
  if (whole === spec.resources && same(containers, spec.containers) && same(inits, spec.initContainers)) return pod
  const { resources: _resources, ...kept } = spec
  return { ...pod, spec: { ...kept, ...(whole ? { resources: whole } : {}), containers, ...(inits ? { initContainers: inits } : {}) } }
}
