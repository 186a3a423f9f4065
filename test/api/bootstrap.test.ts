import { expect, it, onTestFinished } from 'vitest'
import { keepKubernetesService, keepNamespaces } from '../../src-main/api/bootstrap.ts'
import { type Chore, repeat } from '../../src-main/api/repeat.ts'
import { asServer } from '../../src-main/api/server-user.ts'
import type { Verbs } from '../../src-main/api/verbs.ts'
import { silent } from '../../src-main/base/log.ts'
import { endpoints } from '../../src-main/kinds/core/endpoints.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import type { ObjectRef } from '../../src-main/kinds/meta.ts'
import { eventually } from '../fixtures/eventually.ts'
import { registry } from './registry-fixture.ts'

async function kept(chore: (verbs: Verbs) => Chore) {
  const fixture = await registry()
  const { verbs, clock } = fixture
  const handle = repeat([chore(verbs)], clock, silent)
  onTestFinished(() => handle.close())
  const exists = (kind: AnyKind, ref: ObjectRef) => verbs.get(kind, ref).then(() => true, () => false)
  const resting = () => eventually('the next time', () => clock.pending === 1)
  await resting()
  return { ...fixture, exists, resting }
}

it('puts a namespace of the system back within a minute, for nodes renew their leases in one', async () => {
  const { verbs, store, clock, exists, resting } = await kept(keepNamespaces)
  const ref = { name: 'kube-node-lease' }
  expect(await exists(namespace, ref)).toBe(true)
  await verbs.delete(namespace, ref, {}, asServer())
  await verbs.update(namespace, ref, { metadata: ref, spec: { finalizers: [] } }, asServer(), 'finalize')
  expect(await exists(namespace, ref)).toBe(false)
  clock.advance(60_000)
  await eventually('it', () => exists(namespace, ref))
  await resting()
  const { revision } = store
  clock.advance(60_000)
  await resting()
  expect(store.revision).toBe(revision)
})

it('puts the Service of the API server and its endpoints back within ten seconds, and writes nothing while they are there', async () => {
  const { verbs, store, clock, exists, resting } = await kept((verbs) => keepKubernetesService(verbs, { clusterIP: '10.96.0.1', address: '192.168.1.5', port: 6443 }))
  const ref = { namespace: 'default', name: 'kubernetes' }
  for (const kind of [service, endpoints]) await verbs.delete(kind, ref, {}, asServer())
  clock.advance(10_000)
  await eventually('both', async () => (await exists(service, ref)) && exists(endpoints, ref))
  await resting()
  const { revision } = store
  clock.advance(10_000)
  await resting()
  expect(store.revision).toBe(revision)
})
