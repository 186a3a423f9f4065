import { copyJson, equalJson, isJsonObject, type JsonObject, ownValue, setOwn } from './json.ts'
import type { Steps } from './turns.ts'

/** Values that are dealt with in one step. */
const mostAtOnce = 4096

/** A key of each object that was found to have so many: whoever asks for its keys again, if only whether there are any, pays for all. */
const keyOfMany = new WeakMap<object, string>()

function hasMany(value: object): boolean {
  const key = keyOfMany.get(value)
  return key !== undefined && Object.hasOwn(value, key)
}

/** Whether there is nothing in a list or object. */
export const isEmpty = (value: object): boolean => (Array.isArray(value) ? value.length === 0 : !hasMany(value) && Object.keys(value).length === 0)

/** How many values there are in a value, it among them, as far as it matters here. */
function weigh(value: unknown, most = mostAtOnce): number {
  if (typeof value !== 'object' || value === null) return 1
  if (hasMany(value)) return most
  const members = Array.isArray(value) ? (value as unknown[]) : Object.keys(value)
  if (members.length >= mostAtOnce && members !== value) keyOfMany.set(value, members[0] as string)
  if (members.length >= most) return most
  let weight = 1
  for (let i = 0; i < members.length && weight < most; i++) {
    const member = members === value ? members[i] : (value as JsonObject)[members[i] as string]
    weight += typeof member === 'object' ? weigh(member, most - weight) : 1
  }
  return weight
}

/** Whether there are so many values in a value. */
export function* holds(value: unknown, many: number): Steps<boolean> {
  let left = many
  yield* eachLong(value, (weight) => (left -= weight) > 0)
  return left <= 0
}

/** Tells how many values there are, some of them at a time, as long as the answers are true. */
function* eachLong(value: unknown, tell: (weight: number) => boolean): Steps<boolean> {
  if (!isLong(value)) return tell(weigh(value))
  yield
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
  return tell(1) && (yield* through<string | number>(keys, (key) => (value as JsonObject)[key], (_, member) => tell(weigh(member)), (_, member) => eachLong(member, tell)))
}

/** Whether a value has so many in it that it is dealt with in steps. */
export const isLong = (value: unknown): value is object => weigh(value) >= mostAtOnce

/**
 * Does with each value what is to be done with it: with short ones at once, until enough has been done for one step, with
 * long ones in steps of their own. Goes on as long as the answers are true.
 */
export function* through<K>(
  keys: Iterable<K>,
  at: (key: K) => unknown,
  short: (key: K, value: unknown) => boolean,
  long: (key: K, value: object) => Steps<boolean>,
): Steps<boolean> {
  let done = 0
  for (const key of keys) {
    const value = at(key)
    const weight = weigh(value)
    if (weight >= mostAtOnce) {
      yield
      if (!(yield* long(key, value as object))) return false
      continue
    }
    if (!short(key, value)) return false
    if ((done += weight) < mostAtOnce) continue
    done = 0
    yield
  }
  return true
}

/** Whether something is true of every one of what may be many. */
export function* everyInSteps<T>(list: readonly T[], is: (item: T) => boolean): Steps<boolean> {
  for (let i = 0; i < list.length; i++) {
    if (!is(list[i]!)) return false
    if (i % mostAtOnce === mostAtOnce - 1) yield
  }
  return true
}

/** What is made of every one of what may be many. */
export function* mapInSteps<T, U>(list: readonly T[], make: (item: T) => U): Steps<U[]> {
  const made: U[] = []
  yield* everyInSteps(list, (item) => made.push(make(item)) > 0)
  return made
}

/** What may be many, in order: parts are sorted, then merged. */
export function* sortInSteps<T>(list: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  if (list.length <= mostAtOnce) return list.toSorted(compare)
  const middle = list.length >> 1
  const before = yield* sortInSteps(list.slice(0, middle), compare)
  yield
  const behind = yield* sortInSteps(list.slice(middle), compare)
  yield
  let [l, r] = [0, 0]
  return yield* mapInSteps(list, () => (r >= behind.length || (l < before.length && compare(before[l]!, behind[r]!) <= 0) ? before[l++]! : behind[r++]!))
}

/** `JSON.stringify`, of a value that may be long. */
export function* jsonInSteps(value: unknown): Steps<string> {
  return isLong(value) ? yield* longToJson(value) : JSON.stringify(value)
}

function* longToJson(value: object): Steps<string> {
  const parts: string[] = []
  if (Array.isArray(value)) {
    const add = (json: string | undefined): boolean => parts.push(json ?? 'null') > 0
    yield* through(value.keys(), (i) => value[i] as unknown, (_, item) => add(JSON.stringify(item)), function* (_, item) {
      return add(yield* longToJson(item))
    })
    return `[${parts.join(',')}]`
  }
  const add = (key: string, json: string | undefined): boolean => json === undefined || parts.push(`${JSON.stringify(key)}:${json}`) > 0
  yield
  yield* through(Object.keys(value), (key) => (value as JsonObject)[key], (key, member) => add(key, JSON.stringify(member)), function* (key, member) {
    return add(key, yield* longToJson(member))
  })
  return `{${parts.join(',')}}`
}

/** `equalJson`, of values that may be long. */
export function* equalInSteps(a: unknown, b: unknown): Steps<boolean> {
  if (a === b || !isLong(a)) return a === b || equalJson(a, b)
  return yield* equalLong(a, b)
}

function* equalLong(a: object, b: unknown): Steps<boolean> {
  if (a === b) return true
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    return yield* through(a.keys(), (i) => a[i] as unknown, (i, item) => equalJson(item, b[i]), (i, item) => equalLong(item, b[i]))
  }
  if (!isJsonObject(b)) return false
  yield
  const keys = Object.keys(a)
  yield
  const others = Object.keys(b)
  const isCopy = keys.length === others.length && keys.every((key, index) => key === others[index])
  const facing = isCopy ? (key: string) => b[key] : (key: string) => ownValue(b, key)
  yield
  const members = yield* through(keys, (key) => (a as JsonObject)[key], (key, member) => equalJson(member, facing(key)), (key, member) => equalLong(member, facing(key)))
  if (!members || isCopy) return members
  return yield* everyInSteps(others, (key) => b[key] === undefined || Object.hasOwn(a, key))
}

/** `copyJson`, of a value that may be long. */
export function* copyInSteps<T>(value: T): Steps<T> {
  return isLong(value) ? ((yield* copyLong(value)) as T) : copyJson(value)
}

function* copyLong(value: object): Steps<object> {
  if (Array.isArray(value)) {
    const copy: unknown[] = []
    yield* through(value.keys(), (i) => value[i] as unknown, (_, item) => copy.push(copyJson(item)) > 0, function* (_, item) {
      return copy.push(yield* copyLong(item)) > 0
    })
    return copy
  }
  const copy: JsonObject = {}
  const put = (key: string, member: unknown): boolean => {
    setOwn(copy, key, member)
    return true
  }
  yield
  yield* through(Object.keys(value), (key) => (value as JsonObject)[key], (key, member) => put(key, copyJson(member)), function* (key, member) {
    return put(key, yield* copyLong(member))
  })
  return copy
}

/** Of an object that is to take another's place: the same, with what it has in common with the other one's members shared. */
export function* sharing<T extends object>(next: T, old: Readonly<T>): Steps<T> {
  const shared: JsonObject = {}
  for (const key of Object.keys(next)) {
    const [mine, other] = [(next as JsonObject)[key], ownValue(old as JsonObject, key)]
    yield
    setOwn(shared, key, typeof mine === 'object' && (yield* equalInSteps(mine, other)) ? other : mine)
  }
  return shared as T
}
