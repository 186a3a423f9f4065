import { formatAmount } from '../base/amount.ts'
import { timestamp } from '../base/clock.ts'
import type { Container, ContainerState, ContainerStateTerminated, ContainerStatus, Pod, PodCondition, PodStatus } from '../kinds/generated/types.ts'
import { podAmounts } from '../kinds/core/pod-amounts.ts'
import { podResources } from './amounts.ts'
import { podConditions } from './conditions.ts'
import { type ContainerMemory, deadlineExceeded, ephemeralsOf, initDone, isSidecar, outcome, restartDelay, restarts } from './plan.ts'
import { actualPod, resourcesOf } from './resize.ts'
import { latest, type ObservedContainer, type ObservedPod } from './runtime.ts'

export interface StatusInput {
  /** As it was granted. */
  readonly pod: Pod
  readonly observed: ObservedPod | undefined
  readonly memory: ReadonlyMap<string, ContainerMemory>
  readonly now: number
  readonly terminating: boolean
  readonly hostIp: string
  /** `docker` in `docker://<id>`. */
  readonly runtimeName: string
  /** PodResizePending and PodResizeInProgress, while they hold. */
  readonly resizes?: readonly PodCondition[]
}

/** The part of a pod's status that the kubelet owns; conditions of others are carried over. */
export function podStatus(input: StatusInput): PodStatus {
  const { pod, observed, now, hostIp } = input
  const inits = pod.spec?.initContainers ?? []
  const initialized = inits.every((init) => initDone(init, input))
  const containerStatuses = (pod.spec?.containers ?? []).map((c) => containerStatus(c, input, false, initialized))
  const initContainerStatuses = inits.map((c) => containerStatus(c, input, true, initialized))
  const ephemeralContainerStatuses = ephemeralsOf(pod).map((c) => ephemeralStatus(c, input))
  const phase = podPhase(input, containerStatuses, initialized)
  const ip = pod.spec?.hostNetwork ? hostIp : (observed?.sandbox?.ip ?? pod.status?.podIP)
  const late = deadlineExceeded(pod, now)
  return {
    ...(pod.metadata.generation === undefined ? {} : { observedGeneration: pod.metadata.generation }),
    phase,
    ...(late ? { reason: 'DeadlineExceeded', message: 'Pod was active on the node longer than the specified deadline' } : {}),
    conditions: podConditions({ pod, phase, resizes: phase === 'Succeeded' || phase === 'Failed' ? [] : (input.resizes ?? []), sandboxReady: observed?.sandbox?.running === true, containerStatuses, initContainerStatuses, now }),
    startTime: pod.status?.startTime ?? timestamp(now),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(ip ? { podIP: ip, podIPs: [{ ip }] } : {}),
    ...(inits.length > 0 ? { initContainerStatuses } : {}),
    containerStatuses,
    ...(ephemeralContainerStatuses.length > 0 ? { ephemeralContainerStatuses } : {}),
    ...podLevel(input),
  }
}

/** What the pod as a whole was granted and has. */
function podLevel(input: StatusInput): Pick<PodStatus, 'allocatedResources' | 'resources'> {
  const granted = [...podAmounts(input.pod, 'requests')].map(([name, amount]) => [name, formatAmount(amount)])
  return { resources: podResources(actualPod(input)), ...(granted.length > 0 ? { allocatedResources: Object.fromEntries(granted) } : {}) }
}

function podPhase(input: StatusInput, statuses: readonly ContainerStatus[], initialized: boolean): NonNullable<PodStatus['phase']> {
  const { pod, observed, terminating, now } = input
  const before = pod.status?.phase
  if (before === 'Succeeded' || before === 'Failed') return before
  const running = (observed?.containers ?? []).some((c) => c.state === 'running')
  if (!running && deadlineExceeded(pod, now)) return 'Failed'
  const ended = running ? undefined : outcome(pod, observed)
  if (ended) return ended
  if (terminating && !running) return statuses.every((s) => s.state?.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed'
  const waiting = statuses.some((s) => s.state?.waiting && !s.lastState?.terminated)
  // an init container that runs again takes nothing back
  const began = initialized || statuses.some((s) => s.containerID !== undefined)
  return !began || waiting ? 'Pending' : 'Running'
}

function containerStatus(container: Container, input: StatusInput, isInit: boolean, initialized: boolean): ContainerStatus {
  const { observed, memory, runtimeName } = input
  const current = latest(observed, container.name)
  const before = observed?.containers.find((c) => c.name === container.name && c.attempt === (current?.attempt ?? 0) - 1)
  const state = stateOf(container, current, input, isInit, initialized)
  const last = state.waiting && current?.state === 'exited' ? current : before?.state === 'exited' ? before : undefined
  const probes = memory.get(container.name)?.probes
  const verdict = probes?.containerId === current?.id ? probes : undefined
  const running = state.running !== undefined
  const started = running && (!container.startupProbe || verdict?.started === true)
  const ready = isInit && !isSidecar(container)
    ? state.terminated?.exitCode === 0
    : started && (!container.readinessProbe || verdict?.ready === true)
  return {
    name: container.name,
    state,
    lastState: last ? { terminated: terminated(last, runtimeName) } : {},
    ready,
    ...identity(container, current, runtimeName),
    started,
    ...(current ? granted(container, current, memory) : {}),
  }
}

/** Of a container that runs once and that nobody probes: it is never ready. */
function ephemeralStatus(container: Container, input: StatusInput): ContainerStatus {
  const { pod, observed, memory, runtimeName } = input
  const current = latest(observed, container.name)
  const withoutInit = (pod.spec?.initContainers ?? []).length === 0
  return {
    name: container.name,
    state: current?.state === 'exited' ? { terminated: terminated(current, runtimeName) } : stateOf(container, current, input, false, withoutInit),
    lastState: {},
    ready: false,
    ...identity(container, current, runtimeName),
    ...(current ? granted(container, current, memory) : {}),
  }
}

type Identity = Pick<ContainerStatus, 'restartCount' | 'image' | 'imageID' | 'containerID'>

const identity = (container: Container, current: ObservedContainer | undefined, runtimeName: string): Identity => ({
  restartCount: current?.attempt ?? 0,
  image: current?.image ?? container.image ?? '',
  imageID: current?.imageId ? `${runtimeName}://${current.imageId}` : '',
  ...(current ? { containerID: `${runtimeName}://${current.id}` } : {}),
})

const granted = (container: Container, current: ObservedContainer, memory: StatusInput['memory']): Pick<ContainerStatus, 'allocatedResources' | 'resources'> => ({
  resources: resourcesOf(container, current, memory),
  ...(container.resources?.requests ? { allocatedResources: container.resources.requests } : {}),
})

function stateOf(container: Container, current: ObservedContainer | undefined, input: StatusInput, isInit: boolean, initialized: boolean): ContainerState {
  const { pod, memory, terminating, runtimeName, now } = input
  if (current?.state === 'running') return { running: { startedAt: timestamp(current.startedAt ?? current.createdAt) } }
  const remembered = memory.get(container.name)
  const over = terminating || outcome(pod, input.observed) !== undefined
  if (remembered?.failure && !over) {
    if (remembered.pullWaits) return { waiting: { reason: 'ImagePullBackOff', message: remembered.pullWaits } }
    return { waiting: { reason: remembered.failure.reason, message: remembered.failure.message } }
  }
  if (!current || current.state === 'created') {
    return { waiting: { reason: isInit || !initialized ? 'PodInitializing' : 'ContainerCreating' } }
  }
  // where its pod would not run it again, its end would be final to the API
  if (current.runsAgain && !over) return { waiting: { reason: 'ContainerCreating' } }
  const delayMs = restartDelay(current, remembered)
  if (!over && restarts(container, current, pod, isInit) && delayMs > 0 && now < (current.finishedAt ?? now) + delayMs) {
    return { waiting: { reason: 'CrashLoopBackOff', message: crashLoopMessage(delayMs, container.name, pod) } }
  }
  return { terminated: terminated(current, runtimeName) }
}

/** `1m20s`, as Go writes a duration of whole seconds. */
export const goDuration = (ms: number): string => {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}

const crashLoopMessage = (delayMs: number, name: string, pod: Pod): string =>
  `back-off ${goDuration(delayMs)} restarting failed container=${name} pod=${podTitle(pod)}`

/** `web_default(8a4c...)`, as the kubelet names a pod in its messages. */
export const podTitle = (pod: Pod): string => `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`

function terminated(c: ObservedContainer, runtimeName: string): ContainerStateTerminated {
  const exitCode = c.exitCode ?? 0
  return {
    exitCode,
    reason: c.oomKilled ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error',
    ...(c.message ? { message: c.message } : {}),
    ...(c.startedAt === undefined ? {} : { startedAt: timestamp(c.startedAt) }),
    ...(c.finishedAt === undefined ? {} : { finishedAt: timestamp(c.finishedAt) }),
    containerID: `${runtimeName}://${c.id}`,
  }
}
