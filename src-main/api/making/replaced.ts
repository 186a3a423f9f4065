import type { KubeObject } from '../../kinds/meta.ts'
import { badRequest, conflict, StatusError } from '../../kinds/status-error.ts'
import { applyDefaults } from '../../kinds/structure.ts'
import { decodeBody } from '../decode.ts'
import { etcdKey } from '../etcd-key.ts'
import { checkName, placeInNamespace, planUpdate } from '../lifecycle.ts'
import { nameOwnersOnce } from '../owner-references.ts'
import { scaleType } from '../subresources/scale.ts'
import { tracked, writeOf } from '../tracking.ts'
import { scaledTo } from './scaled.ts'
import { isScaling, type Wish } from './wish.ts'

/** The object, or the Scale, that is to take the place of another. @throws StatusError */
export function replacement(wish: Wish): KubeObject {
  const { kind, ref, context } = wish
  const scaling = isScaling(wish)
  const object = read(wish, scaling)
  nameOwnersOnce(object.metadata, context.warnings)
  checkName(object, ref)
  placeInNamespace(object, ref.namespace)
  if (!scaling) applyDefaults(kind, object)
  return object
}

function read({ kind, context, sent }: Wish, scaling: boolean): KubeObject {
  try {
    return decodeBody(scaling ? scaleType : kind, sent.body, context)
  } catch (error) {
    // whatever is wrong with the Scale of a custom resource, its server only says that it does not know the type
    if (!scaling || !kind.custom || !(error instanceof StatusError) || error.code !== 400) throw error
    throw badRequest('no kind is registered for the type v1.Scale in scheme "k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go:781"')
  }
}

/** What a `replacement` makes of an object, which it does not change. @throws StatusError */
export function replaced(wish: Wish, object: KubeObject, old: Readonly<KubeObject>): KubeObject {
  const { kind, context, now, subresource } = wish
  checkUid(wish, object, old.metadata.uid)
  if (isScaling(wish)) return scaledTo(wish, object, old)
  return tracked(writeOf(kind, context, now, subresource), old, planUpdate(kind, object, old, subresource), object.metadata.managedFields)
}

/** A `replacement` that there is nothing to replace for, which this changes: Kubernetes does not ask of what version it once was. @throws StatusError */
export function replacedNothing(wish: Wish, object: KubeObject): KubeObject {
  checkUid(wish, object, '')
  delete object.metadata.resourceVersion
  return object
}

/** An update that names a uid means that very object. */
function checkUid({ kind, ref }: Wish, { metadata: { uid } }: Readonly<KubeObject>, present: string | undefined): void {
  if (!uid || uid === present) return
  const mistake = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${present}`
  throw conflict(kind, ref.name, `StorageError: invalid object, Code: 4, Key: ${etcdKey(kind, ref)}, ResourceVersion: 0, AdditionalErrorMsg: ${mistake}`)
}
