import type { FieldError, FieldPath } from '../field-error.ts'
import { additionalOf, isEmbedded, itemsOf, type JsonSchema, objectFields } from './json-schema.ts'
import { checkMergeTypes } from './list-types.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** Words of JSON Schema that Kubernetes does not take. */
const unsupported = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const
const mayBeEmpty: ReadonlySet<string> = new Set(['additionalItems', 'dependencies', '$ref'])

interface Place {
  readonly isRoot?: boolean
  /** Within the type or the metadata of a whole object, of which a schema describes only some fields. */
  readonly isInMeta?: boolean
  /** Where there must be no default. */
  readonly noDefault?: string
}

/** What Kubernetes allows no schema to say, in a structure or in a condition: ValidateCustomResourceDefinitionOpenAPISchema. */
export function checkSchemaWords(schema: JsonSchema, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  check(schema, at, { isRoot: true }, errors)
  return errors
}

function check(schema: JsonSchema, at: FieldPath, place: Place, errors: FieldError[]): void {
  checkOwn(schema, at, place, errors)
  const more = additionalOf(schema)
  const hasProperties = Object.keys(schema.properties ?? {}).length > 0
  if (hasProperties && (schema.additionalProperties === false || typeof more === 'object')) {
    errors.push(at.child('additionalProperties').forbidden('additionalProperties and properties are mutual exclusive'))
  }
  const below: Place = { isInMeta: place.isInMeta ?? false, ...(place.noDefault === undefined ? {} : { noDefault: place.noDefault }) }
  if (typeof more === 'object') check(more, at.child('additionalProperties'), place.isInMeta ? { ...below, noDefault: 'inside additionalProperties applying to object metadata' } : below, errors)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMeta = (place.isRoot || isEmbedded(schema)) && objectFields.has(name)
    check(property, at.child('properties').key(name), isMeta ? { ...below, isInMeta: true, ...(place.isRoot ? { noDefault: `in top-level ${name}` } : {}) } : below, errors)
  }
  if (schema.not) check(schema.not, at.child('not'), below, errors)
  for (const name of ['allOf', 'oneOf', 'anyOf'] as const) schema[name]?.forEach((each, i) => check(each, at.child(name, i), below, errors))
  const items = itemsOf(schema)
  if (items) check(items, at.child('items'), below, errors)
  if (Array.isArray(schema.items)) schema.items.forEach((each, i) => check(each as JsonSchema, at.child('items', i), below, errors))
  errors.push(...checkMergeTypes(schema, at))
}

function checkOwn(schema: JsonSchema, at: FieldPath, { isInMeta, noDefault }: Place, errors: FieldError[]): void {
  const { type } = schema
  if (type && !types.includes(type)) errors.push(at.child('type').notSupported(type, types))
  if (schema.default !== undefined && noDefault !== undefined) errors.push(at.child('default').forbidden(`must not be set ${noDefault}`))
  for (const name of unsupported) {
    const value = schema[name]
    if (value !== undefined && (mayBeEmpty.has(name) || Object.keys(value as object | string).length > 0)) errors.push(at.child(name).forbidden(`${name} is not supported`))
  }
  if (type === 'null') errors.push(at.child('type').forbidden('type cannot be set to null, use nullable as an alternative'))
  if (Array.isArray(schema.items) && schema.items.length > 0) errors.push(at.child('items').forbidden('items must be a schema object and not an array'))
  if (isInMeta && isEmbedded(schema)) errors.push(at.child('x-kubernetes-embedded-resource').forbidden('must not be used inside of resource meta'))
  if (schema.uniqueItems) errors.push(at.child('uniqueItems').forbidden('uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.push(at.child('x-kubernetes-preserve-unknown-fields').invalid(false, 'must be true or undefined'))
}
