import { Optional } from '@marcbachmann/cel-js'
import { Duration, UnsignedInt } from '@marcbachmann/cel-js/evaluator'
import { secondsOf } from './times.ts'

export type Json = string | number | bigint | boolean | null | Json[] | { [name: string]: Json }

/** What an expression made, as JSON. @throws Error for what JSON has no word for */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'string': case 'boolean': case 'number':
      return value
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : value
    case 'object':
      return objectToJson(value)
    default:
      throw new Error(`a value of type ${typeof value} is no JSON`)
  }
}

function objectToJson(value: object | null): Json {
  if (value === null) return null
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Map) return Object.fromEntries([...(value as Map<unknown, unknown>)].map(([name, each]) => [keyOf(name), toJson(each)]))
  if ('toJson' in value && typeof value.toJson === 'function') return (value as { toJson(): Json }).toJson()
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z')
  if (value instanceof Duration) return secondsOf(value)
  if (value instanceof UnsignedInt) return Number(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Optional || Object.getPrototypeOf(value) !== Object.prototype) throw new Error(`a value of type ${value.constructor.name} is no JSON`)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toJson(each)]))
}

function keyOf(name: unknown): string {
  if (typeof name !== 'string') throw new Error('a map with keys that are not strings is no JSON')
  return name
}
