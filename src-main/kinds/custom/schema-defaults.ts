import { inGoOrder } from '../../base/go-text.ts'
import { copyJson } from '../../base/json.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import { checkEmbedded, pruneEmbedded, readEmbedded } from './embedded.ts'
import { hasEmbedded, isEmbedded, itemsOf, type JsonSchema, objectFields } from './json-schema.ts'
import { pruneCustom } from './pruning.ts'
import { checkValue } from './values.ts'

/** Drops from the defaults of a schema what no metadata has. Changes `schema`. */
export function pruneDefaults(schema: JsonSchema): void {
  if (!hasEmbedded(schema)) return
  if (schema.default !== undefined) pruneEmbedded(schema, schema.default)
  const items = itemsOf(schema)
  if (items) pruneDefaults(items)
  for (const property of Object.values(schema.properties ?? {})) pruneDefaults(property)
}

/** The whole object that a default would be part of. */
interface Holder {
  readonly schema: JsonSchema
  around(value: unknown): unknown
}

/** Whether the defaults of a schema fit it; those of maps' values are not looked at. ValidateDefaults of apiextensions. */
export function checkDefaultValues(schema: JsonSchema, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  check({ ...schema, 'x-kubernetes-embedded-resource': true }, at, undefined, false, errors)
  return errors
}

function check(schema: JsonSchema, at: FieldPath, outer: Holder | undefined, isInMeta: boolean, errors: FieldError[]): void {
  const isWhole = isEmbedded(schema)
  const holder = isWhole || !outer ? wholeOf(schema) : outer
  if (schema.default !== undefined) errors.push(...(isInMeta && !isWhole ? checkInMeta : checkOne)(schema, at.child('default'), holder))
  const items = itemsOf(schema)
  if (items) check(items, at.child('items'), { ...holder, around: (value) => holder.around([value]) }, isInMeta && !isWhole, errors)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const below = { ...holder, around: (value: unknown) => holder.around({ [name]: value }) }
    check(property, at.child('properties').key(name), below, (isInMeta && !isWhole) || (isWhole && objectFields.has(name)), errors)
  }
}

const wholeOf = (schema: JsonSchema): Holder => ({ schema, around: (value) => ({ apiVersion: 'validation/v1', kind: 'Validation', ...(value as object) }) })

function checkOne(schema: JsonSchema, path: FieldPath): FieldError[] {
  const value = schema.default
  const [dropped] = pruneCustom({ type: 'object', properties: { value: schema } }, { value: copyJson(value) })
  const errors = dropped === undefined ? [] : [path.invalid(inGoOrder(value), 'must not have unknown fields')]
  const { mistake } = readEmbedded(schema, value, path)
  if (mistake) return [...errors, mistake]
  const inside = checkEmbedded(schema, value, path)
  return [...errors, ...(inside.length > 0 ? inside : checkValue(schema, value, path))]
}

function checkInMeta(schema: JsonSchema, path: FieldPath, { schema: whole, around }: Holder): FieldError[] {
  const object = around(copyJson(schema.default))
  const { mistake } = readEmbedded(whole, object)
  const wrong = mistake ? [mistake] : checkEmbedded(whole, object)
  if (wrong.length === 0) return checkValue(schema, schema.default, path)
  const sentences = wrong.map(({ field, message }) => `${field}: ${message}`)
  return [path.invalid(inGoOrder(schema.default), `must result in valid metadata: ${sentences.length === 1 ? sentences[0] : `[${sentences.join(', ')}]`}`)]
}
