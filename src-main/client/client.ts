import type { Kind, AnyKind } from '../kinds/kind.ts'
import type { KubeObject, ObjectList, ObjectRef, WatchEvent } from '../kinds/meta.ts'

export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

export interface WatchOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Changes after this version; '' or absent starts with synthetic ADDED events, then goes on. */
  readonly resourceVersion?: string
  readonly allowWatchBookmarks?: boolean
  readonly signal?: AbortSignal
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export type Patch =
  | { readonly type: 'json'; readonly body: ReadonlyArray<object> }
  | { readonly type: 'merge' | 'strategic'; readonly body: object }

export interface PatchOptions {
  readonly subresource?: string
}

/**
 * What controllers, scheduler, kubelet, proxy and DNS know of the cluster. Two implementations: in-process and over
 * the wire. Every method rejects with a StatusError (see kinds/status-error.ts). Returned objects are shared with
 * caches: never change them, copy first.
 */
export interface Client {
  get<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef): Promise<T>
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<ObjectList<T>>
  /**
   * Ends when the signal aborts or the server closes it; throws a StatusError with code 410 when the version is too
   * old. The consumer must keep up: the server closes a watcher that does not read.
   */
  watch<T extends KubeObject>(kind: Kind<T>, options?: WatchOptions): AsyncIterable<WatchEvent<T>>
  create<T extends KubeObject>(kind: Kind<T>, object: NewObject<T>): Promise<T>
  /** With a resourceVersion inside, fails with Conflict when the object has changed since. */
  update<T extends KubeObject>(kind: Kind<T>, object: T): Promise<T>
  /** Writes `status` alone. */
  updateStatus<T extends KubeObject>(kind: Kind<T>, object: T): Promise<T>
  patch<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, patch: Patch, options?: PatchOptions): Promise<T>
  /** Resolves with the object: as deleted, with the deletion's resourceVersion, or as it now waits for its end. */
  delete<T extends KubeObject>(kind: Kind<T>, ref: ObjectRef, options?: DeleteOptions): Promise<T>
  /** POST to a subresource such as `pods/binding` or `serviceaccounts/token`; resolves with the answer. */
  createSubresource(kind: AnyKind, ref: ObjectRef, subresource: string, body: KubeObject): Promise<KubeObject>
}

/** An object to create: apiVersion and kind may be left out, and come from the kind. */
export type NewObject<T extends KubeObject> = Omit<T, 'apiVersion' | 'kind'> & Partial<Pick<T, 'apiVersion' | 'kind'>>
