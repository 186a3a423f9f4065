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

/** Asks each schema once whether it says something, or any below it: most do not. */
export function somewhere(says: (schema: JsonSchema) => boolean): (schema: JsonSchema) => boolean {
  const memory = new WeakMap<JsonSchema, boolean>()
  const ask = (schema: JsonSchema): boolean => {
    const known = memory.get(schema)
    if (known !== undefined) return known
    const more = additionalOf(schema)
    const items = itemsOf(schema)
    const found = says(schema) || Object.values(schema.properties ?? {}).some(ask) || (items !== undefined && ask(items)) || (typeof more === 'object' && ask(more))
    memory.set(schema, found)
    return found
  }
  return ask
}

/** Whether there is any rule in CEL, here or below. */
export const hasRules = somewhere((schema) => (schema['x-kubernetes-validations']?.length ?? 0) > 0)

/** Whether there is a whole object inside. */
export const hasEmbedded = somewhere(isEmbedded)

/** Whether there is a list whose items may be there once. */
export const hasListTypes = somewhere(({ 'x-kubernetes-list-type': type }) => type === 'set' || type === 'map')
