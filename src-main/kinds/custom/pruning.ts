import { prune } from '../pruning.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth, pathOf, type Step } from '../schemas.ts'
import { checkStructure } from '../structure-walk.ts'
import { additionalOf, isEmbedded, itemsOf, type JsonSchema, metaSchema, objectFields, preserves, propertyOf } from './json-schema.ts'

/**
 * Drops what the schema of a whole object does not describe, and nulls that it does not allow. Changes `object`.
 *
 * @returns the paths of what is not described
 */
export function pruneCustom(schema: JsonSchema, object: object): string[] {
  const walk: Walk = { steps: [], dropped: [] }
  pruneFields(walk, schema, object as Record<string, unknown>, true)
  return walk.dropped
}

interface Walk {
  readonly steps: Step[]
  readonly dropped: string[]
}

function pruneValue(walk: Walk, schema: JsonSchema, value: unknown): void {
  if (walk.steps.length > maxDepth) return
  if (Array.isArray(value)) {
    const items = itemsOf(schema) ?? (schema === nothing ? nothing : undefined)
    if (!items) return
    value.forEach((item, i) => below(walk, i, items, item))
  } else if (isObject(value)) pruneFields(walk, schema, value, isEmbedded(schema))
}

function pruneFields(walk: Walk, schema: JsonSchema, value: Record<string, unknown>, isWhole: boolean): void {
  const more = additionalOf(schema)
  if (!isWhole && preserves(schema) && more === undefined && !schema.properties) return
  for (const name of Object.keys(value)) {
    if (isWhole && objectFields.has(name)) {
      // the root's metadata is checked where the body is decoded
      if (name === 'metadata' && walk.steps.length > 0) value[name] = prunedMeta(value[name])
      continue
    }
    const property = propertyOf(schema, name)
    if (value[name] === null && isAbsent(property ?? more)) delete value[name]
    else if (property) below(walk, name, property, value[name])
    else if (typeof more === 'object') below(walk, name, more, value[name])
    else if (schema.additionalProperties !== undefined) below(walk, name, nothing, value[name])
    else if (!preserves(schema)) {
      walk.dropped.push(pathOf([...walk.steps, name]).toString())
      delete value[name]
    }
  }
}

function prunedMeta(metadata: unknown): unknown {
  if (metadata === null) return {}
  // nobody could bring what cannot be read into another form
  if (checkStructure(metaSchema, metadata).errors.length === 0) prune(metaSchema, metadata)
  return metadata
}

/** What a schema says of what it only allows or forbids by `true` and `false`: of that Kubernetes keeps no fields. */
const nothing: JsonSchema = {}

/** A null that is not allowed says nothing; one that a default takes the place of is left to that. */
const isAbsent = (schema: JsonSchema | true | undefined): boolean =>
  typeof schema === 'object' && !schema.nullable && schema.default === undefined

function below(walk: Walk, step: Step, schema: JsonSchema, value: unknown): void {
  if (typeof value !== 'object') return
  walk.steps.push(step)
  pruneValue(walk, schema, value)
  walk.steps.pop()
}
