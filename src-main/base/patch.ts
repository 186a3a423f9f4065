import jsonPatch, { type Operation } from 'fast-json-patch'
import { isJsonObject, type JsonObject, ownValue, setOwn } from './json.ts'

/** The patch itself is malformed: the sender's mistake, whatever the object. */
export class BadPatch extends Error {
  override readonly name = 'BadPatch'
}

/** The patch is well-formed and does not fit this object: a path that is not there, a test that fails. */
export class PatchDoesNotApply extends Error {
  override readonly name = 'PatchDoesNotApply'
}

/** More work than a patch may ask for; `limit` in the unit of the message. */
export class PatchTooLarge extends Error {
  override readonly name = 'PatchTooLarge'
}

/** As in kube-apiserver: handlers/patch.go. */
const maxOperations = 10_000
/** Bytes of JSON that all `copy` operations of one patch may make; kube-apiserver's limit of a request body. */
const maxCopiedBytes = 3 * 1024 * 1024

/**
 * RFC 7386: objects merge, null removes, everything else replaces. Changes `target` in place and returns the result;
 * parts of `patch` become parts of the result.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch
  const result = isJsonObject(target) ? target : {}
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === null) delete result[key]
    else setOwn(result, key, mergePatch(ownValue(result, key), value))
  }
  return result
}

/**
 * RFC 6902. Changes `target` in place and returns the result.
 *
 * @throws BadPatch, PatchDoesNotApply, PatchTooLarge; `target` may then be half patched
 */
export function applyJsonPatch(target: JsonObject, patch: unknown): unknown {
  const operations = operationsOf(patch)
  let document: unknown = target
  let copied = 0
  for (const operation of operations) {
    try {
      if (operation.op === 'copy') copied += sizeAt(document, operation.from)
      if (copied > maxCopiedBytes)
        throw new PatchTooLarge(`copy operations of a JSON patch may make at most ${maxCopiedBytes} bytes`)
      document = jsonPatch.applyOperation(document, operation, true, true, true).newDocument
    } catch (error) {
      throw error instanceof PatchTooLarge ? error : new PatchDoesNotApply(sentence(operation, error))
    }
  }
  return document
}

function operationsOf(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) throw new BadPatch('a JSON patch is a list of operations')
  if (patch.length > maxOperations) {
    throw new PatchTooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`)
  }
  for (const operation of patch) {
    if (!isJsonObject(operation) || typeof operation.op !== 'string')
      throw new BadPatch('an operation of a JSON patch is an object with "op" and "path"')
  }
  return patch as Operation[]
}

function sizeAt(document: unknown, from: string): number {
  const value: unknown = jsonPatch.getValueByPointer(document, from)
  const text = typeof value === 'function' ? undefined : JSON.stringify(value)
  if (text === undefined) throw new PatchDoesNotApply('missing value')
  return text.length
}

function sentence(operation: Operation, error: unknown): string {
  if (operation.op === 'test') return `testing value ${operation.path} failed: test failed`
  // the library appends the whole document below its first line
  const cause = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
  return `${operation.op} operation does not apply: doc is missing path: ${operation.path}: ${cause}`
}
