import { describe, expect, test } from 'vitest'
import { parseSelector } from '../../src-main/kinds/selector-text.ts'
import { planDeletion } from '../../src-main/api/deletion.ts'
import type { DeleteRequest } from '../../src-main/api/verbs.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { job } from '../../src-main/kinds/batch/job.ts'
import { binding } from '../../src-main/kinds/core/binding.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { replicationController } from '../../src-main/kinds/core/replication-controller.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { configMapNamed, context, listener, podNamed, refusal, registry } from './registry-fixture.ts'

const web = { namespace: 'default', name: 'web' }

describe('delete', () => {
  test('gives a running pod its grace period, which can only become shorter', async () => {
    const { verbs, clock } = await registry()
    await verbs.create(
      pod,
      'default',
      podNamed('web', { nodeName: 'n1', terminationGracePeriodSeconds: 30 }),
      context(),
    )
    const first = await verbs.delete(pod, web, {}, context())
    expect(first.gone).toBe(false)
    expect(first.object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
      generation: 2,
    })
    clock.advance(5_000)
    const longer = await verbs.delete(pod, web, { gracePeriodSeconds: 60 }, context())
    expect(longer.object.metadata.resourceVersion).toBe(first.object.metadata.resourceVersion)
    const shorter = await verbs.delete(pod, web, { gracePeriodSeconds: 10 }, context())
    expect(shorter.object.metadata).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:10Z',
      deletionGracePeriodSeconds: 10,
    })
    const now = await verbs.delete(pod, web, { gracePeriodSeconds: 0 }, context())
    expect(now.gone).toBe(true)
    expect((await refusal(verbs.get(pod, web))).message).toBe('pods "web" not found')
  })

  test.each([
    ['has no node', podNamed('web'), {}],
    ['has succeeded', podNamed('web', { nodeName: 'n1' }), { phase: 'Succeeded' }],
  ])('removes a pod at once that %s', async (_, body, status) => {
    const { verbs } = await registry()
    await verbs.create(pod, 'default', body, context())
    await verbs.patch(pod, web, { type: 'merge', body: { status } }, context(), 'status')
    expect((await verbs.delete(pod, web, { gracePeriodSeconds: 30 }, context())).gone).toBe(true)
  })

  test('keeps an object until its last finalizer is taken away, and lets nobody add one meanwhile', async () => {
    const { verbs } = await registry()
    await verbs.create(configMap, 'default', configMapNamed('web', { finalizers: ['example.com/a'] }), context())
    const { seen, tell } = listener()
    await verbs.watch(configMap, {}, tell)
    expect((await verbs.delete(configMap, web, {}, context())).gone).toBe(false)
    const finalizers = (list: string[]) =>
      verbs.patch(configMap, web, { type: 'merge', body: { metadata: { finalizers: list } } }, context())
    expect((await refusal(finalizers(['example.com/a', 'example.com/b']))).message).toContain(
      'no new finalizers can be added if the object is being deleted',
    )
    await finalizers([])
    expect(seen).toEqual(['ADDED web', 'MODIFIED web', 'DELETED web'])
  })

  test('says of a namespace’s precondition what the namespace storage says', async () => {
    const { verbs } = await registry()
    const { object } = await verbs.create(namespace, undefined, { metadata: { name: 'dev' } }, context())
    const { uid, resourceVersion } = object.metadata
    const message = async (preconditions: object): Promise<string> => (await refusal(verbs.delete(namespace, { name: 'dev' }, { preconditions }, context()))).message
    const head = 'Operation cannot be fulfilled on namespaces "dev": Precondition failed: '
    expect(await message({ uid: 'x', resourceVersion: '1' })).toBe(`${head}UID in precondition: x, UID in object meta: ${uid}`)
    expect(await message({ uid, resourceVersion: '1' })).toBe(`${head}ResourceVersion in precondition: 1, ResourceVersion in object meta: ${resourceVersion}`)
  })

  test('holds preconditions against the object', async () => {
    const { verbs } = await registry()
    const { object } = await verbs.create(configMap, 'default', configMapNamed('web'), context())
    const uid = await refusal(verbs.delete(configMap, web, { preconditions: { uid: 'x' } }, context()))
    expect(uid.message).toBe(
      `Operation cannot be fulfilled on ConfigMap "web": the UID in the precondition (x) does not match the UID in record (${object.metadata.uid}). The object might have been deleted and then recreated`,
    )
    expect(
      (await refusal(verbs.delete(configMap, web, { preconditions: { resourceVersion: '1' } }, context()))).code,
    ).toBe(409)
    const { uid: right, resourceVersion } = object.metadata
    expect(
      (
        await verbs.delete(
          configMap,
          web,
          { preconditions: { uid: right!, resourceVersion: resourceVersion! } },
          context(),
        )
      ).gone,
    ).toBe(true)
  })

  test.each([
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ])('with %s waits for the garbage collector by its finalizer', async (propagationPolicy, finalizers) => {
    const { verbs } = await registry()
    await verbs.create(configMap, 'default', configMapNamed('web'), context())
    const { gone, object } = await verbs.delete(configMap, web, { propagationPolicy }, context())
    expect(gone).toBe(false)
    expect(object.metadata).toMatchObject({
      finalizers,
      deletionGracePeriodSeconds: 0,
      deletionTimestamp: '2026-01-01T00:00:00Z',
    })
    expect((await verbs.delete(configMap, web, { propagationPolicy: 'Background' }, context())).gone).toBe(true)
  })

  test('refuses an unknown policy', async () => {
    const { verbs } = await registry()
    const error = await refusal(verbs.delete(configMap, web, { propagationPolicy: 'Sideways' }, context()))
    expect(error.message).toBe(
      'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
    )
  })

  test('of a collection takes what the selector means', async () => {
    const { verbs } = await registry()
    for (const name of ['a', 'b', 'c'])
      await verbs.create(
        configMap,
        'default',
        configMapNamed(name, { labels: { keep: String(name === 'b') } }),
        context(),
      )
    const deleted = await verbs.deleteCollection(
      configMap,
      { namespace: 'default', labelSelector: parseSelector('keep=false') },
      {},
      context(),
    )
    expect(deleted.items.map(({ object }) => object.metadata.name)).toEqual(['a', 'c'])
    expect((await verbs.list(configMap, { namespace: 'default' })).items).toHaveLength(1)
  })

  test('leaves the pods of a ReplicationController and of a Job behind unless it says otherwise, and warns of the latter', async () => {
    const finalizersOf = (kind: AnyKind, request: DeleteRequest, finalizers: string[] = []) => {
      const plan = planDeletion(kind, { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: 'web', finalizers } }, request, 0)
      return plan.act === 'mark' ? plan.object.metadata.finalizers : []
    }
    for (const kind of [replicationController, job]) {
      expect(finalizersOf(kind, {})).toEqual(['orphan'])
      expect(finalizersOf(kind, {}, ['foregroundDeletion'])).toEqual(['foregroundDeletion'])
      expect(finalizersOf(kind, { propagationPolicy: 'Background' })).toEqual([])
      expect(finalizersOf(kind, { orphanDependents: false }, ['orphan'])).toEqual([])
    }
    expect(finalizersOf(deployment, {})).toEqual([])

    const { verbs } = await registry()
    const asked = context()
    await expect(verbs.delete(job, web, {}, asked)).rejects.toThrow('not found')
    await expect(verbs.delete(job, web, { propagationPolicy: 'Background' }, asked)).rejects.toThrow('not found')
    expect(asked.warnings).toEqual([expect.stringMatching(/^child pods are preserved by default when jobs are deleted; set propagationPolicy=Background/)])
  })

  test('changes nothing in a dry run, and does not change the object it plans with', async () => {
    const { verbs, store } = await registry()
    await verbs.create(configMap, 'default', configMapNamed('web'), context())
    const before = store.revision
    expect((await verbs.delete(configMap, web, {}, context({ dryRun: true }))).gone).toBe(true)
    expect(store.revision).toBe(before)
    const frozen = Object.freeze({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: Object.freeze({ name: 'x', generation: 1 }),
      spec: { containers: [], nodeName: 'n' },
    })
    expect(planDeletion(pod, frozen, { gracePeriodSeconds: -5 }, 0)).toMatchObject({
      act: 'mark',
      object: { metadata: { deletionGracePeriodSeconds: 1, generation: 2 } },
    })
    expect(planDeletion(pod, frozen, { gracePeriodSeconds: 9e18 }, 0)).toMatchObject({ object: { metadata: { deletionGracePeriodSeconds: 2147483647 } } })
  })
})

describe('subresources', () => {
  test('scale reads and writes the replicas, and speaks of the selector as text', async () => {
    const { verbs } = await registry()
    const template = {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'main', image: 'busybox' }] },
    }
    await verbs.create(
      deployment,
      'default',
      { metadata: { name: 'web' }, spec: { replicas: 2, selector: { matchLabels: { app: 'web' } }, template } },
      context(),
    )
    await verbs.create(
      replicationController,
      'default',
      { metadata: { name: 'rc' }, spec: { replicas: 1, selector: { app: 'web' }, template } },
      context(),
    )
    const { object: scale } = await verbs.get(deployment, web, undefined, 'scale')
    expect(scale).toMatchObject({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=web' },
    })
    expect((await verbs.get(replicationController, { ...web, name: 'rc' }, '', 'scale')).object).toMatchObject({
      status: { selector: 'app=web' },
    })
    const scaled = await verbs.patch(
      deployment,
      web,
      { type: 'merge', body: { spec: { replicas: 5 } } },
      context(),
      'scale',
    )
    expect(scaled.object).toMatchObject({ kind: 'Scale', spec: { replicas: 5 } })
    expect((await verbs.get(deployment, web)).object).toMatchObject({
      spec: { replicas: 5 },
      metadata: { generation: 2 },
    })
    expect((await refusal(verbs.update(deployment, web, structuredClone(scale), context(), 'scale'))).code).toBe(409)
    const negative = { kind: 'Scale', metadata: { name: 'web' }, spec: { replicas: -1 } }
    expect((await refusal(verbs.update(deployment, web, negative, context(), 'scale'))).message).toBe(
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    )
    expect((await refusal(verbs.get(configMap, web, '', 'scale'))).code).toBe(404)
  })

  test('binding puts a pod on a node once', async () => {
    const { verbs } = await registry()
    await verbs.create(pod, 'default', podNamed('web'), context())
    const body = (node: string) => ({ metadata: { name: 'web' }, target: { kind: 'Node', name: node } })
    await verbs.createSubresource(pod, web, 'binding', body('n1'), context())
    const { object } = await verbs.get(pod, web)
    expect(object).toMatchObject({
      spec: { nodeName: 'n1' },
      status: { conditions: [{ type: 'PodScheduled', status: 'True' }] },
      metadata: { generation: 1 },
    })
    const again = await refusal(verbs.create(binding, 'default', body('n2'), context()))
    expect(again.message).toBe(
      'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "n1"',
    )
    expect(again.code).toBe(409)
    const nowhere = await refusal(
      verbs.createSubresource(pod, web, 'binding', { metadata: { name: 'web' }, target: { kind: 'Node' } }, context()),
    )
    expect(nowhere.message).toBe('target.name: Required value')
    expect(nowhere.code).toBe(500)
    expect((await refusal(verbs.createSubresource(pod, web, 'binding', { metadata: { name: 'web' } }, context()))).message).toBe('target.name: Required value')
  })

  test('eviction deletes the pod as its options say', async () => {
    const { verbs } = await registry()
    await verbs.create(pod, 'default', podNamed('web', { nodeName: 'n1' }), context())
    const eviction = {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'web' },
      deleteOptions: { gracePeriodSeconds: 7 },
    }
    expect(await verbs.createSubresource(pod, web, 'eviction', eviction, context())).toMatchObject({
      kind: 'Status',
      status: 'Success',
    })
    expect(((await verbs.get(pod, web)).object as Pod).metadata.deletionGracePeriodSeconds).toBe(7)
  })
})
