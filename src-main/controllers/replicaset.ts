import { labelSelector } from '../base/selector.ts'
import { replicaSet } from '../kinds/apps/replica-set.ts'
import { controllerOf } from '../kinds/meta.ts'
import { replicaController } from './apply-replicas.ts'

/** Keeps as many pods as a ReplicaSet wishes. */
export const replicasetController = replicaController({
  name: 'replicaset-controller',
  kind: replicaSet,
  selector: ({ spec }) => labelSelector(spec?.selector),
  async related(wish, pods, { readAll }) {
    const workload = controllerOf(wish)?.uid
    const siblings = workload ? await readAll(replicaSet, wish.metadata.namespace) : [wish]
    const uids = new Set(
      siblings.filter((set) => !workload || controllerOf(set)?.uid === workload).map((set) => set.metadata.uid),
    )
    return pods.filter((pod) => uids.has(controllerOf(pod)?.uid))
  },
})
