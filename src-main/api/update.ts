import { copyJson, type JsonObject } from '../base/json.ts'
import { applyJsonPatch, BadPatch, mergePatch, PatchDoesNotApply, PatchTooLarge } from '../base/patch.ts'
import { strategicMerge } from '../base/strategic-merge.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { badRequest, conflict, isNotFound, StatusError, unsupportedMediaType } from '../kinds/status-error.ts'
import { applyDefaults, schemas } from '../kinds/structure.ts'
import { decodeBody, decodePatched, type Expected } from './decode.ts'
import { placeInNamespace, planUpdate } from './lifecycle.ts'
import { scaleOf, scaleType, withScale } from './subresources/scale.ts'
import { unwritten, type Core, createObject, type Make, update } from './write.ts'
import type { Encoded, PatchBody, RequestContext } from './verbs.ts'

/** PUT. */
export async function replace(
  core: Core,
  kind: AnyKind,
  ref: ObjectRef,
  body: unknown,
  context: RequestContext,
  subresource?: string,
): Promise<Encoded> {
  const scaling = subresource === 'scale' && kind.scale !== undefined
  const object = decodeBody(scaling ? scaleType : kind, body, context)
  checkName(object, ref)
  placeInNamespace(object, ref.namespace)
  if (!scaling) applyDefaults(kind, object)
  const make: Make = (old) => {
    checkUid(kind, object, old)
    return scaling ? withScale(kind, old, object) : planUpdate(kind, object, old, subresource)
  }
  const target = { kind, ref, context, ...(subresource ? { subresource } : {}) }
  try {
    const written = await update(core, target, make)
    return scaling ? unwritten(scaleOf(kind, written.object)) : written
  } catch (error) {
    if (!kind.createOnUpdate || subresource || !isNotFound(error) || object.metadata.resourceVersion) throw error
    return createObject(core, kind, ref.namespace, object, context)
  }
}

function checkName({ metadata }: KubeObject, { name }: ObjectRef): void {
  if (!metadata.name) metadata.name = name
  else if (metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  }
}

/** An update that names a uid means that very object. */
function checkUid(kind: AnyKind, { metadata: { uid } }: KubeObject, { metadata }: Readonly<KubeObject>): void {
  if (!uid || uid === metadata.uid) return
  throw conflict(
    kind,
    metadata.name ?? '',
    `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
  )
}

/** PATCH. Runs on the newest state inside the commit, so it never has to be tried again. */
export async function patch(
  core: Core,
  kind: AnyKind,
  ref: ObjectRef,
  request: PatchBody,
  context: RequestContext,
  subresource?: string,
): Promise<Encoded> {
  if (request.type === 'apply') throw unsupportedMediaType(patchTypes)
  const scaling = subresource === 'scale' && kind.scale !== undefined
  const make: Make = (old) => {
    const from = scaling ? scaleOf(kind, old) : copyJson(old)
    const object = decodePatched(
      scaling ? scaleType : kind,
      patched(scaling ? scaleType : kind, from, request),
      request.body,
      context,
    )
    if (scaling) return withScale(kind, old, object)
    placeInNamespace(object, ref.namespace)
    applyDefaults(kind, object)
    return planUpdate(kind, object, old, subresource)
  }
  const written = await update(core, { kind, ref, context, ...(subresource ? { subresource } : {}) }, make)
  return scaling ? unwritten(scaleOf(kind, written.object)) : written
}

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
]

/** The patched form of an object that is ours to change. */
function patched(type: Expected, object: object, { type: how, body }: PatchBody): unknown {
  const target = object as JsonObject
  try {
    if (how === 'json') return applyJsonPatch(target, copyJson(body))
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw new BadPatch('the patch must be a JSON object')
    if (how === 'merge') return mergePatch(target, copyJson(body))
    if (!Object.hasOwn(schemas, type.schema)) throw unsupportedMediaType(patchTypes.slice(0, 2))
    return strategicMerge(
      target,
      copyJson(body) as JsonObject,
      { type: 'object', ref: type.schema },
      (ref) => schemas[ref]?.fields,
    )
  } catch (error) {
    throw patchError(error)
  }
}

function patchError(error: unknown): unknown {
  if (error instanceof BadPatch) return badRequest(error.message)
  // the only range that a patch can leave is the stack's
  if (error instanceof RangeError) return badRequest('json: exceeded max depth')
  if (error instanceof PatchDoesNotApply) return rejected(422, 'Invalid', error.message)
  if (error instanceof PatchTooLarge) return rejected(413, 'RequestEntityTooLarge', error.message)
  return error
}

const rejected = (code: number, reason: string, message: string): StatusError =>
  new StatusError({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    code,
    reason,
    message: code === 422 ? 'the server rejected our request due to an error in our request' : message,
    details: { causes: [{ reason: 'UnexpectedServerResponse', message }] },
  })
