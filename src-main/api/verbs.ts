import type { AnyKind, Verb } from '../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import type { Selector } from '../base/selector.ts'
import type { Waits } from './request-facts.ts'

/** Who asks, as authentication found out: authentication.k8s.io UserInfo. */
export interface User {
  readonly name: string
  readonly groups: readonly string[]
  readonly uid?: string
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** Everything about a request besides what it is about. */
export interface RequestContext {
  readonly user: User
  /** What the user has been allowed; absent for the server's own writes. */
  readonly verb?: Verb
  readonly dryRun?: boolean
  /** What happens to unknown and duplicate fields; Warn unless said, as in Kubernetes. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict'
  readonly fieldManager?: string
  /** As the client sent it, '' when it sent none; absent inside this process. Names the manager when `fieldManager` does not. */
  readonly userAgent?: string
  /** A sentence for each key that the parser of the body met twice; told or refused as `fieldValidation` says. */
  readonly duplicateFields?: readonly string[]
  /** The JSON in which they stand; absent when it was YAML. */
  readonly sentText?: string | undefined
  /** The body is so large that whatever is done with it is done in turns, or in a thread. */
  readonly large?: boolean
  /** Its text, where it was JSON or became that. */
  readonly json?: string | undefined
  /** Go's sentence about a number of the body that is infinite here: it is no mistake where nobody reads it. */
  readonly overflow?: string | undefined
  /** Nulls of a custom resource are values that its schema allows or not; otherwise those it does not allow say nothing. */
  readonly keepsNulls?: boolean
  /** Throws a StatusError 403 unless the user may create the object too: asked where a patch would. Absent for the server itself. */
  readonly authorizeCreate?: () => void
  /** Sentences for `Warning: 299` headers; the verbs add to it. */
  readonly warnings: string[]
  /** Annotations of the request's audit event; admission adds to it. Absent where nobody keeps an audit log. */
  readonly audit?: Record<string, string>
  /** When the client gives up, in milliseconds of the process' own clock; absent when it never does. */
  readonly until?: number | undefined
  /** Where it is noted what the request waits for. */
  readonly waits?: Waits | undefined
}

/** An object with its serialised form, made once at commit. */
export interface Encoded {
  readonly object: KubeObject
  readonly bytes: Buffer
}

export interface ReadOptions {
  readonly namespace?: string
  readonly labelSelector?: Selector
  readonly fieldSelector?: Selector
}

export interface ListRequest extends ReadOptions {
  /** Nothing above 0 is everything. */
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: string
  /** Only a watch may say it. */
  readonly sendInitialEvents?: boolean
}

export interface Listed {
  readonly resourceVersion: string
  readonly items: readonly Encoded[]
  readonly continue?: string
  readonly remainingItemCount?: number
}

export interface WatchRequest extends ReadOptions {
  readonly resourceVersion?: string
  readonly sendInitialEvents?: boolean
}

/** What a watcher is told. `bookmark` has a revision alone; the wire decides who gets bookmarks. */
export type Told =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly item: Encoded }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd?: boolean }

export interface WatchHandle {
  close(): void
}

export interface PatchBody {
  readonly type: 'json' | 'merge' | 'strategic' | 'apply'
  readonly body: unknown
  readonly force?: boolean
}

export interface DeleteRequest {
  readonly gracePeriodSeconds?: number
  readonly propagationPolicy?: string
  readonly orphanDependents?: boolean
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export interface Deleted extends Encoded {
  /** False while the object waits for a grace period or finalizers. */
  readonly gone: boolean
}

/**
 * The verbs for any kind: the only way to the store. Authorisation has happened; admission, defaulting and validation
 * happen inside. Every method rejects with a StatusError. Objects in `body` may be changed by the callee.
 */
export interface Verbs {
  /** `subresource` is `scale` (answers a Scale), `status`, or another whose GET answers the object itself. */
  get(kind: AnyKind, ref: ObjectRef, resourceVersion?: string, subresource?: string): Promise<Encoded>
  list(kind: AnyKind, request: ListRequest): Promise<Listed>
  /**
   * `tell` is called in order, never after `close`, and must not throw. `ended` is called when nothing more can be told:
   * with the reason, or without one when the objects are no longer shown as they were.
   */
  watch(kind: AnyKind, request: WatchRequest, tell: (told: Told) => void, ended?: (error?: unknown) => void): Promise<WatchHandle>
  create(kind: AnyKind, namespace: string | undefined, body: unknown, context: RequestContext): Promise<Encoded>
  /** `created` when there was none, and the kind lets an update make one. */
  update(kind: AnyKind, ref: ObjectRef, body: unknown, context: RequestContext, subresource?: string): Promise<Encoded & { created?: boolean }>
  /** `created` when apply made a new object. */
  patch(kind: AnyKind, ref: ObjectRef, patch: PatchBody, context: RequestContext, subresource?: string): Promise<Encoded & { created?: boolean }>
  delete(kind: AnyKind, ref: ObjectRef, request: DeleteRequest, context: RequestContext): Promise<Deleted>
  deleteCollection(kind: AnyKind, list: ListRequest, request: DeleteRequest, context: RequestContext): Promise<Listed>
  /** `POST .../name/binding` and the like; returns what to answer. */
  createSubresource(kind: AnyKind, ref: ObjectRef, subresource: string, body: unknown, context: RequestContext): Promise<KubeObject>
  /** Asks admission whether a connection to `subresource` may be opened, which `options` describe. They may be changed by it. */
  connect(kind: AnyKind, ref: ObjectRef, subresource: string, options: KubeObject, context: RequestContext): Promise<void>
}
