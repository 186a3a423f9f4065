import type { Steps } from '../../base/turns.ts'
import type { Owners } from './entries.ts'
import { difference, emptySet, type FieldSet, intersection, union } from './field-set.ts'
import { fieldsOf, withStructs } from './fields-of.ts'
import { removeFields } from './merge.ts'
import { rootSchema, type Shapes } from './shapes.ts'

/**
 * Takes out of the merged object what its manager applied last time (`last`) and nobody owns now; `owners` has the
 * manager's new fields already. A struct or item that this manager leaves goes with what nobody owns in it, such as defaults.
 */
export function* prune(shapes: Shapes, schema: string, merged: unknown, last: FieldSet, owners: Owners): Steps<unknown> {
  const root = rootSchema(schema)
  const full = (set: FieldSet): FieldSet => withStructs(shapes, root, set)
  const without = (set: FieldSet): unknown => removeFields(shapes, root, merged, set)
  function* allOf(object: unknown): Steps<FieldSet> {
    yield
    const fields = fieldsOf(schema, object, shapes)
    yield
    return full(fields)
  }
  const all = yield* allOf(merged)
  yield
  const owned = full([...owners.values()].reduce((set, { fields }) => union(set, fields), emptySet))
  yield
  const before = full(last)
  yield
  const kept = yield* allOf(without(before))
  yield
  const unowned = difference(all, union(kept, owned))
  yield
  const left = yield* allOf(without(unowned))
  yield
  const lost = intersection(difference(all, left), before)
  yield
  return without(lost)
}
