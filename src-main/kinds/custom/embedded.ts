import { inGoOrder } from '../../base/go-text.ts'
import { say } from '../checks.ts'
import { decoderSentence } from '../decoder-sentence.ts'
import { type FieldError, FieldPath } from '../field-error.ts'
import { checkEmbeddedMeta } from '../object-meta.ts'
import { prune } from '../pruning.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth } from '../schemas.ts'
import { checkStructure } from '../structure-walk.ts'
import { isDNS1035Label } from '../validation.ts'
import { additionalOf, hasEmbedded, isEmbedded, itemsOf, type JsonSchema, metaSchema, propertyOf } from './json-schema.ts'

/** What is wrong with the types and the metadata of whole objects inside another; changed or not. */
export function checkEmbedded(schema: JsonSchema, value: unknown, at = new FieldPath()): FieldError[] {
  const errors: FieldError[] = []
  visit(schema, value, at, 0, (object, path) => errors.push(...checkWhole(object, path)))
  return errors
}

/** What of them the decoder cannot read, and what it does not know. */
export function readEmbedded(schema: JsonSchema, value: unknown, at = new FieldPath()): { mistake?: FieldError | undefined; unknown: string[] } {
  const mistakes: FieldError[] = []
  const unknown: string[] = []
  visit(schema, value, at, 0, (object, path) => {
    for (const name of ['apiVersion', 'kind']) {
      if (object[name] !== undefined && typeof object[name] !== 'string') mistakes.push(path.child(name).invalid(object[name], 'must be a string'))
    }
    if (object.metadata === undefined) return
    const here = path.child('metadata')
    const read = checkStructure(metaSchema, object.metadata)
    if (read.errors[0]) mistakes.push(here.invalid(inGoOrder(object.metadata), decoderSentence(metaSchema, read.errors[0])))
    unknown.push(...read.unknown.map((each) => `${here.toString()}.${each}`))
  })
  return { mistake: mistakes[0], unknown }
}

/** Drops what no metadata has. */
export const pruneEmbedded = (schema: JsonSchema, value: unknown): void =>
  visit(schema, value, new FieldPath(), 0, ({ metadata }) => {
    if (isObject(metadata) && checkStructure(metaSchema, metadata).errors.length === 0) prune(metaSchema, metadata)
  })

function visit(schema: JsonSchema, value: unknown, at: FieldPath, depth: number, look: (object: Record<string, unknown>, at: FieldPath) => void): void {
  if (depth > maxDepth || !hasEmbedded(schema)) return
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items) value.forEach((item, i) => visit(items, item, at.child(i), depth + 1, look))
  } else if (isObject(value)) {
    if (isEmbedded(schema)) look(value, at)
    const more = additionalOf(schema)
    for (const name of Object.keys(value)) {
      const property = propertyOf(schema, name)
      if (property) visit(property, value[name], at.child(name), depth + 1, look)
      else if (typeof more === 'object') visit(more, value[name], at.key(name), depth + 1, look)
    }
  }
}

function checkWhole({ apiVersion, kind, metadata }: Record<string, unknown>, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, value] of [['apiVersion', apiVersion], ['kind', kind]] as const) {
    if (value === undefined) errors.push(at.child(name).required())
    else if (typeof value !== 'string') errors.push(at.child(name).invalid(value, 'must be a string'))
    else if (value === '') errors.push(at.child(name).invalid(value, 'must not be empty'))
  }
  if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2) errors.push(at.child('apiVersion').invalid(apiVersion, `unexpected GroupVersion string: ${apiVersion}`))
  if (typeof kind === 'string' && kind !== '') {
    const wrong = isDNS1035Label(kind.toLowerCase())
    if (wrong.length > 0) errors.push(...say(at.child('kind'), kind, [`may have mixed case, but should otherwise match: ${wrong.join(',')}`]))
  }
  const here = at.child('metadata')
  if (metadata === undefined) return errors
  const [wrong] = checkStructure(metaSchema, metadata).errors
  return [...errors, ...(wrong ? [here.invalid(inGoOrder(metadata), decoderSentence(metaSchema, wrong))] : checkEmbeddedMeta((metadata ?? {}) as object, here))]
}
