import { isJsonObject, type JsonObject } from '../base/json.ts'
import { field, type FieldError } from '../kinds/field-error.ts'
import { metaSchema } from '../kinds/custom/json-schema.ts'
import type { CustomContent } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import type { FieldSchema } from '../kinds/schema.ts'
import { badRequest, invalid, type StatusError } from '../kinds/status-error.ts'
import { checkStructure, prune, schemas } from '../kinds/structure.ts'
import type { RequestContext } from './verbs.ts'

/** What a body must be: a kind, or the type of a subresource such as Scale. */
export interface Expected {
  readonly apiVersion: string
  readonly version: string
  readonly kind: string
  readonly schema: string
  /** Of a kind that a CRD describes: all but the metadata is checked with the values, and answered as they are. */
  readonly custom?: CustomContent | undefined
}

/**
 * Reads a body as Kubernetes' decoder does: the right type, every field of its right type, unknown fields told or refused
 * and then dropped. Changes `body` and returns it as the object it is.
 *
 * @throws StatusError 400
 */
export function decodeBody(expected: Expected, body: unknown, context: RequestContext): KubeObject {
  const object = typed(expected, body)
  const { errors, unknown } = examine(expected, object)
  const [error] = errors
  if (error) throw badRequest(cannotBeHandled(expected, expected, decoderSentence(expected.schema, error)))
  const mistakes = strictMistakes(unknown, context)
  if (context.fieldValidation === 'Strict' && mistakes.length > 0) {
    throw badRequest(cannotBeHandled(expected, expected, `strict decoding error: ${mistakes.join(', ')}`))
  }
  return finished(expected, object, mistakes, context)
}

/**
 * Reads what a patch made of an object. Mistakes are the patch's, so they are answered as Kubernetes answers for patches.
 *
 * @throws StatusError 422, or 400 when the patch changed the object's type
 */
export function decodePatched(
  expected: Expected,
  patched: unknown,
  patch: unknown,
  context: RequestContext,
): KubeObject {
  const object = typed(expected, patched)
  const { errors, unknown } = examine(expected, object)
  const [error] = errors
  if (error) throw invalidPatch(patch, decoderSentence(expected.schema, error))
  const mistakes = strictMistakes(unknown, context)
  if (context.fieldValidation === 'Strict' && mistakes.length > 0) {
    throw invalidPatch(patch, `strict decoding error: ${mistakes.join(', ')}`)
  }
  return finished(expected, object, mistakes, context)
}

const invalidPatch = (patch: unknown, sentence: string): StatusError =>
  invalid({ group: '', plural: '', kind: '' }, '', [field('patch').invalid(JSON.stringify(patch), sentence)])

function examine({ schema, custom }: Expected, object: JsonObject): ReturnType<typeof checkStructure> {
  if (!custom) return checkStructure(schema, object)
  const { errors, unknown } = checkStructure(metaSchema, object.metadata)
  const below = (path: string): string => `metadata.${path}`
  return {
    errors: errors.map((error) => ({ ...error, field: error.field === '<nil>' ? 'metadata' : below(error.field) })),
    unknown: [...unknown.map(below), ...custom.prune(object as unknown as KubeObject)],
  }
}

function strictMistakes(
  unknown: readonly string[],
  { fieldValidation, duplicateFields = [] }: RequestContext,
): string[] {
  if (fieldValidation === 'Ignore') return []
  return [
    ...duplicateFields.map((path) => `duplicate field "${path}"`),
    ...unknown.map((path) => `unknown field "${path}"`),
  ]
}

function finished(
  expected: Expected,
  object: JsonObject,
  mistakes: readonly string[],
  context: RequestContext,
): KubeObject {
  context.warnings.push(...mistakes)
  if (expected.custom) prune(metaSchema, object.metadata)
  else prune(expected.schema, object)
  object.apiVersion = expected.apiVersion
  object.kind = expected.kind
  object.metadata ??= {}
  return object as unknown as KubeObject
}

/** A missing apiVersion or kind is taken from the URL, as Kubernetes does; a different one is refused. */
function typed(expected: Expected, body: unknown): JsonObject {
  if (!isJsonObject(body)) {
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonWord(body)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    )
  }
  const { apiVersion = '', kind = '' } = body
  if (apiVersion && apiVersion !== expected.apiVersion) {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected.apiVersion})`,
    )
  }
  if (kind && kind !== expected.kind) {
    const given = { kind: String(kind), version: expected.version }
    throw badRequest(
      cannotBeHandled(given, expected, `no kind "${String(kind)}" is registered for version "${expected.apiVersion}"`),
    )
  }
  return body
}

const cannotBeHandled = (given: { kind: string; version: string }, expected: Expected, cause: string): string =>
  `${given.kind} in version ${JSON.stringify(given.version)} cannot be handled as a ${expected.kind}: ${cause}`

/** `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32` */
function decoderSentence(schema: string, error: FieldError): string {
  const actual = /: "(\w+)"$/.exec(error.message)?.[1]
  if (error.reason !== 'FieldValueTypeInvalid' || actual === undefined) {
    return `${error.field}: ${error.message.replace(/^Invalid value: (?:"(?:[^"\\]|\\.)*"|[^:]*): /, '')}`
  }
  const { holder, schema: wanted } = fieldAt(schema, error.field)
  const names = error.field.replaceAll(/\[[^\]]*\]/g, '')
  return `json: cannot unmarshal ${goWords[actual] ?? actual} into Go struct field ${shortName(holder)}.${names} of type ${goType(wanted)}`
}

const goWords: Readonly<Record<string, string>> = { boolean: 'bool', integer: 'number' }
const jsonWord = (value: unknown): string => (Array.isArray(value) ? 'array' : (goWords[typeof value] ?? typeof value))
const shortName = (ref: string): string => ref.slice(ref.lastIndexOf('.') + 1)

/** The field a path leads to, and the type that has it. */
function fieldAt(root: string, path: string): { holder: string; schema: FieldSchema } {
  let holder = root
  let at: FieldSchema = { type: 'object', ref: root }
  for (const [, name] of path.matchAll(/(?:^|\.)([^.[\]]+)|\[[^\]]*\]/g)) {
    const ref: string | undefined = at.ref
    if (name === undefined) at = at.items ?? at
    else if (ref !== undefined) {
      holder = ref
      at = schemas[ref]?.fields[name] ?? at
    }
  }
  return { holder, schema: at }
}

function goType(schema: FieldSchema): string {
  switch (schema.type) {
    case 'integer':
      return schema.format ?? 'int32'
    case 'number':
      return 'float64'
    case 'boolean':
      return 'bool'
    case 'array':
      return `[]${schema.items ? goType(schema.items) : 'string'}`
    case 'map':
      return `map[string]${schema.items ? goType(schema.items) : 'string'}`
    case 'object': {
      const [, version = 'v1', name = ''] = /\.([^.]+)\.([^.]+)$/.exec(schema.ref ?? '') ?? []
      return `${version}.${name}`
    }
    case 'bytes':
      return '[]uint8'
    default:
      return 'string'
  }
}
