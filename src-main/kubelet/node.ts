import { type Clock, microTimestamp, sleep, timestamp } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import { formatBytes } from '../base/quantity.ts'
import { version } from '../base/version.ts'
import type { Client } from '../client/client.ts'
import type { Recorder } from '../client/recorder.ts'
import { lease as leaseKind, type Lease } from '../kinds/coordination/lease.ts'
import { node as nodeKind, type Node } from '../kinds/core/node.ts'
import type { NodeCondition, NodeStatus } from '../kinds/generated/types.ts'
import { conditionOf, withCondition } from '../kinds/meta.ts'
import { isAlreadyExists, isConflict, isNotFound } from '../kinds/status-error.ts'
import type { EngineInfo } from './runtime.ts'

/** Kubelet's defaults: nodeLeaseDurationSeconds, a quarter of it between renewals, nodeStatusUpdateFrequency, nodeStatusReportFrequency. */
const leaseSeconds = 40
const renewMs = 10_000
const lookMs = 10_000
const reportMs = 300_000
const leaseNamespace = 'kube-node-lease'
/** Between tries, as in kubelet's registerWithAPIServer. */
const firstPauseMs = 100
const longestPauseMs = 7_000

/** What a node can do that not every node can, in the names of Kubernetes' feature gates and their order. */
const declaredFeatures = ['InPlacePodLevelResourcesVerticalScaling', 'InPlacePodVerticalScalingInitContainers'] as const

/** Marks everything that only pretends. */
export const simulatedLabel = 'wheelhouse.dev/simulated'

export interface NodeAgentDependencies {
  readonly nodeName: string
  readonly simulated: boolean
  readonly client: Client
  readonly recorder: Recorder
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

/** A node's memory is told in whole KiB. */
export const allocatableBytes = (memoryBytes: number): number => Math.floor(memoryBytes / 1024) * 1024

/** What the Node object says, from what the engine says. `problem` is a sentence when the engine does not answer. */
export function nodeStatus(before: NodeStatus | undefined, nodeName: string, info: EngineInfo, problem: string | undefined, now: number): NodeStatus {
  const capacity = {
    cpu: String(info.cpus),
    'ephemeral-storage': formatBytes(Math.floor((info.storageBytes ?? 0) / 1024) * 1024),
    memory: formatBytes(allocatableBytes(info.memoryBytes)),
    pods: String(info.maxPods),
  }
  const well = (type: string, reason: string, message: string): NodeCondition => ({ type, status: 'False', reason, message })
  const wanted: NodeCondition[] = [
    well('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    well('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    well('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    problem === undefined
      ? { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' }
      : { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: problem },
  ]
  let conditions: NodeCondition[] = before?.conditions ?? []
  for (const condition of wanted) conditions = withCondition(conditions, { ...condition, lastHeartbeatTime: timestamp(now) }, now)
  return {
    ...before,
    capacity,
    allocatable: capacity,
    addresses: [{ type: 'InternalIP', address: info.hostIp }, { type: 'Hostname', address: nodeName }],
    conditions,
    declaredFeatures: [...declaredFeatures],
    daemonEndpoints: before?.daemonEndpoints ?? { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: info.architecture,
      bootID: '',
      containerRuntimeVersion: info.runtimeVersion,
      kernelVersion: info.kernelVersion,
      kubeProxyVersion: version.gitVersion,
      kubeletVersion: version.gitVersion,
      machineID: info.machineId,
      operatingSystem: info.operatingSystem,
      osImage: info.osImage,
      systemUUID: info.machineId,
    },
  }
}

/** Keeps the Node object and its lease: registers, renews, and tells at once when the engine is lost or back. */
export class NodeAgent {
  readonly #deps: NodeAgentDependencies
  #info: EngineInfo
  #problem: string | undefined
  #lease: Lease | undefined
  #writing: Promise<void> = Promise.resolve()
  /** A lease that could not be made is tried again soon. */
  #isTryingAgain = false

  constructor(info: EngineInfo, deps: NodeAgentDependencies) {
    this.#info = info
    this.#deps = deps
  }

  get info(): EngineInfo {
    return this.#info
  }

  /** Registers, then keeps up the lease and the status until the signal aborts. Resolves also when the node is refused at first: it goes on trying. */
  start(): Promise<void> {
    return new Promise((tried) => {
      void this.#retry(() => this.#report(), tried).then(() => this.#keepUp()).then(tried)
    })
  }

  async #keepUp(): Promise<void> {
    if (this.#deps.signal.aborted) return
    await this.#tell('Starting', 'Starting kubelet.')
    await this.#renew().catch((error: unknown) => this.#complain(error))
    void this.#every(renewMs, () => this.#renew())
    void this.#every(lookMs, () => this.#contradict())
    void this.#every(reportMs, () => this.#report())
  }

  /** While a machine sleeps its nodes are taken for lost, and they are told to be so until somebody says otherwise. */
  async #contradict(): Promise<void> {
    const node = await this.#get().catch((error: unknown) => {
      if (isNotFound(error)) return undefined
      throw error
    })
    const ready = this.#problem === undefined ? 'True' : 'False'
    if (node && conditionOf(node.status?.conditions, 'Ready')?.status !== ready) await this.#report()
  }

  /** The engine stopped answering, for the reason given, or answers again. */
  engine(problem: string | undefined, info = this.#info): void {
    if (problem === this.#problem && info === this.#info) return
    const turned = (problem === undefined) !== (this.#problem === undefined)
    this.#problem = problem
    this.#info = info
    if (!turned) return
    this.#writing = this.#writing.then(() => this.#retry(() => this.#report()))
    const reason = problem === undefined ? 'NodeReady' : 'NodeNotReady'
    void this.#tell(reason, `Node ${this.#deps.nodeName} status is now: ${reason}`)
  }

  async #tell(reason: string, message: string): Promise<void> {
    try {
      this.#deps.recorder.event(await this.#get(), 'Normal', reason, message)
    } catch (error) {
      this.#deps.log.warn('node not read', { error: errorMessage(error) })
    }
  }

  #complain(error: unknown): void {
    this.#deps.log.warn('node not reported', { error: errorMessage(error) })
  }

  #get = (): Promise<Node> => this.#deps.client.get(nodeKind, { name: this.#deps.nodeName })

  async #every(ms: number, act: () => Promise<void>): Promise<void> {
    const { clock, signal } = this.#deps
    for (;;) {
      await sleep(ms, clock, signal)
      if (signal.aborted) return
      await act().catch((error: unknown) => this.#complain(error))
    }
  }

  async #retry(act: () => Promise<void>, failed?: () => void): Promise<void> {
    const { clock, signal } = this.#deps
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        return await act()
      } catch (error) {
        this.#complain(error)
        failed?.()
        await sleep(Math.min(firstPauseMs * 2 ** failures, longestPauseMs), clock, signal)
      }
    }
  }

  async #report(): Promise<void> {
    const { client, nodeName } = this.#deps
    const status = this.#status((await this.#register()).status)
    await client.patch(nodeKind, { name: nodeName }, { type: 'merge', body: { status } }, { subresource: 'status' })
  }

  #status = (before?: NodeStatus): NodeStatus => nodeStatus(before, this.#deps.nodeName, this.#info, this.#problem, this.#deps.clock.now())

  async #register(): Promise<Node> {
    const { client, nodeName, simulated } = this.#deps
    const labels = {
      'kubernetes.io/hostname': nodeName,
      'kubernetes.io/os': this.#info.operatingSystem,
      'kubernetes.io/arch': this.#info.architecture,
      ...(simulated ? { [simulatedLabel]: 'true' } : {}),
    }
    try {
      const node = await this.#get()
      const missing = Object.entries(labels).filter(([key, value]) => node.metadata.labels?.[key] !== value)
      if (missing.length === 0) return node
      return await client.patch(nodeKind, { name: nodeName }, { type: 'merge', body: { metadata: { labels } } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
    try {
      return await client.create(nodeKind, { metadata: { name: nodeName, labels }, spec: {}, status: this.#status() })
    } catch (error) {
      if (!isAlreadyExists(error)) throw error
      return this.#get()
    }
  }

  async #renew(): Promise<void> {
    const { client, nodeName, clock } = this.#deps
    const spec = { holderIdentity: nodeName, leaseDurationSeconds: leaseSeconds, renewTime: microTimestamp(clock.now()) }
    const ref = { namespace: leaseNamespace, name: nodeName }
    try {
      this.#lease ??= await client.get(leaseKind, ref)
      this.#lease = await client.update(leaseKind, { ...this.#lease, spec: { ...this.#lease.spec, ...spec } })
    } catch (error) {
      this.#lease = undefined
      if (isNotFound(error)) this.#lease = await client.create(leaseKind, { metadata: ref, spec }).catch((e: unknown) => this.#noLease(e))
      else if (!isConflict(error)) throw error
    }
  }

  /** The namespace of leases is made by the cluster and may come a moment after the node. */
  #noLease(error: unknown): undefined {
    this.#deps.log.warn('node lease not created', { error: errorMessage(error) })
    if (this.#isTryingAgain) return
    this.#isTryingAgain = true
    this.#deps.clock.after(1_000, () => {
      this.#isTryingAgain = false
      void this.#renew().catch((e: unknown) => this.#deps.log.warn('node lease not renewed', { error: errorMessage(e) }))
    })
  }
}
