import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { pod as podKind } from '../../src-main/kinds/core/pod.ts'
import type { Volume } from '../../src-main/kinds/generated/types.ts'
import { createSimulatedRuntime } from '../../src-main/kubelet/simulated.ts'
import { podDir } from '../../src-main/kubelet/volumes.ts'
import { eventually } from '../fixtures/eventually.ts'
import { ready, testCluster } from './cluster.ts'

const downwardAPI = { items: ['labels', 'annotations'].map((path) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } })) }

it.each<[string, Omit<Volume, 'name'>]>([
  ['downward API', { downwardAPI }],
  ['projected', { projected: { sources: [{ downwardAPI }] } }],
])('shows in a %s volume what labels and annotations have become', async (_sort, source) => {
  const cluster = await testCluster()
  // its containers are pretended, their files are not
  const runtime = Object.assign(createSimulatedRuntime({ nodeName: 'n1', index: 0, clock: systemClock, pace: 0.05 }), { simulated: false })
  const kubelet = await cluster.kubelet('n1', runtime)
  onTestFinished(async () => {
    await kubelet.stop({ removePods: true })
    await cluster.close()
  })
  await cluster.pod('web', 'n1', { containers: [{ name: 'main', image: 'shop:1', volumeMounts: [{ name: 'own', mountPath: '/own' }] }], volumes: [{ name: 'own', ...source }] })
  const { metadata } = await cluster.until('web', ready)
  const file = (name: string): Promise<string> => readFile(join(podDir(cluster.dataDir, metadata.uid ?? ''), 'volumes', 'own', name), 'utf8')
  expect(await file('labels')).toBe('')
  for (const name of ['labels', 'annotations'] as const) {
    await cluster.client.patch(podKind, { namespace: 'default', name: 'web' }, { type: 'merge', body: { metadata: { [name]: { team: 'blue' } } } })
    await eventually(`the new ${name}`, async () => (await file(name)) === 'team="blue"')
  }
})
