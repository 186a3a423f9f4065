import { additionalOf, isIntOrString, itemsOf, type JsonSchema, preserves, propertyOf } from './json-schema.ts'

type Json = Readonly<Record<string, unknown>>

/** A CRD's schema as the documents show it: whole in OpenAPI 3, and in 2 without what Swagger, and older clients, cannot read. */
export const publishedSchema = (schema: JsonSchema, dialect: 2 | 3): Json => (dialect === 3 ? forV3(schema) : forV2(schema))

function forV3(schema: JsonSchema): Json {
  // rules are for the server; everything else is OpenAPI already
  return mapped(schema, forV3)
}

/** What Swagger has no words for, and what Kubernetes' own form of a schema leaves out. */
const unsaid = ['oneOf', 'anyOf', 'allOf', 'not', 'nullable', 'example', 'externalDocs']

/** As apiextensions' ToStructuralOpenAPIV2: what clients would misread is left out. */
function forV2(schema: JsonSchema): Json {
  const kept = required(schema, without(mapped(schema, forV2), unsaid))
  if (schema.nullable || isIntOrString(schema)) return without(kept, ['type', 'items', 'properties', ...(isIntOrString(schema) ? ['additionalProperties'] : [])])
  if (preserves(schema)) return without(kept, ['items', 'properties', ...(schema.type === 'object' || schema.type === 'array' ? ['type'] : [])])
  return additionalOf(schema) === true ? without(kept, ['additionalProperties']) : kept
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
