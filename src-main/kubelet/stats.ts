import type { ContainerRuntime, ContainerUsage } from './runtime.ts'
import type { PodWorker } from './worker.ts'

export interface UsageSample {
  /** Cores. */
  readonly cpu: number
  /** Nanoseconds of CPU used since it started, where somebody counts them. */
  readonly cpuNanos?: number
  readonly memoryBytes: number
}

export interface PodUsage {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly containers: ReadonlyArray<UsageSample & { readonly name: string }>
  /** Figures made up from the pod's requests. */
  readonly simulated: boolean
}

/** What metrics.k8s.io and the charts show of one node. */
export interface NodeStats {
  readonly at: number
  /** What the figures are averages over. */
  readonly windowMs: number
  readonly node: UsageSample
  readonly pods: readonly PodUsage[]
}

interface Reading {
  readonly cpuNanos: number
  readonly at: number
}

/** Cores used between two readings; a counter that went back belongs to a new container. */
export function cores(before: Reading | undefined, now: Reading): number {
  if (!before || now.at <= before.at || now.cpuNanos < before.cpuNanos) return 0
  return (now.cpuNanos - before.cpuNanos) / ((now.at - before.at) * 1e6)
}

/** Reads usage of all containers of a node now and then, and keeps only what the next rate needs. */
export class StatsCollector {
  readonly #runtime: ContainerRuntime
  readonly #before = new Map<string, Reading>()
  #nodeBefore: Reading | undefined
  #latest: NodeStats = { at: 0, windowMs: 0, node: { cpu: 0, memoryBytes: 0 }, pods: [] }

  constructor(runtime: ContainerRuntime) {
    this.#runtime = runtime
  }

  get latest(): NodeStats {
    return this.#latest
  }

  async collect(workers: Iterable<PodWorker>, now: number): Promise<void> {
    const pods = [...workers].flatMap((worker) => {
      const running = (worker.observed?.containers ?? []).filter((c) => c.state === 'running')
      return running.length > 0 ? [{ worker, running }] : []
    })
    const usages = new Map((await this.#runtime.usage(pods.flatMap((p) => p.running.map((c) => c.id)))).map((u) => [u.containerId, u]))
    const samples = new Map([...usages].map(([id, usage]) => [id, this.#sample(id, usage)]))
    for (const id of this.#before.keys()) if (!usages.has(id)) this.#before.delete(id)
    const list = pods.map(({ worker, running }): PodUsage => ({
      namespace: worker.pod.metadata.namespace ?? '',
      name: worker.pod.metadata.name ?? '',
      uid: worker.pod.metadata.uid ?? '',
      simulated: this.#runtime.simulated,
      containers: running.flatMap((c) => {
        const sample = samples.get(c.id)
        return sample ? [{ name: c.name, ...sample }] : []
      }),
    }))
    this.#latest = { at: now, windowMs: this.#latest.at === 0 ? 0 : now - this.#latest.at, node: await this.#node(list), pods: list }
  }

  #sample(id: string, usage: ContainerUsage): UsageSample {
    const cpu = cores(this.#before.get(id), usage)
    this.#before.set(id, { cpuNanos: usage.cpuNanos, at: usage.at })
    return { cpu, cpuNanos: usage.cpuNanos, memoryBytes: usage.memoryBytes }
  }

  async #node(pods: readonly PodUsage[]): Promise<UsageSample> {
    const whole = await this.#runtime.nodeUsage()
    if (!whole) {
      const all = pods.flatMap((pod) => pod.containers)
      return { cpu: all.reduce((sum, c) => sum + c.cpu, 0), memoryBytes: all.reduce((sum, c) => sum + c.memoryBytes, 0) }
    }
    const cpu = cores(this.#nodeBefore, whole)
    this.#nodeBefore = whole
    return { cpu, cpuNanos: whole.cpuNanos, memoryBytes: whole.memoryBytes }
  }
}
