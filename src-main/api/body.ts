import type { IncomingMessage } from 'node:http'
import { goWord, isJsonObject, NumberOverflow, parseJson } from '../base/json.ts'
import { maxDepth } from '../kinds/schemas.ts'
import { badRequest, type StatusError, tooLarge, unsupportedMediaType } from '../kinds/status-error.ts'
import { errorMessage } from '../base/log.ts'
import { largeJsonBytes, refusedJson } from './json-guard.ts'
import { jsonMistake } from './json-mistake.ts'
import { scanJson } from './json-scan.ts'
import { mediaTypes, parseMediaType } from './negotiate.ts'
import { decodeProtobuf } from './protobuf.ts'
import type { PatchBody } from './verbs.ts'
import { parseYaml } from './yaml.ts'

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
}

/** What a body is expected to be: its kind's name, for messages, and its definition's. */
export interface Expected {
  readonly kind: string
  readonly schema: string
}

export const deleteOptionsBody: Expected = { kind: 'DeleteOptions', schema: 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions' }

/**
 * @throws StatusError 415 for another media type, or protobuf for a custom resource; 400 for a body that is not what it says, or too deep
 */
export async function decodeBody(bytes: Buffer, contentType: string | undefined, { kind, schema }: Expected): Promise<Decoded> {
  const { type } = parseMediaType(contentType ?? '')
  if (type === '' || type === 'application/json') return recognized(await numbersFit(decodeJson(bytes, (why) => unrecognized(kind, bytes, jsonError(why))), kind, bytes), bytes, kind)
  if (type === 'application/yaml') return recognized(await decodeYaml(bytes, (why) => unrecognized(kind, bytes, why)), bytes, kind)
  if (type === 'application/vnd.kubernetes.protobuf') return { value: decodeProtobuf(bytes, schema), duplicates: [] }
  throw unsupportedMediaType(mediaTypes)
}

/** Go reads null as an object that says nothing; of anything else it first reads the type. */
function recognized(decoded: Decoded, bytes: Buffer, what: string): Decoded {
  const { value } = decoded
  if (value === null) return { ...decoded, value: {} }
  if (!isJsonObject(value)) throw unrecognized(what, bytes, jsonError(cannotUnmarshal(value, `value of type ${typeOnly}`)))
  const wrong = ['apiVersion', 'kind'].find((name) => !['string', 'undefined'].includes(typeof (value[name] ?? undefined)))
  if (wrong) throw unrecognized(what, bytes, jsonError(cannotUnmarshal(value[wrong], `struct field .${wrong} of type string`)))
  return decoded
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

/** Of custom resources nobody knows how strategic patches merge. */
export async function decodePatch(bytes: Buffer, contentType: string | undefined, { custom }: { readonly custom?: object }): Promise<Decoded & { type: PatchBody['type'] }> {
  const type = patchTypes[parseMediaType(contentType ?? '').type]
  if (!type || (custom && type === 'strategic')) throw unsupportedMediaType(Object.keys(patchTypes).filter((each) => !custom || patchTypes[each] !== 'strategic'))
  // what clients send to apply is JSON, which is far cheaper to read as such
  if (type !== 'apply') return { type, ...(await decodeJson(bytes, (why) => badRequest(type === 'strategic' ? why : undecodable(why))).catch(overflown)) }
  const json = /^\s*\{/.test(bytes.toString('latin1', 0, 64)) ? await decodeJson(bytes, badRequest).catch(() => undefined) : undefined
  return { type, ...(json?.duplicates.length === 0 ? json : await decodeYaml(bytes, (why) => badRequest(`error decoding YAML: error converting YAML to JSON: ${why}`))) }
}

/** The type is read before the numbers are. */
async function numbersFit(decoding: Promise<Decoded>, what: string, bytes: Buffer): Promise<Decoded> {
  try {
    return await decoding
  } catch (error) {
    if (!(error instanceof NumberOverflow)) throw error
    const given: unknown = JSON.parse(bytes.toString())
    const { apiVersion, kind } = isJsonObject(given) ? given : {}
    if (typeof apiVersion !== 'string' || typeof kind !== 'string') throw unrecognized(what, bytes, error.message)
    throw badRequest(`${kind} in version ${JSON.stringify(apiVersion.slice(apiVersion.indexOf('/') + 1))} cannot be handled as a ${what}: ${error.message}`)
  }
}

const undecodable = (why: string): string => `error decoding patch: ${why}`

function overflown(error: unknown): never {
  throw error instanceof NumberOverflow ? badRequest(undecodable(error.message)) : error
}

/** A large body is read in steps, with the event loop's turn between them. */
async function decodeJson(bytes: Buffer, refusal: (why: string) => StatusError): Promise<Decoded> {
  const large = bytes.length > largeJsonBytes
  const refused = large ? refusedJson(bytes, maxDepth) : undefined
  if (refused) throw refusal(refused)
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = parseJson(text)
  } catch (error) {
    if (error instanceof NumberOverflow) throw error
    // the parser's own words are not Go's
    throw refusal(jsonMistake(text))
  }
  if (large) await othersTurn()
  const { depth, duplicates } = scanJson(text)
  if (large) await othersTurn()
  if (depth > maxDepth) throw refusal(`exceeded max depth of ${maxDepth}`)
  return { value, duplicates: duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`) }
}

const othersTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

async function decodeYaml(bytes: Buffer, refusal: (why: string) => StatusError): Promise<Decoded> {
  try {
    const { value, duplicates } = await parseYaml({ text: bytes.toString('utf8'), mostBytes: bodyLimitBytes, maxDepth })
    if (bytes.length > largeJsonBytes) await othersTurn()
    return { value, duplicates: duplicates.length > 0 ? [['yaml: unmarshal errors:', ...duplicates].join('\n  ')] : [] }
  } catch (error) {
    throw refusal(errorMessage(error))
  }
}

const jsonError = (why: string): string => `couldn't get version/kind; json parse error: ${why}`

const unrecognized = (what: string, bytes: Buffer, why: string): StatusError =>
  badRequest(`the object provided is unrecognized (must be of type ${what}): ${why} (${summaryOf(bytes)})`)

/** How a body begins: readable where it looks like JSON. */
function summaryOf(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>'
  return `${bytes.toString(bytes[0] === 0x7b ? 'utf8' : 'hex', 0, 30)}${bytes.length > 30 ? ' ...' : ''}`
}
