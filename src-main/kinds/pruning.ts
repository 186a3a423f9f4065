import { canonicalQuantity, canonicalResource } from '../base/amount.ts'
import { everyInSteps, isEmpty, isLong, through } from '../base/json-steps.ts'
import type { Steps } from '../base/turns.ts'
import { heldIn } from './held-schemas.ts'
import type { FieldSchema, Schemas, TypeSchema } from './schema.ts'
import { isObject, zeroValue } from './schema-values.ts'
import { fieldOf, maxDepth, schemas, typeOf } from './schemas.ts'

/**
 * Brings a body that passed `checkStructure` into the form Go would read: drops unknown fields, nulls, empty text in
 * place of one of a closed set of words, and what is left out when it is empty or zero; a null in a list or map becomes
 * its zero value; a quantity becomes its canonical text; a time is in UTC, in whole seconds or microseconds.
 */
export function prune(schema: string, value: unknown, types: Schemas = schemas): void {
  pruneValue({ type: 'object', ref: schema }, value, types, 0)
}

/** The same of a value that may be long. */
export const pruneInSteps = (schema: string, value: unknown, types: Schemas = schemas): Steps<void> => pruneLong({ type: 'object', ref: schema }, value, types, 0)

function pruneValue(schema: FieldSchema, value: unknown, types: Schemas, depth: number): void {
  if (depth > maxDepth) return
  if (schema.type === 'object' && isObject(value)) {
    const type = typeOf(schema.ref, types)
    if (type) pruneFields(type, value, types, depth)
  } else if (schema.type === 'map' && schema.items && isObject(value)) {
    if (isText(schema.items) && Object.values(value).every((item) => item !== null)) return
    for (const key of Object.keys(value)) pruneMember(schema, value, key, types, depth)
  } else if (schema.type === 'array' && schema.items && Array.isArray(value)) {
    if (isText(schema.items) && value.every((item) => item !== null)) return
    for (let i = 0; i < value.length; i++) pruneMember(schema, value, i, types, depth)
  } else if (schema.type === 'any' && schema.ref !== undefined) {
    const held = heldIn(schema.ref, value)
    if (held) pruneValue(held, value, types, depth + 1)
  }
}

function* pruneLong(schema: FieldSchema, value: unknown, types: Schemas, depth: number): Steps<void> {
  if (depth > maxDepth || !isLong(value)) return pruneValue(schema, value, types, depth)
  yield
  const { type, items } = schema
  if (type === 'object') {
    const fields = isObject(value) ? typeOf(schema.ref, types) : undefined
    if (fields) yield* pruneLongFields(fields, value as Record<string, unknown>, types, depth)
  } else if (items && (type === 'array' ? Array.isArray(value) : type === 'map' && isObject(value))) {
    const holder = value as Record<string | number, unknown>
    const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value)
    yield
    if (isText(items) && (yield* everyInSteps<string | number>(keys, (key) => holder[key] !== null))) return
    yield* through<string | number>(keys, (key) => holder[key], (key) => {
      pruneMember(schema, holder, key, types, depth)
      return true
    }, function* (key) {
      pruneEntry(schema, holder, key)
      yield* pruneLong(items, holder[key], types, depth + 1)
      return true
    })
  } else pruneValue(schema, value, types, depth)
}

/** Of which nothing is dropped or changed but a null. */
const isText = ({ type }: FieldSchema): boolean => type === 'string' || type === 'bytes'

function pruneMember(schema: FieldSchema, holder: Record<string | number, unknown> | unknown[], at: string | number, types: Schemas, depth: number): void {
  pruneEntry(schema, holder, at)
  pruneValue(schema.items!, (holder as Record<string | number, unknown>)[at], types, depth + 1)
}

/** What stands in a list or map itself; what is below it is not looked at. */
function pruneEntry({ type, items }: FieldSchema, holder: Record<string | number, unknown> | unknown[], at: string | number): void {
  const values = holder as Record<string | number, unknown>
  if (type === 'map' && items!.type === 'quantity' && values[at] !== null) values[at] = canonicalResource(String(values[at]))
  else pruneItem(items!, values, at)
}

function pruneFields(type: TypeSchema, value: Record<string, unknown>, types: Schemas, depth: number): void {
  for (const name of Object.keys(value)) {
    const field = prunedField(type, value, name)
    if (field) pruneValue(field, value[name], types, depth + 1)
  }
}

function* pruneLongFields(type: TypeSchema, value: Record<string, unknown>, types: Schemas, depth: number): Steps<void> {
  yield* through(Object.keys(value), (name) => value[name], (name) => {
    const field = prunedField(type, value, name)
    if (field) pruneValue(field, value[name], types, depth + 1)
    return true
  }, function* (name) {
    const field = prunedField(type, value, name)
    if (field) yield* pruneLong(field, value[name], types, depth + 1)
    return true
  })
}

/** The schema of a field that is left in its place. */
function prunedField(type: TypeSchema, value: Record<string, unknown>, name: string): FieldSchema | undefined {
  const field = fieldOf(type, name)
  if (!field || value[name] === null || isUnset(field, value[name])) {
    delete value[name]
    return undefined
  }
  pruneItem(field, value, name)
  return field
}

/** What Go reads as nothing, and so does not write: empty lists and maps that may be missing, zeros that no pointer keeps. */
function isUnset({ type, required, omitZero, enum: words, default: preset, keepsEmpty }: FieldSchema, value: unknown): boolean {
  // a word that a pointer keeps is there, right or not
  const isWord = words !== undefined && !words.includes('') && (required || omitZero)
  if (value === '' && (isWord || type === 'time' || type === 'microtime')) return true
  if (required && preset !== null) return false
  if (value === '' || value === 0 || value === false) return omitZero === true || (type === 'bytes' && value === '')
  if (keepsEmpty) return false
  if (type === 'array') return Array.isArray(value) && value.length === 0
  return type === 'map' && isObject(value) && isEmpty(value)
}

function pruneItem(schema: FieldSchema, holder: Record<string | number, unknown> | unknown[], at: string | number): void {
  const values = holder as Record<string | number, unknown>
  if (values[at] === null) values[at] = zeroValue(schema) ?? null
  else if (schema.type === 'quantity') values[at] = canonicalQuantity(String(values[at]))
  else if (schema.type === 'time' || schema.type === 'microtime') values[at] = canonicalTime(String(values[at]), schema.type)
}

/** As metav1.Time and metav1.MicroTime write what they read: 2006-01-02T16:04:05.7+01:00 is 2006-01-02T15:04:05Z. */
function canonicalTime(value: string, type: 'time' | 'microtime'): string {
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? ''
  const seconds = new Date(value.replace(/\.\d+/, '')).toISOString().slice(0, -'.000Z'.length)
  return type === 'time' ? `${seconds}Z` : `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z`
}
