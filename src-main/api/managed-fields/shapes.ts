import { isJsonObject, ownValue } from '../../base/json.ts'
import { isEmpty } from '../../base/json-steps.ts'
import type { FieldSchema, Schemas, TypeSchema } from '../../kinds/schema.ts'
import { fieldOf, schemas, typeOf } from '../../kinds/schemas.ts'
import { fieldElement, keyElement, valueElement } from './fields-v1.ts'

/**
 * How ownership divides a value. A leaf is owned as a whole: a scalar, or an atomic list, map or struct. Fields are owned
 * one by one, and so are the items of a set or of a list with keys.
 */
export type Shape = 'leaf' | 'fields' | 'items'

/** What nobody described: maps divide, everything else is a leaf, as Kubernetes deduces it for a CRD without a schema. */
const deduced: FieldSchema = { type: 'any' }

export interface Shapes {
  readonly types: Schemas
}

export const builtIn: Shapes = { types: schemas }

export function shapeOf(schema: FieldSchema, value: unknown): Shape {
  if (schema.type === 'array')
    return Array.isArray(value) && (schema.listType === 'map' || schema.listType === 'set') ? 'items' : 'leaf'
  if (!isJsonObject(value)) return 'leaf'
  if (schema.type === 'object') return isAtomicStruct(schema) ? 'leaf' : 'fields'
  if (schema.type === 'map') return schema.mapType === 'atomic' ? 'leaf' : 'fields'
  return schema.type === 'any' ? 'fields' : 'leaf'
}

/** Of custom types only their fields say so. */
const isAtomicStruct = ({ mapType, ref }: FieldSchema): boolean =>
  mapType ? mapType === 'atomic' : typeOf(ref)?.atomic === true

const structOf = ({ types }: Shapes, schema: FieldSchema): TypeSchema | undefined =>
  schema.type === 'object' ? typeOf(schema.ref, types) : undefined

interface Declared {
  readonly schema: FieldSchema
  readonly element: string
}

/** What is asked of the same few hundred fields with every write. */
const declaredFields = new WeakMap<TypeSchema, Map<string, Declared>>()

function declared(shapes: Shapes, schema: FieldSchema, name: string): Declared | undefined {
  const struct = structOf(shapes, schema)
  if (!struct) return undefined
  let fields = declaredFields.get(struct)
  if (!fields) declaredFields.set(struct, (fields = new Map()))
  const known = fields.get(name)
  if (known) return known
  const field = fieldOf(struct, name)
  if (!field) return undefined
  const found = { schema: field, element: fieldElement(name) }
  fields.set(name, found)
  return found
}

/** The schema of what stands under a name. */
export function schemaBelow(shapes: Shapes, schema: FieldSchema, name: string): FieldSchema {
  if (schema.type === 'map') return schema.items ?? deduced
  return declared(shapes, schema, name)?.schema ?? deduced
}

/** The schema of what stands under a name, and the name as sets have it. */
export const stepBelow = (shapes: Shapes, schema: FieldSchema, name: string): Declared =>
  declared(shapes, schema, name) ?? { schema: schemaBelow(shapes, schema, name), element: fieldElement(name) }

/** Whether the name is a field of a struct; a map's keys and undescribed names are not. */
export const isDeclared = (shapes: Shapes, schema: FieldSchema, name: string): boolean =>
  declared(shapes, schema, name) !== undefined

/**
 * What Go has where the wire has nothing: the zero value of a field that is no pointer. Such a field is always there for
 * Kubernetes, so filling it adds what is in it and not the field itself.
 */
export function zeroOf(shapes: Shapes, schema: FieldSchema, name: string): unknown {
  if (!isDeclared(shapes, schema, name)) return undefined
  // of custom resources Go knows the metadata alone
  if (shapes !== builtIn && name !== 'metadata') return undefined
  const field = schemaBelow(shapes, schema, name)
  if (field.type === 'object') return name === 'metadata' || field.required || field.default !== undefined ? {} : undefined
  if (!field.required && field.default !== null) return undefined
  return field.type === 'array' ? [] : field.type === 'map' ? {} : undefined
}

/** What Kubernetes calls the item; undefined when it has none of its keys and no defaults for them, or is no scalar of a set. */
export function elementOf({ types }: Shapes, schema: FieldSchema, item: unknown): string | undefined {
  if (schema.listType === 'set') return typeof item === 'object' ? undefined : valueElement(item)
  if (!isJsonObject(item)) return undefined
  const key: Array<[string, unknown]> = []
  for (const name of schema.listMapKeys ?? []) {
    const said = ownValue(item, name)
    // where Go reads maps, a null is a value like any other
    const value = said === null && types !== builtIn.types ? null : (said ?? typeOf(schema.items?.ref, types)?.fields[name]?.default ?? undefined)
    if (value !== undefined) key.push([name, value])
  }
  return key.length > 0 ? keyElement(key) : undefined
}

export interface Item {
  readonly element: string
  readonly value: unknown
}

/** The items of a list with the names of those that have one; the others stand below no name and belong to nobody. */
export function itemsOf(shapes: Shapes, schema: FieldSchema, list: unknown): Item[] {
  if (!Array.isArray(list)) return []
  return list.flatMap((value: unknown) => itemOf(shapes, schema, value))
}

function itemOf(shapes: Shapes, schema: FieldSchema, value: unknown): Item[] {
  const element = elementOf(shapes, schema, value)
  return element === undefined ? [] : [{ element, value }]
}

/** The values of each name, in order of appearance; more than one is a duplicate, which Kubernetes owns as one. */
export function grouped(items: readonly Item[]): Map<string, unknown[]> {
  const groups = new Map<string, unknown[]>()
  for (const { element, value } of items) {
    const group = groups.get(element)
    if (group) group.push(value)
    else groups.set(element, [value])
  }
  return groups
}

export const itemSchema = (schema: FieldSchema): FieldSchema => schema.items ?? deduced

export const rootSchema = (schema: string): FieldSchema => ({ type: 'object', ref: schema })

/**
 * The value, or undefined when it says nothing: a null of a described type, and a list of items without any. Where anything
 * goes, both are values.
 */
export function given(schema: FieldSchema, value: unknown): unknown {
  if (value === null && schema.type !== 'any' && !schema.nullable) return undefined
  return Array.isArray(value) && value.length === 0 && shapeOf(schema, value) === 'items' ? undefined : value
}

/** What counts when objects are compared: a custom resource is as it is written, and Go's own types as Go has them. */
export const present = ({ types }: Shapes, schema: FieldSchema, value: unknown): unknown => (types === builtIn.types ? given(schema, value) : value)

/** As present; and null where Go writes it. */
export const written = (shapes: Shapes, schema: FieldSchema, value: unknown): unknown =>
  value === null && schema.default === null && shapes.types === builtIn.types ? null : present(shapes, schema, value)

/** Null, an empty list and an empty map. */
export const isVoid = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'object' && isEmpty(value))
