import { timestamp } from '../../base/clock.ts'
import { isJsonObject } from '../../base/json.ts'
import { labelSelector, matches } from '../../base/selector.ts'
import type { Pod } from '../../kinds/core/pod.ts'
import type { Eviction } from '../../kinds/generated/types.ts'
import { conditionOf, type ObjectRef, withCondition } from '../../kinds/meta.ts'
import { podDisruptionBudget as budgetKind, type PodDisruptionBudget } from '../../kinds/policy/pod-disruption-budget.ts'
import { badRequest, forbidden, plainFailure, StatusError, tooManyRequests } from '../../kinds/status-error.ts'
import type { StoredObject, WriteTx } from '../../store/store.ts'
import type { Expected } from '../decode.ts'
import { prefixOf } from '../keys.ts'
import { objectOf } from '../read.ts'
import { checkDryRun } from '../request-options.ts'
import type { DeleteRequest } from '../verbs.ts'

export const evictionType: Expected = {
  apiVersion: 'policy/v1',
  version: 'v1',
  kind: 'Eviction',
  schema: 'io.k8s.api.policy.v1.Eviction',
}

/** The old version of the same type is accepted for good: it is what older kubectl drains nodes with. */
export const asEviction = (body: unknown): unknown =>
  isJsonObject(body) && body.apiVersion === 'policy/v1beta1' ? { ...body, apiVersion: evictionType.apiVersion } : body

/** The deletion an eviction asks for. @throws StatusError 400 when it is about another pod, 422 for a dry run that does not exist */
export function evictionRequest(
  { metadata, deleteOptions }: Eviction,
  { name }: ObjectRef,
): { request: DeleteRequest; dryRun: boolean } {
  if (metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object')
  const { dryRun, ...request } = deleteOptions ?? {}
  checkDryRun(dryRun ?? [], 'DeleteOptions')
  return { request, dryRun: (dryRun ?? []).length > 0 }
}

/**
 * Takes the pod's part of its disruption budget and says in the pod why it goes. Runs in the commit that deletes the pod, so
 * neither happens without the other.
 *
 * @throws StatusError 429 when the budget allows no disruption now, 500 when several budgets are about the pod
 */
export function evictPod(tx: WriteTx, pod: Readonly<Pod>, dryRun: boolean, now: number): Pod {
  const spent = planDisruption(pod, isUndisrupted(pod) ? budgetsOf(tx, pod) : [], now)
  if (spent && !dryRun) tx.put(spent.key, spent.budget)
  const condition = { type: 'DisruptionTarget', status: 'True', reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' }
  return { ...pod, status: { ...pod.status, conditions: withCondition(pod.status?.conditions, condition, now) } }
}

/** A pod that does not run yet, or any more, can go without asking: it serves nobody. */
const isUndisrupted = ({ metadata, status }: Readonly<Pod>): boolean =>
  !metadata.deletionTimestamp && !['Succeeded', 'Failed', 'Pending'].includes(status?.phase ?? '')

const budgetsOf = (tx: WriteTx, { metadata }: Readonly<Pod>): StoredObject[] =>
  tx.list(prefixOf(budgetKind, metadata.namespace)).filter((stored) => {
    const { spec } = objectOf(stored) as PodDisruptionBudget
    return matches(labelSelector(spec?.selector), metadata.labels)
  })

/** Kubernetes' bound on evictions that the controller has not seen yet. */
const mostDisrupted = 2000

function planDisruption(pod: Readonly<Pod>, budgets: readonly StoredObject[], now: number): { key: string; budget: PodDisruptionBudget } | undefined {
  const [stored, ...others] = budgets
  if (!stored) return undefined
  if (others.length > 0) throw several()
  const budget = objectOf(stored) as PodDisruptionBudget
  const { metadata, spec = {}, status = {} } = budget
  const name = metadata.name ?? ''
  const { currentHealthy = 0, desiredHealthy = 0, disruptionsAllowed = 0, disruptedPods = {} } = status
  if (conditionOf(pod.status?.conditions, 'Ready')?.status !== 'True') {
    // it does not count as healthy, so its end takes nothing from those that do
    if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0)) return undefined
  }
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw violates(`The disruption budget ${name} is still being processed by the server.`, 10)
  const refuse = (why: string) => forbidden({ ...budgetKind, plural: 'poddisruptionbudget' }, name, why)
  if (disruptionsAllowed < 0) throw refuse('pdb disruptions allowed is negative')
  if (Object.keys(disruptedPods).length > mostDisrupted) throw refuse('DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  if (disruptionsAllowed === 0) throw violates(whyNot(budget), 0)
  const left = disruptionsAllowed - 1
  const insufficient = { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '', observedGeneration: status.observedGeneration ?? 0 }
  const conditions = left > 0 ? status.conditions : withCondition(status.conditions, { ...insufficient, lastTransitionTime: timestamp(now) }, now)
  const disrupted = { ...disruptedPods, [pod.metadata.name ?? '']: timestamp(now) }
  return {
    key: stored.key,
    budget: { ...budget, status: { ...status, disruptionsAllowed: left, disruptedPods: disrupted, ...(conditions ? { conditions } : {}) } },
  }
}

function whyNot({ metadata, status }: Readonly<PodDisruptionBudget>): string {
  const condition = conditionOf(status?.conditions, 'DisruptionAllowed')
  if (condition?.reason === 'SyncFailed')
    return `The disruption budget ${metadata.name} does not allow evicting pods currently because it failed sync: ${condition.message}`
  return `The disruption budget ${metadata.name} needs ${status?.desiredHealthy ?? 0} healthy pods and has ${status?.currentHealthy ?? 0} currently`
}

function violates(cause: string, retryAfterSeconds: number): StatusError {
  const { status } = tooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", retryAfterSeconds)
  const details = { ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}), causes: [{ reason: 'DisruptionBudget', message: cause }] }
  return new StatusError({ ...status, details })
}

const several = (): StatusError =>
  plainFailure('This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.')
