import { copyJson, isJsonObject, type JsonObject } from '../../base/json.ts'
import { atOnce } from '../../base/turns.ts'
import type { KubeObject, ObjectRef } from '../../kinds/meta.ts'
import type { ManagedFieldsEntry } from '../../kinds/generated/types.ts'
import { badRequest } from '../../kinds/status-error.ts'
import { applyDefaults } from '../../kinds/structure.ts'
import { hasRefusedNulls } from '../applied-nulls.ts'
import { decodePatched, type Expected } from '../decode.ts'
import { checkName, placeInNamespace, planUpdate } from '../lifecycle.ts'
import { type Applied, applyPatch, type ApplyRequest } from '../managed-fields/apply.ts'
import { checkApplied, typedPatchError } from '../managed-fields/check-applied.ts'
import { conflictError } from '../managed-fields/conflicts.ts'
import { TooManyFields } from '../managed-fields/field-set.ts'
import { tooLargeToStore } from '../store-errors.ts'
import { warningsOf } from '../strict-order.ts'
import { scaleAsApplied, scaleTo, scaleType, withScale } from '../subresources/scale.ts'
import { withManagedFields, writeOf } from '../tracking.ts'
import type { PatchBody, RequestContext } from '../verbs.ts'
import { isScaling, type Wish } from './wish.ts'

/** What a manager applies: the object, or the Scale, as it was sent. @throws StatusError */
export function appliedObject(wish: Wish): Readonly<KubeObject> {
  const { kind, ref, context, sent } = wish
  if (!isScaling(wish)) return asWished(kind, ref, sent.body)
  checkDuplicates(context)
  return asWished(scaleType, ref, sent.body)
}

/** An object, which does not change, with what was applied laid over it. @throws StatusError */
export function appliedOver(wish: Wish, { force }: PatchBody, applied: Readonly<KubeObject>, old: Readonly<KubeObject>): KubeObject {
  const { kind, ref, context, now, subresource } = wish
  const request = { ...writeOf(kind, context, now, subresource), live: old, managed: old.metadata.managedFields, force }
  if (isScaling(wish)) return scaleApplied(wish, request, applied, old)
  const { object, managedFields, isLive } = laidOver({ ...request, applied })
  checkDuplicates(context)
  // what a custom resource lacks today it does not get by an apply that changes nothing
  if (isLive && kind.custom) return withManagedFields(planUpdate(kind, copyJson(old) as KubeObject, old, subresource), managedFields)
  const next = decoded(wish, object)
  placeInNamespace(next, ref.namespace)
  applyDefaults(kind, next)
  return withManagedFields(planUpdate(kind, next, old, subresource), managedFields)
}

/** The manager wishes a number of replicas, and owns that alone. */
function scaleApplied({ kind }: Wish, request: Omit<ApplyRequest, 'applied'>, scale: Readonly<KubeObject>, old: Readonly<KubeObject>): KubeObject {
  const outcome = applyPatch({ ...request, applied: scaleAsApplied(kind, scale) })
  if ('conflicts' in outcome) throw conflictError(outcome.conflicts.map((conflict) => ({ ...conflict, apiVersion: scaleType.apiVersion })))
  return withManagedFields(withScale(kind, old, scaleTo(kind, outcome.object, scale)), outcome.managedFields)
}

/** What was applied where there is no object yet, and who owns what of it. Changes `applied`. @throws StatusError */
export function appliedAnew(wish: Wish, applied: Readonly<KubeObject>): { object: KubeObject; owners: ManagedFieldsEntry[] } {
  const { kind, ref, context, now } = wish
  checkName(applied, ref)
  // there is no other version that it could have meant
  delete applied.metadata.resourceVersion
  const { object, managedFields = [] } = laidOver({ ...writeOf(kind, context, now), applied })
  checkDuplicates(context)
  return { object: decoded(wish, object), owners: managedFields }
}

function decoded({ kind, context, sent }: Wish, object: KubeObject): KubeObject {
  // what a type lacks was refused where it was applied, and anything else that is dropped is nobody's to hear of
  const unheard = { ...context, fieldValidation: 'Ignore', duplicateFields: [], keepsNulls: hasRefusedNulls(kind, object) } as const
  return atOnce(decodePatched(kind, object, () => JSON.stringify(sent.body), unheard))
}

/** Tells or refuses as `fieldValidation` says. @throws StatusError 400 */
function checkDuplicates({ fieldValidation, duplicateFields: [mistake] = [], warnings }: RequestContext): void {
  if (mistake === undefined || fieldValidation === 'Ignore') return
  if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${mistake}`)
  warnings.push(...warningsOf(mistake))
}

/** @throws StatusError 409, or 500 for more owners than can be stored */
function laidOver(request: ApplyRequest): Applied {
  try {
    const outcome = applyPatch(request)
    if ('conflicts' in outcome) throw conflictError(outcome.conflicts)
    return outcome
  } catch (error) {
    throw error instanceof TooManyFields ? tooLargeToStore() : error
  }
}

/** The body as the object that its manager wishes. Changes `body`. @throws StatusError 400, or 500 for what its type lacks */
function asWished(kind: Expected, ref: ObjectRef, given: unknown): Readonly<KubeObject> {
  // a document without anything in it is an object without anything in it
  const body = given ?? {}
  if (!isJsonObject(body)) {
    const word = Array.isArray(body) ? 'array' : typeof body === 'boolean' ? 'bool' : typeof body
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${word} into Go value of type map[string]interface {}`,
    )
  }
  checkType(kind, body)
  body.metadata ??= {}
  if (isJsonObject(body.metadata) && (body.metadata.managedFields ?? undefined) !== undefined)
    throw badRequest('metadata.managedFields must be nil')
  const object = body as unknown as KubeObject
  const mistakes = checkApplied(kind.schema, object, kind.custom ? { types: kind.custom.types } : undefined)
  if (mistakes.length > 0) throw typedPatchError(object, mistakes)
  // without a name it is the one of the URL, which only an object that is there has already
  if (object.metadata.name) checkName(object, ref)
  placeInNamespace(object, ref.namespace)
  return object
}

function checkType({ apiVersion: expected, kind: name }: Expected, body: JsonObject): void {
  const { apiVersion, kind } = body
  if (apiVersion === expected && kind === name) return
  const [group, version] = groupVersionOf(apiVersion)
  throw badRequest(`invalid object type: ${group}/${version}, Kind=${typeof kind === 'string' ? kind : ''}`)
}

/** As apimachinery's ParseGroupVersion; what is none has neither. */
function groupVersionOf(apiVersion: unknown): readonly [group: string, version: string] {
  const parts = typeof apiVersion === 'string' ? apiVersion.split('/') : []
  if (parts.length === 1) return ['', parts[0]!]
  return parts.length === 2 ? [parts[0]!, parts[1]!] : ['', '']
}
