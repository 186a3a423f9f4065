import { goText, inGoOrder } from '../../base/go-text.ts'
import { copyJson, goWord, isJsonObject, type JsonObject } from '../../base/json.ts'
import { applyJsonPatch, BadPatch, CannotMerge, mergePatch, PatchDoesNotApply, PatchTooLarge } from '../../base/patch.ts'
import { strategicMerge } from '../../base/strategic-merge.ts'
import { atOnce } from '../../base/turns.ts'
import { converterSentence } from '../../kinds/converter-sentence.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import { lookup } from '../../kinds/lookup.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { badRequest, plainFailure, StatusError, unsupportedMediaType } from '../../kinds/status-error.ts'
import { applyDefaults, schemas } from '../../kinds/structure.ts'
import { decodePatched, type Expected } from '../decode.ts'
import { checkName, placeInNamespace, planUpdate } from '../lifecycle.ts'
import { afterMutation, nameOwnersOnce } from '../owner-references.ts'
import { customScaleType, scaleOf, scaleType } from '../subresources/scale.ts'
import { tracked, withManagedFields, writeOf } from '../tracking.ts'
import type { PatchBody } from '../verbs.ts'
import { scaledTo } from './scaled.ts'
import { isScaling, type Wish } from './wish.ts'

/** What a patch that is no apply makes of an object, which it does not change. @throws StatusError */
export function patched(wish: Wish, request: PatchBody, old: Readonly<KubeObject>): KubeObject {
  const { kind, ref, context, subresource, now } = wish
  const scaling = isScaling(wish)
  const store = (next: KubeObject, sent?: unknown) => tracked(writeOf(kind, context, now, subresource), old, next, sent)
  const whole = ownersMayChange(request) ? old : withManagedFields(old, undefined)
  const reached = scaling ? scaleOf(kind, old) : withinReach(kind, request, subresource) ? statusOnly(whole) : whole
  const from = copyJson(reached)
  if (kind.custom && request.type === 'strategic') throw unsupportedMediaType(patchTypes.filter((each) => !each.includes('strategic')))
  const outcome = outcomeOf(scaling ? scaleType : kind, from, { ...request, body: ownBody(request) })
  const shown = () => (request.type === 'strategic' ? goText(request.body) : shownOutcome(kind, old, scaling ? outcome : { ...without(whole, reached), ...(outcome as object) }, scaling))
  const object = atOnce(decodePatched(scaling ? (kind.custom ? customScaleType : scaleType) : kind, outcome, shown, context, request.type === 'strategic' ? converterSentence : undefined))
  nameOwnersOnce(object.metadata, context.warnings, afterMutation)
  checkName(object, ref)
  if (scaling) return scaledTo(wish, object, old)
  placeInNamespace(object, ref.namespace)
  applyDefaults(kind, object)
  return store(planUpdate(kind, object, old, subresource), object.metadata.managedFields)
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
function ownBody({ body }: PatchBody): unknown {
  try {
    return copyJson(body)
  } catch (error) {
    throw patchError(error)
  }
}

/** The patched form of an object that is ours to change, as the patch is. */
function outcomeOf(type: Expected, object: object, { type: how, body }: PatchBody): unknown {
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
