import { goBase64Mistake } from '../base/go-base64.ts'
import { goTimeMistake } from '../base/go-time.ts'
import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts'
import { notAQuantity } from '../base/quantity-text.ts'
import type { FieldError } from './field-error.ts'
import goNames from './generated/go-names.json' with { type: 'json' }
import { heldType } from './held-schemas.ts'
import type { FieldSchema } from './schema.ts'
import { schemas } from './schemas.ts'
import { notSchemaOrBool } from './structure-walk.ts'

/** What Go's decoder says of the first value that is not of its type: `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32` */
export function decoderSentence(schema: string, error: FieldError, object?: unknown): string {
  if (error.message.endsWith(`: ${notSchemaOrBool}`)) return notSchemaOrBool
  const time = /^Invalid value: ("(?:[^"\\]|\\.)*"): must be a time as RFC 3339 /.exec(error.message)?.[1]
  const place = fieldAt(schema, error.field, object)
  if (time !== undefined) return goTimeMistake(JSON.parse(time) as string, place.schema.type === 'microtime' ? 6 : 0)
  if (place.schema.type === 'bytes' && typeof place.value === 'string') return goBase64Mistake(place.value) ?? error.message
  const actual = /: "(\w+)"$/.exec(error.message)?.[1]
  const isNumber = wholeNumbers.has(place.schema.type) && ['number', 'bigint'].includes(typeof place.value)
  if ((error.reason !== 'FieldValueTypeInvalid' || actual === undefined) && !isNumber) {
    const sentence = error.message.replace(/^Invalid value: (?:"(?:[^"\\]|\\.)*"|[^:]*): /, '')
    return place.schema.type === 'quantity' ? sentence : `${error.field}: ${sentence}`
  }
  const word = goWords[actual ?? ''] ?? actual ?? 'number'
  if (error.field === '<nil>') return `json: cannot unmarshal ${word} into Go value of type ${goType({ type: 'object', ref: schema })}`
  if (place.schema.type === 'quantity') return notAQuantity
  // a number that is no whole one, or too large, is told
  const told = isNumber ? `${word} ${String(place.value)}` : word
  return `json: cannot unmarshal ${told} into Go struct field ${shortName(place.holder)}.${place.names.join('.')} of type ${place.type}`
}

const wholeNumbers: ReadonlySet<FieldSchema['type']> = new Set(['integer', 'int-or-string'])

/** By definition and field: what Go embeds it by, with a dot behind each, and its type, as far as its schema does not tell. */
const namesOfGo: Readonly<Record<string, Readonly<Record<string, string>>>> = goNames

const goWords: Readonly<Record<string, string>> = { boolean: 'bool', integer: 'number' }
const shortName = (ref: string): string => ref.slice(ref.lastIndexOf('.') + 1)

interface Place {
  /** The type that has the field. */
  readonly holder: string
  readonly schema: FieldSchema
  /** The path as Go writes it: without indices and keys. */
  readonly names: readonly string[]
  readonly type: string
  readonly value: unknown
}

/** The field that a path leads to. */
export function fieldAt(root: string, path: string, object: unknown): Place {
  const names: string[] = []
  let holder = root
  let schema: FieldSchema = { type: 'object', ref: root }
  let type = goType(schema)
  let value = object
  for (const [, name, index] of path.matchAll(/(?:^|\.)([^.[\]]+)|\[([^\]]*)\]/g)) {
    value = isJsonObject(value) || Array.isArray(value) ? ownValue(value as JsonObject, name ?? index ?? '') : undefined
    const ref = heldType(schema.ref)
    if (name === undefined) {
      schema = schema.items ?? schema
      type = /^(?:\[\]|map\[[^\]]*\])/.test(type) ? type.replace(/^(?:\[\]|map\[[^\]]*\])/, '') : goType(schema)
    } else if (ref !== undefined) {
      holder = ref
      schema = schemas[ref]?.fields[name] ?? schema
      const known = namesOfGo[ref]?.[name]?.split(' ') ?? []
      names.push(`${known.find((word) => word.endsWith('.')) ?? ''}${name}`)
      type = known.find((word) => !word.endsWith('.')) ?? goType(schema)
    }
  }
  return { holder, schema, names, type, value }
}

function goType(schema: FieldSchema): string {
  switch (schema.type) {
    case 'integer':
      return schema.format ?? 'int32'
    case 'number':
      return 'float64'
    case 'boolean':
      return 'bool'
    case 'array':
      return `[]${schema.items ? goType(schema.items) : 'string'}`
    case 'map':
      return `map[string]${schema.items ? goType(schema.items) : 'string'}`
    case 'object': {
      const [, version = 'v1', name = ''] = /\.([^.]+)\.([^.]+)$/.exec(schema.ref ?? '') ?? []
      return `${version}.${name}`
    }
    case 'bytes':
      return '[]uint8'
    case 'int-or-string':
      return 'int32'
    default:
      return 'string'
  }
}
