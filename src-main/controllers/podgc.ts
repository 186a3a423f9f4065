import { timestamp } from '../base/clock.ts'
import type { Informers, Seen } from '../client/informer.ts'
import { node as nodeKind, type Node } from '../kinds/core/node.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import { conditionOf, keyOf, refOf } from '../kinds/meta.ts'
import { isNotFound } from '../kinds/status-error.ts'
import { again, type Context, type Controller, done, type Result, type Watch } from './controller.ts'
import { remove } from './deletion.ts'

/** quarantineTime of Kubernetes' podgc: a node may be made anew. */
const quarantineMs = 40_000
/** kube-controller-manager's --terminated-pod-gc-threshold. */
const terminatedThreshold = 12_500

/** Keys besides those of pods, which have a slash: ended pods, and nodes that went missing a while ago. */
const endedKey = 'ended'
const missing = (nodeName: string): string => `missing:${nodeName}`
const missingIn = (key: string): string | undefined => (key.startsWith('missing:') ? key.slice('missing:'.length) : undefined)

const hasEnded = ({ status }: Pod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed'
const isLeaving = (pod: Pod | undefined): boolean => pod?.metadata.deletionTimestamp !== undefined

const abandoned: Watch = {
  kind: podKind,
  *keys({ type, object, old }: Seen<Pod>) {
    if (type === 'deleted') return
    if (object.spec?.nodeName !== old?.spec?.nodeName || (isLeaving(object) && !isLeaving(old))) yield keyOf(object)
    if (hasEnded(object) && !(old && hasEnded(old))) yield endedKey
  },
}

const podsOfLostNodes: Watch = {
  kind: nodeKind,
  *keys({ type, object }: Seen<Node>, informers: Informers) {
    if (type !== 'deleted' && !isOutOfService(object)) return
    for (const pod of informers.of(podKind).list()) if (pod.spec?.nodeName === object.metadata.name) yield keyOf(pod)
  },
}

/** Somebody who knows that the machine is off has said so. */
const isOutOfService = ({ spec, status }: Node): boolean =>
  conditionOf(status?.conditions, 'Ready')?.status !== 'True' && (spec?.taints?.some(({ key }) => key === 'node.kubernetes.io/out-of-service') ?? false)

/** Removes pods that no kubelet will ever finish, as their node is gone or they never had one, and the oldest of too many that have ended. */
export const podgcController: Controller = {
  name: 'pod-garbage-collector',
  watches: [abandoned, podsOfLostNodes],
  async reconcile(key, context) {
    if (key === endedKey) return collect(surplus(await context.readAll(podKind), terminatedThreshold), context)
    const nodeName = missingIn(key)
    if (nodeName !== undefined) return collectOrphans(nodeName, context)
    const pod = await context.read(podKind, key)
    return pod ? look(pod, context) : done
  },
}

async function look(pod: Pod, context: Context): Promise<Result> {
  const nodeName = pod.spec?.nodeName
  if (!nodeName) return isLeaving(pod) ? collect([pod], context) : done
  const node = await context.read(nodeKind, nodeName)
  if (!node) return again(quarantineMs, missing(nodeName))
  return isLeaving(pod) && isOutOfService(node) ? collect([pod], context) : done
}

async function collectOrphans(nodeName: string, context: Context): Promise<Result> {
  if (!(await isGone(nodeName, context))) return done
  const orphans = (await context.readAll(podKind)).filter(({ spec }) => spec?.nodeName === nodeName)
  return collect(orphans, context, { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' })
}

/** A cache may not know the newest nodes yet, so the server has the last word. */
async function isGone(name: string, { read, client }: Context): Promise<boolean> {
  if (await read(nodeKind, name)) return false
  try {
    await client.get(nodeKind, { name })
    return false
  } catch (error) {
    if (isNotFound(error)) return true
    throw error
  }
}

/** The oldest of the pods that have ended, as many as there are above `threshold`. */
export function surplus(pods: readonly Pod[], threshold: number): Pod[] {
  const ended = pods.filter(hasEnded)
  if (ended.length <= threshold) return []
  const age = ({ metadata: { creationTimestamp = '', name = '' } }: Pod): string => `${creationTimestamp} ${name}`
  return ended.sort((a, b) => (age(a) < age(b) ? -1 : 1)).slice(0, ended.length - threshold)
}

/** A pod that was not at its end has failed, for whoever still looks at it. */
async function collect(pods: readonly Pod[], { client, clock }: Context, why?: { readonly reason: string; readonly message: string }): Promise<Result> {
  for (const pod of pods) {
    if (!hasEnded(pod)) {
      const conditions = why && [{ type: 'DisruptionTarget', status: 'True', ...why, lastTransitionTime: timestamp(clock.now()) }]
      const body = { metadata: { uid: pod.metadata.uid }, status: { phase: 'Failed', ...(conditions ? { conditions } : {}) } }
      await client.patch(podKind, refOf(pod), { type: 'strategic', body }, { subresource: 'status' }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error
      })
    }
    await remove(client, podKind, pod, { gracePeriodSeconds: 0 })
  }
  return done
}
