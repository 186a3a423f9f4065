import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as k8s from '@kubernetes/client-node'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { served } from '../api/served-fixture.ts'
import { type ServedCluster, startServed } from '../fixtures/served-cluster.ts'
import { eventually } from '../fixtures/eventually.ts'

const namespace = 'default'
const path = `/api/v1/namespaces/${namespace}/configmaps`

describe("the official JavaScript client's watches and informers", () => {
  let cluster: ServedCluster
  const dataDir = mkdtempSync(join(tmpdir(), 'wheelhouse-informers-'))
  const config = new k8s.KubeConfig()
  let core: k8s.CoreV1Api
  const start = async (...args: string[]) => {
    cluster = await startServed(['--runtime', 'simulated', '--simulated-nodes', '1', ...args], dataDir)
    config.loadFromFile(cluster.kubeconfig)
    core = config.makeApiClient(k8s.CoreV1Api)
  }
  const create = (name: string, labels: Record<string, string> = {}) => core.createNamespacedConfigMap({ namespace, body: { metadata: { name, labels } } })
  const relabel = (name: string, labels: Record<string, string | null>) =>
    core.patchNamespacedConfigMap({ name, namespace, body: { metadata: { labels } } }, k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch))

  beforeAll(() => start())
  afterAll(async () => {
    await cluster?.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })

  it('tell of objects that come, change, leave the selection and go, in order', async () => {
    const labelSelector = 'informed=yes'
    await create('before', { informed: 'yes' })
    const informer = k8s.makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace, labelSelector }), labelSelector)
    onTestFinished(() => informer.stop())
    const told: string[] = []
    for (const verb of ['add', 'update', 'delete'] as const) informer.on(verb, ({ metadata }) => told.push(`${verb} ${metadata?.name}`))
    informer.on('error', (error: unknown) => told.push(`error ${String(error)}`))
    await informer.start()
    expect(told).toEqual(['add before'])
    expect(informer.get('before', namespace)?.metadata?.uid).toBeDefined()

    await create('after', { informed: 'yes' })
    await create('never', { informed: 'no' })
    await relabel('after', { color: 'red' })
    await relabel('never', { informed: 'yes' })
    await relabel('after', { informed: null })
    await core.deleteNamespacedConfigMap({ name: 'before', namespace })
    await eventually('all of it', () => (told.length === 6 ? true : undefined))
    expect(told).toEqual(['add before', 'add after', 'update after', 'add never', 'delete after', 'delete before'])
    expect(informer.list(namespace).map(({ metadata }) => metadata?.name)).toEqual(['never'])
  })

  it('see what happened while the server was gone, when they are started again', async () => {
    const informer = k8s.makeInformer(config, path, () => core.listNamespacedConfigMap({ namespace }))
    onTestFinished(() => informer.stop())
    const errors: unknown[] = []
    const names = () => informer.list(namespace).map(({ metadata }) => metadata?.name)
    informer.on('error', (error: unknown) => {
      errors.push(error)
    })
    await create('lasting')
    await informer.start()
    expect(names()).toContain('lasting')
    const port = new URL(cluster.api).port
    await cluster.stop('SIGKILL')
    await eventually('the broken watch', () => (errors.length > 0 ? true : undefined))
    await start('--api-port', port)
    await core.deleteNamespacedConfigMap({ name: 'lasting', namespace })
    await create('meanwhile')
    await informer.start()
    await eventually('both changes', () => (names().includes('meanwhile') && !names().includes('lasting') ? true : undefined))
  })

  it('list again when the version they know is no longer kept', async () => {
    const server = await served()
    const here = new k8s.KubeConfig()
    here.loadFromClusterAndUser(
      { name: 'here', server: `https://127.0.0.1:${server.port}`, caData: Buffer.from(server.ca.cert).toString('base64'), skipTLSVerify: false },
      { name: 'admin', token: server.token },
    )
    const api = here.makeApiClient(k8s.CoreV1Api)
    const add = (name: string) => api.createNamespace({ body: { metadata: { name } } })
    await add('kept')
    await add('lost')
    const informer = k8s.makeInformer(here, '/api/v1/namespaces', () => api.listNamespace())
    onTestFinished(() => informer.stop())
    await informer.start()
    const known = () => informer.list().map(({ metadata }) => metadata?.name)
    expect(known()).toEqual(expect.arrayContaining(['kept', 'lost']))
    await informer.stop()
    await api.deleteNamespace({ name: 'lost', gracePeriodSeconds: 0 })
    await api.replaceNamespaceFinalize({ name: 'lost', body: { metadata: { name: 'lost' }, spec: { finalizers: [] } } })
    await add('found')
    await server.store.compact(server.store.revision)
    await informer.start()
    await eventually('a new list', () => (known().includes('found') && !known().includes('lost') ? true : undefined))
    await add('after')
    await eventually('what came after', () => (known().includes('after') ? true : undefined))
  })

  it('end a watch when its time is over, with a version to go on from', async () => {
    const watch = new k8s.Watch(config)
    const { metadata } = await core.listNamespacedConfigMap({ namespace })
    const phases: string[] = []
    let version = ''
    const ended = new Promise<unknown>((resolve) => {
      void watch.watch(path, { resourceVersion: metadata?.resourceVersion, allowWatchBookmarks: true, timeoutSeconds: 2 }, (phase, object: k8s.V1ConfigMap) => {
        phases.push(phase)
        version = object.metadata?.resourceVersion ?? ''
      }, resolve)
    })
    await create('watched')
    expect(await ended).toBeNull()
    expect(phases[0]).toBe('ADDED')
    await create('later')
    const next = await new Promise<string | undefined>((resolve, reject) => {
      void watch.watch(path, { resourceVersion: version }, (phase, object: k8s.V1ConfigMap) => resolve(`${phase} ${object.metadata?.name}`), reject).then((controller) => onTestFinished(() => controller.abort()))
    })
    expect(next).toBe('ADDED later')
  })

  it('begin with all there is when they ask for initial events', async () => {
    const seen: string[] = []
    await new Promise<void>((resolve, reject) => {
      const query = { sendInitialEvents: true, allowWatchBookmarks: true, resourceVersionMatch: 'NotOlderThan' }
      void new k8s.Watch(config).watch('/api/v1/namespaces', query, (phase, object: k8s.V1Namespace) => {
        seen.push(`${phase} ${object.metadata?.name ?? ''}`)
        if (phase === 'BOOKMARK' && object.metadata?.annotations?.['k8s.io/initial-events-end'] === 'true') resolve()
      }, reject).then((controller) => onTestFinished(() => controller.abort()))
    })
    expect(seen.slice(0, -1)).toContain('ADDED kube-system')
    expect(seen.at(-1)).toMatch(/^BOOKMARK/)
  })
})
