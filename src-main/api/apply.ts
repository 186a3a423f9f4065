import { isJsonObject, type JsonObject } from '../base/json.ts'
import { sharing } from '../base/json-steps.ts'
import { atOnce, type Steps, turns } from '../base/turns.ts'
import { field } from '../kinds/field-error.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { badRequest, conflict, invalid, isAlreadyExists, isNotFound } from '../kinds/status-error.ts'
import { applyDefaults, defaultInSteps } from '../kinds/structure.ts'
import { decodePatched, type Expected } from './decode.ts'
import { checkName, placeInNamespace, planUpdate } from './lifecycle.ts'
import { type Applied, applyInSteps, type ApplyRequest } from './managed-fields/apply.ts'
import { refuseNulls } from './applied-nulls.ts'
import { checkApplied, typedPatchError } from './managed-fields/check-applied.ts'
import { conflictError } from './managed-fields/conflicts.ts'
import { TooManyFields } from './managed-fields/field-set.ts'
import { tooLargeToStore } from './store-errors.ts'
import { warningsOf } from './strict-order.ts'
import { type Write, withManagedFields, writeOf } from './tracking.ts'
import { scaleAsApplied, scaleOf, scaleTo, scaleType, withScale } from './subresources/scale.ts'
import { type Core, createObject, type Make, unwritten, update } from './write.ts'
import type { Encoded, PatchBody, RequestContext } from './verbs.ts'

const patchOptions = { group: 'meta.k8s.io', plural: 'patchoptions', kind: 'PatchOptions' }

/** What the options of a patch may not say together. @throws StatusError 422 */
export function checkPatchOptions({ type, force }: PatchBody, { fieldManager }: RequestContext): void {
  if (type === 'apply') {
    if (!fieldManager) throw invalid(patchOptions, '', [field('fieldManager').required('is required for apply patch')])
  } else if (force !== undefined) {
    throw invalid(patchOptions, '', [field('force').forbidden('may not be specified for non-apply patch')])
  }
}

/** Server-side apply: a PATCH that says what its manager wishes, and creates the object where there is none. */
export async function apply(
  core: Core,
  kind: AnyKind,
  ref: ObjectRef,
  { body, force }: PatchBody,
  context: RequestContext,
  subresource?: string,
): Promise<Encoded & { created?: boolean }> {
  const applied = appliedObject(kind, ref, body)
  const write = (large = context.large === true): Write => writeOf(kind, context, core.clock.now(), subresource, large)
  const decoded = (object: KubeObject, large = context.large): Steps<KubeObject> => {
    checkDuplicates(context)
    refuseNulls(kind, object, applied)
    return decodePatched(kind, object, () => JSON.stringify(body), { ...context, large, duplicateFields: [] })
  }

  const make: Make = function* (old, large) {
    const { managedFields: managed } = old.metadata
    const { object, managedFields } = yield* laidOver({ ...write(large), live: old, applied, managed, force })
    yield
    const next = yield* decoded(object, large)
    placeInNamespace(next, ref.namespace)
    if (large) yield* defaultInSteps(kind, next)
    else applyDefaults(kind, next)
    const planned = withManagedFields(planUpdate(kind, next, old, subresource), managedFields)
    return large ? yield* sharing(planned, old) : planned
  }
  const overExisting = () => update(core, { kind, ref, context, applied: true, ...(subresource ? { subresource } : {}) }, make)
  const anew = async () => {
    checkName(applied, ref)
    // there is no other version that it could have meant
    delete applied.metadata.resourceVersion
    const { object, managedFields } = await paced(context, laidOver({ ...write(), applied }))
    const created = await createObject(core, kind, ref.namespace, await paced(context, decoded(object)), context, managedFields ?? [])
    return { object: created.object, bytes: created.bytes, created: true }
  }

  try {
    return await overExisting()
  } catch (error) {
    if (subresource || !isNotFound(error)) throw error
    if (applied.metadata.uid) throw noSuchUid(kind, ref, applied.metadata.uid)
    context.authorizeCreate?.()
  }
  try {
    return await anew()
  } catch (error) {
    // somebody else created it meanwhile
    if (isAlreadyExists(error)) return overExisting()
    throw error
  }
}

/** Apply through `scale`: the manager wishes a number of replicas, and owns that alone. */
export async function applyScale(
  core: Core,
  kind: AnyKind,
  ref: ObjectRef,
  { body, force }: PatchBody,
  context: RequestContext,
): Promise<Encoded> {
  checkDuplicates(context)
  const scale = appliedObject(scaleType, ref, body)
  const applied = scaleAsApplied(kind, scale)
  const make: Make = function* (old) {
    const { managedFields: managed } = old.metadata
    const write = writeOf(kind, context, core.clock.now(), 'scale')
    const outcome = yield* applyInSteps({ ...write, live: old, applied, managed, force })
    if ('conflicts' in outcome) throw conflictError(outcome.conflicts.map((conflict) => ({ ...conflict, apiVersion: scaleType.apiVersion })))
    return withManagedFields(withScale(kind, old, scaleTo(kind, outcome.object, scale)), outcome.managedFields)
  }
  const written = await update(core, { kind, ref, context, applied: true, subresource: 'scale' }, make)
  return unwritten(scaleOf(kind, written.object))
}

/** Tells or refuses as `fieldValidation` says. @throws StatusError 400 */
function checkDuplicates({ fieldValidation, duplicateFields: [mistake] = [], warnings }: RequestContext): void {
  if (mistake === undefined || fieldValidation === 'Ignore') return
  if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${mistake}`)
  warnings.push(...warningsOf(mistake))
}

const paced = <T>({ large }: RequestContext, steps: Steps<T>): Promise<T> | T => (large ? turns.finish(steps) : atOnce(steps))

/** @throws StatusError 409, or 500 for more owners than can be stored */
function* laidOver(request: ApplyRequest): Steps<Applied> {
  try {
    const outcome = yield* applyInSteps(request)
    if ('conflicts' in outcome) throw conflictError(outcome.conflicts)
    return outcome
  } catch (error) {
    throw error instanceof TooManyFields ? tooLargeToStore() : error
  }
}

const noSuchUid = (kind: AnyKind, { name }: ObjectRef, uid: string) =>
  conflict(kind, name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`)

/** The body as the object that its manager wishes. Changes `body`. @throws StatusError 400, or 500 for what its type lacks */
function appliedObject(kind: Expected, ref: ObjectRef, given: unknown): Readonly<KubeObject> {
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
