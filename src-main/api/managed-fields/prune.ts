import type { Owners } from './entries.ts'
import { difference, emptySet, type FieldSet, intersection, union } from './field-set.ts'
import { fieldsOf, withStructs } from './fields-of.ts'
import { removeFields } from './merge.ts'
import { rootSchema, type Shapes } from './shapes.ts'

/**
 * Takes out of the merged object what its manager applied last time (`last`) and nobody owns now; `owners` has the
 * manager's new fields already. A struct or item that this manager leaves goes with what nobody owns in it, such as defaults.
 */
export function prune(shapes: Shapes, schema: string, merged: unknown, last: FieldSet, owners: Owners): unknown {
  const root = rootSchema(schema)
  const full = (set: FieldSet): FieldSet => withStructs(shapes, root, set)
  const without = (set: FieldSet): unknown => removeFields(shapes, root, merged, set)
  const allOf = (object: unknown): FieldSet => full(fieldsOf(schema, object, shapes))
  const all = allOf(merged)
  const owned = full([...owners.values()].reduce((set, { fields }) => union(set, fields), emptySet))
  const before = full(last)
  const kept = allOf(without(before))
  const unowned = difference(all, union(kept, owned))
  const left = allOf(without(unowned))
  const lost = intersection(difference(all, left), before)
  return without(lost)
}
