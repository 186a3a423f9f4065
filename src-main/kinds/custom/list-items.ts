import { inGoOrder } from '../../base/go-text.ts'
import { type FieldError, FieldPath } from '../field-error.ts'
import { isObject } from '../schema-values.ts'
import { additionalOf, hasListTypes, itemsOf, type JsonSchema, propertyOf } from './json-schema.ts'

/** Where a set has a member twice, or a list two items of one name. What was so before the change may stay so, wherever it was. */
export function checkListItems(schema: JsonSchema, object: object, old?: object): FieldError[] {
  if (!hasListTypes(schema)) return []
  const errors = found(schema, object)
  return errors.length > 0 && old && found(schema, old).length > 0 ? [] : errors
}

function found(schema: JsonSchema, object: object): FieldError[] {
  const errors: FieldError[] = []
  check(schema, object, new FieldPath(), errors)
  return errors
}

function check(schema: JsonSchema, value: unknown, at: FieldPath, errors: FieldError[]): void {
  if (!hasListTypes(schema)) return
  if (Array.isArray(value)) {
    const type = schema['x-kubernetes-list-type']
    if (type === 'set') errors.push(...repeated(value).map((i) => at.child(i).duplicate(inGoOrder(value[i]))))
    if (type === 'map') errors.push(...checkNames(schema['x-kubernetes-list-map-keys'] ?? [], value, at))
    const items = itemsOf(schema)
    if (items && hasListTypes(items)) value.forEach((item, i) => check(items, item, at.child(i), errors))
  } else if (isObject(value)) {
    const more = additionalOf(schema)
    if (typeof more === 'object') for (const name of Object.keys(value)) check(more, value[name], at.key(name), errors)
    for (const name of Object.keys(value)) {
      const property = propertyOf(schema, name)
      if (property) check(property, value[name], at.child(name), errors)
    }
  }
}

function checkNames(keys: readonly string[], items: readonly unknown[], at: FieldPath): FieldError[] {
  const stranger = items.findIndex((item) => item !== null && !isObject(item))
  if (stranger >= 0) return [at.child(stranger).invalid(items[stranger], 'must be an object for an array of list-type map')]
  const names = items.map((item) => (isObject(item) ? Object.fromEntries(keys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, item[key]])) : {}))
  return repeated(names).map((i) => at.child(i).duplicate(inGoOrder(names[i])))
}

/** The second of each that is there more often. */
function repeated(values: readonly unknown[]): number[] {
  const seen = new Map<string, number>()
  return values.flatMap((value, i) => {
    const name = sortedText(value)
    const times = seen.get(name) ?? 0
    seen.set(name, times + 1)
    return times === 1 ? [i] : []
  })
}

const sortedText = (value: unknown): string => JSON.stringify(inGoOrder(value))
