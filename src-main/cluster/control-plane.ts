import { statSync } from 'node:fs'
import { join } from 'node:path'
import { AuditLog } from '../api/audit.ts'
import { MatchConditionMetrics } from '../api/admission/match-condition-metrics.ts'
import { PodSecurityMetrics } from '../api/admission/pod-security/pod-security-metrics.ts'
import { StepMetrics } from '../api/admission/step-metrics.ts'
import { createPolicies } from '../api/admission/policies/policies.ts'
import { createWebhookAdmission } from '../api/admission/webhooks/webhooks.ts'
import { type Access, createAccess } from '../api/auth/access.ts'
import { createAuthenticator } from '../api/authn.ts'
import { CertificateMetrics } from '../api/certificate-metrics.ts'
import { createAggregation } from '../api/aggregation/aggregation.ts'
import { bootstrap, publishExtensionAuthentication } from '../api/bootstrap.ts'
import { type Credentials, frontProxyName } from '../api/credentials.ts'
import { ConversionMetrics } from '../api/custom/conversion-metrics.ts'
import { RuleMetrics } from '../api/custom/rule-metrics.ts'
import { serveDefinitions } from '../api/custom/serve.ts'
import { createFlowControl } from '../api/flow-control/flow-control.ts'
import { maintainFlowControl } from '../api/flow-control/maintain.ts'
import type { Check } from '../api/health.ts'
import { keyFor } from '../api/keys.ts'
import { createRegistry } from '../api/registry.ts'
import { type ApiServer, createApiServer } from '../api/server.ts'
import { storageMetrics } from '../api/server-metrics.ts'
import type { User, Verbs } from '../api/verbs.ts'
import { createWebhookCaller } from '../api/webhooks/call.ts'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { version } from '../base/version.ts'
import { kinds as builtIn } from '../kinds/index.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { Kinds } from '../kinds/kinds.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { unavailable } from '../kinds/status-error.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import { readEncryptionKey } from '../store/cipher.ts'
import { openStore } from '../store/log.ts'
import type { Store } from '../store/store.ts'
import { ComponentMetrics } from './component-metrics.ts'
import type { Network } from './network.ts'
import { componentsOf, metricsOf, trafficOf } from './providers.ts'

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
  /** How many requests are answered at once; as many as Kubernetes unless said. */
  readonly seats?: number
  readonly clock: Clock
  readonly log: Logger
  /** Is given how to undo each step as soon as it is done. */
  readonly stops: Array<() => unknown>
}

export interface ControlPlane {
  readonly store: Store
  readonly verbs: Verbs
  readonly kinds: Kinds
  readonly access: Access
  readonly api: ApiServer
  /** Where those that join tell how they do. */
  readonly metrics: ComponentMetrics
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

  const stored = (kind: AnyKind, ref: ObjectRef) => store.get(keyFor(kind, ref))?.object as KubeObject | undefined
  const virtual = [...metricsOf(joined.kubelets, (kind, ref) => stored(kind, ref)?.metadata.labels), trafficOf(() => joined.network), componentsOf(componentChecks(store, joined)), ...access.virtual]
  const dialService = async (namespace: string, service: string, port: number) => {
    if (!joined.network) throw unavailable('the proxy is still starting')
    return joined.network.proxy.dial(namespace, service, port)
  }
  const webhooks = createWebhookCaller({ dialService })
  stops.push(() => webhooks.close())
  const kinds = new Kinds([...builtIn, ...virtual.map(({ kind }) => kind)])
  const conditions = new MatchConditionMetrics()
  const policies = await createPolicies({ store, kinds, authorize: access.authorize, conditions })
  stops.push(() => policies.close())
  const webhookAdmission = createWebhookAdmission({ store, caller: webhooks, authorize: access.authorize, conditions, log })
  stops.push(() => webhookAdmission.close())
  const steps = new StepMetrics()
  const podSecurity = new PodSecurityMetrics()
  const verbs = createRegistry({ store, clock, virtual, steps, podSecurity, plugins: [...access.plugins, ...policies.plugins], reviewers: [...policies.reviewers, webhookAdmission.reviewer], subresources: access.subresources })
  await bootstrap(verbs)
  const conversions = new ConversionMetrics()
  const rules = new RuleMetrics()
  stops.push(() => rules.close())
  await serveDefinitions(verbs, kinds, log, webhooks, conversions)
  await access.start(verbs)
  const { caPem: requestHeaderCa, ...frontProxy } = credentials.frontProxy
  await publishExtensionAuthentication(verbs, { clientCa: credentials.caPem, requestHeaderCa, allowedName: frontProxyName })
  const metrics = new ComponentMetrics()
  const aggregation = await createAggregation({ store, verbs, kinds, dialService, frontProxy, queues: metrics.queues, clock, log })
  stops.push(() => aggregation.close())
  const flowControl = await createFlowControl({ store, clock, seats: options.seats })
  const maintenance = await maintainFlowControl(verbs, clock, log)
  stops.push(() => {
    maintenance.close()
    flowControl.close()
  })

  await webhookAdmission.start()
  const certificates = new CertificateMetrics()
  const counting = [webhookAdmission, policies, conditions, steps, podSecurity, access, certificates, rules, conversions, aggregation, metrics]

  const api = createApiServer({
    verbs, kinds, clock, log, version,
    node: (name) => joined.kubelets.find((kubelet) => kubelet.nodeName === name)?.connection,
    dialService,
    tls: { cert: credentials.serverCertPem, key: credentials.serverKeyPem, ca: credentials.caPem },
    authenticate: createAuthenticator(tokens, { userOfToken: access.userOfToken, anonymous: true, certificates }),
    authorize: access.authorize,
    flowControl,
    aggregation,
    document: access.document,
    checks: checksOf(store, joined),
    metrics: () => [...storageMetrics(store, kinds.objects, () => sizeOf(file)), ...counting.flatMap((each) => each.families())],
    audit,
  })
  stops.push(() => api.close())
  return { store, verbs, kinds, access, api, metrics }
}

/** Scheduler and controllers live and die with this process. */
function componentChecks(store: Store, joined: Joined): Record<string, () => Promise<unknown>> {
  const inProcess = (): Promise<unknown> => joined.synced ?? Promise.reject(new Error('the controllers have not started yet'))
  return { scheduler: inProcess, 'controller-manager': inProcess, 'etcd-0': () => store.commit(() => undefined) }
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
