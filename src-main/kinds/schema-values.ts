import { goTime } from '../base/go-time.ts'
import { isInt64 } from '../base/json.ts'
import { parseQuantity } from '../base/quantity.ts'
import { readQuantity } from '../base/quantity-text.ts'
import { lookup } from './lookup.ts'
import type { FieldSchema } from './schema.ts'

/** JSON's own names of types, as OpenAPI validation writes them. */
export function jsonType(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'bigint') return 'integer'
  // as kube-openapi: beyond what a double holds exactly it is no integer
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'integer' : 'number'
  return typeof value
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const base64 = /^[A-Za-z0-9+/\r\n]*(?:=[\r\n]*){0,2}$/

/** A wrong value: it has another type (then `wanted` names the right one), or it is out of its format. */
export type Wrong = { readonly wanted: string } | { readonly detail: string }

const is = (wanted: string, type: string) => (value: unknown): Wrong | undefined => (typeof value === type ? undefined : { wanted })

function text(value: unknown, good: (text: string) => boolean, detail: string): Wrong | undefined {
  if (typeof value !== 'string') return { wanted: 'string' }
  return good(value) ? undefined : { detail }
}

const isTime = (value: string): boolean => goTime(value) !== undefined

function isBase64(value: string): boolean {
  return base64.test(value) && value.replaceAll(/[\r\n]/g, '').length % 4 === 0
}

function integer(value: unknown, schema: FieldSchema): Wrong | undefined {
  if (typeof value === 'bigint' ? !isInt64(value) : typeof value !== 'number' || !Number.isInteger(value)) return { wanted: 'integer' }
  const [low, high] = schema.format === 'int64' ? [-(2n ** 63n), 2n ** 63n - 1n] : [-(2 ** 31), 2 ** 31 - 1]
  const whole = value as number | bigint
  return whole >= low && whole <= high ? undefined : { detail: `must be between ${low} and ${high}, inclusive` }
}

/** Nearly all are one as they stand. */
function notQuantity(text: string): Wrong | undefined {
  if (parseQuantity(text) !== undefined) return undefined
  const read = readQuantity(text.trim())
  return typeof read === 'string' ? { detail: read } : undefined
}

const timeSentence = 'must be a time as RFC 3339 writes it, such as 2006-01-02T15:04:05Z'

const checks: Readonly<Record<string, (value: unknown, schema: FieldSchema) => Wrong | undefined>> = {
  string: is('string', 'string'),
  boolean: is('boolean', 'boolean'),
  number: (value) => (typeof value === 'bigint' ? undefined : is('number', 'number')(value)),
  integer,
  bytes: (value) => text(value, isBase64, 'must be base64 text'),
  time: (value) => text(value, isTime, timeSentence),
  microtime: (value) => text(value, isTime, timeSentence),
  quantity: (value) => (['string', 'number', 'bigint'].includes(typeof value) ? notQuantity(String(value)) : { wanted: 'string' }),
  'int-or-string': (value) =>
    typeof value === 'string' ? undefined : typeof value === 'number' || typeof value === 'bigint' ? integer(value, { type: 'integer' }) : { wanted: 'string or integer' },
}

/** What is wrong with a value that is neither object, array nor map; undefined when nothing is. */
export const wrongLeaf = (value: unknown, schema: FieldSchema): Wrong | undefined => lookup(checks, schema.type)?.(value, schema)

/** What Go reads from a null element of a list or map; undefined when it keeps the null. */
export function zeroValue(schema: FieldSchema): unknown {
  switch (schema.type) {
    case 'string': case 'bytes': return ''
    case 'quantity': return '0'
    case 'integer': case 'number': case 'int-or-string': return 0
    case 'boolean': return false
    case 'object': case 'map': return {}
    case 'array': return []
    default: return undefined
  }
}
