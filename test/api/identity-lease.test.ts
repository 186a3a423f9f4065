import { expect, it } from 'vitest'
import { identityOf, isExpired, keepIdentity } from '../../src-main/api/identity-lease.ts'
import { asServer } from '../../src-main/api/server-user.ts'
import { silent } from '../../src-main/base/log.ts'
import { lease, type Lease } from '../../src-main/kinds/coordination/lease.ts'
import { eventually } from '../fixtures/eventually.ts'
import { registry } from './registry-fixture.ts'

const namespace = 'kube-system'
const labels = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' }

it('names the server by its host', () => {
  expect(identityOf('vm')).toBe('apiserver-wlv32tlttr4jl3gtroqexyxapa')
})

it('says every ten seconds that the server lives, and keeps who said so first', async () => {
  const { verbs, clock } = await registry()
  const ref = { namespace, name: identityOf('vm') }
  const read = () => verbs.get(lease, ref).then(({ object }) => object as Lease, () => undefined)
  const handle = keepIdentity(verbs, 'vm', clock, silent)
  const { metadata, spec } = await eventually('the lease', read)
  expect(metadata.labels).toEqual({ ...labels, 'kubernetes.io/hostname': 'vm' })
  expect(spec).toEqual({ holderIdentity: expect.stringMatching(`^${ref.name}_`) as string, leaseDurationSeconds: 3600, renewTime: '2026-01-01T00:00:00.000000Z' })
  await eventually('both timers', () => clock.pending === 2)
  clock.advance(10_000)
  const renewed = await eventually('the renewal', async () => (await read())?.spec?.renewTime !== spec?.renewTime && read())
  expect(renewed.spec).toEqual({ ...spec, renewTime: '2026-01-01T00:00:10.000000Z' })
  await eventually('the timer for the next renewal', () => clock.pending === 2)
  handle.close()
  expect(clock.pending).toBe(0)
})

it('takes away the leases of servers that are gone, and no others', async () => {
  const { verbs, clock } = await registry()
  const at = (renewTime: string) => ({ leaseDurationSeconds: 3600, renewTime })
  await verbs.create(lease, namespace, { metadata: { name: 'gone', labels }, spec: at('2025-12-31T22:59:59.000000Z') }, asServer())
  await verbs.create(lease, namespace, { metadata: { name: 'other' }, spec: at('2025-12-31T22:59:59.000000Z') }, asServer())
  const handle = keepIdentity(verbs, 'vm', clock, silent)
  const names = async () => (await verbs.list(lease, { namespace })).items.map(({ object }) => object.metadata.name).sort()
  await eventually('the collection', async () => (await names()).join() === [identityOf('vm'), 'other'].join())
  handle.close()
})

it('takes a lease without a time for one of nobody', () => {
  expect(isExpired({ metadata: {} } as Lease, 0)).toBe(true)
})
