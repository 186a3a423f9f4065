import type { FieldError, FieldPath } from '../field-error.ts'
import { internalSchema } from './internal-form.ts'
import type { JsonSchema } from './json-schema.ts'

/** What a schema says about how its list or map is merged, and whether it can be. */
export function checkMergeTypes(schema: JsonSchema, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const mapType = schema['x-kubernetes-map-type']
  const listType = schema['x-kubernetes-list-type']
  if (mapType !== undefined) errors.push(...typed(schema, 'object', 'x-kubernetes-map-type', at))
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular') errors.push(at.child('x-kubernetes-map-type').notSupported(mapType, ['atomic', 'granular']))
  if (listType !== undefined) errors.push(...typed(schema, 'array', 'x-kubernetes-list-type', at))
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType)) errors.push(at.child('x-kubernetes-list-type').notSupported(listType, ['atomic', 'set', 'map']))
  if (listType === 'set' && schema.type === 'array') errors.push(...checkSet(schema, at.child('items')))
  return [...errors, ...checkKeys(schema, at), ...checkNulls(schema, at.child('items'))]
}

const typed = ({ type }: JsonSchema, wanted: string, word: string, at: FieldPath): FieldError[] => {
  const sentence = `must be ${wanted} if ${word} is specified`
  return type === wanted ? [] : [type ? at.child('type').invalid(type, sentence) : at.child('type').required(sentence)]
}

const itemsOf = ({ items }: JsonSchema): JsonSchema | undefined => (Array.isArray(items) ? undefined : items as JsonSchema | undefined)
const propertyOf = (items: JsonSchema | undefined, key: string): JsonSchema | undefined =>
  items?.properties && Object.hasOwn(items.properties, key) ? items.properties[key] : undefined

/** Members of a set are compared as a whole. */
function checkSet(schema: JsonSchema, at: FieldPath): FieldError[] {
  const items = itemsOf(schema)
  const sentence = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const [mapType, listType] = [items?.['x-kubernetes-map-type'], items?.['x-kubernetes-list-type']]
  if (items?.type === 'object' && mapType !== 'atomic') return [at.child('x-kubernetes-map-type').invalid(listType, sentence)]
  return items?.type === 'array' && (listType ?? 'atomic') !== 'atomic' ? [at.child('x-kubernetes-list-type').invalid(listType, sentence)] : []
}

function checkKeys(schema: JsonSchema, at: FieldPath): FieldError[] {
  const listType = schema['x-kubernetes-list-type']
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const keysAt = at.child('x-kubernetes-list-map-keys')
  if (listType !== 'map') {
    if (keys.length === 0) return []
    const here = at.child('x-kubernetes-list-type')
    const sentence = 'must be map if x-kubernetes-list-map-keys is non-empty'
    return [listType === undefined ? here.required(sentence) : here.invalid(listType, sentence)]
  }
  const errors = keys.length === 0 ? [keysAt.required('must not be empty if x-kubernetes-list-type is map')] : []
  const items = itemsOf(schema)
  const itemsAt = at.child('items')
  if (Array.isArray(schema.items)) return [...errors, itemsAt.invalid(internalSchema({ items: schema.items }).Items, 'must only have a single schema if x-kubernetes-list-type is map')]
  if (!items) return [...errors, itemsAt.required('must have a schema if x-kubernetes-list-type is map')]
  if (items.type !== 'object') return [...errors, itemsAt.child('type').invalid(items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map")]
  keys.forEach((key, i) => {
    const type = propertyOf(items, key)?.type
    if (!propertyOf(items, key)) errors.push(keysAt.invalid(keys, 'entries must all be names of item properties'))
    else if (type === 'array' || type === 'object') errors.push(itemsAt.child('properties').key(key).child('type').invalid('object', "must be a scalar type if parent array's x-kubernetes-list-type is map"))
    if (keys.indexOf(key) < i) errors.push(keysAt.invalid(keys, 'must not contain duplicate entries'))
  })
  return errors
}

/** What identifies an item is there. */
function checkNulls(schema: JsonSchema, at: FieldPath): FieldError[] {
  const listType = schema['x-kubernetes-list-type']
  const items = itemsOf(schema)
  if (!items || (listType !== 'set' && listType !== 'map')) return []
  const errors = items.nullable ? [at.child('nullable').forbidden(`cannot be nullable when x-kubernetes-list-type is ${listType}`)] : []
  if (listType === 'set') return errors
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = propertyOf(items, key)
    if (!property) continue
    const here = at.child('properties').key(key)
    const given = property.default !== undefined || items.required?.includes(key)
    if (!given) errors.push(here.child('default').required('this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'))
    if (property.nullable) errors.push(here.child('nullable').forbidden('this property is in x-kubernetes-list-map-keys, so it cannot be nullable'))
  }
  return errors
}
