import { age, since } from '../columns.ts'
import type { ContainerStatus, Pod } from '../generated/types.ts'
import type { Column } from '../kind.ts'
import { conditionOf } from '../meta.ts'

/** A pod in one line, as kubectl users know it. */
export interface PodSummary {
  /** `1/2` */
  readonly ready: string
  /** `Running`, `CrashLoopBackOff`, `Init:0/1`, ... */
  readonly status: string
  readonly restarts: number
  /** RFC 3339; the last time a container ended before it was restarted. */
  readonly lastRestart?: string
}

const restartable = (pod: Pod, name: string): boolean =>
  pod.spec?.initContainers?.find((container) => container.name === name)?.restartPolicy === 'Always'

/** What `kubectl get pods` says of a pod: printPod of the API server's printers. */
export function summarize(pod: Pod): PodSummary {
  const init = pod.status?.initContainerStatuses ?? []
  const main = pod.status?.containerStatuses ?? []
  const sidecars = init.filter((status) => restartable(pod, status.name))
  const total = (pod.spec?.containers ?? []).length + (pod.spec?.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').length
  const initialized = conditionOf(pod.status?.conditions, 'Initialized')?.status === 'True'
  const waiting = initReason(pod)
  const waitsForInit = initialized ? undefined : waiting
  const reason = waitsForInit ?? mainReason(pod) ?? waiting ?? phaseReason(pod)
  // while init containers run, their restarts are the pod's; afterwards those of what keeps running
  const counted = waitsForInit === undefined ? [...sidecars, ...main] : init
  const ready = [...sidecars.filter((s) => s.started && s.ready), ...(waitsForInit === undefined ? main.filter((s) => s.ready && s.state?.running) : [])]
  return {
    ready: `${ready.length}/${total}`,
    status: terminatingReason(pod) ?? reason,
    restarts: counted.reduce((sum, status) => sum + (status.restartCount ?? 0), 0),
    lastRestart: counted.map((status) => status.lastState?.terminated?.finishedAt ?? '').sort().at(-1) || undefined,
  }
}

function phaseReason(pod: Pod): string {
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled')
  if (scheduled?.reason === 'SchedulingGated') return 'SchedulingGated'
  return pod.status?.reason || (pod.status?.phase ?? 'Unknown')
}

/** The first init container that has not done its part; undefined when all have. */
function initReason(pod: Pod): string | undefined {
  const statuses = pod.status?.initContainerStatuses ?? []
  for (const [i, { name, state, started }] of statuses.entries()) {
    if (state?.terminated?.exitCode === 0) continue
    if (restartable(pod, name) && started) continue
    if (state?.terminated) return `Init:${endReason(state.terminated)}`
    const waiting = state?.waiting?.reason
    if (waiting && waiting !== 'PodInitializing') return `Init:${waiting}`
    return `Init:${i}/${pod.spec?.initContainers?.length ?? statuses.length}`
  }
  return undefined
}

function endReason({ reason, signal, exitCode }: NonNullable<NonNullable<ContainerStatus['state']>['terminated']>): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`)
}

/** The reason of the first container, in order, that is not running; of one that is done, the reason of one that failed, or whether others run. */
function mainReason(pod: Pod): string | undefined {
  let reason: string | undefined
  let failure: string | undefined
  let running = false
  for (const { state, ready } of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    if (state?.waiting?.reason) reason = state.waiting.reason
    else if (state?.terminated) {
      reason = endReason(state.terminated)
      if (state.terminated.exitCode !== 0) failure = reason
    } else if (ready && state?.running) running = true
  }
  if (reason !== 'Completed') return reason
  if (running && conditionOf(pod.status?.conditions, 'Ready')?.status === 'True') return 'Running'
  return failure ?? (running ? 'NotReady' : reason)
}

function terminatingReason(pod: Pod): string | undefined {
  if (!pod.metadata.deletionTimestamp) return undefined
  if (pod.status?.reason === 'NodeLost') return 'Unknown'
  return ['Succeeded', 'Failed'].includes(pod.status?.phase ?? '') ? undefined : 'Terminating'
}

function restarts(pod: Pod, now: number): string {
  const summary = summarize(pod)
  return summary.restarts > 0 && summary.lastRestart ? `${summary.restarts} (${since(summary.lastRestart, now)} ago)` : String(summary.restarts)
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? []
  if (gates.length === 0) return '<none>'
  const open = gates.filter((gate) => conditionOf(pod.status?.conditions, gate.conditionType)?.status === 'True')
  return `${open.length}/${gates.length}`
}

export const podColumns: ReadonlyArray<Column<Pod>> = [
  { name: 'Ready', type: 'string', description: 'The aggregate readiness state of this pod for accepting traffic.', cell: (pod) => summarize(pod).ready },
  { name: 'Status', type: 'string', description: 'The aggregate status of the containers in this pod.', cell: (pod) => summarize(pod).status },
  { name: 'Restarts', type: 'string', description: 'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.', cell: restarts },
  age,
  { name: 'IP', type: 'string', priority: 1, of: 'status.podIP', cell: (pod) => pod.status?.podIPs?.[0]?.ip || pod.status?.podIP || '<none>' },
  { name: 'Node', type: 'string', priority: 1, of: 'spec.nodeName', cell: (pod) => pod.spec?.nodeName || '<none>' },
  { name: 'Nominated Node', type: 'string', priority: 1, of: 'status.nominatedNodeName', cell: (pod) => pod.status?.nominatedNodeName || '<none>' },
  { name: 'Readiness Gates', type: 'string', priority: 1, of: 'spec.readinessGates', cell: readinessGates },
]
