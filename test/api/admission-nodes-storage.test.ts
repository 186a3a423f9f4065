import { expect, test } from 'vitest'
import { node, type Node } from '../../src-main/kinds/core/node.ts'
import { persistentVolume } from '../../src-main/kinds/core/persistent-volume.ts'
import { persistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { volumeAttributesClass } from '../../src-main/kinds/storage/volume-attributes-class.ts'
import { context, registry } from './registry-fixture.ts'

test('a new node takes no pods before it is ready, whoever makes it', async () => {
  const { verbs } = await registry()
  const taints = async (name: string, spec?: object) => ((await verbs.create(node, undefined, { metadata: { name }, ...(spec ? { spec } : {}) }, context())).object as Node).spec?.taints
  const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
  expect(await taints('a')).toEqual([notReady])
  expect(await taints('b', { taints: [{ key: 'dedicated', value: 'db', effect: 'NoExecute' }] })).toEqual([{ key: 'dedicated', value: 'db', effect: 'NoExecute' }, notReady])
  expect(await taints('c', { taints: [notReady] })).toEqual([notReady])
  await verbs.patch(node, { name: 'a' }, { type: 'merge', body: { spec: { taints: null } } }, context())
  expect(((await verbs.get(node, { name: 'a' })).object as Node).spec).not.toHaveProperty('taints')
})

const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const volume = { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/data' } }
const kinds: ReadonlyArray<readonly [AnyKind, object, string]> = [
  [persistentVolumeClaim, { spec: claim }, 'kubernetes.io/pvc-protection'],
  [persistentVolume, { spec: volume }, 'kubernetes.io/pv-protection'],
  [volumeAttributesClass, { driverName: 'csi.example.com', parameters: { iops: '1' } }, 'kubernetes.io/vac-protection'],
]
test.each(kinds.map(([kind, ...rest]) => [kind.kind, kind, ...rest] as const))('a %s is protected from its creation on, besides what else protects it', async (_name, kind, content, finalizer) => {
  const { verbs } = await registry()
  const namespace = kind.namespaced ? 'default' : undefined
  const made = async (name: string, finalizers?: string[]) => (await verbs.create(kind, namespace, { ...content, metadata: { name, ...(finalizers ? { finalizers } : {}) } }, context())).object.metadata.finalizers
  expect(await made('a')).toEqual([finalizer])
  expect(await made('b', ['example.com/own'])).toEqual(['example.com/own', finalizer])
  expect(await made('c', [finalizer])).toEqual([finalizer])
})

test('the phase of a volume says since when it is so', async () => {
  const { verbs, clock } = await registry()
  const status = async (body: object) => ((await verbs.patch(persistentVolume, { name: 'v' }, { type: 'merge', body: { status: body } }, context(), 'status')).object as { status?: object }).status
  expect((await verbs.create(persistentVolume, undefined, { metadata: { name: 'v' }, spec: volume }, context())).object).toMatchObject({ status: { phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' } })
  clock.advance(60_000)
  expect(await status({ message: 'still' })).toMatchObject({ phase: 'Pending', lastPhaseTransitionTime: '2026-01-01T00:00:00Z' })
  expect(await status({ phase: 'Available' })).toMatchObject({ phase: 'Available', lastPhaseTransitionTime: '2026-01-01T00:01:00Z' })
  expect(await status({ phase: 'Bound', lastPhaseTransitionTime: '2025-01-01T00:00:00Z' })).toMatchObject({ lastPhaseTransitionTime: '2025-01-01T00:00:00Z' })
})
