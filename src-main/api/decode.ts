import { goWord, isJsonObject, type JsonObject } from '../base/json.ts'
import { atOnce, type Steps } from '../base/turns.ts'
import { metaSchema } from '../kinds/custom/json-schema.ts'
import { decoderSentence } from '../kinds/decoder-sentence.ts'
import { field } from '../kinds/field-error.ts'
import type { CustomContent } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
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
export const decodeBody = (expected: Expected, body: unknown, context: RequestContext): KubeObject => atOnce(decodeInSteps(expected, body, context))

export function* decodeInSteps(expected: Expected, body: unknown, context: RequestContext): Steps<KubeObject> {
  const object = typed(expected, body, context)
  const { mistake, unknown } = examine(expected, object)
  yield
  if (mistake !== undefined) throw badRequest(cannotBeHandled(expected, expected, asSent(mistake, context)))
  const mistakes = strictMistakes(unknown, context)
  if (context.fieldValidation === 'Strict' && mistakes.length > 0) {
    throw badRequest(cannotBeHandled(expected, expected, `strict decoding error: ${mistakes.join(', ')}`))
  }
  return yield* finished(expected, object, mistakes, context)
}

/**
 * Reads what a patch made of an object. Mistakes are the patch's, so they are answered as Kubernetes answers for patches.
 *
 * @param shown  what Kubernetes quotes when it refuses the outcome
 * @throws StatusError 422, or 400 when it is no object any more
 */
export function* decodePatched(
  expected: Expected,
  patched: unknown,
  shown: () => string,
  context: RequestContext,
): Steps<KubeObject> {
  if (isJsonObject(patched)) {
    const otherType = expected.custom ? otherCustomType(expected, patched, shown) : typeMistake(expected, patched)
    if (otherType !== undefined) throw invalidPatch(shown(), otherType)
  }
  const object = typed(expected, patched, context)
  const { mistake, unknown } = examine(expected, object)
  yield
  if (mistake !== undefined) throw invalidPatch(shown(), mistake)
  const mistakes = strictMistakes(unknown, context)
  if (context.fieldValidation === 'Strict' && mistakes.length > 0) {
    throw invalidPatch(shown(), `strict decoding error: ${mistakes.join(', ')}`)
  }
  return yield* finished(expected, object, mistakes, context)
}

const invalidPatch = (shown: string, sentence: string): StatusError =>
  invalid({ group: '', plural: '', kind: '' }, '', [field('patch').invalid(shown, sentence)])

/** The first thing that is not of its type, in the decoder's words, and the paths of what nobody knows. */
function examine({ schema, custom }: Expected, object: JsonObject): { mistake?: string | undefined; unknown: readonly string[] } {
  const { errors: [error], unknown } = checkStructure(custom ? metaSchema : schema, custom ? object.metadata : object)
  if (!custom) return { mistake: error && decoderSentence(schema, error, object), unknown }
  if (error) return { mistake: decoderSentence(metaSchema, error, object.metadata), unknown: [] }
  const inside = custom.readEmbedded(object as unknown as KubeObject)
  if (inside.mistake) return { mistake: `${inside.mistake.field}: ${inside.mistake.message}`, unknown: [] }
  const dropped = custom.prune(object as unknown as KubeObject)
  return {
    unknown: [...unknown.map((path) => `metadata.${path}`), ...dropped.toSorted(), ...inside.unknown.toSorted()],
  }
}

/** As many as Kubernetes' strict decoding tells of. */
const maxMistakes = 100

function strictMistakes(
  unknown: readonly string[],
  { fieldValidation, duplicateFields = [] }: RequestContext,
): string[] {
  if (fieldValidation === 'Ignore') return []
  return [...duplicateFields, ...unknown.map((path) => `unknown field "${path}"`)].slice(0, maxMistakes)
}

function* finished(
  expected: Expected,
  object: JsonObject,
  mistakes: readonly string[],
  context: RequestContext,
): Steps<KubeObject> {
  // a header has one line; what has more is not told, as in Kubernetes
  context.warnings.push(...mistakes.filter((mistake) => !mistake.includes('\n')))
  if (expected.custom) prune(metaSchema, object.metadata)
  else prune(expected.schema, object)
  yield
  if (context.overflow !== undefined && hasInfinity(object)) throw badRequest(cannotBeHandled(expected, expected, context.overflow))
  const { kind, apiVersion } = expected
  // Kubernetes' order, in which a list can leave the type out of what is stored
  const ordered = { kind, apiVersion, ...object, ...(object.kind && object.apiVersion ? {} : { kind, apiVersion }) } as JsonObject
  ordered.metadata ??= {}
  dropEmpty(ordered.metadata as JsonObject)
  return ordered as unknown as KubeObject
}

/** A number beyond float64 as the body has it. */
const asSent = (mistake: string, { overflow = '' }: RequestContext): string => mistake.replace(/\bnumber -?Infinity\b/, /\bnumber \S+/.exec(overflow)?.[0] ?? '$&')

const hasInfinity = (value: unknown): boolean =>
  typeof value === 'object' && value !== null ? Object.values(value).some(hasInfinity) : value === Infinity || value === -Infinity

/** Go leaves out of the metadata it writes what has nothing in it. */
function dropEmpty(metadata: JsonObject): void {
  for (const name of ['labels', 'annotations', 'finalizers', 'ownerReferences']) {
    const value = metadata[name]
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) delete metadata[name]
  }
}

/** A missing apiVersion or kind is taken from the URL, as Kubernetes does, but not the kind of a custom resource; a different one is refused. */
function typed(expected: Expected, body: unknown, context: RequestContext): JsonObject {
  if (!isJsonObject(body)) {
    throw badRequest(
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${goWord(body)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    )
  }
  const { apiVersion, kind } = body
  // inside this process it goes without saying
  if (expected.custom && !kind && context.userAgent !== undefined) throw badRequest(cannotBeHandled(expected, expected, `Object 'Kind' is missing in '${JSON.stringify(body)}'`))
  if (expected.custom && !apiVersion && context.userAgent !== undefined) throw badRequest(`the API version in the data () does not match the expected API version (${expected.apiVersion})`)
  const given = { apiVersion: String(apiVersion || expected.apiVersion), kind: String(kind || expected.kind) }
  if (given.apiVersion === expected.apiVersion && given.kind === expected.kind) return body
  // to Go an empty group before the slash is the core one
  if (given.apiVersion === `/${expected.apiVersion}` && !expected.apiVersion.includes('/')) return typed(expected, { ...body, apiVersion: expected.apiVersion }, context)
  if (expected.custom && given.apiVersion === expected.apiVersion) throw otherCustomKind(given, expected, body)
  const version = given.apiVersion.slice(given.apiVersion.indexOf('/') + 1)
  const mistake = expected.custom && given.apiVersion !== expected.apiVersion ? undefined : notThatKind(given, expected)
  if (mistake) throw badRequest(cannotBeHandled({ kind: given.kind, version }, expected, mistake))
  throw badRequest(`the API version in the data (${given.apiVersion}) does not match the expected API version (${expected.apiVersion})`)
}

/** A custom resource of any kind can be decoded; it is the object that is not valid. */
function otherCustomKind({ apiVersion, kind }: Given, expected: Expected, { metadata }: JsonObject): StatusError {
  const name = isJsonObject(metadata) && typeof metadata.name === 'string' ? metadata.name : ''
  return invalid({ group: apiVersion.includes('/') ? apiVersion.split('/')[0]! : '', plural: '', kind }, name, [
    ...(kind === expected.kind ? [] : [field('kind').invalid(kind, `must be ${expected.kind}`)]),
    ...(apiVersion === expected.apiVersion ? [] : [field('apiVersion').invalid(apiVersion, `must be ${expected.apiVersion}`)]),
  ])
}

/** The decoder's sentence where a patch took the kind away. @throws StatusError 422 where it is another one */
function otherCustomType(expected: Expected, patched: JsonObject, shown: () => string): string | undefined {
  const { apiVersion, kind } = patched
  if (typeof kind !== 'string' || kind === '') return `Object 'Kind' is missing in '${shown()}'`
  if (kind !== expected.kind || (typeof apiVersion === 'string' && apiVersion !== expected.apiVersion)) {
    throw otherCustomKind({ apiVersion: String(apiVersion ?? ''), kind }, expected, patched)
  }
  return undefined
}

/** What Go's scheme says of what a patch made into another type. */
function typeMistake(expected: Expected, { apiVersion, kind }: JsonObject): string | undefined {
  if (apiVersion && apiVersion !== expected.apiVersion) return notRegistered(String(kind), String(apiVersion))
  return kind && kind !== expected.kind ? notThatKind({ apiVersion: expected.apiVersion, kind: String(kind) }, expected) : undefined
}

const notRegistered = (kind: string, apiVersion: string): string =>
  `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`

interface Given {
  readonly apiVersion: string
  readonly kind: string
}

/** What Go's scheme says of a type that is not the expected one, which it may know or not; nothing of the same kind in another version. */
function notThatKind({ apiVersion, kind }: Given, expected: Expected): string | undefined {
  const [version = '', group = 'core'] = apiVersion.split('/').reverse()
  if (!Object.hasOwn(schemas, `io.k8s.api.${group.split('.')[0]}.${version}.${kind}`)) return notRegistered(kind, apiVersion)
  const holder = expected.schema.slice(0, expected.schema.lastIndexOf('.')).split('.').at(-2)
  if (kind === expected.kind && group.split('.')[0] === holder) return undefined
  return `converting (${version}.${kind}) to (${holder}.${expected.kind}): unknown conversion`
}

const cannotBeHandled = (given: { kind: string; version: string }, expected: Expected, cause: string): string =>
  `${given.kind} in version ${JSON.stringify(given.version)} cannot be handled as a ${expected.kind}: ${cause}`
