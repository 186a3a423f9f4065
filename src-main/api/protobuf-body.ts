import { maxDepth, schemas } from '../kinds/schemas.ts'
import type { FieldSchema } from '../kinds/schema.ts'
import { setOwn, type JsonObject } from '../base/json.ts'
import { badRequest, StatusError, unsupportedMediaType } from '../kinds/status-error.ts'
import { timestamp } from '../base/clock.ts'
import { fieldNumbered } from './protobuf-fields.ts'
import { mediaTypes } from './negotiate.ts'

/** `k8s` and a zero byte, before a runtime.Unknown. */
const magic = Buffer.from('k8s\0')

/**
 * A body as client-go's typed clients write it, which kubectl from 1.32 uses for `create` with arguments.
 *
 * @param schema  the definition that the body is expected to be
 * @throws StatusError 400 when it is malformed, 415 when it has a field whose number this server does not know
 */
export function decodeProtobuf(bytes: Buffer, schema: string): JsonObject {
  if (!bytes.subarray(0, 4).equals(magic)) throw malformed('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  let typeMeta: JsonObject = {}
  let raw: Buffer = Buffer.alloc(0)
  for (const { number, value } of fieldsOf(bytes.subarray(4))) {
    if (number === 1) typeMeta = typeMetaOf(bytesOf(value))
    if (number === 2) raw = bytesOf(value)
  }
  return { ...typeMeta, ...message(raw, schema, 0) }
}

function typeMetaOf(bytes: Buffer): JsonObject {
  const names: Readonly<Record<number, string>> = { 1: 'apiVersion', 2: 'kind' }
  return Object.fromEntries(fieldsOf(bytes).flatMap(({ number, value }) => (names[number] ? [[names[number], bytesOf(value).toString('utf8')]] : [])))
}

function message(bytes: Buffer, schema: string, depth: number): JsonObject {
  if (depth > maxDepth) throw malformed('the message is too deep')
  const object: JsonObject = {}
  for (const { number, value } of fieldsOf(bytes)) {
    const known = fieldNumbered(schema, number)
    const field = known && schemas[schema]?.fields[known.name]
    if (!field) throw unknownField(schema, number)
    if (field.type === 'array') add(object, known.name, valueOf(value, field.items!, depth))
    else if (field.type === 'map') addEntry(object, known.name, bytesOf(value), field.items!, depth)
    else {
      const decoded = valueOf(value, field, depth)
      // a Go client writes every plain field; its JSON would leave out the empty ones
      if (decoded !== undefined && (known.pointer || !isZero(decoded))) setOwn(object, known.name, decoded)
    }
  }
  return object
}

const isZero = (value: unknown): boolean => value === '' || value === 0 || value === false

function add(object: JsonObject, name: string, value: unknown): void {
  object[name] = [...((object[name] as unknown[] | undefined) ?? []), value]
}

function addEntry(object: JsonObject, name: string, bytes: Buffer, items: FieldSchema, depth: number): void {
  let key = ''
  let value: unknown = items.type === 'string' || items.type === 'bytes' ? '' : undefined
  for (const entry of fieldsOf(bytes)) {
    if (entry.number === 1) key = bytesOf(entry.value).toString('utf8')
    else if (entry.number === 2) value = valueOf(entry.value, items, depth)
  }
  const map = (object[name] ??= {}) as JsonObject
  setOwn(map, key, value)
}

function valueOf(value: bigint | Buffer, field: FieldSchema, depth: number): unknown {
  switch (field.type) {
    case 'string':
      return bytesOf(value).toString('utf8')
    case 'bytes':
      return bytesOf(value).toString('base64')
    case 'boolean':
      return numberOf(value) !== 0
    case 'integer':
      return numberOf(value)
    case 'object':
      return message(bytesOf(value), field.ref ?? '', depth + 1)
    case 'quantity':
      return fieldsOf(bytesOf(value)).filter(({ number }) => number === 1).map((part) => bytesOf(part.value).toString('utf8'))[0] ?? '0'
    case 'int-or-string':
      return intOrString(bytesOf(value))
    case 'time':
      return time(bytesOf(value))
    default:
      throw unsupportedMediaType(mediaTypes)
  }
}

function intOrString(bytes: Buffer): string | number {
  const parts = new Map(fieldsOf(bytes).map(({ number, value }) => [number, value]))
  return numberOf(parts.get(1) ?? 0n) === 1 ? bytesOf(parts.get(3) ?? Buffer.alloc(0)).toString('utf8') : numberOf(parts.get(2) ?? 0n)
}

/** An empty Time is none at all. */
function time(bytes: Buffer): string | undefined {
  const seconds = fieldsOf(bytes).find(({ number }) => number === 1)?.value
  return seconds === undefined ? undefined : timestamp(numberOf(seconds) * 1000)
}

interface Part {
  readonly number: number
  readonly value: bigint | Buffer
}

/** A message's fields as they stand: varints and length-delimited ones, which are all that these messages have. */
function fieldsOf(bytes: Buffer): Part[] {
  const parts: Part[] = []
  let at = 0
  const varint = (): bigint => {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++]
      if (byte === undefined) throw malformed('unexpected EOF')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asIntN(64, value)
    }
    throw malformed('integer overflow')
  }
  while (at < bytes.length) {
    const tag = Number(varint())
    if ((tag & 7) === 0) parts.push({ number: tag >> 3, value: varint() })
    else if ((tag & 7) === 2) {
      const length = Number(varint())
      if (length < 0 || at + length > bytes.length) throw malformed('unexpected EOF')
      parts.push({ number: tag >> 3, value: bytes.subarray(at, (at += length)) })
    } else throw malformed(`illegal wireType ${tag & 7}`)
  }
  return parts
}

function bytesOf(value: bigint | Buffer): Buffer {
  if (typeof value === 'bigint') throw malformed('wrong wireType')
  return value
}

function numberOf(value: bigint | Buffer): number {
  if (typeof value !== 'bigint') throw malformed('wrong wireType')
  return Number(value)
}

const malformed = (why: string): StatusError => badRequest(`proto: ${why}`)

function unknownField(schema: string, number: number): StatusError {
  const { status } = unsupportedMediaType(mediaTypes)
  return new StatusError({ ...status, message: `${status.message}; field ${number} of ${schema} cannot be read as protobuf here` })
}
