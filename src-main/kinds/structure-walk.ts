import { isLong, through } from '../base/json-steps.ts'
import type { Steps } from '../base/turns.ts'
import type { FieldError } from './field-error.ts'
import { heldIn, isSchemaOrBool } from './held-schemas.ts'
import type { FieldSchema, Schemas, TypeSchema } from './schema.ts'
import { isObject, jsonType, wrongLeaf } from './schema-values.ts'
import { fieldOf, maxDepth, pathOf, schemas, typeOf, type Step } from './schemas.ts'

/** As in Kubernetes' strict decoding: nobody reads further, and a hostile body cannot make a giant answer. */
const maxMistakes = 100

interface Walk {
  readonly types: Schemas
  readonly steps: Step[]
  readonly errors: FieldError[]
  readonly unknown: string[]
}

/**
 * Compares a decoded body with the structure of its type, changing nothing. `errors` are values of a wrong type or format;
 * `unknown` are the paths of fields that the type does not have. Null counts as absent. A schema that is not in the table
 * allows everything.
 */
export function checkStructure(schema: string, value: unknown, types: Schemas = schemas): { errors: FieldError[]; unknown: string[] } {
  const walk: Walk = { types, steps: [], errors: [], unknown: [] }
  check(walk, { type: 'object', ref: schema }, value)
  return { errors: walk.errors, unknown: walk.unknown }
}

/** The same of a body that may be long. */
export function* checkStructureInSteps(schema: string, value: unknown, types: Schemas = schemas): Steps<{ errors: FieldError[]; unknown: string[] }> {
  const walk: Walk = { types, steps: [], errors: [], unknown: [] }
  yield* checkLong(walk, { type: 'object', ref: schema }, value)
  return { errors: walk.errors, unknown: walk.unknown }
}

function* checkLong(walk: Walk, schema: FieldSchema, value: unknown): Steps<void> {
  if (!isLong(value) || walk.steps.length > maxDepth) return check(walk, schema, value)
  yield
  const { items } = schema
  const type = schema.type === 'object' && isObject(value) ? typeOf(schema.ref, walk.types) : undefined
  const into = function* (step: Step, below: FieldSchema, member: unknown): Steps<boolean> {
    walk.steps.push(step)
    yield* checkLong(walk, below, member)
    walk.steps.pop()
    return true
  }
  if (type) {
    const holder = value as Record<string, unknown>
    yield* through(Object.keys(value), (name) => holder[name], (name) => checkField(walk, type, holder, name), function* (name, member) {
      const field = fieldOf(type, name)
      return field ? yield* into(name, field, member) : checkField(walk, type, holder, name)
    })
  } else if (items && schema.type === 'map' && isObject(value)) {
    yield* through(Object.keys(value), (key) => value[key], (key) => checkEntry(walk, items, value, key), (key, member) => into({ key }, items, member))
  } else if (items && schema.type === 'array' && Array.isArray(value)) {
    yield* through(value.keys(), (i) => value[i] as unknown, (i) => checkItem(walk, items, value, i), (i, member) => into(i, items, member))
  } else check(walk, schema, value)
}

function check(walk: Walk, schema: FieldSchema, value: unknown): void {
  if (value === null || value === undefined || walk.errors.length >= maxMistakes) return
  if (walk.steps.length > maxDepth) {
    walk.errors.push(pathOf(walk.steps.slice(0, 8)).invalid('...', `must not be nested deeper than ${maxDepth} levels`))
    return
  }
  switch (schema.type) {
    case 'any':
      return schema.ref === undefined ? undefined : checkHeld(walk, schema.ref, value)
    case 'object':
      return isObject(value) ? checkFields(walk, schema, value) : wrongType(walk, value, 'object')
    case 'map':
      return isObject(value) ? checkEntries(walk, schema, value) : wrongType(walk, value, 'object')
    case 'array':
      return Array.isArray(value) ? checkItems(walk, schema, value) : wrongType(walk, value, 'array')
    default:
      return checkLeaf(walk, schema, value)
  }
}

/** What has a decoder of its own, which is not strict. */
function checkHeld(walk: Walk, ref: string, value: unknown): void {
  const held = heldIn(ref, value)
  const known = walk.unknown.length
  if (held) check(walk, held, value)
  else if (isSchemaOrBool(ref) && typeof value !== 'boolean') walk.errors.push(pathOf(walk.steps).invalid(value, notSchemaOrBool))
  walk.unknown.length = known
}

export const notSchemaOrBool = 'boolean or JSON schema expected'

function checkFields(walk: Walk, schema: FieldSchema, value: Record<string, unknown>): void {
  const type = typeOf(schema.ref, walk.types)
  if (!type) return
  for (const name of Object.keys(value)) checkField(walk, type, value, name)
}

/** Whether it is worth looking further, as with the two below. */
function checkField(walk: Walk, type: TypeSchema, value: Record<string, unknown>, name: string): boolean {
  const field = fieldOf(type, name)
  walk.steps.push(name)
  if (field) check(walk, field, value[name])
  else if (walk.unknown.length < maxMistakes) walk.unknown.push(unknownPath(walk.steps))
  walk.steps.pop()
  return true
}

/** The strict decoder makes no difference between a field and a map's key. */
const unknownPath = (steps: readonly Step[]): string => pathOf(steps.map((step) => (typeof step === 'object' ? step.key : step))).toString()

function checkEntries(walk: Walk, { items }: FieldSchema, value: Record<string, unknown>): void {
  if (items) for (const key of Object.keys(value)) checkEntry(walk, items, value, key)
}

function checkEntry(walk: Walk, items: FieldSchema, value: Record<string, unknown>, key: string): boolean {
  if (isPlain(items) && typeof value[key] === items.type) return true
  walk.steps.push({ key })
  check(walk, items, value[key])
  walk.steps.pop()
  return walk.errors.length < maxMistakes
}

function checkItems(walk: Walk, { items }: FieldSchema, value: readonly unknown[]): void {
  if (items) for (let i = 0; i < value.length; i++) checkItem(walk, items, value, i)
}

function checkItem(walk: Walk, items: FieldSchema, value: readonly unknown[], i: number): boolean {
  if (isPlain(items) && typeof value[i] === items.type) return true
  walk.steps.push(i)
  check(walk, items, value[i])
  walk.steps.pop()
  return walk.errors.length < maxMistakes
}

/** Of which there may be hundreds of thousands, and nothing more to check than what they are. */
const isPlain = ({ type }: FieldSchema): boolean => type === 'string' || type === 'boolean'

function checkLeaf(walk: Walk, schema: FieldSchema, value: unknown): void {
  const wrong = wrongLeaf(value, schema)
  if (!wrong) return
  if ('wanted' in wrong) wrongType(walk, value, wrong.wanted)
  else walk.errors.push(pathOf(walk.steps).invalid(value, wrong.detail))
}

function wrongType(walk: Walk, value: unknown, wanted: string): void {
  const path = pathOf(walk.steps)
  const actual = jsonType(value)
  const subject = walk.steps.length === 0 ? 'the body' : `${path.toString()} in body`
  walk.errors.push(path.typeInvalid(actual, `${subject} must be of type ${wanted}: ${JSON.stringify(actual)}`))
}
