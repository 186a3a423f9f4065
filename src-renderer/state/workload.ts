import type { Deployment, Pod, ReplicaSet, ReplicationController } from '../../src-main/kinds/generated/types.ts'
import { ago, count } from './format.ts'
import { podState } from './pod.ts'
import { matches } from './service.ts'
import type { Attention, State } from './state.ts'

/** Whatever keeps a number of pods. */
export type Workload = Deployment | ReplicaSet | ReplicationController

export const wishOf = (w: Workload): number => w.spec?.replicas ?? 1
export const readyOf = (w: Workload): number => w.status?.readyReplicas ?? 0
const updatedOf = (w: Workload): number => (w.kind === 'Deployment' ? ((w.status as Deployment['status'])?.updatedReplicas ?? 0) : (w.status?.replicas ?? 0))
const conditionsOf = (w: Workload) => w.status?.conditions ?? []

/** Labels its pods carry; undefined when it selects by expressions alone. */
export const selectorOf = (w: Workload): Record<string, string> | undefined =>
  w.kind === 'ReplicationController' ? (w as ReplicationController).spec?.selector : (w as Deployment).spec?.selector?.matchLabels

export function workloadState(w: Workload): State {
  if (w.metadata.deletionTimestamp) return { mark: 'working', word: 'Terminating' }
  if (conditionsOf(w).some((c) => c.type === 'ReplicaFailure' && c.status === 'True')) return { mark: 'failed', word: 'Failing' }
  if (conditionsOf(w).some((c) => c.type === 'Progressing' && c.reason === 'ProgressDeadlineExceeded')) return { mark: 'failed', word: 'Stuck' }
  const wish = wishOf(w)
  if (wish === 0 && !w.status?.replicas) return { mark: 'ended', word: 'Scaled to 0' }
  const settled = (w.status?.observedGeneration ?? 0) >= (w.metadata.generation ?? 0) && updatedOf(w) >= wish && (w.status?.replicas ?? 0) === wish
  if (settled && readyOf(w) >= wish) return { mark: 'ready', word: 'Ready' }
  return { mark: 'working', word: (w.status?.replicas ?? 0) > wish ? 'Scaling down' : readyOf(w) === 0 ? 'Starting' : 'Rolling' }
}

/** The pods that a workload selects. */
export const podsOf = (w: Workload, pods: readonly Pod[]): Pod[] =>
  pods.filter((p) => p.metadata.namespace === w.metadata.namespace && matches(selectorOf(w), p.metadata.labels))

/** A workload that is on its way, but whose pods fail or wait for something, needs attention. */
export function workloadStateWith(w: Workload, pods: readonly Pod[]): State {
  const state = workloadState(w)
  if (state.mark !== 'working') return state
  const marks = podsOf(w, pods).map((p) => podState(p).mark)
  if (marks.includes('failed')) return { mark: 'failed', word: 'Pods failing' }
  return marks.includes('attention') && !marks.includes('working') ? { mark: 'attention', word: 'Pods waiting' } : state
}

export function workloadSentence(w: Workload, now: number): string {
  const wish = wishOf(w)
  const { mark } = workloadState(w)
  if (w.metadata.deletionTimestamp) return 'Being deleted; its pods end with it.'
  if (mark === 'ended') return 'Scaled to 0: no pods run until it is scaled up.'
  const ready = `${readyOf(w)} of ${count(wish, 'pod')} ready`
  const rolled = conditionsOf(w).find((c) => c.type === 'Progressing') as { lastUpdateTime?: string } | undefined
  if (mark === 'ready') return `${ready}, ${rolled?.lastUpdateTime ? `rolled out ${ago(rolled.lastUpdateTime, now)}` : `created ${ago(w.metadata.creationTimestamp, now)}`}.`
  const old = (w.status?.replicas ?? 0) - updatedOf(w)
  return `${ready}${old > 0 ? `; ${count(old, 'old pod')} to be replaced` : ''}.`
}

export function workloadAttention(w: Workload): Attention[] {
  return conditionsOf(w).flatMap((c): Attention[] => {
    if (c.type === 'ReplicaFailure' && c.status === 'True') return [{ mark: 'failed', what: 'Pods could not be created.', raw: c.message }]
    if (c.type === 'Progressing' && c.reason === 'ProgressDeadlineExceeded')
      return [{ mark: 'failed', what: 'The rollout stopped making progress.', todo: 'Look at the newest pods below: the first one that is not ready says why.', raw: c.message }]
    return []
  })
}
