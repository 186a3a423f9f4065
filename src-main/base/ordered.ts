import { isJsonObject, type JsonObject, setOwn } from './json.ts'
import { everyInSteps, isLong, sortInSteps, through } from './json-steps.ts'
import type { Steps } from './turns.ts'

/** A JSON value with the names in all its objects in order, as Go writes maps; the value itself where they stand so. */
export function ordered<T>(value: T): T
export function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return items(value, value.map(ordered))
  return isJsonObject(value) ? members(value, (member) => ordered(member)) : value
}

const items = (before: readonly unknown[], made: readonly unknown[]): readonly unknown[] => (made.every((each, i) => each === before[i]) ? before : made)

function members(object: JsonObject, make: (member: unknown) => unknown): JsonObject {
  const made: JsonObject = {}
  let changed = false
  let last = ''
  for (const name of Object.keys(object)) {
    if (name < last) return sorted(object, make)
    last = name
    const member = object[name]
    const next = typeof member === 'object' && member !== null ? make(member) : member
    changed ||= next !== member
    setOwn(made, name, next)
  }
  return changed ? made : object
}

/** Of names that are numbers JavaScript says itself in which order they stand. */
function sorted(object: JsonObject, make: (member: unknown) => unknown): JsonObject {
  const made: JsonObject = {}
  for (const name of Object.keys(object).sort()) setOwn(made, name, make(object[name]))
  return made
}

/** The same of an object whose members stand in order in themselves, all but its metadata: it takes no longer where there is much in them. */
export function orderedOutside<T extends object>(object: T): T
export function orderedOutside(object: JsonObject): JsonObject {
  const same = (member: unknown): unknown => member
  return members(object, (member) => (member === object['metadata'] && isJsonObject(member) ? members(member, same) : member))
}

/** Puts the members of an object that may be long in order, and leaves the object itself what it is. */
export function* orderMembers(object: object): Steps<void> {
  const target = object as JsonObject
  for (const name of Object.keys(target)) setOwn(target, name, yield* orderedInSteps(target[name]))
}

function* orderedInSteps(value: unknown): Steps<unknown> {
  if (!isLong(value)) return ordered(value)
  yield
  if (Array.isArray(value)) {
    const made: unknown[] = []
    yield* through(value.keys(), (i) => value[i] as unknown, (_, each) => made.push(ordered(each)) > 0, function* (_, each) {
      return made.push(yield* orderedInSteps(each)) > 0
    })
    return items(value, made)
  }
  return yield* membersInSteps(value as JsonObject)
}

function* membersInSteps(object: JsonObject): Steps<JsonObject> {
  const names = Object.keys(object)
  yield
  let last = ''
  const inOrder = yield* everyInSteps(names, (name) => last <= (last = name))
  const made: JsonObject = {}
  let changed = !inOrder
  const put = (name: string, member: unknown, next: unknown): true => {
    changed ||= next !== member
    setOwn(made, name, next)
    return true
  }
  const sorted = inOrder ? names : yield* sortInSteps(names, (a, b) => (a < b ? -1 : 1))
  yield* through(sorted, (name) => object[name], (name, member) => put(name, member, ordered(member)), function* (name, member) {
    return put(name, member, yield* orderedInSteps(member))
  })
  return changed ? made : object
}
