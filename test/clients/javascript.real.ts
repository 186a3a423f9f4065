import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as k8s from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'

const namespace = 'default'
const labels = { app: 'web' }
const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'busybox:1' }] } }
const deployment = (replicas = 2) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { replicas, selector: { matchLabels: labels }, template } })

/** Tries until nobody else wrote in between, as every client that reads and replaces must. */
const unlessChanged = <T>(write: () => Promise<T>): Promise<T> =>
  eventually('a moment when nobody else writes', () => write().catch((error: unknown) => {
    if (error instanceof k8s.ApiException && error.code === 409) return undefined
    throw error
  }))

/** What the server said when it refused. */
async function refusal(request: Promise<unknown>): Promise<k8s.V1Status> {
  const error: unknown = await request.then(() => undefined, (reason: unknown) => reason)
  if (!(error instanceof k8s.ApiException)) throw new Error(`refused by the server was expected, got ${String(error)}`)
  return JSON.parse(String(error.body)) as k8s.V1Status
}

describe("the official JavaScript client's typed interfaces", () => {
  let cluster: ServedCluster
  const config = new k8s.KubeConfig()
  const folder = mkdtempSync(join(tmpdir(), 'wheelhouse-javascript-'))

  beforeAll(async () => {
    cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1'])
    config.loadFromFile(cluster.kubeconfig)
  })
  afterAll(async () => {
    await cluster?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('signs in with the kubeconfig, also when it is exported and its token is in a file of its own', async () => {
    expect((await config.makeApiClient(k8s.VersionApi).getCode()).gitVersion).toMatch(/^v1\.36\.\d+\+wheelhouse/)
    const token = join(folder, 'token')
    writeFileSync(token, config.getCurrentUser()?.token ?? '')
    const other = new k8s.KubeConfig()
    other.loadFromClusterAndUser(config.getCurrentCluster()!, { name: 'file', authProvider: { name: 'tokenFile', config: { tokenFile: token } } } as k8s.User)
    expect((await other.makeApiClient(k8s.CoreV1Api).listNamespace()).items.map(({ metadata }) => metadata?.name)).toContain('kube-system')
    const exported = new k8s.KubeConfig()
    exported.loadFromString(config.exportConfig())
    const me = await exported.makeApiClient(k8s.AuthenticationV1Api).createSelfSubjectReview({ body: {} })
    expect(me.status?.userInfo?.groups).toContain('system:masters')
  })

  it('finds every group, and lists every kind of each that it knows', async () => {
    const groups = await config.makeApiClient(k8s.ApisApi).getAPIVersions()
    expect(groups.groups.map(({ name }) => name)).toEqual(expect.arrayContaining(['apps', 'batch', 'autoscaling', 'policy', 'networking.k8s.io', 'rbac.authorization.k8s.io', 'apiextensions.k8s.io']))
    const api = <T extends k8s.ApiType>(type: new (configuration: k8s.Configuration) => T) => config.makeApiClient(type)
    const lists: Array<Promise<k8s.KubernetesListObject<k8s.KubernetesObject>>> = [
      api(k8s.CoreV1Api).listNode(),
      api(k8s.AppsV1Api).listDaemonSetForAllNamespaces(),
      api(k8s.AppsV1Api).listControllerRevisionForAllNamespaces(),
      api(k8s.BatchV1Api).listCronJobForAllNamespaces(),
      api(k8s.AutoscalingV2Api).listHorizontalPodAutoscalerForAllNamespaces(),
      api(k8s.PolicyV1Api).listPodDisruptionBudgetForAllNamespaces(),
      api(k8s.NetworkingV1Api).listIngressForAllNamespaces(),
      api(k8s.RbacAuthorizationV1Api).listClusterRole(),
      api(k8s.CoordinationV1Api).listLeaseForAllNamespaces(),
      api(k8s.DiscoveryV1Api).listEndpointSliceForAllNamespaces(),
      api(k8s.SchedulingV1Api).listPriorityClass(),
      api(k8s.StorageV1Api).listStorageClass(),
      api(k8s.NodeV1Api).listRuntimeClass(),
      api(k8s.ApiextensionsV1Api).listCustomResourceDefinition(),
    ]
    const [nodes, , , , , , , roles] = await Promise.all(lists)
    expect(nodes?.items[0]).toBeInstanceOf(k8s.V1Node)
    expect(roles?.items.map(({ metadata }) => metadata?.name)).toContain('cluster-admin')
  })

  it('creates, reads, replaces, scales and deletes, and its dates are dates', async () => {
    const apps = config.makeApiClient(k8s.AppsV1Api)
    const made = await apps.createNamespacedDeployment({ namespace, body: deployment(), fieldManager: 'tests', fieldValidation: 'Strict' })
    expect(made.metadata?.creationTimestamp).toBeInstanceOf(Date)
    expect(made.spec?.strategy?.rollingUpdate?.maxSurge).toBe('25%')
    await eventually('two ready replicas', async () => ((await apps.readNamespacedDeploymentStatus({ name: 'web', namespace })).status?.readyReplicas === 2 ? true : undefined))

    const replaced = await unlessChanged(async () => {
      const read = await apps.readNamespacedDeployment({ name: 'web', namespace })
      read.metadata!.annotations = { ...read.metadata!.annotations, note: 'replaced' }
      return apps.replaceNamespacedDeployment({ name: 'web', namespace, body: read })
    })
    expect(replaced.metadata?.annotations?.['note']).toBe('replaced')
    expect(await refusal(apps.replaceNamespacedDeployment({ name: 'web', namespace, body: made }))).toMatchObject({
      reason: 'Conflict', code: 409, message: expect.stringContaining('the object has been modified; please apply your changes to the latest version and try again') as string,
    })

    const scale = await apps.readNamespacedDeploymentScale({ name: 'web', namespace })
    expect(scale).toMatchObject({ kind: 'Scale', spec: { replicas: 2 }, status: { selector: 'app=web' } })
    await apps.replaceNamespacedDeploymentScale({ name: 'web', namespace, body: { ...scale, spec: { replicas: 1 } } })
    const pods = () => config.makeApiClient(k8s.CoreV1Api).listNamespacedPod({ namespace, labelSelector: 'app in (web)', fieldSelector: 'status.phase=Running' })
    await eventually('one pod', async () => ((await pods()).items.length === 1 ? true : undefined))

    await apps.deleteNamespacedDeployment({ name: 'web', namespace, propagationPolicy: 'Foreground' })
    expect(await eventually('its end', () => refusal(apps.readNamespacedDeployment({ name: 'web', namespace })).catch(() => undefined))).toMatchObject({ reason: 'NotFound', code: 404 })
    expect((await pods()).items).toEqual([])
  })

  it('patches in all four ways', async () => {
    const core = config.makeApiClient(k8s.CoreV1Api)
    const name = 'patched'
    const as = (strategy: k8s.PatchStrategy) => k8s.setHeaderOptions('Content-Type', strategy)
    await core.createNamespacedService({ namespace, body: { metadata: { name }, spec: { selector: labels, ports: [{ name: 'http', port: 80 }] } } })
    const patch = (body: unknown, strategy: k8s.PatchStrategy, more: object = {}) => core.patchNamespacedService({ name, namespace, body, ...more }, as(strategy))

    expect((await patch([{ op: 'add', path: '/metadata/labels', value: { by: 'json' } }], k8s.PatchStrategy.JsonPatch)).metadata?.labels).toEqual({ by: 'json' })
    expect((await patch({ metadata: { labels: { by: null, next: 'merge' } } }, k8s.PatchStrategy.MergePatch)).metadata?.labels).toEqual({ next: 'merge' })
    const strategic = await patch({ spec: { ports: [{ name: 'https', port: 443 }] } }, k8s.PatchStrategy.StrategicMergePatch)
    expect(strategic.spec?.ports?.map(({ port }) => port).sort()).toEqual([443, 80])
    const applied = { apiVersion: 'v1', kind: 'Service', metadata: { name, annotations: { by: 'apply' } } }
    const owned = await patch(applied, k8s.PatchStrategy.ServerSideApply, { fieldManager: 'one' })
    expect(owned.metadata?.managedFields?.find(({ manager }) => manager === 'one')).toMatchObject({ operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:by': {} } } } })
    const theirs = { ...applied, metadata: { name, annotations: { by: 'two' } } }
    expect(await refusal(patch(theirs, k8s.PatchStrategy.ServerSideApply, { fieldManager: 'two' }))).toMatchObject({
      reason: 'Conflict', details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.metadata.annotations.by' }] },
    })
    expect((await patch(theirs, k8s.PatchStrategy.ServerSideApply, { fieldManager: 'two', force: true })).metadata?.annotations).toEqual({ by: 'two' })
    expect((await patch({ metadata: { labels: { tried: 'yes' } } }, k8s.PatchStrategy.MergePatch, { dryRun: 'All' })).metadata?.labels).toHaveProperty('tried')
    expect((await core.readNamespacedService({ name, namespace })).metadata?.labels).not.toHaveProperty('tried')
  })

  it('is told what is wrong in the words of Kubernetes', async () => {
    const core = config.makeApiClient(k8s.CoreV1Api)
    expect(await refusal(core.createNamespacedService({ namespace, body: { metadata: { name: 'Wrong' }, spec: { ports: [{ port: 0 }] } } }))).toMatchObject({
      code: 422, reason: 'Invalid', details: { kind: 'Service', causes: expect.arrayContaining([expect.objectContaining({ field: 'metadata.name' }), expect.objectContaining({ field: 'spec.ports[0].port' })]) as unknown[] },
    })
    expect(await refusal(core.createNamespacedConfigMap({ namespace: 'nowhere', body: { metadata: { name: 'lost' } } }))).toMatchObject({ code: 404, message: 'namespaces "nowhere" not found' })
  })

  it('pages through a list by its continue token, from one moment', async () => {
    const core = config.makeApiClient(k8s.CoreV1Api)
    for (let at = 0; at < 5; at++) await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: `page-${at}`, labels: { page: 'yes' } }, data: { at: String(at) } } })
    const seen: string[] = []
    let token: string | undefined
    do {
      const page = await core.listNamespacedConfigMap({ namespace, labelSelector: 'page=yes', limit: 2, _continue: token })
      if (token === undefined) await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'page-9', labels: { page: 'yes' } } } })
      seen.push(...page.items.map(({ metadata }) => metadata?.name ?? ''))
      token = page.metadata?._continue
    } while (token)
    expect(seen).toEqual(['page-0', 'page-1', 'page-2', 'page-3', 'page-4'])
    await core.deleteCollectionNamespacedConfigMap({ namespace, labelSelector: 'page=yes' })
    expect((await core.listNamespacedConfigMap({ namespace, labelSelector: 'page' })).items).toEqual([])
  })

  it('creates, reads, patches, lists, replaces and deletes whatever a file holds', async () => {
    const objects = k8s.KubernetesObjectApi.makeApiClient(config)
    const documents = k8s.loadAllYaml(readFileSync(join(import.meta.dirname, 'guestbook.yaml'), 'utf8')) as Array<k8s.KubernetesObject & { metadata: { name: string } }>
    for (const document of documents) {
      await objects.create(document)
      const applied = await objects.patch({ ...document, metadata: { ...document.metadata, labels: { team: 'blue' } } }, undefined, undefined, 'objects', true, k8s.PatchStrategy.ServerSideApply)
      expect(applied.metadata?.labels).toMatchObject({ team: 'blue' })
      expect((await objects.list(document.apiVersion!, document.kind!, document.metadata.namespace, undefined, undefined, undefined, undefined, 'team=blue')).items).toHaveLength(1)
      const replaced = await unlessChanged(async () => {
        const read = await objects.read(document)
        return objects.replace<k8s.KubernetesObject>({ ...read, metadata: { ...read.metadata, annotations: { by: 'replace' } } })
      })
      expect(replaced).toMatchObject({ kind: document.kind, apiVersion: document.apiVersion, metadata: { annotations: { by: 'replace' } } })
    }
    for (const document of documents.toReversed()) {
      await objects.delete(document)
      await eventually(`the end of ${document.kind}`, () => refusal(objects.read(document)).catch(() => undefined))
    }
  })

  it('defines a kind and uses it like the others', async () => {
    const custom = config.makeApiClient(k8s.CustomObjectsApi)
    const at = { group: 'example.com', version: 'v1', namespace, plural: 'gadgets', name: 'one' }
    const schema = { type: 'object', properties: { spec: { type: 'object', required: ['color'], properties: { color: { type: 'string' }, size: { type: 'integer', minimum: 1, _default: 3 } } } } }
    const version = { name: 'v1', served: true, storage: true, subresources: { status: {}, scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size' } }, schema: { openAPIV3Schema: schema } }
    const definitions = config.makeApiClient(k8s.ApiextensionsV1Api)
    await definitions.createCustomResourceDefinition({ body: {
      metadata: { name: 'gadgets.example.com' },
      spec: { group: at.group, scope: 'Namespaced', names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget' }, versions: [version] },
    } })
    await eventually('Established', async () =>
      (await definitions.readCustomResourceDefinition({ name: 'gadgets.example.com' })).status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ? true : undefined)

    const body = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'one' }, spec: { color: 'red' } }
    expect(await custom.createNamespacedCustomObject({ ...at, body })).toMatchObject({ spec: { color: 'red', size: 3 } })
    expect(await refusal(custom.createNamespacedCustomObject({ ...at, body: { ...body, metadata: { name: 'two' }, spec: { size: 0 } } }))).toMatchObject({
      reason: 'Invalid', details: { causes: expect.arrayContaining([expect.objectContaining({ field: 'spec.size' }), expect.objectContaining({ field: 'spec.color' })]) as unknown[] },
    })
    const merge = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch)
    expect(await custom.patchNamespacedCustomObjectScale({ ...at, body: { spec: { replicas: 7 } } }, merge)).toMatchObject({ kind: 'Scale', spec: { replicas: 7 } })
    expect(await custom.patchNamespacedCustomObjectStatus({ ...at, body: { status: { size: 7 }, spec: { size: 1 } } }, merge)).toMatchObject({ spec: { size: 7 } })
    expect(await custom.listNamespacedCustomObject({ ...at, labelSelector: '!none' })).toMatchObject({ kind: 'GadgetList', items: [{ spec: { color: 'red', size: 7 } }] })
    await definitions.deleteCustomResourceDefinition({ name: 'gadgets.example.com' })
    await eventually('the end of the kind', async () => ((await custom.listNamespacedCustomObject(at).then(() => undefined, (error: k8s.ApiException<unknown>) => error.code)) === 404 ? true : undefined))
  })
})
