import type { KnownJson } from '../base/known-json.ts'

/** The number of a change: 1, 2, 3, ... without gaps, over all keys; a resourceVersion is one as text. */
export type Revision = number & { readonly __brand: 'Revision' }

/** One version of one object. `object` is shared: nobody changes it. */
export interface StoredObject {
  readonly key: string
  /** Of this version. */
  readonly revision: Revision
  /** `object` as JSON, its resourceVersion inside: serialised once, served to everybody. */
  readonly bytes: Buffer
  readonly object: Readonly<StorableObject>
}

/** All the store knows of an object: where to write the revision. */
export interface StorableObject {
  metadata: { resourceVersion?: string }
}

/** The most that an object may have: etcd's --max-request-bytes. */
export const maxObjectBytes = 1.5 * 1024 * 1024

/** What somebody else knows of an object's bytes. */
export interface StorableForm {
  /** The JSON of most of its members, for who has worked that out before the commit. */
  readonly json?: KnownJson | undefined
  /** How many bytes etcd would be given; asked when there is too much JSON. */
  readonly size?: (() => number) | undefined
}

/** One change. A deletion carries the last state, stamped with the deletion's revision. */
export interface Change {
  readonly type: 'put' | 'delete'
  readonly current: StoredObject
  /** The version this one replaces; absent for a creation. */
  readonly previous?: StoredObject
}

/** Reads and writes inside a commit. Reads see the writes of the same batch. Only a commit callback ever holds one. */
export interface WriteTx {
  readonly __brand: 'WriteTx'
  get(key: string): StoredObject | undefined
  /** In key order. */
  list(prefix: string): readonly StoredObject[]
  /** Stamps a copy of `object` with the next revision and writes it. At most 1.5 MiB, as in etcd: else `TooLarge`. */
  put(key: string, object: StorableObject, form?: StorableForm): StoredObject
  /** Writes a tombstone with `object` (by default the current state) as the last state. Undefined when there is none. */
  delete(key: string, object?: StorableObject): StoredObject | undefined
}

export interface Snapshot {
  readonly revision: Revision
  readonly items: readonly StoredObject[]
}

export interface Subscription {
  close(): void
}

/** etcd's job: a revisioned log of changes, the newest state of each key, and watches of both. */
export interface Store {
  /** The newest committed revision. */
  readonly revision: Revision
  /** Older revisions than this cannot be read or watched any more. */
  readonly compactedRevision: Revision
  /**
   * Runs `fn` against the newest state and writes what it put as one durable transaction.
   *
   * `fn` is synchronous and runs exactly once. Resolves after fsync with what `fn` returned; by then `get`, `list` and the
   * watches show the change. Rejects with whatever `fn` threw (its writes are dropped, those of others in the batch
   * are not), or with `StorageFailed` (nothing changed) when the disk refuses.
   */
  commit<T>(fn: (tx: WriteTx) => T): Promise<T>
  /** The newest committed state. */
  get(key: string): StoredObject | undefined
  /** The newest committed state of all keys with the prefix, in key order. */
  list(prefix: string): Snapshot
  /** The state at an exact revision, from the log. Rejects with `Compacted` or `FutureRevision`. */
  listAt(prefix: string, revision: Revision): Promise<Snapshot>
  /**
   * Delivers every change to keys with the prefix after `after`, in order, without gap or duplicate: first the past ones,
   * then, from the same tick on, the live ones. `after` may be in the future. `onChange` must not throw. Rejects with `Compacted`.
   */
  watch(prefix: string, after: Revision, onChange: (change: Change) => void): Promise<Subscription>
  /** Calls back after each durable batch with the newest revision: what bookmarks and progress need. */
  onCommit(listener: (revision: Revision) => void): Subscription
  /** Forgets superseded versions up to and including `revision`. */
  compact(revision: Revision): Promise<void>
  /** Writes a consistent copy of the database to a new file while everything goes on. */
  backup(file: string): Promise<void>
  /** Waits for what was queued, then releases the file. Commits after this reject. */
  close(): Promise<void>
}

export class Compacted extends Error {
  override readonly name = 'Compacted'
}
export class FutureRevision extends Error {
  override readonly name = 'FutureRevision'
}
/** The disk refused (full, read-only, gone); `cause` is SQLite's error. Nothing changed. */
export class StorageFailed extends Error {
  override readonly name = 'StorageFailed'
}
export class TooLarge extends Error {
  override readonly name = 'TooLarge'
  readonly bytes: number

  constructor(message: string, bytes: number) {
    super(message)
    this.bytes = bytes
  }
}
/** The database file cannot be trusted; the message names the file and what to do. It was not touched. */
export class Damaged extends Error {
  override readonly name = 'Damaged'
}
/** Another process has the data directory open. */
export class Locked extends Error {
  override readonly name = 'Locked'
}
/** The database was written by a newer release, whose schema this one does not know. It was not touched. */
export class NewerVersion extends Error {
  override readonly name = 'NewerVersion'
}
