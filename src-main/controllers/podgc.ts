import type { Informers, Seen } from '../client/informer.ts'
import { node as nodeKind, type Node } from '../kinds/core/node.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import { keyOf } from '../kinds/meta.ts'
import { isNotFound } from '../kinds/status-error.ts'
import { type Context, type Controller, done, type Watch } from './controller.ts'
import { remove } from './deletion.ts'

const abandoned: Watch = {
  kind: podKind,
  *keys({ type, object, old }: Seen<Pod>) {
    const placed = object.spec?.nodeName !== old?.spec?.nodeName
    const leaving = object.metadata.deletionTimestamp !== undefined && !old?.metadata.deletionTimestamp
    if (type !== 'deleted' && (placed || leaving)) yield keyOf(object)
  },
}

const podsOfLostNodes: Watch = {
  kind: nodeKind,
  *keys({ type, object }: Seen<Node>, informers: Informers) {
    if (type !== 'deleted') return
    for (const pod of informers.of(podKind).list()) if (pod.spec?.nodeName === object.metadata.name) yield keyOf(pod)
  },
}

/** Removes pods that no kubelet will ever finish: their node is gone, or they were deleted before they had one. */
export const podgcController: Controller = {
  name: 'pod-garbage-collector',
  watches: [abandoned, podsOfLostNodes],
  async reconcile(key, context) {
    const pod = await context.read(podKind, key)
    if (!pod) return done
    const nodeName = pod.spec?.nodeName
    const lost = nodeName ? await isLost(nodeName, context) : pod.metadata.deletionTimestamp !== undefined
    if (lost) await remove(context.client, podKind, pod, { gracePeriodSeconds: 0 })
    return done
  },
}

/** A cache may not know the newest nodes yet, so the server has the last word. */
async function isLost(name: string, { read, client }: Context): Promise<boolean> {
  if (await read(nodeKind, name)) return false
  try {
    await client.get(nodeKind, { name })
    return false
  } catch (error) {
    if (isNotFound(error)) return true
    throw error
  }
}
