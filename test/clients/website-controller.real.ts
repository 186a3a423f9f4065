import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as k8s from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'
import { registry, WebsiteController } from './website-controller.ts'
import type { Website } from './website-objects.ts'

const namespace = 'default'
const blog = { group: 'example.com', version: 'v1', plural: 'websites', namespace, name: 'blog' }
const merge = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch)

describe('a controller that knows only HTTP', () => {
  let cluster: ServedCluster
  const config = new k8s.KubeConfig()
  const controllers: WebsiteController[] = []
  let core: k8s.CoreV1Api
  let apps: k8s.AppsV1Api
  let custom: k8s.CustomObjectsApi

  const run = (identity: string): WebsiteController => {
    const controller = new WebsiteController(config, identity)
    controllers.push(controller)
    controller.start()
    return controller
  }
  const leaders = () => controllers.filter(({ leader }) => leader.leads)
  const read = async () => (await custom.getNamespacedCustomObject(blog)) as Website
  const edit = (spec: Partial<Website['spec']>) => custom.patchNamespacedCustomObject({ ...blog, body: { spec } }, merge)
  const deployment = () => apps.readNamespacedDeployment({ name: 'blog', namespace })
  const page = async () => (await core.readNamespacedConfigMap({ name: 'blog', namespace })).data?.['index.html']
  const missing = (request: Promise<unknown>) => request.then(() => undefined, (error: unknown) => (error instanceof k8s.ApiException && error.code === 404 ? true : undefined))
  const ready = (replicas: number) => eventually(`${replicas} replicas that are ready`, async () => {
    const { metadata, status } = await read()
    const [condition] = status?.conditions ?? []
    return status?.observedGeneration === metadata.generation && status.replicas === replicas && condition?.status === 'True' ? status : undefined
  })

  beforeAll(async () => {
    cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1'])
    config.loadFromFile(cluster.kubeconfig)
    core = config.makeApiClient(k8s.CoreV1Api)
    apps = config.makeApiClient(k8s.AppsV1Api)
    custom = config.makeApiClient(k8s.CustomObjectsApi)
    const definition = k8s.loadYaml<k8s.V1CustomResourceDefinition>(readFileSync(join(import.meta.dirname, 'website-crd.yaml'), 'utf8'))
    const definitions = config.makeApiClient(k8s.ApiextensionsV1Api)
    await definitions.createCustomResourceDefinition({ body: definition })
    await eventually('the kind', () => custom.listClusterCustomObject(blog).catch(() => undefined))
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: registry.name } } })
  })
  afterAll(async () => {
    await Promise.all(controllers.map((controller) => controller.kill()))
    await cluster?.stop()
  })

  it('is led by one of two', async () => {
    run('one')
    run('two')
    await eventually('a leader', () => (leaders().length === 1 ? true : undefined))
    const { spec } = await config.makeApiClient(k8s.CoordinationV1Api).readNamespacedLease({ name: 'website-controller', namespace })
    expect(['one', 'two']).toContain(spec?.holderIdentity)
  })

  it('makes what a Website asks for, owned by it, and says so in its status', async () => {
    await expect(custom.createNamespacedCustomObject({ ...blog, body: { apiVersion: 'example.com/v1', kind: 'Website', metadata: { name: 'wrong' }, spec: { page: '', replicas: 11 } } })).rejects.toMatchObject({ code: 422 })
    await custom.createNamespacedCustomObject({ ...blog, body: { apiVersion: 'example.com/v1', kind: 'Website', metadata: { name: 'blog' }, spec: { page: 'hello' } } })
    const status = await ready(1)
    expect(status.selector).toBe('example.com/website=blog')
    const { metadata, spec } = await read()
    expect(spec).toEqual({ page: 'hello', replicas: 1, image: 'busybox:1' })
    expect(metadata.finalizers).toEqual(['example.com/registered'])
    expect((await deployment()).metadata?.ownerReferences).toMatchObject([{ kind: 'Website', name: 'blog', uid: metadata.uid, controller: true }])
    expect(await page()).toBe('hello')
    expect((await core.readNamespacedConfigMap(registry)).data).toEqual({ blog: metadata.uid })
    const events = await eventually('its event', async () => {
      const { items } = await core.listNamespacedEvent({ namespace, fieldSelector: 'involvedObject.kind=Website,involvedObject.name=blog,reason=Served' })
      return items.length > 0 ? items : undefined
    })
    expect(events[0]).toMatchObject({ type: 'Normal', reportingComponent: 'website-controller', message: '1 of 1 serve the page' })
  })

  it('follows its scale and its edits, and repairs what others break', async () => {
    const { generation } = (await read()).metadata
    const scale = await custom.patchNamespacedCustomObjectScale({ ...blog, body: { spec: { replicas: 3 } } }, merge)
    expect(scale).toMatchObject({ apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 3 }, status: { selector: 'example.com/website=blog' } })
    await ready(3)
    expect((await deployment()).spec?.replicas).toBe(3)
    expect((await read()).metadata.generation).toBe(generation + 1)

    await edit({ page: 'hello again' })
    await eventually('the new page', async () => ((await page()) === 'hello again' ? true : undefined))
    await core.deleteNamespacedService({ name: 'blog', namespace })
    await eventually('the service again', () => core.readNamespacedService({ name: 'blog', namespace }).catch(() => undefined))
    await core.patchNamespacedConfigMap({ name: 'blog', namespace, body: { data: { 'index.html': 'defaced' } } }, merge)
    await eventually('its own page', async () => ((await page()) === 'hello again' ? true : undefined))
  })

  it('is taken over when its leader is gone, and begins where that one ended', async () => {
    const [leader] = leaders()
    await leader?.kill()
    await edit({ replicas: 2, page: 'taken over' })
    await eventually('another leader', () => (leaders().length === 1 && leaders()[0] !== leader ? true : undefined))
    await ready(2)
    await eventually('its page', async () => ((await page()) === 'taken over' ? true : undefined))
    expect((await config.makeApiClient(k8s.CoordinationV1Api).readNamespacedLease({ name: 'website-controller', namespace })).spec?.leaseTransitions).toBe(1)
  })

  it('finishes a deletion that began while nobody led', async () => {
    await Promise.all(controllers.map((controller) => controller.kill()))
    await custom.deleteNamespacedCustomObject(blog)
    expect((await read()).metadata.deletionTimestamp).toBeDefined()
    run('three')
    await eventually('the end of the Website', () => missing(read()))
    expect((await core.readNamespacedConfigMap(registry)).data ?? {}).toEqual({})
    await eventually('the end of what it owned', async () => (await missing(deployment())) && (await missing(page())) && (await missing(core.readNamespacedService({ name: 'blog', namespace }))))
    await eventually('the end of its pods', async () => ((await core.listNamespacedPod({ namespace, labelSelector: 'example.com/website=blog' })).items.length === 0 ? true : undefined))
  })

  it('failed only where two wrote at once', () => {
    const failures = controllers.flatMap(({ failures }) => failures)
    expect(failures.filter((error) => !(error instanceof k8s.ApiException && error.code === 409))).toEqual([])
  })
})
