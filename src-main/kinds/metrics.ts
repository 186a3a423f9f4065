import { defineKind } from './kind.ts'
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

export const nodeMetrics = defineKind<NodeMetrics>({
  group: 'metrics.k8s.io', version: 'v1beta1', kind: 'NodeMetrics', plural: 'nodes',
  namespaced: false,
  schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics',
  verbs: ['get', 'list'],
  columns: [
    { name: 'CPU', type: 'string', cell: (m) => m.usage.cpu },
    { name: 'Memory', type: 'string', cell: (m) => m.usage.memory },
    { name: 'Window', type: 'string', cell: (m) => m.window },
  ],
})

export const podMetrics = defineKind<PodMetrics>({
  group: 'metrics.k8s.io', version: 'v1beta1', kind: 'PodMetrics', plural: 'pods',
  namespaced: true,
  schema: 'io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics',
  verbs: ['get', 'list'],
  columns: [{ name: 'Window', type: 'string', cell: (m) => m.window }],
})
