import { isJsonObject, type JsonObject, ownValue } from '../base/json.ts'
import { isLong, sortInSteps } from '../base/json-steps.ts'
import type { Steps } from '../base/turns.ts'
import { type ProtobufField, type ProtobufMessage, protobufMessages } from '../kinds/protobuf.ts'
import type { FieldSchema } from '../kinds/schema.ts'
import { jsonSchemaProps, magic } from './protobuf.ts'
import { wireMessages } from './protobuf-messages.ts'
import { WireWriter } from './protobuf-write.ts'

/** What says of itself what it is; anything besides is left to the definition that it is written by. */
export interface Typed {
  readonly apiVersion?: string
  readonly kind: string
}

/** @throws TypeError for a definition that has no protobuf form */
export function messageOf(definition: string): ProtobufMessage {
  const message = protobufMessages.get(definition) ?? wireMessages.get(definition)
  if (!message) throw new TypeError(`${definition} has no protobuf form`)
  return message
}

/** An object's fields, without the envelope that says what it is. Fields that the definition does not know are left out. */
export function writeFields(writer: WireWriter, object: object, { backwards }: ProtobufMessage): void {
  for (const [number, field] of backwards) {
    if ('fields' in field) writer.message(number, () => writeFields(writer, object, field))
    else writeField(writer, number, ownValue(object as JsonObject, field.name), field)
  }
}

/** `k8s`, a zero byte and a runtime.Unknown: how an object stands alone. */
export function writeEnvelope(writer: WireWriter, type: Typed, inside: () => void): void {
  writer.raw(envelopeEnd)
  writer.message(2, inside)
  writeEnvelopeType(writer, type)
}

/** No content encoding and no content type: what follows the object in its envelope. */
export const envelopeEnd: Buffer = Buffer.from([0x1a, 0, 0x22, 0])

/** What an envelope begins with, before the object. */
export function writeEnvelopeType(writer: WireWriter, { apiVersion = '', kind }: Typed): void {
  writer.message(1, () => {
    writer.text(2, kind)
    writer.text(1, apiVersion)
  })
  writer.raw(magic)
}

/** An object as client-go's typed clients read it. */
export function encodeProtobuf(object: Typed, definition: string): Buffer {
  const writer = new WireWriter()
  writeEnvelope(writer, object, () => writeFields(writer, object, messageOf(definition)))
  return writer.finish()
}

/** `encodeProtobuf`, of an object that may be long. */
export function* encodeInSteps(object: Typed, definition: string): Steps<Buffer> {
  const writer = new WireWriter()
  writer.raw(envelopeEnd)
  yield* messageInSteps(writer, 2, object, messageOf(definition))
  writeEnvelopeType(writer, object)
  return writer.finish()
}

/** A message under a number, of an object that may be long. */
export function* messageInSteps(writer: WireWriter, number: number, object: object, { backwards }: ProtobufMessage): Steps<void> {
  const before = writer.length
  for (const [inside, field] of backwards) {
    if ('fields' in field) yield* messageInSteps(writer, inside, object, field)
    else yield* fieldInSteps(writer, inside, ownValue(object as JsonObject, field.name), field)
  }
  writer.head(number, writer.length - before)
}

/** Rests after so many items. */
const itemsAtOnce = 256

function* fieldInSteps(writer: WireWriter, number: number, value: unknown, field: ProtobufField): Steps<void> {
  const { schema } = field
  if (!isLong(value)) return writeField(writer, number, value, field)
  yield
  if (schema.type === 'object') return yield* messageInSteps(writer, number, value, messageOf(schema.ref!))
  if (schema.type === 'array' && Array.isArray(value)) {
    for (let i = value.length - 1; i >= 0; i--) {
      const item: unknown = value[i]
      if (schema.items!.type === 'object' && isLong(item)) yield* messageInSteps(writer, number, item, messageOf(schema.items!.ref!))
      else writeValue(writer, number, item, schema.items!, field)
      if (i % itemsAtOnce === 0) yield
    }
  } else if (schema.type === 'map') {
    const keys = Object.keys(value)
    yield
    const sorted = yield* sortInSteps(keys, (a, b) => (a < b ? 1 : -1))
    for (const [i, key] of sorted.entries()) {
      writeEntry(writer, number, key, (value as JsonObject)[key], field)
      if (i % itemsAtOnce === 0) yield
    }
  } else writeField(writer, number, value, field)
}

function writeEntry(writer: WireWriter, number: number, key: string, value: unknown, field: ProtobufField): void {
  writer.message(number, () => {
    writeValue(writer, 2, value, field.schema.items!, field)
    writer.text(1, key)
  })
}

function writeField(writer: WireWriter, number: number, value: unknown, field: ProtobufField): void {
  const { schema, pointer } = field
  if (value === undefined) return
  if (value === null) {
    // Go's zero time
    if (!pointer && (schema.type === 'time' || schema.type === 'microtime')) writer.message(number, () => undefined)
  } else if (schema.type === 'array') {
    const list = value as readonly unknown[]
    for (let i = list.length - 1; i >= 0; i--) writeValue(writer, number, list[i], schema.items!, field)
  } else if (schema.type === 'map') {
    const map = value as JsonObject
    for (const key of Object.keys(map).sort().reverse()) writeEntry(writer, number, key, map[key], field)
  } else writeValue(writer, number, value, schema, field)
}

function writeValue(writer: WireWriter, number: number, value: unknown, schema: FieldSchema, field: ProtobufField): void {
  switch (schema.type) {
    case 'boolean':
      return writer.integer(number, value ? 1 : 0)
    case 'integer':
      return writer.integer(number, typeof value === 'bigint' ? value : Math.trunc(Number(value)))
    case 'number':
      return writer.double(number, Number(value))
    case 'string':
      return writer.text(number, String(value))
    case 'bytes':
      return writer.bytes(number, Buffer.from(String(value), 'base64'))
    default:
      return writer.message(number, () => writeInside(writer, value, schema, field))
  }
}

/** What stands behind a length. */
function writeInside(writer: WireWriter, value: unknown, schema: FieldSchema, { message }: ProtobufField): void {
  switch (schema.type) {
    case 'object':
      if (isJsonObject(value)) writeFields(writer, value, messageOf(schema.ref!))
      return
    case 'quantity':
      return writer.text(1, String(value))
    case 'int-or-string':
      return writeIntOrString(writer, value)
    case 'time':
    case 'microtime':
      return writeTime(writer, value)
    case 'array':
      return writeTexts(writer, 1, value)
    case 'any':
      if (message !== undefined) writeUnion(writer, value, message)
      else if (value !== null) writer.text(1, JSON.stringify(value))
      return
    default:
      throw new TypeError(`a protobuf field of type ${schema.type}`)
  }
}

function writeIntOrString(writer: WireWriter, value: unknown): void {
  const isText = typeof value === 'string'
  writer.text(3, isText ? value : '')
  writer.integer(2, isText ? 0 : Math.trunc(Number(value)))
  writer.integer(1, isText ? 1 : 0)
}

function writeTime(writer: WireWriter, value: unknown): void {
  if (value === null) return
  const text = String(value)
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? ''
  writer.integer(2, Number(fraction.padEnd(9, '0')))
  writer.integer(1, Math.floor(Date.parse(text) / 1000))
}

function writeTexts(writer: WireWriter, number: number, value: unknown): void {
  for (const text of (value as readonly unknown[]).toReversed()) writer.text(number, String(text))
}

/** The messages that JSON writes as one of their members. */
function writeUnion(writer: WireWriter, value: unknown, message: string): void {
  const schemas = (number: number, list: readonly unknown[]): void => {
    for (const each of list.toReversed()) writer.message(number, () => writeFields(writer, each as object, messageOf(jsonSchemaProps)))
  }
  switch (message) {
    case 'CustomResourceSubresourceStatus':
      return
    case 'Duration':
      // nanoseconds; what is measured here is told in whole seconds
      return writer.integer(1, parseInt(String(value), 10) * 1e9)
    case 'Verbs':
      return writeTexts(writer, 1, value)
    case 'JSONSchemaPropsOrBool':
      if (typeof value !== 'boolean') schemas(2, [value])
      return writer.integer(1, value === false ? 0 : 1)
    case 'JSONSchemaPropsOrArray':
      return Array.isArray(value) ? schemas(2, value) : schemas(1, [value])
    case 'JSONSchemaPropsOrStringArray':
      return Array.isArray(value) ? writeTexts(writer, 2, value) : schemas(1, [value])
    default:
      throw new TypeError(`an unknown union ${message}`)
  }
}
