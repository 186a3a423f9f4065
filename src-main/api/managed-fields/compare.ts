import { equalJson, isJsonObject, type JsonObject, ownValue } from '../../base/json.ts'
import type { FieldSchema } from '../../kinds/schema.ts'
import { differenceBelow, FieldCount, type FieldSet, FieldSetBuilder, isEmpty, leaf } from './field-set.ts'
import {
  builtIn,
  grouped,
  isVoid,
  itemSchema,
  itemsOf,
  present,
  rootSchema,
  shapeOf,
  type Shapes,
  stepBelow,
  written,
  zeroOf,
} from './shapes.ts'

/** What became of an object's fields. A field stands in one of the three at most. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

interface Walk {
  readonly shapes: Shapes
  readonly path: string[]
  readonly added: FieldSetBuilder
  readonly modified: FieldSetBuilder
  readonly removed: FieldSetBuilder
  readonly count: FieldCount
}

/** Compares two objects of a type field by field, without those in `ignored` and below. @throws TooManyFields */
export function compareFields(schema: string, old: unknown, next: unknown, ignored: FieldSet, shapes: Shapes = builtIn): Comparison {
  const walk = walkOf(shapes)
  compare(walk, rootSchema(schema), old, next)
  return found(walk, ignored)
}

const walkOf = (shapes: Shapes): Walk =>
  ({ shapes, path: [], added: new FieldSetBuilder(), modified: new FieldSetBuilder(), removed: new FieldSetBuilder(), count: new FieldCount() })

function found({ added, modified, removed }: Walk, ignored: FieldSet): Comparison {
  const counted = ({ set }: FieldSetBuilder) => differenceBelow(set, ignored)
  return { added: counted(added), modified: counted(modified), removed: counted(removed) }
}

export const isSame = ({ added, modified, removed }: Comparison): boolean =>
  isEmpty(added) && isEmpty(modified) && isEmpty(removed)

function compare(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): void {
  // most of an object stays as it is, and comparing whole values is much faster than comparing fields
  if (old === next || (old !== undefined && next !== undefined && equalJson(old, next))) return
  if (old === undefined) return walk.added.attach(walk.path, wholeOf(walk, schema, next))
  if (next === undefined) return walk.removed.attach(walk.path, wholeOf(walk, schema, old))
  const [before, after] = [shapeOf(schema, old), shapeOf(schema, next)]
  if (before !== after) compareUnlike(walk, schema, old, next)
  else if (before === 'leaf' || (isVoid(old) && isVoid(next))) walk.modified.add(walk.path)
  else if (before === 'fields') compareStructs(walk, schema, old, next)
  else compareLists(walk, schema, old, next)
}

/** What comes or goes with a value: it and every field in it. */
function wholeOf(walk: Pick<Walk, 'shapes' | 'count'>, schema: FieldSchema, value: unknown): FieldSet {
  const { shapes } = walk
  walk.count.add()
  const shape = shapeOf(schema, value)
  if (shape === 'leaf' || isVoid(value)) return leaf
  const children = new Map<string, FieldSet>()
  if (shape === 'fields') {
    for (const name of Object.keys(value as JsonObject)) {
      const { schema: at, element } = stepBelow(shapes, schema, name)
      const field = written(shapes, at, (value as JsonObject)[name])
      if (field !== undefined) children.set(element, wholeOf(walk, at, field))
    }
  } else {
    walk.count.expectItems(value)
    for (const [element, values] of grouped(itemsOf(shapes, schema, value))) {
      children.set(element, values.length > 1 ? leaf : wholeOf(walk, itemSchema(schema), values[0]))
    }
  }
  return { owned: true, children }
}

/** A leaf became something divided, or the other way round. Null is nothing divided, and no leaf. */
function compareUnlike(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): void {
  if ((old !== null && next !== null) || (isVoid(old) && isVoid(next))) walk.modified.add(walk.path)
  compareParts(walk, schema, old, undefined)
  compareParts(walk, schema, undefined, next)
}

function compareParts(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): void {
  const shape = shapeOf(schema, old ?? next)
  if (shape === 'fields') compareStructs(walk, schema, old, next)
  else if (shape === 'items') compareLists(walk, schema, old, next)
}

function compareStructs(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): void {
  const [before, after] = [isJsonObject(old) ? old : {}, isJsonObject(next) ? next : {}]
  for (const name of Object.keys(before)) compareMember(walk, schema, name, before, after, old !== undefined)
  for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) compareMember(walk, schema, name, before, after, old !== undefined)
}

function compareMember(walk: Walk, schema: FieldSchema, name: string, before: JsonObject, after: JsonObject, isFilled = true): void {
  const { schema: at, element } = stepBelow(walk.shapes, schema, name)
  const [was, is] = [present(walk.shapes, at, ownValue(before, name)), present(walk.shapes, at, ownValue(after, name))]
  if (was === is) return
  const filled = isFilled && was === undefined && is !== undefined
  below(walk, element, () => compare(walk, at, filled ? zeroOf(walk.shapes, schema, name) : was, is))
}

function compareLists(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): void {
  walk.count.expectItems(old)
  walk.count.expectItems(next)
  const before = grouped(itemsOf(walk.shapes, schema, old))
  const after = grouped(itemsOf(walk.shapes, schema, next))
  const items = itemSchema(schema)
  for (const element of new Set([...before.keys(), ...after.keys()])) compareNamed(walk, items, element, before.get(element), after.get(element))
}

/** Compares what stands under one name. */
function compareNamed(walk: Walk, items: FieldSchema, element: string, was: readonly unknown[] = [], is: readonly unknown[] = []): void {
  below(walk, element, () => (was.length < 2 && is.length < 2 ? compare(walk, items, was[0], is[0]) : compareDuplicates(walk, items, was, is)))
}

/** Items of one name are owned together, without what is in them; what a single one of that name had comes and goes by itself. */
function compareDuplicates(walk: Walk, schema: FieldSchema, was: readonly unknown[], is: readonly unknown[]): void {
  if (is.length === 0) walk.removed.add(walk.path)
  else if (was.length === 0) walk.added.add(walk.path)
  else if (!equalJson(was, is)) walk.modified.add(walk.path)
  if (was.length === 1) compareParts(walk, schema, was[0], undefined)
  if (is.length === 1) compareParts(walk, schema, undefined, is[0])
}

function below(walk: Walk, element: string, step: () => void): void {
  walk.path.push(element)
  step()
  walk.path.pop()
}
