import { join } from 'node:path'
import { hostname } from 'node:os'
import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Client } from '../client/client.ts'
import { createRecorder } from '../client/event-recorder.ts'
import type { Informers } from '../client/informer.ts'
import type { LocalUser } from '../client/local.ts'
import { pod } from '../kinds/core/pod.ts'
import { createDockerRuntime } from '../kubelet/docker.ts'
import { type Kubelet, startKubelet } from '../kubelet/kubelet.ts'
import type { ContainerRuntime } from '../kubelet/runtime.ts'
import { createSimulatedRuntime } from '../kubelet/simulated.ts'
import { podSource } from '../kubelet/sources.ts'

export interface NodesOptions {
  readonly clientFor: (user: LocalUser) => Client
  readonly informers: Informers
  readonly clusterId: string
  readonly dataDir: string
  readonly resourcesDir: string
  /** Nodes on the Docker engine; 0 without one. */
  readonly docker: number
  readonly simulated: number
  readonly clusterDns?: string
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

const clusterDomain = 'cluster.local'

/** The first Docker node carries the machine's name; more of them, and simulated ones, are numbered. */
export function nodeNames(docker: number, simulated: number, machine = hostname()): { docker: string[]; simulated: string[] } {
  const base = machine.toLowerCase().replaceAll(/[^a-z0-9.-]/g, '-').replaceAll(/^[-.]+|[-.]+$/g, '') || 'node'
  return {
    docker: Array.from({ length: docker }, (_, i) => (i === 0 ? base : `${base}-${i + 1}`)),
    simulated: Array.from({ length: simulated }, (_, i) => `simulated-${i + 1}`),
  }
}

/** Starts every node; `started` gets each one as soon as it runs. Resolves with a sentence for each that could not start. */
export async function startNodes(options: NodesOptions, started: (kubelet: Kubelet) => void): Promise<string[]> {
  const { informers, clock, log } = options
  const names = nodeNames(options.docker, options.simulated)
  const pods = podSource(informers.of(pod))

  async function start(nodeName: string, open: () => Promise<ContainerRuntime>): Promise<string[]> {
    try {
      const client = options.clientFor({ name: `system:node:${nodeName}`, groups: ['system:nodes', 'system:authenticated'] })
      const recorder = createRecorder(client, 'kubelet', clock, log)
      started(await startKubelet({ ...options, nodeName, runtime: await open(), client, informers, pods, recorder, clusterDomain, dataDir: join(options.dataDir, 'nodes', nodeName) }))
      return []
    } catch (error) {
      log.error('node not started', { node: nodeName, error: errorMessage(error) })
      return [`Node ${nodeName} could not start: ${errorMessage(error)}.`]
    }
  }
  const problems = await Promise.all([
    ...names.docker.map((nodeName) => start(nodeName, () => createDockerRuntime({ ...options, nodeName }))),
    ...names.simulated.map((nodeName, index) => start(nodeName, () => Promise.resolve(createSimulatedRuntime({ nodeName, index, clock })))),
  ])
  return problems.flat()
}
