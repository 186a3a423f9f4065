import { type JsonObject, ownValue, setOwn } from '../../base/json.ts'
import { everyInSteps, isLong, mapInSteps, through } from '../../base/json-steps.ts'
import { atOnce, type Steps } from '../../base/turns.ts'
import type { FieldSchema } from '../../kinds/schema.ts'
import type { FieldSet } from './field-set.ts'
import { fieldElement } from './fields-v1.ts'
import {
  builtIn,
  elementOf,
  given,
  grouped,
  type Item,
  isVoid,
  itemSchema,
  itemsInSteps,
  itemsOf,
  rootSchema,
  schemaBelow,
  shapeOf,
  type Shapes,
} from './shapes.ts'

/** What was applied without the nulls and empty lists that say nothing, of which custom resources have none. */
export const said = (shapes: Shapes, schema: string, applied: unknown): unknown =>
  shapes.types === builtIn.types ? sayings(shapes, rootSchema(schema), applied) : applied

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

/** The same of objects that may be long. */
export const mergeInSteps = (shapes: Shapes, schema: string, live: unknown, applied: unknown): Steps<unknown> => mergeLong(shapes, rootSchema(schema), live, applied)

function* mergeLong(shapes: Shapes, schema: FieldSchema, live: unknown, applied: unknown): Steps<unknown> {
  const shape = shapeOf(schema, applied)
  if (!(isLong(live) || isLong(applied)) || shape === 'leaf' || shape !== shapeOf(schema, live)) return merge(shapes, schema, live, applied)
  yield
  return shape === 'fields'
    ? yield* mergeLongStructs(shapes, schema, live as JsonObject, applied as JsonObject)
    : yield* mergeLongLists(shapes, schema, live as unknown[], applied as unknown[])
}

const longer = (one: unknown, other: unknown): unknown => (isLong(one) ? one : other)

function* mergeLongStructs(shapes: Shapes, schema: FieldSchema, live: JsonObject, applied: JsonObject): Steps<JsonObject> {
  const merged: JsonObject = {}
  const put = (name: string, value: unknown): true => {
    setOwn(merged, name, value)
    return true
  }
  const below = (name: string) => [shapes, schemaBelow(shapes, schema, name), live[name], ownValue(applied, name)] as const
  yield* through(Object.keys(live), (name) => longer(live[name], ownValue(applied, name)), (name) => put(name, merge(...below(name))), function* (name) {
    return put(name, yield* mergeLong(...below(name)))
  })
  yield
  yield* everyInSteps(Object.keys(applied), (name) => Object.hasOwn(live, name) || put(name, applied[name]))
  return merged
}

function* mergeLongLists(shapes: Shapes, schema: FieldSchema, live: readonly unknown[], applied: readonly unknown[]): Steps<unknown[]> {
  let i = 0
  const left = yield* mapInSteps(live, (value) => liveItem(shapes, schema, value, i++))
  yield
  const places = yield* placed(left, yield* itemsInSteps(shapes, schema, applied))
  yield
  const merged: unknown[] = []
  const items = itemSchema(schema)
  yield* through(places, ({ value, over }) => (over ? longer(over.old, value) : undefined), ({ value, over }) => merged.push(over ? merge(shapes, items, over.old, value) : value) > 0, function* ({ value, over }) {
    return merged.push(over ? yield* mergeLong(shapes, items, over.old, value) : value) > 0
  })
  return merged
}

function merge(shapes: Shapes, schema: FieldSchema, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live
  const shape = shapeOf(schema, applied)
  // null takes nothing away from what is merged
  if (applied === null && !isVoid(live) && shapeOf(schema, live) !== 'leaf') return live
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

function mergeLists(shapes: Shapes, schema: FieldSchema, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const left = live.map((value, i) => liveItem(shapes, schema, value, i))
  return atOnce(placed(left, itemsOf(shapes, schema, applied))).map(({ value, over }) => (over ? merge(shapes, itemSchema(schema), over.old, value) : value))
}

/** A live item that has no name cannot be applied to, and stays. */
const liveItem = (shapes: Shapes, schema: FieldSchema, value: unknown, i: number): Item => ({ element: elementOf(shapes, schema, value) ?? `unnamed ${i}`, value })

/** An item in its place; `over` what it is to be laid, unless it is a live one. */
interface Placed {
  readonly value: unknown
  readonly over?: { readonly old: unknown }
}

/** So many items find their places at once. */
const placedAtOnce = 1024

/**
 * Items in the order of what was applied; live items that were not applied stay where they are between their neighbours.
 * A live item that is there twice is replaced by the applied one and not merged with it.
 */
function* placed(left: readonly Item[], right: readonly Item[]): Steps<Placed[]> {
  const mine = grouped(left)
  if (left.length > placedAtOnce) yield
  const theirs = grouped(right)
  const shared = right.filter(({ element }) => mine.has(element)).map(({ element }) => element)
  const merged: Placed[] = []
  let [l, nextShared] = [0, 0]
  for (const [i, { element, value }] of right.entries()) {
    if (i % placedAtOnce === placedAtOnce - 1) yield
    l = passLive(left, l, merged, (each) => theirs.has(each), shared[nextShared])
    const old = mine.get(element) ?? []
    merged.push({ value, over: { old: old.length === 1 ? old[0] : undefined } })
    if (left[l]?.element === element) l++
    if (shared[nextShared] === element) nextShared++
  }
  for (const { element, value } of left.slice(l)) if (!theirs.has(element)) merged.push({ value })
  return merged
}

/** Keeps live items of no applied name, and skips those that were or will be taken elsewhere; stops before the next shared one. */
function passLive(
  left: readonly Item[],
  from: number,
  merged: Placed[],
  isApplied: (element: string) => boolean,
  nextShared: string | undefined,
): number {
  let at = from
  for (let item = left[at]; item && item.element !== nextShared; item = left[++at]) {
    if (!isApplied(item.element)) merged.push({ value: item.value })
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
