import type { IncomingMessage } from 'node:http'
import { goWord, isJsonObject, type JsonObject, NumberOverflow, parseJson } from '../base/json.ts'
import { jsonMistake } from '../base/json-mistake.ts'
import { turns } from '../base/turns.ts'
import { lookup } from '../kinds/lookup.ts'
import { maxDepth } from '../kinds/schemas.ts'
import { badRequest, type StatusError, tooLarge, unsupportedMediaType } from '../kinds/status-error.ts'
import { errorMessage } from '../base/log.ts'
import { largeJsonBytes, refusedInSteps } from './json-guard.ts'
import { parseInParts } from './json-parts.ts'
import { scanInSteps, scanJson } from './json-scan.ts'
import { mediaTypes, mediaTypeOf } from './negotiate.ts'
import { decodeProtobuf } from './protobuf.ts'
import { decodeInSteps } from './protobuf-in-steps.ts'
import { duplicateField, mistakesInOrder, unknownField, yamlMistakes } from './strict-order.ts'
import type { PatchBody } from './verbs.ts'
import { readYaml } from './yaml.ts'
import { utf8Mistake } from './yaml-utf8.ts'

/** kube-apiserver's MaxRequestBodyBytes. */
export const bodyLimitBytes = 3 * 1024 * 1024

/** @throws StatusError 413 as soon as the body is known to be longer than the limit; the rest stays unread */
export async function readBody(req: IncomingMessage): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > bodyLimitBytes) throw tooLarge(bodyLimitBytes)
  const encoding = req.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw unsupportedMediaType(mediaTypes)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const stop = (outcome: () => void) => {
      req.off('data', take).off('end', finish).off('error', fail).off('close', fail)
      outcome()
    }
    const take = (chunk: Buffer) => {
      length += chunk.length
      if (length > bodyLimitBytes) stop(() => reject(tooLarge(bodyLimitBytes)))
      else chunks.push(chunk)
    }
    const finish = () => stop(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)))
    const fail = () => stop(() => reject(badRequest('the request ended before its body did')))
    req.on('data', take).on('end', finish).on('error', fail).on('close', fail)
  })
}

export interface Decoded {
  readonly value: unknown
  /** A sentence for each key that stands twice; of YAML, one for all of them. */
  readonly duplicates: readonly string[]
  /** The JSON in which they stand. */
  readonly text?: string
  /** So much that whatever is done with it is done in turns, or in a thread. */
  readonly large: boolean
  /** Of what is large and was JSON, or became that, the text. */
  readonly json?: string
  /** Go's sentence about a number that is infinite here, and no mistake where nobody reads it. */
  readonly overflow?: string
}

/** What a body is expected to be: its kind's name, for messages, and its definition's. */
export interface Expected {
  readonly kind: string
  readonly schema: string
  readonly custom?: object | undefined
}

export const deleteOptionsBody: Expected = { kind: 'DeleteOptions', schema: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions' }

/**
 * @throws StatusError 415 for another media type, or protobuf for a custom resource; 400 for a body that is not what it says, or too deep
 */
export async function decodeBody(bytes: Buffer, contentType: string | undefined, expected: Expected): Promise<Decoded> {
  const { kind, schema } = expected
  const type = !contentType || contentType === 'application/json' ? 'application/json' : mediaTypeOf(contentType)
  if (type === 'application/json') return decodeObject(bytes, expected)
  if (type === 'application/yaml') return recognized(await decodeYaml(bytes, (why) => unrecognized(kind, bytes, why)), bytes, expected)
  if (type === 'application/vnd.kubernetes.protobuf') {
    const large = bytes.length > largeJsonBytes
    return { value: large ? await turns.finish(decodeInSteps(bytes, schema)) : decodeProtobuf(bytes, schema), duplicates: [], large }
  }
  throw unsupportedMediaType(mediaTypes)
}

/** Of a custom resource every number is read, after its type. */
async function decodeObject(bytes: Buffer, expected: Expected): Promise<Decoded> {
  const { kind: what, custom } = expected
  let overflow: string | undefined
  const decoded = recognized(await decodeJson(bytes, expected, (why) => unrecognized(what, bytes, jsonError(why)), (error) => (overflow ??= error.message)), bytes, expected)
  if (overflow === undefined) return decoded
  if (!custom) return { ...decoded, overflow }
  const { apiVersion, kind } = decoded.value as JsonObject
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw unrecognized(what, bytes, overflow)
  throw badRequest(`${kind} in version ${JSON.stringify(apiVersion.slice(apiVersion.indexOf('/') + 1))} cannot be handled as a ${what}: ${overflow}`)
}

/** Go reads null as an object that says nothing; of anything else it first reads the type. */
function recognized(decoded: Decoded, bytes: Buffer, { kind: what, custom }: Expected): Decoded {
  const value = decoded.value ?? {}
  if (!isJsonObject(value)) throw unrecognized(what, bytes, jsonError(cannotUnmarshal(value, `value of type ${typeOnly}`)))
  const wrong = ['apiVersion', 'kind'].find((name) => !['string', 'undefined'].includes(typeof (value[name] ?? undefined)))
  if (wrong) throw unrecognized(what, bytes, jsonError(cannotUnmarshal(value[wrong], `struct field .${wrong} of type string`)))
  // of a custom resource nobody else knows what it is
  if (custom && !value.kind) throw unrecognized(what, bytes, `Object 'Kind' is missing in '${bytes.toString()}'`)
  return decoded.value === null ? { ...decoded, value, json: JSON.stringify(value) } : decoded
}

/** The struct that Kubernetes reads a type into. */
const typeOnly = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`

const cannotUnmarshal = (value: unknown, into: string): string => `json: cannot unmarshal ${goWord(value)} into Go ${into}`

const patchTypes: Readonly<Record<string, PatchBody['type']>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

/** Of custom resources nobody knows how strategic patches merge. @throws StatusError 415 */
export function patchType(contentType: string | undefined, { custom }: Pick<Expected, 'custom'>): PatchBody['type'] {
  const type = lookup(patchTypes, contentType?.split(';')[0] ?? '')
  if (!type || (custom && type === 'strategic')) throw unsupportedMediaType(Object.keys(patchTypes).filter((each) => !custom || patchTypes[each] !== 'strategic'))
  return type
}

export async function decodePatch(bytes: Buffer, type: PatchBody['type'], expected: Pick<Expected, 'custom'>): Promise<Decoded> {
  // what clients send to apply is JSON, which is far cheaper to read as such
  if (type !== 'apply') {
    const decoded = await decodeJson(bytes, expected, (why) => badRequest(type === 'strategic' ? why : undecodable(why))).catch(overflown)
    return type === 'json' ? withOperations(decoded) : decoded
  }
  const json = /^\s*\{/.test(bytes.toString('latin1', 0, 64)) ? await decodeJson(bytes, expected, badRequest).catch(() => undefined) : undefined
  return json?.duplicates.length === 0 ? json : decodeYaml(bytes, (why) => badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`))
}

const operationFields = new Set(['op', 'path', 'from', 'value'])
const mostOperations = 10_000

/** Operations are read as strictly as objects are; of more than are allowed nobody asks. */
async function withOperations(decoded: Decoded): Promise<Decoded> {
  const { value, duplicates, text } = decoded
  const operations: unknown[] = Array.isArray(value) && value.length <= mostOperations ? value : []
  const unknown = operations.flatMap((operation, i) =>
    isJsonObject(operation) ? Object.keys(operation).filter((name) => !operationFields.has(name)).map((name) => `[${i}].${name}`) : [])
  const mistakes = text !== undefined && unknown.length > 0 ? await turns.finish(mistakesInOrder(text, unknown)) : [...duplicates, ...unknown.map(unknownField)]
  return { ...decoded, duplicates: mistakes.map((mistake) => `json patch ${mistake}`) }
}

const undecodable = (why: string): string => `error decoding patch: ${why}`

function overflown(error: unknown): never {
  throw error instanceof NumberOverflow ? badRequest(undecodable(error.message)) : error
}

/** A large body is read in steps, with the event loop's turn between them. */
async function decodeJson(bytes: Buffer, { custom }: Pick<Expected, 'custom'>, refusal: (why: string) => StatusError, overflowed?: (error: NumberOverflow) => void): Promise<Decoded> {
  const large = bytes.length > largeJsonBytes
  const refused = large ? await turns.finish(refusedInSteps(bytes, maxDepth, custom ? 'custom' : 'builtIn')) : undefined
  if (refused) throw refusal(refused)
  const text = bytes.toString('utf8')
  try {
    const value = large ? await turns.finish(parseInParts(text, overflowed)) : parseJson(text, overflowed)
    const { depth, duplicates } = large ? await turns.finish(scanInSteps(text)) : scanJson(text)
    if (depth > maxDepth) throw refusal(`exceeded max depth of ${maxDepth}`)
    return { value, large, duplicates: duplicates.map(duplicateField), ...(duplicates.length > 0 ? { text } : {}), ...(large ? { json: text } : {}) }
  } catch (error) {
    // the parser's own words are not Go's
    throw error instanceof SyntaxError ? refusal(jsonMistake(bytes)) : error
  }
}

async function decodeYaml(bytes: Buffer, refusal: (why: string) => StatusError): Promise<Decoded> {
  const noText = utf8Mistake(bytes)
  if (noText) throw refusal(noText)
  try {
    const { json, duplicates } = await readYaml({ text: bytes.toString('utf8'), mostBytes: bodyLimitBytes, maxDepth })
    const large = json.length > largeJsonBytes
    const value = large ? await turns.finish(parseInParts(json)) : parseJson(json)
    return { value, large, duplicates: duplicates.length > 0 ? [yamlMistakes(duplicates)] : [], ...(large ? { json } : {}) }
  } catch (error) {
    throw refusal(errorMessage(error))
  }
}

const jsonError = (why: string): string => `couldn't get version/kind; json parse error: ${why}`

/** Of the options of a deletion only the reason is told. */
const unrecognized = (what: string, bytes: Buffer, why: string): StatusError =>
  badRequest(what === deleteOptionsBody.kind ? why : `the object provided is unrecognized (must be of type ${what}): ${why} (${summaryOf(bytes)})`)

/** How a body begins: readable where it looks like JSON. */
function summaryOf(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>'
  return `${bytes.toString(bytes[0] === 0x7b ? 'utf8' : 'hex', 0, 30)}${bytes.length > 30 ? ' ...' : ''}`
}
