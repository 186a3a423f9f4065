import type { Steps } from '../base/turns.ts'
import type { Json } from './openapi-schema.ts'
import { type Messages, messageInSteps, pairsInSteps, writeMessage, writePairs } from './openapi-wire.ts'
import { WireWriter } from './protobuf-write.ts'

/** The messages of gnostic's OpenAPIv3.proto, as far as the documents here use them, by JSON key. */
const fields: Messages['fields'] = {
  Document: { openapi: [1, 'text'], info: [2, 'message', 'Info'] },
  Info: { title: [1, 'text'], description: [2, 'text'], version: [6, 'text'] },
  PathItem: {
    description: [3, 'text'], get: [4, 'message', 'Operation'], put: [5, 'message', 'Operation'], post: [6, 'message', 'Operation'], delete: [7, 'message', 'Operation'],
    options: [8, 'message', 'Operation'], head: [9, 'message', 'Operation'], patch: [10, 'message', 'Operation'], parameters: [13, 'messages', 'ParameterOrReference'],
  },
  Operation: {
    tags: [1, 'texts'], summary: [2, 'text'], description: [3, 'text'], operationId: [5, 'text'], parameters: [6, 'messages', 'ParameterOrReference'],
    requestBody: [7, 'message', 'RequestBodyOrReference'], responses: [8, 'message', 'Responses'], deprecated: [10, 'flag'],
  },
  Parameter: { name: [1, 'text'], in: [2, 'text'], description: [3, 'text'], required: [4, 'flag'], schema: [10, 'message', 'SchemaOrReference'] },
  RequestBody: { description: [1, 'text'], content: [2, 'pairs', 'MediaType'], required: [3, 'flag'] },
  MediaType: { schema: [1, 'message', 'SchemaOrReference'] },
  Response: { description: [1, 'text'], content: [3, 'pairs', 'MediaType'] },
  SecurityScheme: { type: [1, 'text'], description: [2, 'text'], name: [3, 'text'], in: [4, 'text'], scheme: [5, 'text'] },
  Reference: { $ref: [1, 'text'] },
  Schema: {
    nullable: [1, 'flag'], deprecated: [8, 'flag'], title: [9, 'text'], multipleOf: [10, 'double'], maximum: [11, 'double'], exclusiveMaximum: [12, 'flag'],
    minimum: [13, 'double'], exclusiveMinimum: [14, 'flag'], maxLength: [15, 'whole'], minLength: [16, 'whole'], pattern: [17, 'text'], maxItems: [18, 'whole'],
    minItems: [19, 'whole'], uniqueItems: [20, 'flag'], maxProperties: [21, 'whole'], minProperties: [22, 'whole'], required: [23, 'texts'], enum: [24, 'anys'],
    type: [25, 'text'], allOf: [26, 'messages', 'SchemaOrReference'], oneOf: [27, 'messages', 'SchemaOrReference'], anyOf: [28, 'messages', 'SchemaOrReference'],
    not: [29, 'message', 'Schema'], items: [30, 'message', 'ItemsItem'], properties: [31, 'pairs', 'SchemaOrReference'],
    additionalProperties: [32, 'message', 'AdditionalPropertiesItem'], default: [33, 'default'], description: [34, 'text'], format: [35, 'text'],
  },
}

/** Where a message keeps the `x-` keys. */
const extensions: Messages['extensions'] = { PathItem: 14, Operation: 13, Schema: 36 }

/** What stands for one of two messages, by the one that it is where it is no reference. */
const unions: Readonly<Record<string, string>> = {
  SchemaOrReference: 'Schema', ParameterOrReference: 'Parameter', RequestBodyOrReference: 'RequestBody', ResponseOrReference: 'Response', SecuritySchemeOrReference: 'SecurityScheme',
}

const messages: Messages = { fields, extensions, own: writeOwn }

/** A document of OpenAPI 3 as the protobuf that newer clients ask for first; rests between its parts. */
export function* v3Protobuf({ components, paths, security, ...rest }: Json): Steps<Buffer> {
  const to = new WireWriter()
  const { schemas, securitySchemes } = (components ?? {}) as Json
  for (const each of ((security ?? []) as Json[]).toReversed()) to.message(6, () => writePairs(to, messages, 1, each, 'Strings'))
  yield* messageInSteps(to, 5, function* () {
    if (securitySchemes !== undefined) to.message(7, () => writePairs(to, messages, 1, securitySchemes as Json, 'SecuritySchemeOrReference'))
    yield* messageInSteps(to, 1, () => pairsInSteps(to, messages, 1, schemas, 'SchemaOrReference'))
  })
  yield* messageInSteps(to, 4, () => pairsInSteps(to, messages, 1, paths, 'PathItem'))
  writeMessage(to, messages, 'Document', rest)
  return to.finish()
}

function writeOwn(to: WireWriter, message: string, value: unknown): boolean {
  const within = (number: number, inner: string, json: unknown): true => {
    to.message(number, () => writeMessage(to, messages, inner, json))
    return true
  }
  if (typeof value === 'boolean') {
    to.integer(2, value ? 1 : 0)
    return true
  }
  const one = unions[message]
  if (one !== undefined) return '$ref' in (value as Json) ? within(2, 'Reference', value) : within(1, one, value)
  switch (message) {
    case 'ItemsItem':
    case 'AdditionalPropertiesItem':
      return within(1, 'SchemaOrReference', value)
    case 'Strings':
      for (const each of (value as string[]).toReversed()) to.text(1, each)
      return true
    case 'Responses': {
      const { default: otherwise, ...byCode } = value as Json
      writePairs(to, messages, 2, byCode, 'ResponseOrReference')
      if (otherwise !== undefined) within(1, 'ResponseOrReference', otherwise)
      return true
    }
    default:
      return false
  }
}
