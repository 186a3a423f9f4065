import { copyJson, setOwn } from '../../base/json.ts'
import { isObject } from '../schema-values.ts'
import { additionalOf, hasEmbedded, itemsOf, type JsonSchema, objectFields, propertyOf, somewhere } from './json-schema.ts'
import { pruneCustom } from './pruning.ts'

/** Fills in the schema's defaults below what is present. A null where null is not allowed is as good as absent. Changes `object`. */
export function defaultCustom(schema: JsonSchema, object: object): void {
  fillFields(schema, object as Record<string, unknown>, true)
  // a default may bring metadata of an embedded object with fields that no metadata has
  if (hasEmbedded(schema) && hasDefaults(schema)) pruneCustom(schema, object, true)
}

function fill(schema: JsonSchema, value: unknown): void {
  if (!hasDefaults(schema)) return
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (!items) return
    for (let i = 0; i < value.length; i++) {
      if (isNoValue(items, value[i])) value[i] = copyJson(items.default)
      fill(items, value[i])
    }
  } else if (isObject(value)) fillFields(schema, value, false)
}

function fillFields(schema: JsonSchema, value: Record<string, unknown>, isRoot: boolean): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (isRoot && objectFields.has(name)) continue
    if (property.default !== undefined && (!Object.hasOwn(value, name) || isNoValue(property, value[name]))) setOwn(value, name, copyJson(property.default))
    if (Object.hasOwn(value, name)) fill(property, value[name])
  }
  const more = additionalOf(schema)
  if (typeof more !== 'object') return
  for (const name of Object.keys(value)) {
    if (propertyOf(schema, name)) continue
    if (isNoValue(more, value[name])) setOwn(value, name, copyJson(more.default))
    fill(more, value[name])
  }
}

/** A null that is not allowed, and that there is a value instead of. */
const isNoValue = (schema: JsonSchema, value: unknown): boolean => value === null && !schema.nullable && schema.default !== undefined

/** Whether there is any default below: most of an object is skipped by this. */
export const hasDefaults = somewhere(({ default: value }) => value !== undefined)
