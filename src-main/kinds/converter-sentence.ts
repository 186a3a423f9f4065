import { goBase64Mistake } from '../base/go-base64.ts'
import { goWord } from '../base/json.ts'
import { decoderSentence, fieldAt } from './decoder-sentence.ts'
import type { FieldError } from './field-error.ts'
import type { FieldSchema } from './schema.ts'

/**
 * What Go's converter says of the first value that is not of its type, where an object is made of maps and not of a text:
 * `cannot restore slice from string`.
 */
export function converterSentence(schema: string, error: FieldError, object: unknown): string {
  if (error.field === '<nil>') return decoderSentence(schema, error, object)
  const { schema: wanted, type, value } = fieldAt(schema, error.field, object)
  const from = kindOf(value)
  const own = ownWords(wanted, value)
  if (own !== undefined) return own
  const restored = restores[wanted.type]
  if (restored) return `${restored} ${from}`
  const to = scalars[wanted.type]
  if (to === undefined) return decoderSentence(schema, error, object)
  // Go makes letters of whole numbers, and whole numbers of others: what it could do and may not has other words
  const convertible = (to === 'string' && from === 'int64') || (to === 'int32' && from === 'float64')
  const kind = to === 'int32' ? type : to
  return convertible ? `cannot convert ${from} to ${type}` : `unrecognized type: ${kind}`
}

const restores: Partial<Readonly<Record<FieldSchema['type'], string>>> = {
  map: 'cannot restore map from', array: 'cannot restore slice from', bytes: 'cannot restore slice from', object: 'cannot restore struct from:',
}
const scalars: Partial<Readonly<Record<FieldSchema['type'], string>>> = { string: 'string', integer: 'int32', boolean: 'bool', number: 'float64' }

/** Types that read themselves are given JSON. */
function ownWords({ type }: FieldSchema, value: unknown): string | undefined {
  if (type === 'bytes' && typeof value === 'string') return `error decoding from json: ${goBase64Mistake(value) ?? ''}`
  if ((type === 'time' || type === 'microtime') && typeof value !== 'string') return `json: cannot unmarshal ${goWord(value)} into Go value of type string`
  if (type === 'int-or-string') return `json: cannot unmarshal ${goWord(value)}${typeof value === 'number' || typeof value === 'bigint' ? ` ${value}` : ''} into Go value of type int32`
  return undefined
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  if (typeof value === 'bigint') return 'int64'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return { boolean: 'bool', string: 'string' }[typeof value as string] ?? 'map'
}
