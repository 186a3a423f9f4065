import { type JsonObject, ownValue, setOwn } from '../../base/json.ts'
import type { FieldSchema } from '../../kinds/schema.ts'
import type { FieldSet } from './field-set.ts'
import { fieldElement } from './fields-v1.ts'
import {
  elementOf,
  given,
  grouped,
  type Item,
  isVoid,
  itemSchema,
  itemsOf,
  rootSchema,
  schemaBelow,
  shapeOf,
  type Shapes,
} from './shapes.ts'

/** What was applied without the nulls and empty lists that say nothing. */
export const said = (shapes: Shapes, schema: string, applied: unknown): unknown =>
  sayings(shapes, rootSchema(schema), applied)

function sayings(shapes: Shapes, schema: FieldSchema, value: unknown): unknown {
  const shape = shapeOf(schema, value)
  if (shape === 'items') return (value as unknown[]).map((item) => sayings(shapes, itemSchema(schema), item))
  if (shape === 'leaf') return value
  const kept: JsonObject = {}
  for (const name of Object.keys(value as JsonObject)) {
    const at = schemaBelow(shapes, schema, name)
    const field = given(at, (value as JsonObject)[name])
    if (field !== undefined) setOwn(kept, name, sayings(shapes, at, field))
  }
  return kept
}

/** The live object with what was `said` laid over it; removes nothing. Shares parts of both and changes neither. */
export const mergeApplied = (shapes: Shapes, schema: string, live: unknown, applied: unknown): unknown =>
  merge(shapes, rootSchema(schema), live, applied)

function merge(shapes: Shapes, schema: FieldSchema, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live
  const shape = shapeOf(schema, applied)
  if (live === undefined || shape === 'leaf' || shape !== shapeOf(schema, live)) return applied
  if (isVoid(live) && isVoid(applied)) return applied
  return shape === 'fields'
    ? mergeStructs(shapes, schema, live as JsonObject, applied as JsonObject)
    : mergeLists(shapes, schema, live as unknown[], applied as unknown[])
}

function mergeStructs(shapes: Shapes, schema: FieldSchema, live: JsonObject, applied: JsonObject): JsonObject {
  const merged: JsonObject = {}
  for (const name of Object.keys(live)) {
    setOwn(merged, name, merge(shapes, schemaBelow(shapes, schema, name), live[name], ownValue(applied, name)))
  }
  for (const name of Object.keys(applied)) if (!Object.hasOwn(live, name)) setOwn(merged, name, applied[name])
  return merged
}

/**
 * Items in the order of what was applied; live items that were not applied stay where they are between their neighbours.
 * A live item that is there twice is replaced by the applied one and not merged with it.
 */
function mergeLists(
  shapes: Shapes,
  schema: FieldSchema,
  live: readonly unknown[],
  applied: readonly unknown[],
): unknown[] {
  const right = itemsOf(shapes, schema, applied)
  // a live item that has no name cannot be applied to, and stays
  const left = live.map((value, i) => ({ element: elementOf(shapes, schema, value) ?? `unnamed ${i}`, value }))
  const [mine, theirs] = [grouped(left), grouped(right)]
  const shared = right.filter(({ element }) => mine.has(element)).map(({ element }) => element)
  const merged: unknown[] = []
  const take = ({ element, value }: Item): void => {
    const old = mine.get(element) ?? []
    merged.push(merge(shapes, itemSchema(schema), old.length === 1 ? old[0] : undefined, value))
  }
  let [l, nextShared] = [0, 0]
  for (const item of right) {
    l = passLive(left, l, merged, (element) => theirs.has(element), shared[nextShared])
    take(item)
    if (left[l]?.element === item.element) l++
    if (shared[nextShared] === item.element) nextShared++
  }
  for (const { element, value } of left.slice(l)) if (!theirs.has(element)) merged.push(value)
  return merged
}

/** Keeps live items of no applied name, and skips those that were or will be taken elsewhere; stops before the next shared one. */
function passLive(
  left: readonly Item[],
  from: number,
  merged: unknown[],
  isApplied: (element: string) => boolean,
  nextShared: string | undefined,
): number {
  let at = from
  for (let item = left[at]; item && item.element !== nextShared; item = left[++at]) {
    if (!isApplied(item.element)) merged.push(item.value)
  }
  return at
}

/** The value without the fields of the set. What loses everything stays, empty, unless it is in the set itself. */
export function removeFields(shapes: Shapes, schema: FieldSchema, value: unknown, set: FieldSet): unknown {
  if (set.children.size === 0) return value
  const shape = shapeOf(schema, value)
  if (shape === 'leaf') return value
  return shape === 'fields'
    ? removeNames(shapes, schema, value as JsonObject, set)
    : removeItems(shapes, schema, value as unknown[], set)
}

function removeNames(shapes: Shapes, schema: FieldSchema, value: JsonObject, set: FieldSet): JsonObject {
  const kept: JsonObject = {}
  for (const name of Object.keys(value)) {
    const gone = set.children.get(fieldElement(name))
    if (gone?.owned) continue
    setOwn(kept, name, gone ? removeFields(shapes, schemaBelow(shapes, schema, name), value[name], gone) : value[name])
  }
  return kept
}

function removeItems(shapes: Shapes, schema: FieldSchema, list: readonly unknown[], set: FieldSet): unknown[] {
  return list.flatMap((value) => {
    const gone = set.children.get(elementOf(shapes, schema, value) ?? '')
    if (gone?.owned) return []
    return [gone ? removeFields(shapes, itemSchema(schema), value, gone) : value]
  })
}
