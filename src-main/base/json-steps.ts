import { copyJson, equalJson, isJsonObject, type JsonObject, ownValue, setOwn } from './json.ts'
import type { Steps } from './turns.ts'

/** Values that are dealt with in one step. */
const mostAtOnce = 4096

/** How many values there are in a value, it among them, as far as it matters here. */
function weigh(value: unknown, most = mostAtOnce): number {
  if (typeof value !== 'object' || value === null) return 1
  // whoever asks for one key of a long object pays for all
  const members = Array.isArray(value) ? (value as unknown[]) : Object.keys(value)
  if (members.length >= most) return most
  let weight = 1
  for (let i = 0; i < members.length && weight < most; i++) {
    const member = members === value ? members[i] : (value as JsonObject)[members[i] as string]
    weight += typeof member === 'object' ? weigh(member, most - weight) : 1
  }
  return weight
}

/** Whether there are so many values in a value. */
export const holds = (value: unknown, many: number): boolean => weigh(value, many) >= many

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
  const [keys, others] = [Object.keys(a), Object.keys(b)]
  const isCopy = keys.length === others.length && keys.every((key, index) => key === others[index])
  const facing = isCopy ? (key: string) => b[key] : (key: string) => ownValue(b, key)
  yield
  const members = yield* through(keys, (key) => (a as JsonObject)[key], (key, member) => equalJson(member, facing(key)), (key, member) => equalLong(member, facing(key)))
  return members && (isCopy || others.every((key) => b[key] === undefined || Object.hasOwn(a, key)))
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
