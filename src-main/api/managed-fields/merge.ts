import { type JsonObject, setOwn } from '../../base/json.ts'
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
  merge(shapes, rootSchema(schema), live, applied, copied)

/** The same where the live object is the caller's own, and may become the merged one: that takes no longer than what is said is long. */
export const mergeInto = (shapes: Shapes, schema: string, live: unknown, applied: unknown): unknown =>
  merge(shapes, rootSchema(schema), live, applied, (own) => own)

/** What a struct or map is merged into. */
type Base = (live: JsonObject) => JsonObject

function copied(live: JsonObject): JsonObject {
  const copy: JsonObject = {}
  for (const name of Object.keys(live)) setOwn(copy, name, live[name])
  return copy
}

function merge(shapes: Shapes, schema: FieldSchema, live: unknown, applied: unknown, base: Base): unknown {
  if (applied === undefined) return live
  const shape = shapeOf(schema, applied)
  // null takes nothing away from what is merged
  if (applied === null && !isVoid(live) && shapeOf(schema, live) !== 'leaf') return live
  if (live === undefined || shape === 'leaf' || shape !== shapeOf(schema, live)) return applied
  if (isVoid(live) && isVoid(applied)) return applied
  return shape === 'fields'
    ? mergeStructs(shapes, schema, live as JsonObject, applied as JsonObject, base)
    : mergeLists(shapes, schema, live as unknown[], applied as unknown[], base)
}

function mergeStructs(shapes: Shapes, schema: FieldSchema, live: JsonObject, applied: JsonObject, base: Base): JsonObject {
  const merged = base(live)
  for (const name of Object.keys(applied)) {
    setOwn(merged, name, Object.hasOwn(live, name) ? merge(shapes, schemaBelow(shapes, schema, name), live[name], applied[name], base) : applied[name])
  }
  return merged
}

function mergeLists(shapes: Shapes, schema: FieldSchema, live: readonly unknown[], applied: readonly unknown[], base: Base): unknown[] {
  const left = live.map((value, i) => liveItem(shapes, schema, value, i))
  return placed(left, itemsOf(shapes, schema, applied)).map(({ value, over }) => (over ? merge(shapes, itemSchema(schema), over.old, value, base) : value))
}

/** A live item that has no name cannot be applied to, and stays. */
const liveItem = (shapes: Shapes, schema: FieldSchema, value: unknown, i: number): Item => ({ element: elementOf(shapes, schema, value) ?? `unnamed ${i}`, value })

/** An item in its place; `over` what it is to be laid, unless it is a live one. */
interface Placed {
  readonly value: unknown
  readonly over?: { readonly old: unknown }
}

/**
 * Items in the order of what was applied; live items that were not applied stay where they are between their neighbours.
 * A live item that is there twice is replaced by the applied one and not merged with it.
 */
function placed(left: readonly Item[], right: readonly Item[]): Placed[] {
  const mine = grouped(left)
  const theirs = grouped(right)
  const shared = right.filter(({ element }) => mine.has(element)).map(({ element }) => element)
  const merged: Placed[] = []
  let [l, nextShared] = [0, 0]
  for (const { element, value } of right) {
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

/**
 * The value without the fields of the set. What loses everything stays, empty, unless it is in the set itself; in a custom
 * resource nothing but a null is left of it, as in Kubernetes.
 */
export function removeFields(shapes: Shapes, schema: FieldSchema, value: unknown, set: FieldSet): unknown {
  if (set.children.size === 0) return value
  const shape = shapeOf(schema, value)
  if (shape === 'leaf') return value
  const left = shape === 'fields' ? removeNames(shapes, schema, value as JsonObject, set) : removeItems(shapes, schema, value as unknown[], set)
  return shapes.types !== builtIn.types && isVoid(left) ? null : left
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
