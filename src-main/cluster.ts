import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Access } from './api/auth/access.ts'
import { keepKubernetesService, keepNamespaces, publishClusterInfo, publishKubernetesService } from './api/bootstrap.ts'
import { type Credentials, loadCredentials } from './api/credentials.ts'
import { keepIdentity } from './api/identity-lease.ts'
import { kubeconfig } from './api/kubeconfig.ts'
import { repeat } from './api/repeat.ts'
import type { User } from './api/verbs.ts'
import { systemClock as clock } from './base/clock.ts'
import { errorMessage, type Logger } from './base/log.ts'
import { version } from './base/version.ts'
import { authenticated, type Components, runComponents } from './cluster/components.ts'
import { type ControlPlane, type Joined, openControlPlane } from './cluster/control-plane.ts'
import { type Engine, findEngine } from './cluster/engine.ts'
import { startNetwork } from './cluster/network.ts'
import { startNodes } from './cluster/nodes.ts'
import type { Controller } from './controllers/controller.ts'
import { controllers } from './controllers/index.ts'
import { csrSigning } from './controllers/csr-signing.ts'
import { rootCa } from './controllers/root-ca.ts'
import { tokenSecrets } from './controllers/token-secrets.ts'
import { startDashboard } from './dashboard/listener.ts'
import { machineIp } from './kubelet/docker-info.ts'

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
  /** Its 32 bytes encrypt Secrets on disk; they are plain there without it. */
  readonly encryptionKeyFile?: string
  /** Where to write who asked what over HTTP; nowhere without it. */
  readonly auditLog?: string
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

const admin: User = { name: 'wheelhouse-admin', groups: ['system:masters', 'system:authenticated'] }
const kubernetesIP = '10.96.0.1'

/**
 * Wires every part and starts it. Resolves when the API answers and the dashboard listens; nodes join right after.
 * Rejects with a sentence that says what to do; whatever had started is stopped again.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const stops: Array<() => unknown> = []
  async function stop(): Promise<void> {
    for (const undo of stops.splice(0).reverse()) {
      try {
        await undo()
      } catch (error) {
        options.log.error('not stopped cleanly', { error: errorMessage(error) })
      }
    }
  }
  try {
    return { ...(await start(options, stops)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(options: ClusterOptions, stops: Array<() => unknown>): Promise<Omit<Cluster, 'stop'>> {
  const { dataDir, log } = options
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  if (options.ephemeral) stops.push(() => rmSync(dataDir, { recursive: true, force: true }))
  const joined: Joined = { kubelets: [] }
  const credentials = await loadCredentials(dataDir, clock.now())
  const [plane, engine] = await Promise.all([
    openControlPlane({ ...options, credentials, admin, joined, clock, stops }),
    findEngine(options),
  ])

  const apiPort = await plane.api.listen(options.apiPort)
  const apiUrl = `https://127.0.0.1:${apiPort}`
  const kubeconfigFile = join(dataDir, 'kubeconfig')
  writeFileSync(kubeconfigFile, kubeconfig({ server: apiUrl, caPem: credentials.caPem, token: credentials.adminToken, user: admin.name }), { mode: 0o600 })
  const readyMs = Math.round(performance.now() - (options.since ?? 0))

  const notices = noticeBoard(log)
  notices.tell(engine.notices)
  notices.tell(portTaken('API', options.apiPort, apiPort))
  const dashboard = await startDashboard({
    port: options.dashboardPort, rendererDir: options.rendererDir, api: plane.api, user: admin, clock, log,
    facts: () => ({ notices: notices.all, version: version.app, kubernetes: version.gitVersion, runtime: engine.name }),
  })
  stops.push(() => dashboard.close())
  notices.tell(portTaken('dashboard', options.dashboardPort, dashboard.port))

  const abort = new AbortController()
  stops.push(() => abort.abort())
  const components = runComponents({ ...plane, authorize: plane.access.authorize, controllers: [...controllers, ...trusted(credentials, plane.access)], clock, log, signal: abort.signal })
  joined.synced = components.informers.synced()
  const identity = keepIdentity(plane.verbs, hostname(), clock, log)
  const namespaces = repeat([keepNamespaces(plane.verbs)], clock, log)
  stops.push(() => {
    identity.close()
    namespaces.close()
  })
  await publishClusterInfo(plane.verbs, { server: apiUrl, caPem: credentials.caPem })
  const joining = joinNodes({ options, plane, engine, components, joined, apiPort, clusterId: credentials.clusterId, signal: abort.signal })
    .then(notices.tell, (error: unknown) => log.error('nodes not started', { error: errorMessage(error) }))
  stops.push(async () => {
    await joining
    await Promise.all(joined.kubelets.map((kubelet) => kubelet.stop({ removePods: options.ephemeral })))
    await joined.network?.stop()
  })
  stops.push(() => (joined.stopping = true))
  log.info('cluster ready', { api: apiUrl, dashboardPort: dashboard.port, runtime: engine.name, readyMs, version: version.app })
  return { apiUrl, kubeconfig: kubeconfigFile, dashboardUrl: dashboard.url, readyMs, notices: notices.all, signInUrl: () => dashboard.signInUrl() }
}

/** Controllers that are given what proves the cluster's identity. */
const trusted = ({ caPem, caKeyPem }: Credentials, { secretToken }: Access): Controller[] =>
  [rootCa(caPem), csrSigning({ cert: caPem, key: caKeyPem }), tokenSecrets({ caPem, token: secretToken })]

interface Joining {
  readonly options: ClusterOptions
  readonly plane: ControlPlane
  readonly engine: Engine
  readonly components: Components
  readonly joined: Joined
  readonly apiPort: number
  readonly clusterId: string
  readonly signal: AbortSignal
}

/** Starts proxy, DNS and nodes; resolves with what a person should know about them. */
async function joinNodes({ options, plane, engine, components, joined, apiPort, clusterId, signal }: Joining): Promise<string[]> {
  const { informers, clientFor } = components
  const { log, dataDir, resourcesDir } = options
  const gateway = engine.podNetwork?.address
  const network = await startNetwork({ client: clientFor(authenticated('system:kube-proxy')), informers, clusterId, podNetwork: engine.podNetwork, clock, log, signal })
  joined.network = network
  // pods come by the containers' network, which only this machine and its containers are on
  const port = gateway ? await plane.api.listen(apiPort, gateway) : apiPort
  const service = { clusterIP: kubernetesIP, address: gateway ?? machineIp(), port }
  await publishKubernetesService(plane.verbs, service)
  const keeping = repeat([keepKubernetesService(plane.verbs, service)], clock, log)
  signal.addEventListener('abort', () => keeping.close(), { once: true })
  const problems = await startNodes(
    { clientFor, informers, clusterId, dataDir, resourcesDir, docker: engine.nodes, simulated: engine.simulated, clusterDns: network.clusterDns, clock, log, signal },
    (kubelet) => joined.kubelets.push(kubelet),
  )
  return [...network.notices, ...problems]
}

function noticeBoard(log: Logger): { readonly all: readonly string[]; tell(sentences: readonly string[]): void } {
  const all: string[] = []
  return {
    all,
    tell(sentences) {
      for (const notice of sentences) log.info('notice', { notice })
      all.push(...sentences)
    },
  }
}

const portTaken = (what: string, wished: number, taken: number): string[] =>
  wished === 0 || wished === taken ? [] : [`Port ${wished} is taken, so the ${what} listens on ${taken}.`]
