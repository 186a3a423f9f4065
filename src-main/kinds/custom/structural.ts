import { equalJson } from '../../base/json.ts'
import { BadRegex, Regex } from '../../base/regex.ts'
import { type FieldError, FieldPath } from '../field-error.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth } from '../schemas.ts'
import { additionalOf, isEmbedded, isIntOrString, type JsonSchema, objectFields, preserves, propertyOf } from './json-schema.ts'
import { checkMergeTypes } from './list-types.ts'
import { pruneCustom } from './pruning.ts'
import { definitions } from './cel-rules.ts'
import { rulePlaces } from './rule-places.ts'
import { checkStructure } from '../structure-walk.ts'
import { checkValue } from './values.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** Words of JSON Schema that Kubernetes does not take. */
const unsupported = ['$ref', '$schema', 'id', 'definitions', 'dependencies', 'patternProperties', 'additionalItems'] as const

/** What only a structure may say, not the conditions below it, and what a condition must leave it at. */
const structuralOnly = {
  type: 'empty', additionalProperties: 'undefined', default: 'undefined', title: 'empty', description: 'empty', nullable: 'false',
  'x-kubernetes-preserve-unknown-fields': 'false', 'x-kubernetes-embedded-resource': 'false', 'x-kubernetes-int-or-string': 'false',
  'x-kubernetes-list-map-keys': 'empty', 'x-kubernetes-list-type': 'undefined', 'x-kubernetes-map-type': 'undefined', 'x-kubernetes-validations': 'empty',
} as const

/**
 * What keeps a schema from being structural, as apiextensions says it: every value of a known type, nothing that would be
 * read two ways, defaults that fit.
 */
export function checkSchema(schema: JsonSchema, at: FieldPath): FieldError[] {
  const errors = checkWithoutRules(schema, at)
  const places = rulePlaces(schema, at)
  return places.length === 0 ? errors : errors.concat(definitions().checkRules(places, at, errors.length === 0))
}

/** Reads the rules of a schema that `checkSchema` is about to be asked about, while others go on. */
export async function readRulesAhead(schema: JsonSchema): Promise<void> {
  const at = new FieldPath()
  const places = rulePlaces(schema, at)
  if (places.length > 0 && checkWithoutRules(schema, at).length === 0) await definitions().readAhead(places)
}

function checkWithoutRules(schema: JsonSchema, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!schema.type && !isIntOrString(schema) && !preserves(schema)) errors.push(at.child('type').required('must not be empty at the root'))
  else if (schema.type && schema.type !== 'object') errors.push(at.child('type').invalid(schema.type, 'must be object at the root'))
  if (schema.nullable) errors.push(at.child('nullable').forbidden('nullable cannot be true at the root'))
  if (errors.length === 0) structure({ errors, depth: 0 }, schema, at, 'root')
  return errors.concat(restrictedMetadata(schema, at))
}

interface Walk {
  readonly errors: FieldError[]
  readonly depth: number
  /** Within the type or the metadata of a whole object, of which a schema describes only some fields. */
  readonly inObjectFields?: boolean
  /** Where there must be no default. */
  readonly noDefault?: string
}

const deeper = (walk: Walk): Walk => ({ ...walk, depth: walk.depth + 1 })

function structure(walk: Walk, schema: JsonSchema, at: FieldPath, where: 'root' | 'fields' | 'items'): void {
  const { errors, depth } = walk
  if (depth > maxDepth || errors.length > 100) return
  if (where === 'items' && !wellFormed(schema, at, errors)) return
  checkType(schema, at, where, errors)
  checkWords(schema, at, errors)
  checkExtensions(schema, at, errors)
  const more = schema.additionalProperties
  if (more !== undefined && schema.properties && Object.keys(schema.properties).length > 0) {
    errors.push(at.child('additionalProperties').forbidden('additionalProperties and properties are mutual exclusive'))
  }
  if (more !== undefined && where === 'root') errors.push(at.child('additionalProperties').forbidden('must not be used at the root'))
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isOwn = (where === 'root' || isEmbedded(schema)) && objectFields.has(name)
    const inObjectFields = isEmbedded(schema) ? isOwn : isOwn || walk.inObjectFields === true
    const noDefault = where === 'root' && isOwn ? `in top-level ${name}` : walk.noDefault
    structure({ ...deeper(walk), inObjectFields, noDefault }, property, at.child('properties').key(name), 'fields')
  }
  const additional = additionalOf(schema)
  if (typeof additional === 'object' && wellFormed(additional, at.child('additionalProperties'), errors)) {
    const noDefault = walk.inObjectFields ? 'inside additionalProperties applying to object metadata' : walk.noDefault
    structure({ ...deeper(walk), noDefault }, additional, at.child('additionalProperties'), 'fields')
  }
  if (walk.inObjectFields && isEmbedded(schema)) errors.push(at.child('x-kubernetes-embedded-resource').forbidden('must not be used inside of resource meta'))
  checkItems(walk, schema, at)
  checkDefault(walk, schema, at)
  if (where === 'root' || isEmbedded(schema)) errors.push(...checkObjectFields(schema, at.child('properties')))
  for (const [path, condition] of conditionsOf(schema, at)) checkCondition(deeper(walk), condition, where === 'root' ? schema : undefined, path)
}

/** Below `items` and `additionalProperties` Kubernetes' own types say nothing, so nobody has looked at them yet. */
function wellFormed(schema: JsonSchema, at: FieldPath, errors: FieldError[]): boolean {
  const wrong = checkStructure(propsSchema, schema).errors
  errors.push(...wrong.map((error) => ({ ...error, field: `${at.toString()}.${error.field}` })))
  return wrong.length === 0
}

const propsSchema = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'

/** Every object has these; a schema may only say so. */
function checkObjectFields({ properties = {} }: JsonSchema, at: FieldPath): FieldError[] {
  return Object.entries({ kind: 'string', apiVersion: 'string', metadata: 'object' }).flatMap(([name, type]) => {
    const given = Object.hasOwn(properties, name) ? properties[name] : undefined
    return given && given.type !== type ? [at.key(name).child('type').invalid(given.type ?? '', `must be ${type}`)] : []
  })
}

function checkType(schema: JsonSchema, at: FieldPath, where: string, errors: FieldError[]): void {
  const { type } = schema
  if (isEmbedded(schema) && type !== 'object') {
    const here = at.child('type')
    errors.push(type ? here.invalid(type, 'must be object if x-kubernetes-embedded-resource is true') : here.required('must be object if x-kubernetes-embedded-resource is true'))
    return
  }
  if (type === 'null') errors.push(at.child('type').forbidden('type cannot be set to null, use nullable as an alternative'))
  if (!type) {
    if (!preserves(schema) && !isIntOrString(schema) && where !== 'root') errors.push(at.child('type').required(`must not be empty for specified ${where === 'items' ? 'array items' : 'object fields'}`))
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
  if (isIntOrString(schema) && preserves(schema)) errors.push(at.child('x-kubernetes-preserve-unknown-fields').invalid(true, 'must be false if x-kubernetes-int-or-string is true'))
  if (isIntOrString(schema) && isEmbedded(schema)) errors.push(at.child('x-kubernetes-embedded-resource').invalid(true, 'must be false if x-kubernetes-int-or-string is true'))
  if (isEmbedded(schema)) {
    if (schema.additionalProperties !== undefined) errors.push(at.child('additionalProperties').forbidden('must not be used if x-kubernetes-embedded-resource is set'))
    if (!preserves(schema) && Object.keys(schema.properties ?? {}).length === 0) {
      errors.push(at.child('properties').required('must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'))
    }
  }
  errors.push(...checkMergeTypes(schema, at))
}

function checkItems(walk: Walk, schema: JsonSchema, at: FieldPath): void {
  if (Array.isArray(schema.items)) walk.errors.push(at.child('items').forbidden('items must be a schema object and not an array'))
  else if (isObject(schema.items)) structure(deeper(walk), schema.items as JsonSchema, at.child('items'), 'items')
  else if (schema.type === 'array') walk.errors.push(at.child('items').required('must be specified'))
}

function checkDefault({ errors, inObjectFields, noDefault }: Walk, schema: JsonSchema, at: FieldPath): void {
  if (schema.default === undefined) return
  const path = at.child('default')
  if (noDefault) return void errors.push(path.forbidden(`must not be set ${noDefault}`))
  const holder = { value: structuredClone(schema.default) }
  const [dropped] = pruneCustom({ type: 'object', properties: { value: schema } }, holder)
  if (dropped !== undefined && !inObjectFields) errors.push(path.invalid(schema.default, 'must not have unknown fields'))
  for (const { field, reason, message } of checkValue(schema, schema.default)) errors.push({ field: `${path.toString()}${field === '<nil>' ? '' : `.${field}`}`, reason, message })
}

/** `anyOf: [{type: integer}, {type: string}]` is how x-kubernetes-int-or-string is usually explained to other tools. */
const eitherType = (conditions: readonly JsonSchema[] | undefined): boolean => equalJson(conditions, [{ type: 'integer' }, { type: 'string' }])

function conditionsOf(schema: JsonSchema, at: FieldPath): Array<[FieldPath, JsonSchema]> {
  const of = (name: 'allOf' | 'anyOf' | 'oneOf') => (schema[name] ?? []).map((each, i): [FieldPath, JsonSchema] => [at.child(name, i), each])
  const all = of('allOf').map(([path, each], i): [FieldPath, JsonSchema] => (i === 0 && eitherType(each.anyOf) ? [path, { ...each, anyOf: undefined }] : [path, each]))
  return [...all, ...(eitherType(schema.anyOf) ? [] : of('anyOf')), ...of('oneOf'), ...(schema.not ? [[at.child('not'), schema.not] as [FieldPath, JsonSchema]] : [])]
}

/** A condition may restrict what the structure describes, and nothing else. */
function checkCondition(walk: Walk, condition: JsonSchema, described: JsonSchema | undefined, at: FieldPath): void {
  if (walk.depth > maxDepth || walk.errors.length > 100) return
  checkWords(condition, at, walk.errors)
  walk.errors.push(...checkMergeTypes(condition, at))
  for (const [name, state] of Object.entries(structuralOnly)) {
    if (condition[name as keyof typeof structuralOnly] !== undefined) walk.errors.push(at.child(name).forbidden(`must be ${state} to be structural`))
  }
  for (const [name, property] of Object.entries(condition.properties ?? {})) {
    const path = at.child('properties').key(name)
    // what is said about metadata here would restrict it, which nobody may
    if (name === 'metadata') walk.errors.push(path.forbidden('must not be specified in a nested context'))
    const known = described && propertyOf(described, name)
    if (described && !known) walk.errors.push(missing(path))
    checkCondition(deeper(walk), property, known, path)
  }
  if (isObject(condition.items) && wellFormed(condition.items as JsonSchema, at.child('items'), walk.errors)) {
    const items = described && isObject(described.items) ? (described.items as JsonSchema) : undefined
    checkCondition(deeper(walk), condition.items as JsonSchema, items, at.child('items'))
  }
  for (const [path, nested] of conditionsOf(condition, at)) checkCondition(deeper(walk), nested, described, path)
}

function missing(path: FieldPath): FieldError {
  const plain = path.toString().replaceAll(/\.(allOf|anyOf|oneOf)\[\d+\]|\.not(?=\.)/g, '')
  return { field: plain, reason: 'FieldValueRequired', message: `Required value: because it is defined in ${path.toString()}` }
}

function restrictedMetadata({ properties }: JsonSchema, at: FieldPath): FieldError[] {
  const metadata = properties && Object.hasOwn(properties, 'metadata') ? properties['metadata'] : undefined
  const path = at.child('properties').key('metadata')
  const { type: _type, default: _default, properties: described = {}, ...more } = metadata ?? {}
  const others = Object.keys(more).length > 0 || Object.keys(described).some((name) => name !== 'name' && name !== 'generateName')
  return others ? [path.forbidden('must not specify anything other than name and generateName, but metadata is implicitly specified')] : []
}
