import type { VirtualProvider } from '../api/virtual.ts'
import type { Kind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { nodeMetrics, podMetrics } from '../kinds/metrics.ts'
import { type ServiceTraffic, serviceTraffic } from '../kinds/traffic.ts'
import type { Kubelet } from '../kubelet/kubelet.ts'
import { nodeMetricsOf, podMetricsOf } from '../kubelet/metrics.ts'
import type { Network } from './network.ts'

/** metrics.k8s.io, out of the kubelets that run by then. */
export const metricsOf = (kubelets: readonly Kubelet[]): VirtualProvider[] => [
  computed(nodeMetrics, () => nodeMetricsOf(kubelets)),
  computed(podMetrics, () => podMetricsOf(kubelets)),
]

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
