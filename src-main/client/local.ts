import { isLong } from '../base/json-steps.ts'
import { parseFieldSelector, type Selector } from '../base/selector.ts'
import type { AnyKind, Kind } from '../kinds/kind.ts'
import type { KubeObject, ObjectList, ObjectRef, WatchEvent } from '../kinds/meta.ts'
import { parseSelector } from '../kinds/selector-text.ts'
import { badRequest } from '../kinds/status-error.ts'
import { nameOf, plainCopy, typed } from './body.ts'
import type { Client, DeleteOptions, ListOptions, Patch, WatchOptions } from './client.ts'
import { EventQueue } from './event-queue.ts'

/** Who the client acts as. */
export interface LocalUser {
  readonly name: string
  readonly groups: readonly string[]
}

interface Context {
  readonly user: LocalUser
  readonly warnings: string[]
  readonly large?: boolean
}
interface Held {
  readonly object: KubeObject
}
interface Selection {
  readonly namespace?: string
  readonly labelSelector?: Selector
  readonly fieldSelector?: Selector
  readonly resourceVersion?: string
}
type Page = Pick<ListOptions, 'limit' | 'continue' | 'resourceVersionMatch'>
type Told =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly item: Held }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd?: boolean }

/** What this client needs of the API server's verbs. */
export interface LocalVerbs {
  get(kind: AnyKind, ref: ObjectRef): Promise<Held>
  list(kind: AnyKind, request: Selection & Page): Promise<ObjectList<Held>['metadata'] & { readonly items: readonly Held[] }>
  watch(kind: AnyKind, request: Selection, tell: (told: Told) => void, ended?: () => void): Promise<{ close(): void }>
  create(kind: AnyKind, namespace: string | undefined, body: unknown, context: Context): Promise<Held>
  update(kind: AnyKind, ref: ObjectRef, body: unknown, context: Context, subresource?: string): Promise<Held>
  patch(kind: AnyKind, ref: ObjectRef, patch: Patch, context: Context, subresource?: string): Promise<Held>
  delete(kind: AnyKind, ref: ObjectRef, request: DeleteOptions, context: Context): Promise<Held>
  createSubresource(kind: AnyKind, ref: ObjectRef, subresource: string, body: unknown, context: Context): Promise<unknown>
}

/** The client inside the server's own process: no wire, no serialising. Objects it returns are the cache's own. */
export function localClient(verbs: LocalVerbs, user: LocalUser): Client {
  // one context each: the verbs add warnings to it
  const context = (body?: unknown): Context => ({ user, warnings: [], ...(isLong(body) ? { large: true } : {}) })
  const refTo = (kind: AnyKind, object: KubeObject): ObjectRef => ({
    namespace: object.metadata.namespace,
    name: nameOf(kind, object),
  })
  return {
    get: async <T extends KubeObject>(kind: Kind<T>, ref: ObjectRef) => (await verbs.get(kind, ref)).object as T,
    async list<T extends KubeObject>(kind: Kind<T>, options: ListOptions = {}) {
      const { items, ...metadata } = await verbs.list(kind, { ...options, ...selectors(options) })
      return { apiVersion: kind.apiVersion, kind: kind.listKind, metadata, items: items.map((item) => item.object as T) }
    },
    watch: <T extends KubeObject>(kind: Kind<T>, options: WatchOptions = {}) => watch(verbs, kind, options),
    async create<T extends KubeObject>(kind: Kind<T>, object: Omit<T, 'apiVersion' | 'kind'>) {
      const body = plainCopy(typed(kind, object))
      return (await verbs.create(kind, (object as T).metadata.namespace, body, context(body))).object as T
    },
    async update<T extends KubeObject>(kind: Kind<T>, object: T) {
      const body = plainCopy(typed(kind, object))
      return (await verbs.update(kind, refTo(kind, object), body, context(body))).object as T
    },
    async updateStatus<T extends KubeObject>(kind: Kind<T>, object: T) {
      const body = plainCopy(typed(kind, object))
      return (await verbs.update(kind, refTo(kind, object), body, context(body), 'status')).object as T
    },
    async patch<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, patch: Patch, options: { subresource?: string } = {}) {
      return (await verbs.patch(kind, ref, plainCopy(patch), context(), options.subresource)).object as T
    },
    async delete<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, options: DeleteOptions = {}) {
      return (await verbs.delete(kind, ref, options, context())).object as T
    },
    async createSubresource(kind, ref, subresource, body) {
      return (await verbs.createSubresource(kind, ref, subresource, plainCopy(body), context())) as KubeObject
    },
  }
}

async function* watch<T extends KubeObject>(verbs: LocalVerbs, kind: Kind<T>, options: WatchOptions): AsyncGenerator<WatchEvent<T>> {
  const { signal, allowWatchBookmarks, ...request } = options
  if (signal?.aborted) return
  const queue = new EventQueue<T>()
  const stop = () => queue.close()
  signal?.addEventListener('abort', stop, { once: true })
  let handle: { close(): void } | undefined
  try {
    handle = await verbs.watch(kind, { ...request, ...selectors(options) }, (told) => {
      if (told.type !== 'BOOKMARK') queue.push({ type: told.type, object: told.item.object as T })
      else if (allowWatchBookmarks) queue.push({ type: 'BOOKMARK', object: bookmark(kind, told.resourceVersion) })
    }, stop)
    queue.live()
    yield* queue
  } finally {
    handle?.close()
    signal?.removeEventListener('abort', stop)
  }
}

const bookmark = <T extends KubeObject>(kind: Kind<T>, resourceVersion: string): T =>
  ({ apiVersion: kind.apiVersion, kind: kind.kind, metadata: { resourceVersion } }) as T

function selectors(options: { labelSelector?: string; fieldSelector?: string }) {
  try {
    return {
      labelSelector: options.labelSelector === undefined ? undefined : parseSelector(options.labelSelector),
      fieldSelector: options.fieldSelector === undefined ? undefined : parseFieldSelector(options.fieldSelector),
    }
  } catch (error) {
    throw badRequest((error as Error).message)
  }
}
