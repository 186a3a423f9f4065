import { BlockList } from 'node:net'
import type { Seen } from '../client/informer.ts'
import { conditionOf, withCondition } from '../kinds/meta.ts'
import { type IPAddress, ipAddress as addressKind } from '../kinds/networking/ip-address.ts'
import { type ServiceCIDR, serviceCidr as cidrKind } from '../kinds/networking/service-cidr.ts'
import { again, type Controller, done, type Watch } from './controller.ts'

const finalizer = 'networking.k8s.io/service-cidr-finalizer'
const managedBy = 'ipaddress.kubernetes.io/managed-by'
const allocator = 'ipallocator.k8s.io'
/** Kubernetes' deletionGracePeriod: whoever gives out addresses has to see first that the range is going. */
const goingMs = 10_000

/** Ranges judge each other: one that goes may lean on another. */
const ranges: Watch = {
  kind: cidrKind,
  *keys({ object }: Seen<ServiceCIDR>, informers) {
    yield object.metadata.name ?? ''
    for (const { metadata } of informers.of(cidrKind).list()) if (metadata.name !== object.metadata.name && metadata.deletionTimestamp) yield metadata.name ?? ''
  },
}

const addresses: Watch = {
  kind: addressKind,
  *keys({ type }: Seen<IPAddress>, informers) {
    if (type === 'updated') return
    for (const { metadata } of informers.of(cidrKind).list()) if (metadata.deletionTimestamp) yield metadata.name ?? ''
  },
}

const bitsOf = (cidr: string): number => Number(cidr.split('/')[1])
const familyOf = (text: string): 'ipv4' | 'ipv6' => (text.includes(':') ? 'ipv6' : 'ipv4')

function contains(cidr: string, address: string): boolean {
  if (familyOf(cidr) !== familyOf(address)) return false
  const block = new BlockList()
  block.addSubnet(cidr.split('/')[0] ?? '', bitsOf(cidr), familyOf(cidr))
  return block.check(address, familyOf(address))
}

/** Whether a range can go without leaving a Service's address outside of every other one. */
export function canGo({ metadata, spec }: ServiceCIDR, all: readonly ServiceCIDR[], used: readonly string[]): boolean {
  const others = all.filter((other) => other.metadata.name !== metadata.name && !other.metadata.deletionTimestamp).flatMap((other) => other.spec?.cidrs ?? [])
  return (spec?.cidrs ?? []).every((cidr) => {
    if (others.some((other) => bitsOf(other) <= bitsOf(cidr) && contains(other, cidr.split('/')[0] ?? ''))) return true
    return !used.some((address) => contains(cidr, address) && !others.some((other) => contains(other, address)))
  })
}

/** Says of a ServiceCIDR that it is ready, and keeps it as long as a Service has an address that only it holds. */
export const serviceCidrs: Controller = {
  name: 'service-cidrs-controller',
  watches: [ranges, addresses],
  async reconcile(key, { read, readAll, client, clock }) {
    const range = await read(cidrKind, key)
    if (!range) return done
    const { finalizers = [], deletionTimestamp } = range.metadata
    const say = async (object: ServiceCIDR, status: string, reason: string, message: string): Promise<void> => {
      const old = conditionOf(object.status?.conditions, 'Ready')
      if (old?.status === status && old.message === message) return
      const conditions = withCondition(object.status?.conditions, { type: 'Ready', status, reason, message, lastTransitionTime: '' }, clock.now())
      await client.updateStatus(cidrKind, { ...object, status: { ...object.status, conditions } })
    }
    if (!deletionTimestamp) {
      const kept = finalizers.includes(finalizer) ? range : await client.update(cidrKind, { ...range, metadata: { ...range.metadata, finalizers: [...finalizers, finalizer] } })
      await say(kept, 'True', '', 'Kubernetes Service CIDR is ready')
      return done
    }
    if (!finalizers.includes(finalizer)) return done
    const used = (await readAll(addressKind)).filter(({ metadata }) => metadata.labels?.[managedBy] === allocator).map(({ metadata }) => metadata.name ?? '')
    if (!canGo(range, await readAll(cidrKind), used)) {
      await say(range, 'False', 'Terminating', 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR')
      return done
    }
    const left = Date.parse(deletionTimestamp) + goingMs - clock.now()
    if (left > 0) return again(left)
    await client.update(cidrKind, { ...range, metadata: { ...range.metadata, finalizers: finalizers.filter((each) => each !== finalizer) } })
    return done
  },
}
