import generated from './generated/protobuf.json' with { type: 'json' }
import { olderNumbers } from './older-types.ts'
import type { FieldSchema } from './schema.ts'
import { schemas } from './schemas.ts'

/**
 * The fields of a protobuf message by number: a JSON name with its marks, or the fields of a message that Go embeds there
 * and JSON has in place. The marks: `*` the Go field is a pointer, `!` JSON always has the field, and after a space the
 * message of a field whose schema says `any`.
 */
export interface ProtobufNumbers {
  readonly [number: string]: string | ProtobufNumbers
}

export interface ProtobufField {
  readonly name: string
  readonly schema: FieldSchema
  /** Nothing, zero and false are not written in JSON: a plain value in Go, and `omitempty`. */
  readonly omitsZero: boolean
  /** Null and absent are the same. */
  readonly pointer: boolean
  /** The message behind a field of type `any`; a RawExtension where there is none. */
  readonly message: string | undefined
}

export interface ProtobufMessage {
  readonly fields: ReadonlyMap<number, ProtobufField | ProtobufMessage>
  /** The same with the highest number first, for whoever writes from the end. */
  readonly backwards: ReadonlyArray<readonly [number, ProtobufField | ProtobufMessage]>
  /** What a Go client's JSON calls null where the message has nothing. */
  readonly nulls: readonly string[]
}

const plain: ReadonlySet<FieldSchema['type']> = new Set(['string', 'bytes', 'integer', 'number', 'boolean'])

/** How each built-in type is written in protobuf, by definition name. */
export const protobufMessages: ReadonlyMap<string, ProtobufMessage> = new Map(
  Object.entries<ProtobufNumbers>({ ...(generated as Record<string, ProtobufNumbers>), ...olderNumbers }).map(([name, numbers]) => [name, messageOf(name, numbers)]),
)

/** A message whose fields are numbered as they stand here, each with its JSON name; none is left out for being zero. */
export function plainMessage(fields: ReadonlyArray<readonly [name: string, schema: FieldSchema, message?: string]>): ProtobufMessage {
  const numbered = fields.map(([name, schema, message], i): [number, ProtobufField] => [i + 1, { name, schema, omitsZero: false, pointer: false, message }])
  return messageFrom(new Map(numbered))
}

function messageFrom(fields: ReadonlyMap<number, ProtobufField | ProtobufMessage>, nulls: readonly string[] = []): ProtobufMessage {
  return { fields, backwards: [...fields].reverse(), nulls }
}

function messageOf(definition: string, numbers: ProtobufNumbers): ProtobufMessage {
  const fields = new Map<number, ProtobufField | ProtobufMessage>()
  const nulls: string[] = []
  for (const [number, word] of Object.entries(numbers)) {
    if (typeof word !== 'string') {
      fields.set(Number(number), messageOf(definition, word))
      continue
    }
    const [, name = '', pointer, always, message] = /^([^*! ]+)(\*)?(!)?(?: (\w+))?$/.exec(word) ?? []
    const schema = schemas[definition]!.fields[name]!
    fields.set(Number(number), { name, schema, omitsZero: !pointer && !always && plain.has(schema.type), pointer: pointer !== undefined, message })
    if (always && (pointer || ['array', 'map', 'bytes'].includes(schema.type))) nulls.push(name)
  }
  return messageFrom(fields, nulls)
}
