import { existsSync } from 'node:fs'
import Docker from 'dockerode'

/** This machine's place on the network that the containers are on. */
export interface PodNetwork {
  readonly interface: string
  /** Of this machine. */
  readonly address: string
  /** `172.17.0.0/16` */
  readonly cidr: string
}

interface Network {
  readonly IPAM?: { readonly Config?: ReadonlyArray<{ readonly Subnet?: string; readonly Gateway?: string }> }
  readonly Options?: Readonly<Record<string, string>>
}

/**
 * A bridge network of the engine as this machine has it; undefined when the engine is elsewhere or the network is gone.
 * A bridge without containers is down, and Node's list of interfaces leaves it out: so the engine and the kernel are asked.
 */
export async function podNetwork(engine?: Docker.DockerOptions, name = 'bridge'): Promise<PodNetwork | undefined> {
  const network = (await new Docker(engine).getNetwork(name).inspect().catch(() => undefined)) as Network | undefined
  const bridge = network?.Options?.['com.docker.network.bridge.name']
  const config = network?.IPAM?.Config?.find(({ Subnet }) => Subnet?.includes('.'))
  if (!bridge || !config?.Subnet || !existsSync(`/sys/class/net/${bridge}`)) return undefined
  // an engine that never restarted does not tell the gateway of its default bridge: it is the first address
  return { interface: bridge, address: config.Gateway ?? config.Subnet.replace(/\.\d+\/\d+$/, '.1'), cidr: config.Subnet }
}
