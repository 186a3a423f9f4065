import { afterEach, describe, expect, it } from 'vitest'
import { controllers } from '../../src-main/controllers/index.ts'
import { templateHash } from '../../src-main/controllers/template-hash.ts'
import { deployment, type Deployment } from '../../src-main/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { endpoints } from '../../src-main/kinds/core/endpoints.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { replicationController } from '../../src-main/kinds/core/replication-controller.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { conditionOf, controllerOf } from '../../src-main/kinds/meta.ts'
import { isNotFound } from '../../src-main/kinds/status-error.ts'
import { type ControlPlane, createNode, pretendKubelets, startControlPlane,  } from '../fixtures/control-plane.ts'
import { eventually } from '../fixtures/eventually.ts'

let plane: ControlPlane
afterEach(() => plane.stop())

const start = async () => {
  plane = await startControlPlane({ controllers, scheduler: true })
  for (const name of ['a', 'b', 'c']) await createNode(plane.client, name)
  pretendKubelets(plane)
  return plane
}

const web = { namespace: 'default', name: 'web' }
const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image, ports: [{ name: 'http', containerPort: 8080 }] }] },
})
const wish = (replicas: number) => ({
  metadata: web,
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: template('web:1') },
})

/** As `kubectl rollout status` judges. */
const isRolledOut = ({ metadata, spec, status }: Deployment): boolean =>
  status?.observedGeneration === metadata.generation &&
  status?.updatedReplicas === spec?.replicas &&
  status?.replicas === spec?.replicas &&
  status?.availableReplicas === spec?.replicas

const rolledOut = (image: string) =>
  eventually(`rollout of ${image}`, async () => {
    const found = await plane.client.get(deployment, web)
    return found.spec?.template.spec?.containers[0]?.image === image && isRolledOut(found) && found
  })
const setImage = (image: string) =>
  plane.client.patch(deployment, web, { type: 'strategic', body: { spec: { template: template(image) } } })
const podsNow = async () => (await plane.client.list(pod, { namespace: 'default' })).items

describe('a Deployment on the real API', { timeout: 30_000 }, () => {
  it('runs, becomes available, rolls over without losing availability, rolls back and is collected', async () => {
    const { client, informers, complaints } = await start()
    await client.create(deployment, wish(4))
    const first = await rolledOut('web:1')
    expect(conditionOf(first.status?.conditions, 'Available')).toMatchObject({
      status: 'True',
      reason: 'MinimumReplicasAvailable',
    })
    await eventually(
      'Progressing',
      async () =>
        conditionOf((await client.get(deployment, web)).status?.conditions, 'Progressing')?.reason ===
        'NewReplicaSetAvailable',
    )
    const pods = await podsNow()
    expect(new Set(pods.map(({ spec }) => spec?.nodeName)).size).toBe(3)
    const [set] = (await client.list(replicaSet)).items
    expect(pods.every(({ metadata }) => metadata.name?.startsWith(`${set?.metadata.name}-`))).toBe(true)

    let fewest = 4
    let most = 4
    const count = () => {
      const all = [...informers.of(pod).list('default')].filter(({ metadata }) => !metadata.deletionTimestamp)
      fewest = Math.min(
        fewest,
        all.filter(({ status }) => conditionOf(status?.conditions, 'Ready')?.status === 'True').length,
      )
      most = Math.max(most, all.length)
    }
    informers.of(pod).subscribe(count)
    await setImage('web:2')
    const second = await rolledOut('web:2')
    expect(second.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('2')
    expect({ fewest, most }).toEqual({ fewest: 3, most: 5 })

    await setImage('web:1')
    const third = await rolledOut('web:1')
    expect(third.metadata.annotations?.['deployment.kubernetes.io/revision']).toBe('3')
    expect((await client.list(replicaSet)).items).toHaveLength(2)

    await client.delete(deployment, web)
    await eventually(
      'everything gone',
      async () => (await podsNow()).length === 0 && (await client.list(replicaSet)).items.length === 0,
    )
    expect(plane.events).toContain(`ScalingReplicaSet: Scaled up replica set ${set?.metadata.name} from 0 to 4`)
    expect(complaints).toEqual([])
  })

  it('recreates without ever running two versions when told so', async () => {
    const { client, informers } = await start()
    await client.create(deployment, { ...wish(2), spec: { ...wish(2).spec, strategy: { type: 'Recreate' } } })
    await rolledOut('web:1')
    let mixed = false
    informers.of(pod).subscribe(() => {
      mixed ||= new Set([...informers.of(pod).list('default')].map(({ spec }) => spec?.containers[0]?.image)).size > 1
    })
    await setImage('web:2')
    await rolledOut('web:2')
    expect(mixed).toBe(false)
  })

  it('is deleted in the foreground after its pods, and leaves its ReplicaSet behind as an orphan', async () => {
    const { client } = await start()
    await client.create(deployment, wish(2))
    await rolledOut('web:1')
    await client.delete(deployment, web, { propagationPolicy: 'Orphan' })
    const orphan = await eventually('orphan', async () =>
      (await client.list(replicaSet)).items.find((set) => !controllerOf(set)),
    )
    await eventually('deployment gone', async () => (await client.list(deployment)).items.length === 0)
    expect(await podsNow()).toHaveLength(2)

    await client.create(deployment, wish(2))
    await eventually(
      'adoption',
      async () =>
        controllerOf(await client.get(replicaSet, { namespace: 'default', name: orphan.metadata.name ?? '' }))?.name ===
        'web',
    )
    await client.delete(deployment, web, { propagationPolicy: 'Foreground' })
    await eventually('deployment gone', async () => (await client.list(deployment)).items.length === 0)
    expect(await podsNow()).toEqual([])
    expect((await client.list(replicaSet)).items).toEqual([])
  })

  it('deletes a circle of owners in the foreground', async () => {
    const { client } = await start()
    const names = ['one', 'two', 'three']
    const made = await Promise.all(names.map((name) => client.create(configMap, { metadata: { namespace: 'default', name } })))
    for (const [index, { metadata }] of made.entries()) {
      const owner = made.at(index - 1)!.metadata
      const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: owner.name, uid: owner.uid, controller: true, blockOwnerDeletion: true }
      const ref = { namespace: 'default', name: metadata.name ?? '' }
      await client.patch(configMap, ref, { type: 'merge', body: { metadata: { ownerReferences: [reference] } } })
    }
    await client.delete(configMap, { namespace: 'default', name: 'one' }, { propagationPolicy: 'Foreground' })
    await eventually('all gone', async () => !(await client.list(configMap)).items.some(({ metadata }) => names.includes(metadata.name ?? '')))
  })

  it('takes another name for its ReplicaSet when a stranger has the first', async () => {
    const { client } = await start()
    const paused = await client.create(deployment, { ...wish(1), spec: { ...wish(1).spec, paused: true } })
    const taken = `web-${templateHash(paused.spec!.template)}`
    const theirs = { matchLabels: { app: 'theirs' } }
    await client.create(replicaSet, {
      metadata: { namespace: 'default', name: taken },
      spec: { replicas: 0, selector: theirs, template: { ...template('x'), metadata: { labels: theirs.matchLabels } } },
    })
    await client.patch(deployment, web, { type: 'merge', body: { spec: { paused: false } } })
    const done = await rolledOut('web:1')
    expect(done.status?.collisionCount).toBe(1)
    expect(
      (await client.list(replicaSet)).items
        .filter((set) => controllerOf(set)?.name === 'web')
        .map(({ metadata }) => metadata.name),
    ).not.toContain(taken)
  })

  it('replaces a pod that was deleted, and lets go of one whose label was changed', async () => {
    const { client } = await start()
    await client.create(replicationController, {
      metadata: web,
      spec: { replicas: 2, selector: { app: 'web' }, template: template('web:1') },
    })
    const [victim, runaway] = await eventually(
      'two pods',
      async () => (await podsNow()).length === 2 && (await podsNow()),
    )
    await client.delete(pod, { namespace: 'default', name: victim?.metadata.name ?? '' })
    await client.patch(
      pod,
      { namespace: 'default', name: runaway?.metadata.name ?? '' },
      { type: 'merge', body: { metadata: { labels: { app: 'debug' } } } },
    )
    const freed = await eventually('three pods', async () => {
      const pods = await podsNow()
      return (
        pods.length === 3 &&
        pods.find(({ metadata }) => metadata.labels?.app === 'debug' && !metadata.ownerReferences?.length)
      )
    })
    expect(freed.metadata.uid).toBe(runaway?.metadata.uid)
  })
})

describe('a Service on the real API', { timeout: 30_000 }, () => {
  it('finds its pods by name of port, follows them, and takes its endpoints along when it goes', async () => {
    const { client } = await start()
    await client.create(deployment, wish(3))
    await client.create(service, {
      metadata: web,
      spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 'http' }] },
    })
    const all = await eventually('three endpoints', async () => {
      const found = (await client.list(endpoints, { namespace: 'default' })).items.find(
        ({ metadata }) => metadata.name === 'web',
      )
      return found?.subsets?.[0]?.addresses?.length === 3 && found
    })
    expect(all.subsets?.[0]?.ports).toEqual([{ port: 8080, protocol: 'TCP' }])
    await client.patch(deployment, web, { type: 'merge', body: { spec: { replicas: 1 } } })
    await eventually('one endpoint', async () => {
      const slices = (await client.list(endpointSlice, { labelSelector: 'kubernetes.io/service-name=web' })).items
      return slices.length === 1 && slices[0]?.endpoints?.length === 1 && slices[0].endpoints[0]?.conditions?.ready
    })
    await client.delete(service, web)
    await eventually(
      'no endpoints',
      async () => (await client.list(endpointSlice)).items.length + (await client.list(endpoints)).items.length === 0,
    )
  })
})

describe('a Namespace on the real API', { timeout: 30_000 }, () => {
  it('gets a default ServiceAccount, and ends with everything in it', async () => {
    const { client, complaints } = await start()
    const shop = { namespace: 'shop', name: 'web' }
    await client.create(namespace, { metadata: { name: 'shop' } })
    await eventually(
      'ServiceAccount',
      async () => (await client.list(serviceAccount, { namespace: 'shop' })).items[0]?.metadata.name === 'default',
    )
    await client.create(deployment, { ...wish(3), metadata: shop })
    await client.create(service, { metadata: shop, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
    await eventually('pods', async () => (await client.list(pod, { namespace: 'shop' })).items.length === 3)
    await client.delete(namespace, { name: 'shop' })
    await eventually('namespace gone', () => client.get(namespace, { name: 'shop' }).then(() => false, isNotFound))
    for (const kind of [pod, replicaSet, deployment, service, endpointSlice])
      expect((await client.list<never>(kind as never, { namespace: 'shop' })).items).toEqual([])
    expect(complaints).toEqual([])
  })
})
