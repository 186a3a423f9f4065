import { type Clock, sleep } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Client } from '../client/client.ts'
import { Informers } from '../client/informer.ts'
import type { Recorder } from '../client/recorder.ts'
import { configMap as configMapKind } from '../kinds/core/config-map.ts'
import { type Pod, pod as podKind } from '../kinds/core/pod.ts'
import { secret as secretKind } from '../kinds/core/secret.ts'
import { service as serviceKind } from '../kinds/core/service.ts'
import type { Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { isNotFound } from '../kinds/status-error.ts'
import type { Capacity } from './allocation.ts'
import { Allocations } from './allocations.ts'
import { allocatableBytes, NodeAgent } from './node.ts'
import type { ContainerRuntime, EngineInfo, ObservedPod } from './runtime.ts'
import { type Connection, serve } from './serve.ts'
import { type PodSource, podSource } from './sources.ts'
import { type NodeStats, StatsCollector } from './stats.ts'
import { mountsObject } from './volumes.ts'
import { PodWorker, type WorkerContext } from './worker.ts'

export interface KubeletDependencies {
  readonly nodeName: string
  readonly runtime: ContainerRuntime
  readonly client: Client
  /** The process' own; made for this node alone when absent. */
  readonly informers?: Informers
  /** Shared by the nodes of one process; from the informers when absent. */
  readonly pods?: PodSource
  /** Pods from elsewhere than the API server. */
  readonly moreSources?: readonly PodSource[]
  readonly recorder: Recorder
  readonly clock: Clock
  readonly log: Logger
  readonly dataDir: string
  readonly signal: AbortSignal
  readonly clusterDns?: string
  readonly clusterDomain: string
}

export interface Kubelet {
  readonly nodeName: string
  readonly connection: Connection
  /** The newest reading, at most `statsMs` old while pods run. */
  stats(): NodeStats
  /** Leaves containers running unless told to remove them. */
  stop(options: { readonly removePods: boolean }): Promise<void>
}

/** What the event stream lost is found after this long. */
const relistMs = 3_000
export const statsMs = 5_000
const engineTimeoutMs = 10_000
/** Kubelet's retryDelay of resizes that were put off. */
const resizeRetryMs = 180_000

/** Registers the node and runs its pods until `stop` or the signal. Rejects when the engine does not answer at all. */
export async function startKubelet(deps: KubeletDependencies): Promise<Kubelet> {
  const stopping = new AbortController()
  const signal = AbortSignal.any([deps.signal, stopping.signal])
  const log = deps.log.with({ node: deps.nodeName })
  const informers = deps.informers ?? new Informers(deps.client, deps.clock, log, signal)
  const info = await deps.runtime.info()
  const agent = new NodeAgent(info, { ...deps, simulated: deps.runtime.simulated, log, signal })
  const loop = new PodLoop({ ...deps, log, signal }, informers, agent)
  await agent.start()
  await loop.start()
  return {
    nodeName: deps.nodeName,
    connection: serve(deps.runtime, (uid) => loop.worker(uid), deps.clock, {
      nodeName: deps.nodeName, clusterDomain: deps.clusterDomain, clusterDns: deps.clusterDns,
      maxPods: () => info.maxPods, pods: () => loop.pods, stats: () => loop.stats,
    }),
    stats: () => loop.stats,
    async stop({ removePods }) {
      stopping.abort()
      loop.close()
      if (removePods) await removeAll(deps.runtime)
      await deps.runtime.close()
    },
  }
}

async function removeAll(runtime: ContainerRuntime): Promise<void> {
  const pods = await runtime.list()
  await Promise.all([...pods.values()].map((pod) => removePod(runtime, pod)))
}

async function removePod(runtime: ContainerRuntime, pod: ObservedPod): Promise<void> {
  await Promise.all(pod.containers.map((c) => runtime.remove(c.id)))
  if (pod.sandbox) await runtime.remove(pod.sandbox.id)
}

/** One worker per pod, woken by the API, by the runtime, and by what pods use. */
class PodLoop {
  readonly #deps: KubeletDependencies
  readonly #informers: Informers
  readonly #agent: NodeAgent
  readonly #workers = new Map<string, PodWorker>()
  readonly #context: WorkerContext
  readonly #allocations: Allocations
  readonly #stats: StatsCollector
  readonly #unsubscribe: Array<() => void> = []
  /** What the runtime held at the start; a pod that is not there is new. */
  #known: ReadonlyMap<string, ObservedPod> = new Map()

  constructor(deps: KubeletDependencies, informers: Informers, agent: NodeAgent) {
    this.#deps = deps
    this.#informers = informers
    this.#agent = agent
    this.#stats = new StatsCollector(deps.runtime)
    this.#allocations = new Allocations({ ...deps, capacity: () => capacityOf(agent.info) })
    this.#context = {
      ...deps,
      network: deps,
      allocations: this.#allocations,
      facts: () => agent.info,
      configMap: (namespace, name) => this.#lookUp(configMapKind, namespace, name),
      secret: (namespace, name) => this.#lookUp(secretKind, namespace, name),
      services: (namespace) => this.#services(namespace),
      finished: (uid) => {
        this.#workers.delete(uid)
        this.#allocations.forget(uid)
      },
    }
  }

  get stats(): NodeStats {
    return this.#stats.latest
  }

  /** As they run here, before the API server knows. */
  get pods(): Pod[] {
    return [...this.#workers.values()].map(({ pod, status }) => (status ? { ...pod, status } : pod))
  }

  worker(uid: string): PodWorker | undefined {
    return this.#workers.get(uid)
  }

  async start(): Promise<void> {
    const { runtime, nodeName, signal } = this.#deps
    this.#known = await runtime.list()
    // started before the first pod asks for them
    for (const kind of [configMapKind, secretKind, serviceKind]) this.#informers.of(kind)
    const sources = [this.#deps.pods ?? podSource(this.#informers.of(podKind)), ...(this.#deps.moreSources ?? [])]
    await this.#informers.synced()
    for (const source of sources) {
      this.#unsubscribe.push(source.subscribe(nodeName, (seen) => this.#seen(seen.type, seen.object)))
      await source.synced(signal)
    }
    this.#unsubscribe.push(runtime.subscribe((uid) => this.#workers.get(uid)?.wake()))
    this.#watchVolumes()
    await this.#removeOrphans()
    this.#allocations.open()
    void this.#retryResizes()
    void this.#relist()
    void this.#collectStats()
  }

  close(): void {
    for (const unsubscribe of this.#unsubscribe.splice(0)) unsubscribe()
    for (const worker of this.#workers.values()) worker.close()
  }

  #seen(type: 'added' | 'updated' | 'deleted', pod: Pod): void {
    const uid = pod.metadata.uid ?? ''
    const worker = this.#workers.get(uid)
    if (type === 'deleted') worker?.lost()
    else if (worker) worker.update(pod)
    else this.#add(uid, pod)
  }

  #add(uid: string, pod: Pod): void {
    const fresh = !this.#known.has(uid)
    const worker = new PodWorker(pod, fresh, this.#context)
    this.#workers.set(uid, worker)
    worker.wake()
  }

  async #removeOrphans(): Promise<void> {
    for (const [uid, observed] of this.#known) {
      if (this.#workers.has(uid)) continue
      this.#deps.log.info('removing a pod that the API server does not know', { pod: observed.name, namespace: observed.namespace })
      await removePod(this.#deps.runtime, observed).catch((error: unknown) =>
        this.#deps.log.warn('orphaned pod not removed', { pod: observed.name, error: errorMessage(error) }))
    }
    this.#known = new Map()
  }

  async #lookUp<T extends KubeObject>(kind: Kind<T>, namespace: string, name: string): Promise<T | undefined> {
    const cached = this.#informers.of(kind).get(`${namespace}/${name}`)
    if (cached) return cached
    try {
      // a pod often comes right after its configuration, before the copy here shows it
      return await this.#deps.client.get(kind, { namespace, name })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  #services(namespace: string) {
    const services = this.#informers.of(serviceKind)
    const kubernetes = services.get('default/kubernetes')
    const own = [...services.list(namespace)]
    return kubernetes && namespace !== 'default' ? [...own, kubernetes] : own
  }

  #watchVolumes(): void {
    const watch = (kind: typeof configMapKind | typeof secretKind, field: 'configMap' | 'secret'): void => {
      this.#unsubscribe.push(this.#informers.of<KubeObject>(kind as Kind<KubeObject>).subscribe(({ type, object }) => {
        if (type === 'deleted') return
        const { namespace, name = '' } = object.metadata
        for (const worker of this.#workers.values()) {
          if (worker.pod.metadata.namespace !== namespace) continue
          const waits = worker.status?.containerStatuses?.some((s) => s.state?.waiting !== undefined) ?? false
          if (waits || mountsObject(worker.pod, field, name)) void worker.refresh()
        }
      }))
    }
    watch(configMapKind, 'configMap')
    watch(secretKind, 'secret')
  }

  async #relist(): Promise<void> {
    const { runtime, clock, signal, log } = this.#deps
    while (!signal.aborted && !runtime.simulated) {
      await sleep(relistMs, clock, signal)
      if (signal.aborted) return
      try {
        const pods = await this.#listInTime()
        this.#agent.engine(undefined)
        for (const [uid, worker] of this.#workers) if (shape(pods.get(uid)) !== shape(worker.observed)) worker.wake()
      } catch (error) {
        if (signal.aborted) return
        log.warn('container runtime does not answer', { error: errorMessage(error) })
        this.#agent.engine(`container runtime is down: ${errorMessage(error)}. Running pods keep their last known state; the node recovers by itself once the engine answers.`)
      }
    }
  }

  /** An engine that hangs is as bad as none. */
  async #listInTime(): Promise<ReadonlyMap<string, ObservedPod>> {
    const answered = new AbortController()
    const late = sleep(engineTimeoutMs, this.#deps.clock, answered.signal).then(() => {
      if (!answered.signal.aborted) throw new Error(`no answer within ${engineTimeoutMs / 1000} s`)
    })
    try {
      return (await Promise.race([this.#deps.runtime.list(), late])) ?? new Map()
    } finally {
      answered.abort()
    }
  }

  /** What makes room tells so; this is for what nobody told. */
  async #retryResizes(): Promise<void> {
    const { clock, signal } = this.#deps
    while (!signal.aborted) {
      await sleep(resizeRetryMs, clock, signal)
      if (!signal.aborted) this.#allocations.retry()
    }
  }

  async #collectStats(): Promise<void> {
    const { clock, signal, log } = this.#deps
    while (!signal.aborted) {
      await this.#stats.collect(this.#workers.values(), clock.now()).catch((error: unknown) =>
        log.debug('usage not read', { error: errorMessage(error) }))
      await sleep(statsMs, clock, signal)
    }
  }
}

const capacityOf = ({ cpus, memoryBytes }: Pick<EngineInfo, 'cpus' | 'memoryBytes'>): Capacity => ({ milliCpu: cpus * 1000, memoryBytes: allocatableBytes(memoryBytes) })

/** Which containers there are and whether they run. */
const shape = (pod: ObservedPod | undefined): string =>
  [pod?.sandbox ? `${pod.sandbox.id} ${pod.sandbox.running}` : '', ...(pod?.containers ?? []).map((c) => `${c.id} ${c.state}`)].sort().join()
