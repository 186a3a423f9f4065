import { goText, goTypeOf } from './go-text.ts'
import { equalJson, isJsonObject, type JsonObject, ownValue, setOwn } from './json.ts'
import { BadPatch, CannotMerge, dropNulls } from './patch.ts'
import { deleteValues, mergeList, type Merged, orderList, type ListRules, requireKey, typeOfItems, unknownCommand, wrongType } from './strategic-list.ts'

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
const deletePrefix = '$deleteFromPrimitiveList'
const orderPrefix = '$setElementOrder'

/**
 * Kubernetes' strategic merge patch: as a merge patch, but lists whose field says `patchStrategy: merge` merge by their
 * key, and directives replace, delete, order and retain. Directives that meet nothing to act upon stay in the result, as
 * fields that no type has. Changes `target` and `patch`; returns the result, which shares parts of both.
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
    return patch
  }
  retain(target, patch)
  const keys = Object.keys(patch)
  for (const key of keys) if (key.startsWith(orderPrefix)) mergeInOrder(target, patch, key, field, types)
  for (const key of keys) if (key.startsWith(deletePrefix)) deletePrimitives(target, patch, key, field, types)
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
  if (isJsonObject(value) && isJsonObject(old)) {
    setOwn(target, key, replaces(field) ? value : strategicMerge(old, value, field ?? anything, types))
  } else if (Array.isArray(value) && Array.isArray(old)) {
    setOwn(target, key, merges(field) ? mergeList(old, value, rulesOf(field, types)).items : value)
  } else if (isCommand(value)) delete target[key]
  else {
    dropNulls(value)
    setOwn(target, key, withoutCommands(value))
  }
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

/** Of a list of objects, or of what is no list, Kubernetes takes the directive for the field itself. */
function deletePrimitives(target: JsonObject, patch: JsonObject, directiveKey: string, field: MergeField, types: MergeTypes): void {
  const key = listNamed(directiveKey, deletePrefix, 'primitive')
  const values = patch[directiveKey]
  delete patch[directiveKey]
  const old = ownValue(target, key)
  const child = childOf(field, key, types)
  if (values === null) delete target[key]
  else if (old === undefined || goTypeOf(old) !== goTypeOf(values)) return
  else if (Array.isArray(values) && Array.isArray(old)) setOwn(target, key, withoutValues(old, values, rulesOf(child ?? anything, types)))
  else mergeKey(target, key, values, child, types)
}

function withoutValues(old: readonly unknown[], values: readonly unknown[], rules: ListRules): readonly unknown[] {
  if (old.length + values.length === 0) return old
  return typeOfItems(old, values) === goTypeOf({}) ? mergeList(old, values, rules).items : deleteValues(old, values)
}

function listNamed(directiveKey: string, prefix: string, what: string): string {
  if (!directiveKey.startsWith(`${prefix}/`)) throw new BadPatch(`invalid patch format of ${what} list`)
  return directiveKey.slice(prefix.length + 1)
}

function mergeInOrder(
  target: JsonObject,
  patch: JsonObject,
  directiveKey: string,
  field: MergeField,
  types: MergeTypes,
): void {
  const order = patch[directiveKey]
  delete patch[directiveKey]
  if (!Array.isArray(order)) throw wrongType([], order)
  const key = listNamed(directiveKey, orderPrefix, 'setElementOrder')
  const [old, value] = [listAt(target, key), listAt(patch, key)]
  if (field.type === 'map') throw new CannotMerge('merging an object in json but data type is not struct, instead is: map')
  const child = childOf(field, key, types)
  if (!child && field.ref !== undefined) throw new CannotMerge(`unable to find api field in struct ${field.ref.slice(field.ref.lastIndexOf('.') + 1)} for the json field ${JSON.stringify(key)}`)
  const rules = rulesOf(child ?? anything, types)
  if (value) inSameOrder(value, order, rules.key)
  if (!old && !value) return
  const merged = mergedLists(old, value, child, rules)
  typeOfItems(old ?? [], value ?? [])
  setOwn(target, key, orderList(merged.items, order, merged.server, rules.key))
  delete patch[key]
}

function listAt(object: JsonObject, key: string): unknown[] | undefined {
  const value = ownValue(object, key)
  if (value !== undefined && !Array.isArray(value)) throw wrongType([], value)
  return value
}

function mergedLists(old: unknown[] | undefined, value: unknown[] | undefined, field: MergeField | undefined, rules: ListRules): Merged {
  if (!value) return { items: old ?? [], server: old ?? [] }
  if (!old) return { items: withoutCommands(value) as unknown[], server: [] }
  return merges(field) ? mergeList(old, value, rules) : { items: value, server: old }
}

/** Each item of the patch is in the order, behind the one before; a command is passed over as long as the order goes on. */
function inSameOrder(items: readonly unknown[], order: readonly unknown[], key: string | undefined): void {
  if (items.length === 0 || order.length === 0) return
  const kept = key === undefined ? items : items.filter((item) => ownValue(asMap(item), directive) !== 'delete')
  let next = 0
  for (let at = 0; at < order.length && next < kept.length; ) {
    if (isCommand(kept[next])) next++
    else if (same(kept[next], order[at++], key)) next++
  }
  if (next === kept.length) return
  throw new CannotMerge(`The order in patch list:\n${goText(items)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`)
}

function same(item: unknown, named: unknown, key: string | undefined): boolean {
  if (key === undefined) return equalJson(item, named)
  const both = [asMap(item), asMap(named)]
  for (const each of both) requireKey(each, key)
  return equalJson(ownValue(both[0]!, key), ownValue(both[1]!, key))
}

function asMap(item: unknown): JsonObject {
  if (!isJsonObject(item)) throw wrongType({}, item)
  return item
}

const isCommand = (value: unknown): boolean => isJsonObject(value) && Object.hasOwn(value, directive)

/** What a new part of the object keeps of the patch: nothing that is a command to what is not there. */
function withoutCommands(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isCommand(item)).map(withoutCommands)
  if (!isJsonObject(value)) return value
  for (const key of Object.keys(value)) {
    if (isCommand(value[key])) delete value[key]
    else setOwn(value, key, withoutCommands(value[key]))
  }
  return value
}
