import { copyJson } from '../base/json.ts'
import { isLong, through } from '../base/json-steps.ts'
import type { Steps } from '../base/turns.ts'
import type { AnyKind } from './kind.ts'
import type { KubeObject } from './meta.ts'
import type { FieldSchema, Schemas } from './schema.ts'
import { isObject } from './schema-values.ts'
import { schemas, typeOf } from './schemas.ts'

/**
 * Fills in the schema's defaults below objects that are present, then the kind's own. Changes `object`. What a spec must
 * say has no default; in a status it is zero.
 */
export function applyDefaults<T extends KubeObject>(kind: AnyKind, object: T, types: Schemas = schemas): void {
  fill({ type: 'object', ref: kind.schema }, object, planOf(types))
  kind.default?.(object)
}

/** The same of an object that may be long. */
export function* defaultInSteps(kind: AnyKind, object: KubeObject, types: Schemas = schemas): Steps<void> {
  yield* fillLong({ type: 'object', ref: kind.schema }, object, planOf(types))
  yield
  if (kind.defaultInSteps) yield* kind.defaultInSteps(object)
  else kind.default?.(object)
}

interface Field {
  readonly name: string
  readonly schema: FieldSchema
  /** It has a default itself. */
  readonly filled: boolean
  /** There may be one below it. */
  readonly deep: boolean
}
type Fields = readonly Field[]

/** Where there is something to fill in, by type: most of a large object is skipped by this. */
interface Plan {
  readonly types: Schemas
  readonly known: Map<string, Fields>
  /** What components report may leave out what it must say. */
  readonly reported: boolean
  /** Of a status. */
  readonly status: Plan
}

const memory = new WeakMap<Schemas, Plan>()

function planOf(types: Schemas): Plan {
  const made = memory.get(types)
  if (made) return made
  const status: Plan = { types, known: new Map<string, Fields>(), reported: true, get status() { return status } }
  const plan: Plan = { types, known: new Map<string, Fields>(), reported: false, status }
  memory.set(types, plan)
  return plan
}

const below = (name: string, plan: Plan): Plan => (name === 'status' ? plan.status : plan)

function* fillLong(schema: FieldSchema, value: unknown, plan: Plan): Steps<void> {
  if (!isLong(value) || !hasDefaults(schema, plan)) return fill(schema, value, plan)
  const { items, ref = '' } = schema
  if (schema.type === 'object' && isObject(value)) {
    for (const field of fieldsWithDefaults(ref, plan)) {
      if (fillField(value, field)) yield* fillLong(field.schema, value[field.name], below(field.name, plan))
    }
  } else if (items) {
    const all = Object.values(value) as unknown[]
    const short = (_: number, item: unknown): true => {
      fill(items, item, plan)
      return true
    }
    yield* through(all.keys(), (i) => all[i], short, function* (_, item) {
      yield* fillLong(items, item, plan)
      return true
    })
  }
}

function fill(schema: FieldSchema, value: unknown, plan: Plan): void {
  if (schema.type === 'object') {
    if (isObject(value)) fillFields(schema, value, plan)
  } else if (schema.items && typeof value === 'object' && value !== null && hasDefaults(schema.items, plan)) {
    for (const item of Object.values(value)) fill(schema.items, item, plan)
  }
}

function fillFields({ ref = '' }: FieldSchema, value: Record<string, unknown>, plan: Plan): void {
  for (const field of fieldsWithDefaults(ref, plan)) {
    if (fillField(value, field)) fill(field.schema, value[field.name], below(field.name, plan))
  }
}

/** Whether something may be missing below the field then. */
function fillField(value: Record<string, unknown>, { name, schema, filled, deep }: Field): boolean {
  const present = value[name]
  if (filled && (present === undefined || present === null)) value[name] = copyJson(schema.default)
  return deep && Object.hasOwn(value, name)
}

/** Zero says nothing where Go leaves it out. */
const isFilled = ({ default: preset, omitZero, required }: FieldSchema, { reported }: Plan): boolean =>
  preset !== undefined && (!omitZero || Boolean(preset)) && (reported || !required || preset === null)

const hasDefaults = (schema: FieldSchema, plan: Plan): boolean =>
  schema.items ? hasDefaults(schema.items, plan) : schema.ref !== undefined && fieldsWithDefaults(schema.ref, plan).length > 0

/** The fields of a type that have a default or below which there is one. */
function fieldsWithDefaults(ref: string, plan: Plan): Fields {
  const answer = plan.known.get(ref)
  if (answer) return answer
  // a type that is being looked at counts as having none: its other fields decide
  plan.known.set(ref, [])
  const fields = Object.entries(typeOf(ref, plan.types)?.fields ?? {}).map(([name, schema]) =>
    ({ name, schema, filled: isFilled(schema, plan), deep: hasDefaults(schema, below(name, plan)) }))
  const found = fields.filter(({ filled, deep }) => filled || deep)
  plan.known.set(ref, found)
  return found
}
