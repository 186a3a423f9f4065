import { copyJson, goWord, isJsonObject, type JsonObject } from '../base/json.ts'
import { applyJsonPatch, BadPatch, mergePatch, PatchDoesNotApply, PatchTooLarge } from '../base/patch.ts'
import { strategicMerge } from '../base/strategic-merge.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { lookup } from '../kinds/lookup.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { badRequest, conflict, isNotFound, StatusError, unsupportedMediaType } from '../kinds/status-error.ts'
import { applyDefaults, schemas } from '../kinds/structure.ts'
import { apply, applyScale, checkPatchOptions } from './apply.ts'
import { decodeBody, decodePatched, type Expected } from './decode.ts'
import { checkName, placeInNamespace, planUpdate } from './lifecycle.ts'
import { goText } from './managed-fields/check-applied.ts'
import { afterMutation, nameOwnersOnce } from './owner-references.ts'
import { scaleOf, scaleType, withScale } from './subresources/scale.ts'
import { tracked, withManagedFields, writeOf } from './tracking.ts'
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
  nameOwnersOnce(object.metadata, context.warnings)
  checkName(object, ref)
  placeInNamespace(object, ref.namespace)
  if (!scaling) applyDefaults(kind, object)
  const make: Make = (old) => {
    checkUid(kind, object, old)
    const next = scaling ? withScale(kind, old, object) : planUpdate(kind, object, old, subresource)
    return tracked(writeOf(kind, context, core.clock.now(), subresource), old, next, object.metadata.managedFields)
  }
  const target = { kind, ref, context, ...(subresource ? { subresource } : {}) }
  try {
    const written = await update(core, target, make)
    return scaling ? unwritten(scaleOf(kind, written.object)) : written
  } catch (error) {
    if (!kind.createOnUpdate || subresource || !isNotFound(error) || object.metadata.resourceVersion) throw error
    context.authorizeCreate?.()
    return createObject(core, kind, ref.namespace, object, context)
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
): Promise<Encoded & { created?: boolean }> {
  const scaling = subresource === 'scale' && kind.scale !== undefined
  checkPatchOptions(request, context)
  if (request.type === 'apply') {
    return scaling ? applyScale(core, kind, ref, request, context) : apply(core, kind, ref, request, context, subresource)
  }
  const store = (old: Readonly<KubeObject>, next: KubeObject, sent?: unknown) =>
    tracked(writeOf(kind, context, core.clock.now(), subresource), old, next, sent)
  const make: Make = (old) => {
    const whole = ownersMayChange(request) ? old : withManagedFields(old, undefined)
    const from = scaling ? scaleOf(kind, old) : copyJson(withinReach(kind, request, subresource) ? statusOnly(whole) : whole)
    if (kind.custom && request.type === 'strategic') throw unsupportedMediaType(patchTypes.filter((each) => !each.includes('strategic')))
    const outcome = patched(scaling ? scaleType : kind, from, request)
    const shown = () => (request.type === 'strategic' ? goText(request.body) : JSON.stringify(scaling ? outcome : { ...whole, ...(outcome as object) }))
    const object = decodePatched(scaling ? scaleType : kind, outcome, shown, context)
    nameOwnersOnce(object.metadata, context.warnings, afterMutation)
    checkName(object, ref)
    if (scaling) return store(old, withScale(kind, old, object))
    placeInNamespace(object, ref.namespace)
    applyDefaults(kind, object)
    return store(old, planUpdate(kind, object, old, subresource), object.metadata.managedFields)
  }
  const written = await update(core, { kind, ref, context, ...(subresource ? { subresource } : {}) }, make)
  return scaling ? unwritten(scaleOf(kind, written.object)) : written
}

/** Long and seldom patched: what a patch cannot reach need not be copied and read again. */
function ownersMayChange({ type, body }: PatchBody): boolean {
  if (type === 'json' || !isJsonObject(body)) return true
  return isJsonObject(body.metadata) ? Object.hasOwn(body.metadata, 'managedFields') : body.metadata !== undefined
}

/** Whether all that a patch of a status can change is what `statusOnly` leaves. */
function withinReach(kind: AnyKind, { type, body }: PatchBody, subresource: string | undefined): boolean {
  if (subresource !== 'status' || !kind.status || lookup(kind.parts, 'status') || type === 'json' || !isJsonObject(body)) return false
  return Object.keys(body).every((name) => behindStatus.has(name))
}

const behindStatus = new Set(['apiVersion', 'kind', 'metadata', 'status'])

/** The rest of the object stays what it is, and need not be copied and read again. */
const statusOnly = (object: Readonly<KubeObject>): KubeObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => behindStatus.has(name))) as unknown as KubeObject

const applyType = 'application/apply-patch+yaml'
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  applyType,
]

/** The patched form of an object that is ours to change. */
function patched(type: Expected, object: object, { type: how, body }: PatchBody): unknown {
  const target = object as JsonObject
  try {
    if (how === 'json') return applyJsonPatch(target, copyJson(body ?? []))
    // nothing to say, as Go reads it; a merge patch would make nothing of the object
    if (body === null && how === 'merge') throw new BadPatch('Invalid JSON Patch')
    if (body !== null && !isJsonObject(body)) throw new BadPatch(how === 'merge' ? `error decoding patch: ${cannotUnmarshal(body)}` : cannotUnmarshal(body))
    if (how === 'merge') return mergePatch(target, copyJson(body))
    if (!Object.hasOwn(schemas, type.schema)) {
      throw unsupportedMediaType(patchTypes.filter((each) => !each.includes('strategic')))
    }
    // its type is the one that it is merged by, whatever the patch says
    const { apiVersion, kind } = type
    return Object.assign(strategicMerge(
      target,
      copyJson(body ?? {}) as JsonObject,
      { type: 'object', ref: type.schema },
      (ref) => schemas[ref]?.fields,
    ), { apiVersion, kind })
  } catch (error) {
    throw patchError(error)
  }
}

const cannotUnmarshal = (body: unknown): string => `json: cannot unmarshal ${goWord(body)} into Go value of type map[string]interface {}`

function patchError(error: unknown): unknown {
  if (error instanceof BadPatch) return badRequest(error.message)
  // the only range that a patch can leave is the stack's
  if (error instanceof RangeError) return badRequest('json: exceeded max depth')
  if (error instanceof PatchDoesNotApply) return doesNotApply()
  if (error instanceof PatchTooLarge) return patchTooLarge(error.message)
  return error
}

const patchTooLarge = (message: string): StatusError =>
  new StatusError({ apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', code: 413, reason: 'RequestEntityTooLarge', message: `Request entity too large: ${message}` })

/** Kubernetes keeps to itself which operation it was. */
const doesNotApply = (): StatusError =>
  new StatusError({
    apiVersion: 'v1',
    kind: 'Status',
    metadata: {},
    status: 'Failure',
    code: 422,
    reason: 'Invalid',
    message: 'the server rejected our request due to an error in our request',
    details: {},
  })
