import type { FieldSchema, Schemas, TypeSchema } from '../schema.ts'
import { schemas } from '../schemas.ts'
import { additionalOf, isEmbedded, isIntOrString, itemsOf, type JsonSchema, metaSchema, preserves } from './json-schema.ts'

/** A CRD's schema in the form of the built-in types, which is what apply divides objects by. The root is named `root`. */
export function customTypes(root: string, schema: JsonSchema): Schemas {
  const made: Record<string, TypeSchema> = {}
  include(made, metaSchema)
  struct(made, root, schema, { isWhole: true, isOpen: false })
  return made
}

/** The built-in type with all it is made of. */
function include(made: Record<string, TypeSchema>, name: string): void {
  const type = schemas[name]
  if (!type || Object.hasOwn(made, name)) return
  made[name] = type
  for (const field of Object.values(type.fields)) {
    for (let at: FieldSchema | undefined = field; at; at = at.items) if (at.ref) include(made, at.ref)
  }
}

const wholeObject: Readonly<Record<string, FieldSchema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'object', ref: metaSchema },
}

interface Place {
  readonly isWhole: boolean
  /** Unknown fields are kept by a schema above, which makes them nobody's mistake here either. */
  readonly isOpen: boolean
}

function struct(made: Record<string, TypeSchema>, name: string, schema: JsonSchema, { isWhole, isOpen }: Place): void {
  const fields = Object.entries(schema.properties ?? {}).map(([key, property]) => [key, field(made, `${name}.${key}`, property, isOpen || preserves(schema))] as const)
  made[name] = {
    fields: { ...Object.fromEntries(fields), ...(isWhole ? wholeObject : {}) },
    ...(isOpen || preserves(schema) || additionalOf(schema) === true ? { open: true as const } : {}),
  }
}

function field(made: Record<string, TypeSchema>, name: string, schema: JsonSchema, isOpen: boolean): FieldSchema {
  const common = { ...(schema.default === undefined ? {} : { default: schema.default }), ...(schema.nullable ? { nullable: true as const } : {}) }
  // it is published without a type
  if (isIntOrString(schema)) return { type: 'any', isEither: true, ...common }
  switch (schema.type) {
    case 'string': case 'boolean': case 'number': case 'integer':
      return { type: schema.type, ...common }
    case 'array':
      return { type: 'array', ...common, ...listRules(schema), items: field(made, `${name}.items`, itemsOf(schema) ?? {}, isOpen) }
    case 'object':
      return { ...objectField(made, name, schema, isOpen), ...common }
    default:
      return { type: 'any', ...common }
  }
}

function objectField(made: Record<string, TypeSchema>, name: string, schema: JsonSchema, isOpen: boolean): FieldSchema {
  const mapType = schema['x-kubernetes-map-type']
  const rules = mapType === 'atomic' || mapType === 'granular' ? { mapType } as const : {}
  const more = additionalOf(schema)
  if (typeof more === 'object') return { type: 'map', ...rules, items: field(made, `${name}.values`, more, isOpen || preserves(schema)) }
  if (more === true) return { type: 'map', ...rules, items: { type: 'any' } }
  // an object of which nothing is said may have anything, though nothing of it is kept
  const isFree = Object.keys(schema.properties ?? {}).length === 0 && schema.additionalProperties === undefined
  if (isFree && !isEmbedded(schema)) return { type: 'map', ...rules, items: { type: 'any' } }
  struct(made, name, schema, { isWhole: isEmbedded(schema), isOpen })
  return { type: 'object', ref: name, ...rules }
}

function listRules(schema: JsonSchema): Pick<FieldSchema, 'listType' | 'listMapKeys'> {
  const type = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys']
  return {
    ...(type === 'atomic' || type === 'set' || type === 'map' ? { listType: type } : {}),
    ...(keys ? { listMapKeys: keys } : {}),
  }
}
