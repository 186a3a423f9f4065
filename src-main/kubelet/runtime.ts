import type { Duplex, Readable } from 'node:stream'
import type { Container, Pod } from '../kinds/generated/types.ts'

/** A pod's sandbox: what owns its network and its IP. */
export interface ObservedSandbox {
  readonly id: string
  readonly attempt: number
  readonly running: boolean
  /** Absent until it runs, and on the host's network. */
  readonly ip?: string
  readonly createdAt: number
}

/** What an engine enforces for a container. */
export interface ContainerLimits {
  readonly cpuShares: number
  /** Microseconds of CPU in every 100 ms; absent without a bound. */
  readonly cpuQuota?: number
  readonly memoryBytes?: number
}

export interface ObservedContainer {
  readonly id: string
  /** The name in the pod's spec. */
  readonly name: string
  /** 0 at first, one more at every restart. */
  readonly attempt: number
  readonly state: 'created' | 'running' | 'exited'
  /** As the pod's spec named it when the container was made. */
  readonly image: string
  readonly imageId: string
  readonly createdAt: number
  /** Milliseconds since the epoch. */
  readonly startedAt?: number
  readonly finishedAt?: number
  readonly exitCode?: number
  readonly oomKilled?: boolean
  /** What the container wrote to its termination message file, or why it could not start. */
  readonly message?: string
  /** Of one that is there; a list may not say. */
  readonly limits?: ContainerLimits
  /** It was ended to run again at once. */
  readonly runsAgain?: boolean
}

/** All there is of one pod in the runtime, the newest attempt of every container and perhaps older ones. */
export interface ObservedPod {
  readonly uid: string
  readonly namespace: string
  readonly name: string
  readonly sandbox?: ObservedSandbox
  readonly containers: readonly ObservedContainer[]
}

/** The newest attempt of a container. */
export function latest(observed: ObservedPod | undefined, name: string): ObservedContainer | undefined {
  let found: ObservedContainer | undefined
  for (const c of observed?.containers ?? []) if (c.name === name && (!found || c.attempt > found.attempt)) found = c
  return found
}

/** What an engine has and is, for the Node object. */
export interface EngineInfo {
  readonly cpus: number
  readonly memoryBytes: number
  readonly storageBytes?: number
  readonly maxPods: number
  readonly operatingSystem: string
  /** Kubernetes' name: `amd64`, `arm64`. */
  readonly architecture: string
  readonly osImage: string
  readonly kernelVersion: string
  readonly machineId: string
  /** `docker://20.10.24` */
  readonly runtimeVersion: string
  readonly hostIp: string
}

export interface SandboxSpec {
  readonly pod: Pod
  readonly attempt: number
  readonly hostname: string
  /** Absent leaves the engine's own resolv.conf. */
  readonly dns?: DnsConfig
}

export interface DnsConfig {
  readonly nameservers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

export interface Mount {
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  readonly propagation?: 'rprivate' | 'rslave' | 'rshared'
}

export interface ContainerSpec {
  readonly pod: Pod
  readonly container: Container
  readonly attempt: number
  readonly sandboxId: string
  /** The container whose processes this one is to see, where it asks for that. */
  readonly targetId?: string
  readonly env: ReadonlyArray<{ readonly name: string; readonly value: string }>
  /** `$(NAME)` already expanded; absent leaves the image's. */
  readonly command?: readonly string[]
  readonly args?: readonly string[]
  readonly mounts: readonly Mount[]
}

/** Cumulative CPU and the working set, as the kubelet's summary has them. */
export interface ContainerUsage {
  readonly containerId: string
  /** Nanoseconds of CPU used since the container started. */
  readonly cpuNanos: number
  readonly memoryBytes: number
  /** With the page cache that could be dropped; the working set when absent. */
  readonly memoryWithCacheBytes?: number
  /** Milliseconds since the epoch when it was read. */
  readonly at: number
}

export interface RunOptions {
  readonly tty: boolean
  readonly stdin: boolean
}

export interface RuntimeSession {
  readonly stdin?: NodeJS.WritableStream & { end(): void }
  readonly stdout: Readable
  readonly stderr?: Readable
  resize(columns: number, rows: number): Promise<void>
  readonly exited: Promise<number>
  close(): void
}

export interface RuntimeLogOptions {
  readonly follow: boolean
  readonly timestamps: boolean
  /** Seconds since the epoch, with fraction. */
  readonly since?: number
  readonly tailLines?: number
}

/**
 * Runs pods: an engine, or a pretence of one. One runtime serves one node and sees only that node's pods. Ids are the
 * runtime's own. Methods reject with an Error whose message a person may read in an Event.
 */
export interface ContainerRuntime {
  /** Pods are only pretended: probes succeed without being asked, and every view says so. */
  readonly simulated: boolean
  /** Prefix of container ids in a pod's status: `docker` in `docker://<id>`. */
  readonly name: string
  info(): Promise<EngineInfo>
  /** Everything of this node, by pod uid. Rejects when the engine does not answer. */
  list(): Promise<ReadonlyMap<string, ObservedPod>>
  /** One pod; undefined when nothing of it is there. */
  observe(uid: string): Promise<ObservedPod | undefined>
  /** Calls back with the uid of a pod in which something happened. Returns how to stop. */
  subscribe(changed: (uid: string) => void): () => void

  /** Its id, as soon as containers can be made for it. */
  createSandbox(spec: SandboxSpec): Promise<string>
  /** The pod's IP; undefined on the host's network. */
  startSandbox(id: string): Promise<string | undefined>
  /** Digest or id of a local image; undefined when it is not there. */
  imageId(image: string): Promise<string | undefined>
  pullImage(image: string): Promise<string>
  createContainer(spec: ContainerSpec): Promise<string>
  startContainer(id: string): Promise<void>
  /** Changes what a running container may use, while it runs. */
  updateContainer(id: string, limits: ContainerLimits): Promise<void>
  /** Asks the container to end and kills it after `graceSeconds`; works on sandboxes too. */
  stop(id: string, graceSeconds: number): Promise<void>
  /** Removes a container or sandbox, running or not; none there is fine. */
  remove(id: string): Promise<void>

  logs(id: string, options: RuntimeLogOptions): Promise<Readable>
  exec(id: string, command: readonly string[], options: RunOptions): Promise<RuntimeSession>
  attach(id: string, options: RunOptions): Promise<RuntimeSession>
  connect(pod: ObservedPod, port: number): Promise<Duplex>
  /** Of running containers. */
  usage(ids: readonly string[]): Promise<ContainerUsage[]>
  /** The whole machine, where that can be told apart from the pods. */
  nodeUsage(): Promise<{ cpuNanos: number; memoryBytes: number; at: number } | undefined>
  close(): Promise<void>
}
