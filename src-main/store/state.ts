import type { Change, StoredObject } from './store.ts'

/**
 * The newest object of every key, in memory. Keys are kept sorted per group and resource (their first two path segments), so
 * that a list is one slice and an insertion moves only pointers of its own resource.
 */
export class State {
  readonly #byKey = new Map<string, StoredObject>()
  readonly #buckets = new Map<string, StoredObject[]>()

  get(key: string): StoredObject | undefined {
    return this.#byKey.get(key)
  }

  /** In key order; a copy, so it stays as it is while the state moves on. */
  list(prefix: string): StoredObject[] {
    const name = bucketOf(prefix)
    if (name !== undefined) return slice(this.#buckets.get(name) ?? [], prefix)
    const names = [...this.#buckets.keys()].filter((bucket) => bucket.startsWith(prefix)).sort()
    return names.flatMap((bucket) => this.#buckets.get(bucket) ?? [])
  }

  apply({ type, current }: Change): void {
    if (type === 'put') this.set(current)
    else this.#remove(current.key)
  }

  set(item: StoredObject): void {
    const name = bucketOf(item.key) ?? item.key
    let bucket = this.#buckets.get(name)
    if (!bucket) this.#buckets.set(name, (bucket = []))
    const known = this.#byKey.has(item.key)
    this.#byKey.set(item.key, item)
    const last = bucket.at(-1)
    if (!last || last.key < item.key) bucket.push(item)
    else bucket.splice(lowerBound(bucket, item.key), known ? 1 : 0, item)
  }

  #remove(key: string): void {
    if (!this.#byKey.delete(key)) return
    const bucket = this.#buckets.get(bucketOf(key) ?? key)
    bucket?.splice(lowerBound(bucket, key), 1)
  }
}

/**
 * `/apps/deployments/` of `/apps/deployments/default/web`: with its closing slash, so that the order of buckets is that of
 * their keys. Undefined for a shorter text, which is in no one bucket.
 */
export function bucketOf(key: string): string | undefined {
  const first = key.indexOf('/', 1)
  const second = first < 0 ? -1 : key.indexOf('/', first + 1)
  return second < 0 ? undefined : key.slice(0, second + 1)
}

function slice(bucket: readonly StoredObject[], prefix: string): StoredObject[] {
  const start = lowerBound(bucket, prefix)
  return bucket.slice(start, lowerBound(bucket, afterPrefix(prefix), start))
}

/** The smallest text above every text with the prefix. */
export const afterPrefix = (prefix: string): string =>
  prefix === '' ? '\u{10FFFF}' : prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)

function lowerBound(items: readonly StoredObject[], key: string, from = 0): number {
  let low = from
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (items[middle]!.key < key) low = middle + 1
    else high = middle
  }
  return low
}
