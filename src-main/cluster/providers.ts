import type { VirtualProvider } from '../api/virtual.ts'
import { errorMessage } from '../base/log.ts'
import { type ComponentStatus, componentStatus } from '../kinds/core/component-status.ts'
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
