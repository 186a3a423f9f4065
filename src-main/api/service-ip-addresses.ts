import { randomUUID } from 'node:crypto'
import { timestamp } from '../base/clock.ts'
import { type Service, service } from '../kinds/core/service.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { type IPAddress, ipAddress } from '../kinds/networking/ip-address.ts'
import { addressIn } from './admission/address-range.ts'
import { keyFor } from './keys.ts'
import type { WriteTx } from '../store/store.ts'

const managedBy = 'ipaddress.kubernetes.io/managed-by'
const allocator = 'ipallocator.k8s.io'

/** Whether an IPAddress is only what a Service's allocation looks like from outside. */
export const isAllocation = ({ metadata }: Readonly<KubeObject>): boolean => metadata.labels?.[managedBy] === allocator

/**
 * Keeps one IPAddress per ClusterIP, in the commit that changes the Service: `before` and `after` are the Service's states,
 * absent when it is created or gone. Other kinds have none.
 */
export function keepIPAddresses(tx: WriteTx, kind: AnyKind, before: Readonly<KubeObject> | undefined, after: Readonly<KubeObject> | undefined, now: number): void {
  if (kind.kind !== service.kind || kind.group !== service.group) return
  const [old, next] = [addressesOf(before), addressesOf(after)]
  for (const address of old) if (!next.includes(address)) tx.delete(keyFor(ipAddress, { name: address }))
  for (const address of next) {
    const key = keyFor(ipAddress, { name: address })
    if (after && !tx.get(key)) tx.put(key, allocationOf(address, after, now))
  }
}

const addressesOf = (object: Readonly<KubeObject> | undefined): readonly string[] =>
  ((object as Service | undefined)?.spec?.clusterIPs ?? []).filter((address) => addressIn(address) !== undefined)

const allocationOf = (name: string, { metadata }: Readonly<KubeObject>, now: number): IPAddress => ({
  apiVersion: ipAddress.apiVersion,
  kind: ipAddress.kind,
  metadata: {
    name, uid: randomUUID(), creationTimestamp: timestamp(now),
    labels: { 'ipaddress.kubernetes.io/ip-family': 'IPv4', [managedBy]: allocator },
  },
  spec: { parentRef: { resource: service.plural, namespace: metadata.namespace ?? '', name: metadata.name ?? '' } },
})
