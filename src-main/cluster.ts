import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAccess } from './api/auth/access.ts'
import { authorizedVerbs } from './api/auth/authorized-verbs.ts'
import { controllerUser } from './api/auth/controller-roles.ts'
import { createAuthenticator } from './api/authn.ts'
import { bootstrap, publishKubernetesService } from './api/bootstrap.ts'
import { loadCredentials } from './api/credentials.ts'
import { kubeconfig } from './api/kubeconfig.ts'
import { serveDefinitions } from './api/custom/serve.ts'
import { createRegistry } from './api/registry.ts'
import { createApiServer } from './api/server.ts'
import type { User } from './api/verbs.ts'
import type { VirtualProvider } from './api/virtual.ts'
import { systemClock as clock } from './base/clock.ts'
import { errorMessage, type Logger } from './base/log.ts'
import { version } from './base/version.ts'
import type { Client } from './client/client.ts'
import { createRecorder } from './client/event-recorder.ts'
import { Informers } from './client/informer.ts'
import { localClient } from './client/local.ts'
import { type Network, startNetwork } from './cluster/network.ts'
import { startNodes } from './cluster/nodes.ts'
import { runController } from './controllers/controller.ts'
import { controllers } from './controllers/index.ts'
import { startDashboard } from './dashboard/listener.ts'
import { kinds as builtIn } from './kinds/index.ts'
import { nodeMetrics, podMetrics } from './kinds/metrics.ts'
import type { Kind } from './kinds/kind.ts'
import { Kinds } from './kinds/kinds.ts'
import type { KubeObject } from './kinds/meta.ts'
import { type ServiceTraffic, serviceTraffic } from './kinds/traffic.ts'
import { unavailable } from './kinds/status-error.ts'
import { machineIp } from './kubelet/docker-info.ts'
import { networkGateway } from './kubelet/docker-network.ts'
import { dockerVersion } from './kubelet/docker.ts'
import type { Kubelet } from './kubelet/kubelet.ts'
import { nodeMetricsOf, podMetricsOf } from './kubelet/metrics.ts'
import { runScheduler } from './scheduler/scheduler.ts'
import { openStore } from './store/log.ts'

export interface ClusterOptions {
  /** Holds everything of this cluster; created 0700. */
  readonly dataDir: string
  /** 0 takes a free one; a busy one is replaced by the next free one, with a warning. */
  readonly apiPort: number
  readonly dashboardPort: number
  /** `auto` uses Docker when an engine answers, else simulated nodes. */
  readonly runtime: 'auto' | 'docker' | 'simulated'
  /** Nodes on the Docker engine. */
  readonly nodes: number
  /** Nodes whose pods are only pretended. With `auto` and no engine there is at least one. */
  readonly simulatedNodes: number
  /** At stop, removes the containers and the data directory. */
  readonly ephemeral: boolean
  /** Folder of the built renderer, which the dashboard serves. */
  readonly rendererDir: string
  /** Folder of what is not code: the pause binary. */
  readonly resourcesDir: string
  /** When the start began, by the process' own clock in ms; its own start unless said. */
  readonly since?: number
  readonly log: Logger
}

export interface Cluster {
  readonly apiUrl: string
  readonly kubeconfig: string
  /** With a one-time sign-in token. */
  readonly dashboardUrl: string
  /** From `since` until the API answered ready, in milliseconds. */
  readonly readyMs: number
  /** Plain sentences a person must see: no engine, another port, no privilege. */
  readonly notices: readonly string[]
  /** A new one-time sign-in URL for one more window or browser. */
  signInUrl(): string
  /** Containers keep running unless the cluster is ephemeral. */
  stop(): Promise<void>
}

/** The API server itself, as its own controllers sign. */
const server: User = { name: 'system:apiserver', groups: ['system:masters'] }
const admin = { name: 'wheelhouse-admin', groups: ['system:masters', 'system:authenticated'] }
const kubernetesIP = '10.96.0.1'

/**
 * Wires every part and starts it. Resolves when the API answers and the dashboard listens; nodes join right after.
 * Rejects with a sentence that says what to do; whatever had started is stopped again.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const stops: Array<() => unknown> = []
  async function stopAll(): Promise<void> {
    for (const stop of stops.splice(0).reverse()) {
      try {
        await stop()
      } catch (error) {
        options.log.error('not stopped cleanly', { error: errorMessage(error) })
      }
    }
  }
  try {
    return await start(options, stops, stopAll)
  } catch (error) {
    await stopAll()
    throw error
  }
}

async function start(options: ClusterOptions, stops: Array<() => unknown>, stop: () => Promise<void>): Promise<Cluster> {
  const { dataDir, log } = options
  const abort = new AbortController()
  const { signal } = abort
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  if (options.ephemeral) stops.push(() => rmSync(dataDir, { recursive: true, force: true }))

  const [store, credentials, engine] = await Promise.all([
    openStore({ file: join(dataDir, 'cluster.db'), log, clock }),
    loadCredentials(dataDir, clock.now()),
    findEngine(options),
  ])
  stops.push(() => store.close())
  const tokens = new Map([[credentials.adminToken, admin]])
  const access = await createAccess({ store, clock, log, keys: { signing: credentials.serviceAccountKeyPem }, staticTokens: tokens })
  stops.push(() => access.close())

  const kubelets: Kubelet[] = []
  let network: Network | undefined
  const virtual = [
    computed(nodeMetrics, () => nodeMetricsOf(kubelets)),
    computed(podMetrics, () => podMetricsOf(kubelets)),
    trafficOf(() => network),
    ...access.virtual,
  ]
  const kinds = new Kinds([...builtIn, ...virtual.map(({ kind }) => kind)])
  const verbs = createRegistry({ store, clock, virtual, plugins: access.plugins, subresources: access.subresources })
  await bootstrap(verbs)
  await serveDefinitions(verbs, kinds, log)
  await access.start(verbs)
  const api = createApiServer({
    verbs, kinds, clock, log, version,
    node: (name) => kubelets.find((kubelet) => kubelet.nodeName === name)?.connection,
    dialService: (namespace, service, port) => {
      if (!network) throw unavailable('the proxy is still starting')
      return network.proxy.dial(namespace, service, port)
    },
    tls: { cert: credentials.serverCertPem, key: credentials.serverKeyPem, ca: credentials.caPem },
    authenticate: createAuthenticator(tokens, { userOfToken: access.userOfToken, anonymous: true }),
    authorize: access.authorize,
    document: access.document,
  })
  stops.push(() => api.close())
  const apiPort = await api.listen(options.apiPort)
  const apiUrl = `https://127.0.0.1:${apiPort}`
  const kubeconfigFile = join(dataDir, 'kubeconfig')
  writeFileSync(kubeconfigFile, kubeconfig({ server: apiUrl, caPem: credentials.caPem, token: credentials.adminToken, user: admin.name }), { mode: 0o600 })
  const readyMs = Math.round(performance.now() - (options.since ?? 0))

  const notices: string[] = []
  const tell = (sentences: readonly string[]) => {
    for (const notice of sentences) log.info('notice', { notice })
    notices.push(...sentences)
  }
  tell(engine.notices)
  if (options.apiPort !== 0 && apiPort !== options.apiPort) tell([`Port ${options.apiPort} is taken, so the API listens on ${apiPort}.`])
  const dashboard = await startDashboard({
    port: options.dashboardPort, rendererDir: options.rendererDir, api, user: admin, clock, log,
    facts: () => ({ notices, version: version.app, kubernetes: version.gitVersion, runtime: engine.name }),
  })
  stops.push(() => dashboard.close())
  if (options.dashboardPort !== 0 && dashboard.port !== options.dashboardPort) {
    tell([`Port ${options.dashboardPort} is taken, so the dashboard listens on ${dashboard.port}.`])
  }

  stops.push(() => abort.abort())
  const clientFor = (user: User) => localClient(authorizedVerbs(verbs, user, access.authorize), user)
  const runsAs = (name: string) => clientFor({ name, groups: ['system:authenticated'] })
  const manager = runsAs('system:kube-controller-manager')
  const informers = new Informers(manager, clock, log, signal)
  kinds.subscribe(({ removed }) => removed.forEach((kind) => informers.drop(kind)))
  const recorder = (client: Client, component: string) => createRecorder(client, component, clock, log)
  for (const controller of controllers) {
    const client = controller.asServer ? localClient(verbs, server) : clientFor(controllerUser(controller.name))
    run(controller.name, runController(controller, { client, informers, kinds, recorder: (name) => recorder(client, name), clock, log, signal }))
  }
  const scheduler = runsAs('system:kube-scheduler')
  run('scheduler', runScheduler({ client: scheduler, informers, recorder: recorder(scheduler, 'default-scheduler'), clock, log, signal }))
  function run(name: string, running: Promise<void>): void {
    running.catch((error: unknown) => log.error('component ended', { component: name, error: errorMessage(error) }))
  }

  const joining = joinNodes()
  joining.catch((error: unknown) => log.error('nodes not started', { error: errorMessage(error) }))
  async function joinNodes(): Promise<void> {
    network = await startNetwork({ client: runsAs('system:kube-proxy'), informers, clusterId: credentials.clusterId, gateway: engine.gateway, clock, log, signal })
    tell(network.notices)
    if (engine.gateway) {
      // pods come by the containers' network, which only this machine and its containers are on
      const port = await api.listen(apiPort, engine.gateway)
      await publishKubernetesService(verbs, { clusterIP: kubernetesIP, address: engine.gateway, port })
    } else {
      await publishKubernetesService(verbs, { clusterIP: kubernetesIP, address: machineIp(), port: apiPort })
    }
    const nodes = { clientFor, informers, clusterId: credentials.clusterId, dataDir, resourcesDir: options.resourcesDir, docker: engine.nodes, simulated: engine.simulated, clusterDns: network.clusterDns, clock, log, signal }
    tell(await startNodes(nodes, (kubelet) => kubelets.push(kubelet)))
  }
  stops.push(async () => {
    await joining.catch(() => undefined)
    await Promise.all(kubelets.map((kubelet) => kubelet.stop({ removePods: options.ephemeral })))
    await network?.stop()
  })

  log.info('cluster ready', { api: apiUrl, dashboardPort: dashboard.port, runtime: engine.name, readyMs, version: version.app })
  return { apiUrl, kubeconfig: kubeconfigFile, dashboardUrl: dashboard.url, readyMs, notices, signInUrl: () => dashboard.signInUrl(), stop }
}

const howToGetDocker = 'To run real containers, install and start Docker (https://docs.docker.com/get-docker/), make sure "docker version" shows a server, and start Wheelhouse again.'

interface Engine {
  readonly name: string
  readonly nodes: number
  readonly simulated: number
  readonly gateway: string | undefined
  readonly notices: readonly string[]
}

/** What the nodes will run on. */
async function findEngine({ runtime, nodes, simulatedNodes }: ClusterOptions): Promise<Engine> {
  const answering = runtime === 'simulated' ? undefined : await dockerVersion()
  if (answering) return { name: `docker ${answering}`, nodes, simulated: simulatedNodes, gateway: await networkGateway(), notices: [] }
  if (runtime === 'docker') throw new Error(`No Docker engine answers. ${howToGetDocker}`)
  const simulated = Math.max(simulatedNodes, 1)
  const pretended = simulated === 1 ? 'this cluster has one simulated node' : `this cluster has ${simulated} simulated nodes`
  const notices = runtime === 'auto' ? [`No Docker engine answers, so ${pretended}: pods are only pretended. ${howToGetDocker}`] : []
  return { name: 'simulated', nodes: 0, simulated, gateway: undefined, notices }
}

/** A kind without watch whose objects are made at each request. */
const computed = <T extends KubeObject>(kind: Kind<T>, all: () => T[]): VirtualProvider<T> => ({
  kind,
  get: async (name, namespace) => all().find((object) => object.metadata.name === name && object.metadata.namespace === namespace),
  list: async (namespace) => all().filter((object) => namespace === undefined || object.metadata.namespace === namespace),
})

/** The proxy's counters; nothing until it has started. */
function trafficOf(network: () => Network | undefined): VirtualProvider<ServiceTraffic> {
  return {
    kind: serviceTraffic,
    get: async (name, namespace) => network()?.proxy.traffic.get(name, namespace),
    list: async (namespace) => network()?.proxy.traffic.list(namespace) ?? [],
    subscribe: (onChange) => network()?.proxy.traffic.subscribe(onChange) ?? (() => undefined),
  }
}
