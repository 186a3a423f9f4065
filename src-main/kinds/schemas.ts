import generated from './generated/schemas.json' with { type: 'json' }
import { FieldPath } from './field-error.ts'
import { olderSchemas } from './older-types.ts'
import type { FieldSchema, Schemas, TypeSchema } from './schema.ts'

/** The structure of every built-in type. */
export const schemas: Schemas = { ...(generated as unknown as Schemas), ...olderSchemas }

/** Deeper than any Kubernetes object; only JSONSchemaProps recurses at all. */
export const maxDepth = 256

/** What stands under `name`; the prototype's properties are nobody's fields. */
export const fieldOf = (type: TypeSchema, name: string): FieldSchema | undefined =>
  Object.hasOwn(type.fields, name) ? type.fields[name] : undefined

export const typeOf = (name: string | undefined, types: Schemas = schemas): TypeSchema | undefined =>
  name !== undefined && Object.hasOwn(types, name) ? types[name] : undefined

export type Step = string | number | { readonly key: string }

/** The path in Kubernetes' notation: `spec.ports[0].port`, `data[key]`. */
export function pathOf(steps: readonly Step[]): FieldPath {
  let path = new FieldPath()
  for (const step of steps) path = typeof step === 'object' ? path.key(step.key) : path.child(step)
  return path
}
