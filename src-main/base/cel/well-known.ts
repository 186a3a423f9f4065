import { decodeMessage } from './any.ts'
import type { Library, Message } from './declarations.ts'
import { type Json, toJson } from './json.ts'
import { timestampOf } from './times.ts'
import * as t from './types.ts'
import type { Type } from './types.ts'
import { Duration, Failure, isMap, LazyMap, typeOf, Uint } from './values.ts'

type Fields = ReadonlyMap<string, unknown>

class BadField extends Error {}

/** The sorts of numbers and texts that fields have, with Go's words for them. */
interface Scalar {
  readonly type: Type
  readonly word: string
  /** Undefined for what is too large. */
  take(value: unknown): unknown
}

const asIs = (value: unknown): unknown => value
const inBits = (bits: number) => (value: unknown): unknown => (typeof value === 'bigint' && BigInt.asIntN(bits, value) !== value ? undefined : value)

const scalars = {
  bool: { type: t.bool, word: 'bool', take: asIs },
  bytes: { type: t.bytes, word: '[]uint8', take: asIs },
  double: { type: t.double, word: 'float64', take: asIs },
  float: { type: t.double, word: 'float32', take: (value) => Math.fround(value as number) },
  int32: { type: t.int, word: 'int32', take: inBits(32) },
  int64: { type: t.int, word: 'int64', take: asIs },
  string: { type: t.string, word: 'string', take: asIs },
  uint32: { type: t.uint, word: 'uint32', take: (value) => ((value as Uint).value >> 32n === 0n ? value : undefined) },
  uint64: { type: t.uint, word: 'uint64', take: asIs },
} satisfies Readonly<Record<string, Scalar>>

/** A field as a scalar; the checker has not seen what is dyn. @throws BadField */
function scalar(fields: Fields, name: string, { type, word, take }: Scalar, zero: unknown): unknown {
  if (!fields.has(name)) return zero
  const value = fields.get(name)
  const given = typeOf(value)
  if (given.kind !== type.kind) throw new BadField(`${name} value type: ${unsuited(given, word)}`)
  const taken = take(value)
  if (taken === undefined) throw new BadField(`${name} value type: ${type.kind === 'uint' ? 'unsigned integer' : 'integer'} overflow`)
  return taken
}

function unsuited({ kind, name }: Type, word: string): string {
  if (kind === 'string') return `unsupported native conversion from string to '${word}'`
  return kind === 'int' || kind === 'uint' ? `unsupported type conversion from '${kind}' to ${word}` : `type conversion error from '${name}' to '${word}'`
}

/** As JSON has it, whose numbers are all doubles. */
function fromJson(value: Json): unknown {
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value === 'object' && value !== null) return new Map(Object.entries(value).map(([name, each]) => [name, fromJson(each)]))
  return value
}

/** @throws BadField */
function json(fields: Fields, name: string, isRight: (value: unknown) => boolean, zero: unknown): unknown {
  if (!fields.has(name)) return zero
  const value = fields.get(name)
  if (!isRight(value)) throw new BadField(`${name} value type: type conversion error from '${typeOf(value).name}' to '*structpb.Value'`)
  try {
    return fromJson(toJson(value))
  } catch (error) {
    throw new BadField(`${name} value type: ${(error as Error).message}`)
  }
}

const empty = t.struct('google.protobuf.Empty')

class Empty extends LazyMap {
  override readonly type = empty
  readonly size = 0

  get(): undefined {
    return undefined
  }

  keys(): Iterable<unknown> {
    return []
  }
}

function message(name: string, type: Type, fields: Readonly<Record<string, Type>>, make: (fields: Fields) => unknown): [string, Message] {
  return [`google.protobuf.${name}`, {
    type,
    field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined),
    make(given) {
      try {
        return make(given)
      } catch (error) {
        if (error instanceof BadField) return new Failure(`field type conversion error for google.protobuf.${name}.${error.message}`)
        throw error
      }
    },
  }]
}

const wrapper = (name: string, of: Scalar, zero: unknown): [string, Message] => message(name, t.wrapper(of.type), { value: of.type }, (fields) => scalar(fields, 'value', of, zero))

const nanosOf = (fields: Fields): bigint =>
  (scalar(fields, 'seconds', scalars.int64, 0n) as bigint) * 1_000_000_000n + (scalar(fields, 'nanos', scalars.int32, 0n) as bigint)

const longest = 2n ** 63n - 1n
const object = t.map(t.string, t.dyn)
const items = t.list(t.dyn)

function valueOf(fields: Fields): unknown {
  // of several the last one counts
  const name = [...fields.keys()].at(-1) ?? ''
  switch (name) {
    case 'number_value':
      return scalar(fields, name, scalars.double, 0)
    case 'string_value':
      return scalar(fields, name, scalars.string, '')
    case 'bool_value':
      return scalar(fields, name, scalars.bool, false)
    case 'struct_value':
      return json(fields, name, isMap, new Map())
    case 'list_value':
      return json(fields, name, Array.isArray, [])
    default:
      return null
  }
}

/** What a message of any type holds. */
function held(fields: Fields): unknown {
  const any = { url: scalar(fields, 'type_url', scalars.string, '') as string, value: scalar(fields, 'value', scalars.bytes, new Uint8Array()) as Uint8Array }
  const inside = unpacked(any)
  const made = inside && inside.message.make(inside.fields)
  return made === undefined || made instanceof Failure ? new Failure(`unsupported conversion to ref.Val: (*dynamicpb.Message)${anyText(any)}`) : made
}

interface AnyMessage {
  readonly url: string
  readonly value: Uint8Array
}

function unpacked({ url, value }: AnyMessage): { readonly name: string; readonly message: Message; readonly fields: Fields } | undefined {
  const name = url.slice(url.lastIndexOf('/') + 1)
  const message = known.get(name)
  const fields = message && decodeMessage(name, value)
  return fields && { name, message, fields }
}

/** As Go prints one. */
function anyText({ url, value }: AnyMessage): string {
  const inside = url === '' ? undefined : unpacked({ url, value })
  if (inside?.name === 'google.protobuf.Any') {
    const { fields } = inside
    return `[${url}]:{${anyText({ url: (fields.get('type_url') as string | undefined) ?? '', value: (fields.get('value') as Uint8Array | undefined) ?? new Uint8Array() })}}`
  }
  return [...(url ? [`type_url:${quoted(Buffer.from(url))}`] : []), ...(value.length > 0 ? [`value:${quoted(Buffer.from(value))}`] : [])].join('  ')
}

const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '"': '\\"', '\\': '\\\\' }

/** Bytes as the text form of protobuf has them. */
function quoted(bytes: Buffer): string {
  const isText = Buffer.from(bytes.toString()).equals(bytes)
  const unlike = isText ? /["\\\p{Cc}]/gu : /[^ !#-[\]-~]/g
  const shown = (each: string): string => (Object.hasOwn(escapes, each) ? escapes[each]! : `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return `"${bytes.toString(isText ? 'utf8' : 'latin1').replaceAll(unlike, shown)}"`
}

const known: ReadonlyMap<string, Message> = new Map([
  wrapper('BoolValue', scalars.bool, false), wrapper('BytesValue', scalars.bytes, new Uint8Array()), wrapper('DoubleValue', scalars.double, 0), wrapper('FloatValue', scalars.float, 0),
  wrapper('Int32Value', scalars.int32, 0n), wrapper('Int64Value', scalars.int64, 0n), wrapper('StringValue', scalars.string, ''), wrapper('UInt32Value', scalars.uint32, new Uint(0n)),
  wrapper('UInt64Value', scalars.uint64, new Uint(0n)),
  message('Timestamp', t.timestamp, { seconds: t.int, nanos: t.int }, (fields) => timestampOf(nanosOf(fields))),
  message('Duration', t.duration, { seconds: t.int, nanos: t.int }, (fields) => {
    const nanos = nanosOf(fields)
    return new Duration(nanos > longest ? longest : nanos < -longest - 1n ? -longest - 1n : nanos)
  }),
  message('Struct', object, { fields: object }, (fields) => json(fields, 'fields', isMap, new Map())),
  message('ListValue', items, { values: items }, (fields) => json(fields, 'values', Array.isArray, [])),
  message('Value', t.dyn, { null_value: t.int, number_value: t.double, string_value: t.string, bool_value: t.bool, struct_value: object, list_value: items }, valueOf),
  message('Empty', empty, {}, () => new Empty()),
  message('Any', t.any, { type_url: t.string, value: t.bytes }, held),
])

/** The messages that every cel-go knows, which expressions may make: each becomes the language's own value that it stands for. */
export const wellKnownLibrary: Library = {
  types: [empty],
  numbers: { 'google.protobuf.NullValue.NULL_VALUE': 0n },
  functions: {},
  messages: Object.fromEntries(known),
}
