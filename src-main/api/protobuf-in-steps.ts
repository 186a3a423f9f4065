import { isJsonObject, type JsonObject, setOwn } from '../base/json.ts'
import type { Steps } from '../base/turns.ts'
import { type ProtobufField, type ProtobufMessage, protobufMessages } from '../kinds/protobuf.ts'
import type { FieldSchema } from '../kinds/schema.ts'
import { below, checkDepth, count, decoded, entryOf, jsonSchemaProps, memberOf, opened, type Place, readEntry, readField, readInto, setField, wholeBody } from './protobuf.ts'
import { rawJsonInSteps } from './protobuf-values.ts'
import { WireReader } from './protobuf-wire.ts'

/** What is read at once: messages of so many bytes, and so many fields of longer ones. */
const bytesAtOnce = 16 * 1024
const fieldsAtOnce = 4096

/** `decodeProtobuf`, of a body that may be long. */
export function* decodeInSteps(bytes: Buffer, schema: string): Steps<JsonObject> {
  const { object, raw, message } = opened(bytes, schema)
  return yield* readLong(object, raw, message, wholeBody())
}

function* readLong(object: JsonObject, bytes: Buffer, message: ProtobufMessage, place: Place): Steps<JsonObject> {
  if (bytes.length <= bytesAtOnce) return readInto(object, bytes, message, place)
  checkDepth(place)
  const reader = new WireReader(bytes)
  let rest = place.left.fields - fieldsAtOnce
  while (reader.next()) {
    count(place)
    if (place.left.fields < rest) {
      yield
      rest = place.left.fields - fieldsAtOnce
    }
    const field = message.fields.get(reader.number)
    if (!field) reader.skip()
    else if ('fields' in field) yield* readLong(object, reader.bytes(), field, below(place))
    else yield* readLongField(object, reader, field, place)
  }
  for (const name of message.nulls) object[name] ??= null
  return object
}

function* readLongField(object: JsonObject, reader: WireReader, field: ProtobufField, place: Place): Steps<void> {
  const { name, schema } = field
  if (schema.type === 'map') {
    const bytes = reader.bytes()
    const map = (object[name] ??= {}) as JsonObject
    if (bytes.length <= bytesAtOnce) readEntry(map, bytes, field, place)
    else yield* readLongEntry(map, bytes, field, place)
  } else if (schema.type === 'array' && isNested(schema.items!)) {
    const list = (object[name] ??= []) as unknown[]
    list.push(yield* nested(reader.bytes(), schema.items!, field, place))
  } else if (isNested(schema)) setField(object, field, yield* nested(reader.bytes(), schema, field, place, object[name]))
  else readField(object, reader, field, place)
}

function* readLongEntry(map: JsonObject, bytes: Buffer, field: ProtobufField, place: Place): Steps<void> {
  const items = field.schema.items!
  if (!isNested(items)) return readEntry(map, bytes, field, place)
  const { key, value } = entryOf(bytes, place, (reader) => reader.bytes())
  setOwn(map, key, yield* nested(value ?? Buffer.alloc(0), items, field, place))
}

/** Of which one may be as long as the body. */
const isNested = ({ type }: FieldSchema): boolean => type === 'object' || type === 'any'

function* nested(bytes: Buffer, schema: FieldSchema, field: ProtobufField, place: Place, before?: unknown): Steps<unknown> {
  if (bytes.length <= bytesAtOnce) return decoded(bytes, schema, field, place, before)
  if (schema.type === 'object') return yield* readLong(isJsonObject(before) ? before : {}, bytes, protobufMessages.get(schema.ref!)!, below(place))
  if (field.message === undefined) return yield* rawJsonInSteps(bytes)
  const { one, many, value } = memberOf(bytes, field.message)
  const read = (part: Buffer): Steps<JsonObject> => readLong({}, part, protobufMessages.get(jsonSchemaProps)!, below(below(place)))
  if (!many) return one ? yield* read(one) : value
  const list: JsonObject[] = []
  for (const part of many) list.push(yield* read(part))
  return list
}
