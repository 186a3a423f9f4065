import { rm } from 'node:fs/promises'
import type { Clock } from '../base/clock.ts'
import { equalJson } from '../base/json.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Client } from '../client/client.ts'
import type { Recorder } from '../client/recorder.ts'
import { type Pod, pod as podKind } from '../kinds/core/pod.ts'
import type { ConfigMap, PodStatus, Secret, Service } from '../kinds/generated/types.ts'
import { isConflict, isNotFound } from '../kinds/status-error.ts'
import { adoptedWhole } from './allocation.ts'
import { type Allocations, resizeConditions } from './allocations.ts'
import type { NodeFacts } from './fields.ts'
import type { ClusterNetwork } from './network.ts'
import { type ContainerMemory, planPod, restartDelay, specOf, wholePod } from './plan.ts'
import { hasProbes, Prober } from './probes.ts'
import { probeRunner } from './probe-checks.ts'
import { holdingPod, resizesOf } from './resize.ts'
import { type ContainerRuntime, latest, type ObservedContainer, type ObservedPod } from './runtime.ts'
import { podStatus, podTitle } from './status.ts'
import { StatusWriter } from './status-writer.ts'
import { PodTasks, type TaskFailure } from './tasks.ts'
import { terminationMessage } from './termination.ts'
import { mountsItself, podDir } from './volumes.ts'

/** What all workers of one node share. */
export interface WorkerContext {
  readonly runtime: ContainerRuntime
  readonly client: Client
  readonly recorder: Recorder
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  readonly dataDir: string
  readonly network: ClusterNetwork
  readonly allocations: Allocations
  facts(): Omit<NodeFacts, 'podIp'>
  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>
  secret(namespace: string, name: string): Promise<Secret | undefined>
  services(namespace: string): Service[]
  /** Nothing is left of the pod on this node. */
  finished(uid: string): void
}

const sameMarks = ({ metadata: a }: Pod, { metadata: b }: Pod): boolean =>
  equalJson(a.labels ?? {}, b.labels ?? {}) && equalJson(a.annotations ?? {}, b.annotations ?? {})

const isOver = (status: PodStatus | undefined): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Runs one pod: observes, plans, writes the status, acts; again whenever something may have changed. */
export class PodWorker {
  readonly #context: WorkerContext
  readonly #memory = new Map<string, ContainerMemory>()
  readonly #probers = new Map<string, Prober>()
  readonly #messages = new Map<string, string>()
  readonly #announced = new Set<string>()
  readonly #writer: StatusWriter
  readonly #tasks: PodTasks
  #pod: Pod
  #observed: ObservedPod | undefined
  #status: PodStatus | undefined
  /** Nothing of the pod was in the runtime when it came, so there is nothing to ask for yet. */
  #fresh: boolean
  #gone = false
  #deleted = false
  #closed = false
  #syncing = false
  #again = false
  #failures = 0
  #cancelWake: (() => void) | undefined

  constructor(pod: Pod, fresh: boolean, context: WorkerContext) {
    this.#pod = pod
    this.#fresh = fresh
    this.#context = context
    this.#writer = new StatusWriter(context.client, context.clock, context.log, context.signal)
    this.#tasks = new PodTasks(context, {
      pod: () => context.allocations.of(this.#pod),
      observed: () => this.#observed,
      ending: () => this.#terminating,
      memory: () => this.#memory,
      remember: (name, memory) => this.#remember(name, memory),
      failed: (name, failure) => this.#failed(name, failure),
      resizeFailed: (message) => {
        context.allocations.failed(this.#pod, message)
        this.#remember(wholePod, { resizeFailedAt: context.clock.now() })
      },
      wake: () => this.wake(),
    })
    context.allocations.adopt(this)
  }

  get pod(): Pod {
    return this.#pod
  }

  get observed(): ObservedPod | undefined {
    return this.#observed
  }

  get status(): PodStatus | undefined {
    return this.#status
  }

  holding(granted: Pod): Pod {
    return holdingPod({ pod: granted, observed: this.#observed, memory: this.#memory })
  }

  /** What failed before says nothing of what is to be done now. */
  wasGranted(): void {
    this.#remember(wholePod, { resizeFailedAt: undefined })
  }

  get #terminating(): boolean {
    return this.#gone || this.#pod.metadata.deletionTimestamp !== undefined
  }

  update(pod: Pod): void {
    const before = this.#pod
    this.#pod = pod
    if (mountsItself(pod) && !sameMarks(before, pod)) void this.#tasks.refreshVolumes()
    // most updates are the echo of this worker's own status writes
    const same = before.metadata.generation !== undefined && before.metadata.generation === pod.metadata.generation
    const gates = pod.spec?.readinessGates !== undefined
    if (same && !gates && before.metadata.deletionTimestamp === pod.metadata.deletionTimestamp) return
    this.wake()
  }

  /** The API object is no more. */
  lost(): void {
    this.#gone = true
    this.wake()
  }

  /** A ConfigMap or Secret that the pod uses has changed. */
  async refresh(): Promise<void> {
    this.#memory.delete(wholePod)
    for (const [name, memory] of this.#memory) {
      if (memory.failure?.reason === 'CreateContainerConfigError') this.#remember(name, { failure: undefined })
    }
    this.wake()
    await this.#tasks.refreshVolumes()
  }

  close(): void {
    this.#closed = true
    this.#cancelWake?.()
    this.#tasks.close()
    for (const prober of this.#probers.values()) prober.stop()
  }

  wake(): void {
    if (this.#closed || this.#context.signal.aborted) return
    if (this.#syncing) this.#again = true
    else void this.#run()
  }

  async #run(): Promise<void> {
    this.#syncing = true
    do {
      this.#again = false
      try {
        await this.#sync()
        this.#failures = 0
      } catch (error) {
        this.#context.log.warn('pod not synced', { pod: podTitle(this.#pod), error: errorMessage(error) })
        this.#wakeAfter(Math.min(500 * 2 ** this.#failures++, 10_000))
      }
    } while (this.#again && !this.#closed)
    this.#syncing = false
  }

  async #sync(): Promise<void> {
    const { runtime, clock } = this.#context
    const ended = this.#tasks.ended
    if (!this.#fresh) this.#observed = await this.#observe()
    this.#fresh = false
    if (!this.#terminating && this.#observed?.containers.some((c) => c.state === 'running')) this.#tasks.keepVolumes()
    this.#probe()
    const now = clock.now()
    const input = { pod: this.#granted(), observed: this.#observed, memory: this.#memory, now, terminating: this.#terminating }
    const { hostIp } = this.#context.facts()
    const phase = this.#status?.phase
    this.#status = podStatus({ ...input, hostIp, runtimeName: runtime.name, resizes: this.#context.allocations.conditions(this.#pod) })
    // one that ended needs its room no more
    if (this.#status.phase !== phase && isOver(this.#status)) this.#context.allocations.retry()
    // a pod that ended, and of which nothing is left here, keeps the status it had
    const remains = this.#observed !== undefined || !isOver(this.#pod.status)
    if (!this.#gone && remains) this.#writer.write(this.#pod, this.#status)
    const plan = planPod(input)
    const waits = plan.wakeAt === undefined ? undefined : plan.wakeAt - now
    if (waits !== undefined) this.#wakeAfter(waits)
    this.#announceBackOff(now)
    // seen before a task ended, which wakes once more: acting on it would undo or repeat that task
    if (this.#tasks.ended !== ended) return
    this.#tasks.apply(plan.actions)
    if (this.#terminating && plan.actions.length === 0 && !this.#tasks.busy) await this.#finish()
  }

  async #observe(): Promise<ObservedPod | undefined> {
    const observed = await this.#context.runtime.observe(this.#pod.metadata.uid ?? '')
    if (!observed) return undefined
    const containers = await Promise.all(observed.containers.map((c) => this.#withMessage(c)))
    return { ...observed, containers: containers.map((c) => (this.#memory.get(c.name)?.runsAgain === c.id ? { ...c, runsAgain: true } : c)) }
  }

  async #withMessage(c: ObservedContainer): Promise<ObservedContainer> {
    if (c.state !== 'exited' || this.#context.runtime.simulated) return c
    let message = this.#messages.get(c.id)
    if (message === undefined) {
      const { dataDir, runtime } = this.#context
      const policy = specOf(this.#pod, c.name)?.terminationMessagePolicy
      message = await terminationMessage(podDir(dataDir, this.#pod.metadata.uid ?? ''), c, policy, runtime)
      this.#messages.set(c.id, message)
    }
    return message === '' ? c : { ...c, message }
  }

  /** The pod as the node grants it; a resize that came is judged, and one that is done is told. */
  #granted(): Pod {
    const { allocations } = this.#context
    const wish = this.#withOwnStatus()
    const pod = allocations.judged(wish)
    for (const c of this.#observed?.containers ?? []) if (c.state === 'running') this.#adoptResources(c, pod)
    allocations.progress(wish, resizesOf({ pod, observed: this.#observed, memory: this.#memory }).length === 0)
    return pod
  }

  /** What a container was given by a kubelet before this one, as far as the status tells. */
  #adoptResources({ id, name }: ObservedContainer, pod: Pod): void {
    if (this.#memory.get(name)?.given?.containerId === id) return
    const { spec, status } = pod
    const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
    const told = statuses.find(({ containerID }) => containerID === `${this.#context.runtime.name}://${id}`)?.resources
    const whole = spec?.resources && (adoptedWhole(spec.resources, told && status?.resources) ?? spec.resources)
    this.#remember(name, { given: { containerId: id, own: told ?? specOf(pod, name)?.resources ?? {}, ...(whole ? { whole } : {}) } })
  }

  /** The informer's copy may be older than what this worker wrote last: its own part comes from here. */
  #withOwnStatus(): Pod {
    const own = this.#status
    if (!own) return this.#pod
    const mine = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', ...resizeConditions])
    const theirs = (this.#pod.status?.conditions ?? []).filter((c) => !mine.has(c.type))
    const ours = (own.conditions ?? []).filter((c) => mine.has(c.type))
    return { ...this.#pod, status: { ...this.#pod.status, ...own, conditions: [...ours, ...theirs] } }
  }

  #probe(): void {
    const running = (this.#observed?.containers ?? []).filter((c) => c.state === 'running')
    const ids = new Set(running.map((c) => c.id))
    for (const [id, prober] of this.#probers) {
      if (ids.has(id) && !this.#terminating) continue
      prober.stop()
      this.#probers.delete(id)
    }
    if (this.#terminating) return
    for (const c of running) this.#probeContainer(c)
  }

  #probeContainer(c: ObservedContainer): void {
    const { runtime, clock, recorder } = this.#context
    const container = specOf(this.#pod, c.name)
    if (!container || !hasProbes(container) || this.#probers.has(c.id)) return
    const prober = new Prober(container, {
      clock,
      containerId: c.id,
      startedAt: c.startedAt ?? clock.now(),
      run: probeRunner(runtime, this.#pod, container, c.id, () => this.#observed?.sandbox?.ip),
      changed: (probes) => {
        this.#remember(c.name, { probes })
        this.wake()
      },
      unhealthy: (kind, output) =>
        recorder.event(this.#pod, 'Warning', 'Unhealthy', `${kind[0]?.toUpperCase()}${kind.slice(1)} probe failed: ${output}`),
    })
    this.#probers.set(c.id, prober)
    this.#remember(c.name, { probes: prober.state })
  }

  #remember(name: string, memory: Partial<ContainerMemory>): void {
    this.#memory.set(name, { ...this.#memory.get(name), ...memory })
  }

  #failed(name: string, failure: TaskFailure): void {
    const { reason, message, firstDelayMs, maxDelayMs } = failure
    const before = this.#memory.get(name)?.failure
    const delayMs = before ? Math.min(before.delayMs * 2, maxDelayMs) : firstDelayMs
    this.#remember(name, { failure: { reason, message, at: this.#context.clock.now(), delayMs }, pullWaits: undefined })
    this.wake()
  }

  #announceBackOff(now: number): void {
    if (this.#terminating) return
    for (const status of [...(this.#status?.initContainerStatuses ?? []), ...(this.#status?.containerStatuses ?? [])]) {
      const current = latest(this.#observed, status.name)
      if (status.state?.waiting?.reason !== 'CrashLoopBackOff' || !current || this.#announced.has(current.id)) continue
      this.#announced.add(current.id)
      this.#context.recorder.event(this.#pod, 'Warning', 'BackOff', `Back-off restarting failed container ${status.name} in pod ${podTitle(this.#pod)}`)
      this.#context.log.debug('container backs off', { container: status.name, ms: restartDelay(current, this.#memory.get(status.name)), now })
    }
  }

  /** Everything of the pod has ended: the last status, then the API object goes, then what is left here. */
  async #finish(): Promise<void> {
    const { client, runtime, dataDir } = this.#context
    const { namespace, name = '', uid = '' } = this.#pod.metadata
    if (!this.#gone && !this.#deleted) {
      await this.#writer.flush()
      try {
        await client.delete(podKind, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } })
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error
      }
      this.#deleted = true
    }
    for (const c of this.#observed?.containers ?? []) await runtime.remove(c.id)
    if (this.#observed?.sandbox) await runtime.remove(this.#observed.sandbox.id)
    if (!runtime.simulated) await rm(podDir(dataDir, uid), { recursive: true, force: true })
    // the object may stay for finalizers: the worker goes with it
    if (!this.#gone) return
    this.close()
    this.#context.finished(uid)
  }

  #wakeAfter(ms: number): void {
    this.#cancelWake?.()
    this.#cancelWake = this.#context.clock.after(Math.max(ms, 1), () => this.wake())
  }
}
