import { isLong, through } from '../../base/json-steps.ts'
import type { Steps } from '../../base/turns.ts'
import { prune } from '../pruning.ts'
import { isObject } from '../schema-values.ts'
import { maxDepth, pathOf, type Step } from '../schemas.ts'
import { checkStructure } from '../structure-walk.ts'
import { additionalOf, isEmbedded, itemsOf, type JsonSchema, metaSchema, objectFields, preserves, propertyOf } from './json-schema.ts'

/**
 * Drops what the schema of a whole object does not describe, and nulls that it does not allow unless they are to be judged.
 * Changes `object`.
 *
 * @returns the paths of what is not described
 */
export function pruneCustom(schema: JsonSchema, object: object, keepsNulls = false): string[] {
  const walk: Walk = { steps: [], dropped: [], keepsNulls }
  pruneFields(walk, schema, object as Record<string, unknown>, true)
  return walk.dropped
}

/** The same of an object that may be long. */
export function* pruneCustomInSteps(schema: JsonSchema, object: object, keepsNulls = false): Steps<string[]> {
  const walk: Walk = { steps: [], dropped: [], keepsNulls }
  yield* pruneLongFields(walk, schema, object as Record<string, unknown>, true)
  return walk.dropped
}

interface Walk {
  readonly steps: Step[]
  readonly dropped: string[]
  readonly keepsNulls: boolean
}

/** What a list's items are: nothing has a place in them where the schema says nothing of them, unless it keeps all. */
const itemSchema = (schema: JsonSchema): JsonSchema | undefined => itemsOf(schema) ?? (preserves(schema) ? undefined : nothing)

function pruneValue(walk: Walk, schema: JsonSchema, value: unknown): void {
  if (walk.steps.length > maxDepth) return
  if (Array.isArray(value)) {
    const items = itemSchema(schema)
    if (items) value.forEach((item, i) => below(walk, i, items, item))
  } else if (isObject(value)) pruneFields(walk, schema, value, isEmbedded(schema))
}

function* pruneLong(walk: Walk, schema: JsonSchema, value: unknown): Steps<void> {
  if (walk.steps.length > maxDepth || !isLong(value)) return pruneValue(walk, schema, value)
  yield
  if (!Array.isArray(value)) return yield* pruneLongFields(walk, schema, value as Record<string, unknown>, isEmbedded(schema))
  const items = itemSchema(schema)
  if (items) yield* through(value.keys(), (i) => value[i] as unknown, (i, item) => below(walk, i, items, item), (i, item) => belowLong(walk, i, items, item))
}

function pruneFields(walk: Walk, schema: JsonSchema, value: Record<string, unknown>, isWhole: boolean): void {
  if (!isWhole && keepsAll(schema)) return
  for (const name of Object.keys(value)) {
    const member = pruneMember(walk, schema, value, name, isWhole)
    if (member) below(walk, name, member, value[name])
  }
}

function* pruneLongFields(walk: Walk, schema: JsonSchema, value: Record<string, unknown>, isWhole: boolean): Steps<void> {
  if (!isWhole && keepsAll(schema)) return
  yield* through(Object.keys(value), (name) => value[name], (name, member) => {
    const at = pruneMember(walk, schema, value, name, isWhole)
    return !at || below(walk, name, at, member)
  }, function* (name, member) {
    const at = pruneMember(walk, schema, value, name, isWhole)
    return !at || (yield* belowLong(walk, name, at, member))
  })
}

const keepsAll = (schema: JsonSchema): boolean => preserves(schema) && additionalOf(schema) === undefined && !schema.properties

/** What describes what is below a member, unless that was dropped or is looked at elsewhere. */
function pruneMember(walk: Walk, schema: JsonSchema, value: Record<string, unknown>, name: string, isWhole: boolean): JsonSchema | undefined {
  if (isWhole && objectFields.has(name)) {
    // the root's metadata is checked where the body is decoded
    if (name === 'metadata' && walk.steps.length > 0) value[name] = prunedMeta(value[name])
    return undefined
  }
  const more = additionalOf(schema)
  const property = propertyOf(schema, name)
  if (value[name] === null && !walk.keepsNulls && isAbsent(property ?? more)) delete value[name]
  else if (property) return property
  else if (typeof more === 'object') return more
  else if (schema.additionalProperties !== undefined) return nothing
  else if (!preserves(schema)) {
    walk.dropped.push(pathOf([...walk.steps, name]).toString())
    delete value[name]
  }
  return undefined
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

function below(walk: Walk, step: Step, schema: JsonSchema, value: unknown): true {
  if (typeof value !== 'object') return true
  walk.steps.push(step)
  pruneValue(walk, schema, value)
  walk.steps.pop()
  return true
}

function* belowLong(walk: Walk, step: Step, schema: JsonSchema, value: unknown): Steps<true> {
  walk.steps.push(step)
  yield* pruneLong(walk, schema, value)
  walk.steps.pop()
  return true
}
