import { equalJson, isJsonObject, type JsonObject, ownValue, setOwn } from './json.ts'
import { goText } from './go-text.ts'
import { BadPatch, CannotMerge } from './patch.ts'
import { deleteValues, mergeList, orderList, type ListRules, unknownCommand } from './strategic-list.ts'

/** What strategic merge needs to know of a field: how its lists merge, and of what type its children are. */
export interface MergeField {
  readonly type: string
  readonly ref?: string
  readonly items?: MergeField
  readonly patchStrategy?: string
  readonly patchMergeKey?: string
}

/** The fields of a named type; undefined when the type is not known. */
export type MergeTypes = (ref: string) => Readonly<Record<string, MergeField>> | undefined

const directive = '$patch'
const retainKeys = '$retainKeys'
const deletePrefix = '$deleteFromPrimitiveList/'
const orderPrefix = '$setElementOrder/'

/**
 * Kubernetes' strategic merge patch: as a merge patch, but lists whose field says `patchStrategy: merge` merge by their
 * key, and directives replace, delete, order and retain. Changes `target` and `patch`; returns the result, which shares
 * parts of both.
 *
 * @throws BadPatch, CannotMerge with Kubernetes' sentence when a directive or a merge key is wrong
 */
export function strategicMerge(
  target: JsonObject,
  patch: JsonObject,
  field: MergeField,
  types: MergeTypes,
): JsonObject {
  const command = ownValue(patch, directive)
  if (command !== undefined) {
    if (command === 'delete') return {}
    if (command !== 'replace') throw unknownCommand(command, patch)
    delete patch[directive]
    return withoutDirectives(patch) as JsonObject
  }
  retain(target, patch)
  for (const key of Object.keys(patch)) {
    if (key.startsWith(deletePrefix)) deletePrimitives(target, patch, key)
  }
  for (const key of Object.keys(patch)) {
    if (key.startsWith(orderPrefix)) mergeInOrder(target, patch, key, field, types)
  }
  for (const key of Object.keys(patch)) mergeKey(target, key, patch[key], childOf(field, key, types), types)
  return target
}

function mergeKey(
  target: JsonObject,
  key: string,
  value: unknown,
  field: MergeField | undefined,
  types: MergeTypes,
): void {
  if (value === null) {
    delete target[key]
    return
  }
  const old = ownValue(target, key)
  if (isJsonObject(value) && isJsonObject(old) && !replaces(field)) {
    setOwn(target, key, strategicMerge(old, value, field ?? anything, types))
  } else if (Array.isArray(value) && Array.isArray(old) && merges(field)) {
    setOwn(target, key, mergeList(old, value, rulesOf(field, types)))
  } else if (isJsonObject(value) && Object.hasOwn(value, directive)) delete target[key]
  else setOwn(target, key, withoutDirectives(value))
}

const anything: MergeField = { type: 'any' }
const merges = (field: MergeField | undefined): field is MergeField =>
  field?.patchStrategy?.split(',').includes('merge') === true
const replaces = (field: MergeField | undefined): boolean =>
  field?.patchStrategy?.split(',').includes('replace') === true

function childOf(field: MergeField, key: string, types: MergeTypes): MergeField | undefined {
  if (field.type === 'map') return field.items
  const fields = field.ref === undefined ? undefined : types(field.ref)
  return fields && Object.hasOwn(fields, key) ? fields[key] : undefined
}

const rulesOf = (field: MergeField, types: MergeTypes): ListRules => ({
  key: field.patchMergeKey,
  merge: (old, patch) => strategicMerge(old, patch, field.items ?? anything, types),
  clean: withoutDirectives,
})

/** `$retainKeys` names all keys that may remain: a union's other members go. */
function retain(target: JsonObject, patch: JsonObject): void {
  const keys = ownValue(patch, retainKeys)
  if (keys === undefined) return
  delete patch[retainKeys]
  if (!Array.isArray(keys)) throw new BadPatch('invalid patch format of retainKeys')
  const kept = new Set<unknown>(keys)
  for (const key of Object.keys(patch)) {
    if (patch[key] === null || key.startsWith(deletePrefix) || key.startsWith(orderPrefix) || kept.has(key)) continue
    throw new BadPatch('invalid patch format of retainKeys')
  }
  for (const key of Object.keys(target)) if (!kept.has(key)) delete target[key]
}

function deletePrimitives(target: JsonObject, patch: JsonObject, directiveKey: string): void {
  const key = directiveKey.slice(deletePrefix.length)
  const values = patch[directiveKey]
  delete patch[directiveKey]
  if (!Array.isArray(values)) throw new BadPatch('invalid patch format of primitive list')
  const old = ownValue(target, key)
  if (Array.isArray(old)) setOwn(target, key, deleteValues(old, values))
}

function mergeInOrder(
  target: JsonObject,
  patch: JsonObject,
  directiveKey: string,
  field: MergeField,
  types: MergeTypes,
): void {
  const key = directiveKey.slice(orderPrefix.length)
  const order = patch[directiveKey]
  delete patch[directiveKey]
  if (!Array.isArray(order)) throw new BadPatch('invalid patch format of setElementOrder list')
  const child = childOf(field, key, types)
  const value = ownValue(patch, key)
  if (!merges(child) || (value !== undefined && !Array.isArray(value))) return
  const rules = rulesOf(child, types)
  const before = ownValue(target, key)
  const old: unknown[] = Array.isArray(before) ? before : []
  if (value === undefined && before === undefined) return
  if (value !== undefined) {
    inSameOrder(value, order, rules)
    delete patch[key]
  }
  const merged = value === undefined ? old : mergeList(old, value, rules)
  setOwn(target, key, orderList(merged, order, old, rules))
}

function inSameOrder(items: readonly unknown[], order: readonly unknown[], rules: ListRules): void {
  let at = 0
  for (const item of items) {
    if (isJsonObject(item) && Object.hasOwn(item, directive)) continue
    while (at < order.length && !same(order[at], item, rules.key)) at++
    if (at === order.length) {
      throw new CannotMerge(`The order in patch list:\n${goText(items)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`)
    }
  }
}

const same = (a: unknown, b: unknown, key: string | undefined): boolean =>
  key === undefined || !isJsonObject(a) || !isJsonObject(b)
    ? equalJson(a, b)
    : equalJson(ownValue(a, key), ownValue(b, key))

/** What a new part of the object keeps of the patch: no directives, nothing that has one for itself, no nulls. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => !isJsonObject(item) || !Object.hasOwn(item, directive)).map(withoutDirectives)
  }
  if (!isJsonObject(value)) return value
  for (const key of Object.keys(value)) {
    const child = value[key]
    if (child === null || isDirective(key) || (isJsonObject(child) && Object.hasOwn(child, directive))) delete value[key]
    else setOwn(value, key, withoutDirectives(child))
  }
  return value
}

const isDirective = (key: string): boolean =>
  key === directive || key === retainKeys || key.startsWith(deletePrefix) || key.startsWith(orderPrefix)
