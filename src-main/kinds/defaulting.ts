import { copyJson } from '../base/json.ts'
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
  if (schema.type === 'object') {
    if (isObject(value)) fillFields(schema, value, types)
  } else if (schema.items && typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) fill(schema.items, item, types)
  }
}

function fillFields({ ref = '' }: FieldSchema, value: Record<string, unknown>, types: Schemas): void {
  for (const [name, field] of fieldsWithDefaults(ref, types)) {
    const present = value[name]
    if (field.default !== undefined && (present === undefined || present === null)) value[name] = copyJson(field.default)
    if (Object.hasOwn(value, name)) fill(field, value[name], types)
  }
}

type Fields = ReadonlyArray<readonly [name: string, field: FieldSchema]>

const memory = new WeakMap<Schemas, Map<string, Fields>>()

const hasDefaults = (schema: FieldSchema, types: Schemas): boolean =>
  schema.items ? hasDefaults(schema.items, types) : schema.ref !== undefined && fieldsWithDefaults(schema.ref, types).length > 0

/** The fields of a type that have a default or below which there is one: most of a large object is skipped by this. */
function fieldsWithDefaults(ref: string, types: Schemas): Fields {
  let known = memory.get(types)
  if (!known) memory.set(types, (known = new Map<string, Fields>()))
  const answer = known.get(ref)
  if (answer) return answer
  // a type that is being looked at counts as having none: its other fields decide
  known.set(ref, [])
  const found = Object.entries(typeOf(ref, types)?.fields ?? {}).filter(([, field]) => field.default !== undefined || hasDefaults(field, types))
  known.set(ref, found)
  return found
}
