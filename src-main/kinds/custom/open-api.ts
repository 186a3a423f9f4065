import { additionalOf, isIntOrString, itemsOf, type JsonSchema, preserves } from './json-schema.ts'

type Json = Readonly<Record<string, unknown>>

/** A CRD's schema as the documents show it: whole in OpenAPI 3, and in 2 without what Swagger, and older clients, cannot read. */
export const publishedSchema = (schema: JsonSchema, dialect: 2 | 3): Json => (dialect === 3 ? forV3(schema) : forV2(schema))

function forV3(schema: JsonSchema): Json {
  // rules are for the server; everything else is OpenAPI already
  return mapped(schema, forV3)
}

const unsaid = ['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'pattern', 'default', 'enum', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum',
  'multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems', 'uniqueItems', 'minProperties', 'maxProperties', 'example', 'externalDocs', 'title']

/** As apiextensions' ToStructuralOpenAPIV2: what validates is left out, and a type that clients would misread is. */
function forV2(schema: JsonSchema): Json {
  const kept = Object.fromEntries(Object.entries(mapped(schema, forV2)).filter(([name]) => !unsaid.includes(name)))
  if (schema.nullable || isIntOrString(schema)) return without(kept, ['type', 'items', 'properties', 'additionalProperties'])
  if (preserves(schema)) return without(kept, ['items', 'properties', ...(schema.type === 'object' ? [] : ['type'])])
  if (additionalOf(schema) === true) return without(kept, ['additionalProperties'])
  return kept
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
