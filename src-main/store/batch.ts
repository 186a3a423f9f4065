import { knownFrom } from '../base/known-json.ts'
import { bucketOf, type State } from './state.ts'
import { maxObjectBytes, TooLarge, type Change, type Revision, type StorableForm, type StorableObject, type StoredObject, type WriteTx } from './store.ts'

export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown }

/** What the functions of one transaction wrote, laid over the state they started from. */
export class Batch {
  readonly changes: Change[] = []
  bytes = 0
  readonly #state: State
  readonly #last: Revision
  /** Undefined marks a deleted key. */
  readonly #overlay = new Map<string, StoredObject | undefined>()
  /** Where there is something in the overlay: most of what is listed in a commit is not what it writes. */
  readonly #touched = new Set<string | undefined>()

  constructor(state: State, last: Revision) {
    this.#state = state
    this.#last = last
  }

  /** Runs one commit function. When it throws, what it wrote is taken back and its revisions go to the next one. */
  run<T>(fn: (tx: WriteTx) => T): Outcome<T> {
    const mark = this.changes.length
    const tx = new Tx(this)
    try {
      const value = fn(tx)
      if (value instanceof Promise) {
        value.catch(() => undefined) // whatever it does, it is too late to be part of this transaction
        throw new TypeError('a commit function must be synchronous: do what needs waiting before commit()')
      }
      return { ok: true, value }
    } catch (error) {
      this.#undo(mark)
      return { ok: false, error }
    } finally {
      tx.end()
    }
  }

  get(key: string): StoredObject | undefined {
    return this.#overlay.has(key) ? this.#overlay.get(key) : this.#state.get(key)
  }

  list(prefix: string): StoredObject[] {
    const base = this.#state.list(prefix)
    const bucket = bucketOf(prefix)
    if (bucket !== undefined && !this.#touched.has(bucket)) return base
    const touched = [...this.#overlay].filter(([key]) => key.startsWith(prefix))
    if (touched.length === 0) return base
    touched.sort(([a], [b]) => (a < b ? -1 : 1))
    const merged: StoredObject[] = []
    let next = 0
    for (const item of base) {
      // what this batch wrote replaces what was there, and falls in between otherwise
      for (; next < touched.length && touched[next]![0] < item.key; next++) if (touched[next]![1]) merged.push(touched[next]![1]!)
      if (touched[next]?.[0] === item.key) {
        const written = touched[next++]![1]
        if (written) merged.push(written)
      } else merged.push(item)
    }
    for (const [, item] of touched.slice(next)) if (item) merged.push(item)
    return merged
  }

  write(type: Change['type'], key: string, object: StorableObject, form?: StorableForm): StoredObject {
    const previous = this.get(key)
    const current = stamp(key, (this.#last + this.changes.length + 1) as Revision, object, form, previous)
    this.changes.push({ type, current, previous })
    this.bytes += current.bytes.length
    this.#overlay.set(key, type === 'put' ? current : undefined)
    this.#touched.add(bucketOf(key))
    return current
  }

  #undo(mark: number): void {
    for (const { current, previous } of this.changes.splice(mark).reverse()) {
      this.bytes -= current.bytes.length
      this.#overlay.set(current.key, previous)
    }
  }
}

/** From here on it is worth while to look for what an object has in common with the one that it replaces. */
const longBytes = 64 * 1024

function stamp(key: string, revision: Revision, object: StorableObject, form?: StorableForm, previous?: StoredObject): StoredObject {
  const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
  const known = form?.json ?? (previous && previous.bytes.length > longBytes ? knownFrom(previous.object, previous.bytes) : undefined)
  const bytes = known?.of(stamped) ?? encode(JSON.stringify(stamped))
  if (form && bytes.length > maxObjectBytes) {
    const size = form.size?.() ?? bytes.length
    if (size > maxObjectBytes) throw new TooLarge(`${key} has ${size} bytes; an object may have at most ${maxObjectBytes}`, size)
  }
  return { key, revision, bytes, object: stamped }
}

/** In memory of its own: a slice of Node's shared pool would keep its neighbours alive as long as the object lives. */
function encode(json: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json))
  bytes.write(json)
  return bytes
}

class Tx implements WriteTx {
  declare readonly __brand: 'WriteTx'
  #batch: Batch | undefined

  constructor(batch: Batch) {
    this.#batch = batch
  }

  get #open(): Batch {
    if (!this.#batch) throw new Error('this transaction has ended: use a WriteTx only inside its commit function')
    return this.#batch
  }

  get(key: string): StoredObject | undefined {
    return this.#open.get(key)
  }

  list(prefix: string): readonly StoredObject[] {
    return this.#open.list(prefix)
  }

  put(key: string, object: StorableObject, form: StorableForm = {}): StoredObject {
    return this.#open.write('put', key, object, form)
  }

  delete(key: string, object?: StorableObject): StoredObject | undefined {
    const current = this.#open.get(key)
    return current && this.#open.write('delete', key, object ?? current.object)
  }

  end(): void {
    this.#batch = undefined
  }
}
