import { afterEach, beforeEach, expect, it } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import type { Client } from '../../src-main/client/client.ts'
import { lease } from '../../src-main/kinds/coordination/lease.ts'
import { node as nodeKind } from '../../src-main/kinds/core/node.ts'
import { conditionOf } from '../../src-main/kinds/meta.ts'
import { forbidden, isNotFound } from '../../src-main/kinds/status-error.ts'
import { createSimulatedRuntime } from '../../src-main/kubelet/simulated.ts'
import { eventually } from '../fixtures/eventually.ts'
import { fakeClock } from '../fixtures/fake-clock.ts'
import { testCluster, type TestCluster } from './cluster.ts'

let cluster: TestCluster
const stops: Array<() => Promise<void>> = []
beforeEach(async () => {
  cluster = await testCluster()
})
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  await cluster.close()
})

/** A client whose nodes are refused as long as `refuses` says so. */
const gate = (refuses: () => boolean): Client => ({
  ...cluster.client,
  create: (kind, object) => (kind.kind === 'Node' && refuses() ? Promise.reject(forbidden(nodeKind, 'sim-1', 'admission webhook "nodes.example.com" denied the request')) : cluster.client.create(kind, object)),
})
async function start(client: Client): Promise<void> {
  const kubelet = await cluster.kubelet('sim-1', createSimulatedRuntime({ nodeName: 'sim-1', index: 0, clock: systemClock }), { client })
  stops.push(() => kubelet.stop({ removePods: true }))
}

it('a node that is refused at first tries again until it is let in', async () => {
  let refusals = 0
  let closed = true
  await start(gate(() => closed && ++refusals > 0))
  await eventually('several tries', () => refusals > 1)
  await expect(cluster.client.get(nodeKind, { name: 'sim-1' })).rejects.toSatisfy(isNotFound)
  closed = false
  const node = await eventually('the node', () => cluster.client.get(nodeKind, { name: 'sim-1' }).catch(() => undefined))
  expect(conditionOf(node.status?.conditions, 'Ready')?.status).toBe('True')
  await eventually('its lease', () => cluster.client.get(lease, { namespace: 'kube-node-lease', name: 'sim-1' }).catch(() => undefined))
})

it('a node that is never let in can still be stopped', async () => {
  await start(gate(() => true))
  await expect(Promise.all(stops.splice(0).map((stop) => stop()))).resolves.toHaveLength(1)
})

it('a node says how it is with its first word, so that nobody takes it for an empty one', async () => {
  const created: unknown[] = []
  await start({
    ...cluster.client,
    create: (kind, object) => {
      if (kind.kind === 'Node') created.push(object)
      return cluster.client.create(kind, object)
    },
  })
  expect(created).toMatchObject([{ status: { capacity: { pods: '110' } } }])
})

it('a node that was taken for lost, as while its machine slept, says within seconds that it is there', async () => {
  const clock = fakeClock()
  const kubelet = await cluster.kubelet('sim-1', createSimulatedRuntime({ nodeName: 'sim-1', index: 0, clock }), { clock })
  stops.push(() => kubelet.stop({ removePods: true }))
  const ready = async () => conditionOf((await cluster.client.get(nodeKind, { name: 'sim-1' })).status?.conditions, 'Ready')?.status
  await eventually('the node to be ready', async () => (await ready()) === 'True')
  const lost = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' }]
  await cluster.client.patch(nodeKind, { name: 'sim-1' }, { type: 'merge', body: { status: { conditions: lost } } }, { subresource: 'status' })
  expect(await ready()).toBe('Unknown')
  await eventually('the node to be ready again', async () => {
    clock.advance(1000)
    return (await ready()) === 'True'
  })
  expect(clock.now()).toBeLessThan(Date.parse('2026-01-01T00:04:00Z'))
})
