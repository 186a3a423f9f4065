import { expect, it, onTestFinished } from 'vitest'
import { resourcequotaController } from '../../src-main/controllers/resourcequota.ts'
import { horizontalPodAutoscaler } from '../../src-main/kinds/autoscaling/horizontal-pod-autoscaler.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { resourceQuota } from '../../src-main/kinds/core/resource-quota.ts'
import { startControlPlane } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'

it('tells what of a quota is used, through creations, changes, ends and deletions', async () => {
  const cluster = await startControlPlane({ controllers: [resourcequotaController] })
  onTestFinished(() => cluster.stop())
  const { client } = cluster
  const hard = { pods: '5', 'requests.cpu': '2', 'limits.memory': '1Gi', configmaps: '3', 'count/deployments.apps': '2', 'count/horizontalpodautoscalers.autoscaling': '2' }
  await client.create(resourceQuota, { metadata: { name: 'q', namespace: 'default' }, spec: { hard } })
  const used = async () => (await client.get(resourceQuota, { namespace: 'default', name: 'q' })).status
  const shows = (wanted: object) => eventually(JSON.stringify(wanted), async () => {
    const status = await used()
    return Object.entries(wanted).every(([name, amount]) => status?.used?.[name] === amount) && status
  })
  const nothing = { pods: '0', 'requests.cpu': '0', 'limits.memory': '0', configmaps: '0', 'count/deployments.apps': '0', 'count/horizontalpodautoscalers.autoscaling': '0' }
  expect(await shows(nothing)).toEqual({ hard, used: nothing })
  for (const name of ['a', 'b']) {
    const resources = { requests: { cpu: '600m' }, limits: { memory: '128Mi' } }
    await client.create(pod, { metadata: { name, namespace: 'default' }, spec: { containers: [{ name: 'main', image: 'busybox', resources }] } })
  }
  await client.create(configMap, { metadata: { name: 'settings', namespace: 'default' } })
  const scaleTargetRef = { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }
  const scaler = { metadata: { name: 'web', namespace: 'default' }, spec: { scaleTargetRef, maxReplicas: 2 } }
  await client.create(horizontalPodAutoscaler, scaler)
  // served in several versions, and one object all the same
  await shows({ pods: '2', 'requests.cpu': '1200m', 'limits.memory': '256Mi', configmaps: '1', 'count/horizontalpodautoscalers.autoscaling': '1' })
  await client.delete(horizontalPodAutoscaler, { namespace: 'default', name: 'web' })
  const ended = await client.get(pod, { namespace: 'default', name: 'a' })
  await client.updateStatus(pod, { ...ended, status: { ...ended.status, phase: 'Failed' } })
  await shows({ pods: '1', 'requests.cpu': '600m' })
  await client.delete(pod, { namespace: 'default', name: 'b' })
  await client.delete(configMap, { namespace: 'default', name: 'settings' })
  await shows(nothing)
  await client.patch(resourceQuota, { namespace: 'default', name: 'q' }, { type: 'merge', body: { spec: { hard: { configmaps: '7' } } } })
  await eventually('the new bound', async () => (await used())?.hard?.['configmaps'] === '7')
  expect(cluster.complaints).toEqual([])
})
