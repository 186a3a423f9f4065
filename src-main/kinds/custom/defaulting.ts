import { copyJson, setOwn } from '../../base/json.ts'
import { isObject } from '../schema-values.ts'
import { additionalOf, hasEmbedded, itemsOf, type JsonSchema, objectFields, propertyOf } from './json-schema.ts'
import { pruneCustom } from './pruning.ts'

/** Fills in the schema's defaults below what is present. A null where null is not allowed is as good as absent. Changes `object`. */
export function defaultCustom(schema: JsonSchema, object: object): void {
  fillFields(schema, object as Record<string, unknown>, true)
  // a default may bring metadata of an embedded object with fields that no metadata has
  if (hasEmbedded(schema) && hasDefaults(schema)) pruneCustom(schema, object)
}

function fill(schema: JsonSchema, value: unknown): void {
  if (!hasDefaults(schema)) return
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items) for (const item of value) fill(items, item)
  } else if (isObject(value)) fillFields(schema, value, false)
}

function fillFields(schema: JsonSchema, value: Record<string, unknown>, isRoot: boolean): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (isRoot && objectFields.has(name)) continue
    const missing = !Object.hasOwn(value, name) || (value[name] === null && !property.nullable)
    if (missing && property.default !== undefined) setOwn(value, name, copyJson(property.default))
    if (Object.hasOwn(value, name)) fill(property, value[name])
  }
  const more = additionalOf(schema)
  if (typeof more !== 'object') return
  for (const name of Object.keys(value)) if (!propertyOf(schema, name)) fill(more, value[name])
}

const memory = new WeakMap<JsonSchema, boolean>()

/** Whether there is any default below: most of an object is skipped by this. */
export function hasDefaults(schema: JsonSchema): boolean {
  const known = memory.get(schema)
  if (known !== undefined) return known
  const more = additionalOf(schema)
  const items = itemsOf(schema)
  const found =
    Object.values(schema.properties ?? {}).some((property) => property.default !== undefined || hasDefaults(property)) ||
    (items !== undefined && hasDefaults(items)) || (typeof more === 'object' && hasDefaults(more))
  memory.set(schema, found)
  return found
}
