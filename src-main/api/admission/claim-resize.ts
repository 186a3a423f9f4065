import { amountOf } from '../../base/amount.ts'
import type { PersistentVolumeClaim } from '../../kinds/core/persistent-volume-claim.ts'
import { forbidden } from '../../kinds/status-error.ts'
import { storageClass, type StorageClass } from '../../kinds/storage/storage-class.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, Reader } from './chain.ts'

/** A claim grows only once it is bound, and only when its class says that its volumes can. */
export const claimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  validate({ operation, kind, subresource, name, object, old, read }) {
    if (operation !== 'UPDATE' || kind.kind !== 'PersistentVolumeClaim' || kind.group !== '' || subresource) return
    const cause = whyNot(object as PersistentVolumeClaim, old as Readonly<PersistentVolumeClaim>, read)
    if (cause) throw forbidden(kind, name, cause)
  },
}

function whyNot(claim: Readonly<PersistentVolumeClaim>, old: Readonly<PersistentVolumeClaim>, read: Reader): string | undefined {
  if (amountOf(sizeOf(claim)).nano <= amountOf(sizeOf(old)).nano) return undefined
  if (old.status?.phase !== 'Bound') return 'Only bound persistent volume claims can be expanded'
  const name = classOf(claim)
  const stored = name === classOf(old) && name ? read.get(keyFor(storageClass, { name })) : undefined
  if (stored && (objectOf(stored) as StorageClass).allowVolumeExpansion) return undefined
  return 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize'
}

const sizeOf = ({ spec }: Readonly<PersistentVolumeClaim>): string => spec?.resources?.requests?.['storage'] ?? '0'
const classOf = ({ metadata, spec }: Readonly<PersistentVolumeClaim>): string => metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? ''
