import type { KubeObject } from '../../kinds/meta.ts'
import { decodeBody } from '../decode.ts'
import { trackUpdate } from '../managed-fields/track.ts'
import { nameOwnersOnce } from '../owner-references.ts'
import { appliedAnew, appliedObject, appliedOver } from './applied.ts'
import { planned } from './created.ts'
import { patched } from './patched.ts'
import { replaced, replacedNothing, replacement } from './replaced.ts'
import type { Wish } from './wish.ts'

/** What a request makes of an object, which it does not change. @throws StatusError */
export function made(wish: Wish, old: Readonly<KubeObject>): KubeObject {
  const { sent } = wish
  if (sent.type === 'create' || sent.type === 'replace') return replaced(wish, replacement(wish), old)
  return sent.type === 'apply' ? appliedOver(wish, sent, appliedObject(wish), old) : patched(wish, sent, old)
}

/** What a request makes where there is nothing yet. @throws StatusError */
export function madeAnew(wish: Wish, uid: string): KubeObject {
  const { object, owners } = wish.sent.type === 'apply' ? appliedAnew(wish, appliedObject(wish)) : { object: wish.sent.type === 'replace' ? replacedNothing(wish, replacement(wish)) : decoded(wish), owners: undefined }
  planned(wish, object, uid, owners ? () => owners : trackUpdate)
  return object
}

function decoded({ kind, context, sent }: Wish): KubeObject {
  const object = decodeBody(kind, sent.body, context)
  nameOwnersOnce(object.metadata, context.warnings)
  return object
}
