import { protectionOf } from '../../kinds/storage/protection.ts'
import type { AdmissionPlugin } from './chain.ts'

/** Storage outlives its deletion while it is in use: a controller takes the finalizer off when it no longer is. */
export const storageProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ operation, kind, subresource, object: { metadata } }) {
    const finalizer = operation === 'CREATE' && !subresource ? protectionOf(kind) : undefined
    if (finalizer && !metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer]
  },
}
