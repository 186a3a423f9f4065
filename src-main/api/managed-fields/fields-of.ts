import type { FieldSchema } from '../../kinds/schema.ts'
import { emptySet, FieldCount, type FieldSet, isEmpty, leaf } from './field-set.ts'
import { fieldElement } from './fields-v1.ts'
import {
  builtIn,
  given,
  grouped,
  isDeclared,
  isVoid,
  itemSchema,
  itemsOf,
  rootSchema,
  schemaBelow,
  shapeOf,
  type Shapes,
} from './shapes.ts'

/**
 * Every field that the object has, as Kubernetes divides it: leaves, items, keys of maps; a struct itself only when it is
 * empty. A schema that is not in the table is deduced.
 *
 * @throws TooManyFields
 */
export const fieldsOf = (schema: string, object: unknown, shapes: Shapes = builtIn): FieldSet =>
  fieldsBelow({ shapes, count: new FieldCount() }, rootSchema(schema), object)

interface Walk {
  readonly shapes: Shapes
  readonly count: FieldCount
}

function fieldsBelow(walk: Walk, schema: FieldSchema, value: unknown): FieldSet {
  walk.count.add()
  const shape = shapeOf(schema, value)
  if (shape === 'leaf') return emptySet
  return shape === 'fields'
    ? structFields(walk, schema, value as Record<string, unknown>)
    : listFields(walk, schema, value)
}

function structFields(walk: Walk, schema: FieldSchema, value: Record<string, unknown>): FieldSet {
  const { shapes } = walk
  const isCustom = shapes.types !== builtIn.types
  const children = new Map<string, FieldSet>()
  for (const name of Object.keys(value)) {
    const at = schemaBelow(shapes, schema, name)
    const isKey = !isDeclared(shapes, schema, name)
    const field = isCustom && (isKey || value[name] === null) ? value[name] : given(at, value[name])
    if (field === undefined) continue
    const inner = fieldsBelow(walk, at, field)
    const isPart = shapeOf(at, field) !== 'leaf' && !isVoid(field)
    // of a struct with nothing but empty lists nothing is said, unless it stands below the key of a map
    if (isPart && isEmpty(inner) && isCustom && !isKey) continue
    const owned = isEmpty(inner) || isKey
    children.set(fieldElement(name), { owned, children: inner.children })
  }
  return { owned: false, children }
}

function listFields(walk: Walk, schema: FieldSchema, list: unknown): FieldSet {
  walk.count.expectItems(list)
  const children = new Map<string, FieldSet>()
  for (const [element, values] of grouped(itemsOf(walk.shapes, schema, list))) {
    const inner = values.length > 1 ? emptySet : fieldsBelow(walk, itemSchema(schema), values[0])
    children.set(element, isEmpty(inner) ? leaf : { owned: true, children: inner.children })
  }
  return { owned: false, children }
}

/** The set with every declared field on the way to its members, so that a struct that loses all of them is found. */
export function withStructs(shapes: Shapes, schema: FieldSchema, set: FieldSet): FieldSet {
  if (set.children.size === 0) return set
  const children = new Map<string, FieldSet>()
  for (const [element, child] of set.children) {
    const name = element.startsWith('f:') ? element.slice(2) : undefined
    const at = name === undefined ? itemSchema(schema) : schemaBelow(shapes, schema, name)
    const filled = withStructs(shapes, at, child)
    const owned = child.owned || (name !== undefined && isDeclared(shapes, schema, name))
    children.set(element, owned === filled.owned ? filled : { owned, children: filled.children })
  }
  return { owned: set.owned, children }
}
