import * as k8s from '@kubernetes/client-node'
import { Leader } from './leader.ts'
import { finalizer, label, objectsOf, statusOf, type Website } from './website-objects.ts'

const group = { group: 'example.com', version: 'v1', plural: 'websites' }
const merge = k8s.setHeaderOptions('Content-Type', k8s.PatchStrategy.MergePatch)
const retryMs = 200
/** Stands for the world outside of the cluster: who deletes a Website must be taken off this list first. */
export const registry = { name: 'website-registry', namespace: 'default' }

const isMissing = (error: unknown): boolean => error instanceof k8s.ApiException && error.code === 404

/** A controller as anybody would write it for any cluster: the official client, HTTP, and nothing of ours. */
export class WebsiteController {
  readonly leader: Leader
  readonly failures: unknown[] = []
  readonly #identity: string
  readonly #config: k8s.KubeConfig
  readonly #core: k8s.CoreV1Api
  readonly #custom: k8s.CustomObjectsApi
  readonly #objects: k8s.KubernetesObjectApi
  readonly #informers: Array<k8s.Informer<k8s.KubernetesObject>> = []
  readonly #waiting = new Set<string>()
  #running: Promise<void> | undefined
  #ended = false

  constructor(config: k8s.KubeConfig, identity: string) {
    this.#config = config
    this.#identity = identity
    this.#core = config.makeApiClient(k8s.CoreV1Api)
    this.#custom = config.makeApiClient(k8s.CustomObjectsApi)
    this.#objects = k8s.KubernetesObjectApi.makeApiClient(config)
    this.leader = new Leader(config, { name: 'website-controller', namespace: 'default', identity })
  }

  start(): void {
    this.leader.start(() => void this.#lead().catch((error: unknown) => this.failures.push(error)))
  }

  /** Ends at once and gives nothing back, as when its process is killed. */
  async kill(): Promise<void> {
    this.#ended = true
    this.leader.end()
    await Promise.all(this.#informers.map((informer) => informer.stop()))
    await this.#running
  }

  async #lead(): Promise<void> {
    const watch = async <T extends k8s.KubernetesObject>(path: string, list: k8s.ListPromise<T>, key: (object: T) => string | undefined, selector?: string) => {
      const informer = k8s.makeInformer(this.#config, path, list, selector)
      informer.on('change', (object) => this.#queue(key(object)))
      informer.on('error', () => setTimeout(() => (this.#ended ? undefined : void informer.start()), retryMs))
      this.#informers.push(informer as unknown as k8s.Informer<k8s.KubernetesObject>)
      await informer.start()
    }
    const own = ({ metadata }: k8s.KubernetesObject) => `${metadata?.namespace}/${metadata?.name}`
    const owner = ({ metadata }: k8s.KubernetesObject) => (metadata?.labels?.[label] ? `${metadata.namespace}/${metadata.labels[label]}` : undefined)
    const apps = this.#config.makeApiClient(k8s.AppsV1Api)
    const labelSelector = label
    await watch('/apis/apps/v1/deployments', () => apps.listDeploymentForAllNamespaces({ labelSelector }), owner, label)
    await watch('/api/v1/services', () => this.#core.listServiceForAllNamespaces({ labelSelector }), owner, label)
    await watch('/api/v1/configmaps', () => this.#core.listConfigMapForAllNamespaces({ labelSelector }), owner, label)
    await watch('/apis/example.com/v1/websites', () => this.#custom.listClusterCustomObject(group) as Promise<k8s.KubernetesListObject<Website>>, own)
  }

  #queue(key: string | undefined): void {
    if (!key || this.#ended) return
    this.#waiting.add(key)
    this.#running ??= this.#work().finally(() => (this.#running = undefined))
  }

  async #work(): Promise<void> {
    for (const key of this.#waiting) {
      this.#waiting.delete(key)
      if (this.#ended) return
      const [namespace = '', name = ''] = key.split('/')
      await this.#reconcile(namespace, name).catch((error: unknown) => {
        // a conflict or a server that is away: the next round sees what is true then
        this.failures.push(error)
        setTimeout(() => this.#queue(key), retryMs)
      })
    }
  }

  async #reconcile(namespace: string, name: string): Promise<void> {
    const at = { ...group, namespace, name }
    const website = await this.#custom.getNamespacedCustomObject(at).catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw error
    }) as Website | undefined
    if (!website) return
    const { finalizers = [], deletionTimestamp, uid, resourceVersion } = website.metadata
    if (deletionTimestamp) {
      if (!finalizers.includes(finalizer)) return
      await this.#core.patchNamespacedConfigMap({ ...registry, body: { data: { [name]: null } } }, merge)
      await this.#custom.patchNamespacedCustomObject({ ...at, body: { metadata: { resourceVersion, finalizers: finalizers.filter((each) => each !== finalizer) } } }, merge)
      return
    }
    if (!finalizers.includes(finalizer)) {
      await this.#custom.patchNamespacedCustomObject({ ...at, body: { metadata: { resourceVersion, finalizers: [...finalizers, finalizer] } } }, merge)
      return // the change comes back as an event
    }
    await this.#core.patchNamespacedConfigMap({ ...registry, body: { data: { [name]: uid } } }, merge)
    const applied = []
    for (const object of objectsOf(website)) {
      applied.push(await this.#objects.patch(object, undefined, undefined, 'website-controller', true, k8s.PatchStrategy.ServerSideApply))
    }
    await this.#report(website, applied.at(-1) as k8s.V1Deployment)
  }

  async #report(website: Website, deployment: k8s.V1Deployment): Promise<void> {
    const status = statusOf(website, deployment, new Date().toISOString())
    if (JSON.stringify(status) === JSON.stringify(website.status)) return
    const { name, namespace, uid } = website.metadata
    await this.#custom.patchNamespacedCustomObjectStatus({ ...group, namespace, name, body: { status } }, merge)
    const [now, before] = [status.conditions?.[0], website.status?.conditions?.[0]]
    if (!now || now.status === before?.status) return
    await this.#core.createNamespacedEvent({ namespace, body: {
      metadata: { generateName: `${name}.` },
      involvedObject: { apiVersion: 'example.com/v1', kind: 'Website', name, namespace, uid },
      type: 'Normal', reason: now.reason, message: now.message, action: 'Reconcile',
      reportingComponent: 'website-controller', reportingInstance: this.#identity, eventTime: new k8s.V1MicroTime(),
    } })
  }
}
