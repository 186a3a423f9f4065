import { node } from '../../kinds/core/node.ts'
import type { Pod } from '../../kinds/generated/types.ts'
import { notFound } from '../../kinds/status-error.ts'
import type { Reader } from '../admission/chain.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import { podReferences } from './pod-references.ts'

export const mirror = 'kubernetes.io/config.mirror'

/**
 * Why a pod that a node makes is refused, or undefined: it tells of a static pod of that very node, belongs to its Node, and
 * opens nothing else to it.
 *
 * @throws StatusError 404 when there is no such Node
 */
export function mirrorCause(quoted: string, nodeName: string, { metadata, spec }: Readonly<Pod>, read: Reader): string | undefined {
  if (metadata.annotations?.[mirror] === undefined) return `pod does not have "${mirror}" annotation, node ${quoted} can only create mirror pods`
  const only = `node ${quoted} can only create pods with`
  if (spec?.nodeName !== nodeName) return `${only} spec.nodeName set to itself`
  const [owner, ...others] = metadata.ownerReferences ?? []
  if (others.length > 0) return `${only} a single owner reference set to itself`
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== nodeName) return `${only} an owner reference set to itself`
  if (!owner.controller) return `${only} a controller owner reference set to itself`
  if (owner.blockOwnerDeletion) return `node ${quoted} must not set blockOwnerDeletion on an owner reference`
  const stored = read.get(keyFor(node, { name: nodeName }))
  if (!stored) throw notFound(node, nodeName)
  const { uid } = objectOf(stored).metadata
  if (owner.uid !== uid) return `node ${nodeName} UID mismatch: expected ${owner.uid} got ${uid}`
  const opened = openedBy({ metadata, spec })
  return opened && `node ${quoted} can not create pods that reference ${opened}`
}

function openedBy(pod: Pick<Readonly<Pod>, 'metadata' | 'spec'>): string | undefined {
  if (pod.spec?.serviceAccountName) return 'a service account'
  const references = podReferences(pod)
  const refersTo = (resource: string): boolean => references.some((each) => each.startsWith(`${resource}/`))
  if (refersTo('secrets')) return 'secrets'
  if (refersTo('configmaps')) return 'configmaps'
  if (pod.spec?.volumes?.some(({ projected }) => projected?.sources?.some(({ clusterTrustBundle }) => clusterTrustBundle))) return 'clustertrustbundles'
  if (refersTo('persistentvolumeclaims')) return 'persistentvolumeclaims'
  return pod.spec?.resourceClaims?.length ? 'resourceclaims' : undefined
}
