import { statSync } from 'node:fs'
import { join } from 'node:path'
import { AuditLog } from '../api/audit.ts'
import { type Access, createAccess } from '../api/auth/access.ts'
import { createAuthenticator } from '../api/authn.ts'
import { bootstrap } from '../api/bootstrap.ts'
import type { Credentials } from '../api/credentials.ts'
import { serveDefinitions } from '../api/custom/serve.ts'
import type { Check } from '../api/health.ts'
import { createRegistry } from '../api/registry.ts'
import { type ApiServer, createApiServer } from '../api/server.ts'
import { storageMetrics } from '../api/server-metrics.ts'
import type { User, Verbs } from '../api/verbs.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { version } from '../base/version.ts'
import { kinds as builtIn } from '../kinds/index.ts'
import { Kinds } from '../kinds/kinds.ts'
import { unavailable } from '../kinds/status-error.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import { readEncryptionKey } from '../store/cipher.ts'
import { openStore } from '../store/log.ts'
import type { Store } from '../store/store.ts'
import type { Network } from './network.ts'
import { metricsOf, trafficOf } from './providers.ts'

/** What joins once the API answers, and is asked for through it. */
export interface Joined {
  readonly kubelets: Kubelet[]
  network?: Network
  /** Resolves when the controllers have seen everything once. */
  synced?: Promise<unknown>
  /** The cluster is being stopped. */
  stopping?: boolean
}

export interface ControlPlaneOptions {
  readonly dataDir: string
  readonly credentials: Credentials
  readonly admin: User
  readonly joined: Joined
  /** Of 32 bytes; Secrets are plain on disk without it. */
  readonly encryptionKeyFile?: string
  /** Where to write who did what; nowhere without it. */
  readonly auditLog?: string
  readonly clock: Clock
  readonly log: Logger
  /** Is given how to undo each step as soon as it is done. */
  readonly stops: Array<() => unknown>
}

export interface ControlPlane {
  readonly verbs: Verbs
  readonly kinds: Kinds
  readonly access: Access
  readonly api: ApiServer
}

/** Opens the store and puts the API server in front of it; it does not listen yet. */
export async function openControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const { dataDir, credentials, admin, joined, clock, log, stops } = options
  const file = join(dataDir, 'cluster.db')
  const encryptionKey = options.encryptionKeyFile ? readEncryptionKey(options.encryptionKeyFile) : undefined
  const store = await openStore({ file, log, clock, encryptionKey })
  stops.push(() => store.close())
  const audit = options.auditLog ? new AuditLog({ file: options.auditLog, log }) : undefined
  stops.push(() => audit?.close())
  const tokens = new Map([[credentials.adminToken, admin]])
  const access = await createAccess({ store, clock, log, keys: { signing: credentials.serviceAccountKeyPem }, staticTokens: tokens })
  stops.push(() => access.close())

  const virtual = [...metricsOf(joined.kubelets), trafficOf(() => joined.network), ...access.virtual]
  const kinds = new Kinds([...builtIn, ...virtual.map(({ kind }) => kind)])
  const verbs = createRegistry({ store, clock, virtual, plugins: access.plugins, subresources: access.subresources })
  await bootstrap(verbs)
  await serveDefinitions(verbs, kinds, log)
  await access.start(verbs)

  const api = createApiServer({
    verbs, kinds, clock, log, version,
    node: (name) => joined.kubelets.find((kubelet) => kubelet.nodeName === name)?.connection,
    dialService: async (namespace, service, port) => {
      if (!joined.network) throw unavailable('the proxy is still starting')
      return joined.network.proxy.dial(namespace, service, port)
    },
    tls: { cert: credentials.serverCertPem, key: credentials.serverKeyPem, ca: credentials.caPem },
    authenticate: createAuthenticator(tokens, { userOfToken: access.userOfToken, anonymous: true }),
    authorize: access.authorize,
    document: access.document,
    checks: checksOf(store, joined),
    metrics: () => storageMetrics(store, kinds.all, () => sizeOf(file)),
    audit,
  })
  stops.push(() => api.close())
  return { verbs, kinds, access, api }
}

/** In Kubernetes' names; what has to be there before the server listens needs no check. */
const checksOf = (store: Store, joined: Joined): Check[] => [
  // behind every write that waits, so it does not answer while the disk does not
  { name: 'etcd', check: () => store.commit(() => undefined) },
  {
    name: 'informer-sync', onlyReadiness: true,
    check: () => joined.synced ?? Promise.reject(new Error('the controllers have not started yet')),
  },
  {
    name: 'shutdown', onlyReadiness: true,
    check: () => {
      if (joined.stopping) throw new Error('process is shutting down')
    },
  },
]

/** Bytes of the database, with what has not been moved into its main file yet. */
const sizeOf = (file: string): number =>
  [file, `${file}-wal`].reduce((sum, part) => sum + (statSync(part, { throwIfNoEntry: false })?.size ?? 0), 0)
