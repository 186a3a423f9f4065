import { endpoints } from '../kinds/core/endpoints.ts'
import { namespace } from '../kinds/core/namespace.ts'
import { service } from '../kinds/core/service.ts'
import { endpointSlice } from '../kinds/discovery/endpoint-slice.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { priorityClass } from '../kinds/scheduling/priority-class.ts'
import { isAlreadyExists, isNotFound } from '../kinds/status-error.ts'
import type { RequestContext, User, Verbs } from './verbs.ts'

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']

/** The API server itself, as its own controllers sign. */
export const server: User = { name: 'system:apiserver', groups: ['system:masters'] }

const asServer = (): RequestContext => ({
  user: server,
  fieldManager: 'kube-apiserver',
  warnings: [],
})

/** What every cluster has before anybody asks. Does nothing where it is there already. */
export async function bootstrap(verbs: Verbs): Promise<void> {
  await Promise.all([
    ...systemNamespaces.map((name) => ensure(verbs, namespace, undefined, { metadata: { name } })),
    ...systemPriorities.map((priority) => ensure(verbs, priorityClass, undefined, { ...priority, preemptionPolicy: 'PreemptLowerPriority' })),
  ])
}

const systemPriorities = [
  {
    metadata: { name: 'system-node-critical' },
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
  {
    metadata: { name: 'system-cluster-critical' },
    value: 2_000_000_000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
]

export interface KubernetesService {
  /** Of the `kubernetes` Service; the first of the service range. */
  readonly clusterIP: string
  /** Where the API server listens for pods. */
  readonly address: string
  readonly port: number
}

/** The way from pods to the API server: Service `kubernetes` in `default`, with endpoints that nobody selects. */
export async function publishKubernetesService(
  verbs: Verbs,
  { clusterIP, address, port }: KubernetesService,
): Promise<void> {
  const metadata = { name: 'kubernetes', labels: { component: 'apiserver', provider: 'kubernetes' } }
  const ports = [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }]
  await ensure(verbs, service, 'default', {
    metadata,
    spec: { clusterIP, clusterIPs: [clusterIP], type: 'ClusterIP', sessionAffinity: 'None', ports },
  })
  const target = { name: 'https', port, protocol: 'TCP' }
  await put(verbs, endpoints, 'default', {
    metadata: { name: 'kubernetes', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: address }], ports: [target] }],
  })
  await put(verbs, endpointSlice, 'default', {
    metadata: { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [target],
  })
}

type Body = Pick<KubeObject, 'metadata'> & Record<string, unknown>

/** Creates the object unless it is there; whoever changed it since keeps their change. */
async function ensure(verbs: Verbs, kind: AnyKind, namespaceName: string | undefined, body: Body): Promise<void> {
  try {
    await verbs.get(kind, { name: body.metadata.name ?? '', ...(namespaceName ? { namespace: namespaceName } : {}) })
  } catch (error) {
    if (!isNotFound(error)) throw error
    await createOnce(verbs, kind, namespaceName, body)
  }
}

async function createOnce(verbs: Verbs, kind: AnyKind, namespaceName: string | undefined, body: Body): Promise<void> {
  try {
    await verbs.create(kind, namespaceName, body, asServer())
  } catch (error) {
    if (!isAlreadyExists(error)) throw error
  }
}

/** The object as it is here, whatever it was: an address of an earlier run is of no use. */
async function put(verbs: Verbs, kind: AnyKind, namespaceName: string, body: Body): Promise<void> {
  const ref = { namespace: namespaceName, name: body.metadata.name ?? '' }
  try {
    await verbs.update(kind, ref, structuredClone(body), asServer())
  } catch (error) {
    if (!isNotFound(error)) throw error
    await createOnce(verbs, kind, namespaceName, body)
  }
}
