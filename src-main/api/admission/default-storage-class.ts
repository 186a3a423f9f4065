import type { PersistentVolumeClaim } from '../../kinds/core/persistent-volume-claim.ts'
import { defaultClassOf, storageClass as classKind, type StorageClass } from '../../kinds/storage/storage-class.ts'
import { kindPrefix } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin } from './chain.ts'

/** A claim that says nothing about its class gets the cluster's default one. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  admit({ operation, kind, subresource, object, read }) {
    if (operation !== 'CREATE' || kind.kind !== 'PersistentVolumeClaim' || kind.group !== '' || subresource) return
    const { metadata, spec } = object as PersistentVolumeClaim
    // an empty name is a wish too: no class
    if (!spec || spec.storageClassName !== undefined || metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return
    const chosen = defaultClassOf(read.list(kindPrefix(classKind)).map((stored) => objectOf(stored) as StorageClass))
    if (chosen?.metadata.name) spec.storageClassName = chosen.metadata.name
  },
}
