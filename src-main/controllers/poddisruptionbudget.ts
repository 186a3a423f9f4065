import { errorMessage } from '../base/log.ts'
import { labelSelector, matches } from '../base/selector.ts'
import type { Informers, Seen } from '../client/informer.ts'
import { deployment as deploymentKind } from '../kinds/apps/deployment.ts'
import { replicaSet as replicaSetKind } from '../kinds/apps/replica-set.ts'
import { statefulSet as statefulSetKind } from '../kinds/apps/stateful-set.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import { replicationController as replicationControllerKind } from '../kinds/core/replication-controller.ts'
import type { OwnerReference } from '../kinds/generated/types.ts'
import type { Kind } from '../kinds/kind.ts'
import { controllerOf, keyOf, type KubeObject } from '../kinds/meta.ts'
import { podDisruptionBudget as budgetKind, type PodDisruptionBudget } from '../kinds/policy/pod-disruption-budget.ts'
import { sameValue } from '../kinds/same-value.ts'
import { again, type Context, type Controller, done, every, type Watch } from './controller.ts'
import { countsOwners, type Expected, expectedOf, planFailure, planStatus } from './disruption-plan.ts'

/** The budgets about a pod, as it was and as it is. */
const budgetsOfPods: Watch = {
  kind: podKind,
  *keys({ object, old }: Seen<Pod>, informers: Informers) {
    for (const budget of informers.of(budgetKind).list(object.metadata.namespace))
      if (concerns(budget, object) || (old && concerns(budget, old))) yield keyOf(budget)
  },
}

const concerns = ({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean => matches(labelSelector(spec?.selector), metadata.labels)

/** Tells every PodDisruptionBudget how many of its pods may be evicted now. */
export const poddisruptionbudgetController: Controller = {
  name: 'disruption-controller',
  watches: [every(budgetKind), budgetsOfPods],
  async reconcile(key, context) {
    const budget = await context.read(budgetKind, key)
    if (!budget || budget.metadata.deletionTimestamp) return done
    const pods = (await context.readAll(podKind, budget.metadata.namespace)).filter((pod) => concerns(budget, pod))
    if (pods.length === 0) context.recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found')
    const now = context.clock.now()
    let expected: Expected
    try {
      expected = await expectedFor(budget, pods, context)
    } catch (error) {
      const why = errorMessage(error)
      context.recorder.event(budget, 'Warning', 'CalculateExpectedPodCountFailed', `Failed to calculate the number of expected pods: ${why}`)
      await write(budget, planFailure(budget, why, now), context)
      throw error
    }
    const { status, recheckAt, notDeleted } = planStatus(budget, pods, expected, now)
    for (const pod of notDeleted) context.recorder.event(pod, 'Warning', 'NotDeleted', `Pod was expected by PDB ${keyOf(budget)} to be deleted but it wasn't`)
    await write(budget, status, context)
    return recheckAt === undefined ? done : again(recheckAt - now + 1)
  },
}

async function write(budget: PodDisruptionBudget, status: PodDisruptionBudget['status'], { client }: Context): Promise<void> {
  if (!sameValue(status, budget.status)) await client.updateStatus(budgetKind, { ...budget, ...(status ? { status } : {}) })
}

async function expectedFor(budget: PodDisruptionBudget, pods: readonly Pod[], context: Context): Promise<Expected> {
  if (!countsOwners(budget)) return expectedOf(budget, pods.length, 0)
  const owners = new Set<string>()
  const wanted = new Map<string, number>()
  let unmanaged = 0
  for (const pod of pods) {
    const owner = controllerOf(pod)
    if (!owner) unmanaged++
    else if (!owners.has(owner.uid)) {
      owners.add(owner.uid)
      const { uid, replicas } = await scaleOf(owner, pod, context)
      wanted.set(uid, replicas)
    }
  }
  if (unmanaged > 0) {
    const selector = JSON.stringify(budget.spec?.selector ?? {})
    const sentence = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`
    context.recorder.event(budget, 'Warning', 'UnmanagedPods', sentence)
  }
  const total = [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0)
  return expectedOf(budget, pods.length, total)
}

interface Scale {
  readonly uid: string
  readonly replicas: number
}

const scalable: ReadonlyArray<Kind<KubeObject & { spec?: { replicas?: number } }>> = [replicaSetKind, replicationControllerKind, statefulSetKind, deploymentKind].map(
  (kind) => kind as unknown as Kind<KubeObject & { spec?: { replicas?: number } }>,
)

/** What a pod's owner wants; a ReplicaSet of a Deployment is asked for the Deployment. @throws Error when nobody knows */
async function scaleOf(owner: OwnerReference, pod: Pod, context: Context): Promise<Scale> {
  const kind = scalable.find((candidate) => candidate.kind === owner.kind && candidate.apiVersion === owner.apiVersion)
  const object = kind && (await context.read(kind, `${pod.metadata.namespace}/${owner.name}`))
  if (!object || object.metadata.uid !== owner.uid) throw new Error(`found no controllers for pod "${pod.metadata.name}"`)
  const above = owner.kind === replicaSetKind.kind ? controllerOf(object) : undefined
  if (above?.kind === deploymentKind.kind) return scaleOf(above, pod, context)
  return { uid: owner.uid, replicas: object.spec?.replicas ?? 1 }
}
