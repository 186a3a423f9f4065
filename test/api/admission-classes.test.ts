import { describe, expect, test } from 'vitest'
import { persistentVolumeClaim, type PersistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import { ingressClass } from '../../src-main/kinds/networking/ingress-class.ts'
import { ingress } from '../../src-main/kinds/networking/ingress.ts'
import type { Ingress } from '../../src-main/kinds/generated/types.ts'
import { runtimeClass } from '../../src-main/kinds/node/runtime-class.ts'
import { priorityClass } from '../../src-main/kinds/scheduling/priority-class.ts'
import { storageClass } from '../../src-main/kinds/storage/storage-class.ts'
import { context, type Fixture, podNamed, refusal, registry } from './registry-fixture.ts'

const created = async ({ verbs }: Fixture, spec: object, name = 'web') =>
  ((await verbs.create(pod, 'default', podNamed(name, structuredClone(spec)), context())).object as Pod).spec!

const why = async (fixture: Fixture, spec: object) => {
  const { code, reason, message } = await refusal(created(fixture, spec))
  expect([code, reason]).toEqual([403, 'Forbidden'])
  return message
}

describe('priorities', () => {
  const classNamed = (name: string, value: number, more: object = {}) => ({ metadata: { name }, value, ...more })

  test('come from the class, the default class, or are 0', async () => {
    const fixture = await registry()
    const { verbs } = fixture
    expect(await created(fixture, {}, 'plain')).toMatchObject({ priority: 0, preemptionPolicy: 'PreemptLowerPriority' })
    expect(await created(fixture, { priorityClassName: 'system-node-critical' }, 'critical')).toMatchObject({ priority: 2000001000 })
    await verbs.create(priorityClass, undefined, classNamed('usual', 10, { globalDefault: true, preemptionPolicy: 'Never' }), context())
    expect(await created(fixture, {}, 'usual')).toMatchObject({ priorityClassName: 'usual', priority: 10, preemptionPolicy: 'Never' })
    const second = verbs.create(priorityClass, undefined, classNamed('other', 20, { globalDefault: true }), context())
    expect((await refusal(second)).message).toBe(
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist',
    )
  })

  test('cannot be made up, and survive an update that leaves them out', async () => {
    const fixture = await registry()
    expect(await why(fixture, { priorityClassName: 'nobody' })).toBe('pods "web" is forbidden: no PriorityClass with name nobody was found')
    expect(await why(fixture, { priority: 7 })).toBe(
      'pods "web" is forbidden: the integer value of priority (7) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name',
    )
    const spec = await created(fixture, {})
    const { priority: _priority, preemptionPolicy: _policy, ...rest } = spec
    const updated = await fixture.verbs.update(pod, { namespace: 'default', name: 'web' }, podNamed('web', rest, { labels: { a: 'b' } }), context())
    expect((updated.object as Pod).spec).toEqual(spec)
  })
})

describe('service accounts', () => {
  test('must be there, but for the one that is about to come', async () => {
    const fixture = await registry()
    expect(await why(fixture, { serviceAccountName: 'robot' })).toBe(
      'pods "web" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
    )
    await fixture.verbs.create(serviceAccount, 'default', { metadata: { name: 'robot' }, imagePullSecrets: [{ name: 'registry' }] }, context())
    expect(await created(fixture, { serviceAccountName: 'robot' }, 'robot')).toMatchObject({ imagePullSecrets: [{ name: 'registry' }] })
    const own = [{ name: 'own' }]
    expect(await created(fixture, { serviceAccountName: 'robot', imagePullSecrets: own }, 'own')).toMatchObject({ imagePullSecrets: own })
    expect(await created(fixture, {}, 'usual')).toMatchObject({ serviceAccountName: 'default' })
  })
})

describe('runtime classes', () => {
  test('add what they take and where they run', async () => {
    const fixture = await registry()
    const toleration = { key: 'sandbox', operator: 'Exists' }
    await fixture.verbs.create(
      runtimeClass,
      undefined,
      { metadata: { name: 'vm' }, handler: 'vm', overhead: { podFixed: { cpu: '250m' } }, scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [toleration] } },
      context(),
    )
    expect(await created(fixture, { runtimeClassName: 'vm', nodeSelector: { disk: 'ssd' } })).toMatchObject({
      overhead: { cpu: '250m' },
      nodeSelector: { disk: 'ssd', vm: 'yes' },
      tolerations: expect.arrayContaining([toleration]) as unknown,
    })
    expect(await why(fixture, { runtimeClassName: 'none' })).toBe('pods "web" is forbidden: pod rejected: RuntimeClass "none" not found')
    expect(await why(fixture, { runtimeClassName: 'vm', nodeSelector: { vm: 'no' } })).toBe(
      'pods "web" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no',
    )
    expect(await why(fixture, { overhead: { cpu: '1' } })).toBe(
      'pods "web" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead',
    )
    expect(await why(fixture, { runtimeClassName: 'vm', overhead: { cpu: '1' } })).toBe(
      "pods \"web\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    )
  })
})

describe('storage classes', () => {
  test('are given to claims that name none: the newest default', async () => {
    const { verbs, clock } = await registry()
    const claim = async (name: string, more: object = {}) => {
      const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more }
      return ((await verbs.create(persistentVolumeClaim, 'default', { metadata: { name }, spec }, context())).object as PersistentVolumeClaim).spec?.storageClassName
    }
    expect(await claim('early')).toBeUndefined()
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
    for (const name of ['new', 'newest']) {
      clock.advance(1000)
      await verbs.create(storageClass, undefined, { metadata: { name, annotations }, provisioner: 'example.com/disk' }, context())
    }
    expect(await claim('usual')).toBe('newest')
    expect(await claim('none', { storageClassName: '' })).toBe('')
    expect(await claim('own', { storageClassName: 'new' })).toBe('new')
  })
})

describe('an Ingress', () => {
  const backend = { spec: { defaultBackend: { service: { name: 's', port: { number: 80 } } } } }

  test('gets the newest default class when it names none', async () => {
    const { verbs, clock } = await registry()
    const classOf = async (name: string, more: { metadata?: object; spec?: object } = {}) =>
      ((await verbs.create(ingress, 'default', { metadata: { name, ...more.metadata }, spec: { ...backend.spec, ...more.spec } }, context())).object as Ingress).spec?.ingressClassName
    const add = (name: string, isDefault: string) =>
      verbs.create(ingressClass, undefined, { metadata: { name, annotations: { 'ingressclass.kubernetes.io/is-default-class': isDefault } }, spec: { controller: 'example.com/none' } }, context())
    await add('other', 'false')
    expect(await classOf('a')).toBeUndefined()
    await add('old', 'true')
    clock.advance(1000)
    await add('b', 'true')
    await add('a', 'true')
    expect(await classOf('b')).toBe('a')
    expect(await classOf('c', { spec: { ingressClassName: 'mine' } })).toBe('mine')
    expect(await classOf('d', { metadata: { annotations: { 'kubernetes.io/ingress.class': 'mine' } } })).toBeUndefined()
  })
})

test('a claim grows once it is bound, when its class lets it', async () => {
  const { verbs } = await registry()
  await verbs.create(storageClass, undefined, { metadata: { name: 'fixed' }, provisioner: 'example.com/none' }, context())
  await verbs.create(storageClass, undefined, { metadata: { name: 'elastic' }, provisioner: 'example.com/none', allowVolumeExpansion: true }, context())
  const sized = (storage: string) => ({ resources: { requests: { storage } } })
  const patch = (name: string, body: object, subresource?: string) => verbs.patch(persistentVolumeClaim, { namespace: 'default', name }, { type: 'merge', body }, context(), subresource)
  for (const name of ['fixed', 'elastic', 'gone']) {
    await verbs.create(persistentVolumeClaim, 'default', { metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: name, volumeName: 'v', ...sized('1Gi') } }, context())
    await patch(name, { status: { phase: 'Bound', capacity: { storage: '1Gi' } } }, 'status')
  }
  const cause = 'is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
  for (const name of ['fixed', 'gone']) expect((await refusal(patch(name, { spec: sized('2Gi') }))).message).toBe(`persistentvolumeclaims "${name}" ${cause}`)
  await patch('elastic', { spec: sized('2Gi') })
  await patch('fixed', { metadata: { labels: { a: 'b' } } })
})
