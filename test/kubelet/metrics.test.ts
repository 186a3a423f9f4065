import { expect, it } from 'vitest'
import { metricsOf } from '../../src-main/cluster/providers.ts'
import type { PodMetrics } from '../../src-main/kinds/metrics.ts'

it('readings have the labels of the nodes and pods that were read, and pods use what their containers use', async () => {
  const container = (name: string) => ({ name, cpu: 0.25, memoryBytes: 2048 })
  const stats = () => ({ at: 0, windowMs: 5000, node: { cpu: 1, memoryBytes: 4096 }, pods: [{ name: 'p', namespace: 'ns', uid: 'u', simulated: false, containers: [container('a'), container('b')] }] })
  const labels: Record<string, Record<string, string>> = { 'Node n': { os: 'linux' }, 'Pod ns/p': { app: 'web' } }
  const [nodes, pods] = metricsOf([{ nodeName: 'n', stats }], ({ kind }, { namespace, name }) => labels[`${kind} ${namespace ? `${namespace}/` : ''}${name}`])
  expect(await nodes!.list()).toMatchObject([{ metadata: { name: 'n', labels: { os: 'linux' } } }])
  const [reading] = await pods!.list('ns')
  expect(reading).toMatchObject({ metadata: { name: 'p', labels: { app: 'web' } } })
  expect(pods!.kind.columns?.map(({ name, cell }) => [name, cell(reading as PodMetrics, 0)])).toEqual([['Name', 'p'], ['cpu', '500m'], ['memory', '4Ki'], ['Window', '5s']])
})
