import { labelSelector, matches } from '../base/selector.ts'
import type { Informers, Seen } from '../client/informer.ts'
import { deployment as deploymentKind, type Deployment } from '../kinds/apps/deployment.ts'
import { replicaSet as replicaSetKind, type ReplicaSet } from '../kinds/apps/replica-set.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import { controllerOf, keyOf, refOf } from '../kinds/meta.ts'
import { sameValue } from '../kinds/same-value.ts'
import { isAlreadyExists, isTerminatingNamespace } from '../kinds/status-error.ts'
import { applyClaims, planClaims } from './claim.ts'
import { again, type Context, type Controller, done, every, ownersOf, type Result, type Watch } from './controller.ts'
import { remove } from './deletion.ts'
import { isRolling } from './rollout-limits.ts'
import { planRollout, type RolloutPlan } from './rollout-plan.ts'
import { revisionKey } from './rollout-sets.ts'
import { sameTemplate } from './template-hash.ts'

/** Queues who selects a set that nobody manages. */
const adopters: Watch = {
  kind: replicaSetKind,
  *keys({ type, object }: Seen<ReplicaSet>, informers: Informers) {
    if (type === 'deleted' || controllerOf(object)) return
    for (const owner of informers.of(deploymentKind).list(object.metadata.namespace)) {
      if (matches(labelSelector(owner.spec?.selector), object.metadata.labels ?? {})) yield keyOf(owner)
    }
  },
}

/** A Recreate rollout goes on when the last old pod is gone. */
const recreations: Watch = {
  kind: podKind,
  *keys({ type, object }: Seen<Pod>, informers: Informers) {
    const managing = controllerOf(object)
    if (managing?.kind !== 'ReplicaSet' || (type !== 'deleted' && !isFinished(object))) return
    const set = informers.of(replicaSetKind).get(`${object.metadata.namespace}/${managing.name}`)
    const key = `${object.metadata.namespace}/${set && controllerOf(set)?.name}`
    const owner = informers.of(deploymentKind).get(key)
    if (owner && !isRolling(owner)) yield key
  },
}

/** Moves pods from one template to the next by sizing ReplicaSets. */
export const deploymentController: Controller = {
  name: 'deployment-controller',
  watches: [every(deploymentKind), ownersOf(replicaSetKind, deploymentKind), adopters, recreations],
  async reconcile(key, context) {
    const { client, clock } = context
    const deployment = await context.read(deploymentKind, key)
    if (!deployment) return done
    const namespace = deployment.metadata.namespace
    const claims = planClaims(
      deployment,
      labelSelector(deployment.spec?.selector),
      await context.readAll(replicaSetKind, namespace),
    )
    const sets = await applyClaims(claims, replicaSetKind, deploymentKind, deployment, client)
    const pods = isRolling(deployment) ? [] : await context.readAll(podKind, namespace)
    const plan = planRollout(deployment, sets, (old) => runAny(pods, old), clock.now())
    return applyRollout(deployment, plan, context)
  },
}

const isFinished = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'

/** Terminating pods run still: two versions at once is what Recreate is there to prevent. */
function runAny(pods: readonly Pod[], sets: readonly ReplicaSet[]): boolean {
  const uids = new Set(sets.map(({ metadata }) => metadata.uid))
  return (
    sets.some(({ status }) => status?.replicas) ||
    pods.some((pod) => uids.has(controllerOf(pod)?.uid) && !isFinished(pod))
  )
}

async function applyRollout(deployment: Deployment, plan: RolloutPlan, context: Context): Promise<Result> {
  const { client, recorder } = context
  if (plan.create && !(await createSet(deployment, plan.create, context))) return done
  for (const set of plan.update) await client.update(replicaSetKind, set)
  for (const message of plan.scalings) recorder.event(deployment, 'Normal', 'ScalingReplicaSet', message)
  await Promise.all(
    plan.remove.map((set) =>
      remove(client, replicaSetKind, set, { preconditions: { resourceVersion: set.metadata.resourceVersion } }),
    ),
  )
  if (plan.revision !== undefined || !sameValue(plan.status, deployment.status ?? {}))
    await client.updateStatus(deploymentKind, { ...annotated(deployment, plan.revision), status: plan.status })
  return plan.afterMs === undefined ? done : again(plan.afterMs)
}

/** It goes by the status' door, where an annotation is no new generation. */
const annotated = (deployment: Deployment, revision: string | undefined): Deployment =>
  revision === undefined ? deployment : { ...deployment, metadata: { ...deployment.metadata, annotations: { ...deployment.metadata.annotations, [revisionKey]: revision } } }

/** False when there is nothing to go on with: the namespace ends. A name taken by another template counts a collision. */
async function createSet(deployment: Deployment, set: ReplicaSet, { client, recorder }: Context): Promise<boolean> {
  try {
    await client.create(replicaSetKind, set)
    return true
  } catch (error) {
    if (isTerminatingNamespace(error)) return false
    if (!isAlreadyExists(error)) {
      recorder.event(
        deployment,
        'Warning',
        'ReplicaSetCreateError',
        `Failed to create new replica set ${JSON.stringify(set.metadata.name)}: ${(error as Error).message}`,
      )
      throw error
    }
    const taken = await client.get(replicaSetKind, refOf(set))
    const ours =
      controllerOf(taken)?.uid === deployment.metadata.uid && sameTemplate(taken.spec?.template, set.spec?.template)
    if (!ours) {
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1
      await client.updateStatus(deploymentKind, { ...deployment, status: { ...deployment.status, collisionCount } })
    }
    throw error
  }
}
