import jsonPatch, { type Operation } from 'fast-json-patch'
import { copyJson, goWord, isJsonObject, type JsonObject, ownValue, setOwn } from './json.ts'

/** The patch itself is malformed: the sender's mistake, whatever the object. */
export class BadPatch extends Error {
  override readonly name = 'BadPatch'
}

/** The patch is well-formed and does not fit this object: a path that is not there, a test that fails. */
export class PatchDoesNotApply extends Error {
  override readonly name = 'PatchDoesNotApply'
}

/** A strategic patch that cannot be merged for a reason that Kubernetes tells without calling it anybody's mistake. */
export class CannotMerge extends Error {
  override readonly name = 'CannotMerge'
}

/** More work than a patch may ask for; `limit` in the unit of the message. */
export class PatchTooLarge extends Error {
  override readonly name = 'PatchTooLarge'
}

/** As in kube-apiserver: handlers/patch.go. */
const maxOperations = 10_000
/** Bytes of JSON that all `copy` operations of one patch may make, and all `move` ones carry about; kube-apiserver's limit of a request body. */
const maxBytes = 3 * 1024 * 1024
/** Places that the items of lists may change by, for others that come before them or go. */
const maxShifted = 20_000_000

/**
 * RFC 7386: objects merge, null removes, everything else replaces. Changes `target` in place and returns the result;
 * parts of `patch` become parts of the result.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  // a list that is new is rid of what says null, which kube-apiserver's library goes beyond the RFC in
  if (Array.isArray(patch) && !isJsonObject(target)) for (const item of patch) dropNulls(item)
  if (!isJsonObject(patch)) return patch
  const result = isJsonObject(target) ? target : {}
  for (const key of Object.keys(patch)) {
    const value = patch[key]
    if (value === null) delete result[key]
    else setOwn(result, key, mergePatch(ownValue(result, key), value))
  }
  return result
}

/** Takes away all members that are null, at every depth; items stay. */
export function dropNulls(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) dropNulls(item)
  else if (isJsonObject(value)) {
    for (const key of Object.keys(value)) {
      if (value[key] === null) delete value[key]
      else dropNulls(value[key])
    }
  }
}

/**
 * RFC 6902. Changes `target` in place and returns the result.
 *
 * @throws BadPatch, PatchDoesNotApply, PatchTooLarge; `target` may then be half patched
 */
export function applyJsonPatch(target: JsonObject, patch: unknown): unknown {
  const operations = operationsOf(patch)
  let document: unknown = target
  const bytes = { copy: 0, move: 0 }
  let shifted = 0
  for (const operation of operations) {
    try {
      const { op } = operation
      // as Kubernetes reads the RFC: what is not there can be replaced, and is null to a test and to a copy
      const nothing = lacksMember(document, operation)
      if (((op === 'copy' && !nothing) || op === 'move') && (bytes[op] += sizeAt(document, operation.from)) > maxBytes) {
        throw new PatchTooLarge(`${op} operations of a JSON patch may be about at most ${maxBytes} bytes`)
      }
      shifted += shiftedBy(document, operation)
      if (shifted > maxShifted) throw new PatchTooLarge(`the operations of a JSON patch may move the items of lists by at most ${maxShifted} places`)
      if (nothing && operation.op === 'test' && operation.value === null) continue
      const done = nothing ? inItsPlace(operation) : operation
      document = applied(document, done)
    } catch (error) {
      throw error instanceof PatchTooLarge ? error : new PatchDoesNotApply(sentence(operation, error))
    }
  }
  return document
}

const applyOne = (document: unknown, operation: Operation): unknown => jsonPatch.applyOperation(document, operation, true, true, true).newDocument

/** The library copies the whole document to look for what is copied or moved, so it is told what these two mean. */
function applied(document: unknown, operation: Operation): unknown {
  const { op, path } = operation
  if (op === 'copy') return applyOne(document, { op: 'add', path, value: copyJson(jsonPatch.getValueByPointer(document, operation.from) as unknown) })
  if (op !== 'move') return applyOne(document, operation)
  const value: unknown = jsonPatch.getValueByPointer(document, operation.from)
  return applyOne(applyOne(document, { op: 'remove', path: operation.from }), { op: 'add', path, value })
}

const undecodable = (value: unknown, into: string): BadPatch => new BadPatch(`error decoding patch: json: cannot unmarshal ${goWord(value)} into Go ${into}`)

function operationsOf(patch: unknown): Operation[] {
  if (!Array.isArray(patch)) throw undecodable(patch, 'value of type []handlers.jsonPatchOp')
  if (patch.length > maxOperations) {
    throw new PatchTooLarge(`The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`)
  }
  for (const operation of patch as unknown[]) {
    if (operation !== null && !isJsonObject(operation)) throw undecodable(operation, 'value of type handlers.jsonPatchOp')
    for (const name of ['op', 'path', 'from']) {
      const word = operation?.[name] ?? ''
      if (typeof word !== 'string') throw undecodable(word, `struct field jsonPatchOp.${name} of type string`)
    }
  }
  // none at all applies to nothing, as one without its fields does
  return patch.map((operation: unknown) => operation ?? {}) as Operation[]
}

/** Whether the operation looks at a member that its object has not. */
function lacksMember(document: unknown, operation: Operation): boolean {
  const { op } = operation
  const path = op === 'copy' ? operation.from : operation.path
  if ((op !== 'replace' && op !== 'test' && op !== 'copy') || path === '') return false
  const { holder, name } = placeOf(document, path)
  return isJsonObject(holder) && !Object.hasOwn(holder, name)
}

/** What such an operation comes to. */
function inItsPlace(operation: Operation): Operation {
  if (operation.op === 'copy') return { op: 'add', path: operation.path, value: null }
  return operation.op === 'replace' ? { ...operation, op: 'add' } : operation
}

/** How many items of lists change their place. */
function shiftedBy(document: unknown, operation: Operation): number {
  const { op, path } = operation
  if (op === 'replace' || op === 'test') return 0
  return behind(document, path) + (op === 'move' ? behind(document, operation.from) : 0)
}

function behind(document: unknown, path: string): number {
  const { holder, name } = placeOf(document, path)
  return Array.isArray(holder) && name !== '-' ? Math.max(0, holder.length - Number(name)) || 0 : 0
}

/** What has the member or item that a path names. */
function placeOf(document: unknown, path: string): { holder: unknown; name: string } {
  const [name = '', ...above] = path.split('/').slice(1).reverse().map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const holder = above.reduceRight<unknown>((at, step) => (isJsonObject(at) ? ownValue(at, step) : Array.isArray(at) ? at[Number(step)] as unknown : undefined), document)
  return { holder, name }
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
