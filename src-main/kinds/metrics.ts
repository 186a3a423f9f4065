import { formatMilliCpu, milliCpu, wholeQuantity } from '../base/quantity.ts'
import { type Column, defineKind } from './kind.ts'
import type { KubeObject } from './meta.ts'

/** `cpu` in cores (`12m`), `memory` in bytes (`34Mi`): metrics.k8s.io/v1beta1. Computed, never stored. */
export interface Usage {
  cpu: string
  memory: string
}

export interface NodeMetrics extends KubeObject {
  timestamp: string
  window: string
  usage: Usage
}

export interface PodMetrics extends KubeObject {
  timestamp: string
  window: string
  containers: Array<{ name: string; usage: Usage }>
}

/** As metrics-server has them: a reading has no age. */
const columns = <T extends KubeObject & { window: string }>(usageOf: (metrics: T) => Usage): Array<Column<T>> => [
  { name: 'Name', type: 'string', cell: ({ metadata }) => metadata.name ?? '' },
  { name: 'cpu', type: 'string', format: 'quantity', cell: (metrics) => usageOf(metrics).cpu },
  { name: 'memory', type: 'string', format: 'quantity', cell: (metrics) => usageOf(metrics).memory },
  { name: 'Window', type: 'string', format: 'duration', cell: ({ window }) => window },
]

export const nodeMetrics = defineKind<NodeMetrics>({
  group: 'metrics.k8s.io', version: 'v1beta1', kind: 'NodeMetrics', plural: 'nodes',
  namespaced: false,
  schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics',
  verbs: ['get', 'list'],
  columns: columns(({ usage }) => usage),
})

export const podMetrics = defineKind<PodMetrics>({
  group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics', plural: 'pods',
  namespaced: true,
  schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics',
  verbs: ['get', 'list'],
  columns: columns(({ containers }) => ({
    cpu: formatMilliCpu(containers.reduce((sum, { usage }) => sum + milliCpu(usage.cpu), 0)),
    memory: `${containers.reduce((sum, { usage }) => sum + wholeQuantity(usage.memory), 0) / 1024}Ki`,
  })),
})
