import { timestamp } from '../base/clock.ts'
import { isJsonObject, type JsonObject, ownValue, setOwn } from '../base/json.ts'
import { errorMessage } from '../base/log.ts'
import { type ProtobufField, type ProtobufMessage, protobufMessages } from '../kinds/protobuf.ts'
import type { FieldSchema } from '../kinds/schema.ts'
import { maxDepth } from '../kinds/schemas.ts'
import { unsupportedMediaType } from '../kinds/status-error.ts'
import { scanJson } from './json-scan.ts'
import { mediaTypes } from './negotiate.ts'
import { malformed, WireReader } from './protobuf-wire.ts'

/** `k8s` and a zero byte, before a runtime.Unknown. */
const magic = Buffer.from('k8s\0')
const jsonSchemaProps = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
const none = Buffer.alloc(0)

/**
 * A body as client-go's typed clients write it (kubectl since 1.32, for `create` with arguments), as the object that the
 * same client would have sent as JSON. Fields of unknown numbers are dropped, as Kubernetes does.
 *
 * @param schema  the definition that the body is expected to be
 * @throws StatusError 400 for bytes that are malformed or too deep, 415 for a type that has no protobuf form (custom resources)
 */
export function decodeProtobuf(bytes: Buffer, schema: string): JsonObject {
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
  return readInto(object, raw, message, 0)
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
function readInto(object: JsonObject, bytes: Buffer, { fields, nulls }: ProtobufMessage, depth: number): JsonObject {
  if (depth > maxDepth) throw malformed(`exceeded max depth of ${maxDepth}`)
  const reader = new WireReader(bytes)
  while (reader.next()) {
    const field = fields.get(reader.number)
    if (!field) reader.skip()
    else if ('fields' in field) readInto(object, reader.bytes(), field, depth + 1)
    else readField(object, reader, field, depth)
  }
  for (const name of nulls) object[name] ??= null
  return object
}

function readField(object: JsonObject, reader: WireReader, field: ProtobufField, depth: number): void {
  const { name, schema } = field
  if (schema.type === 'array') {
    const list = (object[name] ??= []) as unknown[]
    if (schema.items!.type === 'integer') for (const value of reader.integers()) list.push(value)
    else list.push(valueOf(reader, schema.items!, field, depth))
  } else if (schema.type === 'map') {
    readEntry((object[name] ??= {}) as JsonObject, reader.bytes(), field, depth)
  } else {
    const value = valueOf(reader, schema, field, depth, object[name])
    // a Go client writes every plain field; its JSON leaves out those that say nothing
    if (field.keepsZero || !isZero(value)) object[name] = value
    else delete object[name]
  }
}

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false
const isZeroable = (schema: FieldSchema): boolean => schema.type !== 'int-or-string'

function readEntry(map: JsonObject, bytes: Buffer, field: ProtobufField, depth: number): void {
  const items = field.schema.items!
  const reader = new WireReader(bytes)
  let key = ''
  let value: unknown
  while (reader.next()) {
    if (reader.number === 1) key = reader.text()
    else if (reader.number === 2) value = valueOf(reader, items, field, depth)
    else reader.skip()
  }
  setOwn(map, key, value ?? emptyOf(items))
}
