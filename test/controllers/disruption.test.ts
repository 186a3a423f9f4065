import { describe, expect, it, onTestFinished } from 'vitest'
import { poddisruptionbudgetController } from '../../src-main/controllers/poddisruptionbudget.ts'
import { expectedOf, planStatus } from '../../src-main/controllers/disruption-plan.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { controllerRef } from '../../src-main/kinds/meta.ts'
import { podDisruptionBudget, type PodDisruptionBudget } from '../../src-main/kinds/policy/pod-disruption-budget.ts'
import { type ControlPlane, startControlPlane } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'

const selector = { matchLabels: { app: 'web' } }

async function plane(): Promise<ControlPlane> {
  const started = await startControlPlane({ controllers: [poddisruptionbudgetController] })
  onTestFinished(() => started.stop())
  return started
}

async function runPod({ client }: ControlPlane, name: string, ready: boolean, ownerReferences: Pod['metadata']['ownerReferences'] = []): Promise<void> {
  const created = await client.create(pod, {
    metadata: { name, namespace: 'default', labels: { app: 'web' }, ownerReferences },
    spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'busybox' }] },
  })
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False' }]
  await client.updateStatus(pod, { ...created, status: { ...created.status, phase: 'Running', conditions } })
}

const guard = ({ client }: ControlPlane, spec: object) =>
  client.create(podDisruptionBudget, { metadata: { name: 'guard', namespace: 'default' }, spec: { selector, ...spec } })

const statusOf = ({ client }: ControlPlane) => client.get(podDisruptionBudget, { namespace: 'default', name: 'guard' }).then(({ status }) => status)

describe('a PodDisruptionBudget', () => {
  it('allows what its pods can spare, and follows them', async () => {
    const cluster = await plane()
    await guard(cluster, { minAvailable: 1 })
    await eventually('nothing to disrupt', async () => (await statusOf(cluster))?.expectedPods === 0)
    for (const name of ['a', 'b']) await runPod(cluster, name, true)
    await runPod(cluster, 'c', false)
    const status = await eventually('one may go', async () => {
      const now = await statusOf(cluster)
      return now?.disruptionsAllowed === 1 && now.expectedPods === 3 && now
    })
    expect(status).toMatchObject({ currentHealthy: 2, desiredHealthy: 1, observedGeneration: 1 })
    expect(status?.conditions).toEqual([expect.objectContaining({ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', observedGeneration: 1 })])
    await cluster.client.createSubresource(pod, { namespace: 'default', name: 'a' }, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } })
    await eventually('the eviction is over', async () => {
      const now = await statusOf(cluster)
      return now?.currentHealthy === 1 && now.disruptionsAllowed === 0 && now.disruptedPods === undefined
    })
    const again = cluster.client.createSubresource(pod, { namespace: 'default', name: 'b' }, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'b' } })
    await expect(again).rejects.toMatchObject({ code: 429 })
    expect(cluster.complaints).toEqual([])
  })

  it('counts against what the owners want, and says when nobody knows that', async () => {
    const cluster = await plane()
    const set = await cluster.client.create(replicaSet, {
      metadata: { name: 'web', namespace: 'default' },
      spec: { replicas: 4, selector, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } } },
    })
    for (const name of ['a', 'b', 'c']) await runPod(cluster, name, true, [controllerRef(replicaSet, set)])
    await guard(cluster, { maxUnavailable: '50%' })
    await eventually('half of four', async () => {
      const now = await statusOf(cluster)
      return now?.expectedPods === 4 && now.desiredHealthy === 2 && now.currentHealthy === 3 && now.disruptionsAllowed === 1
    })
    await runPod(cluster, 'stray', true, [{ apiVersion: 'batch/v1', kind: 'Job', name: 'gone', uid: 'gone', controller: true }])
    const failed = await eventually('nobody knows', async () => {
      const now = await statusOf(cluster)
      return now?.conditions?.[0]?.reason === 'SyncFailed' && now
    })
    expect(failed).toMatchObject({ disruptionsAllowed: 0, conditions: [{ status: 'False', message: 'found no controllers for pod "stray"' }] })
    expect(cluster.events).toContain('CalculateExpectedPodCountFailed: Failed to calculate the number of expected pods: found no controllers for pod "stray"')
  })
})

describe('a plan', () => {
  const budget = (spec: object, status: object = {}): PodDisruptionBudget => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'guard', generation: 1 }, spec: { selector, ...spec }, status })

  it('rounds percentages up, for what must stay and for what may go', () => {
    expect(expectedOf(budget({ minAvailable: '50%' }), 3, 3)).toEqual({ pods: 3, healthy: 2 })
    expect(expectedOf(budget({ maxUnavailable: '30%' }), 3, 4)).toEqual({ pods: 4, healthy: 2 })
    expect(expectedOf(budget({ maxUnavailable: 9 }), 3, 4)).toEqual({ pods: 4, healthy: 0 })
  })

  it('does not count on a pod whose eviction was allowed, until it did not happen for two minutes', () => {
    const at = Date.parse('2026-01-01T00:00:00Z')
    const evicted: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
    const waiting = budget({ minAvailable: 1 }, { disruptedPods: { a: '2026-01-01T00:00:00Z', gone: '2026-01-01T00:00:00Z' } })
    const soon = planStatus(waiting, [evicted], { pods: 1, healthy: 1 }, at + 1000)
    expect(soon).toMatchObject({ status: { currentHealthy: 0, disruptedPods: { a: '2026-01-01T00:00:00Z' } }, recheckAt: at + 120_000 })
    expect(soon.status.disruptedPods).not.toHaveProperty('gone')
    const late = planStatus(waiting, [evicted], { pods: 1, healthy: 1 }, at + 120_001)
    expect(late.status).toMatchObject({ currentHealthy: 1 })
    expect(late.notDeleted).toEqual([evicted])
  })
})
