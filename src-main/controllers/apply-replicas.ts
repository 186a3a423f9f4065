import { errorMessage } from '../base/log.ts'
import { matches, type Selector } from '../base/selector.ts'
import type { NewObject } from '../client/client.ts'
import type { Informers, Seen } from '../client/informer.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import type { Kind } from '../kinds/kind.ts'
import { controllerOf, controllerRef, keyOf, refOf } from '../kinds/meta.ts'
import { isNotFound, isTerminatingNamespace } from '../kinds/status-error.ts'
import { applyClaims, planClaims } from './claim.ts'
import { type Context, type Controller, done, again, every, ownersOf, type Result, type Watch } from './controller.ts'
import { planReplicas, type ReplicaPlan, type ReplicaWish, sameStatus, withFailure } from './replicas.ts'

/** What distinguishes the two controllers that keep a number of pods. */
export interface ReplicaKind<T extends ReplicaWish> {
  readonly name: string
  readonly kind: Kind<T>
  selector(object: T): Selector | undefined
  /** Pods of the same workload besides its own. */
  related?(object: T, pods: readonly Pod[], context: Context): Promise<Pod[]>
}

/** Keeps as many pods as an object wishes. Any event for a pod or its owner queues the owner. */
export function replicaController<T extends ReplicaWish>(of: ReplicaKind<T>): Controller {
  return {
    name: of.name,
    watches: [every(of.kind), ownersOf(podKind, of.kind), adoptersOf(of)],
    reconcile: (key, context) => reconcile(of, key, context),
  }
}

/** Queues whoever selects a pod that nobody manages. */
function adoptersOf<T extends ReplicaWish>({ kind, selector }: ReplicaKind<T>): Watch {
  return {
    kind: podKind,
    *keys({ type, object }: Seen<Pod>, informers: Informers) {
      if (type === 'deleted' || controllerOf(object)) return
      for (const owner of informers.of(kind).list(object.metadata.namespace)) {
        if (matches(selector(owner), object.metadata.labels ?? {})) yield keyOf(owner)
      }
    },
  }
}

async function reconcile<T extends ReplicaWish>(of: ReplicaKind<T>, key: string, context: Context): Promise<Result> {
  const { client, clock } = context
  const wish = await context.read(of.kind, key)
  if (!wish) return done
  const pods = await context.readAll(podKind, wish.metadata.namespace)
  const owned = await applyClaims(planClaims(wish, of.selector(wish), pods), podKind, of.kind, wish, client)
  const related = of.related ? await of.related(wish, pods, context) : owned
  const plan = planReplicas(wish, owned, related, clock.now())
  const failure = (await create(of, wish, plan, context)) ?? (await remove(wish, plan, context))
  const status = withFailure(plan.status, failure, clock.now())
  if (!sameStatus(wish.status, status)) await client.updateStatus(of.kind, { ...wish, status })
  if (failure) throw new Error(failure.message)
  return plan.afterMs === undefined ? done : again(plan.afterMs)
}

/** Doubling batches: a mistake that fails every creation costs one request, not five hundred. */
async function create<T extends ReplicaWish>(
  { kind }: ReplicaKind<T>,
  wish: T,
  plan: ReplicaPlan,
  { client, recorder, signal }: Context,
) {
  const pod = podFor(kind, wish)
  for (let left = plan.create, size = 1; left > 0 && !signal.aborted; left -= size, size *= 2) {
    const outcomes = await Promise.allSettled(
      Array.from({ length: Math.min(size, left) }, () => client.create(podKind, pod)),
    )
    for (const outcome of outcomes)
      if (outcome.status === 'fulfilled')
        recorder.event(wish, 'Normal', 'SuccessfulCreate', `Created pod: ${outcome.value.metadata.name}`)
    const error: unknown = outcomes.find((outcome) => outcome.status === 'rejected')?.reason
    if (error === undefined) continue
    if (isTerminatingNamespace(error)) return undefined
    recorder.event(wish, 'Warning', 'FailedCreate', `Error creating: ${errorMessage(error)}`)
    return { reason: 'FailedCreate', message: errorMessage(error) }
  }
  return undefined
}

function podFor<T extends ReplicaWish>(kind: Kind<T>, wish: T): NewObject<Pod> {
  const { metadata: { labels, annotations, finalizers } = {}, spec } = wish.spec?.template ?? {}
  return {
    metadata: {
      generateName: `${wish.metadata.name}-`,
      namespace: wish.metadata.namespace,
      labels,
      annotations,
      finalizers,
      ownerReferences: [controllerRef(kind, wish)],
    },
    spec,
  }
}

async function remove(wish: ReplicaWish, plan: ReplicaPlan, { client, recorder }: Context) {
  const outcomes = await Promise.allSettled(
    plan.remove.map(async (pod) => {
      await client.delete(podKind, refOf(pod), { preconditions: { uid: pod.metadata.uid } })
      recorder.event(wish, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)
    }),
  )
  const failed = outcomes.find((outcome) => outcome.status === 'rejected' && !isNotFound(outcome.reason))
  if (failed?.status !== 'rejected') return undefined
  const message = errorMessage(failed.reason)
  recorder.event(wish, 'Warning', 'FailedDelete', `Error deleting: ${message}`)
  return { reason: 'FailedDelete', message }
}
