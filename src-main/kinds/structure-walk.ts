import type { FieldError } from './field-error.ts'
import type { FieldSchema, Schemas } from './schema.ts'
import { isObject, jsonType, wrongLeaf } from './schema-values.ts'
import { fieldOf, maxDepth, pathOf, schemas, typeOf, type Step } from './schemas.ts'

/** As in Kubernetes' strict decoding: nobody reads further, and a hostile body cannot make a giant answer. */
const maxMistakes = 100

/**
 * Values of one object. Each of them is defaulted, validated and tracked in one turn of the event loop; an object that fits
 * into the store has far fewer.
 */
const mostValues = 20_000
/** A definition's schemas are long, and only read. */
const mostInDefinition = 100_000
const definitions = 'io.k8s.apiextensions-apiserver.'

interface Walk {
  readonly types: Schemas
  readonly mostValues: number
  values: number
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
  const walk: Walk = { types, mostValues: schema.startsWith(definitions) ? mostInDefinition : mostValues, values: 0, steps: [], errors: [], unknown: [] }
  check(walk, { type: 'object', ref: schema }, value)
  return { errors: walk.errors, unknown: walk.unknown }
}

function check(walk: Walk, schema: FieldSchema, value: unknown): void {
  if (value === null || value === undefined || walk.errors.length >= maxMistakes || walk.values > walk.mostValues) return
  if (++walk.values > walk.mostValues) return void walk.errors.unshift(pathOf([]).invalid('...', `must not have more than ${walk.mostValues} values`))
  if (walk.steps.length > maxDepth) {
    walk.errors.push(pathOf(walk.steps.slice(0, 8)).invalid('...', `must not be nested deeper than ${maxDepth} levels`))
    return
  }
  switch (schema.type) {
    case 'any':
      return
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

function checkFields(walk: Walk, schema: FieldSchema, value: Record<string, unknown>): void {
  const type = typeOf(schema.ref, walk.types)
  if (!type) return
  for (const name of Object.keys(value)) {
    const field = fieldOf(type, name)
    walk.steps.push(name)
    if (field) check(walk, field, value[name])
    else if (walk.unknown.length < maxMistakes) walk.unknown.push(pathOf(walk.steps).toString())
    walk.steps.pop()
  }
}

function checkEntries(walk: Walk, schema: FieldSchema, value: Record<string, unknown>): void {
  if (!schema.items) return
  for (const key of Object.keys(value)) {
    walk.steps.push({ key })
    check(walk, schema.items, value[key])
    walk.steps.pop()
  }
}

function checkItems(walk: Walk, schema: FieldSchema, value: readonly unknown[]): void {
  if (!schema.items) return
  for (let i = 0; i < value.length; i++) {
    walk.steps.push(i)
    check(walk, schema.items, value[i])
    walk.steps.pop()
  }
}

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
