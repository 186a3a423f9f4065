import { writeDuration, writeTimestamp } from './times.ts'
import { type AnyMap, Duration, find, isMap, OpaqueValue, Optional, Timestamp, TypeValue, Uint } from './values.ts'

export type Json = string | number | bigint | boolean | null | Json[] | { [name: string]: Json }

/** What an expression made, as JSON; whole numbers that a double cannot tell apart are texts. @throws Error in cel-go's words for what JSON has no word for */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'string': case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value)) return value
      throw new Error(`json: error calling MarshalJSON for type *structpb.Value: proto: google.protobuf.Value.number_value: invalid ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'} value`)
    case 'bigint':
      return wholeToJson(value)
    default:
      return objectToJson(value as object | null)
  }
}

const wholeToJson = (value: bigint): Json => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value))

function objectToJson(value: object | null): Json {
  if (value === null) return null
  if (Array.isArray(value)) return value.map(toJson)
  if (isMap(value)) return mapToJson(value)
  if (value instanceof Timestamp) return writeTimestamp(value)
  if (value instanceof Duration) return writeDuration(value)
  if (value instanceof Uint) return wholeToJson(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Optional) {
    if (value.value === undefined) throw new Error('optional.none() dereference')
    return toJson(value.value)
  }
  if (value instanceof TypeValue) throw new Error("type conversion not supported for 'type'")
  if (value instanceof OpaqueValue) throw new Error(`type conversion error from '${value.type.name.split('.').at(-1)}' to '*structpb.Value'`)
  throw new Error(`a value of type ${value.constructor.name} is no JSON`)
}

const mapToJson = (map: AnyMap): Json => Object.fromEntries([...map.keys()].map(nameOf).sort().filter((key) => key !== '__proto__').map((key) => [key, toJson(find(map, key) ?? null)]))

function nameOf(key: unknown): string {
  if (typeof key === 'string') return key
  throw new Error(typeof key === 'boolean' ? "type conversion error from bool to 'string'" : `unsupported type conversion from '${key instanceof Uint ? 'uint' : 'int'}' to string`)
}
