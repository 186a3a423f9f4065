import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { lease } from '../../src-main/kinds/coordination/lease.ts'
import { node as nodeKind } from '../../src-main/kinds/core/node.ts'
import { pod as podKind } from '../../src-main/kinds/core/pod.ts'
import type { Kubelet } from '../../src-main/kubelet/kubelet.ts'
import { simulatedLabel } from '../../src-main/kubelet/node.ts'
import { createSimulatedRuntime } from '../../src-main/kubelet/simulated.ts'
import { podSource } from '../../src-main/kubelet/sources.ts'
import { ready, testCluster, type TestCluster } from './cluster.ts'

let cluster: TestCluster
const kubelets: Kubelet[] = []
const start = async (nodeName: string, index = 0): Promise<Kubelet> => {
  const kubelet = await cluster.kubelet(nodeName, createSimulatedRuntime({ nodeName, index, clock: systemClock, pace: 0.05 }))
  kubelets.push(kubelet)
  return kubelet
}
const containers = [{ name: 'main', image: 'shop:1', resources: { requests: { cpu: '100m', memory: '64Mi' } } }]

beforeEach(async () => {
  cluster = await testCluster()
})
afterEach(async () => {
  for (const kubelet of kubelets.splice(0)) await kubelet.stop({ removePods: true })
  await cluster.close()
})

describe('a simulated node', () => {
  it('registers as simulated, with a lease', async () => {
    await start('sim-1')
    const node = await cluster.client.get(nodeKind, { name: 'sim-1' })
    expect(node.metadata.labels).toMatchObject({ [simulatedLabel]: 'true', 'kubernetes.io/hostname': 'sim-1', 'kubernetes.io/os': 'linux' })
    expect(node.status?.nodeInfo?.containerRuntimeVersion).toMatch(/^simulated:/)
    expect((await cluster.client.get(lease, { namespace: 'kube-node-lease', name: 'sim-1' })).spec?.holderIdentity).toBe('sim-1')
  })

  it('takes a pod through pulling, starting and running, and says so in events', async () => {
    await start('sim-1')
    await cluster.pod('web', 'sim-1', { containers })
    const pod = await cluster.until('web', ready)
    expect(pod.status?.podIP).toMatch(/^10\.244\./)
    expect(cluster.events.filter((e) => e.about === 'web').map((e) => e.reason)).toEqual(['Pulling', 'Pulled', 'Created', 'Started'])
  })

  it('leaves a container alone that started while an older observation was on its way', async () => {
    const runtime = createSimulatedRuntime({ nodeName: 'sim-1', index: 0, clock: systemClock, pace: 0.05 })
    const [observe, start, subscribe] = [runtime.observe.bind(runtime), runtime.startContainer.bind(runtime), runtime.subscribe.bind(runtime)]
    const started = Promise.withResolvers<void>()
    let changed: (uid: string) => void = () => undefined
    vi.spyOn(runtime, 'subscribe').mockImplementation((listener) => subscribe((changed = listener)))
    vi.spyOn(runtime, 'startContainer').mockImplementation(async (id) => {
      for (const uid of (await runtime.list()).keys()) changed(uid)
      await start(id)
      setImmediate(started.resolve)
    })
    let late = 0
    vi.spyOn(runtime, 'observe').mockImplementation(async (uid) => {
      const seen = await observe(uid)
      if (seen?.containers.some((c) => c.state === 'created')) {
        late++
        await started.promise
      }
      return seen
    })
    const remove = vi.spyOn(runtime, 'remove')
    kubelets.push(await cluster.kubelet('sim-1', runtime))
    await cluster.pod('web', 'sim-1', { containers, restartPolicy: 'Never' })
    await cluster.until('web', ready)
    expect(late).toBeGreaterThan(0)
    expect(remove).not.toHaveBeenCalled()
    expect(cluster.events.map((e) => e.reason).filter((reason) => reason === 'Created' || reason === 'Failed')).toEqual(['Created'])
  })

  it('says in logs and refusals that nothing runs', async () => {
    const kubelet = await start('sim-1')
    await cluster.pod('web', 'sim-1', { containers })
    const { metadata } = await cluster.until('web', ready)
    const ref = { namespace: 'default', name: 'web', uid: metadata.uid ?? '' }
    expect(await text(await kubelet.connection.logs(ref, 'main', {}))).toMatch(/simulated/)
    await expect(kubelet.connection.exec(ref, 'main', { command: ['sh'], stdin: false, stdout: true, stderr: true, tty: false })).rejects.toThrow(/simulated/)
    await expect(kubelet.connection.logs(ref, 'other', {})).rejects.toThrow('container other is not valid for pod web')
  })

  it('runs a container to debug with beside the others, and knows its log', async () => {
    const kubelet = await start('sim-1')
    await cluster.pod('web', 'sim-1', { containers })
    await cluster.until('web', ready)
    const body = { spec: { ephemeralContainers: [{ name: 'doctor', image: 'tools:1' }] } }
    await cluster.client.patch(podKind, { namespace: 'default', name: 'web' }, { type: 'strategic', body }, { subresource: 'ephemeralcontainers' })
    const pod = await cluster.until('web', (p) => p.status?.ephemeralContainerStatuses?.[0]?.state?.running !== undefined)
    expect(pod.status?.ephemeralContainerStatuses).toMatchObject([{ name: 'doctor', ready: false, restartCount: 0, imageID: 'simulated://simulated:tools:1' }])
    expect(ready(pod)).toBe(true)
    expect(await text(await kubelet.connection.logs({ namespace: 'default', name: 'web', uid: pod.metadata.uid ?? '' }, 'doctor', {}))).toContain('tools:1')
    expect(cluster.events.slice(-4).map((e) => e.reason)).toEqual(['Pulling', 'Pulled', 'Created', 'Started'])
  })

  it('completes a pod that is meant to end', async () => {
    await start('sim-1')
    await cluster.pod('job', 'sim-1', { containers, restartPolicy: 'Never' })
    expect((await cluster.until('job', (p) => p.status?.phase === 'Succeeded')).status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(0)
  })

  it('deletes its pods, gracefully and by force', async () => {
    await start('sim-1')
    for (const name of ['slow', 'fast']) await cluster.pod(name, 'sim-1', { containers })
    for (const name of ['slow', 'fast']) await cluster.until(name, ready)
    await cluster.client.delete(podKind, { namespace: 'default', name: 'slow' })
    await cluster.client.delete(podKind, { namespace: 'default', name: 'fast' }, { gracePeriodSeconds: 0 })
    await cluster.gone('slow')
    await cluster.gone('fast')
    expect(cluster.events.filter((e) => e.reason === 'Killing').map((e) => e.about).sort()).toEqual(['fast', 'slow'])
  })

  it('gives figures that come from the requests, marked as simulated', async () => {
    const kubelet = await start('sim-1')
    await cluster.pod('web', 'sim-1', { containers })
    await cluster.until('web', ready)
    await expect.poll(() => kubelet.stats().pods[0]?.containers[0]?.memoryBytes ?? 0, { timeout: 12_000 }).toBeGreaterThan(0)
    const usage = kubelet.stats().pods[0]
    expect(usage?.simulated).toBe(true)
    expect(usage?.containers[0]?.memoryBytes).toBeLessThan(64 * 2 ** 20)
  }, 15_000)
})

it('many nodes share one source, and each runs only its own pods', async () => {
  const pods = podSource(cluster.informers.of(podKind))
  for (let i = 0; i < 20; i++) {
    const nodeName = `sim-${i}`
    kubelets.push(await cluster.kubelet(nodeName, createSimulatedRuntime({ nodeName, index: i, clock: systemClock, pace: 0.05 }), { pods }))
  }
  await Promise.all(Array.from({ length: 200 }, (_, i) => cluster.pod(`p${i}`, `sim-${i % 20}`, { containers })))
  const running = await Promise.all(Array.from({ length: 200 }, (_, i) => cluster.until(`p${i}`, ready)))
  expect(new Set(running.map((pod) => pod.status?.podIP)).size).toBe(200)
  for (const [i, kubelet] of kubelets.entries()) {
    const uid = running[i]?.metadata.uid ?? ''
    const ref = { namespace: 'default', name: `p${i}`, uid }
    await expect(kubelet.connection.logs(ref, 'main', {})).resolves.toBeDefined()
    await expect(kubelets[(i + 1) % 20]?.connection.logs(ref, 'main', {})).rejects.toThrow('not found')
  }
})
