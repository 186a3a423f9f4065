import type { FieldError, FieldPath } from '../field-error.ts'
import { definitions, rules } from './cel-rules.ts'
import { hasRules, type JsonSchema } from './json-schema.ts'
import { rulePlaces } from './rule-places.ts'
import { checkDefaultValues } from './schema-defaults.ts'
import { checkSchemaWords } from './schema-words.ts'
import { checkStructural, notStructural } from './structural-form.ts'

/**
 * What keeps a schema from being structural, as apiextensions says it: every value of a known type, nothing that would be
 * read two ways, defaults that fit. @throws Later
 */
export function checkSchema(schema: JsonSchema, at: FieldPath): FieldError[] {
  const unconverted = notStructural(schema)
  const errors = unconverted === undefined ? checkStructural(schema, at) : []
  if (unconverted === undefined && errors.length === 0) {
    errors.push(...checkDefaultValues(schema, at))
    if (hasRules(schema)) errors.push(...rules().checkDefaults(schema, at, errors))
  }
  if (schema.nullable) errors.push(at.child('nullable').forbidden('nullable cannot be true at the root'))
  errors.push(...checkSchemaWords(schema, at))
  const places = rulePlaces(schema, at)
  if (places.length > 0) errors.push(...definitions().checkRules(places, at, unconverted === undefined && errors.length === 0))
  // what cannot be said in another way
  return errors.length === 0 && unconverted !== undefined ? [at.invalid('', unconverted)] : errors
}
