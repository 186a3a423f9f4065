import { csiDriver } from '../../kinds/storage/csi-driver.ts'
import { persistentVolume } from '../../kinds/core/persistent-volume.ts'
import { persistentVolumeClaim } from '../../kinds/core/persistent-volume-claim.ts'
import { pod as podKind } from '../../kinds/core/pod.ts'
import type { CSIDriver, PersistentVolume, PersistentVolumeClaim, Pod, TokenRequestAuthenticationV1 as TokenRequest, Volume } from '../../kinds/generated/types.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../../kinds/meta.ts'
import { notFound } from '../../kinds/status-error.ts'
import type { AdmissionRequest, Reader } from '../admission/chain.ts'
import type { Authorize } from '../authz.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'

/**
 * Why a node is refused a token, or undefined: it is for a pod that runs there, and for whom a volume of that pod is meant.
 *
 * @throws StatusError 404 when there is no such pod
 */
export function nodeTokenCause(authorize: Authorize, nodeName: string, { name, namespace, object, read, context }: AdmissionRequest): string | undefined {
  const { boundObjectRef: bound, audiences } = (object as TokenRequest).spec ?? {}
  if (bound?.apiVersion !== 'v1' || bound.kind !== 'Pod' || !bound.name) return 'node requested token not bound to a pod'
  if (!bound.uid) return 'node requested token with a pod binding without a uid'
  const pod = found<Pod>(read, podKind, { namespace, name: bound.name })
  if (!pod) throw notFound(podKind, bound.name)
  if (bound.uid !== pod.metadata.uid) return `the UID in the bound object reference (${bound.uid}) does not match the UID in record. The object might have been deleted and then recreated`
  if (pod.spec?.nodeName !== nodeName) return 'node requested token bound to a pod scheduled on a different node'
  if ((audiences ?? []).length > 1) return 'node may only request 0 or 1 audiences'
  const audience = audiences?.[0] ?? ''
  if (isMeantFor(read, pod, audience)) return undefined
  const asked = { verb: 'request-serviceaccounts-token-audience', group: '', version: '*', resource: audience, namespace, name }
  if (authorize(context.user, asked).allowed) return undefined
  return `audience ${JSON.stringify(audience)} not found in pod spec volume, ${context.user.name} is not authorized to request tokens for this audience`
}

/** Whether a volume of the pod has a token for the audience: one that is projected, or one that its CSI driver asks for. */
const isMeantFor = (read: Reader, { metadata, spec }: Readonly<Pod>, audience: string): boolean =>
  (spec?.volumes ?? []).some((volume) => {
    if (volume.projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken && (serviceAccountToken.audience ?? '') === audience)) return true
    const driver = driverOf(read, volume, metadata)
    const { spec: asks } = (driver ? found<CSIDriver>(read, csiDriver, { name: driver }) : undefined) ?? {}
    return asks?.tokenRequests?.some((each) => (each.audience ?? '') === audience) ?? false
  })

function driverOf(read: Reader, { name, csi, ephemeral, persistentVolumeClaim: claimed }: Readonly<Volume>, pod: Readonly<KubeObject['metadata']>): string | undefined {
  const claimName = ephemeral?.volumeClaimTemplate ? `${pod.name}-${name}` : claimed?.claimName
  if (!claimName) return csi?.driver
  const claim = found<PersistentVolumeClaim>(read, persistentVolumeClaim, { namespace: pod.namespace, name: claimName })
  const volumeName = claim?.spec?.volumeName
  return volumeName ? found<PersistentVolume>(read, persistentVolume, { name: volumeName })?.spec?.csi?.driver : undefined
}

function found<T extends KubeObject>(read: Reader, kind: AnyKind, ref: ObjectRef): Readonly<T> | undefined {
  const stored = read.get(keyFor(kind, ref))
  return stored && (objectOf(stored) as T)
}
