import type { ManagedFieldsEntry } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { applyDefaults } from '../../kinds/structure.ts'
import { placeInNamespace, planCreation } from '../lifecycle.ts'
import type { UpdateToTrack } from '../managed-fields/track.ts'
import { writeOf } from '../tracking.ts'
import type { Wish } from './wish.ts'

/** Who owns what of a new object. */
type Track = (write: UpdateToTrack) => ManagedFieldsEntry[] | undefined

/** Makes a decoded object one that is about to be created, which has all but what admission and its kind add. Changes `object`. @throws StatusError */
export function planned({ kind, ref: { namespace }, context, now }: Omit<Wish, 'sent'>, object: KubeObject, uid: string, track: Track): void {
  const { managedFields: sent } = object.metadata
  placeInNamespace(object, namespace)
  planCreation(kind, object, now, uid, context.dryRun)
  applyDefaults(kind, object)
  // what admission and the kind add from here on is nobody's, as in Kubernetes
  const owners = track({ ...writeOf(kind, context, now), updated: object, ...(sent?.length ? { sent } : {}) })
  if (owners?.length) object.metadata.managedFields = owners
  else if (sent?.length === 0) delete object.metadata.managedFields
}
