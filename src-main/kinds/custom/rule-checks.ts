import type { FieldError, FieldPath } from '../field-error.ts'
import type { ValidationRule } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { additionalOf, type JsonSchema, propertyOf } from './json-schema.ts'

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']

/** What is wrong with a rule besides its expressions. */
export function checkWords({ rule, message, messageExpression, reason, fieldPath }: ValidationRule, schema: JsonSchema, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!rule?.trim()) errors.push(at.child('rule').required('rule is not specified'))
  else if (message && !message.trim()) errors.push(at.child('message').invalid(message, 'must be non-empty if specified'))
  else if (/[\n\r]/.test(message?.trim() ?? '')) errors.push(at.child('message').invalid(message, 'must not contain line breaks'))
  else if (/[\n\r]/.test(rule.trim()) && !message?.trim()) errors.push(at.child('message').required('message must be specified if rule contains line breaks'))
  if (messageExpression && !messageExpression.trim()) errors.push(at.child('messageExpression').required('messageExpression must be non-empty if specified'))
  if (reason !== undefined && !reasons.includes(reason)) errors.push(at.child('reason').notSupported(reason, reasons))
  return fieldPath === undefined ? errors : [...errors, ...checkFieldPath(fieldPath, schema, at.child('fieldPath'))]
}

function checkFieldPath(path: string, schema: JsonSchema, at: FieldPath): FieldError[] {
  if (path === '') return []
  const wrong = stepsOf(path, schema)
  return [
    ...(path.trim() ? [] : [at.invalid(path, 'must be non-empty if specified')]),
    ...(/[\n\r]/.test(path) ? [at.invalid(path, 'must not contain line breaks')] : []),
    ...(typeof wrong === 'string' ? [at.invalid(path, 'must be a valid path')] : []),
  ]
}

/** A quoted name ends with the first quote that no backslash stands before, be that escaped itself or not. */
const step = /\.([^.[\]]+)|\['((?:[^']|(?<=\\)')*)(?<!\\)'\]/y

const escapes: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', "'": "'", '\\': '\\' }

/** Undefined when there is an escape that nobody knows. */
function unescaped(text: string): string | undefined {
  const unknown = text.match(/\\./g)?.some((each) => lookup(escapes, each[1]!) === undefined)
  return unknown ? undefined : text.replaceAll(/\\(.)/g, (_all, letter: string) => lookup(escapes, letter)!)
}

/** The names of `.spec['a.b'].c`, or what is wrong with it. */
function stepsOf(path: string, schema: JsonSchema): ReadonlyArray<{ name: string; isKey: boolean }> | string {
  const steps: Array<{ name: string; isKey: boolean }> = []
  let at: JsonSchema | true | undefined = schema
  const reader = new RegExp(step)
  while (reader.lastIndex < path.length) {
    const from = reader.lastIndex
    const match = reader.exec(path)
    if (!match) return `expected [ or . but got: ${path.slice(from)}`
    const name = match[1] ?? unescaped(match[2]!)
    if (name === undefined) return 'invalid string literal'
    const holder: JsonSchema | undefined = typeof at === 'object' ? at : undefined
    const isKey: boolean = holder?.properties === undefined
    at = holder && (isKey ? additionalOf(holder) : propertyOf(holder, name))
    if (at === undefined) return 'does not refer to a valid field'
    steps.push({ name, isKey })
  }
  return steps
}

/** Where a rule reports its failure: its own place, or the field below that it names. */
export function placeOf(fieldPath: string | undefined, schema: JsonSchema, at: FieldPath): FieldPath {
  const steps = fieldPath ? stepsOf(fieldPath, schema) : []
  return typeof steps === 'string' ? at : steps.reduce((path, { name, isKey }) => (isKey ? path.key(name) : path.child(name)), at)
}
