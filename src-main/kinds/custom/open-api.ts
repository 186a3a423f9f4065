import { equalJson } from '../../base/json.ts'
import { additionalOf, isEmbedded, isIntOrString, itemsOf, type JsonSchema, metaSchema, preserves, propertyOf } from './json-schema.ts'

type Json = Readonly<Record<string, unknown>>

/** A CRD's schema as the documents show it: whole in OpenAPI 3, and in 2 without what Swagger, and older clients, cannot read. */
export const publishedSchema = (schema: JsonSchema, dialect: 2 | 3): Json => (dialect === 3 ? forV3(schema) : forV2(schema))

/** Rules are for the server and for those who ask it; nearly everything else is OpenAPI already. */
const forV3 = (schema: JsonSchema): Json => asWhole(schema, asEither(schema, mapped(schema, forV3)), 3)

/** What Swagger has no words for, and what older clients would take for a value. */
const unsaid = ['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'default']

/** As apiextensions' ToStructuralOpenAPIV2: what clients would misread is left out. */
function forV2(schema: JsonSchema): Json {
  const kept = required(schema, without(mapped(schema, forV2), unsaid))
  if (schema.nullable || isIntOrString(schema)) return without(kept, ['type', 'items', 'properties', ...(isIntOrString(schema) ? ['additionalProperties'] : [])])
  if (preserves(schema)) return without(kept, ['items', 'properties', ...(schema.type === 'object' || schema.type === 'array' ? ['type'] : [])])
  return asWhole(schema, kept, 2)
}

const either: readonly JsonSchema[] = [{ type: 'integer' }, { type: 'string' }]

/** What may be a number or a text says so in words that every tool knows: Unfold of apiextensions. */
function asEither(schema: JsonSchema, kept: Json): Json {
  if (!isIntOrString(schema) || equalJson(schema.anyOf, either) || equalJson(schema.allOf?.[0]?.anyOf, either)) return kept
  return schema.anyOf?.length ? { ...kept, allOf: [{ anyOf: either }, ...(schema.allOf ?? [])] } : { ...kept, anyOf: either }
}

const conventions = 'https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md'

/** A whole object inside has what every object has. */
function asWhole(schema: JsonSchema, kept: Json, dialect: 2 | 3): Json {
  if (!isEmbedded(schema)) return kept
  const ref = { $ref: `${dialect === 2 ? '#/definitions/' : '#/components/schemas/'}${metaSchema}` }
  const names = schema.required ?? []
  return {
    ...kept,
    required: [...names, ...['kind', 'apiVersion'].filter((name) => !names.includes(name))],
    properties: {
      ...(kept.properties as Json | undefined),
      apiVersion: { description: `apiVersion defines the versioned schema of this representation of an object. More info: ${conventions}#resources`, type: 'string' },
      kind: { description: `kind is a string value representing the type of this object. In CamelCase. More info: ${conventions}#types-kinds`, type: 'string' },
      // beside a $ref OpenAPI 3.0 allows nothing
      metadata: { description: `Standard object's metadata. More info: ${conventions}#metadata`, ...(dialect === 3 ? { allOf: [ref] } : ref) },
    },
  }
}

/** Clients take a null for a value that is missing. */
function required(schema: JsonSchema, kept: Json): Json {
  const more = additionalOf(schema)
  const names = typeof more === 'object' && more.nullable ? [] : schema.required?.filter((name) => !propertyOf(schema, name)?.nullable)
  return names?.length === schema.required?.length ? kept : names?.length ? { ...kept, required: names } : without(kept, ['required'])
}

const without = (schema: Json, names: readonly string[]): Json => Object.fromEntries(Object.entries(schema).filter(([name]) => !names.includes(name)))

function mapped(schema: JsonSchema, below: (schema: JsonSchema) => Json): Json {
  const { properties, items: _items, additionalProperties: _more, ...own } = schema
  const items = itemsOf(schema)
  const more = additionalOf(schema)
  return {
    ...own,
    ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, below(property)])) } : {}),
    ...(items ? { items: below(items) } : {}),
    ...(more ? { additionalProperties: more === true ? true : below(more) } : {}),
  }
}
