import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { microTimestamp, timestamp } from '../../src-main/base/clock.ts'
import { controllers } from '../../src-main/controllers/index.ts'
import { surplus } from '../../src-main/controllers/podgc.ts'
import { evictionTime } from '../../src-main/controllers/taint-eviction.ts'
import { lease } from '../../src-main/kinds/coordination/lease.ts'
import { event } from '../../src-main/kinds/core/event.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { conditionOf } from '../../src-main/kinds/meta.ts'
import { isNotFound } from '../../src-main/kinds/status-error.ts'
import { type ControlPlane, createNode, startControlPlane } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'
import { fakeClock, type FakeClock } from '../fixtures/fake-clock.ts'

let clock: FakeClock
let plane: ControlPlane
beforeEach(async () => {
  clock = fakeClock()
  plane = await startControlPlane({ controllers, clock })
})
afterEach(() => plane.stop())

const web = { namespace: 'default', name: 'web' }

async function runPod(): Promise<Pod> {
  const { client } = plane
  const created = await client.create(pod, {
    metadata: web,
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
  })
  const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: timestamp(clock.now()) }]
  return client.updateStatus(pod, {
    ...created,
    status: { ...created.status, phase: 'Running', podIP: '10.244.0.1', conditions },
  })
}

async function renewLease(): Promise<void> {
  const { client } = plane
  const ref = { namespace: 'kube-node-lease', name: 'n1' }
  const spec = { holderIdentity: 'n1', leaseDurationSeconds: 40, renewTime: microTimestamp(clock.now()) }
  const old = (await client.list(lease)).items[0]
  if (old) await client.update(lease, { ...old, spec })
  else await client.create(lease, { metadata: ref, spec })
}

const ready = async () => conditionOf((await plane.client.get(node, { name: 'n1' })).status?.conditions, 'Ready')
const taintKeys = async () =>
  ((await plane.client.get(node, { name: 'n1' })).spec?.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)
const unreachable = ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute']

/** Moves on in steps, as time does, so that everybody reacts in between. */
async function until(what: string, stepMs: number, look: () => Promise<boolean>): Promise<number> {
  const began = clock.now()
  await eventually(what, async () => {
    if (await look()) return true
    clock.advance(stepMs)
    await new Promise((resolve) => setTimeout(resolve, 5))
    return look()
  })
  return clock.now() - began
}

describe('a node that falls silent', { timeout: 30_000 }, () => {
  it('turns Unknown after 40 s, its pods take no traffic, and are deleted when they tolerate it no longer', async () => {
    const { client, events } = plane
    await createNode(client, 'n1')
    await renewLease()
    await runPod()
    expect(await until('Unknown', 1000, async () => (await ready())?.status === 'Unknown')).toBeGreaterThanOrEqual(
      40_000,
    )
    expect(await ready()).toMatchObject({
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
    })
    await eventually('taints', async () => (await taintKeys()).join() === unreachable.join())
    await eventually(
      'pod not ready',
      async () => conditionOf((await client.get(pod, web)).status?.conditions, 'Ready')?.status === 'False',
    )
    expect(events).toContain('NodeNotReady: Node n1 status is now: NodeNotReady')

    const tainted = clock.now()
    await until('eviction', 10_000, async () => (await client.get(pod, web)).metadata.deletionTimestamp !== undefined)
    expect(clock.now() - tainted).toBeGreaterThanOrEqual(300_000 - 1000)
    expect(events).toContain('TaintManagerEviction: Marking for deletion Pod default/web')
  })

  it('is rid of its taints, and keeps its pods, when its kubelet reports in time', async () => {
    const { client, events } = plane
    const created = await createNode(client, 'n1')
    await renewLease()
    await runPod()
    await until('Unknown', 1000, async () => (await taintKeys()).length === 2)
    await renewLease()
    const current = await client.get(node, { name: 'n1' })
    await client.updateStatus(node, {
      ...current,
      status: { ...current.status, conditions: created.status?.conditions },
    })
    await eventually('taints gone', async () => (await taintKeys()).length === 0)
    expect(events).toContain('NodeReady: Node n1 status is now: NodeReady')
    for (let renewal = 0; renewal < 10; renewal++) {
      await renewLease()
      const renewed = microTimestamp(clock.now())
      await eventually(
        'renewal seen',
        () => plane.informers.of(lease).get('kube-node-lease/n1')?.spec?.renewTime === renewed,
      )
      clock.advance(35_000)
    }
    expect((await client.get(pod, web)).metadata.deletionTimestamp).toBeUndefined()
  })
})

describe('a pod whose node is gone', { timeout: 30_000 }, () => {
  it('is removed after 40 s, as nobody else could finish it', async () => {
    const { client } = plane
    await createNode(client, 'n1')
    await runPod()
    let last: Pod | undefined
    plane.informers.of(pod).subscribe(({ type, object }) => {
      if (type === 'deleted') last = object
    })
    await client.delete(node, { name: 'n1' })
    const waited = await until('pod gone', 1000, () => client.get(pod, web).then(() => false, isNotFound))
    expect(waited).toBeGreaterThanOrEqual(40_000)
    expect((await eventually('its last word', () => last)).status).toMatchObject({ phase: 'Failed', conditions: [{ type: 'DisruptionTarget', status: 'True', reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' }, { type: 'Ready' }] })
  })

  it('stays when the node comes back meanwhile', async () => {
    const { client } = plane
    await createNode(client, 'n1')
    await runPod()
    await client.delete(node, { name: 'n1' })
    const deleted = clock.now()
    await until('half of the time', 1000, () => Promise.resolve(clock.now() - deleted > 20_000))
    await createNode(client, 'n1')
    const back = clock.now()
    await until('the end of it', 1000, () => Promise.resolve(clock.now() - back > 39_000))
    expect((await client.get(pod, web)).metadata.deletionTimestamp).toBeUndefined()
  })
})

describe('a pod that was deleted before it had a node', { timeout: 30_000 }, () => {
  it('is removed at once', async () => {
    const { client } = plane
    await client.create(pod, { metadata: { ...web, finalizers: ['example.com/hold'] }, spec: { containers: [{ name: 'c', image: 'i' }] } })
    await client.delete(pod, web)
    const held = await eventually('an end', async () => {
      const found = await client.get(pod, web)
      return found.status?.phase === 'Failed' && found
    })
    expect(held.metadata.deletionGracePeriodSeconds).toBe(0)
    await client.patch(pod, web, { type: 'merge', body: { metadata: { finalizers: null } } })
    await eventually('pod gone', () => client.get(pod, web).then(() => false, isNotFound))
  })
})

describe('a pod that is deleted on a node out of service', { timeout: 30_000 }, () => {
  it('is removed without its kubelet', async () => {
    const { client } = plane
    await createNode(client, 'n1')
    await runPod()
    await client.delete(pod, web)
    await client.patch(node, { name: 'n1' }, { type: 'merge', body: { spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoExecute' }] } } })
    const { metadata } = await client.get(pod, web)
    expect(metadata.deletionTimestamp).toBeDefined()
    await until('pod gone', 1000, () => client.get(pod, web).then(() => false, isNotFound))
  })
})

it('of pods that have ended the oldest go when there are too many', () => {
  const ended = (name: string, second: number, phase = 'Succeeded'): Pod => ({ metadata: { name, creationTimestamp: `2026-01-01T00:00:0${second}Z` }, status: { phase } }) as Pod
  const pods = [ended('c', 3), ended('b', 1), ended('running', 0, 'Running'), ended('a', 1), ended('d', 4, 'Failed')]
  expect(surplus(pods, 2).map(({ metadata }) => metadata.name)).toEqual(['a', 'b'])
  expect(surplus(pods, 4)).toEqual([])
})

describe('an event', { timeout: 30_000 }, () => {
  it('is forgotten an hour after it was last seen', async () => {
    const { client } = plane
    const at = timestamp(clock.now())
    await client.create(event, {
      metadata: { namespace: 'default', name: 'web.1' },
      involvedObject: { kind: 'Pod', ...web },
      reason: 'Started',
      message: 'm',
      type: 'Normal',
      lastTimestamp: at,
    })
    await eventually('event seen', () => plane.informers.of(event).get('default/web.1'))
    expect(
      await until('event gone', 60_000, () =>
        client.get(event, { namespace: 'default', name: 'web.1' }).then(() => false, isNotFound),
      ),
    ).toBeGreaterThanOrEqual(3_600_000)
  })
})

describe('the time a pod has on a tainted node', () => {
  const now = Date.parse('2026-01-01T12:00:00Z')
  const taint = { key: 'k', value: 'v', effect: 'NoExecute' as const, timeAdded: '2026-01-01T11:59:00Z' }
  const tolerating = (...tolerations: NonNullable<NonNullable<Pod['spec']>['tolerations']>): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {},
    spec: { containers: [], tolerations },
  })

  it('ends at once without a toleration, never with an unbounded one, and with the shortest of several', () => {
    expect(evictionTime(tolerating(), [taint], now)).toBe(now)
    expect(evictionTime(tolerating({ key: 'k', operator: 'Exists' }), [taint], now)).toBeUndefined()
    const both = tolerating(
      { key: 'k', value: 'v', tolerationSeconds: 300, effect: 'NoExecute' },
      { operator: 'Exists', tolerationSeconds: 90, effect: 'NoExecute' },
    )
    expect(evictionTime(both, [taint], now)).toBe(now + 30_000)
    expect(evictionTime(tolerating({ key: 'other', operator: 'Exists' }), [taint], now)).toBe(now)
    expect(evictionTime(tolerating(), [], now)).toBeUndefined()
  })
})
