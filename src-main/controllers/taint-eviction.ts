import { equalJson } from '../base/json.ts'
import type { Informers, Seen } from '../client/informer.ts'
import { node as nodeKind, type Node } from '../kinds/core/node.ts'
import { pod as podKind, type Pod } from '../kinds/core/pod.ts'
import type { Taint } from '../kinds/generated/types.ts'
import { tolerates } from '../kinds/core/taints.ts'
import { keyOf } from '../kinds/meta.ts'
import { again, type Controller, done, type Watch } from './controller.ts'
import { remove } from './deletion.ts'

const evicting = (node: Node | undefined): Taint[] =>
  (node?.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')

/** When the taints drive the pod away, in ms; undefined when it tolerates them for good. */
export function evictionTime(pod: Pod, taints: readonly Taint[], now: number): number | undefined {
  const times = taints.flatMap((taint) => {
    const tolerations = (pod.spec?.tolerations ?? []).filter((toleration) => tolerates(toleration, taint))
    if (tolerations.length === 0) return now
    const seconds = tolerations.flatMap(({ tolerationSeconds }) => (tolerationSeconds === undefined ? [] : Number(tolerationSeconds)))
    return seconds.length === 0
      ? []
      : (Date.parse(taint.timeAdded ?? '') || now) + Math.max(0, Math.min(...seconds)) * 1000
  })
  return times.length === 0 ? undefined : Math.min(...times)
}

const pods: Watch = {
  kind: podKind,
  *keys({ type, object, old }: Seen<Pod>) {
    const same =
      old && old.spec?.nodeName === object.spec?.nodeName && equalJson(old.spec?.tolerations, object.spec?.tolerations)
    if (type !== 'deleted' && object.spec?.nodeName && !same) yield keyOf(object)
  },
}

const podsOfNodes: Watch = {
  kind: nodeKind,
  *keys({ type, object, old }: Seen<Node>, informers: Informers) {
    if (type === 'deleted' || evicting(object).length === 0 || equalJson(evicting(object), evicting(old))) return
    for (const pod of informers.of(podKind).list()) if (pod.spec?.nodeName === object.metadata.name) yield keyOf(pod)
  },
}

/** Deletes pods from nodes whose NoExecute taints they do not tolerate, or not any longer. */
export const taintEvictionController: Controller = {
  name: 'taint-eviction-controller',
  watches: [podsOfNodes, pods],
  async reconcile(key, { read, client, recorder, clock }) {
    const pod = await read(podKind, key)
    if (!pod?.spec?.nodeName || pod.metadata.deletionTimestamp) return done
    const now = clock.now()
    const at = evictionTime(pod, evicting(await read(nodeKind, pod.spec.nodeName)), now)
    if (at === undefined) return done
    if (at > now) return again(at - now)
    recorder.event(pod, 'Normal', 'TaintManagerEviction', `Marking for deletion Pod ${key}`)
    await remove(client, podKind, pod)
    return done
  },
}
