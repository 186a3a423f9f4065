import { describe, expect, test } from 'vitest'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { persistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { resourceQuota } from '../../src-main/kinds/core/resource-quota.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { configMapNamed, context, podNamed, refusal, registry } from './registry-fixture.ts'

async function withQuota(spec: object) {
  const fixture = await registry()
  await fixture.verbs.create(resourceQuota, 'default', { metadata: { name: 'q' }, spec }, context())
  const run = (name: string, podSpec: object = {}) => fixture.verbs.create(pod, 'default', podNamed(name, structuredClone(podSpec)), context())
  return { ...fixture, run }
}

const using = (resources: object) => ({ containers: [{ name: 'main', image: 'busybox', resources }] })

describe('a ResourceQuota', () => {
  test('lets in exactly as many pods as it says, however many come at once', async () => {
    const { run, verbs } = await withQuota({ hard: { pods: '3' } })
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => run(`p${i}`)))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    const refused = await refusal(run('late'))
    expect([refused.code, refused.reason, refused.message]).toEqual([
      403,
      'Forbidden',
      'pods "late" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3',
    ])
    expect((await verbs.list(pod, { namespace: 'default' })).items).toHaveLength(3)
  })

  test('gives back at once what was deleted or has ended', async () => {
    const { run, verbs } = await withQuota({ hard: { pods: '1', 'count/pods': '2' } })
    await run('a')
    await refusal(run('b'))
    await verbs.patch(pod, { namespace: 'default', name: 'a' }, { type: 'merge', body: { status: { phase: 'Succeeded' } } }, context(), 'status')
    await run('b')
    expect((await refusal(run('c'))).message).toBe(
      'pods "c" is forbidden: exceeded quota: q, requested: count/pods=1,pods=1, used: count/pods=2,pods=1, limited: count/pods=2,pods=1',
    )
    await verbs.delete(pod, { namespace: 'default', name: 'b' }, {}, context())
    await run('c')
  })

  test('checks a dry run and charges nothing for it', async () => {
    const { run, verbs } = await withQuota({ hard: { pods: '1' } })
    await verbs.create(pod, 'default', podNamed('pretended'), context({ dryRun: true }))
    await run('real')
    await refusal(verbs.create(pod, 'default', podNamed('pretended'), context({ dryRun: true })))
  })

  test('makes pods say what it bounds, and adds that up', async () => {
    const { run } = await withQuota({ hard: { 'requests.cpu': '1', 'limits.memory': '1Gi' } })
    expect((await refusal(run('bare'))).message).toBe(
      'pods "bare" is forbidden: failed quota: q: must specify limits.memory for: main; requests.cpu for: main',
    )
    const half = using({ requests: { cpu: '600m' }, limits: { memory: '512Mi' } })
    await run('a', half)
    expect((await refusal(run('b', half))).message).toBe(
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    )
    await run('b', using({ requests: { cpu: '0.4' }, limits: { memory: '0.5Gi' } }))
  })

  test('counts services by type, also when their type changes', async () => {
    const { verbs } = await withQuota({ hard: { services: '2', 'services.nodeports': '1', 'services.loadbalancers': '0' } })
    const create = (name: string, type: string) =>
      verbs.create(service, 'default', { metadata: { name }, spec: { type, ports: [{ port: 80 }] } }, context())
    await create('a', 'NodePort')
    expect((await refusal(create('b', 'LoadBalancer'))).message).toBe(
      'services "b" is forbidden: exceeded quota: q, requested: services.loadbalancers=1,services.nodeports=1, used: services.loadbalancers=0,services.nodeports=1, limited: services.loadbalancers=0,services.nodeports=1',
    )
    await create('b', 'ClusterIP')
    const change = verbs.patch(service, { namespace: 'default', name: 'b' }, { type: 'merge', body: { spec: { type: 'NodePort' } } }, context())
    expect((await refusal(change)).message).toContain('exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=1')
    await verbs.patch(service, { namespace: 'default', name: 'a' }, { type: 'merge', body: { metadata: { labels: { a: 'b' } } } }, context())
  })

  test('counts anything by name, and storage by class', async () => {
    const { verbs } = await withQuota({
      hard: { configmaps: '1', 'count/deployments.apps': '0', 'requests.storage': '2Gi', 'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '1' },
    })
    await verbs.create(configMap, 'default', configMapNamed('a'), context())
    expect((await refusal(verbs.create(configMap, 'default', configMapNamed('b'), context()))).message).toBe(
      'configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    )
    const spec = { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'main', image: 'busybox' }] } } }
    expect((await refusal(verbs.create(deployment, 'default', { metadata: { name: 'web' }, spec }, context()))).message).toBe(
      'deployments.apps "web" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    )
    const claim = (name: string, storage: string, storageClassName: string) =>
      verbs.create(persistentVolumeClaim, 'default', { metadata: { name }, spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } } }, context())
    await claim('a', '1Gi', 'fast')
    expect((await refusal(claim('b', '1536Mi', 'fast'))).message).toBe(
      'persistentvolumeclaims "b" is forbidden: exceeded quota: q, requested: fast.storageclass.storage.k8s.io/persistentvolumeclaims=1,requests.storage=1536Mi, used: fast.storageclass.storage.k8s.io/persistentvolumeclaims=1,requests.storage=1Gi, limited: fast.storageclass.storage.k8s.io/persistentvolumeclaims=1,requests.storage=2Gi',
    )
    await claim('b', '1Gi', 'slow')
  })

  test.each([
    [{ scopes: ['BestEffort'] }, {}, using({ requests: { cpu: '1' } })],
    [{ scopes: ['Terminating'] }, { activeDeadlineSeconds: 60 }, {}],
    [{ scopes: ['NotTerminating'] }, {}, { activeDeadlineSeconds: 60 }],
    [{ scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical'] }] } }, { priorityClassName: 'system-node-critical' }, {}],
  ])('concerns only what is in its scope: %j', async (scope, inside, outside) => {
    const { run } = await withQuota({ hard: { pods: '0' }, ...scope })
    expect((await refusal(run('inside', inside))).message).toContain('exceeded quota: q')
    await run('outside', outside)
  })

  test('counts right whatever happens in whatever order', async () => {
    const { run, verbs, clock } = await withQuota({ hard: { pods: '1000', 'requests.cpu': '1000' } })
    const names = ['a', 'b', 'c', 'd', 'e']
    const cpu = new Map<string, number>()
    let state = 7
    const random = (below: number) => (state = (state * 1103515245 + 12345) % 2 ** 31) % below
    for (let step = 0; step < 120; step++) {
      const name = names[random(5)]!
      const ref = { namespace: 'default', name }
      if (cpu.has(name)) {
        await verbs.delete(pod, ref, { gracePeriodSeconds: 0 }, context())
        cpu.delete(name)
      } else {
        const amount = 1 + random(9)
        await run(name, using({ requests: { cpu: String(amount) } }))
        cpu.set(name, amount)
        // refused in the same batch: what was taken back must not be counted
        await Promise.allSettled([run('z', using({ requests: { cpu: '2000' } })), run(name, using({ requests: { cpu: '1' } }))])
      }
      clock.advance(1000)
      const used = [...cpu.values()].reduce((sum, one) => sum + one, 0)
      expect((await refusal(run('z', using({ requests: { cpu: '1001' } })))).message).toContain(`used: requests.cpu=${used}, `)
    }
  })

  test('stops counting a pod that hangs in its deletion once its grace is over', async () => {
    const { run, verbs, clock } = await withQuota({ hard: { pods: '1' } })
    await run('lost', { nodeName: 'n1', terminationGracePeriodSeconds: 30 })
    await verbs.delete(pod, { namespace: 'default', name: 'lost' }, {}, context())
    await refusal(run('next'))
    clock.advance(61_000)
    await run('next')
    await refusal(run('more'))
  })
})
