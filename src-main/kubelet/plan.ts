import type { Container, Pod } from '../kinds/generated/types.ts'
import type { Actuated } from './amounts.ts'
import { needsRestart, type Resize, resizeOf, resizesOf } from './resize.ts'
import { latest, type ObservedContainer, type ObservedPod } from './runtime.ts'

/** Back-off of restarts and pulls: 10 s, doubled up to 300 s; kubelet's MaxContainerBackOff and its base. */
export const backOffStartMs = 10_000
export const backOffMaxMs = 300_000
const backOffResetMs = 2 * backOffMaxMs

/** Why a container could not be started, and when to try again. */
export interface StartFailure {
  readonly reason: string
  readonly message: string
  readonly at: number
  readonly delayMs: number
}

/** What a worker remembers of one container between plans. */
export interface ContainerMemory {
  readonly failure?: StartFailure
  /** The failed pull waits for its next try, and this says so. */
  readonly pullWaits?: string
  /** The pause before the next restart; absent until the first one. */
  readonly restartDelayMs?: number
  /** Verdicts on the attempt they were given for. */
  readonly probes?: { readonly containerId: string; readonly ready: boolean; readonly started: boolean; readonly unhealthy?: string }
  /** What the newest attempt was last given of CPU and memory. */
  readonly given?: Actuated
  /** The attempt that is ended only to run again with other resources. */
  readonly runsAgain?: string
  /** Of the whole pod: a resize that could not be done, for now. */
  readonly resizeFailedAt?: number
}

/** The memory's key of what concerns no single container: sandbox and volumes. */
export const wholePod = ''

export interface PlanInput {
  readonly pod: Pod
  readonly observed: ObservedPod | undefined
  readonly memory: ReadonlyMap<string, ContainerMemory>
  readonly now: number
  /** The API object is going, or gone. */
  readonly terminating: boolean
}

export type Action =
  | { readonly do: 'create-sandbox'; readonly attempt: number; readonly replaces?: string }
  | { readonly do: 'start'; readonly container: Container; readonly attempt: number; readonly restartDelayMs?: number; readonly replaces?: string }
  | { readonly do: 'kill'; readonly target: ObservedContainer; readonly container?: Container; readonly message: string; readonly runsAgain?: boolean }
  | { readonly do: 'resize'; readonly resizes: readonly Resize[] }
  | { readonly do: 'stop-sandbox'; readonly id: string }
  | { readonly do: 'remove'; readonly id: string }

export interface Plan {
  readonly actions: readonly Action[]
  /** Look again then, though nothing may have changed. */
  readonly wakeAt?: number
}

const nothing: Plan = { actions: [] }

/** An init container that keeps running beside the others. */
export const isSidecar = (container: Container): boolean => container.restartPolicy === 'Always'

export const deadlineExceeded = (pod: Pod, now: number): boolean => {
  const seconds = pod.spec?.activeDeadlineSeconds
  const start = Date.parse(pod.status?.startTime ?? '')
  return seconds !== undefined && !Number.isNaN(start) && now >= start + seconds * 1000
}

/** Whether a container that has ended is to run again, by its policy or the pod's. */
export function restarts(container: Container, ended: ObservedContainer, pod: Pod, isInit: boolean): boolean {
  if (ended.runsAgain || (isInit && isSidecar(container))) return true
  const policy = pod.spec?.restartPolicy ?? 'Always'
  if (isInit) return policy !== 'Never' && ended.exitCode !== 0
  return policy === 'Always' || (policy === 'OnFailure' && ended.exitCode !== 0)
}

/** Everything ended and nothing runs again: undefined while the pod lives. */
export function outcome(pod: Pod, observed: ObservedPod | undefined): 'Succeeded' | 'Failed' | undefined {
  for (const init of pod.spec?.initContainers ?? []) {
    const c = latest(observed, init.name)
    if (c?.state === 'exited' && c.exitCode !== 0 && !restarts(init, c, pod, true)) return 'Failed'
  }
  let failed = false
  for (const container of pod.spec?.containers ?? []) {
    const c = latest(observed, container.name)
    if (c?.state !== 'exited' || restarts(container, c, pod, false)) return undefined
    failed ||= c.exitCode !== 0
  }
  return failed ? 'Failed' : 'Succeeded'
}

/**
 * What to do next for one pod. Level-triggered: the same input gives the same plan, and a plan of no actions means the
 * pod is as it should be until something changes or `wakeAt` comes.
 */
export function planPod(input: PlanInput): Plan {
  const { pod, observed, memory, now, terminating } = input
  const phase = pod.status?.phase
  const over = phase === 'Succeeded' || phase === 'Failed'
  if (terminating || over || deadlineExceeded(pod, now) || outcome(pod, observed)) return planEnd(input)
  const sandbox = observed?.sandbox
  const failure = memory.get(wholePod)?.failure
  if (failure && now < failure.at + failure.delayMs) return { actions: [], wakeAt: failure.at + failure.delayMs }
  if (sandbox && !sandbox.running) return planNewSandbox(input)
  const starts = planStarts(input)
  if (!sandbox && starts.actions.length > 0) {
    return { ...starts, actions: [{ do: 'create-sandbox', attempt: 0 }, ...starts.actions] }
  }
  const resizes = planResizes(input)
  return merge([{ ...starts, actions: [...starts.actions, ...resizes.actions, ...planRemovals(observed)] }, { ...resizes, actions: [] }, planEphemeral(input)])
}

/** A resize that failed is tried again after this long: kubelet's backOffPeriod. */
const resizeBackOffMs = 10_000

function planResizes(input: PlanInput): Plan {
  const resizes = resizesOf(input).filter((resize) => !needsRestart(resize))
  if (resizes.length === 0) return nothing
  const failedAt = input.memory.get(wholePod)?.resizeFailedAt
  if (failedAt !== undefined && input.now < failedAt + resizeBackOffMs) return { actions: [], wakeAt: failedAt + resizeBackOffMs }
  return { actions: [{ do: 'resize', resizes }] }
}

function planEnd({ pod, observed }: PlanInput): Plan {
  const running = (observed?.containers ?? []).filter((c) => c.state === 'running')
  if (running.length > 0) {
    return { actions: running.map((target) => ({ do: 'kill', target, container: specOf(pod, target.name), message: `Stopping container ${target.name}` })) }
  }
  return observed?.sandbox?.running ? { actions: [{ do: 'stop-sandbox', id: observed.sandbox.id }] } : nothing
}

/** The sandbox ended, with it the network: whatever still runs must go, then everything starts in a new one. */
function planNewSandbox({ pod, observed }: PlanInput): Plan {
  const sandbox = observed?.sandbox
  if (!sandbox) return nothing
  const running = (observed?.containers ?? []).filter((c) => c.state === 'running')
  if (running.length > 0) {
    return { actions: running.map((target) => ({ do: 'kill', target, container: specOf(pod, target.name), message: 'Pod sandbox changed, it will be killed and re-created.' })) }
  }
  return { actions: [{ do: 'create-sandbox', attempt: sandbox.attempt + 1, replaces: sandbox.id }] }
}

function planStarts(input: PlanInput): Plan {
  const { pod } = input
  const plans: Plan[] = []
  for (const init of pod.spec?.initContainers ?? []) {
    const plan = planContainer(init, input, true)
    plans.push(plan)
    if (!initDone(init, input)) return merge(plans)
  }
  for (const container of pod.spec?.containers ?? []) plans.push(planContainer(container, input, false))
  const seconds = pod.spec?.activeDeadlineSeconds
  const start = Date.parse(pod.status?.startTime ?? '')
  if (seconds !== undefined && !Number.isNaN(start)) plans.push({ actions: [], wakeAt: start + seconds * 1000 })
  return merge(plans)
}

/** Containers to debug with start as soon as there is a sandbox, init containers or not, and run once. */
function planEphemeral(input: PlanInput): Plan {
  const { pod, observed, memory } = input
  if (!observed?.sandbox) return nothing
  const due = ephemeralsOf(pod).filter(({ name }) => {
    const current = latest(observed, name)
    return !current || (current.state === 'created' && memory.get(name)?.failure?.reason !== 'RunContainerError')
  })
  return merge(due.map((container) => planContainer(container, input, false)))
}

/** The next init container may start: this one has ended well, or is a sidecar that has started. */
export function initDone(init: Container, { observed, memory }: Pick<PlanInput, 'observed' | 'memory'>): boolean {
  const c = latest(observed, init.name)
  if (!isSidecar(init)) return c?.state === 'exited' && c.exitCode === 0
  if (c?.state !== 'running') return false
  return !init.startupProbe || probesOf(memory, init.name, c)?.started === true
}

const probesOf = (memory: PlanInput['memory'], name: string, c: ObservedContainer) => {
  const probes = memory.get(name)?.probes
  return probes?.containerId === c.id ? probes : undefined
}

function planContainer(container: Container, input: PlanInput, isInit: boolean): Plan {
  const { pod, observed, memory, now } = input
  const current = latest(observed, container.name)
  const remembered = memory.get(container.name)
  const failure = remembered?.failure
  if (failure && now < failure.at + failure.delayMs) return { actions: [], wakeAt: failure.at + failure.delayMs }
  // made, but never started: a start that failed, or a kubelet that stopped in between
  if (!current) return { actions: [{ do: 'start', container, attempt: 0 }] }
  if (current.state === 'created') return { actions: [{ do: 'start', container, attempt: current.attempt, replaces: current.id }] }
  if (current.state === 'running') return planRunning(container, current, input)
  if (!restarts(container, current, pod, isInit) || (isInit && !isSidecar(container) && current.exitCode === 0)) return nothing
  return planRestart(container, current, remembered, now)
}

function planRunning(container: Container, current: ObservedContainer, input: PlanInput): Plan {
  const kill = (message: string, more: { runsAgain?: boolean } = {}): Plan => ({ actions: [{ do: 'kill', target: current, container, message, ...more }] })
  if (container.image !== undefined && container.image !== current.image) {
    return kill(`Container ${container.name} definition changed, will be restarted`)
  }
  const unhealthy = probesOf(input.memory, container.name, current)?.unhealthy
  if (unhealthy !== undefined) return kill(unhealthy)
  const resize = resizeOf(container, current, input)
  return resize && needsRestart(resize) ? kill(`Container ${container.name} resize requires restart`, { runsAgain: true }) : nothing
}

function planRestart(container: Container, ended: ObservedContainer, remembered: ContainerMemory | undefined, now: number): Plan {
  const delayMs = restartDelay(ended, remembered)
  const at = (ended.finishedAt ?? now) + delayMs
  if (now < at) return { actions: [], wakeAt: at }
  return { actions: [{ do: 'start', container, attempt: ended.attempt + 1, restartDelayMs: ended.runsAgain ? (remembered?.restartDelayMs ?? 0) : nextDelay(delayMs) }] }
}

const nextDelay = (delayMs: number): number => (delayMs === 0 ? backOffStartMs : Math.min(delayMs * 2, backOffMaxMs))

/**
 * The pause before a container runs again: none at first, then 10 s, doubled; forgotten once it ran for 10 minutes. A
 * kubelet that has just started has no memory of it and takes it from the number of restarts.
 */
export function restartDelay(ended: ObservedContainer, remembered: ContainerMemory | undefined): number {
  if (ended.runsAgain || (ended.finishedAt ?? 0) - (ended.startedAt ?? 0) > backOffResetMs) return 0
  if (remembered?.restartDelayMs !== undefined) return remembered.restartDelayMs
  return ended.attempt === 0 ? 0 : Math.min(backOffStartMs * 2 ** (ended.attempt - 1), backOffMaxMs)
}

/** Of every container the newest attempt and the one before it (for its log) are kept. */
function planRemovals(observed: ObservedPod | undefined): Action[] {
  return (observed?.containers ?? [])
    .filter((c) => c.state !== 'running' && c.attempt < (latest(observed, c.name)?.attempt ?? 0) - 1)
    .map((c) => ({ do: 'remove', id: c.id }))
}

/** A pod's containers to debug with; a restart policy is nothing they can have. */
export const ephemeralsOf = (pod: Pod): Container[] =>
  (pod.spec?.ephemeralContainers ?? []).map(({ restartPolicy: _policy, targetContainerName: _target, ...container }) => container)

export const specOf = (pod: Pod, name: string): Container | undefined =>
  [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? []), ...ephemeralsOf(pod)].find((c) => c.name === name)

function merge(plans: readonly Plan[]): Plan {
  const wakes = plans.flatMap((plan) => (plan.wakeAt === undefined ? [] : [plan.wakeAt]))
  return { actions: plans.flatMap((plan) => plan.actions), ...(wakes.length > 0 ? { wakeAt: Math.min(...wakes) } : {}) }
}
