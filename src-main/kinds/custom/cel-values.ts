import type { Environment } from '@marcbachmann/cel-js'
import { isObject } from '../schema-values.ts'
import { baseEnvironment } from '../cel/admission.ts'
import { celName, isKeyword, isNameable } from '../cel/field-names.ts'
import { additionalOf, isEmbedded, isIntOrString, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'
import { sizedSchema } from './schema-sizes.ts'

/** A schema as rules see it: its type in CEL, and values of it. */
export interface CelType {
  readonly name: string
  value(json: unknown): unknown
}

/** What a rule may say about a schema: the type of `self`, declared in an environment of its own. */
export interface TypedSelf {
  readonly env: Environment
  readonly type: CelType
}

/** Objects of one schema; each schema has a constructor of its own, by which the library knows the type. */
class Fields extends Map<string, unknown> {}

export function typedSelf(schema: JsonSchema, isRoot: boolean): TypedSelf {
  const env = baseEnvironment.clone()
  return { env, type: new Types(env).of(schema, 'self_', isRoot) }
}

/** Each takes about 0.1 ms to declare; what a larger schema has beyond is not checked before the run. */
const mostTypes = 400

class Types {
  readonly #env: Environment
  #left = mostTypes

  constructor(env: Environment) {
    this.#env = env
  }

  of(schema: JsonSchema, name: string, isWhole = isEmbedded(schema)): CelType {
    const type = this.#plain(schema, name, isWhole)
    // what may be null is of no type that CEL could check
    return schema.nullable ? { name: 'dyn', value: (json) => (json === null ? null : type.value(json)) } : type
  }

  #plain(schema: JsonSchema, name: string, isWhole: boolean): CelType {
    if (isIntOrString(schema)) return anything
    switch (schema.type) {
      case 'string':
        return stringTypes.get(schema.format ?? '') ?? { name: 'string', value: (json) => json }
      case 'integer':
        return { name: 'int', value: (json) => (typeof json === 'number' && Number.isInteger(json) ? BigInt(json) : json) }
      case 'number':
        return { name: 'double', value: (json) => (typeof json === 'bigint' ? Number(json) : json) }
      case 'boolean':
        return { name: 'bool', value: (json) => json }
      case 'array': {
        const items = this.of(itemsOf(schema) ?? {}, `${name}.items_`)
        return { name: `list<${items.name}>`, value: (json) => (Array.isArray(json) ? json.map((item) => items.value(item)) : json) }
      }
      case 'object':
        return this.#object(schema, name, isWhole)
      default:
        return anything
    }
  }

  #object(schema: JsonSchema, name: string, isWhole: boolean): CelType {
    const more = additionalOf(schema)
    if (typeof more === 'object' && !isWhole) {
      const values = this.of(more, `${name}.values_`)
      return { name: `map<string, ${values.name}>`, value: (json) => (isObject(json) ? new Map(Object.entries(json).map(([key, each]) => [key, values.value(each)])) : json) }
    }
    if (--this.#left < 0) return anything
    // rules may compare it, and see nothing of what nobody describes
    if (!schema.properties && !isWhole) return this.#struct(name, new Map(), true)
    const fields = new Map<string, readonly [cel: string, type: CelType]>()
    for (const key of Object.keys(schema.properties ?? {})) {
      const property = propertyOf(schema, key)!
      fields.set(key, [celName(key), isNameable(key) && sizedSchema(property) ? this.of(property, `${name}.${celName(key)}`) : unseen])
    }
    if (isWhole) {
      fields.set('apiVersion', ['apiVersion', text]).set('kind', ['kind', text]).set('metadata', ['metadata', this.#struct(`${name}.metadata`, names)])
    }
    return this.#struct(name, fields)
  }

  #struct(name: string, fields: ReadonlyMap<string, readonly [cel: string, type: CelType]>, isOpen = false): CelType {
    const Struct = class extends Fields {}
    this.#env.registerType(name, { ctor: Struct, fields: Object.fromEntries([...fields].filter(([, [, type]]) => type !== unseen).flatMap(([key, [cel, type]]) => namesOf(key, cel).map((each) => [each, type.name]))) })
    this.#env.registerOperator(`${name} == ${name}`, (a: unknown, b: unknown) => keyOf(a) === keyOf(b))
    const value = (json: unknown): unknown => {
      if (!isObject(json)) return json
      const struct = new Struct()
      if (isOpen) for (const [key, each] of Object.entries(json)) struct.set(key, untyped(each))
      for (const [key, [cel, type]] of fields) if (Object.hasOwn(json, key)) {
        const made = type.value(json[key])
        for (const each of namesOf(key, cel)) struct.set(each, made)
      }
      return struct
    }
    return { name, value }
  }
}

const namesOf = (key: string, cel: string): readonly string[] => (isKeyword(key) ? [cel, key] : [cel])

const text: CelType = { name: 'string', value: (json) => json }
/** Of the metadata rules see the names alone. */
const names = new Map([['name', ['name', text] as const], ['generateName', ['generateName', text] as const]])

const anything: CelType = { name: 'dyn', value: untyped }
/** A field that rules cannot name; whole objects that differ in it differ. */
const unseen: CelType = { name: 'dyn', value: untyped }

const time: CelType = { name: 'google.protobuf.Timestamp', value: (json) => (typeof json === 'string' ? new Date(json) : json) }
const stringTypes: ReadonlyMap<string, CelType> = new Map([
  ['date', time],
  ['date-time', time],
  ['byte', { name: 'bytes', value: (json) => (typeof json === 'string' ? Buffer.from(json, 'base64') : json) }],
  ['duration', { name: 'google.protobuf.Duration', value: (json) => (typeof json === 'string' ? duration({ text: json }) : json) }],
])

const duration = baseEnvironment.clone().registerVariable('text', 'string').parse('duration(text)')

/** A value of which no schema says anything. */
function untyped(json: unknown): unknown {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json
  if (Array.isArray(json)) return json.map(untyped)
  return isObject(json) ? new Map(Object.entries(json).map(([key, value]) => [key, untyped(value)])) : (json ?? null)
}

const keyOf = (value: unknown): string => JSON.stringify(value, function (this: Record<string, unknown>, name, each: unknown) {
  // what stands there itself, since an integer has been made JSON by now
  const own = this[name]
  return typeof own === 'bigint' ? `${own}n` : each instanceof Map ? [...(each as Map<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1)) : each
})

/** The same value for expressions that were not checked against the schema. */
export const withoutTypes = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutTypes)
  return value instanceof Map ? new Map([...(value as Map<unknown, unknown>)].map(([key, each]) => [key, withoutTypes(each)])) : value
}
