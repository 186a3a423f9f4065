import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { errorMessage } from '../base/log.ts'
import type { Container, Pod } from '../kinds/generated/types.ts'
import { ConfigError, containerEnv, expand, needsPodIp } from './env.ts'
import { ensureImage, ImageError } from './images.ts'
import { killContainer, runHook } from './lifecycle.ts'
import { hostsFile, podDns, podHostname } from './network.ts'
import { type Action, backOffMaxMs, backOffStartMs, type ContainerMemory, wholePod } from './plan.ts'
import { lookups, PodVolumes } from './pod-volumes.ts'
import { applyResizes } from './resize.ts'
import { latest, type Mount, type ObservedPod } from './runtime.ts'
import { terminationMount } from './termination.ts'
import { VolumeError } from './volume-files.ts'
import { podDir, volumeMounts } from './volumes.ts'
import type { WorkerContext } from './worker.ts'

export interface TaskFailure {
  readonly reason: string
  readonly message: string
  readonly firstDelayMs: number
  readonly maxDelayMs: number
}

/** What the tasks need of their worker. */
export interface TaskHost {
  /** As it was granted. */
  pod(): Pod
  observed(): ObservedPod | undefined
  ending(): boolean
  memory(): ReadonlyMap<string, ContainerMemory>
  remember(container: string, memory: Partial<ContainerMemory>): void
  failed(container: string, failure: TaskFailure): void
  /** Its containers could not be given what the pod was granted. */
  resizeFailed(message: string): void
  wake(): void
}

interface Sandbox {
  readonly created: Promise<string>
  /** With the pod's IP, if it has one of its own. */
  readonly started: Promise<string | undefined>
}

/** Reported once for the pod, not for every container that waited for it. */
class SandboxError extends Error {}
const asSandboxError = (error: unknown): never => {
  throw new SandboxError(errorMessage(error))
}

type StartAction = Extract<Action, { do: 'start' }>
type KillAction = Extract<Action, { do: 'kill' }>
type ResizeAction = Extract<Action, { do: 'resize' }>

/** The pause process ends at once when asked. */
const sandboxGraceSeconds = 2

/**
 * The container whose processes one to debug with is to see.
 *
 * @throws ConfigError when nothing of that container is there yet
 */
function targetOf(name: string, pod: Pod, observed: ObservedPod | undefined): string | undefined {
  const target = pod.spec?.ephemeralContainers?.find((each) => each.name === name)?.targetContainerName
  if (!target) return undefined
  const found = latest(observed, target)
  if (!found) throw new ConfigError(`unable to find target container ${target}`)
  return found.id
}

const containerBackOff = { firstDelayMs: backOffStartMs, maxDelayMs: backOffMaxMs }

/**
 * Carries out a plan's actions side by side, each once at a time: a container is made while its sandbox starts and
 * its image is looked for. Every action that ends wakes the worker.
 */
export class PodTasks {
  readonly #context: WorkerContext
  readonly #host: TaskHost
  readonly #running = new Set<string>()
  /** When each container that is being killed will be killed at last. */
  readonly #deadlines = new Map<string, number>()
  #pulling = 0
  #ended = 0
  #sandbox: Sandbox | undefined
  readonly #volumes: PodVolumes

  constructor(context: WorkerContext, host: TaskHost) {
    this.#context = context
    this.#host = host
    this.#volumes = new PodVolumes(context, {
      pod: () => host.pod(),
      facts: () => this.#facts(undefined),
      folder: () => this.#folder(),
      ending: () => host.ending() || host.pod().status?.phase === 'Succeeded' || host.pod().status?.phase === 'Failed',
    })
  }

  /** Something is under way that can still bring a container into being; a pull cannot. */
  get busy(): boolean {
    return this.#running.size > this.#pulling
  }

  /** How many have ended: what was observed before the last of them is old. */
  get ended(): number {
    return this.#ended
  }

  apply(actions: readonly Action[]): void {
    for (const action of actions) this.#apply(action)
  }

  refreshVolumes(): Promise<void> {
    return this.#volumes.refresh()
  }

  /** For a pod that runs already. */
  keepVolumes(): void {
    this.#volumes.keep()
  }

  close(): void {
    this.#volumes.close()
  }

  #apply(action: Action): void {
    switch (action.do) {
      case 'create-sandbox':
        return this.#once('sandbox', () => this.#createSandbox(action.attempt, action.replaces))
      case 'start':
        return this.#once(`start ${action.container.name}`, () => this.#start(action))
      case 'kill':
        return this.#kill(action)
      case 'resize':
        return this.#once('resize', () => this.#resize(action))
      case 'stop-sandbox':
        return this.#once('stop sandbox', () => this.#context.runtime.stop(action.id, sandboxGraceSeconds))
      case 'remove':
        return this.#once(`remove ${action.id}`, () => this.#context.runtime.remove(action.id))
    }
  }

  #once(key: string, task: () => Promise<void>): void {
    if (this.#running.has(key)) return
    this.#running.add(key)
    void task().then(() => 0, (error: unknown) => {
      this.#context.log.warn('pod task failed', { task: key, error: errorMessage(error) })
      return 1_000
    }).then((waitMs) => {
      this.#running.delete(key)
      this.#ended++
      if (waitMs === 0) this.#host.wake()
      else this.#context.clock.after(waitMs, () => this.#host.wake())
    })
  }

  async #createSandbox(attempt: number, replaces: string | undefined): Promise<void> {
    const { runtime, network, recorder } = this.#context
    const pod = this.#host.pod()
    if (replaces !== undefined) recorder.event(pod, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    const created = (replaces === undefined ? Promise.resolve() : runtime.remove(replaces)).then(() =>
      runtime.createSandbox({ pod, attempt, hostname: podHostname(pod), dns: podDns(pod, network) })).catch(asSandboxError)
    const started = created.then((id) => runtime.startSandbox(id).catch(asSandboxError)).then((ip) => this.#writeHosts(pod, ip))
    // whoever starts a container waits for both; a failure is reported here alone
    started.catch(() => undefined)
    this.#sandbox = { created, started }
    void this.#volumes.prepared().catch(() => undefined)
    try {
      await started
      this.#host.remember(wholePod, { failure: undefined })
    } catch (error) {
      this.#sandbox = undefined
      const message = `Failed to create pod sandbox: ${errorMessage(error)}`
      recorder.event(pod, 'Warning', 'FailedCreatePodSandBox', message)
      await created.then((id) => runtime.remove(id)).catch(() => undefined)
      this.#host.failed(wholePod, { reason: 'FailedCreatePodSandBox', message, firstDelayMs: 1_000, maxDelayMs: 60_000 })
    }
  }

  async #writeHosts(pod: Pod, ip: string | undefined): Promise<string | undefined> {
    if (!this.#ownsHosts(pod) || ip === undefined) return ip
    await this.#volumes.prepared()
    await writeFile(this.#hostsPath(pod), hostsFile(pod, ip, this.#context.network.clusterDomain))
    return ip
  }

  #ownsHosts = (pod: Pod): boolean => !this.#context.runtime.simulated && !pod.spec?.hostNetwork
  #hostsPath = (pod: Pod): string => join(podDir(this.#context.dataDir, pod.metadata.uid ?? ''), 'hosts')

  async #folder(): Promise<string> {
    const pod = this.#host.pod()
    const dir = podDir(this.#context.dataDir, pod.metadata.uid ?? '')
    await mkdir(dir, { recursive: true })
    if (this.#ownsHosts(pod)) await writeFile(this.#hostsPath(pod), '', { flag: 'a' })
    return dir
  }

  #facts = (podIp: string | undefined) => ({ ...this.#context.facts(), podIp: podIp ?? this.#host.observed()?.sandbox?.ip })

  async #start(action: StartAction): Promise<void> {
    const { recorder } = this.#context
    const { container } = action
    const pod = this.#host.pod()
    try {
      await this.#startNow(action, pod)
    } catch (error) {
      const message = errorMessage(error)
      if (error instanceof ImageError) {
        this.#host.failed(container.name, { reason: error.reason, message, ...containerBackOff })
        if (error.reason === 'ErrImagePull') this.#backOffLater(container, message)
      } else if (error instanceof ConfigError) {
        recorder.event(pod, 'Warning', 'Failed', `Error: ${message}`)
        this.#host.failed(container.name, { reason: 'CreateContainerConfigError', message, firstDelayMs: 5_000, maxDelayMs: 5_000 })
      } else if (error instanceof VolumeError) {
        recorder.event(pod, 'Warning', 'FailedMount', message)
        this.#host.failed(wholePod, { reason: 'FailedMount', message, firstDelayMs: 2_000, maxDelayMs: 120_000 })
      } else if (!(error instanceof SandboxError)) {
        recorder.event(pod, 'Warning', 'Failed', `Error: ${message}`)
        this.#host.failed(container.name, { reason: 'RunContainerError', message, ...containerBackOff })
      }
    }
  }

  /** Like the kubelet's next look at the pod: the pull's error, then that it waits. */
  #backOffLater(container: Container, message: string): void {
    const { clock, recorder } = this.#context
    clock.after(3_000, () => {
      const pod = this.#host.pod()
      if (this.#host.ending()) return
      recorder.event(pod, 'Normal', 'BackOff', `Back-off pulling image "${container.image}"`)
      recorder.event(pod, 'Warning', 'Failed', 'Error: ImagePullBackOff')
      this.#host.remember(container.name, { pullWaits: `Back-off pulling image "${container.image}": ErrImagePull: ${message}` })
      this.#host.wake()
    })
  }

  async #startNow(action: StartAction, pod: Pod): Promise<void> {
    const { runtime, recorder } = this.#context
    const { container, attempt } = action
    if (action.replaces) await runtime.remove(action.replaces)
    await this.#image(container, pod)
    if (this.#host.ending()) return
    const sandbox = this.#sandbox ?? this.#adopted()
    const [volumes, sandboxId] = await Promise.all([this.#volumes.prepared(), sandbox.created])
    const podIp = needsPodIp(container) ? await sandbox.started : undefined
    const env = await containerEnv(container, { pod, facts: this.#facts(podIp), services: this.#context.services(pod.metadata.namespace ?? ''), ...lookups(this.#context, pod) })
    const values = new Map(env.map((e) => [e.name, e.value]))
    const expanded = (words: string[] | undefined): string[] | undefined => words?.map((word) => expand(word, values))
    const id = await runtime.createContainer({
      pod, container, attempt, sandboxId, env,
      targetId: targetOf(container.name, pod, this.#host.observed()),
      command: expanded(container.command),
      args: expanded(container.args),
      mounts: runtime.simulated ? [] : await this.#mounts(container, attempt, pod, volumes, values),
    })
    const whole = pod.spec?.resources
    this.#host.remember(container.name, { given: { containerId: id, own: container.resources ?? {}, ...(whole ? { whole } : {}) } })
    recorder.event(pod, 'Normal', 'Created', `Created container: ${container.name}`)
    await sandbox.started
    await runtime.startContainer(id)
    recorder.event(pod, 'Normal', 'Started', `Started container ${container.name}`)
    this.#host.remember(container.name, { failure: undefined, pullWaits: undefined, restartDelayMs: action.restartDelayMs })
    await this.#postStart(container, id, pod)
  }

  async #image(container: Container, pod: Pod): Promise<void> {
    this.#pulling++
    try {
      await ensureImage(container, pod, this.#context)
    } finally {
      this.#pulling--
    }
  }

  #adopted(): Sandbox {
    const sandbox = this.#host.observed()?.sandbox
    if (!sandbox) throw new Error('the pod has no sandbox')
    return { created: Promise.resolve(sandbox.id), started: Promise.resolve(sandbox.ip) }
  }

  async #mounts(container: Container, attempt: number, pod: Pod, volumes: Map<string, string>, env: ReadonlyMap<string, string>): Promise<Mount[]> {
    const dir = podDir(this.#context.dataDir, pod.metadata.uid ?? '')
    const own = await volumeMounts(container, volumes, env)
    const taken = new Set(own.map((mount) => mount.target))
    const hosts: Mount[] = this.#ownsHosts(pod) ? [{ source: this.#hostsPath(pod), target: '/etc/hosts', readOnly: false }] : []
    const extra = [...hosts, await terminationMount(dir, container, attempt)].filter((mount) => !taken.has(mount.target))
    return [...own, ...extra]
  }

  async #postStart(container: Container, id: string, pod: Pod): Promise<void> {
    const hook = container.lifecycle?.postStart
    if (!hook || this.#context.runtime.simulated) return
    const result = await runHook(hook, { runtime: this.#context.runtime, pod, container, id, podIp: this.#facts(undefined).podIp, timeoutMs: 60_000 })
    if (result.ok) return
    this.#context.recorder.event(pod, 'Warning', 'FailedPostStartHook', `PostStartHook failed: ${result.output}`)
    this.#kill({ do: 'kill', container, message: 'FailedPostStartHook', target: { id, name: container.name, attempt: 0, state: 'running', image: '', imageId: '', createdAt: 0 } })
  }

  async #resize({ resizes }: ResizeAction): Promise<void> {
    try {
      await applyResizes(resizes, {
        pod: this.#host.pod(),
        observed: this.#host.observed(),
        memory: this.#host.memory(),
        runtime: this.#context.runtime,
        given: (container, given) => {
          // it may have started anew meanwhile, with what it is to have
          if (this.#host.memory().get(container)?.given?.containerId === given.containerId) this.#host.remember(container, { given })
        },
      })
    } catch (error) {
      this.#host.resizeFailed(errorMessage(error))
    }
  }

  /** A later kill with an earlier end (a forced deletion) overtakes the first. */
  #kill(action: KillAction): void {
    const { clock, recorder } = this.#context
    const pod = this.#host.pod()
    const { id } = action.target
    const graceSeconds = Number(pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30)
    const deadline = clock.now() + graceSeconds * 1000
    const before = this.#deadlines.get(id)
    if (before !== undefined && before <= deadline) return
    this.#deadlines.set(id, deadline)
    if (action.runsAgain) this.#host.remember(action.target.name, { runsAgain: id })
    if (before === undefined) recorder.event(pod, 'Normal', 'Killing', action.message)
    this.#once(`kill ${id} ${deadline}`, async () => {
      try {
        await killContainer({ context: this.#context, pod, action, graceSeconds, podIp: this.#facts(undefined).podIp, hook: before === undefined })
      } finally {
        this.#deadlines.delete(id)
      }
    })
  }
}
