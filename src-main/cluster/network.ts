import { defaultServiceCidr } from '../api/admission/address-range.ts'
import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Client } from '../client/client.ts'
import type { Informers } from '../client/informer.ts'
import { type Dns, startDns } from '../dns/server.ts'
import { publishDns } from '../dns/service.ts'
import { systemUpstreams } from '../dns/upstream.ts'
import type { PodNetwork } from '../kubelet/docker-network.ts'
import { iptablesRedirector } from '../proxy/iptables.ts'
import { type Proxy, startProxy } from '../proxy/proxy.ts'
import { noRedirector } from '../proxy/redirector.ts'

export interface NetworkOptions {
  readonly client: Client
  readonly informers: Informers
  readonly clusterId: string
  /** This machine's place on the network of the containers; none without them. */
  readonly podNetwork: PodNetwork | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
}

export interface Network {
  readonly proxy: Proxy
  /** What pods' resolv.conf names; undefined where no ClusterIP can lead to the DNS server. */
  readonly clusterDns: string | undefined
  readonly notices: readonly string[]
  stop(): Promise<void>
}

const dnsIP = '10.96.0.10'

/** Starts the proxy and, where pods can reach it, the DNS server. */
export async function startNetwork(options: NetworkOptions): Promise<Network> {
  const { informers, clock, log, signal, podNetwork } = options
  const linux = process.platform === 'linux'
  const redirector = linux ? iptablesRedirector(options.clusterId) : noRedirector('ClusterIPs need Linux; the proxy\'s own sockets and NodePorts work here.')
  const proxy = await startProxy({ informers, clock, log, signal, redirector, serviceRange: defaultServiceCidr, listenHost: podNetwork })
  const redirects = proxy.redirects
  const dns = redirects.ok && podNetwork ? await startClusterDns(options, podNetwork.address) : undefined
  return {
    proxy,
    clusterDns: dns && dnsIP,
    notices: redirects.ok ? [] : [redirects.reason],
    async stop() {
      await dns?.stop()
      await proxy.stop()
    },
  }
}

async function startClusterDns({ client, informers, clock, log, signal }: NetworkOptions, address: string): Promise<Dns | undefined> {
  try {
    const dns = await startDns({ informers, clock, log, signal, address, port: 0, upstreams: await systemUpstreams() })
    await publishDns(client, { clusterIP: dnsIP, address, port: dns.port })
    return dns
  } catch (error) {
    log.warn('no cluster DNS', { error: errorMessage(error) })
    return undefined
  }
}
