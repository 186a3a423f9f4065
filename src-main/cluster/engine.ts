import { podNetwork, type PodNetwork } from '../kubelet/docker-network.ts'
import { dockerVersion } from '../kubelet/docker.ts'

/** What the nodes will run on. */
export interface Engine {
  /** `docker 28.2.2` or `simulated`. */
  readonly name: string
  readonly nodes: number
  readonly simulated: number
  /** This machine's place on the containers' network. */
  readonly podNetwork: PodNetwork | undefined
  readonly notices: readonly string[]
}

export interface EngineWish {
  readonly runtime: 'auto' | 'docker' | 'simulated'
  readonly nodes: number
  readonly simulatedNodes: number
}

const howToGetDocker =
  'To run real containers, install and start Docker (https://docs.docker.com/get-docker/), make sure "docker version" shows a server, and start Wheelhouse again.'

/** Rejects with a sentence when Docker was asked for by name and does not answer. */
export async function findEngine({ runtime, nodes, simulatedNodes }: EngineWish): Promise<Engine> {
  const answering = runtime === 'simulated' ? undefined : await dockerVersion()
  if (answering) return { name: `docker ${answering}`, nodes, simulated: simulatedNodes, podNetwork: await podNetwork(), notices: [] }
  if (runtime === 'docker') throw new Error(`No Docker engine answers. ${howToGetDocker}`)
  const simulated = Math.max(simulatedNodes, 1)
  const pretended = simulated === 1 ? 'this cluster has one simulated node' : `this cluster has ${simulated} simulated nodes`
  const notices = runtime === 'auto' ? [`No Docker engine answers, so ${pretended}: pods are only pretended. ${howToGetDocker}`] : []
  return { name: 'simulated', nodes: 0, simulated, podNetwork: undefined, notices }
}
