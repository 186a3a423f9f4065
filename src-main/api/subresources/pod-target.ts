import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../../kinds/meta.ts'
import type { Pod } from '../../kinds/generated/types.ts'
import { badRequest, internal } from '../../kinds/status-error.ts'
import type { NodeConnection, PodRef } from '../node-connection.ts'
import type { ResourceRoute } from '../route.ts'
import type { Verbs } from '../verbs.ts'

/** What connecting to pods needs of the server. */
export interface PodDoors {
  readonly verbs: Verbs
  readonly node: (nodeName: string) => NodeConnection | undefined
}

/** A pod and the node it runs on. */
export interface PodTarget {
  readonly pod: Pod
  readonly ref: PodRef
  readonly node: NodeConnection
}

/** Rejects with 404 when there is no such pod, 400 while it has no node, 500 when its node cannot be reached. */
export const podTarget = async (kind: AnyKind, ref: ObjectRef, doors: PodDoors): Promise<PodTarget> => targetOf(await readPod(kind, ref, doors), doors)

export const readPod = async (kind: AnyKind, ref: ObjectRef, { verbs }: PodDoors): Promise<KubeObject & Pod> =>
  (await verbs.get(kind, ref)).object as KubeObject & Pod

/** @throws StatusError 400 while the pod has no node, 500 when its node cannot be reached */
export function targetOf(pod: KubeObject & Pod, { node }: Pick<PodDoors, 'node'>): PodTarget {
  const { namespace = '', name = '', uid = '' } = pod.metadata
  const nodeName = pod.spec?.nodeName
  if (!nodeName) throw badRequest(`pod ${name} does not have a host assigned`)
  const connection = node(nodeName)
  if (!connection) throw internal(`error dialing backend: node ${JSON.stringify(nodeName)} is not connected`)
  return { pod, ref: { namespace, name, uid }, node: connection }
}

/** @throws StatusError 404 or 400 when there is no such pod, no such container in it, or the pod has no node: what is told of an exec, attach or port-forward before its upgrade */
export async function assertOpenable({ kind, namespace, name = '', subresource, query }: ResourceRoute, doors: PodDoors): Promise<void> {
  const pod = await readPod(kind, { namespace, name }, doors)
  if (subresource !== 'portforward') containerOf(pod, query.get('container'))
  targetOf(pod, doors)
}

/** What a user says who does not want to name the container every time. */
const defaultContainer = 'kubectl.kubernetes.io/default-container'

/**
 * The container that is meant.
 *
 * @throws StatusError 400 when none is named and there are several, or the name is none of the pod's
 */
export function containerOf(pod: Pod, asked: string | null): string {
  const names = (list: ReadonlyArray<{ name: string }> | undefined) => (list ?? []).map((container) => container.name)
  const main = names(pod.spec?.containers)
  const init = names(pod.spec?.initContainers)
  const all = [...main, ...init, ...names(pod.spec?.ephemeralContainers)]
  const name = pod.metadata.name ?? ''
  if (asked) {
    if (!all.includes(asked)) throw badRequest(`container ${asked} is not valid for pod ${name}`)
    return asked
  }
  const preferred = pod.metadata.annotations?.[defaultContainer]
  if (preferred && all.includes(preferred)) return preferred
  if (main.length === 1) return main[0]!
  const others = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : ''
  throw badRequest(`a container name must be specified for pod ${name}, choose one of: [${main.join(' ')}]${others}`)
}
