import { isJsonObject } from '../../base/json.ts'
import { say } from '../checks.ts'
import { type FieldError, FieldPath } from '../field-error.ts'
import { checkEmbeddedMeta } from '../object-meta.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth } from '../schemas.ts'
import { checkStructure } from '../structure.ts'
import { isDNS1035Label } from '../validation.ts'
import { additionalOf, hasEmbedded, isEmbedded, itemsOf, type JsonSchema, metaSchema, propertyOf } from './json-schema.ts'

/** What is wrong with the type and the metadata of a whole object inside another. */
export function checkEmbedded({ apiVersion, kind, metadata }: Record<string, unknown>, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, value] of [['apiVersion', apiVersion], ['kind', kind]] as const) {
    if (value === undefined) errors.push(at.child(name).required())
    else if (typeof value !== 'string') errors.push(at.child(name).invalid(value, 'must be a string'))
    else if (value === '') errors.push(at.child(name).invalid(value, 'must not be empty'))
  }
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) errors.push(at.child('apiVersion').invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  if (typeof kind === 'string' && kind !== '') {
    errors.push(...say(at.child('kind'), kind, isDNS1035Label(kind.toLowerCase()).map((sentence) => `may have mixed case, but should otherwise match: ${sentence}`)))
  }
  const here = at.child('metadata')
  if (metadata === undefined) return errors
  const wrong = wrongMetadata(metadata, here)
  return [...errors, ...(wrong ? [wrong] : checkEmbeddedMeta(metadata as object, here))]
}

/** The first embedded object whose type or metadata is none: nothing could read it. */
export function unreadableEmbedded(schema: JsonSchema, object: object): FieldError | undefined {
  return hasEmbedded(schema) ? unreadable(schema, object, new FieldPath(), 0) : undefined
}

function unreadable(schema: JsonSchema, value: unknown, at: FieldPath, depth: number): FieldError | undefined {
  if (depth > maxDepth || !hasEmbedded(schema)) return undefined
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    return items && firstOf(value, (item, i) => unreadable(items, item, at.child(i), depth + 1))
  }
  if (!isObject(value)) return undefined
  const more = additionalOf(schema)
  return (isEmbedded(schema) ? wrongFields(value, at) : undefined) ?? firstOf(Object.entries(value), ([name, each]) => {
    const property = propertyOf(schema, name)
    if (property) return unreadable(property, each, at.child(name), depth + 1)
    return typeof more === 'object' ? unreadable(more, each, at.key(name), depth + 1) : undefined
  })
}

function firstOf<T>(values: readonly T[], look: (value: T, index: number) => FieldError | undefined): FieldError | undefined {
  for (const [i, value] of values.entries()) {
    const found = look(value, i)
    if (found) return found
  }
  return undefined
}

function wrongFields(value: Record<string, unknown>, at: FieldPath): FieldError | undefined {
  for (const name of ['apiVersion', 'kind']) {
    if (value[name] !== undefined && typeof value[name] !== 'string') return at.child(name).invalid(value[name], 'must be a string')
  }
  return value.metadata === undefined ? undefined : wrongMetadata(value.metadata, at.child('metadata'))
}

function wrongMetadata(metadata: unknown, at: FieldPath): FieldError | undefined {
  const [error] = isJsonObject(metadata) ? checkStructure(metaSchema, metadata).errors : [{ field: '', message: 'must be an object' }]
  return error && at.invalid(metadata, `${error.field}${error.field ? ': ' : ''}${error.message}`)
}
