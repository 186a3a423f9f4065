import { isJsonObject } from '../base/json.ts'
import { field } from '../kinds/field-error.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { conflict, invalid, isAlreadyExists, isNotFound } from '../kinds/status-error.ts'
import { appliedAnew, appliedObject, appliedOver } from './making/applied.ts'
import { isScaling, type Wish } from './making/wish.ts'
import { scaleOf } from './subresources/scale.ts'
import { type Core, createLarge, createObject, unwritten, update } from './write.ts'
import type { Encoded, PatchBody, RequestContext } from './verbs.ts'

const patchOptions = { group: 'meta.k8s.io', plural: 'patchoptions', kind: 'PatchOptions' }

/** What the options of a patch may not say together. @throws StatusError 422 */
export function checkPatchOptions({ type, force }: Pick<PatchBody, 'type' | 'force'>, { fieldManager }: Pick<RequestContext, 'fieldManager'>): void {
  if (type === 'apply') {
    if (!fieldManager) throw invalid(patchOptions, '', [field('fieldManager').required('is required for apply patch')])
  } else if (force !== undefined) {
    throw invalid(patchOptions, '', [field('force').forbidden('may not be specified for non-apply patch')])
  }
}

/** Server-side apply: a PATCH that says what its manager wishes, and creates the object where there is none. */
export async function apply(core: Core, wish: Wish, request: PatchBody): Promise<Encoded & { created?: boolean }> {
  const { kind, ref, context, subresource } = wish
  let read: Readonly<KubeObject> | undefined
  const applied = (): Readonly<KubeObject> => (read ??= appliedObject(wish))
  if (!context.large) applied()
  const overExisting = async () => answered(wish, await update(core, { ...wish, applied: true }, (old) => appliedOver(wish, request, applied(), old)))
  const anew = async () => {
    if (context.large) return createLarge(core, wish)
    const { object, owners } = appliedAnew(wish, applied())
    return createObject(core, kind, ref.namespace, object, context, owners)
  }
  try {
    return await overExisting()
  } catch (error) {
    if (subresource || !isNotFound(error)) throw error
    const uid = uidOf(request)
    if (uid) throw conflict(kind, ref.name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`)
    context.authorizeCreate?.()
  }
  try {
    return { ...(await anew()), created: true }
  } catch (error) {
    // somebody else created it meanwhile
    if (isAlreadyExists(error)) return overExisting()
    throw error
  }
}

function uidOf({ body }: PatchBody): string | undefined {
  const metadata = isJsonObject(body) ? body.metadata : undefined
  return isJsonObject(metadata) && typeof metadata.uid === 'string' ? metadata.uid : undefined
}

/** Who changed the Scale of an object is answered with that. */
export const answered = (wish: Wish, written: Encoded): Encoded => (isScaling(wish) ? unwritten(scaleOf(wish.kind, written.object)) : written)
