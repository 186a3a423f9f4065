import { networkInterfaces } from 'node:os'
import Docker from 'dockerode'

interface Network {
  readonly IPAM?: { readonly Config?: ReadonlyArray<{ readonly Gateway?: string }> }
  readonly Options?: Readonly<Record<string, string>>
}

/** This machine's address on a network of the engine; undefined when the engine is elsewhere or its network is gone. */
export async function networkGateway(engine?: Docker.DockerOptions, name = 'bridge'): Promise<string | undefined> {
  const network = (await new Docker(engine).getNetwork(name).inspect().catch(() => undefined)) as Network | undefined
  const addresses = networkInterfaces()
  const named = network?.IPAM?.Config?.find((config) => config.Gateway)?.Gateway
  // the default bridge of an engine that never restarted does not tell its gateway
  const bridge = addresses[network?.Options?.['com.docker.network.bridge.name'] ?? '']?.find((info) => info.family === 'IPv4')?.address
  const gateway = named ?? bridge
  return Object.values(addresses).some((infos) => infos?.some((info) => info.address === gateway)) ? gateway : undefined
}
