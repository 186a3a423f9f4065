import type { FieldError } from './field-error.ts'
import type { FieldSchema, Schemas } from './schema.ts'
import { isObject } from './schema-values.ts'
import { pathOf, typeOf } from './schemas.ts'

/**
 * Lists whose keys the schema names for merging, but in which Kubernetes accepts the same key twice: the last variable
 * wins, two ports may be one.
 */
const repeatable = new Set([
  'Container.env', 'Container.ports', 'Container.volumeMounts', 'EphemeralContainer.env', 'EphemeralContainer.ports', 'EphemeralContainer.volumeMounts',
  'PodSpec.imagePullSecrets', 'PodSpec.hostAliases', 'PodSpec.topologySpreadConstraints', 'ServiceSpec.ports', 'ServiceAccount.secrets', 'JSONSchemaProps.x-kubernetes-validations',
])

/**
 * What the schema says about values of the right type: required fields, closed sets of words, keys and sets without
 * duplicates. `metadata` and `status` are not looked at: Kubernetes has its own rules for the one and takes what
 * components report in the other.
 */
export function checkConstraints(schema: string, object: object, types: Schemas): FieldError[] {
  const errors: FieldError[] = []
  const type = typeOf(schema, types)
  if (!type) return errors
  const fields = Object.fromEntries(Object.entries(type.fields).filter(([name]) => !['apiVersion', 'kind', 'metadata', 'status'].includes(name)))
  walkFields({ types: types, errors, steps: [] }, fields, shortName(schema), object as Record<string, unknown>)
  return errors
}

/** More are not told. */
const mostMistakes = 1000

interface Walk {
  readonly types: Schemas
  readonly errors: FieldError[]
  readonly steps: Array<string | number | { key: string }>
}

const shortName = (name: string): string => name.slice(name.lastIndexOf('.') + 1)

function walkFields(walk: Walk, fields: Readonly<Record<string, FieldSchema>>, owner: string, value: Record<string, unknown>): void {
  for (const [name, field] of Object.entries(fields)) {
    const present = Object.hasOwn(value, name) && value[name] !== null && value[name] !== undefined
    if (!present && !field.required) continue
    walk.steps.push(name)
    if (!present) walk.errors.push(pathOf(walk.steps).required())
    else {
      if (field.type === 'array' && !repeatable.has(`${owner}.${name}`)) duplicates(walk, field, value[name])
      visit(walk, field, value[name])
    }
    walk.steps.pop()
  }
}

function visit(walk: Walk, schema: FieldSchema, value: unknown): void {
  if (walk.errors.length >= mostMistakes) return
  if (typeof value === 'string') {
    if (schema.enum && !schema.enum.includes(value)) walk.errors.push(pathOf(walk.steps).notSupported(value, schema.enum))
  } else if (schema.type === 'object' && isObject(value)) {
    const type = typeOf(schema.ref, walk.types)
    if (type) walkFields(walk, type.fields, shortName(schema.ref ?? ''), value)
  } else if (schema.items && isLeaf(schema.items)) {
    return
  } else if (schema.items && Array.isArray(value)) {
    for (const [i, item] of value.entries()) visitItem(walk, schema.items, item, i)
  } else if (schema.items && isObject(value)) {
    for (const [key, item] of Object.entries(value)) visitItem(walk, schema.items, item, { key })
  }
}

/** Of which nothing more is demanded than its type. */
const isLeaf = ({ enum: words, items, ref }: FieldSchema): boolean => words === undefined && items === undefined && ref === undefined

function visitItem(walk: Walk, schema: FieldSchema, item: unknown, step: number | { key: string }): void {
  walk.steps.push(step)
  visit(walk, schema, item)
  walk.steps.pop()
}

function duplicates(walk: Walk, schema: FieldSchema, value: unknown): void {
  if (!Array.isArray(value) || (schema.listType !== 'set' && schema.listType !== 'map')) return
  const seen = new Set<string>()
  for (const [i, item] of value.entries()) {
    const keys = schema.listType === 'map' ? (schema.listMapKeys ?? []) : []
    const identity = schema.listType === 'set' ? item : Object.fromEntries(keys.map((key) => [key, isObject(item) ? item[key] : undefined]))
    const text = JSON.stringify(identity)
    if (seen.has(text)) {
      const path = pathOf([...walk.steps, i])
      const [only] = keys
      walk.errors.push(keys.length === 1 && only && isObject(item) ? path.child(only).duplicate(item[only]) : path.duplicate(identity))
    }
    seen.add(text)
  }
}
