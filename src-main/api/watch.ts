import type { Clock } from '../base/clock.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { expired } from '../kinds/status-error.ts'
import { type Change, Compacted, type Revision, type Store, type StoredObject } from '../store/store.ts'
import { converting } from './converting.ts'
import { reached, revisionOf } from './fresh.ts'
import { prefixOf } from './keys.ts'
import { encoded, objectOf, shown } from './read.ts'
import { type Selection, selectionOf } from './selection.ts'
import { orStatusError } from './store-errors.ts'
import type { Encoded, Told, WatchHandle, WatchRequest } from './verbs.ts'

/** As kube-apiserver's watch cache does. */
const bookmarkMs = 60_000

export async function watchStored(
  store: Store,
  clock: Clock,
  bookmarks: Bookmarks,
  kind: AnyKind,
  request: WatchRequest,
  tell: (told: Told) => void,
  ended: (error?: unknown) => void = () => undefined,
): Promise<WatchHandle> {
  const selection = selectionOf(kind, request)
  const prefix = prefixOf(kind, request.namespace)
  let open = true
  const say = (told: Told | undefined): void => {
    if (open && told) tell(told)
  }
  const end = (error: unknown): void => {
    if (open) ended(error)
    open = false
  }
  const act = kind.stored?.ask ? inOrder(kind, end) : (work: () => void) => work()
  const after = await start(store, clock, kind, prefix, selection, request, say)
  const live = await orStatusError(
    store
      .watch(prefix, after, (change) => act(() => say(toldOf(shownChange(kind, change), selection))))
      .catch((error: unknown) => {
        throw error instanceof Compacted
          ? expired(`too old resource version: ${after} (${store.compactedRevision})`)
          : error
      }),
  )
  const unmark = bookmarks.add(() => {
    if (store.revision < after) return
    const resourceVersion = String(store.revision)
    act(() => say({ type: 'BOOKMARK', resourceVersion }))
  })
  return {
    close() {
      open = false
      unmark()
      live.close()
    },
  }
}

/** Does one thing after the other, for a kind whose objects have to be converted by somebody else first. */
function inOrder(kind: AnyKind, failed: (error: unknown) => void): (work: () => void) => void {
  let last: Promise<void> = Promise.resolve()
  return (work) => {
    last = last.then(() => converting(kind, work)).catch(failed)
  }
}

/** Tells what is there, when the request asks for it; returns the revision that live changes follow. */
async function start(
  store: Store,
  clock: Clock,
  kind: AnyKind,
  prefix: string,
  selection: Selection,
  request: WatchRequest,
  say: (told: Told) => void,
): Promise<Revision> {
  const { resourceVersion = '', sendInitialEvents } = request
  const fromNow = resourceVersion === '' || resourceVersion === '0'
  const revision = fromNow ? undefined : revisionOf(resourceVersion)
  if (!sendInitialEvents && revision !== undefined) return revision
  if (sendInitialEvents === false) return store.revision
  if (revision !== undefined) await reached(store, clock, revision)
  const snapshot = store.list(prefix)
  if (kind.stored?.ask) await kind.stored.ask(snapshot.items.map(objectOf))
  for (const item of snapshot.items) {
    const seen = shown(kind, item)
    if (!selection || selection(seen.object)) say({ type: 'ADDED', item: seen })
  }
  if (sendInitialEvents) say({ type: 'BOOKMARK', resourceVersion: String(snapshot.revision), initialEventsEnd: true })
  return snapshot.revision
}

/** A change as the kind shows it. */
function shownChange(kind: AnyKind, change: Change): Change {
  if (!kind.stored) return change
  const { current, previous } = change
  const form = (stored: StoredObject): StoredObject => ({ ...stored, ...shown(kind, stored) }) as StoredObject
  return { ...change, current: form(current), ...(previous ? { previous: form(previous) } : {}) }
}

/** What a watcher with this selection sees of a change: what leaves the selection is deleted, what enters it added. */
export function toldOf({ type, current, previous }: Change, selection: Selection): Told | undefined {
  const was = previous !== undefined && (!selection || selection(objectOf(previous)))
  if (type === 'delete') return was ? { type: 'DELETED', item: encoded(current) } : undefined
  const is = !selection || selection(objectOf(current))
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', item: encoded(current) }
  return was ? { type: 'DELETED', item: stamped(previous, current) } : undefined
}

/** The object as it last was in the selection, with the revision at which it left. */
function stamped(previous: StoredObject, current: StoredObject): Encoded {
  const old = objectOf(previous)
  const object: KubeObject = { ...old, metadata: { ...old.metadata, resourceVersion: String(current.revision) } }
  return { object, bytes: Buffer.from(JSON.stringify(object)) }
}

/** One timer for all watchers; none while nobody watches. */
export class Bookmarks {
  readonly #clock: Clock
  readonly #watchers = new Set<() => void>()
  #cancel: (() => void) | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls back every minute; the returned function ends it. */
  add(tell: () => void): () => void {
    this.#watchers.add(tell)
    this.#cancel ??= this.#clock.after(bookmarkMs, () => this.#tick())
    return () => {
      this.#watchers.delete(tell)
      if (this.#watchers.size > 0) return
      this.#cancel?.()
      this.#cancel = undefined
    }
  }

  #tick(): void {
    this.#cancel = this.#clock.after(bookmarkMs, () => this.#tick())
    for (const tell of this.#watchers) tell()
  }
}
