import { Readable } from 'node:stream'
import { type Clock, sleep, timestamp } from '../base/clock.ts'
import { milliCpu, wholeQuantity } from '../base/quantity.ts'
import type { Container, Pod } from '../kinds/generated/types.ts'
import { limitsOf } from './amounts.ts'
import type { ContainerLimits, ContainerRuntime, ContainerUsage, EngineInfo, ObservedContainer, ObservedPod, ObservedSandbox, RuntimeLogOptions } from './runtime.ts'

export interface SimulatedOptions {
  readonly nodeName: string
  /** Tells nodes apart: their pods' addresses are 10.244.<index>.*. */
  readonly index: number
  readonly clock: Clock
  readonly cpus?: number
  readonly memoryBytes?: number
  readonly maxPods?: number
  /** Multiplies every pretended delay; 1 unless said. */
  readonly pace?: number
}

/** How long things are pretended to take. */
const takes = { pullMs: 600, sandboxMs: 60, startMs: 80, stopMs: 50, initMs: 300, taskMs: 5_000 } as const

type Changing<T> = { -readonly [K in keyof T]: T[K] }
interface SimulatedContainer extends Changing<ObservedContainer> {
  readonly spec: Container
  readonly uid: string
  readonly ephemeral: boolean
  cancelEnd?: () => void
}
interface SimulatedPod {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly policy: string
  readonly inits: ReadonlySet<string>
  sandbox?: Changing<ObservedSandbox>
  readonly containers: Map<string, SimulatedContainer>
}

const refusal = 'this pod is simulated: no container runs, so there is nothing to connect to. Run it on a node with a Docker engine instead.'

/** Pretends to run pods: same loop, same status, no containers. Costs a few hundred bytes per container. */
export function createSimulatedRuntime(options: SimulatedOptions): ContainerRuntime {
  return new SimulatedRuntime(options)
}

class SimulatedRuntime implements ContainerRuntime {
  readonly simulated = true
  readonly name = 'simulated'
  readonly #options: SimulatedOptions
  readonly #pods = new Map<string, SimulatedPod>()
  readonly #containers = new Map<string, SimulatedContainer>()
  readonly #images = new Set<string>()
  readonly #addresses = new Set<number>()
  readonly #listeners = new Set<(uid: string) => void>()
  #serial = 0

  constructor(options: SimulatedOptions) {
    this.#options = options
  }

  info(): Promise<EngineInfo> {
    const { nodeName, index, cpus = 4, memoryBytes = 8 * 2 ** 30, maxPods = 110 } = this.#options
    return Promise.resolve({
      cpus, memoryBytes, maxPods,
      storageBytes: 100 * 2 ** 30,
      operatingSystem: 'linux',
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      osImage: 'Wheelhouse simulated node: pods are only pretended',
      kernelVersion: 'simulated',
      machineId: nodeName,
      runtimeVersion: 'simulated://1',
      hostIp: `10.200.${(index >> 8) & 255}.${index & 255}`,
    })
  }

  list(): Promise<ReadonlyMap<string, ObservedPod>> {
    return Promise.resolve(new Map([...this.#pods].map(([uid, pod]) => [uid, seen(pod)])))
  }

  observe(uid: string): Promise<ObservedPod | undefined> {
    const pod = this.#pods.get(uid)
    return Promise.resolve(pod && seen(pod))
  }

  subscribe(changed: (uid: string) => void): () => void {
    this.#listeners.add(changed)
    return () => this.#listeners.delete(changed)
  }

  createSandbox({ pod, attempt }: { pod: Pod; attempt: number }): Promise<string> {
    const { uid = '', namespace = '', name = '' } = pod.metadata
    const id = this.#id()
    const held: SimulatedPod = this.#pods.get(uid) ?? {
      uid, namespace, name,
      policy: pod.spec?.restartPolicy ?? 'Always',
      inits: new Set(pod.spec?.initContainers?.filter((c) => c.restartPolicy !== 'Always').map((c) => c.name)),
      containers: new Map(),
    }
    held.sandbox = { id, attempt, running: false, createdAt: this.#options.clock.now() }
    this.#pods.set(uid, held)
    return Promise.resolve(id)
  }

  async startSandbox(id: string): Promise<string | undefined> {
    await this.#pass(takes.sandboxMs)
    const pod = this.#ofSandbox(id)
    if (!pod?.sandbox) throw new Error('the sandbox was removed before it started')
    let last = 2
    while (this.#addresses.has(last)) last++
    this.#addresses.add(last)
    const { index } = this.#options
    const ip = `10.${244 + ((index >> 8) & 7)}.${index & 255}.${last & 255}`
    Object.assign(pod.sandbox, { running: true, ip })
    return ip
  }

  imageId(image: string): Promise<string | undefined> {
    return Promise.resolve(this.#images.has(image) ? `simulated:${image}` : undefined)
  }

  async pullImage(image: string): Promise<string> {
    await this.#pass(takes.pullMs)
    this.#images.add(image)
    return `simulated:${image}`
  }

  createContainer({ pod, container, attempt }: { pod: Pod; container: Container; attempt: number }): Promise<string> {
    const uid = pod.metadata.uid ?? ''
    const held = this.#pods.get(uid)
    if (!held) throw new Error('the pod has no sandbox')
    const id = this.#id()
    const image = container.image ?? ''
    const made: SimulatedContainer = {
      id, uid, attempt, image, ephemeral: pod.spec?.ephemeralContainers?.some((c) => c.name === container.name) ?? false, limits: limitsOf(container.resources, pod.spec?.resources), spec: container, name: container.name, state: 'created', imageId: `simulated:${image}`, createdAt: this.#options.clock.now(),
    }
    held.containers.set(id, made)
    this.#containers.set(id, made)
    return Promise.resolve(id)
  }

  async startContainer(id: string): Promise<void> {
    await this.#pass(takes.startMs)
    const c = this.#containers.get(id)
    const pod = c && this.#pods.get(c.uid)
    if (!c || !pod) throw new Error('the container was removed before it started')
    c.state = 'running'
    c.startedAt = this.#options.clock.now()
    // what is meant to end, ends well after a moment
    const endsMs = pod.inits.has(c.name) ? takes.initMs : pod.policy === 'Always' || c.ephemeral ? undefined : takes.taskMs
    if (endsMs !== undefined) c.cancelEnd = this.#options.clock.after(endsMs * (this.#options.pace ?? 1), () => this.#end(c, 0))
    this.#tell(c.uid)
  }

  updateContainer(id: string, limits: ContainerLimits): Promise<void> {
    const c = this.#containers.get(id)
    if (c?.state !== 'running') return Promise.reject(new Error('the container does not run'))
    c.limits = limits
    return Promise.resolve()
  }

  async stop(id: string): Promise<void> {
    await this.#pass(takes.stopMs)
    const c = this.#containers.get(id)
    if (c) return this.#end(c, 143)
    const pod = this.#ofSandbox(id)
    if (!pod?.sandbox) return
    pod.sandbox.running = false
    this.#release(pod.sandbox.ip)
    this.#tell(pod.uid)
  }

  remove(id: string): Promise<void> {
    const c = this.#containers.get(id)
    if (c) {
      c.cancelEnd?.()
      this.#containers.delete(id)
      this.#pods.get(c.uid)?.containers.delete(id)
      return Promise.resolve()
    }
    const pod = this.#ofSandbox(id)
    if (!pod) return Promise.resolve()
    if (pod.sandbox?.running) this.#release(pod.sandbox.ip)
    if (pod.containers.size === 0) this.#pods.delete(pod.uid)
    else pod.sandbox = undefined
    return Promise.resolve()
  }

  logs(id: string, { follow, timestamps, tailLines }: RuntimeLogOptions): Promise<Readable> {
    const c = this.#containers.get(id)
    const at = timestamp(c?.startedAt ?? this.#options.clock.now())
    const lines = ['This container is simulated: nothing runs, and these lines are made up.', `Pretending to run ${c?.image ?? 'a container'} on ${this.#options.nodeName}.`]
    const stream = new Readable({ read: () => undefined })
    for (const line of tailLines === undefined ? lines : lines.slice(Math.max(0, lines.length - tailLines))) stream.push(`${timestamps ? `${at} ` : ''}${line}\n`)
    if (!follow) stream.push(null)
    return Promise.resolve(stream)
  }

  exec(): Promise<never> {
    return Promise.reject(new Error(refusal))
  }

  attach(): Promise<never> {
    return Promise.reject(new Error(refusal))
  }

  connect(): Promise<never> {
    return Promise.reject(new Error(refusal))
  }

  /** Around half of what was asked for, moving slowly; the same for the same moment. */
  usage(ids: readonly string[]): Promise<ContainerUsage[]> {
    const now = this.#options.clock.now()
    return Promise.resolve(ids.flatMap((id) => {
      const c = this.#containers.get(id)
      return c?.state === 'running' ? [pretendedUsage(c, now)] : []
    }))
  }

  nodeUsage(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  close(): Promise<void> {
    for (const c of this.#containers.values()) c.cancelEnd?.()
    return Promise.resolve()
  }

  #id = (): string => `${this.#options.nodeName}-${this.#options.clock.now().toString(36)}-${++this.#serial}`
  #pass = (ms: number): Promise<void> => sleep(ms * (this.#options.pace ?? 1), this.#options.clock)

  #ofSandbox(id: string): SimulatedPod | undefined {
    for (const pod of this.#pods.values()) if (pod.sandbox?.id === id) return pod
    return undefined
  }

  #end(c: SimulatedContainer, exitCode: number): void {
    if (c.state === 'exited') return
    c.cancelEnd?.()
    Object.assign(c, { state: 'exited', exitCode, finishedAt: this.#options.clock.now() })
    this.#tell(c.uid)
  }

  #release(ip: string | undefined): void {
    const last = ip?.split('.')[3]
    if (last !== undefined) this.#addresses.delete(Number(last))
  }

  #tell(uid: string): void {
    for (const listener of this.#listeners) listener(uid)
  }
}

const seen = (pod: SimulatedPod): ObservedPod => ({
  uid: pod.uid, namespace: pod.namespace, name: pod.name,
  ...(pod.sandbox ? { sandbox: { ...pod.sandbox } } : {}),
  containers: [...pod.containers.values()].map(({ spec: _spec, uid: _uid, ephemeral: _ephemeral, cancelEnd: _cancel, ...c }) => c),
})

const waveMs = 120_000

function pretendedUsage(c: SimulatedContainer, now: number): ContainerUsage {
  const milli = milliCpu(c.spec.resources?.requests?.cpu) || 20
  const bytes = wholeQuantity(c.spec.resources?.requests?.memory) || 32 * 2 ** 20
  const phase = [...c.id].reduce((sum, char) => sum + char.charCodeAt(0), 0)
  const seconds = (now - (c.startedAt ?? now)) / 1000
  // the integral of 0.5 + 0.2 sin, so that the rate read from it moves between 30 and 70 per cent
  const turns = (now / waveMs) * 2 * Math.PI + phase
  const spent = 0.5 * seconds - 0.2 * (waveMs / 1000 / (2 * Math.PI)) * Math.cos(turns)
  return { containerId: c.id, cpuNanos: Math.max(0, Math.round((spent + 10) * milli * 1e6)), memoryBytes: Math.round(bytes * (0.55 + 0.05 * Math.sin(turns))), at: now }
}

