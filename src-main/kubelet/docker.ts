import Docker from 'dockerode'
import { type Clock, sleep } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import { connectToPod } from './docker-connect.ts'
import { containerOptions, limitOptions } from './docker-containers.ts'
import { engineError, ignoring } from './docker-errors.ts'
import { podChanges } from './docker-events.ts'
import { engineInfo } from './docker-info.ts'
import { findImage, pull, pullReference } from './docker-images.ts'
import { type Owner, ownerFilter, podLabels } from './docker-labels.ts'
import { observedContainer, observedPods } from './docker-observe.ts'
import { ensurePauseImage, pauseImage } from './docker-pause.ts'
import { sandboxOptions } from './docker-sandbox.ts'
import { attachTo, containerLogs, execIn } from './docker-streams.ts'
import { containerUsage, machineUsage } from './docker-usage.ts'
import type { ContainerRuntime, ObservedPod } from './runtime.ts'

export interface DockerOptions {
  /** Where the engine listens; DOCKER_HOST or the usual socket when absent. */
  readonly engine?: Docker.DockerOptions
  readonly nodeName: string
  /** Keeps clusters on one engine apart. */
  readonly clusterId: string
  /** Folder with `pause/pause-<architecture>`. */
  readonly resourcesDir: string
  /** The engine's default bridge unless said: joining it takes a third less time than a network with its own DNS. */
  readonly network?: string
  /** 110 unless said, as the kubelet's default. */
  readonly maxPods?: number
  readonly clock: Clock
  readonly log: Logger
}

/** The engine's version, or undefined when none answers within `timeoutMs`. */
export async function dockerVersion(engine?: Docker.DockerOptions, timeoutMs = 3_000): Promise<string | undefined> {
  const late = new AbortController()
  try {
    const answer = new Docker(engine).version().then((version) => version.Version, () => undefined)
    return await Promise.race([answer, sleep(timeoutMs, undefined, late.signal).then(() => undefined)])
  } finally {
    late.abort()
  }
}

/** Runs a node's pods on a Docker engine. Rejects with a sentence when the engine does not answer or cannot serve. */
export async function createDockerRuntime(options: DockerOptions): Promise<ContainerRuntime> {
  const docker = new Docker(options.engine)
  const owner: Owner = { cluster: options.clusterId, node: options.nodeName }
  const network = options.network ?? 'bridge'
  const first = await docker.info().catch((error: unknown) => {
    throw new Error(`the Docker engine does not answer: ${errorMessage(error)}`)
  })
  const arch = engineInfo(first, options.maxPods).architecture
  await ensurePauseImage(docker, options.resourcesDir, arch)
  const stopping = new AbortController()
  const list = async (filter: string[]): Promise<Map<string, ObservedPod>> =>
    observedPods(await docker.listContainers({ all: true, filters: { label: [...ownerFilter(owner), ...filter] } }))

  return {
    simulated: false,
    name: 'docker',
    info: async () => engineInfo(await docker.info().catch(engineError), options.maxPods),
    list: () => list([]).catch(engineError),
    async observe(uid) {
      const pod = (await list([`${podLabels.uid}=${uid}`]).catch(engineError)).get(uid)
      if (!pod) return undefined
      const containers = await Promise.all(pod.containers.map((c) =>
        docker.getContainer(c.id).inspect().then((found) => [observedContainer(c, found)], ignoring(404, []))))
      return { ...pod, containers: containers.flat() }
    },
    subscribe: (changed) => podChanges(docker, owner, changed, { clock: options.clock, log: options.log, signal: stopping.signal }),
    async createSandbox(spec) {
      const create = () => docker.createContainer(sandboxOptions(spec, owner, network, pauseImage))
      const made = await create().catch(async (error: { statusCode?: number }) => {
        if (error.statusCode !== 404) throw error
        // somebody cleaned up images
        await ensurePauseImage(docker, options.resourcesDir, arch)
        return create()
      }).catch(engineError)
      return made.id
    },
    async startSandbox(id) {
      const sandbox = docker.getContainer(id)
      await sandbox.start().catch(engineError)
      const found = await sandbox.inspect().catch(engineError)
      return Object.values(found.NetworkSettings.Networks)[0]?.IPAddress || undefined
    },
    imageId: (image) => findImage(docker, image).catch(engineError),
    async pullImage(image) {
      await pull(docker, pullReference(image)).catch(engineError)
      return (await findImage(docker, image)) ?? ''
    },
    createContainer: async (spec) => (await docker.createContainer(containerOptions(spec, owner)).catch(engineError)).id,
    startContainer: (id) => docker.getContainer(id).start().then(() => undefined, ignoring(304)).catch(engineError),
    updateContainer: (id, limits) => docker.getContainer(id).update(limitOptions(limits)).then(() => undefined).catch(engineError),
    stop: (id, graceSeconds) =>
      docker.getContainer(id).stop({ t: graceSeconds }).then(() => undefined, ignoring([304, 404])).catch(engineError),
    remove: (id) =>
      docker.getContainer(id).remove({ force: true, v: true }).then(() => undefined, ignoring([404, 409])).catch(engineError),
    logs: (id, wanted) => containerLogs(docker, id, wanted).catch(engineError),
    exec: (id, command, run) => execIn(docker, id, command, run).catch(engineError),
    attach: (id, run) => attachTo(docker, id, run).catch(engineError),
    connect: (pod, port) => connectToPod(docker, pod, port),
    usage: (ids) => containerUsage(docker, first.Name, ids),
    nodeUsage: () => machineUsage(first.Name),
    async close() {
      stopping.abort()
    },
  }
}
