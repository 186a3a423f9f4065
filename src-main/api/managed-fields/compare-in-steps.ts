import { type JsonObject, ownValue } from '../../base/json.ts'
import { equalInSteps, isLong, through } from '../../base/json-steps.ts'
import type { Steps } from '../../base/turns.ts'
import type { FieldSchema } from '../../kinds/schema.ts'
import { compare, compareMember, compareNamed, type Comparison, found, type Walk, walkOf, wholeOf } from './compare.ts'
import { type FieldSet, leaf } from './field-set.ts'
import { builtIn, grouped, itemSchema, itemsInSteps, present, rootSchema, shapeOf, type Shapes, stepBelow, written, zeroOf } from './shapes.ts'

/** `compareFields`, of objects that may be long. @throws TooManyFields */
export function* compareInSteps(schema: string, old: unknown, next: unknown, ignored: FieldSet, shapes: Shapes = builtIn): Steps<Comparison> {
  const walk = walkOf(shapes)
  yield* compareLong(walk, rootSchema(schema), old, next)
  yield
  return found(walk, ignored)
}

function* compareLong(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): Steps<void> {
  if (old === next || !(isLong(old) || isLong(next))) return compare(walk, schema, old, next)
  yield
  if (old === undefined) return walk.added.attach(walk.path, yield* wholeInSteps(walk, schema, next))
  if (next === undefined) return walk.removed.attach(walk.path, yield* wholeInSteps(walk, schema, old))
  const [before, after] = [shapeOf(schema, old), shapeOf(schema, next)]
  if (before === 'fields' && after === 'fields') yield* compareLongStructs(walk, schema, old as JsonObject, next as JsonObject)
  else if (yield* equalInSteps(old, next)) return
  else if (before === 'items' && after === 'items') yield* compareLongLists(walk, schema, old, next)
  else compare(walk, schema, old, next)
}

function* compareLongStructs(walk: Walk, schema: FieldSchema, before: JsonObject, after: JsonObject): Steps<void> {
  const keys = Object.keys(before)
  yield
  const names = new Set(keys)
  yield
  for (const name of Object.keys(after)) names.add(name)
  yield
  const longer = (was: unknown, is: unknown): unknown => (isLong(was) ? was : is)
  yield* through(names, (name) => longer(ownValue(before, name), ownValue(after, name)), (name) => {
    compareMember(walk, schema, name, before, after)
    return true
  }, function* (name) {
    const { schema: at, element } = stepBelow(walk.shapes, schema, name)
    const was = present(walk.shapes, at, ownValue(before, name))
    walk.path.push(element)
    yield* compareLong(walk, at, was === undefined ? zeroOf(walk.shapes, schema, name) : was, present(walk.shapes, at, ownValue(after, name)))
    walk.path.pop()
    return true
  })
}

function* compareLongLists(walk: Walk, schema: FieldSchema, old: unknown, next: unknown): Steps<void> {
  walk.count.expectItems(old)
  walk.count.expectItems(next)
  const before = grouped(yield* itemsInSteps(walk.shapes, schema, old))
  yield
  const after = grouped(yield* itemsInSteps(walk.shapes, schema, next))
  yield
  const items = itemSchema(schema)
  const both = new Set([...before.keys(), ...after.keys()])
  yield* through(both, (element) => [before.get(element), after.get(element)], (element) => {
    compareNamed(walk, items, element, before.get(element), after.get(element))
    return true
  }, function* (element) {
    const [was = [], is = []] = [before.get(element), after.get(element)]
    if (was.length > 1 || is.length > 1) compareNamed(walk, items, element, was, is)
    else {
      walk.path.push(element)
      yield* compareLong(walk, items, was[0], is[0])
      walk.path.pop()
    }
    return true
  })
}

/** `wholeOf`, of what may be long. */
function* wholeInSteps(walk: Walk, schema: FieldSchema, value: unknown): Steps<FieldSet> {
  const shape = shapeOf(schema, value)
  if (shape === 'leaf' || !isLong(value)) return wholeOf(walk, schema, value)
  yield
  walk.count.add()
  const children = new Map<string, FieldSet>()
  const put = (element: string, set: FieldSet): boolean => children.set(element, set).size > 0
  if (shape === 'fields') {
    const member = (name: string): unknown => written(walk.shapes, stepBelow(walk.shapes, schema, name).schema, (value as JsonObject)[name])
    yield* through(Object.keys(value), member, (name, field) => {
      const { schema: at, element } = stepBelow(walk.shapes, schema, name)
      return field === undefined || put(element, wholeOf(walk, at, field))
    }, function* (name, field) {
      const { schema: at, element } = stepBelow(walk.shapes, schema, name)
      return put(element, yield* wholeInSteps(walk, at, field))
    })
  } else {
    walk.count.expectItems(value)
    const items = itemSchema(schema)
    const groups = grouped(yield* itemsInSteps(walk.shapes, schema, value))
    yield
    yield* through(groups, ([, values]) => values, ([element, values]) => put(element, values.length > 1 ? leaf : wholeOf(walk, items, values[0])), function* ([element, values]) {
      return put(element, values.length > 1 ? leaf : yield* wholeInSteps(walk, items, values[0]))
    })
  }
  return { owned: true, children }
}
