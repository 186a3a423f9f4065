import { equalJson } from '../base/json.ts'
import { wholeQuantity } from '../base/quantity.ts'
import type { Container, Pod, ResourceRequirements } from '../kinds/generated/types.ts'
import { type Actuated, actualResources, type ContainerAmounts, amountsOf, limitsOf, podResources, sameAmounts, withResources } from './amounts.ts'
import type { ContainerMemory } from './plan.ts'
import { type ContainerRuntime, latest, type ObservedContainer, type ObservedPod } from './runtime.ts'

/** A running container that has something else than its pod was granted. */
export interface Resize {
  readonly target: ObservedContainer
  readonly container: Container
  readonly given: Actuated
  readonly before: ContainerAmounts
  readonly after: ContainerAmounts
}

export interface ResizeInput {
  /** As it was granted. */
  readonly pod: Pod
  readonly observed: ObservedPod | undefined
  readonly memory: ReadonlyMap<string, ContainerMemory>
}

const nothing: ResourceRequirements = {}
const containersOf = ({ spec }: Pod): Container[] => [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]

const givenTo = ({ id, name }: ObservedContainer, memory: ResizeInput['memory']): Actuated | undefined => {
  const given = memory.get(name)?.given
  return given?.containerId === id ? given : undefined
}

export function resizeOf(container: Container, target: ObservedContainer, { pod, memory }: ResizeInput): Resize | undefined {
  const given = givenTo(target, memory)
  if (!given || target.state !== 'running') return undefined
  const whole = pod.spec?.resources
  const before = amountsOf(given.own, given.whole)
  const after = amountsOf(container.resources, whole)
  if (sameAmounts(before, after) && sameAmounts(amountsOf(given.whole, undefined), amountsOf(whole, undefined))) return undefined
  return { target, container, given, before, after }
}

/** Those of a pod, who gets less memory first. */
export function resizesOf(input: ResizeInput): Resize[] {
  const resizes = containersOf(input.pod).flatMap((container) => {
    const target = latest(input.observed, container.name)
    return (target && resizeOf(container, target, input)) ?? []
  })
  return resizes.sort((a, b) => a.after.memoryLimit - a.before.memoryLimit - (b.after.memoryLimit - b.before.memoryLimit))
}

/** Its resize policy lets the container see its new resources from its start only. */
export function needsRestart({ container, before, after }: Resize): boolean {
  const restarts = (resource: string) => container.resizePolicy?.find(({ resourceName }) => resourceName === resource)?.restartPolicy === 'RestartContainer'
  const cpu = before.cpuRequest !== after.cpuRequest || before.cpuLimit !== after.cpuLimit
  const memory = before.memoryRequest !== after.memoryRequest || before.memoryLimit !== after.memoryLimit
  return (cpu && restarts('cpu')) || (memory && restarts('memory'))
}

/** What a container has, as its status says it: as it is granted while it does not run. */
export function resourcesOf(container: Container, current: ObservedContainer, memory: ResizeInput['memory']): ResourceRequirements {
  const given = current.state === 'running' ? givenTo(current, memory) : undefined
  return given ? actualResources(container.resources ?? nothing, given, current.limits) : (container.resources ?? nothing)
}

/** The pod with what its containers really have. */
export const actualPod = (input: ResizeInput): Pod => changedPod(input, (_granted, actual) => actual)

/** The pod with what its containers really have, where that is more than what it was granted. */
export const holdingPod = (input: ResizeInput): Pod => changedPod(input, mostOf)

function mostOf(granted: ResourceRequirements, actual: ResourceRequirements): ResourceRequirements {
  const [a, b] = [amountsOf(granted, undefined), amountsOf(actual, undefined)]
  const requests = {
    ...granted.requests,
    ...(b.cpuRequest > a.cpuRequest ? { cpu: actual.requests!.cpu! } : {}),
    ...(b.memoryRequest > a.memoryRequest ? { memory: actual.requests!.memory! } : {}),
  }
  return sameAmounts(a, b) ? granted : { ...granted, requests }
}

type Choice = (granted: ResourceRequirements, actual: ResourceRequirements) => ResourceRequirements

function changedPod({ pod, observed, memory }: ResizeInput, choose: Choice): Pod {
  const { resources: whole } = pod.spec ?? {}
  // not of a container to debug with, which may have come after a resize
  const current = containersOf(pod).flatMap(({ name }) => latest(observed, name) ?? [])
  const given = current.flatMap((each) => (each.state === 'running' && givenTo(each, memory)) || [])[0]
  return withResources(
    pod,
    (container) => {
      const current = latest(observed, container.name)
      return current?.state === 'running' ? choose(container.resources ?? nothing, resourcesOf(container, current, memory)) : container.resources
    },
    given?.whole && whole ? choose(whole, given.whole) : whole,
  )
}

interface Applying extends ResizeInput {
  readonly runtime: ContainerRuntime
  given(container: string, given: Actuated): void
}

/**
 * Gives running containers what their pod was granted, while they run. All of them or, where one would get less memory than it
 * uses, none.
 *
 * @throws Error with what the condition PodResizeInProgress is to say
 */
export async function applyResizes(resizes: readonly Resize[], input: Applying): Promise<void> {
  await checkMemory(resizes, input)
  const whole = input.pod.spec?.resources
  for (const { target, container, given } of resizes) {
    const limits = limitsOf(container.resources, whole)
    if (!equalJson(limits, limitsOf(given.own, given.whole))) await input.runtime.updateContainer(target.id, limits)
    input.given(container.name, { containerId: target.id, own: container.resources ?? nothing, ...(whole ? { whole } : {}) })
  }
}

/** A limit below what is used would end the container, and it was promised to go on. */
async function checkMemory(resizes: readonly Resize[], input: Applying): Promise<void> {
  const lowered = (before: number, after: number) => after > 0 && (before === 0 || after < before)
  const fewer = resizes.filter(({ before, after }) => lowered(before.memoryLimit, after.memoryLimit))
  const limitOf = (pod: Pod) => wholeQuantity(podResources(pod).limits?.memory)
  const podLimit = limitOf(input.pod)
  const podLowered = lowered(limitOf(actualPod(input)), podLimit)
  if (fewer.length === 0 && !podLowered) return
  const running = (input.observed?.containers ?? []).filter(({ state }) => state === 'running')
  const usages = await input.runtime.usage(running.map(({ id }) => id))
  const used = new Map(usages.map((usage) => [usage.containerId, usage.memoryWithCacheBytes ?? usage.memoryBytes]))
  const errors: string[] = []
  const check = (whose: string, limit: number, usage: number | undefined) => {
    if (usage === undefined) errors.push(`missing ${whose} memory usage`)
    else if (usage >= limit) errors.push(`attempting to set ${whose} memory limit (${limit}) below current usage (${usage})`)
  }
  if (podLowered) check('pod', podLimit, used.size === 0 ? undefined : [...used.values()].reduce((sum, bytes) => sum + bytes, 0))
  for (const { target, container, after } of fewer) check(`container "${container.name}"`, after.memoryLimit, used.get(target.id))
  if (errors.length > 0) throw new Error(`cannot decrease memory limits: ${errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`}`)
}
