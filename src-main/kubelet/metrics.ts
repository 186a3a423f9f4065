import { timestamp } from '../base/clock.ts'
import { formatMilliCpu } from '../base/quantity.ts'
import { type NodeMetrics, nodeMetrics, type PodMetrics, podMetrics, type Usage } from '../kinds/metrics.ts'
import type { NodeStats, UsageSample } from './stats.ts'

/** Whose readings are shown. */
interface Source {
  readonly nodeName: string
  stats(): NodeStats
}

const usage = (sample: UsageSample): Usage => ({
  cpu: formatMilliCpu(Math.ceil(sample.cpu * 1000)),
  memory: `${Math.ceil(sample.memoryBytes / 1024)}Ki`,
})

const reading = (stats: NodeStats) => ({ timestamp: timestamp(stats.at), window: `${Math.max(1, Math.round(stats.windowMs / 1000))}s` })

/** Nothing is shown until there are two readings: one alone gives no rate. */
const readable = (sources: readonly Source[]) =>
  sources.map(({ nodeName, stats }) => ({ nodeName, stats: stats() })).filter(({ stats }) => stats.windowMs > 0)

/** NodeMetrics of the nodes that have been read; for metrics.k8s.io. */
export const nodeMetricsOf = (sources: readonly Source[]): NodeMetrics[] =>
  readable(sources).map(({ nodeName, stats }) => ({
    apiVersion: nodeMetrics.apiVersion,
    kind: nodeMetrics.kind,
    metadata: { name: nodeName },
    ...reading(stats),
    usage: usage(stats.node),
  }))

/** PodMetrics of all running pods. */
export const podMetricsOf = (sources: readonly Source[]): PodMetrics[] =>
  readable(sources).flatMap(({ stats }) =>
    stats.pods.map((pod) => ({
      apiVersion: podMetrics.apiVersion,
      kind: podMetrics.kind,
      metadata: { name: pod.name, namespace: pod.namespace },
      ...reading(stats),
      containers: pod.containers.map((container) => ({ name: container.name, usage: usage(container) })),
    })),
  )
