import type { Readable } from 'node:stream'
import { timestamp } from '../base/clock.ts'
import type { Pod } from '../kinds/generated/types.ts'
import type { NodeStats, PodUsage, UsageSample } from './stats.ts'

/** What is answered at one of the kubelet's own paths. */
export interface NodeDocument {
  readonly type: string
  readonly body: string | Readable
}

/** What a node knows of itself. */
export interface NodeView {
  readonly nodeName: string
  readonly clusterDomain: string
  readonly clusterDns?: string | undefined
  maxPods(): number
  /** Of this node, with the newest statuses. */
  pods(): Pod[]
  stats(): NodeStats
}

const json = (value: object): NodeDocument => ({ type: 'application/json', body: `${JSON.stringify(value)}\n` })
const text = (body: string): NodeDocument => ({ type: 'text/plain; charset=utf-8', body })

/** The kubelet's read endpoints, as far as there is something true to say; undefined for any other path. */
export function nodeDocument(path: string, view: NodeView): NodeDocument | undefined {
  switch (path.replace(/(?<=.)\/$/, '')) {
    case '/healthz':
    case '/healthz/ping':
    case '/healthz/syncloop':
      return text('ok')
    case '/pods':
      return json(podList(view.pods()))
    case '/runningpods':
      return json(podList(view.pods().filter(({ status }) => status?.phase === 'Running')))
    case '/stats/summary':
      return json(summary(view))
    case '/metrics':
      return { type: metricsType, body: kubeletMetrics(view) }
    case '/metrics/resource':
      return { type: metricsType, body: resourceMetrics(view.stats()) }
    case '/configz':
      return json({ kubeletconfig: configuration(view) })
    default:
      return undefined
  }
}

const podList = (items: readonly Pod[]) => ({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items })

const configuration = ({ clusterDomain, clusterDns, maxPods }: NodeView) => ({
  kind: 'KubeletConfiguration', apiVersion: 'kubelet.config.k8s.io/v1beta1',
  clusterDomain, ...(clusterDns ? { clusterDNS: [clusterDns] } : {}), maxPods: maxPods(),
})

/** stats/v1alpha1 Summary. */
function summary({ nodeName, stats, pods }: NodeView) {
  const { at, node, pods: usages } = stats()
  const time = timestamp(at)
  const known = new Map(pods().map((pod) => [pod.metadata.uid, pod]))
  return {
    node: { nodeName, ...usage(node, time) },
    pods: usages.map((pod) => {
      const { status } = known.get(pod.uid) ?? {}
      const started = (name: string): string | null | undefined => status?.containerStatuses?.find((each) => each.name === name)?.state?.running?.startedAt
      return {
        podRef: { name: pod.name, namespace: pod.namespace, uid: pod.uid },
        startTime: status?.startTime ?? null,
        containers: pod.containers.map(({ name, ...sample }) => ({ name, startTime: started(name) ?? null, ...usage(sample, time) })),
        ...usage(total(pod), time),
      }
    }),
  }
}

const usage = ({ cpu, cpuNanos, memoryBytes }: UsageSample, time: string) => ({
  cpu: { time, usageNanoCores: Math.round(cpu * 1e9), ...(cpuNanos === undefined ? {} : { usageCoreNanoSeconds: cpuNanos }) },
  memory: { time, usageBytes: memoryBytes, workingSetBytes: memoryBytes },
})

const total = ({ containers }: PodUsage): UsageSample => ({
  cpu: containers.reduce((sum, { cpu }) => sum + cpu, 0),
  cpuNanos: containers.reduce((sum, { cpuNanos = 0 }) => sum + cpuNanos, 0),
  memoryBytes: containers.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
})

/** Prometheus' text format. */
const metricsType = 'text/plain; version=0.0.4; charset=utf-8'
type Sample = readonly [labels: Readonly<Record<string, string>>, value: number | undefined]

function family(name: string, type: 'counter' | 'gauge', help: string, samples: readonly Sample[]): string {
  const lines = samples.flatMap(([labels, value]) => {
    const pairs = Object.entries(labels).map(([key, label]) => `${key}=${JSON.stringify(label)}`)
    return value === undefined ? [] : [`${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`]
  })
  return lines.length === 0 ? '' : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`
}

function kubeletMetrics({ nodeName, pods }: NodeView): string {
  const running = pods().filter(({ status }) => status?.phase === 'Running')
  const containers = running.flatMap(({ status }) => status?.containerStatuses ?? []).filter(({ state }) => state?.running)
  return [
    family('kubelet_node_name', 'gauge', "The node's name. The count is always 1.", [[{ node: nodeName }, 1]]),
    family('kubelet_running_pods', 'gauge', 'Number of pods that have a running pod sandbox', [[{}, running.length]]),
    family('kubelet_running_containers', 'gauge', 'Number of containers currently running', [[{ container_state: 'running' }, containers.length]]),
  ].join('')
}

/** What metrics-server scrapes. */
function resourceMetrics({ node, pods }: NodeStats): string {
  const seconds = (nanos: number | undefined): number | undefined => (nanos === undefined ? undefined : nanos / 1e9)
  const containers = pods.flatMap(({ namespace, name, containers: all }) => all.map((each) => ({ labels: { container: each.name, namespace, pod: name }, each })))
  const whole = pods.map((pod) => ({ labels: { namespace: pod.namespace, pod: pod.name }, each: total(pod) }))
  return [
    family('container_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the container in core-seconds', containers.map(({ labels, each }): Sample => [labels, seconds(each.cpuNanos)])),
    family('container_memory_working_set_bytes', 'gauge', 'Current working set of the container in bytes', containers.map(({ labels, each }): Sample => [labels, each.memoryBytes])),
    family('node_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the node in core-seconds', [[{}, seconds(node.cpuNanos)]]),
    family('node_memory_working_set_bytes', 'gauge', 'Current working set of the node in bytes', [[{}, node.memoryBytes]]),
    family('pod_cpu_usage_seconds_total', 'counter', 'Cumulative cpu time consumed by the pod in core-seconds', whole.map(({ labels, each }): Sample => [labels, seconds(each.cpuNanos)])),
    family('pod_memory_working_set_bytes', 'gauge', 'Current working set of the pod in bytes', whole.map(({ labels, each }): Sample => [labels, each.memoryBytes])),
    family('scrape_error', 'gauge', '1 if there was an error while getting container metrics, 0 otherwise', [[{}, 0]]),
  ].join('')
}
