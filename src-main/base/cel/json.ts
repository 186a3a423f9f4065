import { writeDuration, writeTimestamp } from './times.ts'
import { type AnyMap, Duration, find, isMap, Timestamp, Uint } from './values.ts'

export type Json = string | number | bigint | boolean | null | Json[] | { [name: string]: Json }

/** What an expression made, as JSON. @throws Error for what JSON has no word for */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'string': case 'boolean': case 'number':
      return value
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    default:
      return objectToJson(value as object | null)
  }
}

function objectToJson(value: object | null): Json {
  if (value === null) return null
  if (Array.isArray(value)) return value.map(toJson)
  if (isMap(value)) return mapToJson(value)
  if (value instanceof Timestamp) return writeTimestamp(value)
  if (value instanceof Duration) return writeDuration(value)
  if (value instanceof Uint) return Number(value.value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  throw new Error(`a value of type ${value.constructor.name} is no JSON`)
}

const mapToJson = (map: AnyMap): Json => Object.fromEntries([...map.keys()].map(nameOf).filter((key) => key !== '__proto__').map((key) => [key, toJson(find(map, key) ?? null)]))

function nameOf(key: unknown): string {
  if (typeof key !== 'string') throw new Error('a map with keys that are not strings is no JSON')
  return key
}
