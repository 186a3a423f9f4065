import type { FieldSchema } from './schema.ts'
import { isObject } from './schema-values.ts'

const props = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
const schema: FieldSchema = { type: 'object', ref: props }
const schemas: FieldSchema = { type: 'array', items: schema }
const names: FieldSchema = { type: 'array', items: { type: 'string' } }

/** Of a definition's schemas, what is read in one way or another: as which of them a value is. None has more to it. */
export function heldIn(ref: string, value: unknown): FieldSchema | undefined {
  if (!ref.startsWith(`${props}Or`)) return undefined
  if (isObject(value)) return schema
  return !Array.isArray(value) || isSchemaOrBool(ref) ? undefined : ref.endsWith('StringArray') ? names : schemas
}

export const isSchemaOrBool = (ref: string): boolean => ref === `${props}OrBool`

/** The type whose fields stand below. */
export const heldType = (ref: string | undefined): string | undefined => (ref?.startsWith(`${props}Or`) ? props : ref)
