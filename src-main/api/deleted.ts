import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'

/** Kinds whose deletion is answered with the object also when it is gone: ReturnDeletedObject of their storage. */
const answeredWithThemselves: ReadonlySet<string> = new Set([
  ...['namespaces', 'persistentvolumeclaims', 'persistentvolumes', 'pods', 'podtemplates', 'resourcequotas', 'serviceaccounts', 'services'].map((plural) => `/${plural}`),
  ...['csidrivers', 'csinodes', 'storageclasses', 'volumeattachments', 'volumeattributesclasses'].map((plural) => `storage.k8s.io/${plural}`),
])

export const isAnsweredWithItself = ({ group, plural }: AnyKind): boolean => answeredWithThemselves.has(`${group}/${plural}`)

/** The Status that tells of an object's end; undefined for a kind that is answered with the object itself. */
export function statusOfDeleted(kind: AnyKind, { metadata: { name, uid } }: Readonly<KubeObject>): KubeObject | undefined {
  if (isAnsweredWithItself(kind)) return undefined
  const { group, plural } = kind
  const details = { name, ...(group ? { group } : {}), kind: plural, uid }
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details } as KubeObject
}
