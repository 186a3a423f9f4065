import { expect, test, vi } from 'vitest'
import type { Clock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import type { Client } from '../../src-main/client/client.ts'
import { createRecorder } from '../../src-main/client/event-recorder.ts'
import type { Event } from '../../src-main/kinds/core/event.ts'
import type { KubeObject, ObjectRef } from '../../src-main/kinds/meta.ts'
import { forbidden, notFound, unavailable } from '../../src-main/kinds/status-error.ts'
import { event as eventKind } from '../../src-main/kinds/core/event.ts'

const start = Date.parse('2026-01-02T03:04:05Z')
const pod: KubeObject = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', uid: 'u1' } }

function setUp() {
  let now = start
  const timers: Array<() => void> = []
  const clock: Clock & { advance(ms: number): void } = {
    now: () => now,
    after: (_ms, fn) => (timers.push(fn), () => undefined),
    advance: (ms) => {
      now += ms
      for (const fn of timers.splice(0)) fn()
    },
  }
  const events = new Map<string, Event>()
  const client = {
    create: vi.fn(async (_kind: unknown, event: Event) => (events.set(event.metadata.name!, event), event)),
    patch: vi.fn(async (_kind: unknown, ref: ObjectRef, { body }: { body: object }) => {
      const old = events.get(ref.name)
      if (!old) throw notFound(eventKind, ref.name)
      events.set(ref.name, { ...old, ...body })
    }),
  }
  return { clock, client, recorder: createRecorder(client as unknown as Client, 'kubelet', clock, silent), written: () => [...events.values()], events }
}
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('writes an event beside the object, in the form kubectl describe reads', async () => {
  const { recorder, written } = setUp()
  recorder.event(pod, 'Normal', 'Pulled', 'Container image "busybox" already present on machine')
  await settled()
  expect(written()).toMatchObject([{
    apiVersion: 'v1', kind: 'Event', metadata: { namespace: 'shop', name: expect.stringMatching(/^web\.[0-9a-f]{15,}$/) },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', uid: 'u1' },
    type: 'Normal', reason: 'Pulled', message: 'Container image "busybox" already present on machine', count: 1,
    firstTimestamp: '2026-01-02T03:04:05Z', lastTimestamp: '2026-01-02T03:04:05Z',
    source: { component: 'kubelet' }, reportingComponent: 'kubelet',
  }])
})

test('writes about a cluster-scoped object in the namespace default', async () => {
  const { recorder, written } = setUp()
  recorder.event({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', uid: 'u2' } }, 'Normal', 'NodeReady', 'ready')
  await settled()
  expect(written()[0]?.metadata.namespace).toBe('default')
})

test('counts equal events on one object, also while the first is being written', async () => {
  const { recorder, written, clock } = setUp()
  recorder.event(pod, 'Warning', 'BackOff', 'Back-off restarting failed container')
  recorder.event(pod, 'Warning', 'BackOff', 'Back-off restarting failed container')
  clock.advance(60_000)
  recorder.event(pod, 'Warning', 'BackOff', 'Back-off restarting failed container')
  recorder.event(pod, 'Warning', 'BackOff', 'another message')
  await settled()
  expect(written()).toMatchObject([
    { count: 3, firstTimestamp: '2026-01-02T03:04:05Z', lastTimestamp: '2026-01-02T03:05:05Z' },
    { count: 1, message: 'another message' },
  ])
})

test('writes a new event when the counted one has been deleted', async () => {
  const { recorder, written, events } = setUp()
  recorder.event(pod, 'Normal', 'Started', 'Started container')
  await settled()
  events.clear()
  recorder.event(pod, 'Normal', 'Started', 'Started container')
  await settled()
  expect(written()).toMatchObject([{ count: 1 }])
})

test('lets 25 events about one object through at once, then one per five minutes, others unhindered', async () => {
  const { recorder, written, clock } = setUp()
  for (let i = 0; i < 40; i++) recorder.event(pod, 'Normal', 'Many', `message ${i}`)
  recorder.event({ ...pod, metadata: { ...pod.metadata, name: 'other', uid: 'u3' } }, 'Normal', 'One', 'message')
  await settled()
  expect(written()).toHaveLength(26)
  clock.advance(300_000)
  for (let i = 0; i < 5; i++) recorder.event(pod, 'Normal', 'Late', `message ${i}`)
  await settled()
  expect(written()).toHaveLength(27)
})

test('tries again while the server is away, and gives up at once on an event it forbids', async () => {
  const { recorder, written, client, clock } = setUp()
  client.create.mockRejectedValueOnce(unavailable('starting'))
  recorder.event(pod, 'Normal', 'Kept', 'message')
  await settled()
  expect(written()).toEqual([])
  clock.advance(10_000)
  await settled()
  expect(written()).toMatchObject([{ reason: 'Kept' }])
  client.create.mockRejectedValueOnce(forbidden(eventKind, 'x', 'namespace is being terminated'))
  recorder.event(pod, 'Normal', 'Dropped', 'message')
  recorder.event(pod, 'Normal', 'Next', 'message')
  await settled()
  expect(written().map((e) => e.reason)).toEqual(['Kept', 'Next'])
})
