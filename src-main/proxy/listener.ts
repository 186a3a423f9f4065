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

/** The interface with the address, or undefined while there is none (a Docker network comes and goes with its engine). */
export function bridgeWith(address: string | undefined): Bridge | undefined {
  if (address === undefined) return undefined
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const held = addresses?.find((info) => info.address === address && !info.internal)
    if (!held?.cidr || !isIPv4(address)) continue
    const network = new BlockList()
    network.addSubnet(address, Number(held.cidr.split('/')[1]), 'ipv4')
    return { interface: name, address, admits: (client) => network.check(client) }
  }
  return undefined
}
