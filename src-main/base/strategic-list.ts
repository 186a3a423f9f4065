import { goAsText, goText, goTypeOf } from './go-text.ts'
import { isJsonObject, type JsonObject, ownValue } from './json.ts'
import { CannotMerge, PatchDoesNotApply } from './patch.ts'

/** How one list merges; without a key its items are plain values and the list is a set. */
export interface ListRules {
  readonly key: string | undefined
  merge(old: JsonObject, patch: JsonObject): JsonObject
}

/** A merged list, and the server's as Kubernetes' work in place has left it: by its places a later order is told. */
export interface Merged {
  readonly items: readonly unknown[]
  readonly server: readonly unknown[]
}

const directive = '$patch'

/** Merges `patch` into `old` and orders the result as Kubernetes does. */
export function mergeList(old: readonly unknown[], patch: readonly unknown[], rules: ListRules): Merged {
  if (old.length === 0 && patch.length === 0) return { items: old, server: old }
  const type = typeOfItems(old, patch)
  if (type !== mapType) {
    const union = new Map([...old, ...patch].map((item) => [JSON.stringify(item), item]))
    return { items: orderList([...union.values()], patch, old, rules.key), server: old }
  }
  if (rules.key === undefined) throw new CannotMerge('cannot merge lists without merge key for struct')
  const { replace, deleted, items } = sorted(patch, rules.key)
  const { kept, server } = withoutItems(old, deleted, rules.key)
  if (replace) return { items: orderList(items, [], items, rules.key), server }
  const index = new ListIndex(rules.key, kept)
  for (const item of items) {
    const at = index.find(item)
    if (at >= 0) index.items[at] = rules.merge(index.items[at] as JsonObject, item as JsonObject)
    else {
      // where something has gone there is room for something new
      if (index.items.length < server.length) server[index.items.length] = item
      index.add(item)
    }
  }
  return { items: orderList(index.items, items, kept, rules.key), server }
}

/** The patch's items without those that are commands to the list. */
function sorted(patch: readonly unknown[], key: string | undefined): { replace: boolean; deleted: unknown[]; items: unknown[] } {
  const result = { replace: false, deleted: [] as unknown[], items: [] as unknown[] }
  for (const item of patch) {
    const command = isJsonObject(item) ? ownValue(item, directive) : undefined
    if (command === 'replace') result.replace = true
    else if (command === 'delete') {
      requireKey(item, key)
      result.deleted.push(item)
    } else if (command === undefined) result.items.push(item)
    else if (command === 'merge') throw new CannotMerge('merging lists cannot yet be specified in the patch')
    else throw unknownCommand(command, item)
  }
  if (!result.replace) for (const item of result.items) requireKey(item, key)
  return result
}

/**
 * What is left of a list; `server` is the list at its old length: what follows an item that goes moves up, and the last
 * one is then there twice.
 */
function withoutItems(old: readonly unknown[], deleted: readonly unknown[], key: string | undefined): { kept: unknown[]; server: unknown[] } {
  const index = new ListIndex(key, old)
  const gone = new Set<number>()
  const tail: unknown[] = []
  let last = old.length - 1
  for (const item of deleted) {
    for (const at of index.all(item)) {
      if (gone.has(at)) continue
      tail.unshift(old[last])
      gone.add(at)
      while (gone.has(last)) last--
    }
  }
  const kept = old.filter((_, at) => !gone.has(at))
  return { kept, server: [...kept, ...tail] }
}

const mapType = goTypeOf({})

/** The one type of the items of both lists. */
export function typeOfItems(old: readonly unknown[], patch: readonly unknown[]): string {
  const types = new Set([...old, ...patch].map(goTypeOf))
  const [type] = types
  if (type === undefined) throw new CannotMerge('no elements in any of the given slices')
  if (type === goTypeOf([])) throw new PatchDoesNotApply('lists of lists are not supported')
  if (types.size > 1) throw new CannotMerge(`list element types are not identical: ${goText([old, patch])}`)
  return type
}

export const unknownCommand = (command: unknown, patch: unknown): CannotMerge => new CannotMerge(`unknown patch type: ${goAsText(command)} in map: ${goText(patch)}`)

/** A value that is not of the type that Kubernetes asks for. */
export const wrongType = (wanted: unknown, value: unknown): CannotMerge =>
  new CannotMerge(`expected a ${goTypeOf(wanted)}, but received a ${value === null ? '%!s(<nil>)' : goTypeOf(value)}`)

/** @throws CannotMerge when there is a key and `item` has none, or is no object */
export function requireKey(item: unknown, key: string | undefined): void {
  if (key === undefined) return
  if (!isJsonObject(item)) throw wrongType({}, item)
  if (!Object.hasOwn(item, key)) throw new CannotMerge(`map: ${goText(item)} does not contain declared merge key: ${key}`)
}

export function deleteValues(old: readonly unknown[], values: readonly unknown[]): unknown[] {
  const gone = new Set(values.map((value) => JSON.stringify(value)))
  return old.filter((item) => !gone.has(JSON.stringify(item)))
}

/**
 * Puts the items that `order` names into its order, and the others, in the order the server had them, in between: an item
 * of the server stays before a named one only where it was before it already, so new items come first.
 */
export function orderList(items: readonly unknown[], order: readonly unknown[], server: readonly unknown[], key: string | undefined): unknown[] {
  const byOrder = new ListIndex(key, order)
  const noMap = key === undefined ? -1 : order.findIndex((item) => !isJsonObject(item))
  for (const item of items) {
    requireKey(item, key)
    // the order is read up to the item's place
    const at = noMap < 0 ? -1 : byOrder.find(item)
    if (noMap >= 0 && (at < 0 || at >= noMap)) throw new CannotMerge(`value for key ${noMap} is not a map`)
  }
  for (const item of order) requireKey(item, key)
  const byServer = new ListIndex(key, server)
  const named: Placed[] = []
  const others: Placed[] = []
  for (const item of items) {
    const at = byOrder.find(item)
    if (at >= 0) named.push({ item, at })
    else others.push({ item, at: byServer.find(item) })
  }
  named.sort((a, b) => a.at - b.at)
  const rest = inPlace(others)
  const result: unknown[] = []
  let next = 0
  for (const { item } of named) {
    const at = byServer.find(item)
    while (next < rest.length && at >= 0 && rest[next]!.at >= 0 && rest[next]!.at < at) result.push(rest[next++]!.item)
    result.push(item)
  }
  return [...result, ...rest.slice(next).map((other) => other.item)]
}

interface Placed {
  readonly item: unknown
  /** -1 where it has no place. */
  readonly at: number
}

/** In the order of their places. One without a place Go takes for less than whatever it meets while it inserts one after the other. */
function inPlace(placed: readonly Placed[]): Placed[] {
  if (placed.every(({ at }) => at >= 0)) return placed.toSorted((a, b) => a.at - b.at)
  if (placed.length > insertedByGo) return [...placed.filter(({ at }) => at < 0).reverse(), ...inPlace(placed.filter(({ at }) => at >= 0))]
  const result: Placed[] = []
  for (const each of placed) {
    let to = result.length
    while (to > 0 && (each.at < 0 || result[to - 1]!.at < 0 || each.at < result[to - 1]!.at)) to--
    result.splice(to, 0, each)
  }
  return result
}

/** Longer lists Go sorts by parts. */
const insertedByGo = 20

/** Items found by their merge key, or by their value, without comparing each with each. */
class ListIndex {
  readonly items: unknown[] = []
  readonly #places = new Map<string, number[]>()
  readonly #key: string | undefined

  constructor(key: string | undefined, items: readonly unknown[] = []) {
    this.#key = key
    for (const item of items) this.add(item)
  }

  add(item: unknown): void {
    const name = this.#name(item)
    const places = this.#places.get(name)
    if (places) places.push(this.items.length)
    else this.#places.set(name, [this.items.length])
    this.items.push(item)
  }

  /** The first that is like it; -1 when there is none. */
  find(item: unknown): number {
    return this.all(item)[0] ?? -1
  }

  all(item: unknown): readonly number[] {
    return this.#places.get(this.#name(item)) ?? []
  }

  #name(item: unknown): string {
    const identity = this.#key !== undefined && isJsonObject(item) ? ownValue(item, this.#key) : item
    return JSON.stringify(identity) ?? 'undefined'
  }
}
