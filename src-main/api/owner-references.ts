import type { ObjectMeta, OwnerReference } from '../kinds/generated/types.ts'

/** When a patch or a webhook wrote the owners, and not the client itself. */
export const afterMutation = ' after mutating admission happens'

/**
 * Leaves each owner in the metadata once, and tells the client of those that stood there twice. Changes `metadata`.
 *
 * @param when  goes on where the sentence says that there are duplicates
 */
export function nameOwnersOnce(metadata: ObjectMeta, warnings: string[], when = ''): void {
  const { ownerReferences: all } = metadata
  if (!Array.isArray(all) || all.length < 2) return
  const once = new Map<string, OwnerReference>()
  const twice: string[] = []
  for (const owner of all) {
    const { apiVersion, kind, name, uid, controller, blockOwnerDeletion } = owner
    const key = JSON.stringify([apiVersion, kind, name, uid, controller, blockOwnerDeletion])
    if (once.has(key)) twice.push(uid)
    else once.set(key, owner)
  }
  if (twice.length === 0) return
  metadata.ownerReferences = [...once.values()]
  warnings.push(
    `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(', ')}`,
  )
}
