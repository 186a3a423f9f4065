import { isJsonObject, type JsonObject, setOwn } from '../base/json.ts'
import { type ProtobufField, type ProtobufMessage, protobufMessages } from '../kinds/protobuf.ts'
import type { FieldSchema } from '../kinds/schema.ts'
import { maxDepth } from '../kinds/schemas.ts'
import { unsupportedMediaType } from '../kinds/status-error.ts'
import { mediaTypes } from './negotiate.ts'
import { integersIn, intOrString, partsIn, rawJson, textsIn, time } from './protobuf-values.ts'
import { malformed, WireReader } from './protobuf-wire.ts'

/** `k8s` and a zero byte, before a runtime.Unknown. */
export const magic = Buffer.from('k8s\0')
export const jsonSchemaProps = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
const none: Buffer = Buffer.alloc(0)

/** Of one body, empty ones too: Go clients write every plain field. A map of 100,000 keys has three times as many. */
const mostFields = 320_000

/** How deep the reader is, and how much it may still read. */
export interface Place {
  readonly depth: number
  readonly left: { fields: number }
}

export const below = ({ depth, left }: Place): Place => ({ depth: depth + 1, left })

export function count({ left }: Place): void {
  if (--left.fields < 0) throw malformed('too many fields')
}

/**
 * A body as client-go's typed clients write it (kubectl since 1.32, for `create` with arguments), as the object that the
 * same client would have sent as JSON. Fields of unknown numbers are dropped, as Kubernetes does.
 *
 * @param schema  the definition that the body is expected to be
 * @throws StatusError 400 for bytes that are malformed or too deep, 415 for a type that has no protobuf form (custom resources)
 */
export function decodeProtobuf(bytes: Buffer, schema: string): JsonObject {
  const { object, raw, message } = opened(bytes, schema)
  return readInto(object, raw, message, wholeBody())
}

export const wholeBody = (): Place => ({ depth: 0, left: { fields: mostFields } })

/** What the envelope says, with the message that is still to be read. */
export function opened(bytes: Buffer, schema: string): { object: JsonObject; raw: Buffer; message: ProtobufMessage } {
  const message = protobufMessages.get(schema)
  if (!message) throw unsupportedMediaType(mediaTypes)
  if (!bytes.subarray(0, magic.length).equals(magic)) {
    throw malformed(`provided data does not appear to be a protobuf message, expected prefix [${[...magic].join(' ')}]`)
  }
  const envelope = new WireReader(bytes.subarray(magic.length))
  const object: JsonObject = {}
  let raw = none
  while (envelope.next()) {
    if (envelope.number === 1) readTypeMeta(envelope.bytes(), object)
    else if (envelope.number === 2) raw = envelope.bytes()
    else envelope.skip()
  }
  return { object, raw, message }
}

function readTypeMeta(bytes: Buffer, object: JsonObject): void {
  const reader = new WireReader(bytes)
  while (reader.next()) {
    if (reader.number === 1) object['apiVersion'] = reader.text()
    else if (reader.number === 2) object['kind'] = reader.text()
    else reader.skip()
  }
}

/** Reads a message over what `object` has: a message that comes in parts is one, as protobuf wants it. */
export function readInto(object: JsonObject, bytes: Buffer, { fields, nulls }: ProtobufMessage, place: Place): JsonObject {
  checkDepth(place)
  const reader = new WireReader(bytes)
  while (reader.next()) {
    count(place)
    const field = fields.get(reader.number)
    if (!field) reader.skip()
    else if ('fields' in field) readInto(object, reader.bytes(), field, below(place))
    else readField(object, reader, field, place)
  }
  for (const name of nulls) object[name] ??= null
  return object
}

export function checkDepth({ depth }: Place): void {
  if (depth > maxDepth) throw malformed(`exceeded max depth of ${maxDepth}`)
}

export function readField(object: JsonObject, reader: WireReader, field: ProtobufField, place: Place): void {
  const { name, schema } = field
  if (schema.type === 'array') {
    const list = (object[name] ??= []) as unknown[]
    if (schema.items!.type === 'integer') {
      for (const value of reader.integers()) {
        count(place)
        list.push(value)
      }
    } else list.push(valueOf(reader, schema.items!, field, place))
  } else if (schema.type === 'map') {
    readEntry((object[name] ??= {}) as JsonObject, reader.bytes(), field, place)
  } else {
    setField(object, field, valueOf(reader, schema, field, place, object[name]))
  }
}

/** A Go client writes every plain field, and of a field that stands twice the last one counts. */
export function setField(object: JsonObject, { name, omitsZero }: ProtobufField, value: unknown): void {
  if (omitsZero && (value === '' || value === 0 || value === false)) delete object[name]
  else object[name] = value
}

/** What a map's entry says; of a value that stands twice the last one counts, and there may be none. */
export function entryOf<T>(bytes: Buffer, place: Place, take: (reader: WireReader) => T): { key: string; value: T | undefined } {
  const reader = new WireReader(bytes)
  let key = ''
  let value: T | undefined
  count(place)
  while (reader.next()) {
    if (reader.number === 1) key = reader.text()
    else if (reader.number === 2) value = take(reader)
    else reader.skip()
  }
  return { key, value }
}

export function readEntry(map: JsonObject, bytes: Buffer, field: ProtobufField, place: Place): void {
  const items = field.schema.items!
  const { key, value } = entryOf(bytes, place, (reader) => valueOf(reader, items, field, place))
  setOwn(map, key, value === undefined ? decoded(none, items, field, place) : value)
}

/** @param before  what a message in parts has so far */
export function valueOf(reader: WireReader, schema: FieldSchema, field: ProtobufField, place: Place, before?: unknown): unknown {
  switch (schema.type) {
    case 'boolean':
      return reader.integer() !== 0
    case 'integer':
      return schema.format === 'int32' ? reader.integer() | 0 : reader.exactInteger()
    case 'number':
      return reader.double()
    case 'string':
      return reader.text()
    default:
      return decoded(reader.bytes(), schema, field, place, before)
  }
}

/** What stands behind a length. */
export function decoded(bytes: Buffer, schema: FieldSchema, { message }: ProtobufField, place: Place, before?: unknown): unknown {
  switch (schema.type) {
    case 'string':
      return bytes.toString('utf8')
    case 'bytes':
      return bytes.toString('base64')
    case 'object':
      return readMessage(isJsonObject(before) ? before : {}, bytes, schema.ref!, below(place))
    case 'quantity':
      return textsIn(bytes, 1).at(-1) ?? '0'
    case 'int-or-string':
      return intOrString(bytes)
    case 'time':
    case 'microtime':
      return time(bytes, schema.type)
    // a list inside a map, such as an ExtraValue, is a message of its own
    case 'array':
      return textsIn(bytes, 1)
    case 'any':
      return message === undefined ? rawJson(bytes) : union(bytes, message, (part) => readMessage({}, part, jsonSchemaProps, below(place)))
    default:
      throw new TypeError(`a protobuf field of type ${schema.type}`)
  }
}

function readMessage(object: JsonObject, bytes: Buffer, definition: string, place: Place): JsonObject {
  return readInto(object, bytes, protobufMessages.get(definition)!, place)
}

function union(bytes: Buffer, message: string, read: (part: Buffer) => JsonObject): unknown {
  const { one, many, value } = memberOf(bytes, message)
  return many ? many.map(read) : one ? read(one) : value
}

/** The messages that JSON writes as one of their members: a schema, several, or something that is read already. */
export function memberOf(bytes: Buffer, message: string): { readonly one?: Buffer | undefined; readonly many?: readonly Buffer[]; readonly value?: unknown } {
  switch (message) {
    case 'CustomResourceSubresourceStatus':
      return { value: {} }
    case 'JSONSchemaPropsOrBool':
      return { one: partsIn(bytes, 2).at(-1), value: integersIn(bytes).get(1) === 1 }
    case 'JSONSchemaPropsOrArray': {
      const many = partsIn(bytes, 2)
      return many.length > 0 ? { many } : { one: partsIn(bytes, 1).at(-1), value: null }
    }
    case 'JSONSchemaPropsOrStringArray': {
      const value = textsIn(bytes, 2)
      return value.length > 0 ? { value } : { one: partsIn(bytes, 1).at(-1), value: null }
    }
    default:
      throw new TypeError(`an unknown union ${message}`)
  }
}
