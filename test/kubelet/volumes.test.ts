import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { pod as podKind } from '../../src-main/kinds/core/pod.ts'
import type { Container, Volume, VolumeMount } from '../../src-main/kinds/generated/types.ts'
import { createSimulatedRuntime } from '../../src-main/kubelet/simulated.ts'
import { ConfigError } from '../../src-main/kubelet/env.ts'
import { podDir, volumeMounts } from '../../src-main/kubelet/volumes.ts'
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

const containerOf = (mount: Partial<VolumeMount>): Container => ({ name: 'main', volumeMounts: [{ name: 'work', mountPath: '/logs', ...mount }] })

it.each<[string, Partial<VolumeMount>, string]>([
  ['an absolute path', { subPathExpr: '$(NAME)' }, 'error SubPath `/tmp` must not be an absolute path'],
  ['an absolute path as it is written', { subPath: '/tmp' }, 'error SubPath `/tmp` must not be an absolute path'],
  ['a way out', { subPathExpr: 'a/$(UP)' }, "unable to provision SubPath `a/..`: must not contain '..'"],
  ['no value', { subPathExpr: '$(NONE)/$(EMPTY)/$(NAME)' }, 'missing value for EMPTY, NONE'],
])('starts no container whose sub path is %s', async (_what, mount, message) => {
  const dir = await mkdtemp(join(tmpdir(), 'wheelhouse-volume-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const env = new Map([['NAME', '/tmp'], ['UP', '..'], ['EMPTY', '']])
  const mounts = volumeMounts(containerOf(mount), new Map([['work', dir]]), env)
  await expect(mounts).rejects.toThrow(new ConfigError(message))
})
