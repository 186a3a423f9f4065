import type { AnyKind } from './kind.ts'
import type { KubeObject } from './meta.ts'
import type { FieldSchema, Schemas } from './schema.ts'
import { isObject } from './schema-values.ts'
import { schemas, typeOf } from './schemas.ts'

/** Fills in the schema's defaults below objects that are present, then the kind's own. Changes `object`. */
export function applyDefaults<T extends KubeObject>(kind: AnyKind, object: T, types: Schemas = schemas): void {
  fill({ type: 'object', ref: kind.schema }, object, types)
  kind.default?.(object)
}

function fill(schema: FieldSchema, value: unknown, types: Schemas): void {
  if (!hasDefaults(schema, types)) return
  if (schema.type === 'object' && isObject(value)) {
    for (const [name, field] of Object.entries(typeOf(schema.ref, types)?.fields ?? {})) {
      if (field.default !== undefined && (value[name] === undefined || value[name] === null)) value[name] = structuredClone(field.default)
      if (Object.hasOwn(value, name)) fill(field, value[name], types)
    }
  } else if (schema.items && (Array.isArray(value) || isObject(value))) {
    for (const item of Object.values(value)) fill(schema.items, item, types)
  }
}

const memory = new WeakMap<Schemas, Map<string, boolean>>()

/** Whether any type below has a default: most of a large object is skipped by this. */
function hasDefaults(schema: FieldSchema, types: Schemas): boolean {
  if (schema.items) return hasDefaults(schema.items, types)
  if (schema.ref === undefined) return false
  let known = memory.get(types)
  if (!known) memory.set(types, (known = new Map()))
  const answer = known.get(schema.ref)
  if (answer !== undefined) return answer
  // a type that is being looked at counts as having none: its other fields decide
  known.set(schema.ref, false)
  const found = Object.values(typeOf(schema.ref, types)?.fields ?? {}).some((field) => field.default !== undefined || hasDefaults(field, types))
  known.set(schema.ref, found)
  return found
}
