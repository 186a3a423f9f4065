import { isObject } from '../schema-values.ts'
import { additionalOf, isEmbedded, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'

const reserved = new Set([
  'true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return',
])

/** A field's name as rules write it: CEL has no dashes in names. */
const celName = (name: string): string =>
  reserved.has(name) ? `__${name}__` : name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__')

/** A value as a rule sees it: what its schema describes, in CEL's types. */
export function celValue(schema: JsonSchema, value: unknown, isRoot = false): unknown {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    return value.map((item) => celValue(items ?? {}, item))
  }
  if (isObject(value)) return mapOf(schema, value, isRoot)
  if (typeof value === 'number') return schema.type === 'number' || !Number.isInteger(value) ? value : BigInt(value)
  if (typeof value === 'string' && (schema.format === 'date-time' || schema.format === 'date')) return new Date(value)
  return value
}

function mapOf(schema: JsonSchema, value: Record<string, unknown>, isRoot: boolean): Map<string, unknown> {
  const map = new Map<string, unknown>()
  const more = additionalOf(schema)
  for (const [name, each] of Object.entries(value)) {
    const property = propertyOf(schema, name)
    if ((isRoot || isEmbedded(schema)) && (name === 'apiVersion' || name === 'kind')) map.set(name, each)
    else if ((isRoot || isEmbedded(schema)) && name === 'metadata') map.set(name, namesOf(each))
    else if (property) map.set(celName(name), celValue(property, each))
    else if (more !== undefined) map.set(name, celValue(more === true ? {} : more, each))
  }
  return map
}

/** Of the metadata rules see the names alone. */
const namesOf = (metadata: unknown): Map<string, unknown> =>
  new Map(Object.entries(isObject(metadata) ? metadata : {}).filter(([name]) => name === 'name' || name === 'generateName'))
