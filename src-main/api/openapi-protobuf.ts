import type { Json } from './openapi-schema.ts'

/**
 * How a field of a gnostic openapi.v2 message is written: text, a flag, whole messages, maps as repeated name-and-value
 * pairs, or any JSON as YAML text.
 */
type Field =
  | readonly [number: number, form: 'text' | 'texts' | 'flag' | 'any' | 'anys' | 'type']
  | readonly [number: number, form: 'message' | 'messages' | 'pairs' | 'items', message: string]

/** The messages of gnostic's OpenAPIv2.proto, as far as this server's document uses them, by JSON key. */
const messages: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  Document: {
    swagger: [1, 'text'], info: [2, 'message', 'Info'], paths: [8, 'message', 'Paths'], definitions: [9, 'pairs', 'Schema'],
  },
  Info: { title: [1, 'text'], version: [2, 'text'] },
  PathItem: {
    get: [2, 'message', 'Operation'], put: [3, 'message', 'Operation'], post: [4, 'message', 'Operation'],
    delete: [5, 'message', 'Operation'], patch: [8, 'message', 'Operation'], parameters: [9, 'messages', 'ParametersItem'],
  },
  Operation: {
    tags: [1, 'texts'], description: [3, 'text'], operationId: [5, 'text'], produces: [6, 'texts'], consumes: [7, 'texts'],
    parameters: [8, 'messages', 'ParametersItem'], responses: [9, 'pairs', 'ResponseValue'], schemes: [10, 'texts'],
  },
  Response: { description: [1, 'text'], schema: [2, 'message', 'SchemaItem'] },
  BodyParameter: { description: [1, 'text'], name: [2, 'text'], in: [3, 'text'], required: [4, 'flag'], schema: [5, 'message', 'Schema'] },
  QueryParameter: { in: [2, 'text'], description: [3, 'text'], name: [4, 'text'], type: [6, 'text'], uniqueItems: [20, 'flag'] },
  PathParameter: { required: [1, 'flag'], in: [2, 'text'], description: [3, 'text'], name: [4, 'text'], type: [5, 'text'], uniqueItems: [19, 'flag'] },
  Schema: {
    $ref: [1, 'text'], format: [2, 'text'], description: [4, 'text'], default: [5, 'any'], required: [19, 'texts'], enum: [20, 'anys'],
    additionalProperties: [21, 'message', 'AdditionalProperties'], type: [22, 'type'], items: [23, 'items', 'Schema'], properties: [25, 'pairs', 'Schema'],
  },
}

/** Where a message keeps the `x-` keys. */
const extensionNumbers: Readonly<Record<string, number>> = { PathItem: 10, Operation: 13, Schema: 31 }

/** A Swagger document as the protobuf that kubectl up to 1.28 asks for. */
export const documentProtobuf = (document: Json): Buffer => Buffer.concat(encode('Document', document))

type Parts = Buffer[]

function encode(message: string, value: Json): Parts {
  // unions: which message it is can be told from what is inside
  switch (message) {
    case 'ParametersItem':
      return nested(1, value['in'] === 'body' ? nested(1, encode('BodyParameter', value)) : nested(2, nonBody(value)))
    case 'ResponseValue':
      return nested(1, encode('Response', value))
    case 'SchemaItem':
    case 'AdditionalProperties':
      return nested(1, encode('Schema', value))
    case 'Paths':
      return Object.entries(value).flatMap(([name, item]) => nested(2, pair(name, encode('PathItem', item as Json))))
  }
  const fields = messages[message] ?? {}
  const parts: Parts = []
  for (const [key, item] of Object.entries(value)) {
    const field = fields[key]
    const extension = extensionNumbers[message]
    if (field) parts.push(...encodeField(field, item))
    else if (key.startsWith('x-') && extension !== undefined) parts.push(...nested(extension, pair(key, any(item))))
  }
  return parts
}

const nonBody = (value: Json): Parts => (value['in'] === 'path' ? nested(4, encode('PathParameter', value)) : nested(3, encode('QueryParameter', value)))

function encodeField([number, form, message = '']: Field, value: unknown): Parts {
  switch (form) {
    case 'text':
      return text(number, String(value))
    case 'texts':
      return (value as string[]).flatMap((each) => text(number, each))
    case 'flag':
      return value ? [varint(number << 3), varint(1)] : []
    case 'any':
      return nested(number, any(value))
    case 'anys':
      return (value as unknown[]).flatMap((each) => nested(number, any(each)))
    case 'type':
      return nested(number, text(1, String(value)))
    case 'message':
      return nested(number, encode(message, value as Json))
    case 'messages':
      return (value as Json[]).flatMap((each) => nested(number, encode(message, each)))
    case 'items':
      return nested(number, nested(1, encode(message, value as Json)))
    case 'pairs':
      return nested(number, Object.entries(value as Json).flatMap(([name, each]) => nested(1, pair(name, encode(message, each as Json)))))
  }
}

const pair = (name: string, value: Parts): Parts => [...text(1, name), ...nested(2, value)]
/** JSON is YAML. */
const any = (value: unknown): Parts => text(2, `${JSON.stringify(value)}\n`)

const text = (number: number, value: string): Parts => {
  const bytes = Buffer.from(value)
  return [varint((number << 3) | 2), varint(bytes.length), bytes]
}

function nested(number: number, parts: Parts): Parts {
  const bytes = Buffer.concat(parts)
  return [varint((number << 3) | 2), varint(bytes.length), bytes]
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) | 128)
  }
}
