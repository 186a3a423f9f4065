import { equalJson } from '../../base/json.ts'
import { BadRegex, Regex } from '../../base/regex.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import { isObject } from '../schema-values.ts'
import { additionalOf, isEmbedded, isIntOrString, itemsOf, type JsonSchema, preserves, propertyOf } from './json-schema.ts'

/** Words of JSON Schema that a structure has no place for. */
const unsupported: ReadonlyArray<readonly [word: keyof JsonSchema, name: string]> = [
  ['id', 'id'], ['$schema', 'schema'], ['$ref', '$ref'], ['patternProperties', 'patternProperties'], ['dependencies', 'dependencies'], ['additionalItems', 'additionalItems'], ['definitions', 'definitions'],
]

/** Why a schema cannot even be read as a structure: NewStructural of apiextensions. */
export function notStructural(schema: JsonSchema): string | undefined {
  const word = unsupported.find(([name]) => isSaid(schema[name]))
  if (word) return `OpenAPIV3Schema '${word[1]}' is not supported`
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
  if (Array.isArray(schema.items)) return schema.items.length > 0 ? "OpenAPIV3Schema 'items' must be a schema, but is an array" : undefined
  const below = [...(schema.not ? [schema.not] : []), ...conditions.flatMap((name) => schema[name] ?? []), ...Object.values(schema.properties ?? {})]
  const [items, more] = [itemsOf(schema), additionalOf(schema)]
  if (items) below.push(items)
  if (typeof more === 'object') below.push(more)
  for (const each of below) {
    const found = notStructural(each)
    if (found !== undefined) return found
  }
  return undefined
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== '' && (!isObject(value) || Object.keys(value).length > 0)
const conditions = ['allOf', 'anyOf', 'oneOf'] as const

/** What a structure may not be, and whether all that conditions speak of is in it: ValidateStructural of apiextensions. */
export function checkStructural(schema: JsonSchema, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  checkPlace(schema, at, 'root', errors)
  checkCompleteness(schema, schema, at, at, errors)
  return errors
}

type Where = 'root' | 'items' | 'fields'

function checkPlace(schema: JsonSchema, at: FieldPath, where: Where, errors: FieldError[]): void {
  const items = itemsOf(schema)
  if (schema.type === 'array' && !items) errors.push(at.child('items').required('must be specified'))
  if (items) checkPlace(items, at.child('items'), 'items', errors)
  for (const [name, property] of Object.entries(schema.properties ?? {})) checkPlace(property, at.child('properties').key(name), 'fields', errors)
  const more = additionalOf(schema)
  if (where === 'root' && schema.additionalProperties !== undefined) errors.push(at.child('additionalProperties').forbidden('must not be used at the root'))
  if (typeof more === 'object') checkPlace(more, at.child('additionalProperties'), 'fields', errors)
  errors.push(...checkExtensions(schema, at))
  checkConditions(schema, at, errors, isEither(schema.anyOf), isEither(schema.allOf?.[0]?.anyOf))
  errors.push(...checkType(schema, at, where))
  if (where === 'root' || isEmbedded(schema)) errors.push(...checkWholeObject(schema, at.child('properties')))
  if (where === 'root') errors.push(...checkMetadata(propertyOf(schema, 'metadata'), at.child('properties').key('metadata')))
}

function checkExtensions(schema: JsonSchema, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (isIntOrString(schema) && preserves(schema)) errors.push(at.child('x-kubernetes-preserve-unknown-fields').invalid(true, 'must be false if x-kubernetes-int-or-string is true'))
  if (isIntOrString(schema) && isEmbedded(schema)) errors.push(at.child('x-kubernetes-embedded-resource').invalid(true, 'must be false if x-kubernetes-int-or-string is true'))
  if (isEmbedded(schema) && schema.additionalProperties !== undefined) errors.push(at.child('additionalProperties').forbidden('must not be used if x-kubernetes-embedded-resource is set'))
  if (isEmbedded(schema) && !preserves(schema) && Object.keys(schema.properties ?? {}).length === 0) {
    errors.push(at.child('properties').required('must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'))
  }
  return errors
}

const untyped: Readonly<Record<Where, string>> = { root: 'must not be empty at the root', items: 'must not be empty for specified array items', fields: 'must not be empty for specified object fields' }

function checkType(schema: JsonSchema, at: FieldPath, where: Where): FieldError[] {
  const here = at.child('type')
  const { type } = schema
  const errors: FieldError[] = []
  if (isEmbedded(schema) && type !== 'object') {
    errors.push(type ? here.invalid(type, 'must be object if x-kubernetes-embedded-resource is true') : here.required('must be object if x-kubernetes-embedded-resource is true'))
  } else if (!type && !isIntOrString(schema) && !preserves(schema)) errors.push(here.required(untyped[where]))
  if (where === 'root' && type && type !== 'object') errors.push(here.invalid(type, 'must be object at the root'))
  return errors
}

/** Every object has these; a schema may only say so. */
const checkWholeObject = (schema: JsonSchema, at: FieldPath): FieldError[] =>
  Object.entries({ kind: 'string', apiVersion: 'string', metadata: 'object' }).flatMap(([name, type]) => {
    const given = propertyOf(schema, name)
    return given && given.type !== type ? [at.key(name).child('type').invalid(given.type ?? '', `must be ${type}`)] : []
  })

function checkMetadata(metadata: JsonSchema | undefined, at: FieldPath): FieldError[] {
  const { type: _type, default: _default, properties: described = {}, ...more } = metadata ?? {}
  const others = Object.keys(more).length > 0 || Object.keys(described).some((name) => name !== 'name' && name !== 'generateName')
  return others ? [at.forbidden('must not specify anything other than name and generateName, but metadata is implicitly specified')] : []
}

/** `anyOf: [{type: integer}, {type: string}]` is how x-kubernetes-int-or-string is usually explained to other tools. */
const isEither = (choices: readonly JsonSchema[] | undefined): boolean => equalJson(choices, [{ type: 'integer' }, { type: 'string' }])

function checkConditions(schema: JsonSchema, at: FieldPath, errors: FieldError[], skipAnyOf = false, skipFirst = false): void {
  if (!skipAnyOf) schema.anyOf?.forEach((each, i) => checkCondition(each, at.child('anyOf', i), errors))
  schema.allOf?.forEach((each, i) => checkCondition(each, at.child('allOf', i), errors, skipFirst && i === 0))
  schema.oneOf?.forEach((each, i) => checkCondition(each, at.child('oneOf', i), errors))
  if (schema.not) checkCondition(schema.not, at.child('not'), errors)
  if (!schema.pattern) return
  try {
    void new Regex(schema.pattern)
  } catch (error) {
    if (!(error instanceof BadRegex)) throw error
    errors.push(at.child('pattern').invalid(schema.pattern, `must be a valid regular expression, but isn't: ${error.message}`))
  }
}

/** What only a structure may say, not the conditions below it, and what a condition must leave it at. */
const structuralOnly = {
  type: 'empty', default: 'undefined', title: 'empty', description: 'empty', nullable: 'false',
  'x-kubernetes-preserve-unknown-fields': 'false', 'x-kubernetes-embedded-resource': 'false', 'x-kubernetes-int-or-string': 'false',
  'x-kubernetes-list-map-keys': 'empty', 'x-kubernetes-list-type': 'undefined', 'x-kubernetes-map-type': 'undefined', 'x-kubernetes-validations': 'empty',
} as const

/** A condition may restrict what the structure describes, and nothing else. */
function checkCondition(condition: JsonSchema, at: FieldPath, errors: FieldError[], skipAnyOf = false): void {
  checkConditions(condition, at, errors, skipAnyOf)
  const items = itemsOf(condition)
  if (items) checkCondition(items, at.child('items'), errors)
  for (const [name, property] of Object.entries(condition.properties ?? {})) checkCondition(property, at.child('properties').key(name), errors)
  if (condition.additionalProperties !== undefined && condition.additionalProperties !== false) errors.push(at.child('additionalProperties').forbidden('must be undefined to be structural'))
  for (const [name, state] of Object.entries(structuralOnly)) {
    const value = condition[name as keyof typeof structuralOnly]
    if (name === 'default' ? value !== undefined : value && (!Array.isArray(value) || value.length > 0)) errors.push(at.child(name).forbidden(`must be ${state} to be structural`))
  }
  // what is said about metadata here would restrict it, which nobody may
  if (propertyOf(condition, 'metadata')) errors.push(at.child('properties').key('metadata').forbidden('must not be specified in a nested context'))
}

/** Whether what the conditions of a schema speak of is described; `said` is where they do. */
function checkCompleteness(condition: JsonSchema, described: JsonSchema, at: FieldPath, said: FieldPath, errors: FieldError[]): void {
  if (condition.not) checkDescribed(condition.not, described, at, said.child('not'), errors)
  for (const name of conditions) condition[name]?.forEach((each, i) => checkDescribed(each, described, at, said.child(name, i), errors))
}

function checkDescribed(condition: JsonSchema, described: JsonSchema | undefined, at: FieldPath, said: FieldPath, errors: FieldError[]): void {
  if (!described) return void errors.push(at.required(`because it is defined in ${said.toString()}`))
  checkCompleteness(condition, described, at, said, errors)
  const items = itemsOf(condition)
  if (items) checkDescribed(items, itemsOf(described), at.child('items'), said.child('items'), errors)
  for (const [name, property] of Object.entries(condition.properties ?? {})) {
    checkDescribed(property, propertyOf(described, name), at.child('properties').key(name), said.child('properties').key(name), errors)
  }
}
