import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { isNotFound } from '../kinds/status-error.ts'
import { answered, apply, checkPatchOptions } from './apply.ts'
import { patched } from './making/patched.ts'
import { replaced, replacedNothing, replacement } from './making/replaced.ts'
import type { Wish } from './making/wish.ts'
import { type Core, createLarge, createObject, update } from './write.ts'
import type { Encoded, PatchBody, RequestContext } from './verbs.ts'

/** PUT. */
export async function replace(
  core: Core,
  kind: AnyKind,
  ref: ObjectRef,
  body: unknown,
  context: RequestContext,
  subresource?: string,
): Promise<Encoded & { created?: boolean }> {
  const wish: Wish = { kind, ref, subresource, context, now: core.clock.now(), sent: { type: 'replace', body } }
  let read: KubeObject | undefined
  // what is wrong with it is told before anything about the object; what is large is read in the thread that makes it
  const object = (): KubeObject => (read ??= replacement(wish))
  if (!context.large) object()
  try {
    return answered(wish, await update(core, wish, (old) => replaced(wish, object(), old)))
  } catch (error) {
    if (!isNotFound(error)) throw error
    // nothing read it where there was nothing to replace
    if (!kind.createOnUpdate || subresource) throw error
    const anew = replacedNothing(wish, object())
    context.authorizeCreate?.()
    return { ...(await (context.large ? createLarge(core, wish) : createObject(core, kind, ref.namespace, anew, context))), created: true }
  }
}

/** PATCH. Runs on the newest state inside the commit, so it never has to be tried again. */
export async function patch(
  core: Core,
  kind: AnyKind,
  ref: ObjectRef,
  request: PatchBody,
  context: RequestContext,
  subresource?: string,
): Promise<Encoded & { created?: boolean }> {
  checkPatchOptions(request, context)
  const wish: Wish = { kind, ref, subresource, context, now: core.clock.now(), sent: request }
  if (request.type === 'apply') return apply(core, wish, request)
  return answered(wish, await update(core, wish, (old) => patched(wish, request, old)))
}
