import { type Clock, sleep } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { AnyKind, Kind } from '../kinds/kind.ts'
import { keyOf, type KubeObject, type WatchEvent } from '../kinds/meta.ts'
import { isExpired } from '../kinds/status-error.ts'
import type { Client } from './client.ts'

/** One change seen by an informer; `old` is absent for an addition. A relist shows what happened in between. */
export interface Seen<T extends KubeObject> {
  readonly type: 'added' | 'updated' | 'deleted'
  readonly object: T
  readonly old?: T
}

export interface InformerOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

const longestPauseMs = 10_000

/**
 * A live copy of one kind's objects: lists, then watches, and lists again when the watch is too old or breaks. Reads
 * are synchronous. Objects are shared: never change them.
 */
export class Informer<T extends KubeObject> {
  readonly kind: Kind<T>
  readonly #objects = new Map<string, T>()
  readonly #byNamespace = new Map<string, Map<string, T>>()
  readonly #listeners = new Set<(seen: Seen<T>) => void>()
  readonly #waiters = new Set<{ revision: number; resolve: () => void }>()
  readonly #client: Client
  readonly #options: InformerOptions
  readonly #clock: Clock
  readonly #log: Logger
  #revision = -1
  #synced = false

  constructor(kind: Kind<T>, client: Client, options: InformerOptions, clock: Clock, log: Logger) {
    this.kind = kind
    this.#client = client
    this.#options = options
    this.#clock = clock
    this.#log = log.with({ kind: kind.kind })
  }

  get synced(): boolean {
    return this.#synced
  }

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  list(namespace?: string): Iterable<T> {
    return (namespace === undefined ? this.#objects : this.#byNamespace.get(namespace))?.values() ?? []
  }

  /** Calls back for every change from now on, and at once with `added` for what is there. */
  subscribe(listener: (seen: Seen<T>) => void): () => void {
    for (const object of this.#objects.values()) listener({ type: 'added', object })
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Resolves once this copy shows the revision, or `signal` aborts. */
  waitFor(revision: number, signal?: AbortSignal): Promise<void> {
    // a server that does not tell a deletion's version leaves NaN here: nothing to wait for
    if (!(revision > this.#revision) || signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const waiter = {
        revision,
        resolve: () => {
          this.#waiters.delete(waiter)
          signal?.removeEventListener('abort', waiter.resolve)
          resolve()
        },
      }
      this.#waiters.add(waiter)
      signal?.addEventListener('abort', waiter.resolve, { once: true })
    })
  }

  /** Runs until `signal` aborts. Errors are logged and tried again after a growing pause. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0
    while (!signal.aborted) {
      const started = this.#clock.now()
      try {
        await this.#listAndWatch(signal)
      } catch (error) {
        if (signal.aborted) return
        if (this.#clock.now() - started > longestPauseMs) failures = 0
        // a version too old is everyday life after a pause, yet a server that always says so must not be hammered
        if (!isExpired(error)) this.#log.warn('list and watch failed', { error: errorMessage(error) })
        else if (failures++ === 0) continue
        await sleep(Math.min(100 * 2 ** failures++, longestPauseMs), this.#clock, signal)
      }
    }
  }

  async #listAndWatch(signal: AbortSignal): Promise<void> {
    const list = await this.#client.list(this.kind, this.#options)
    this.#replace(list.items, Number(list.metadata.resourceVersion))
    let from = list.metadata.resourceVersion
    while (!signal.aborted) {
      const options = { ...this.#options, resourceVersion: from, allowWatchBookmarks: true, signal }
      for await (const event of this.#client.watch(this.kind, options)) {
        this.#apply(event)
        from = event.object.metadata.resourceVersion ?? from
      }
      // the server ends a watch now and then; a stream that ends at once must not spin
      await sleep(50, this.#clock, signal)
    }
  }

  #replace(items: readonly T[], revision: number): void {
    const keep = new Set(items.map(keyOf))
    for (const [key, old] of this.#objects) if (!keep.has(key)) this.#remove(key, old)
    for (const item of items) this.#set(item)
    this.#synced = true
    this.#advance(revision)
  }

  #apply(event: WatchEvent<T>): void {
    if (event.type === 'DELETED') this.#remove(keyOf(event.object), event.object)
    else if (event.type !== 'BOOKMARK') this.#set(event.object)
    this.#advance(Number(event.object.metadata.resourceVersion))
  }

  #set(object: T): void {
    const key = keyOf(object)
    const old = this.#objects.get(key)
    if (old?.metadata.resourceVersion === object.metadata.resourceVersion) return
    if (old && old.metadata.uid !== object.metadata.uid) {
      // deleted and made again under the same name while nobody watched
      this.#remove(key, old)
      return this.#set(object)
    }
    this.#objects.set(key, object)
    const namespace = object.metadata.namespace
    if (namespace !== undefined) {
      let group = this.#byNamespace.get(namespace)
      if (!group) this.#byNamespace.set(namespace, (group = new Map()))
      group.set(key, object)
    }
    this.#tell(old ? { type: 'updated', object, old } : { type: 'added', object })
  }

  #remove(key: string, object: T): void {
    const old = this.#objects.get(key)
    if (!old) return
    this.#objects.delete(key)
    const namespace = object.metadata.namespace
    if (namespace !== undefined) {
      const group = this.#byNamespace.get(namespace)
      group?.delete(key)
      if (group?.size === 0) this.#byNamespace.delete(namespace)
    }
    this.#tell({ type: 'deleted', object, old })
  }

  #tell(seen: Seen<T>): void {
    for (const listener of this.#listeners) {
      try {
        listener(seen)
      } catch (error) {
        // the other listeners, and this copy, must still see the change
        this.#log.error('listener failed', { key: keyOf(seen.object), error: errorMessage(error) })
      }
    }
  }

  #advance(revision: number): void {
    this.#revision = Math.max(this.#revision, revision)
    for (const waiter of this.#waiters) if (waiter.revision <= this.#revision) waiter.resolve()
  }
}

/** One informer per kind for the whole process, started when first asked for. */
export class Informers {
  readonly #byKind = new Map<AnyKind, Informer<KubeObject>>()
  readonly #ends = new Map<AnyKind, AbortController>()
  readonly #client: Client
  readonly #clock: Clock
  readonly #log: Logger
  readonly #signal: AbortSignal

  constructor(client: Client, clock: Clock, log: Logger, signal: AbortSignal) {
    this.#client = client
    this.#clock = clock
    this.#log = log
    this.#signal = signal
  }

  of<T extends KubeObject>(kind: Kind<T>): Informer<T> {
    const existing = this.#byKind.get(kind)
    if (existing) return existing as unknown as Informer<T>
    const informer = new Informer(kind, this.#client, {}, this.#clock, this.#log)
    this.#byKind.set(kind, informer as unknown as Informer<KubeObject>)
    const end = new AbortController()
    this.#ends.set(kind, end)
    void informer.run(AbortSignal.any([this.#signal, end.signal]))
    return informer
  }

  /** Ends the copy of a kind that is no longer served. Its listeners are told nothing more. */
  drop(kind: AnyKind): void {
    this.#ends.get(kind)?.abort()
    this.#ends.delete(kind)
    this.#byKind.delete(kind)
  }

  /** Resolves when everything asked for so far has been listed once, or the signal aborts. */
  async synced(): Promise<void> {
    await Promise.all([...this.#byKind.values()].map((informer) => informer.waitFor(0, this.#signal)))
  }
}
