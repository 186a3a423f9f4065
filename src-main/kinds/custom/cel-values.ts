import type { Environment } from '../../base/cel/declarations.ts'
import { parseDuration, parseTimestamp } from '../../base/cel/times.ts'
import * as t from '../../base/cel/types.ts'
import type { Type } from '../../base/cel/types.ts'
import { Failure } from '../../base/cel/values.ts'
import { baseEnvironment } from '../cel/admission.ts'
import { celName, isKeyword, isNameable } from '../cel/field-names.ts'
import { isObject } from '../schema-values.ts'
import { additionalOf, isEmbedded, isIntOrString, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'
import { Entries, type Fields, KeyedList, SetList, Struct } from './rule-objects.ts'
import { saysAll, sizedSchema } from './schema-sizes.ts'

/** A schema as rules see it: its type in CEL, and values of it. */
export interface CelType {
  readonly type: Type
  value(json: unknown): unknown
}

/** What a rule may say about a schema, and values of it. */
export interface TypedSelf {
  readonly env: Environment
  readonly self: CelType
}

/** `optionalOldSelf`: there may be nothing before. */
export function typedSelf(schema: JsonSchema, isRoot: boolean): TypedSelf {
  return { env: baseEnvironment, self: typeOf(schema, 'selfType', isRoot) }
}

function typeOf(schema: JsonSchema, name: string, isWhole = isEmbedded(schema)): CelType {
  const { type, value } = plainType(schema, name, isWhole)
  return { type, value: (json) => (json === null ? (schema.nullable ? null : noNull) : value(json)) }
}

function plainType(schema: JsonSchema, name: string, isWhole: boolean): CelType {
  if (isIntOrString(schema)) return anything
  switch (schema.type) {
    case 'string':
      return texts.get(schema.format ?? '') ?? text
    case 'integer':
      return integer
    case 'number':
      return number
    case 'boolean':
      return { type: t.bool, value: (json) => json }
    case 'array':
      return listType(schema, name)
    case 'object':
      return objectType(schema, name, isWhole)
    default:
      return anything
  }
}

function listType(schema: JsonSchema, name: string): CelType {
  const items = typeOf(itemsOf(schema) ?? {}, `${name}.@idx`)
  const listKind = schema['x-kubernetes-list-type']
  const keys = (schema['x-kubernetes-list-map-keys'] ?? []).map(celName)
  return {
    type: t.list(items.type),
    value(json) {
      if (!Array.isArray(json)) return unfit('an array', 'array')
      const made = json.map((item) => items.value(item))
      return listKind === 'set' ? SetList.made(made) : listKind === 'map' ? KeyedList.made(made, keys) : made
    },
  }
}

function objectType(schema: JsonSchema, name: string, isWhole: boolean): CelType {
  const more = additionalOf(schema)
  if (typeof more === 'object' && !isWhole) {
    const values = typeOf(more, `${name}.@elem`)
    return { type: t.map(t.string, values.type), value: (json) => (isObject(json) ? new Entries(json, values) : unfit('a map', 'object')) }
  }
  return structType(name, new SchemaFields(schema, name, isWhole && !saysAll(schema)))
}

const structType = (name: string, fields: Fields): CelType => ({ type: t.struct(name, (field) => fields.named(field)?.type), value: (json) => (isObject(json) ? new Struct(json, fields) : unfit('a map', 'object')) })

/** The schema is looked at before; this is for what got past. */
const noNull = new Failure('invalid data, got null for schema with nullable=false')
const unfit = (expected: string, type: string): Failure => new Failure(`invalid data, expected ${expected} for the provided schema with type=${type}`)

const text: CelType = { type: t.string, value: (json) => json }

/** The fields that a schema describes, each looked at when it is first asked for. */
class SchemaFields implements Fields {
  readonly #schema: JsonSchema
  readonly #name: string
  readonly #isWhole: boolean
  /** By the name that rules have for it. */
  readonly #keys = new Map<string, string>()
  readonly #known = new Map<string, CelType | undefined>()

  constructor(schema: JsonSchema, name: string, isWhole: boolean) {
    this.#schema = schema
    this.#name = name
    this.#isWhole = isWhole
    for (const key of [...Object.keys(schema.properties ?? {}), ...(isWhole ? ['apiVersion', 'kind', 'metadata'] : [])]) {
      this.#keys.set(celName(key), key)
      if (isKeyword(key)) this.#keys.set(key, key)
    }
  }

  keyOf(name: string): string | undefined {
    return this.#keys.get(name)
  }

  named(name: string): CelType | undefined {
    const key = this.#keys.get(name)
    return key === undefined ? undefined : this.at(key)
  }

  at(key: string): CelType | undefined {
    if (!this.#known.has(key)) this.#known.set(key, this.#find(key))
    return this.#known.get(key)
  }

  #find(key: string): CelType | undefined {
    // every whole object has these, and of the metadata rules see the names alone
    if (this.#isWhole && (key === 'apiVersion' || key === 'kind')) return text
    if (this.#isWhole && key === 'metadata') return structType(`${this.#name}.metadata`, names)
    const property = propertyOf(this.#schema, key)
    return property && isNameable(key) && sizedSchema(property) ? typeOf(property, `${this.#name}.${celName(key)}`) : undefined
  }
}

const isName = (name: string): boolean => name === 'name' || name === 'generateName'
const names: Fields = { keyOf: (name) => (isName(name) ? name : undefined), named: (name) => (isName(name) ? text : undefined), at: (key) => (isName(key) ? text : undefined) }

const whole = (json: unknown): unknown => (typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : json)
const integer: CelType = { type: t.int, value: whole }
const number: CelType = { type: t.double, value: (json) => (typeof json === 'bigint' ? Number(json) : json) }
/** A whole number or a text. */
const anything: CelType = {
  type: t.dyn,
  value: (json) => (['string', 'number', 'bigint'].includes(typeof json) ? whole(json) : new Failure('invalid data, expected XIntOrString value to be either a string or integer')),
}

const reader = (type: Type, read: (json: string) => unknown): CelType => ({ type, value: (json) => (typeof json === 'string' ? read(json) : json) })

/** Of a date the midnight that begins it. */
const timeOf = (json: string): unknown => parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(json) ? `${json}T00:00:00Z` : json)

const texts: ReadonlyMap<string, CelType> = new Map([
  ['date', reader(t.timestamp, timeOf)],
  ['date-time', reader(t.timestamp, timeOf)],
  ['byte', reader(t.bytes, (json) => Uint8Array.from(Buffer.from(json, 'base64')))],
  ['duration', reader(t.duration, (json) => parseDuration(json) ?? new Failure(`Invalid duration ${json}`))],
])
