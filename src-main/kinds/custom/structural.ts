import { BadRegex, Regex } from '../../base/regex.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth } from '../schemas.ts'
import { additionalOf, isEmbedded, isIntOrString, type JsonSchema, preserves } from './json-schema.ts'
import { pruneCustom } from './pruning.ts'
import { rules } from './cel-rules.ts'
import { checkStructure } from '../structure-walk.ts'
import { checkValue } from './values.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** Words of JSON Schema that Kubernetes does not take. */
const unsupported = ['$ref', '$schema', 'id', 'definitions', 'dependencies', 'patternProperties', 'additionalItems'] as const

/** What only a structure may say, not the conditions below it. */
const structuralOnly = ['default', 'nullable', 'additionalProperties', 'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource',
  'x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type', 'x-kubernetes-validations', 'type', 'description', 'title'] as const

/**
 * What keeps a schema from being structural, as apiextensions says it: every value of a known type, nothing that would be
 * read two ways, defaults that fit.
 */
export function checkSchema(schema: JsonSchema, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!schema.type) errors.push(at.child('type').required('must not be empty at the root'))
  else if (schema.type !== 'object') errors.push(at.child('type').invalid(schema.type, 'must be object at the root'))
  if (schema.nullable) errors.push(at.child('nullable').forbidden('nullable cannot be true at the root'))
  if (errors.length === 0) structure({ errors, depth: 0 }, schema, at, 'root')
  return errors.concat(restrictedMetadata(schema, at))
}

interface Walk {
  readonly errors: FieldError[]
  readonly depth: number
}

const deeper = ({ errors, depth }: Walk): Walk => ({ errors, depth: depth + 1 })

function structure(walk: Walk, schema: JsonSchema, at: FieldPath, where: 'root' | 'fields' | 'items'): void {
  const { errors, depth } = walk
  if (depth > maxDepth || errors.length > 100) return
  if (where === 'items' && !wellFormed(schema, at, errors)) return
  checkType(schema, at, where, errors)
  checkWords(schema, at, errors)
  checkExtensions(schema, at, errors)
  if (schema['x-kubernetes-validations']?.length) errors.push(...rules().checkRules(schema, at))
  const more = schema.additionalProperties
  if (more !== undefined && more !== false && schema.properties && Object.keys(schema.properties).length > 0) {
    errors.push(at.child('additionalProperties').forbidden('additionalProperties and properties are mutual exclusive'))
  }
  if (more === false && where === 'root') errors.push(at.child('additionalProperties').forbidden('must not be used at the root'))
  else if (more === false) errors.push(at.child('additionalProperties').forbidden('additionalProperties cannot be set to false'))
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    // the server describes these itself
    if (where === 'root' && ['apiVersion', 'kind', 'metadata'].includes(name)) continue
    structure(deeper(walk), property, at.child('properties').key(name), 'fields')
  }
  const additional = additionalOf(schema)
  if (typeof additional === 'object' && wellFormed(additional, at.child('additionalProperties'), errors)) structure(deeper(walk), additional, at.child('additionalProperties'), 'fields')
  checkItems(walk, schema, at)
  checkDefault(schema, at, errors)
  for (const [path, condition] of conditionsOf(schema, at)) checkCondition(deeper(walk), condition, schema, path, isIntOrString(schema))
}

/** Below `items` and `additionalProperties` Kubernetes' own types say nothing, so nobody has looked at them yet. */
function wellFormed(schema: JsonSchema, at: FieldPath, errors: FieldError[]): boolean {
  const wrong = checkStructure(propsSchema, schema).errors
  errors.push(...wrong.map((error) => ({ ...error, field: `${at.toString()}.${error.field}` })))
  return wrong.length === 0
}

const propsSchema = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'

function checkType(schema: JsonSchema, at: FieldPath, where: string, errors: FieldError[]): void {
  const { type } = schema
  if (isIntOrString(schema)) {
    if (type) errors.push(at.child('type').invalid(type, 'must be empty if x-kubernetes-int-or-string is true'))
    return
  }
  if (!type) {
    if (!preserves(schema)) errors.push(at.child('type').required(`must not be empty for specified ${where === 'items' ? 'array items' : 'object fields'}`))
  } else if (!types.includes(type)) errors.push(at.child('type').notSupported(type, types))
}

function checkWords(schema: JsonSchema, at: FieldPath, errors: FieldError[]): void {
  for (const name of unsupported) if (schema[name] !== undefined) errors.push(at.child(name).forbidden(`${name} is not supported`))
  if (schema.uniqueItems) errors.push(at.child('uniqueItems').forbidden('uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
  if (schema.pattern === undefined) return
  try {
    void new Regex(schema.pattern)
  } catch (error) {
    if (!(error instanceof BadRegex)) throw error
    errors.push(at.child('pattern').invalid(schema.pattern, `must be a valid regular expression, but isn't: ${error.message}`))
  }
}

function checkExtensions(schema: JsonSchema, at: FieldPath, errors: FieldError[]): void {
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    errors.push(at.child('x-kubernetes-preserve-unknown-fields').invalid(false, 'must be true or undefined'))
  }
  if (isEmbedded(schema)) {
    if (schema.type !== 'object') errors.push(at.child('type').invalid(schema.type ?? '', 'must be object if x-kubernetes-embedded-resource is true'))
    if (!preserves(schema) && Object.keys(schema.properties ?? {}).length === 0) {
      errors.push(at.child('properties').required('must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'))
    }
  }
  checkListType(schema, at, errors)
  const mapType = schema['x-kubernetes-map-type']
  if (mapType === undefined) return
  if (schema.type !== 'object') errors.push(at.child('type').invalid(schema.type ?? '', 'must be object if x-kubernetes-map-type is specified'))
  if (mapType !== 'atomic' && mapType !== 'granular') errors.push(at.child('x-kubernetes-map-type').notSupported(mapType, ['atomic', 'granular']))
}

function checkListType(schema: JsonSchema, at: FieldPath, errors: FieldError[]): void {
  const type = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const keysAt = at.child('x-kubernetes-list-map-keys')
  if (type === undefined) {
    if (keys.length > 0) errors.push(at.child('x-kubernetes-list-type').required('must be map if x-kubernetes-list-map-keys is non-empty'))
    return
  }
  if (schema.type !== 'array') errors.push(at.child('type').invalid(schema.type ?? '', 'must be array if x-kubernetes-list-type is specified'))
  if (!['atomic', 'set', 'map'].includes(type)) errors.push(at.child('x-kubernetes-list-type').notSupported(type, ['atomic', 'set', 'map']))
  const items = schema.items as JsonSchema | undefined
  if (type === 'set' && items && (items.type === 'object' ? items['x-kubernetes-map-type'] !== 'atomic' : items.type === 'array' && (items['x-kubernetes-list-type'] ?? 'atomic') !== 'atomic')) {
    const [name, value] = items.type === 'object' ? ['x-kubernetes-map-type', items['x-kubernetes-map-type']] : ['x-kubernetes-list-type', items['x-kubernetes-list-type']]
    errors.push(at.child('items').child(name!).invalid(value ?? null, 'must be atomic as item of a list with x-kubernetes-list-type=set'))
  }
  if (type !== 'map') {
    if (keys.length > 0) errors.push(keysAt.forbidden('must not be specified if x-kubernetes-list-type is not map'))
    return
  }
  if (keys.length === 0) errors.push(keysAt.required('must not be empty if x-kubernetes-list-type is map'))
  keys.forEach((key, i) => {
    const property = items?.properties && Object.hasOwn(items.properties, key) ? items.properties[key] : undefined
    if (!property) errors.push(keysAt.child(i).invalid(key, 'entries must all be names of item properties'))
    else if (property.type === 'array' || property.type === 'object') errors.push(at.child('items', 'properties').key(key).child('type').invalid(property.type, 'must be a scalar type if parent array\'s x-kubernetes-list-type is map'))
    else if (property.default === undefined && !items?.required?.includes(key)) {
      errors.push(at.child('items', 'properties').key(key).child('default').required('this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'))
    }
    if (keys.indexOf(key) !== i) errors.push(keysAt.child(i).duplicate(key))
  })
}

function checkItems(walk: Walk, schema: JsonSchema, at: FieldPath): void {
  if (Array.isArray(schema.items)) walk.errors.push(at.child('items').forbidden('items must be a schema object and not an array'))
  else if (isObject(schema.items)) structure(deeper(walk), schema.items as JsonSchema, at.child('items'), 'items')
  else if (schema.type === 'array') walk.errors.push(at.child('items').required('must be specified'))
}

function checkDefault(schema: JsonSchema, at: FieldPath, errors: FieldError[]): void {
  if (schema.default === undefined) return
  const path = at.child('default')
  const holder = { value: structuredClone(schema.default) }
  const [dropped] = pruneCustom({ type: 'object', properties: { value: schema } }, holder)
  if (dropped !== undefined) errors.push(path.invalid(schema.default, `must not have unknown fields: ${dropped.replace(/^value\.?/, '')}`))
  for (const { field, reason, message } of checkValue(schema, schema.default)) errors.push({ field: `${path.toString()}${field === '<nil>' ? '' : `.${field}`}`, reason, message })
}

function conditionsOf(schema: JsonSchema, at: FieldPath): Array<[FieldPath, JsonSchema]> {
  const of = (name: 'allOf' | 'anyOf' | 'oneOf') => (schema[name] ?? []).map((each, i): [FieldPath, JsonSchema] => [at.child(name, i), each])
  return [...of('allOf'), ...of('anyOf'), ...of('oneOf'), ...(schema.not ? [[at.child('not'), schema.not] as [FieldPath, JsonSchema]] : [])]
}

/** A condition may restrict what the structure describes, and nothing else. */
function checkCondition(walk: Walk, condition: JsonSchema, described: JsonSchema | undefined, at: FieldPath, intOrString: boolean): void {
  if (walk.depth > maxDepth || walk.errors.length > 100) return
  checkWords(condition, at, walk.errors)
  for (const name of structuralOnly) {
    // x-kubernetes-int-or-string is usually written with an anyOf of both types
    if (condition[name] === undefined || (name === 'type' && intOrString)) continue
    walk.errors.push(at.child(name).forbidden('must be empty to be structural'))
  }
  for (const [name, property] of Object.entries(condition.properties ?? {})) {
    const path = at.child('properties').key(name)
    const own = described?.properties && Object.hasOwn(described.properties, name) ? described.properties[name] : undefined
    const additional = described ? additionalOf(described) : undefined
    const known = own ?? (typeof additional === 'object' ? additional : undefined)
    if (!known && described && !preserves(described) && additional !== true) walk.errors.push(missing(path))
    checkCondition(deeper(walk), property, known, path, known !== undefined && isIntOrString(known))
  }
  if (isObject(condition.items) && wellFormed(condition.items as JsonSchema, at.child('items'), walk.errors)) {
    const items = described && isObject(described.items) ? (described.items as JsonSchema) : undefined
    checkCondition(deeper(walk), condition.items as JsonSchema, items, at.child('items'), items !== undefined && isIntOrString(items))
  }
  for (const [path, nested] of conditionsOf(condition, at)) checkCondition(deeper(walk), nested, described, path, intOrString)
}

function missing(path: FieldPath): FieldError {
  const plain = path.toString().replaceAll(/\.(allOf|anyOf|oneOf)\[\d+\]|\.not(?=\.)/g, '')
  return { field: plain, reason: 'FieldValueRequired', message: `Required value: because it is defined in ${path.toString()}` }
}

function restrictedMetadata({ properties }: JsonSchema, at: FieldPath): FieldError[] {
  const metadata = properties && Object.hasOwn(properties, 'metadata') ? properties['metadata'] : undefined
  const path = at.child('properties').key('metadata')
  const others = Object.keys(metadata?.properties ?? {}).some((name) => name !== 'name' && name !== 'generateName')
  return others ? [path.forbidden('must not specify anything other than name and generateName, but metadata is implicitly specified')] : []
}
