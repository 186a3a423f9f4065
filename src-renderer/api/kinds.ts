import type {
  ConfigMap, Deployment, EndpointSlice, Event, Namespace, Node, Pod, ReplicaSet, ReplicationController, Secret, Service, ServiceAccount,
} from '../../src-main/kinds/generated/types.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import type { NodeMetrics, PodMetrics } from '../../src-main/kinds/metrics.ts'
import type { ServiceTraffic } from '../../src-main/kinds/traffic.ts'

/** What the window must know of a kind to ask for it and to speak about it. */
export interface KindInfo<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  /** In a sentence: `deployment`, `config map`. */
  readonly noun: string
  /** As a heading: `Deployments`. */
  readonly title: string
  /** Carries T through inference; never set. */
  readonly sample?: T
}

const define =
  (group: string, version: string, namespaced: boolean) =>
  <T extends KubeObject>(kind: string, plural: string, noun: string, title: string): KindInfo<T> => ({ group, version, kind, plural, namespaced, noun, title })

const core = define('', 'v1', true)
const apps = define('apps', 'v1', true)
const cluster = define('', 'v1', false)

export const pods = core<Pod>('Pod', 'pods', 'pod', 'Pods')
export const services = core<Service>('Service', 'services', 'service', 'Services')
export const configMaps = core<ConfigMap>('ConfigMap', 'configmaps', 'config map', 'ConfigMaps')
export const secrets = core<Secret>('Secret', 'secrets', 'secret', 'Secrets')
export const serviceAccounts = core<ServiceAccount>('ServiceAccount', 'serviceaccounts', 'service account', 'ServiceAccounts')
export const events = core<Event>('Event', 'events', 'event', 'Events')
export const replicationControllers = core<ReplicationController>(
  'ReplicationController', 'replicationcontrollers', 'replication controller', 'ReplicationControllers',
)
export const deployments = apps<Deployment>('Deployment', 'deployments', 'deployment', 'Deployments')
export const replicaSets = apps<ReplicaSet>('ReplicaSet', 'replicasets', 'replica set', 'ReplicaSets')
export const nodes = cluster<Node>('Node', 'nodes', 'node', 'Nodes')
export const namespaces = cluster<Namespace>('Namespace', 'namespaces', 'namespace', 'Namespaces')
export const endpointSlices = define('discovery.k8s.io', 'v1', true)<EndpointSlice>(
  'EndpointSlice', 'endpointslices', 'endpoint slice', 'EndpointSlices',
)
export const serviceTraffics = define('traffic.wheelhouse.dev', 'v1', true)<ServiceTraffic>(
  'ServiceTraffic', 'servicetraffics', 'traffic', 'Traffic',
)
export const nodeMetrics = define('metrics.k8s.io', 'v1beta1', false)<NodeMetrics>('NodeMetrics', 'nodes', 'node metrics', 'Node metrics')
export const podMetrics = define('metrics.k8s.io', 'v1beta1', true)<PodMetrics>('PodMetrics', 'pods', 'pod metrics', 'Pod metrics')

/** Kinds a person can open, by the plural that stands in the address. */
export const shownKinds: Readonly<Record<string, KindInfo>> = Object.fromEntries(
  [
    deployments, replicaSets, replicationControllers, pods, services, configMaps, secrets, serviceAccounts, nodes, namespaces, events, endpointSlices,
  ].map((kind) => [kind.plural, kind]),
)

/** The shown kind an owner reference or an event's object names; undefined for kinds without a page. */
export const kindNamed = (kind: string | undefined): KindInfo | undefined => Object.values(shownKinds).find((k) => k.kind === kind)

export const apiVersionOf = (kind: KindInfo): string => (kind.group ? `${kind.group}/${kind.version}` : kind.version)

/** Path of a kind's list, of the list in a namespace, or of one object. */
export function pathOf(kind: KindInfo, ref: { namespace?: string; name?: string } = {}): string {
  const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`
  const scope = kind.namespaced && ref.namespace ? `/namespaces/${encodeURIComponent(ref.namespace)}` : ''
  return `${root}${scope}/${kind.plural}${ref.name ? `/${encodeURIComponent(ref.name)}` : ''}`
}
