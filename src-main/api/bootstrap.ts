import { configMap } from '../kinds/core/config-map.ts'
import { endpoints } from '../kinds/core/endpoints.ts'
import { namespace } from '../kinds/core/namespace.ts'
import { service } from '../kinds/core/service.ts'
import { endpointSlice } from '../kinds/discovery/endpoint-slice.ts'
import { type ServiceCIDR, serviceCidr } from '../kinds/networking/service-cidr.ts'
import { defaultServiceCidr } from './admission/address-range.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { conditionOf, type KubeObject } from '../kinds/meta.ts'
import { priorityClass } from '../kinds/scheduling/priority-class.ts'
import { isAlreadyExists, isNotFound } from '../kinds/status-error.ts'
import { isNonSpecialIP } from '../kinds/ip.ts'
import { clusterConfig } from './kubeconfig.ts'
import type { Chore } from './repeat.ts'
import { asServer } from './server-user.ts'
import type { Verbs } from './verbs.ts'

const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease']
/** SystemNamespacesInterval and DefaultEndpointReconcilerInterval of controlplane. */
const [namespacesMs, serviceMs] = [60_000, 10_000]

/** What every cluster has before anybody asks; `cidr` is where its ClusterIPs come from. Does nothing where it is there already. */
export async function bootstrap(verbs: Verbs, cidr = defaultServiceCidr): Promise<void> {
  await Promise.all([
    publishNamespaces(verbs),
    ...systemPriorities.map((priority) => ensure(verbs, priorityClass, undefined, { ...priority, preemptionPolicy: 'PreemptLowerPriority' })),
    publishServiceCidr(verbs, cidr),
  ])
}

async function publishNamespaces(verbs: Verbs): Promise<void> {
  await Promise.all(systemNamespaces.map((name) => ensure(verbs, namespace, undefined, { metadata: { name } })))
}

/** Puts the system's namespaces back when somebody has deleted one: nodes renew their leases in one of them. */
export const keepNamespaces = (verbs: Verbs): Chore => ({ ms: namespacesMs, failure: 'system namespaces not kept', act: () => publishNamespaces(verbs) })

/** The range of ClusterIPs as an object; its finalizer keeps it, for Services hold addresses of it. */
async function publishServiceCidr(verbs: Verbs, cidr: string): Promise<void> {
  const metadata = { name: 'kubernetes', finalizers: ['networking.k8s.io/service-cidr-finalizer'] }
  await ensure(verbs, serviceCidr, undefined, { metadata, spec: { cidrs: [cidr] } })
  const { object } = await verbs.get(serviceCidr, { name: 'kubernetes' })
  const { metadata: { creationTimestamp }, status } = object as ServiceCIDR
  if (conditionOf(status?.conditions, 'Ready')) return
  const ready = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready', lastTransitionTime: creationTimestamp }
  await verbs.patch(serviceCidr, { name: 'kubernetes' }, { type: 'merge', body: { status: { conditions: [ready] } } }, asServer(), 'status')
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
  // a machine without a network has only its loopback address, which is another one inside a pod: no endpoint
  const reachable = isNonSpecialIP(address).length === 0
  await put(verbs, endpoints, 'default', {
    metadata: { name: 'kubernetes', labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: reachable ? [{ addresses: [{ ip: address }], ports: [target] }] : [],
  })
  await put(verbs, endpointSlice, 'default', {
    metadata: { name: 'kubernetes', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: reachable ? [{ addresses: [address], conditions: { ready: true } }] : [],
    ports: [target],
  })
}

/** Puts the Service and its endpoints back as they were published. */
export const keepKubernetesService = (verbs: Verbs, service: KubernetesService): Chore => ({
  ms: serviceMs, failure: 'service kubernetes not kept', act: () => publishKubernetesService(verbs, service),
})

export interface ExtensionAuthentication {
  /** PEM: who may sign certificates of users. */
  readonly clientCa: string
  /** PEM: who may sign the certificate with which this server asks for others, and the name in it. */
  readonly requestHeaderCa: string
  readonly allowedName: string
}

/** What extension API servers read to know whom to believe: ConfigMap `extension-apiserver-authentication` in `kube-system`. */
export async function publishExtensionAuthentication(verbs: Verbs, { clientCa, requestHeaderCa, allowedName }: ExtensionAuthentication): Promise<void> {
  await put(verbs, configMap, 'kube-system', {
    metadata: { name: 'extension-apiserver-authentication' },
    data: {
      'client-ca-file': clientCa,
      'requestheader-allowed-names': JSON.stringify([allowedName]),
      'requestheader-client-ca-file': requestHeaderCa,
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-username-headers': '["X-Remote-User"]',
    },
  })
}

/** What kubeadm leaves for whoever wants to join: where the server is and whom to trust, to be signed with bootstrap tokens. */
export async function publishClusterInfo(verbs: Verbs, reached: { readonly server: string; readonly caPem: string }): Promise<void> {
  const data = { kubeconfig: clusterConfig(reached) }
  const ref = { namespace: 'kube-public', name: 'cluster-info' }
  try {
    await verbs.patch(configMap, ref, { type: 'merge', body: { data } }, asServer())
  } catch (error) {
    if (!isNotFound(error)) throw error
    await createOnce(verbs, configMap, ref.namespace, { metadata: { name: ref.name }, data })
  }
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
