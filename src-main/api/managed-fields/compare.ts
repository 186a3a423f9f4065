import { equalJson, isJsonObject, ownValue } from '../../base/json.ts'
import type { FieldSchema } from '../../kinds/schema.ts'
import { differenceBelow, type FieldSet, FieldSetBuilder, isEmpty } from './field-set.ts'
import { fieldElement } from './fields-v1.ts'
import { builtIn, grouped, isVoid, itemSchema, itemsOf, rootSchema, schemaBelow, shapeOf, type Shapes, zeroOf } from './shapes.ts'

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
}

/** Compares two objects of a type field by field, without those in `ignored` and below. */
export function compareFields(schema: string, old: unknown, next: unknown, ignored: FieldSet, shapes: Shapes = builtIn): Comparison {
  const [added, modified, removed] = [new FieldSetBuilder(), new FieldSetBuilder(), new FieldSetBuilder()]
  compare({ shapes, path: [], added, modified, removed }, rootSchema(schema), old, next)
  const counted = ({ set }: FieldSetBuilder) => differenceBelow(set, ignored)
  return { added: counted(added), modified: counted(modified), removed: counted(removed) }
}

export const isSame = ({ added, modified, removed }: Comparison): boolean => isEmpty(added) && isEmpty(modified) && isEmpty(removed)

function compare(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): void {
  if (old === next) return
  const [before, after] = [shapeOf(walk.shapes, schema, old), shapeOf(walk.shapes, schema, next)]
  const shape = old === undefined ? after : before
  if (old !== undefined && next !== undefined && before !== after) return compareUnlike(walk, schema, old, next)
  if (shape === 'leaf' || (isVoid(old) && isVoid(next))) {
    if (old === undefined) walk.added.add(walk.path)
    else if (next === undefined) walk.removed.add(walk.path)
    else if (!equalJson(old, next)) walk.modified.add(walk.path)
    return
  }
  if (shape === 'fields') compareStructs(walk, schema, old, next)
  else compareLists(walk, schema, old, next)
  if (old === undefined) walk.added.add(walk.path)
  else if (next === undefined) walk.removed.add(walk.path)
}

/** A leaf became something divided, or the other way round. */
function compareUnlike(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): void {
  walk.modified.add(walk.path)
  for (const [before, after] of [[old, undefined], [undefined, next]] as const) {
    const shape = shapeOf(walk.shapes, schema, before ?? after)
    if (shape === 'fields') compareStructs(walk, schema, before, after)
    else if (shape === 'items') compareLists(walk, schema, before, after)
  }
}

function compareStructs(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): void {
  const [before, after] = [isJsonObject(old) ? old : {}, isJsonObject(next) ? next : {}]
  const step = (name: string): void => {
    const value = ownValue(after, name)
    const was = ownValue(before, name) ?? (old !== undefined && value !== undefined ? zeroOf(walk.shapes, schema, name) : undefined)
    below(walk, fieldElement(name), schemaBelow(walk.shapes, schema, name), was, value)
  }
  for (const name of Object.keys(before)) step(name)
  for (const name of Object.keys(after)) if (!Object.hasOwn(before, name)) step(name)
}

function compareLists(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): void {
  const before = grouped(itemsOf(walk.shapes, schema, old))
  const after = grouped(itemsOf(walk.shapes, schema, next))
  for (const element of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(element) ?? [], after.get(element) ?? []]
    if (was.length < 2 && is.length < 2) below(walk, element, itemSchema(schema), was[0], is[0])
    else compareDuplicates(walk, element, itemSchema(schema), was, is)
  }
}

/** Items of one name are owned together, without what is in them; what one of them alone had goes or comes piece by piece. */
function compareDuplicates(walk: Walk, element: string, schema: FieldSchema, was: readonly unknown[], is: readonly unknown[]): void {
  const mark = (builder: FieldSetBuilder): void => builder.add([...walk.path, element])
  if (was.length > 1 && is.length > 1) {
    if (!equalJson(was, is)) mark(walk.modified)
  } else if (was.length > 1) {
    if (is.length > 0) below(walk, element, schema, undefined, is[0])
    else mark(walk.removed)
  } else {
    if (was.length > 0) below(walk, element, schema, was[0], undefined)
    mark(walk.added)
  }
}

function below(walk: Walk, element: string, schema: FieldSchema, old: unknown, next: unknown): void {
  walk.path.push(element)
  compare(walk, schema, old, next)
  walk.path.pop()
}
