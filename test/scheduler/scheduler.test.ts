import { afterEach, describe, expect, it } from 'vitest'
import { exposition } from '../../src-main/api/exposition.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { conditionOf } from '../../src-main/kinds/meta.ts'
import { type ControlPlane, createNode, startControlPlane } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'

let plane: ControlPlane
afterEach(() => plane.stop())

const start = async () => (plane = await startControlPlane({ controllers: [], scheduler: true }))
const create = (name: string, spec: Partial<NonNullable<Pod['spec']>> = {}, cpu = '1') =>
  plane.client.create(pod, {
    metadata: { namespace: 'default', name },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }], ...spec },
  })
const get = (name: string) => plane.client.get(pod, { namespace: 'default', name })
const bound = (name: string) => eventually(`${name} bound`, async () => (await get(name)).spec?.nodeName)

describe('the scheduler on the real API', { timeout: 30_000 }, () => {
  it('says node by node why a pod fits nowhere, and binds it as soon as a node makes room', async () => {
    const { client, verdicts, events } = await start()
    await createNode(client, 'small', { cpu: '500m', memory: '1Gi', pods: '10' })
    await createNode(client, 'closed')
    await client.patch(node, { name: 'closed' }, { type: 'merge', body: { spec: { unschedulable: true } } })
    await eventually('cordon seen', () => plane.informers.of(node).get('closed')?.spec?.unschedulable)
    await create('web')
    const message = '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.'
    await eventually(
      'condition',
      async () => conditionOf((await get('web')).status?.conditions, 'PodScheduled')?.message === message,
    )
    expect(conditionOf((await get('web')).status?.conditions, 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
    })
    expect(events).toContain(`FailedScheduling: ${message}`)
    expect([...(verdicts.verdictsOf('default/web')?.nodes ?? [])]).toEqual([
      ['small', ['Insufficient cpu']],
      ['closed', ['node(s) were unschedulable']],
    ])

    await client.patch(node, { name: 'closed' }, { type: 'merge', body: { spec: { unschedulable: false } } })
    expect(await bound('web')).toBe('closed')
    await eventually('verdict withdrawn', () => verdicts.verdictsOf('default/web') === undefined)
    expect(conditionOf((await get('web')).status?.conditions, 'PodScheduled')?.status).toBe('True')
    expect(events).toContain('Scheduled: Successfully assigned default/web to closed')
  })

  it('never promises the same room twice, and gives what a deleted pod leaves to the next one', async () => {
    const { client } = await start()
    await createNode(client, 'only', { cpu: '3', memory: '8Gi', pods: '110' })
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => create(name)))
    const placed = await eventually('three bound, two refused', async () => {
      const pods = (await client.list(pod)).items
      const refused = pods.filter(
        ({ status }) => conditionOf(status?.conditions, 'PodScheduled')?.reason === 'Unschedulable',
      )
      return refused.length === 2 && pods.filter(({ spec }) => spec?.nodeName)
    })
    expect(placed).toHaveLength(3)
    await client.delete(pod, { namespace: 'default', name: placed[0]?.metadata.name ?? '' }, { gracePeriodSeconds: 0 })
    await eventually(
      'a fourth bound',
      async () => (await client.list(pod)).items.filter(({ spec }) => spec?.nodeName).length === 3,
    )
  })

  it('gives what a resize leaves to the next pod', async () => {
    const { client } = await start()
    await createNode(client, 'only', { cpu: '3', memory: '8Gi', pods: '110' })
    await create('big', {}, '2500m')
    await bound('big')
    await create('next')
    await eventually('refused', async () => conditionOf((await get('next')).status?.conditions, 'PodScheduled')?.reason === 'Unschedulable')
    const containers = [{ name: 'c', resources: { requests: { cpu: '2' } } }]
    await client.patch(pod, { namespace: 'default', name: 'big' }, { type: 'strategic', body: { spec: { containers } } }, { subresource: 'resize' })
    expect(await bound('next')).toBe('only')
  })

  it('counts what became of each attempt, and who waits for what', async () => {
    const { client, scheduling } = await start()
    await createNode(client, 'only', { cpu: '3', memory: '8Gi', pods: '110' })
    await create('gated', { schedulingGates: [{ name: 'example.com/wait' }] })
    await create('ours')
    await bound('ours')
    await create('big', {}, '2500m')
    const text = (): string => exposition(scheduling.families())
    const parked = '\nscheduler_pending_pods{queue="unschedulable"} 1\n'
    await eventually('the big one to wait, and the gated', () => text().includes(parked) && text().includes('{queue="gated"} 1\n'))
    expect(text()).toContain('scheduler_schedule_attempts_total{result="scheduled",profile="default-scheduler"} 1\n')
    expect(text()).toContain('scheduler_schedule_attempts_total{result="unschedulable",profile="default-scheduler"} 1\n')
    expect(text()).toContain('scheduler_scheduling_algorithm_duration_seconds_count 2\n')
    await client.delete(pod, { namespace: 'default', name: 'ours' }, { gracePeriodSeconds: 0 })
    await bound('big')
    await eventually('nobody to wait', () => !text().includes(parked))
    expect(text()).toContain('scheduler_pod_scheduling_attempts_sum 3\n')
    for (const attempts of [1, 2]) expect(text()).toContain(`scheduler_pod_scheduling_sli_duration_seconds_count{attempts="${attempts}"} 1\n`)
  })

  it('leaves the pods of another scheduler alone', async () => {
    const { client } = await start()
    await createNode(client, 'only')
    await create('theirs', { schedulerName: 'someone-else' })
    await create('ours')
    await bound('ours')
    expect((await get('theirs')).spec?.nodeName).toBeUndefined()
  })

  it('spreads a thousand pods evenly over a hundred nodes', async () => {
    const { client } = await start()
    await Promise.all(Array.from({ length: 100 }, (_, i) => createNode(client, `node-${i}`)))
    await Promise.all(Array.from({ length: 1000 }, (_, i) => create(`web-${i}`, {}, '100m')))
    const pods = await eventually(
      'all bound',
      async () => {
        const { items } = await client.list(pod)
        return items.every(({ spec }) => spec?.nodeName) && items
      },
      30_000,
    )
    const perNode = new Map<string, number>()
    for (const { spec } of pods) perNode.set(spec?.nodeName ?? '', (perNode.get(spec?.nodeName ?? '') ?? 0) + 1)
    expect([...perNode.values()].every((count) => count === 10)).toBe(true)
    expect(perNode.size).toBe(100)
  })
})
