import type { VirtualProvider } from '../api/virtual.ts'
import { errorMessage } from '../base/log.ts'
import type { Labels } from '../base/selector.ts'
import { type ComponentStatus, componentStatus } from '../kinds/core/component-status.ts'
import { node } from '../kinds/core/node.ts'
import { pod } from '../kinds/core/pod.ts'
import type { AnyKind, Kind } from '../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { nodeMetrics, podMetrics } from '../kinds/metrics.ts'
import { type ServiceTraffic, serviceTraffic } from '../kinds/traffic.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import { nodeMetricsOf, podMetricsOf } from '../kubelet/metrics.ts'
import type { Network } from './network.ts'

type LabelsOf = (kind: AnyKind, ref: ObjectRef) => Labels | undefined

/** metrics.k8s.io, out of the kubelets that run by then; readings have the labels of what was read, and are selected by them. */
export function metricsOf(kubelets: ReadonlyArray<Pick<Kubelet, 'nodeName' | 'stats'>>, labelsOf: LabelsOf): VirtualProvider[] {
  const labelled = <T extends KubeObject>(kind: AnyKind, all: T[]): T[] =>
    all.map((reading) => {
      const { name = '', namespace } = reading.metadata
      const labels = labelsOf(kind, { name, namespace })
      return labels ? { ...reading, metadata: { ...reading.metadata, labels: { ...labels } } } : reading
    })
  return [
    computed(nodeMetrics, () => labelled(node, nodeMetricsOf(kubelets))),
    computed(podMetrics, () => labelled(pod, podMetricsOf(kubelets))),
  ]
}

/** How the parts are that Kubernetes runs as programs of their own; each check rejects with what is wrong. */
export function componentsOf(checks: Readonly<Record<string, () => Promise<unknown>>>): VirtualProvider<ComponentStatus> {
  const examine = async (name: string, check: () => Promise<unknown>): Promise<ComponentStatus> => {
    const wrong = await check().then(() => undefined, errorMessage)
    const condition = { type: 'Healthy', status: wrong === undefined ? 'True' : 'False', message: wrong ?? 'ok' }
    return { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions: [condition] }
  }
  return {
    kind: componentStatus,
    get: async (name) => (Object.hasOwn(checks, name) ? examine(name, checks[name]!) : undefined),
    list: () => Promise.all(Object.entries(checks).map(([name, check]) => examine(name, check))),
  }
}

/** The proxy's counters; nothing until it has started. */
export function trafficOf(network: () => Network | undefined): VirtualProvider<ServiceTraffic> {
  return {
    kind: serviceTraffic,
    get: async (name, namespace) => network()?.proxy.traffic.get(name, namespace),
    list: async (namespace) => network()?.proxy.traffic.list(namespace) ?? [],
    subscribe: (onChange) => network()?.proxy.traffic.subscribe(onChange) ?? (() => undefined),
  }
}

/** A kind without watch whose objects are made at each request. */
const computed = <T extends KubeObject>(kind: Kind<T>, all: () => T[]): VirtualProvider<T> => ({
  kind,
  get: async (name, namespace) => all().find((object) => object.metadata.name === name && object.metadata.namespace === namespace),
  list: async (namespace) => all().filter((object) => namespace === undefined || object.metadata.namespace === namespace),
})
