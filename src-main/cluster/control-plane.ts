import { join } from 'node:path'
import { type Access, createAccess } from '../api/auth/access.ts'
import { createAuthenticator } from '../api/authn.ts'
import { bootstrap } from '../api/bootstrap.ts'
import type { Credentials } from '../api/credentials.ts'
import { serveDefinitions } from '../api/custom/serve.ts'
import { createRegistry } from '../api/registry.ts'
import { type ApiServer, createApiServer } from '../api/server.ts'
import type { User, Verbs } from '../api/verbs.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { version } from '../base/version.ts'
import { kinds as builtIn } from '../kinds/index.ts'
import { Kinds } from '../kinds/kinds.ts'
import { unavailable } from '../kinds/status-error.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import { openStore } from '../store/log.ts'
import type { Network } from './network.ts'
import { metricsOf, trafficOf } from './providers.ts'

/** What joins once the API answers, and is asked for through it. */
export interface Joined {
  readonly kubelets: Kubelet[]
  network?: Network
}

export interface ControlPlaneOptions {
  readonly dataDir: string
  readonly credentials: Credentials
  readonly admin: User
  readonly joined: Joined
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
export async function openControlPlane({ dataDir, credentials, admin, joined, clock, log, stops }: ControlPlaneOptions): Promise<ControlPlane> {
  const store = await openStore({ file: join(dataDir, 'cluster.db'), log, clock })
  stops.push(() => store.close())
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
  })
  stops.push(() => api.close())
  return { verbs, kinds, access, api }
}
