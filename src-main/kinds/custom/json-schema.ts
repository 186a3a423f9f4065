import type { JSONSchemaProps } from '../generated/types.ts'
import { isObject } from '../schema-values.ts'

/** A type as a CRD writes it. */
export type JsonSchema = JSONSchemaProps

/** Describes nothing, and lets everything be. */
export const anything: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

export const metaSchema = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

/** What stands under a name; the prototype's properties are nobody's fields. */
export const propertyOf = ({ properties }: JsonSchema, name: string): JsonSchema | undefined =>
  properties && Object.hasOwn(properties, name) ? properties[name] : undefined

export const itemsOf = ({ items }: JsonSchema): JsonSchema | undefined => (isObject(items) ? (items as JsonSchema) : undefined)

/** The schema of values under names that are not properties; `true` when they may be anything. */
export const additionalOf = ({ additionalProperties: more }: JsonSchema): JsonSchema | true | undefined =>
  more === true ? true : isObject(more) ? (more as JsonSchema) : undefined

export const preserves = (schema: JsonSchema): boolean => schema['x-kubernetes-preserve-unknown-fields'] === true
export const isEmbedded = (schema: JsonSchema): boolean => schema['x-kubernetes-embedded-resource'] === true
export const isIntOrString = (schema: JsonSchema): boolean => schema['x-kubernetes-int-or-string'] === true

/** What every whole object has, whether its schema says so or not. */
export const objectFields: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

const memory = new WeakMap<JsonSchema, boolean>()

/** Whether there is any rule in CEL, here or below. */
export function hasRules(schema: JsonSchema): boolean {
  const known = memory.get(schema)
  if (known !== undefined) return known
  const more = additionalOf(schema)
  const items = itemsOf(schema)
  const found = (schema['x-kubernetes-validations']?.length ?? 0) > 0 || Object.values(schema.properties ?? {}).some(hasRules) ||
    (items !== undefined && hasRules(items)) || (typeof more === 'object' && hasRules(more))
  memory.set(schema, found)
  return found
}

const embeddedMemory = new WeakMap<JsonSchema, boolean>()

/** Whether there is a whole object inside: most schemas have none. */
export function hasEmbedded(schema: JsonSchema): boolean {
  const known = embeddedMemory.get(schema)
  if (known !== undefined) return known
  const more = additionalOf(schema)
  const items = itemsOf(schema)
  const found = isEmbedded(schema) || Object.values(schema.properties ?? {}).some(hasEmbedded) ||
    (items !== undefined && hasEmbedded(items)) || (typeof more === 'object' && hasEmbedded(more))
  embeddedMemory.set(schema, found)
  return found
}
