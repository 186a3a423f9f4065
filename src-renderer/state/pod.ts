import type { ContainerStatus, Event, Pod } from '../../src-main/kinds/generated/types.ts'
import { count } from './format.ts'
import type { Attention, Mark, State } from './state.ts'

const failures = new Set([
  'CrashLoopBackOff', 'ImagePullBackOff', 'ErrImagePull', 'ErrImageNeverPull', 'InvalidImageName', 'CreateContainerConfigError', 'CreateContainerError',
  'RunContainerError', 'Error', 'OOMKilled', 'Failed', 'Evicted', 'ContainerCannotRun', 'StartError', 'ContainerStatusUnknown',
])

const statuses = (pod: Pod): ContainerStatus[] => pod.status?.containerStatuses ?? []
export const conditionOf = (pod: Pod, type: string) => pod.status?.conditions?.find((c) => c.type === type)
export const isReady = (pod: Pod): boolean => conditionOf(pod, 'Ready')?.status === 'True'
export const restartsOf = (pod: Pod): number => statuses(pod).reduce((sum, s) => sum + s.restartCount, 0)
export const readyCount = (pod: Pod): string => `${statuses(pod).filter((s) => s.ready).length}/${pod.spec?.containers.length ?? 0}`

/** The STATUS that `kubectl get pods` shows. */
export function podWord(pod: Pod): string {
  if (pod.metadata.deletionTimestamp) return 'Terminating'
  const init = (pod.status?.initContainerStatuses ?? []).find((s) => !(s.state?.terminated?.exitCode === 0))
  if (init && !init.state?.running && pod.status?.phase === 'Pending') {
    const why = init.state?.waiting?.reason ?? init.state?.terminated?.reason
    if (why && why !== 'PodInitializing') return `Init:${why}`
  }
  for (const status of [...statuses(pod)].reverse()) {
    if (status.state?.waiting?.reason) return status.state.waiting.reason
    if (status.state?.terminated) return status.state.terminated.reason ?? `ExitCode:${status.state.terminated.exitCode}`
  }
  return pod.status?.reason ?? pod.status?.phase ?? 'Unknown'
}

export function podState(pod: Pod): State {
  const word = podWord(pod)
  return { word, mark: markOf(pod, word) }
}

function markOf(pod: Pod, word: string): Mark {
  if (word === 'Terminating') return 'working'
  if (pod.status?.phase === 'Failed' || failures.has(word.replace(/^Init:/, ''))) return 'failed'
  if (pod.status?.phase === 'Succeeded' || word === 'Completed') return 'ended'
  if (pod.status?.phase === 'Unknown') return 'unknown'
  if (pod.status?.phase === 'Running') return isReady(pod) ? 'ready' : 'attention'
  return conditionOf(pod, 'PodScheduled')?.status === 'False' ? 'attention' : 'working'
}

const waiting: Readonly<Record<string, (s: ContainerStatus) => Pick<Attention, 'what' | 'todo'>>> = {
  ErrImagePull: (s) => ({ what: `The image ${s.image} of container ${s.name} could not be pulled.`, todo: 'Check the name and tag, and that this machine reaches the registry. An image that is only on this machine needs the pull policy IfNotPresent or Never.' }),
  ImagePullBackOff: (s) => waiting.ErrImagePull?.(s) ?? { what: '' },
  ErrImageNeverPull: (s) => ({ what: `The image ${s.image} is not on the node, and the pull policy Never forbids fetching it.`, todo: 'Build or load the image on the node, or change the pull policy.' }),
  InvalidImageName: (s) => ({ what: `“${s.image}” is not a valid image name.`, todo: 'Correct the image of the workload.' }),
  CrashLoopBackOff: (s) => ({ what: `Container ${s.name} keeps stopping (${count(s.restartCount, 'restart')}); it is started again after a growing pause.${lastExit(s)}`, todo: 'Read its logs: the last lines usually say why.' }),
  CreateContainerConfigError: (s) => ({ what: `Container ${s.name} refers to something that is not there, such as a ConfigMap or a Secret.`, todo: 'Create what is missing; the pod starts by itself then.' }),
  CreateContainerError: (s) => ({ what: `The engine could not create container ${s.name}.` }),
  RunContainerError: (s) => ({ what: `The engine could not start container ${s.name}; often the command does not exist in the image.`, todo: 'Check the command.' }),
}

const lastExit = (s: ContainerStatus): string => {
  const last = s.lastState?.terminated
  return last ? ` Last time it ended with exit code ${last.exitCode}${last.reason && last.reason !== 'Error' ? ` (${last.reason})` : ''}.` : ''
}

/** Why a pod waits or fails, most urgent first; empty when there is nothing to say. */
export function podAttention(pod: Pod, events: readonly Event[] = []): Attention[] {
  return [...schedulingOf(pod), ...[...(pod.status?.initContainerStatuses ?? []), ...statuses(pod)].flatMap(containerOf), ...readinessOf(pod, events), ...endOf(pod)]
}

function schedulingOf(pod: Pod): Attention[] {
  const scheduled = conditionOf(pod, 'PodScheduled')
  if (scheduled?.status !== 'False' || pod.metadata.deletionTimestamp) return []
  return [{ mark: 'attention', what: `No node can take this pod${scheduled.message ? `: ${scheduled.message}` : '.'}`, todo: 'Lower what it requests, remove what restricts its nodes, or add a node. It is tried again whenever something changes.', raw: scheduled.message }]
}

function containerOf(status: ContainerStatus): Attention[] {
  const wait = status.state?.waiting
  if (wait?.reason) {
    const known = waiting[wait.reason]
    if (known) return [{ mark: 'failed', ...known(status), raw: wait.message }]
    if (wait.message && wait.reason !== 'ContainerCreating') return [{ mark: 'attention', what: `Container ${status.name} waits: ${wait.reason}.`, raw: wait.message }]
  }
  const ended = status.state?.terminated
  if (ended && ended.exitCode !== 0) {
    const memory = ended.reason === 'OOMKilled'
    return [{
      mark: 'failed',
      what: memory ? `Container ${status.name} used more memory than its limit and was stopped.` : `Container ${status.name} ended with exit code ${ended.exitCode}.`,
      todo: memory ? 'Raise its memory limit, or find out what uses so much.' : 'Read its logs: the last lines usually say why.',
      raw: ended.message,
    }]
  }
  return []
}

function readinessOf(pod: Pod, events: readonly Event[]): Attention[] {
  const running = statuses(pod).filter((s) => s.state?.running && !s.ready)
  if (!running.length || pod.status?.phase !== 'Running' || pod.metadata.deletionTimestamp) return []
  const probe = events.filter((e) => e.reason === 'Unhealthy').at(-1)?.message
  return [{ mark: 'attention', what: `${running.map((s) => s.name).join(', ')} runs but is not ready, so no Service sends it traffic.`, todo: probe ? undefined : 'It becomes ready when its readiness probe succeeds.', raw: probe }]
}

function endOf(pod: Pod): Attention[] {
  if (pod.status?.phase !== 'Failed' || statuses(pod).some((s) => s.state?.terminated)) return []
  return [{ mark: 'failed', what: `The pod failed${pod.status.reason ? `: ${pod.status.reason}` : ''}.`, raw: pod.status.message }]
}

/** One plain sentence about the pod. */
export function podSentence(pod: Pod): string {
  const { word } = podState(pod)
  const node = pod.spec?.nodeName
  if (pod.metadata.deletionTimestamp) return `Being stopped${node ? ` on ${node}` : ''}; its containers get ${count(pod.metadata.deletionGracePeriodSeconds ?? 30, 'second')} to end.`
  if (pod.status?.phase === 'Succeeded') return `Finished: all its containers ended without an error${node ? ` on ${node}` : ''}.`
  if (pod.status?.phase === 'Failed') return `Failed${node ? ` on ${node}` : ''}.`
  if (pod.status?.phase === 'Running' && isReady(pod)) {
    const restarts = restartsOf(pod)
    return `Running and ready on ${node}${restarts ? `, restarted ${count(restarts, 'time')}` : ''}.`
  }
  if (!node) return 'Waiting for a node.'
  if (word === 'ContainerCreating' || word === 'PodInitializing' || word === 'Pending') return `Starting on ${node}.`
  return `On ${node}: ${word}.`
}
