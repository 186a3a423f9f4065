import { equalJson } from '../../base/json.ts'
import { isObject } from '../schema-values.ts'
import { additionalOf, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'

/** Whether an update left a value as it was. The order of a list whose items have keys is no part of it. */
export function isUnchanged(schema: JsonSchema, value: unknown, old: unknown): boolean {
  if (Array.isArray(value) && Array.isArray(old)) return sameItems(schema, value, old)
  if (!isObject(value) || !isObject(old)) return equalJson(value, old)
  const names = Object.keys(value)
  const more = additionalOf(schema)
  return names.length === Object.keys(old).length && names.every((name) => {
    if (!Object.hasOwn(old, name)) return false
    const child = propertyOf(schema, name) ?? (typeof more === 'object' ? more : undefined)
    // of what the schema does not describe Kubernetes does not know whether it changed
    return child !== undefined && isUnchanged(child, value[name], old[name])
  })
}

function sameItems(schema: JsonSchema, value: readonly unknown[], old: readonly unknown[]): boolean {
  const items = itemsOf(schema)
  if (value.length !== old.length) return false
  if (!items || schema['x-kubernetes-list-type'] !== 'map') return equalJson(value, old)
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const name = (item: unknown): string => JSON.stringify(keys.map((key) => (isObject(item) ? item[key] : undefined)))
  const known = new Map(old.map((item) => [name(item), item]))
  return value.every((item) => known.has(name(item)) && isUnchanged(items, item, known.get(name(item))))
}
