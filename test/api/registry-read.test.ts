import { describe, expect, test } from 'vitest'
import { parseFieldSelector } from '../../src-main/base/selector.ts'
import { parseSelector } from '../../src-main/kinds/selector-text.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { job } from '../../src-main/kinds/batch/job.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { type NodeMetrics, nodeMetrics } from '../../src-main/kinds/metrics.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { ipAddress } from '../../src-main/kinds/networking/ip-address.ts'
import { clusterRole } from '../../src-main/kinds/rbac/cluster-role.ts'
import { serviceTraffic } from '../../src-main/kinds/traffic.ts'
import type { Listed } from '../../src-main/api/verbs.ts'
import type { Revision } from '../../src-main/store/store.ts'
import { configMapNamed, context, type Fixture, listener, podNamed, refusal, registry } from './registry-fixture.ts'

const names = (listed: Listed) => listed.items.map(({ object }) => object.metadata.name)

async function withConfigMaps(...wanted: string[]): Promise<Fixture> {
  const fixture = await registry()
  for (const name of wanted)
    await fixture.verbs.create(configMap, 'default', configMapNamed(name, { labels: { name } }), context())
  return fixture
}

describe('list', () => {
  test('goes on from a page in the same snapshot, whatever happens in between', async () => {
    const { verbs } = await withConfigMaps('a', 'b', 'c', 'd', 'e')
    const first = await verbs.list(configMap, { namespace: 'default', limit: 2 })
    expect(names(first)).toEqual(['a', 'b'])
    expect(first.remainingItemCount).toBe(3)
    await verbs.delete(configMap, { namespace: 'default', name: 'd' }, {}, context())
    await verbs.create(configMap, 'default', configMapNamed('bb'), context())
    const second = await verbs.list(configMap, { namespace: 'default', limit: 2, continue: first.continue! })
    const third = await verbs.list(configMap, { namespace: 'default', limit: 2, continue: second.continue! })
    expect([...names(second), ...names(third)]).toEqual(['c', 'd', 'e'])
    expect(third.continue).toBeUndefined()
    expect([second.resourceVersion, third.resourceVersion]).toEqual([first.resourceVersion, first.resourceVersion])
  })

  test('fills a page with what the selector means, and does not count the rest', async () => {
    const { verbs } = await withConfigMaps('a', 'b', 'c', 'd')
    const labelSelector = parseSelector('name in (b,d)')
    const first = await verbs.list(configMap, { labelSelector, limit: 1 })
    expect(names(first)).toEqual(['b'])
    expect(first.remainingItemCount).toBeUndefined()
    expect(names(await verbs.list(configMap, { labelSelector, limit: 1, continue: first.continue! }))).toEqual(['d'])
  })

  test('answers 410 with a token for the rest when the snapshot is gone, and that token works', async () => {
    const { verbs, store } = await withConfigMaps('a', 'b', 'c')
    const first = await verbs.list(configMap, { namespace: 'default', limit: 1 })
    await verbs.create(configMap, 'default', configMapNamed('bb'), context())
    await store.compact(store.revision)
    const error = await refusal(verbs.list(configMap, { namespace: 'default', continue: first.continue! }))
    expect(error.status).toMatchObject({ code: 410, reason: 'Expired' })
    expect(
      names(await verbs.list(configMap, { namespace: 'default', continue: error.status.metadata.continue! })),
    ).toEqual(['b', 'bb', 'c'])
  })

  test('shows an exact version out of history, and the newest state otherwise', async () => {
    const { verbs, store } = await withConfigMaps('a')
    const resourceVersion = String(store.revision)
    await verbs.create(configMap, 'default', configMapNamed('b'), context())
    expect(names(await verbs.list(configMap, { resourceVersion, resourceVersionMatch: 'Exact' }))).toEqual(['a'])
    expect(names(await verbs.list(configMap, { resourceVersion, resourceVersionMatch: 'NotOlderThan' }))).toEqual([
      'a',
      'b',
    ])
    expect(names(await verbs.list(configMap, { resourceVersion: '0' }))).toEqual(['a', 'b'])
    await store.compact(store.revision)
    const error = await refusal(verbs.list(configMap, { resourceVersion, resourceVersionMatch: 'Exact' }))
    expect(error.status).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: 'The resourceVersion for the provided list is too old.',
    })
  })

  test.each([
    [{ resourceVersionMatch: 'Exact' }, 422, 'resourceVersionMatch is forbidden unless resourceVersion is provided'],
    [{ resourceVersion: 'x' }, 400, 'strconv.ParseUint'],
    [{ resourceVersion: '18446744073709551616' }, 400, 'value out of range'],
    [{ continue: '%%%' }, 400, 'invalid continue token: continue key is not valid: illegal base64 data at input byte 0'],
    [{ continue: 'garbage' }, 400, "invalid continue token: continue key is not valid: invalid character '\\u0081' looking for beginning of value"],
    [{ continue: 'garbage', resourceVersion: '1' }, 400, 'invalid continue token'],
    [{ sendInitialEvents: true, resourceVersionMatch: 'Exact', resourceVersion: '0' }, 422, 'sendInitialEvents is forbidden for list'],
    [
      { fieldSelector: parseFieldSelector('data.key=x') },
      400,
      '"data.key" is not a known field selector: only "metadata.name", "metadata.namespace"',
    ],
  ])('refuses %j', async (request, code, message) => {
    const { verbs } = await registry()
    const error = await refusal(verbs.list(configMap, request))
    expect(error.code).toBe(code)
    expect(error.message).toContain(message)
  })

  test('gives any state that is at hand whole, whatever the limit, and no limit below 1 a meaning', async () => {
    const { verbs } = await withConfigMaps('a', 'b', 'c')
    for (const request of [{ resourceVersion: '0', limit: 1 }, { limit: -1 }, { limit: 0 }]) {
      const { items, continue: more } = await verbs.list(configMap, { namespace: 'default', ...request })
      expect([items.length, more], JSON.stringify(request)).toEqual([3, undefined])
    }
    const first = await verbs.list(configMap, { namespace: 'default', limit: 1 })
    expect(names(await verbs.list(configMap, { namespace: 'default', limit: 1, resourceVersion: '0', continue: first.continue! }))).toEqual(['b', 'c'])
  })

  test('selects by the fields a kind offers', async () => {
    const { verbs } = await registry()
    await verbs.create(pod, 'default', podNamed('here', { nodeName: 'n1' }), context())
    await verbs.create(pod, 'default', podNamed('there', { nodeName: 'n2' }), context())
    expect(names(await verbs.list(pod, { fieldSelector: parseFieldSelector('spec.nodeName=n1') }))).toEqual(['here'])
    expect(names(await verbs.list(pod, { fieldSelector: parseFieldSelector('metadata.name!=here') }))).toEqual([
      'there',
    ])
    const error = await refusal(verbs.list(pod, { fieldSelector: parseFieldSelector('spec.image=x') }))
    expect(error.message).toBe('field label not supported: spec.image')
  })

  test('selects by namespaces where the kind has them, or offers no fields of its own', async () => {
    const { verbs } = await registry()
    await verbs.create(clusterRole, undefined, { metadata: { name: 'r' } }, context())
    const roles = async (selector: string) => names(await verbs.list(clusterRole, { fieldSelector: parseFieldSelector(selector) }))
    expect(await roles('metadata.name=r,metadata.namespace=')).toEqual(['r'])
    expect(await roles('metadata.name=r,metadata.namespace=default')).toEqual([])
    const said = async (kind: AnyKind, field: string) => (await refusal(verbs.list(kind, { fieldSelector: parseFieldSelector(`${field}=`) }))).message
    expect(await said(node, 'metadata.namespace')).toBe('field label not supported: metadata.namespace')
    expect(await said(replicaSet, 'status.replicas')).toBe('"status.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"')
    expect(await said(ipAddress, 'spec.parentRef.name')).toBe('"spec.parentRef.name" is not a known field selector: only "metadata.name", "metadata.namespace"')
    expect(await said(job, 'status.active')).toBe('field label "status.active" not supported for batchv1.Job')
  })
})

describe('watch', () => {
  const label = (value: string) => ({ type: 'merge' as const, body: { metadata: { labels: { name: value } } } })

  test('starts with what is there, then tells every change once', async () => {
    const { verbs } = await withConfigMaps('a', 'b')
    const { seen, tell } = listener()
    const watch = await verbs.watch(configMap, { namespace: 'default' }, tell)
    await verbs.create(configMap, 'default', configMapNamed('c'), context())
    await verbs.patch(configMap, { namespace: 'default', name: 'a' }, label('z'), context())
    await verbs.delete(configMap, { namespace: 'default', name: 'b' }, {}, context())
    watch.close()
    await verbs.create(configMap, 'default', configMapNamed('late'), context())
    expect(seen).toEqual(['ADDED a', 'ADDED b', 'ADDED c', 'MODIFIED a', 'DELETED b'])
  })

  test('replays from a version, and carries the revision of a deletion', async () => {
    const { verbs, store } = await withConfigMaps('a')
    const resourceVersion = String(store.revision)
    await verbs.delete(configMap, { namespace: 'default', name: 'a' }, {}, context())
    const { told, seen, tell } = listener()
    await verbs.watch(configMap, { resourceVersion }, tell)
    expect(seen).toEqual(['DELETED a'])
    expect(told[0]).toMatchObject({ item: { object: { metadata: { resourceVersion: String(store.revision) } } } })
  })

  test('turns entering and leaving the selection into ADDED and DELETED', async () => {
    const { verbs, store } = await withConfigMaps('a', 'b')
    const { told, seen, tell } = listener()
    await verbs.watch(
      configMap,
      { resourceVersion: String(store.revision), labelSelector: parseSelector('name=a') },
      tell,
    )
    const a = { namespace: 'default', name: 'a' }
    const b = { namespace: 'default', name: 'b' }
    await verbs.patch(configMap, b, label('a'), context())
    await verbs.patch(configMap, a, label('x'), context())
    await verbs.patch(configMap, a, label('y'), context())
    await verbs.delete(configMap, a, {}, context())
    expect(seen).toEqual(['ADDED b', 'DELETED a'])
    const left = told[1]!
    if (left.type !== 'DELETED') throw new Error('expected a deletion')
    // as it last was in the selection, at the revision at which it left
    expect(left.item.object.metadata).toMatchObject({
      labels: { name: 'a' },
      resourceVersion: String(store.revision - 2),
    })
    expect(JSON.parse(left.item.bytes.toString())).toEqual(left.item.object)
  })

  test('marks the end of the initial events, and every minute after', async () => {
    const { verbs, store, clock } = await withConfigMaps('a')
    const { told, seen, tell } = listener()
    const watch = await verbs.watch(configMap, { sendInitialEvents: true }, tell)
    expect(seen).toEqual(['ADDED a', 'BOOKMARK'])
    expect(told[1]).toEqual({ type: 'BOOKMARK', resourceVersion: String(store.revision), initialEventsEnd: true })
    await verbs.create(pod, 'default', podNamed('other'), context())
    clock.advance(60_000)
    expect(told[2]).toEqual({ type: 'BOOKMARK', resourceVersion: String(store.revision) })
    watch.close()
    clock.advance(60_000)
    expect(told).toHaveLength(3)
  })

  test('refuses a version that is compacted with 410', async () => {
    const { verbs, store } = await withConfigMaps('a', 'b')
    await store.compact(store.revision)
    const error = await refusal(verbs.watch(configMap, { resourceVersion: '1' }, () => undefined))
    expect(error.status).toMatchObject({
      code: 410,
      reason: 'Expired',
      message: `too old resource version: 1 (${store.compactedRevision})`,
    })
  })

  test('misses and repeats nothing while many write', async () => {
    const { verbs, store } = await registry()
    const { told, tell } = listener()
    const from = store.revision
    await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        await verbs.create(configMap, 'default', configMapNamed(`c${i}`), context())
        if (i === 20) await verbs.watch(configMap, { resourceVersion: String(from) }, tell)
        await verbs.patch(configMap, { namespace: 'default', name: `c${i}` }, label('x'), context())
      }),
    )
    const revisions = told.map((event) =>
      event.type === 'BOOKMARK' ? 0 : Number(event.item.object.metadata.resourceVersion),
    )
    expect(revisions).toEqual(Array.from({ length: 100 }, (_, i) => from + i + 1))
    expect(store.revision).toBe((from + 100) as Revision)
  })
})

describe('kinds that are computed', () => {
  const usage = (name: string): NodeMetrics => ({
    apiVersion: 'metrics.k8s.io/v1beta1',
    kind: 'NodeMetrics',
    metadata: { name },
    timestamp: '',
    window: '10s',
    usage: { cpu: '1m', memory: '1Mi' },
  })

  test('answer get and list, and refuse every other verb', async () => {
    const provider = {
      kind: nodeMetrics,
      get: async (name: string) => (name === 'n1' ? usage(name) : undefined),
      list: async () => [usage('n1')],
    }
    const { verbs } = await registry({ virtual: [provider] })
    expect((await verbs.get(nodeMetrics, { name: 'n1' })).object).toMatchObject({ usage: { cpu: '1m' } })
    expect((await refusal(verbs.get(nodeMetrics, { name: 'n2' }))).message).toBe('nodes.metrics.k8s.io "n2" not found')
    expect(names(await verbs.list(nodeMetrics, {}))).toEqual(['n1'])
    expect(names(await verbs.list(node, {}))).toEqual([])
    expect((await refusal(verbs.watch(nodeMetrics, {}, () => undefined))).code).toBe(405)
    expect((await refusal(verbs.create(nodeMetrics, undefined, usage('x'), context()))).code).toBe(405)
  })

  test('tell their watchers of changes with growing versions', async () => {
    let change: (type: 'MODIFIED', object: KubeObject) => void = () => undefined
    const traffic = (name: string) => ({
      apiVersion: 'traffic.wheelhouse.dev/v1',
      kind: 'ServiceTraffic',
      metadata: { name, namespace: 'default' },
      status: { ports: [] },
    })
    const { verbs } = await registry({
      virtual: [
        {
          kind: serviceTraffic,
          get: async () => undefined,
          list: async () => [traffic('web')],
          subscribe: (fn: typeof change) => ((change = fn), () => undefined),
        },
      ],
    })
    const { told, seen, tell } = listener()
    await verbs.watch(serviceTraffic, {}, tell)
    change('MODIFIED', traffic('web'))
    expect(seen).toEqual(['ADDED web', 'MODIFIED web'])
    const [first, second] = told.map((event) =>
      event.type === 'BOOKMARK' ? 0 : Number(event.item.object.metadata.resourceVersion),
    )
    expect(second).toBeGreaterThan(first!)
  })
})
