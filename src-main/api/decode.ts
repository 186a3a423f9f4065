import { goWord, isJsonObject, type JsonObject } from '../base/json.ts'
import { isEmpty, sortInSteps } from '../base/json-steps.ts'
import { atOnce, type Steps, turns } from '../base/turns.ts'
import { metaSchema } from '../kinds/custom/json-schema.ts'
import { decoderSentence } from '../kinds/decoder-sentence.ts'
import { field } from '../kinds/field-error.ts'
import type { CustomContent } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { badRequest, internal, invalid, type StatusError } from '../kinds/status-error.ts'
import { checkStructure, checkStructureInSteps, prune, pruneInSteps, schemas } from '../kinds/structure.ts'
import { mistakesInOrder, unknownField, warningsOf } from './strict-order.ts'
import type { RequestContext } from './verbs.ts'

/** What a body must be: a kind, or the type of a subresource such as Scale. */
export interface Expected {
  readonly apiVersion: string
  readonly version: string
  readonly kind: string
  readonly schema: string
  /** Of a kind that a CRD describes: all but the metadata is checked with the values, and answered as they are. */
  readonly custom?: CustomContent | undefined
  /** Where Kubernetes says that it is registered, if not with its built-in kinds. */
  readonly scheme?: string
}

/**
 * Reads a body as Kubernetes' decoder does: the right type, every field of its right type, unknown fields told or refused
 * and then dropped. Changes `body` and returns it as the object it is.
 *
 * @throws StatusError 400
 */
export const decodeBody = (expected: Expected, body: unknown, context: RequestContext): KubeObject => atOnce(decodeInSteps(expected, body, context))

/** The same, in turns where the body is large. */
export const decodeSent = async (expected: Expected, body: unknown, context: RequestContext): Promise<KubeObject> =>
  context.large ? turns.finish(decodeInSteps(expected, body, context)) : decodeBody(expected, body, context)

export function* decodeInSteps(expected: Expected, body: unknown, context: RequestContext): Steps<KubeObject> {
  const object = typed(expected, body, context)
  const { mistake, unknown } = yield* examine(expected, object, context)
  yield
  if (mistake !== undefined) throw badRequest(cannotBeHandled(expected, expected, asSent(mistake, context)))
  const { sentText } = context
  const inOrder = sentText !== undefined && unknown.length > 0 && !expected.custom && context.fieldValidation !== 'Ignore'
  const mistakes = inOrder ? (yield* mistakesInOrder(sentText, unknown)).slice(0, maxMistakes) : strictMistakes(unknown, context)
  if (context.fieldValidation === 'Strict' && mistakes.length > 0) {
    throw badRequest(cannotBeHandled(expected, expected, `strict decoding error: ${mistakes.join(', ')}`))
  }
  return yield* finished(expected, object, mistakes, context)
}

/**
 * Reads what a patch made of an object. Mistakes are the patch's, so they are answered as Kubernetes answers for patches.
 *
 * @param shown  what Kubernetes quotes when it refuses the outcome
 * @param said  what it says of the first value that is not of its type
 * @throws StatusError 422, or 400 when it is no object any more
 */
export function* decodePatched(
  expected: Expected,
  patched: unknown,
  shown: () => string,
  context: RequestContext,
  said = decoderSentence,
): Steps<KubeObject> {
  if (isJsonObject(patched)) {
    const otherType = expected.custom ? otherCustomType(expected, patched, shown) : typeMistake(expected, patched)
    if (otherType !== undefined) throw invalidPatch(shown(), otherType)
  }
  const object = typed(expected, patched, context)
  const strict = context.fieldValidation === 'Strict'
  // once it is examined, a custom resource is without what nobody knows
  const quoted = strict && expected.custom ? shown() : undefined
  const { mistake, unknown } = yield* examine(expected, object, context, said)
  yield
  if (mistake !== undefined) throw invalidPatch(shown(), mistake)
  const mistakes = strictMistakes(unknown, context)
  if (strict && mistakes.length > 0) {
    throw invalidPatch(quoted ?? shown(), `strict decoding error: ${mistakes.join(', ')}`)
  }
  return yield* finished(expected, object, mistakes, context)
}

/**
 * Reads what a policy's JSON patch made of an object: strictly, and what is wrong with it is no fault of the client's.
 *
 * @throws StatusError 500, or 422 where a custom resource became one of another kind
 */
export function* decodeMutated(expected: Expected, mutated: unknown, context: RequestContext): Steps<KubeObject> {
  if (!isJsonObject(mutated)) throw internal(noObject(mutated))
  for (const name of ['kind', 'apiVersion']) {
    const word = mutated[name] ?? ''
    if (typeof word !== 'string') throw internal(`couldn't get version/kind; json parse error: json: cannot unmarshal ${goWord(word)} into Go struct field .${name} of type string`)
  }
  const otherType = expected.custom ? otherCustomType(expected, mutated, () => JSON.stringify(mutated)) : typeMistake(expected, mutated)
  if (otherType !== undefined) throw internal(otherType.replace(/^converting /, 'failed to convert object: $&'))
  const { mistake, unknown } = yield* examine(expected, mutated, context)
  if (mistake !== undefined) throw internal(mistake)
  const mistakes = expected.custom ? [] : strictMistakes(unknown, { fieldValidation: 'Strict' })
  if (mistakes.length > 0) throw internal(`strict decoding error: ${mistakes.join(', ')}`)
  return yield* finished(expected, mutated, [], context)
}

const invalidPatch = (shown: string, sentence: string): StatusError =>
  invalid({ group: '', plural: '', kind: '' }, '', [field('patch').invalid(shown, sentence)])

/** The first thing that is not of its type, in the decoder's words, and the paths of what nobody knows. */
function* examine(expected: Expected, object: JsonObject, { large, keepsNulls }: RequestContext, said = decoderSentence): Steps<{ mistake?: string | undefined; unknown: readonly string[] }> {
  const { schema, custom } = expected
  const about = described(expected, object)
  const { errors: [error], unknown } = large ? yield* checkStructureInSteps(...about) : checkStructure(...about)
  if (!custom) return { mistake: error && said(schema, error, object), unknown }
  if (error) return { mistake: decoderSentence(metaSchema, error, object.metadata), unknown: [] }
  const inside = custom.readEmbedded(object as unknown as KubeObject)
  if (inside.mistake) return { mistake: `${inside.mistake.field}: ${inside.mistake.message}`, unknown: [] }
  if (large) yield
  const dropped = large ? yield* custom.pruneInSteps(object as unknown as KubeObject, keepsNulls) : custom.prune(object as unknown as KubeObject, keepsNulls)
  const ordered = large ? yield* sortInSteps(dropped, (a, b) => (a < b ? -1 : Number(a > b))) : dropped.toSorted()
  return { unknown: [...unknown.map((path) => `metadata.${path}`), ...ordered, ...inside.unknown.toSorted()] }
}

/** What of an object Kubernetes' own types describe, and which. */
const described = ({ schema, custom }: Expected, object: JsonObject): readonly [schema: string, value: unknown] =>
  custom ? [metaSchema, object.metadata] : [schema, object]

/** As many as Kubernetes' strict decoding tells of. */
const maxMistakes = 100

function strictMistakes(
  unknown: readonly string[],
  { fieldValidation, duplicateFields = [] }: Pick<RequestContext, 'fieldValidation' | 'duplicateFields'>,
): string[] {
  if (fieldValidation === 'Ignore') return []
  return [...duplicateFields, ...unknown.map(unknownField)].slice(0, maxMistakes)
}

function* finished(
  expected: Expected,
  object: JsonObject,
  mistakes: readonly string[],
  context: RequestContext,
): Steps<KubeObject> {
  context.warnings.push(...mistakes.flatMap(warningsOf))
  const about = described(expected, object)
  const noOwners = !expected.custom && isJsonObject(object.metadata) && Array.isArray(object.metadata.managedFields) && object.metadata.managedFields.length === 0
  if (context.large) yield* pruneInSteps(...about)
  else prune(...about)
  yield
  if (context.overflow !== undefined && hasInfinity(object)) throw badRequest(cannotBeHandled(expected, expected, context.overflow))
  const { kind, apiVersion } = expected
  // Kubernetes' order, in which a list can leave the type out of what is stored
  const ordered = { kind, apiVersion, ...object, ...(object.kind && object.apiVersion ? {} : { kind, apiVersion }) } as JsonObject
  ordered.metadata ??= {}
  dropEmpty(ordered.metadata as JsonObject)
  // Go tells a list of no owners, which makes an update forget them, from no list
  if (noOwners) (ordered.metadata as JsonObject).managedFields = []
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
    if (typeof value === 'object' && value !== null && isEmpty(value)) delete metadata[name]
  }
}

const noObject = (body: unknown): string =>
  `couldn't get version/kind; json parse error: json: cannot unmarshal ${goWord(body)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`

/** A missing apiVersion or kind is taken from the URL, as Kubernetes does, but not the kind of a custom resource; a different one is refused. */
function typed(expected: Expected, body: unknown, context: RequestContext): JsonObject {
  if (!isJsonObject(body)) throw badRequest(noObject(body))
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
  if (apiVersion && apiVersion !== expected.apiVersion) return notRegistered(String(kind), String(apiVersion), expected.scheme)
  return kind && kind !== expected.kind ? notThatKind({ apiVersion: expected.apiVersion, kind: String(kind) }, expected) : undefined
}

const notRegistered = (kind: string, apiVersion: string, scheme = 'pkg/api/legacyscheme/scheme.go:30'): string =>
  `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "${scheme}"`

interface Given {
  readonly apiVersion: string
  readonly kind: string
}

/** What Go's scheme says of a type that is not the expected one, which it may know or not; nothing of the same kind in another version. */
function notThatKind({ apiVersion, kind }: Given, expected: Expected): string | undefined {
  const [version = '', group = 'core'] = apiVersion.split('/').reverse()
  if (!Object.hasOwn(schemas, `io.k8s.api.${group.split('.')[0]}.${version}.${kind}`)) return notRegistered(kind, apiVersion, expected.scheme)
  const holder = expected.schema.slice(0, expected.schema.lastIndexOf('.')).split('.').at(-2)
  if (kind === expected.kind && group.split('.')[0] === holder) return undefined
  return `converting (${version}.${kind}) to (${holder}.${expected.kind}): unknown conversion`
}

const cannotBeHandled = (given: { kind: string; version: string }, expected: Expected, cause: string): string =>
  `${given.kind} in version ${JSON.stringify(given.version)} cannot be handled as a ${expected.kind}: ${cause}`
