import { describe, expect, test } from 'vitest'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { podDisruptionBudget, type PodDisruptionBudget } from '../../src-main/kinds/policy/pod-disruption-budget.ts'
import { context, podNamed, refusal, registry } from './registry-fixture.ts'

const inDefault = (name: string) => ({ namespace: 'default', name })

/** A budget that the controller has told its status, and running pods, ready or not. */
async function guarded(status: object, spec: object = {}) {
  const fixture = await registry()
  const { verbs } = fixture
  const setStatus = (kind: typeof pod | typeof podDisruptionBudget, name: string, body: object) =>
    verbs.patch(kind, inDefault(name), { type: 'merge', body: { status: body } }, context(), 'status')
  const budget = async (name: string) => {
    await verbs.create(podDisruptionBudget, 'default', { metadata: { name }, spec: { selector: { matchLabels: { app: 'web' } }, minAvailable: 2, ...spec } }, context())
    await setStatus(podDisruptionBudget, name, { observedGeneration: 1, currentHealthy: 3, desiredHealthy: 2, disruptionsAllowed: 1, expectedPods: 3, ...status })
  }
  const run = async (name: string, ready: boolean, phase = 'Running') => {
    await verbs.create(pod, 'default', podNamed(name, { nodeName: 'n1' }, { labels: { app: 'web' } }), context())
    await setStatus(pod, name, { phase, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] })
  }
  const evict = (name: string, more: object = {}, asked = context()) =>
    verbs.createSubresource(pod, inDefault(name), 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name }, ...more }, asked)
  const budgetNow = async () => (await verbs.get(podDisruptionBudget, inDefault('b'))).object as PodDisruptionBudget
  const podNow = async (name: string) => (await verbs.get(pod, inDefault(name))).object as Pod
  await budget('b')
  return { ...fixture, budget, run, evict, budgetNow, podNow }
}

describe('an eviction', () => {
  test('takes from the budget and deletes the pod in one write, then finds nothing left', async () => {
    const { run, evict, budgetNow, podNow } = await guarded({})
    await run('a', true)
    await run('b', true)
    expect(await evict('a')).toMatchObject({ kind: 'Status', status: 'Success', code: 201 })
    expect((await budgetNow()).status).toMatchObject({
      disruptionsAllowed: 0,
      disruptedPods: { a: '2026-01-01T00:00:00Z' },
      conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
    })
    const evicted = await podNow('a')
    expect(evicted.metadata.deletionTimestamp).toBeDefined()
    expect(evicted.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }),
    )
    const refused = await refusal(evict('b'))
    expect(refused.status).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget b needs 2 healthy pods and has 3 currently' }] },
    })
    expect((await podNow('b')).metadata.deletionTimestamp).toBeUndefined()
  })

  test('never takes more than the budget has, however many come at once', async () => {
    const { run, evict } = await guarded({})
    for (const name of ['a', 'b', 'c']) await run(name, true)
    const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((name) => evict(name)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('changes nothing when it is a dry run or its preconditions do not hold', async () => {
    const { run, evict, budgetNow, podNow } = await guarded({})
    await run('a', true)
    await evict('a', {}, context({ dryRun: true }))
    await evict('a', { deleteOptions: { dryRun: ['All'] } })
    expect((await refusal(evict('a', { deleteOptions: { dryRun: ['Some'] } }))).message).toBe('DeleteOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"')
    expect((await refusal(evict('a', { deleteOptions: { preconditions: { uid: 'another' } } }))).code).toBe(409)
    expect((await budgetNow()).status).toMatchObject({ disruptionsAllowed: 1 })
    expect((await budgetNow()).status).not.toHaveProperty('disruptedPods')
    expect((await podNow('a')).metadata.deletionTimestamp).toBeUndefined()
  })

  test('waits until the controller has seen the budget', async () => {
    const { run, evict } = await guarded({ observedGeneration: 0 })
    await run('a', true)
    expect((await refusal(evict('a'))).status).toMatchObject({
      code: 429,
      details: { retryAfterSeconds: 10, causes: [{ message: 'The disruption budget b is still being processed by the server.' }] },
    })
  })

  test('of a pod that serves nobody costs nothing, as the policy says', async () => {
    const enough = { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2 }
    const short = { ...enough, currentHealthy: 1 }
    const healthy = await guarded(enough)
    await healthy.run('unready', false)
    await healthy.evict('unready')
    const careful = await guarded(short)
    await careful.run('unready', false)
    await refusal(careful.evict('unready'))
    await careful.run('pending', false, 'Pending')
    await careful.evict('pending')
    await careful.run('done', false, 'Succeeded')
    await careful.evict('done')
    const generous = await guarded(short, { unhealthyPodEvictionPolicy: 'AlwaysAllow' })
    await generous.run('unready', false)
    await generous.evict('unready')
    expect((await generous.budgetNow()).status).not.toHaveProperty('disruptedPods')
  })

  test('cannot please two budgets, and may be asked for in the old version', async () => {
    const { run, evict, budget } = await guarded({})
    await run('a', true)
    await run('b', true)
    await evict('a', { apiVersion: 'policy/v1beta1' })
    await budget('second')
    const { code, message } = await refusal(evict('b'))
    expect([code, message]).toEqual([500, 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'])
  })
})
