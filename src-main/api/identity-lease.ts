import { createHash, randomUUID } from 'node:crypto'
import { type Clock, microTimestamp } from '../base/clock.ts'
import { copyJson } from '../base/json.ts'
import type { Logger } from '../base/log.ts'
import { labelSelector } from '../base/selector.ts'
import { lease as leaseKind, type Lease } from '../kinds/coordination/lease.ts'
import { isNotFound } from '../kinds/status-error.ts'
import { orMeanwhile } from './or-meanwhile.ts'
import { repeat } from './repeat.ts'
import { asServer } from './server-user.ts'
import type { Verbs, WatchHandle } from './verbs.ts'

/** IdentityLeaseDurationSeconds, IdentityLeaseRenewIntervalPeriod and IdentityLeaseGCPeriod of controlplane/apiserver. */
const leaseSeconds = 3600
const renewMs = 10_000
const collectMs = 3_600_000

const namespace = 'kube-system'
const labels = { identity: 'apiserver.kubernetes.io/identity', host: 'kubernetes.io/hostname' } as const
const component = 'kube-apiserver'

/** As server.NewConfig of apiserver: two texts with their lengths before them, hashed, and 16 bytes of it as base32. */
export function identityOf(hostname: string): string {
  const hash = createHash('sha256')
  for (const text of [hostname, component]) {
    const bytes = Buffer.from(text)
    hash.update(Buffer.from([bytes.length >> 8, bytes.length & 0xff])).update(bytes)
  }
  return `apiserver-${base32(hash.digest().subarray(0, 16))}`
}

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((five) => 'abcdefghijklmnopqrstuvwxyz234567'[parseInt(five.padEnd(5, '0'), 2)]).join('')
}

/** The lease as it is to be now: who took it first keeps it. */
export function planIdentity(hostname: string, existing: Readonly<Lease> | undefined, now: number): Lease {
  const name = identityOf(hostname)
  const held = existing?.spec ?? { holderIdentity: `${name}_${randomUUID()}`, leaseDurationSeconds: leaseSeconds }
  return {
    ...existing,
    metadata: { name, namespace, ...existing?.metadata, labels: { ...existing?.metadata.labels, [labels.identity]: component, [labels.host]: hostname } },
    spec: { ...held, renewTime: microTimestamp(now) },
  } as Lease
}

/** Whether its server is gone: it says no time, or its time is over. */
export const isExpired = ({ spec: { renewTime, leaseDurationSeconds } = {} }: Readonly<Lease>, now: number): boolean =>
  !renewTime || leaseDurationSeconds === undefined || Date.parse(renewTime) + leaseDurationSeconds * 1000 < now

/** Says by a Lease in kube-system that this server lives, and takes away those of servers that no longer do. */
export function keepIdentity(verbs: Verbs, hostname: string, clock: Clock, log: Logger): WatchHandle {
  return repeat(
    [
      { ms: renewMs, failure: 'identity lease not renewed', act: () => renew(verbs, hostname, clock.now()) },
      { ms: collectMs, failure: 'identity leases not collected', act: () => collect(verbs, clock.now()) },
    ],
    clock,
    log,
  )
}

async function renew(verbs: Verbs, hostname: string, now: number): Promise<void> {
  const ref = { namespace, name: identityOf(hostname) }
  const existing = await verbs.get(leaseKind, ref).then(({ object }) => object as Lease, (error: unknown) => {
    if (isNotFound(error)) return undefined
    throw error
  })
  const wish = copyJson(planIdentity(hostname, existing, now))
  await orMeanwhile(existing ? verbs.update(leaseKind, ref, wish, asServer()) : verbs.create(leaseKind, namespace, wish, asServer()))
}

async function collect(verbs: Verbs, now: number): Promise<void> {
  const { items } = await verbs.list(leaseKind, { namespace, labelSelector: labelSelector({ matchLabels: { [labels.identity]: component } }) })
  const over = items.filter(({ object }) => isExpired(object as Lease, now))
  await Promise.all(over.map(({ object: { metadata: { name = '' } } }) => orMeanwhile(verbs.delete(leaseKind, { namespace, name }, {}, asServer()))))
}
