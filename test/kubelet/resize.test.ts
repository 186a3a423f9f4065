import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { node as nodeKind } from '../../src-main/kinds/core/node.ts'
import { type Pod, pod as podKind } from '../../src-main/kinds/core/pod.ts'
import type { Container, ResourceRequirements } from '../../src-main/kinds/generated/types.ts'
import { conditionOf } from '../../src-main/kinds/meta.ts'
import type { Kubelet } from '../../src-main/kubelet/kubelet.ts'
import { createSimulatedRuntime } from '../../src-main/kubelet/simulated.ts'
import { ready, testCluster, type TestCluster } from './cluster.ts'

let cluster: TestCluster
const kubelets: Kubelet[] = []
const runtimeOf = (cpus = 4) => createSimulatedRuntime({ nodeName: 'sim-1', index: 0, clock: systemClock, pace: 0.05, cpus })
async function start(runtime = runtimeOf()): Promise<Kubelet> {
  const kubelet = await cluster.kubelet('sim-1', runtime)
  kubelets.push(kubelet)
  return kubelet
}

beforeEach(async () => {
  cluster = await testCluster()
})
afterEach(async () => {
  for (const kubelet of kubelets.splice(0)) await kubelet.stop({ removePods: true })
  await cluster.close()
})

const both = (cpu: string, memory: string): ResourceRequirements => ({ requests: { cpu, memory }, limits: { cpu, memory } })
const main = (resources: ResourceRequirements, more: Partial<Container> = {}): Container => ({ name: 'main', image: 'shop:1', resources, ...more })
const resize = (name: string, spec: object) =>
  cluster.client.patch(podKind, { namespace: 'default', name }, { type: 'strategic', body: { spec } }, { subresource: 'resize' })
const resizeMain = (name: string, resources: ResourceRequirements) => resize(name, { containers: [{ name: 'main', resources }] })
const statusOf = ({ status }: Pod, name = 'main') => [...(status?.containerStatuses ?? []), ...(status?.initContainerStatuses ?? [])].find((each) => each.name === name)
const condition = (pod: Pod, type: string) => conditionOf(pod.status?.conditions, type)
const pending = (reason: string) => (pod: Pod) => condition(pod, 'PodResizePending')?.reason === reason
const settled = (cpu: string) => (pod: Pod) =>
  ready(pod) && statusOf(pod)?.resources?.requests?.cpu === cpu && !condition(pod, 'PodResizePending') && !condition(pod, 'PodResizeInProgress')
const eventsOf = (name: string) => cluster.events.filter(({ about, reason }) => about === name && reason.startsWith('Resize'))
const reasonsOf = (name: string) => eventsOf(name).map(({ reason }) => reason)

describe('a resize of a running pod', { timeout: 20_000 }, () => {
  it('gives its containers more and less while they run, and tells so', async () => {
    await start()
    await cluster.pod('web', 'sim-1', { containers: [main(both('100m', '64Mi'))] })
    const before = await cluster.until('web', ready)
    expect(statusOf(before)).toMatchObject({ resources: both('100m', '64Mi'), allocatedResources: { cpu: '100m', memory: '64Mi' } })
    expect(before.status).toMatchObject({ resources: both('100m', '64Mi'), allocatedResources: { cpu: '100m', memory: '64Mi' }, observedGeneration: 1 })
    await resizeMain('web', both('250m', '96Mi'))
    const more = await cluster.until('web', settled('250m'))
    expect(more.status?.observedGeneration).toBe(2)
    expect(statusOf(more)).toMatchObject({
      containerID: statusOf(before)?.containerID, restartCount: 0, resources: both('250m', '96Mi'), allocatedResources: { cpu: '250m', memory: '96Mi' },
    })
    expect(reasonsOf('web')).toEqual(['ResizeStarted', 'ResizeCompleted'])
    expect(eventsOf('web')[1]).toMatchObject({
      type: 'Normal',
      message: 'Pod resize completed: {"containers":[{"name":"main","resources":{"limits":{"cpu":"250m","memory":"96Mi"},"requests":{"cpu":"250m","memory":"96Mi"}}}],"generation":2}',
    })
    await resizeMain('web', both('50m', '96Mi'))
    expect(statusOf(await cluster.until('web', settled('50m')))).toMatchObject({ restartCount: 0, resources: both('50m', '96Mi') })
  })

  it('takes amounts that mean the same to the engine as they are written', async () => {
    await start()
    await cluster.pod('tiny', 'sim-1', { containers: [main({ requests: { cpu: '2m' }, limits: { cpu: '10m' } })] })
    await cluster.until('tiny', ready)
    await resizeMain('tiny', { requests: { cpu: '1m' }, limits: { cpu: '5m' } })
    expect(statusOf(await cluster.until('tiny', settled('1m')))?.resources).toEqual({ requests: { cpu: '1m' }, limits: { cpu: '5m' } })
  })

  it('runs a container again where its policy says so, whatever the pod makes of its end', async () => {
    await start()
    const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }, { resourceName: 'cpu', restartPolicy: 'NotRequired' }]
    const side: Container = { ...main(both('100m', '64Mi')), name: 'side' }
    await cluster.pod('web', 'sim-1', { containers: [main(both('100m', '64Mi'), { resizePolicy }), side] })
    const before = await cluster.until('web', ready)
    await resizeMain('web', both('200m', '64Mi'))
    expect(statusOf(await cluster.until('web', settled('200m')))?.restartCount).toBe(0)
    await resizeMain('web', both('200m', '128Mi'))
    const after = await cluster.until('web', (pod) => settled('200m')(pod) && statusOf(pod)?.resources?.limits?.memory === '128Mi')
    expect(statusOf(after)?.restartCount).toBe(1)
    expect(statusOf(after)?.containerID).not.toBe(statusOf(before)?.containerID)
    expect(statusOf(after, 'side')).toMatchObject({ restartCount: 0, containerID: statusOf(before, 'side')?.containerID })
    expect(cluster.events.filter(({ reason }) => reason === 'Killing').map(({ message }) => message)).toEqual(['Container main resize requires restart'])
  })

  it('reaches sidecars, and what has not started yet', async () => {
    await start()
    const side: Container = { ...main(both('100m', '64Mi')), name: 'side', restartPolicy: 'Always' }
    await cluster.pod('web', 'sim-1', { initContainers: [side], containers: [main(both('100m', '64Mi'))] })
    await cluster.until('web', ready)
    await resize('web', { initContainers: [{ name: 'side', resources: both('150m', '64Mi') }] })
    const after = await cluster.until('web', (pod) => statusOf(pod, 'side')?.resources?.requests?.cpu === '150m' && settled('100m')(pod))
    expect(statusOf(after, 'side')?.restartCount).toBe(0)
    expect(after.status?.resources).toEqual(both('250m', '128Mi'))
  })

  it('gives a pod more as a whole, and with it the containers that have no limit of their own', async () => {
    const runtime = runtimeOf()
    await start(runtime)
    const { metadata } = await cluster.pod('web', 'sim-1', { resources: both('200m', '128Mi'), containers: [main({ requests: { cpu: '50m' } })] })
    await cluster.until('web', ready)
    const limits = async () => (await runtime.observe(metadata.uid ?? ''))?.containers[0]?.limits
    expect(await limits()).toEqual({ cpuShares: 51, cpuQuota: 20_000, memoryBytes: 128 * 2 ** 20 })
    await resize('web', { resources: both('400m', '256Mi') })
    const after = await cluster.until('web', (pod) => pod.status?.resources?.limits?.cpu === '400m' && settled('50m')(pod))
    expect(after.status).toMatchObject({ resources: both('400m', '256Mi'), allocatedResources: { cpu: '400m', memory: '256Mi' } })
    expect(await limits()).toEqual({ cpuShares: 51, cpuQuota: 40_000, memoryBytes: 256 * 2 ** 20 })
    expect(statusOf(after)?.restartCount).toBe(0)
  })

  it('does not take memory that is in use, says so, and goes on once the wish is another', async () => {
    await start()
    await cluster.pod('web', 'sim-1', { containers: [main({ requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } })] })
    await cluster.until('web', ready)
    const memory = (amount: string) => resizeMain('web', { requests: { memory: amount }, limits: { memory: amount } })
    await memory('10Ki')
    const failed = await cluster.until('web', (pod) => condition(pod, 'PodResizeInProgress')?.reason === 'Error')
    expect(condition(failed, 'PodResizeInProgress')).toMatchObject({ status: 'True', observedGeneration: 2 })
    expect(condition(failed, 'PodResizeInProgress')?.message).toMatch(
      /^cannot decrease memory limits: \[attempting to set pod memory limit \(10240\) below current usage \(\d+\), attempting to set container "main" memory limit \(10240\) below current usage \(\d+\)\]$/,
    )
    expect(statusOf(failed)?.resources?.limits).toEqual({ memory: '64Mi' })
    expect(statusOf(failed)?.allocatedResources).toEqual({ cpu: '100m', memory: '10Ki' })
    expect(reasonsOf('web')).toEqual(['ResizeStarted', 'ResizeError'])
    await memory('64Mi')
    expect(statusOf(await cluster.until('web', settled('100m')))?.resources?.limits).toEqual({ memory: '64Mi' })
  })
})

it('what an engine refused is tried again after a while, and not for every wish that has to wait', { timeout: 20_000 }, async () => {
  const runtime = runtimeOf(2)
  const update = vi.spyOn(runtime, 'updateContainer').mockRejectedValue(new Error('the engine is tired'))
  await start(runtime)
  await cluster.pod('big', 'sim-1', { containers: [main({ requests: { cpu: '1500m' } })] })
  await cluster.pod('web', 'sim-1', { containers: [main({ requests: { cpu: '100m' } })] })
  for (const name of ['big', 'web']) await cluster.until(name, ready)
  await resizeMain('web', { requests: { cpu: '200m' } })
  const failed = await cluster.until('web', (pod) => condition(pod, 'PodResizeInProgress')?.reason === 'Error')
  expect(condition(failed, 'PodResizeInProgress')).toMatchObject({ message: 'the engine is tired', observedGeneration: 2 })
  await resizeMain('web', { requests: { cpu: '1' } })
  const waiting = await cluster.until('web', pending('Deferred'))
  expect(condition(waiting, 'PodResizeInProgress')).toMatchObject({ reason: 'Error', observedGeneration: 2 })
  expect(condition(waiting, 'PodResizePending')?.observedGeneration).toBe(3)
  await cluster.pod('other', 'sim-1', { containers: [main({})] })
  await cluster.until('other', ready)
  expect(update).toHaveBeenCalledTimes(1)
  update.mockRestore()
  await resizeMain('web', { requests: { cpu: '300m' } })
  expect(statusOf(await cluster.until('web', settled('300m')))?.restartCount).toBe(0)
})

describe('a node with too little room', { timeout: 20_000 }, () => {
  it('puts a resize off until there is room, those of higher priority first', async () => {
    await start(runtimeOf(2))
    await cluster.pod('big', 'sim-1', { containers: [main({ requests: { cpu: '1200m' } })] })
    await cluster.pod('low', 'sim-1', { containers: [main({ requests: { cpu: '200m' } })] })
    await cluster.pod('high', 'sim-1', { priorityClassName: 'system-node-critical', containers: [main({ requests: { cpu: '200m' } })] })
    for (const name of ['big', 'low', 'high']) await cluster.until(name, ready)
    await resizeMain('low', { requests: { cpu: '1' } })
    const put = await cluster.until('low', pending('Deferred'))
    expect(condition(put, 'PodResizePending')).toMatchObject({
      status: 'True', observedGeneration: 2, message: "Node didn't have enough resource: cpu, requested: 1000, used: 1400, capacity: 2000",
    })
    expect(statusOf(put)).toMatchObject({ resources: { requests: { cpu: '200m' } }, allocatedResources: { cpu: '200m' } })
    expect(put.status?.observedGeneration).toBe(2)
    expect(eventsOf('low')).toMatchObject([{ type: 'Warning', reason: 'ResizeDeferred' }])
    expect(eventsOf('low')[0]?.message).toMatch(/^Pod resize Deferred: \{"containers":.*"generation":2,"error":"Node didn't have enough resource: cpu,/)
    await resizeMain('high', { requests: { cpu: '1100m' } })
    await cluster.until('high', pending('Deferred'))
    await resizeMain('big', { requests: { cpu: '600m' } })
    expect(statusOf(await cluster.until('high', settled('1100m')))?.restartCount).toBe(0)
    expect((await cluster.until('low', pending('Deferred'))).status?.containerStatuses?.[0]?.resources).toEqual({ requests: { cpu: '200m' } })
    await cluster.client.delete(podKind, { namespace: 'default', name: 'big' }, { gracePeriodSeconds: 0 })
    await cluster.client.delete(podKind, { namespace: 'default', name: 'high' }, { gracePeriodSeconds: 0 })
    await cluster.until('low', settled('1'))
    expect(reasonsOf('low').filter((reason) => reason !== 'ResizeDeferred')).toEqual(['ResizeStarted', 'ResizeCompleted'])
  })

  it('refuses what it will never have: at once where its object says so, else in the status', async () => {
    await start(runtimeOf(2))
    await cluster.pod('web', 'sim-1', { containers: [main({ requests: { cpu: '200m' } })] })
    await cluster.until('web', ready)
    const refused = resizeMain('web', { requests: { cpu: '50', memory: '1Ti' } })
    await expect(refused).rejects.toMatchObject({
      code: 403,
      message: 'pods "web" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 50000, allocatable: 2000; memory, requested: 1099511627776, allocatable: 8589934592',
      status: { details: { causes: [{ reason: 'NodeCapacity' }] } },
    })
    await cluster.client.patch(nodeKind, { name: 'sim-1' }, { type: 'merge', body: { status: { allocatable: { cpu: '100' } } } }, { subresource: 'status' })
    await resizeMain('web', { requests: { cpu: '50' } })
    const infeasible = await cluster.until('web', pending('Infeasible'))
    expect(condition(infeasible, 'PodResizePending')?.message).toBe("Node didn't have enough capacity: cpu, requested: 50000, capacity: 2000")
    expect(statusOf(infeasible)?.resources).toEqual({ requests: { cpu: '200m' } })
    expect(reasonsOf('web')).toEqual(['ResizeInfeasible'])
    await resizeMain('web', { requests: { cpu: '200m' } })
    await cluster.until('web', settled('200m'))
    expect(reasonsOf('web')).toEqual(['ResizeInfeasible'])
  })
})

it('a kubelet that starts again knows what was granted before, and judges what came meanwhile', { timeout: 20_000 }, async () => {
  const runtime = runtimeOf(2)
  const first = await start(runtime)
  await cluster.pod('big', 'sim-1', { containers: [main({ requests: { cpu: '1500m' } })] })
  await cluster.pod('web', 'sim-1', { containers: [main({ requests: { cpu: '200m' } })] })
  await cluster.pod('other', 'sim-1', { containers: [main({ requests: { cpu: '100m' } })] })
  for (const name of ['big', 'web', 'other']) await cluster.until(name, ready)
  await resizeMain('web', { requests: { cpu: '1' } })
  const before = await cluster.until('web', pending('Deferred'))
  await first.stop({ removePods: false })
  kubelets.length = 0
  await resizeMain('other', { requests: { cpu: '150m' } })
  await start(runtime)
  const other = await cluster.until('other', settled('150m'))
  expect(statusOf(other)?.restartCount).toBe(0)
  const after = await cluster.until('web', pending('Deferred'))
  expect(statusOf(after)).toMatchObject({ containerID: statusOf(before)?.containerID, resources: { requests: { cpu: '200m' } } })
  await resizeMain('big', { requests: { cpu: '500m' } })
  expect(statusOf(await cluster.until('web', settled('1')))).toMatchObject({ containerID: statusOf(before)?.containerID, restartCount: 0 })
  await expect.poll(() => reasonsOf('web')).toEqual(['ResizeDeferred', 'ResizeDeferred', 'ResizeStarted', 'ResizeCompleted'])
})
