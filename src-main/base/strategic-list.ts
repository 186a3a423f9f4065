import { goText } from './go-text.ts'
import { equalJson, isJsonObject, type JsonObject, ownValue } from './json.ts'
import { CannotMerge } from './patch.ts'

/** How one list merges; without a key its items are plain values and the list is a set. */
export interface ListRules {
  readonly key: string | undefined
  merge(old: JsonObject, patch: JsonObject): JsonObject
  /** Prepares an item that is new to the list. */
  clean(item: unknown): unknown
}

const directive = '$patch'

/** Merges `patch` into `old` and orders the result as Kubernetes does. */
export function mergeList(old: readonly unknown[], patch: readonly unknown[], rules: ListRules): unknown[] {
  checkTypes(old, patch)
  const { replace, deleted, items } = sorted(patch, rules)
  if (replace) return items.map(rules.clean)
  const index = new ListIndex(rules.key)
  const gone = new ListIndex(rules.key, deleted)
  for (const item of old) if (gone.find(item) < 0) index.add(item)
  for (const item of items) {
    const at = index.find(item)
    const found = index.items[at]
    if (at < 0) index.add(rules.clean(item))
    else if (isJsonObject(item) && isJsonObject(found)) index.items[at] = rules.merge(found, item)
  }
  return orderList(index.items, items, old, rules)
}

/** The patch's items without those that are commands to the list. */
function sorted(
  patch: readonly unknown[],
  rules: ListRules,
): { replace: boolean; deleted: unknown[]; items: unknown[] } {
  const result = { replace: false, deleted: [] as unknown[], items: [] as unknown[] }
  for (const item of patch) {
    const command = isJsonObject(item) ? ownValue(item, directive) : undefined
    if (command === 'replace') result.replace = true
    else if (command === 'delete') {
      requireKey(item, rules.key)
      result.deleted.push(item)
    } else if (command === undefined) {
      requireKey(item, rules.key)
      result.items.push(item)
    } else if (command === 'merge') throw new CannotMerge('merging lists cannot yet be specified in the patch')
    else throw unknownCommand(command, item)
  }
  return result
}

/** The items of both lists are of one type, as Kubernetes asks. */
function checkTypes(old: readonly unknown[], patch: readonly unknown[]): void {
  const types = new Set([...old, ...patch].map((item) => (isJsonObject(item) ? 'map' : typeof item)))
  if (types.size > 1) throw new CannotMerge(`list element types are not identical: ${goText([old, patch])}`)
}

export const unknownCommand = (command: unknown, patch: unknown): CannotMerge => new CannotMerge(`unknown patch type: ${goText(command)} in map: ${goText(patch)}`)

function requireKey(item: unknown, key: string | undefined): void {
  if (key === undefined || !isJsonObject(item) || Object.hasOwn(item, key)) return
  throw new CannotMerge(`map: ${goText(item)} does not contain declared merge key: ${key}`)
}

export const deleteValues = (old: readonly unknown[], values: readonly unknown[]): unknown[] =>
  old.filter((item) => !values.some((value) => equalJson(item, value)))

/**
 * Puts the items that `order` names into its order, and the others, in the order the server had them, in between: an item
 * of the server stays before a named one only where it was before it already, so new items come first.
 */
export function orderList(
  items: readonly unknown[],
  order: readonly unknown[],
  server: readonly unknown[],
  rules: ListRules,
): unknown[] {
  const byOrder = new ListIndex(rules.key, order)
  const byServer = new ListIndex(rules.key, server)
  const named: Array<{ item: unknown; at: number }> = []
  const others: Array<{ item: unknown; at: number }> = []
  for (const item of items) {
    const at = byOrder.find(item)
    if (at >= 0) named.push({ item, at })
    else others.push({ item, at: byServer.find(item) })
  }
  named.sort((a, b) => a.at - b.at)
  others.sort((a, b) => a.at - b.at)
  const result: unknown[] = []
  let next = 0
  for (const { item } of named) {
    const at = byServer.find(item)
    while (next < others.length && at >= 0 && others[next]!.at >= 0 && others[next]!.at < at)
      result.push(others[next++]!.item)
    result.push(item)
  }
  return [...result, ...others.slice(next).map((other) => other.item)]
}

/** Items found by their merge key, or by their value, without comparing each with each. */
class ListIndex {
  readonly items: unknown[] = []
  readonly #places = new Map<string, number>()
  readonly #key: string | undefined

  constructor(key: string | undefined, items: readonly unknown[] = []) {
    this.#key = key
    for (const item of items) this.add(item)
  }

  add(item: unknown): void {
    const name = this.#name(item)
    if (!this.#places.has(name)) this.#places.set(name, this.items.length)
    else if (this.#key === undefined) return
    this.items.push(item)
  }

  find(item: unknown): number {
    return this.#places.get(this.#name(item)) ?? -1
  }

  #name(item: unknown): string {
    const identity = this.#key !== undefined && isJsonObject(item) ? ownValue(item, this.#key) : item
    return JSON.stringify(identity) ?? 'undefined'
  }
}
