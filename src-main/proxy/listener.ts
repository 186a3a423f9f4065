import { existsSync } from 'node:fs'
import { BlockList, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { Socket } from './rules.ts'

/** A socket of the proxy's own that is open. */
export interface Listener {
  readonly socket: Socket
  /** Closes it and everything that goes through it. */
  close(): Promise<void>
  /** The Service's endpoints have changed. */
  refresh(): void
}

/** Whether a client may come in by a socket. */
export type Admits = (address: string) => boolean

export const everybody: Admits = () => true

/** A network interface of this machine that holds an address. */
export interface Bridge {
  readonly interface: string
  readonly address: string
  /** Only clients on the bridge's own network: the kernel would also take packets for this address from elsewhere. */
  readonly admits: Admits
}

/** This machine's place on the network that pods are on. */
export interface PodNetwork {
  readonly interface: string
  readonly address: string
  readonly cidr: string
}

/** The interface with the address, or undefined while there is none (a Docker network comes and goes with its engine). */
export function bridgeWith(wanted: string | PodNetwork | undefined): Bridge | undefined {
  const found = typeof wanted === 'string' ? interfaceWith(wanted) : wanted
  if (!found || !existsSync(`/sys/class/net/${found.interface}`)) return undefined
  const network = new BlockList()
  network.addSubnet(found.address, Number(found.cidr.split('/')[1]), 'ipv4')
  return { interface: found.interface, address: found.address, admits: (client) => network.check(client) }
}

function interfaceWith(address: string): PodNetwork | undefined {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const held = addresses?.find((info) => info.address === address && !info.internal)
    if (held?.cidr && isIPv4(address)) return { interface: name, address, cidr: held.cidr }
  }
  return undefined
}
