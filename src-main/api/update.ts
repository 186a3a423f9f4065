import { goText, inGoOrder } from '../base/go-text.ts'
import { copyJson, goWord, isJsonObject, type JsonObject } from '../base/json.ts'
import { copyInSteps, sharing } from '../base/json-steps.ts'
import { applyJsonPatch, BadPatch, CannotMerge, mergePatch, PatchDoesNotApply, PatchTooLarge } from '../base/patch.ts'
import { strategicMerge } from '../base/strategic-merge.ts'
import { type Steps, turns } from '../base/turns.ts'
import { converterSentence } from '../kinds/converter-sentence.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { lookup } from '../kinds/lookup.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { badRequest, conflict, isNotFound, plainFailure, StatusError, unsupportedMediaType } from '../kinds/status-error.ts'
import { applyDefaults, defaultInSteps, schemas } from '../kinds/structure.ts'
import { apply, applyScale, checkPatchOptions } from './apply.ts'
import { decodeBody, decodeInSteps, decodePatched, type Expected } from './decode.ts'
import { etcdKey } from './etcd-key.ts'
import { checkName, placeInNamespace, planUpdate } from './lifecycle.ts'
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
): Promise<Encoded & { created?: boolean }> {
  const scaling = subresource === 'scale' && kind.scale !== undefined
  const type = scaling ? scaleType : kind
  const read = async (): Promise<KubeObject> => (context.large ? turns.finish(decodeInSteps(type, body, context)) : decodeBody(type, body, context))
  const object = scaling && kind.custom ? await read().catch(asUnknownScale) : await read()
  nameOwnersOnce(object.metadata, context.warnings)
  checkName(object, ref)
  placeInNamespace(object, ref.namespace)
  if (context.large && !scaling) await turns.finish(defaultInSteps(kind, object))
  else if (!scaling) applyDefaults(kind, object)
  const make: Make = function* (old, large) {
    checkUid(kind, object, old)
    const planned = scaling ? withScale(kind, old, object) : planUpdate(kind, object, old, subresource)
    const next = large ? yield* sharing(planned, old) : planned
    return yield* tracked(writeOf(kind, context, core.clock.now(), subresource, large), old, next, object.metadata.managedFields)
  }
  const target = { kind, ref, context, ...(subresource ? { subresource } : {}) }
  try {
    const written = await update(core, target, make)
    return scaling ? unwritten(scaleOf(kind, written.object)) : written
  } catch (error) {
    if (!kind.createOnUpdate || subresource || !isNotFound(error) || object.metadata.resourceVersion) throw error
    context.authorizeCreate?.()
    return { ...(await createObject(core, kind, ref.namespace, object, context)), created: true }
  }
}

/** Whatever is wrong with the Scale of a custom resource, its server only says that it does not know the type. */
function asUnknownScale(error: unknown): never {
  if (!(error instanceof StatusError) || error.code !== 400) throw error
  throw badRequest('no kind is registered for the type v1.Scale in scheme "k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go:781"')
}

/** An update that names a uid means that very object. */
function checkUid(kind: AnyKind, { metadata: { uid } }: KubeObject, { metadata }: Readonly<KubeObject>): void {
  if (!uid || uid === metadata.uid) return
  const { name = '', namespace } = metadata
  const mistake = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`
  throw conflict(kind, name, `StorageError: invalid object, Code: 4, Key: ${etcdKey(kind, { name, namespace })}, ResourceVersion: 0, AdditionalErrorMsg: ${mistake}`)
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
  const make: Make = function* (old, large) {
    const store = (next: KubeObject, sent?: unknown) => tracked(writeOf(kind, context, core.clock.now(), subresource, large), old, next, sent)
    const whole = ownersMayChange(request) ? old : withManagedFields(old, undefined)
    const reached = scaling ? scaleOf(kind, old) : withinReach(kind, request, subresource) ? statusOnly(whole) : whole
    const from = large ? yield* copyInSteps(reached) : copyJson(reached)
    yield
    if (kind.custom && request.type === 'strategic') throw unsupportedMediaType(patchTypes.filter((each) => !each.includes('strategic')))
    const body = yield* ownBody(request, large)
    yield
    const outcome = patched(scaling ? scaleType : kind, from, { ...request, body })
    const shown = () => (request.type === 'strategic' ? goText(request.body) : shownOutcome(kind, old, scaling ? outcome : { ...without(whole, reached), ...(outcome as object) }, scaling))
    yield
    const object = yield* decodePatched(scaling ? scaleType : kind, outcome, shown, large ? { ...context, large } : context, request.type === 'strategic' ? converterSentence : undefined)
    nameOwnersOnce(object.metadata, context.warnings, afterMutation)
    checkName(object, ref)
    if (scaling) return yield* store(withScale(kind, old, object))
    placeInNamespace(object, ref.namespace)
    if (large) yield* defaultInSteps(kind, object)
    else applyDefaults(kind, object)
    const planned = planUpdate(kind, object, old, subresource)
    return yield* store(large ? yield* sharing(planned, old) : planned, object.metadata.managedFields)
  }
  const written = await update(core, { kind, ref, context, ...(subresource ? { subresource } : {}) }, make)
  return scaling ? unwritten(scaleOf(kind, written.object)) : written
}

/** What of an object is not in a part of it. */
const without = (whole: Readonly<KubeObject>, part: object): object => Object.fromEntries(Object.entries(whole).filter(([name]) => !Object.hasOwn(part, name)))

/** The text that a patch made, with all that was stored; what Go has no struct for is in the order of its names. */
function shownOutcome(kind: AnyKind, { metadata: { managedFields } }: Readonly<KubeObject>, outcome: unknown, scaling: boolean): string {
  if (!kind.custom || scaling || !isJsonObject(outcome)) return JSON.stringify(outcome)
  const metadata = isJsonObject(outcome.metadata) && managedFields ? { managedFields, ...outcome.metadata } : outcome.metadata
  return JSON.stringify(inGoOrder({ ...outcome, metadata }))
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

/** A patch that is ours to change: it may be needed again. */
function* ownBody({ body }: PatchBody, large: boolean): Steps<unknown> {
  try {
    return large ? yield* copyInSteps(body) : copyJson(body)
  } catch (error) {
    throw patchError(error)
  }
}

/** The patched form of an object that is ours to change, as the patch is. */
function patched(type: Expected, object: object, { type: how, body }: PatchBody): unknown {
  const target = object as JsonObject
  try {
    if (how === 'json') return applyJsonPatch(target, body ?? [])
    // nothing to say, as Go reads it; a merge patch would make nothing of the object
    if (body === null && how === 'merge') throw new BadPatch('Invalid JSON Patch')
    if (body !== null && !isJsonObject(body)) throw new BadPatch(how === 'merge' ? `error decoding patch: ${cannotUnmarshal(body)}` : cannotUnmarshal(body))
    if (how === 'merge') return mergePatch(target, body)
    if (!Object.hasOwn(schemas, type.schema)) {
      throw unsupportedMediaType(patchTypes.filter((each) => !each.includes('strategic')))
    }
    // its type is the one that it is merged by, whatever the patch says
    const { apiVersion, kind } = type
    return Object.assign(strategicMerge(
      target,
      (body ?? {}) as JsonObject,
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
  if (error instanceof CannotMerge) return plainFailure(error.message)
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
