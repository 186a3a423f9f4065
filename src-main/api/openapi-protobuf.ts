import type { Steps } from '../base/turns.ts'
import type { Json } from './openapi-schema.ts'
import { type Messages, messageInSteps, pairsInSteps, writeMessage, writePairs } from './openapi-wire.ts'
import { WireWriter } from './protobuf-write.ts'

/** The messages of gnostic's OpenAPIv2.proto, as far as this server's document uses them, by JSON key. */
const fields: Messages['fields'] = {
  Document: {
    swagger: [1, 'text'], info: [2, 'message', 'Info'], parameters: [10, 'pairs', 'Parameter'], security: [12, 'messages', 'SecurityRequirement'], securityDefinitions: [13, 'pairs', 'SecurityDefinitionsItem'],
  },
  Info: { title: [1, 'text'], version: [2, 'text'] },
  PathItem: {
    get: [2, 'message', 'Operation'], put: [3, 'message', 'Operation'], post: [4, 'message', 'Operation'],
    delete: [5, 'message', 'Operation'], options: [6, 'message', 'Operation'], head: [7, 'message', 'Operation'], patch: [8, 'message', 'Operation'], parameters: [9, 'messages', 'ParametersItem'],
  },
  Operation: {
    tags: [1, 'texts'], description: [3, 'text'], operationId: [5, 'text'], produces: [6, 'texts'], consumes: [7, 'texts'],
    parameters: [8, 'messages', 'ParametersItem'], responses: [9, 'pairs', 'ResponseValue'], schemes: [10, 'texts'],
  },
  Response: { description: [1, 'text'], schema: [2, 'message', 'SchemaItem'] },
  BodyParameter: { description: [1, 'text'], name: [2, 'text'], in: [3, 'text'], required: [4, 'flag'], schema: [5, 'message', 'Schema'] },
  QueryParameter: { in: [2, 'text'], description: [3, 'text'], name: [4, 'text'], type: [6, 'text'], uniqueItems: [20, 'flag'] },
  PathParameter: { required: [1, 'flag'], in: [2, 'text'], description: [3, 'text'], name: [4, 'text'], type: [5, 'text'], uniqueItems: [19, 'flag'] },
  JsonReference: { $ref: [1, 'text'] },
  ApiKeySecurity: { type: [1, 'text'], name: [2, 'text'], in: [3, 'text'], description: [4, 'text'] },
  Schema: {
    $ref: [1, 'text'], format: [2, 'text'], title: [3, 'text'], description: [4, 'text'], default: [5, 'any'], multipleOf: [6, 'double'], maximum: [7, 'double'],
    exclusiveMaximum: [8, 'flag'], minimum: [9, 'double'], exclusiveMinimum: [10, 'flag'], maxLength: [11, 'whole'], minLength: [12, 'whole'], pattern: [13, 'text'],
    maxItems: [14, 'whole'], minItems: [15, 'whole'], uniqueItems: [16, 'flag'], maxProperties: [17, 'whole'], minProperties: [18, 'whole'], required: [19, 'texts'],
    enum: [20, 'anys'], additionalProperties: [21, 'message', 'AdditionalProperties'], type: [22, 'type'], items: [23, 'message', 'Items'], properties: [25, 'pairs', 'Schema'],
  },
}

/** Where a message keeps the `x-` keys. */
const extensions: Messages['extensions'] = { PathItem: 10, Operation: 13, Schema: 31 }

const messages: Messages = { fields, extensions, own: writeOwn }

/** A Swagger document as the protobuf that kubectl up to 1.28 asks for; rests between its parts. */
export function* documentProtobuf({ paths, definitions, ...rest }: Json): Steps<Buffer> {
  const to = new WireWriter()
  yield* messageInSteps(to, 9, () => pairsInSteps(to, messages, 1, definitions, 'Schema'))
  yield* messageInSteps(to, 8, () => pairsInSteps(to, messages, 2, paths, 'PathItem'))
  writeMessage(to, messages, 'Document', rest)
  return to.finish()
}

/** Unions: which message it is can be told from what is inside. */
function writeOwn(to: WireWriter, message: string, value: unknown): boolean {
  const within = (number: number, inner: string, json = value): true => {
    to.message(number, () => writeMessage(to, messages, inner, json))
    return true
  }
  const json = value as Json
  switch (message) {
    case 'ParametersItem':
      return '$ref' in json ? within(2, 'JsonReference') : within(1, 'Parameter')
    case 'Parameter':
      return json['in'] === 'body' ? within(1, 'BodyParameter') : within(2, 'NonBodyParameter')
    case 'NonBodyParameter':
      return json['in'] === 'path' ? within(4, 'PathParameter') : within(3, 'QueryParameter')
    case 'SecurityDefinitionsItem':
      return within(2, 'ApiKeySecurity')
    case 'SecurityRequirement':
      writePairs(to, messages, 1, json, 'Strings')
      return true
    case 'Strings':
      for (const each of (value as string[]).toReversed()) to.text(1, each)
      return true
    case 'ResponseValue':
      return within(1, 'Response')
    case 'SchemaItem':
    case 'AdditionalProperties':
      if (typeof value !== 'boolean') return within(1, 'Schema')
      to.integer(2, value ? 1 : 0)
      return true
    case 'Items':
      return within(1, 'Schema')
    default:
      return false
  }
}
