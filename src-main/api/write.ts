import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { copyJson } from '../base/json.ts'
import { copyInSteps } from '../base/json-steps.ts'
import { knownJson } from '../base/known-json.ts'
import { ordered, orderedOutside, orderMembers } from '../base/ordered.ts'
import { turns } from '../base/turns.ts'
import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { ManagedFieldsEntry } from '../kinds/generated/types.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { alreadyExists, conflict, forbidden, notFound } from '../kinds/status-error.ts'
import { type Store, type StoredObject, TooLarge, type WriteTx } from '../store/store.ts'
import {
  type AdmissionChain,
  type AdmissionRequest,
  admit,
  committed,
  leftForCommit,
  type Reader,
  type Reviewer,
  reviewersOf,
  validateAdmission,
} from './admission/chain.ts'
import { completeCreation, completeUpdate } from './complete.ts'
import { converting, shownLater, stillKept } from './converting.ts'
import { decodeBody } from './decode.ts'
import { keyFor } from './keys.ts'
import type { LargeThread } from './large-thread.ts'
import { contentChanged, endsDeletion } from './lifecycle.ts'
import { planned } from './making/created.ts'
import type { Sent, Wish } from './making/wish.ts'
import { nameOwnersOnce } from './owner-references.ts'
import { isKeptAsToday, noteComplete, objectOf, shown } from './read.ts'
import { countGeneration, countsGeneration, type Ready } from './ready.ts'
import { reviewCreation, reviewUpdate } from './reviewed.ts'
import { keepIPAddresses } from './service-ip-addresses.ts'
import { orStatusError } from './store-errors.ts'
import { refuseUnstorable, sizeOf } from './stored-size.ts'
import type { Creations } from './managed-fields/creations.ts'
import type { LargeRequests } from './large-requests.ts'
import type { Lines } from './lines.ts'
import { changesNothing } from './tracking.ts'
import type { Encoded, RequestContext } from './verbs.ts'

export interface Core {
  readonly store: Store
  readonly clock: Clock
  readonly chain: AdmissionChain
  readonly creations: Creations
  /** Those that a small request changes. */
  readonly largeObjects: LargeRequests
  /** Who changes a large object, by its key. */
  readonly changing: Lines
  readonly thread: LargeThread
  /** 0 <= random() < 1: for generated names. */
  random(): number
}

export async function create(
  core: Core,
  kind: AnyKind,
  namespace: string | undefined,
  body: unknown,
  context: RequestContext,
): Promise<Encoded> {
  if (context.large) return createLarge(core, { kind, ref: { namespace, name: '' }, context, now: core.clock.now(), sent: { type: 'create', body } })
  const object = decodeBody(kind, body, context)
  nameOwnersOnce(object.metadata, context.warnings)
  return createObject(core, kind, namespace, object, context)
}

/** Creates what a large body says. */
export async function createLarge(core: Core, wish: Wish): Promise<Encoded> {
  const { kind, ref: { namespace }, context, sent: { type } } = wish
  return createPlanned(core, kind, namespace, await core.thread.creation(wish, randomUUID()), context, type === 'apply')
}

/** Creates a decoded object; it becomes the registry's own. `managedFields` says who owns it when apply made it. */
export async function createObject(
  core: Core,
  kind: AnyKind,
  namespace: string | undefined,
  object: KubeObject,
  context: RequestContext,
  managedFields?: ManagedFieldsEntry[],
): Promise<Encoded> {
  planned({ kind, ref: { namespace, name: '' }, context, now: core.clock.now() }, object, randomUUID(), managedFields ? () => managedFields : (write) => core.creations.track(write))
  return createPlanned(core, kind, namespace, object, context, managedFields !== undefined)
}

async function createPlanned(core: Core, kind: AnyKind, namespace: string | undefined, object: KubeObject, context: RequestContext, applied: boolean): Promise<Encoded> {
  if (kind.ending) throw forbidden(kind, object.metadata.name ?? '', 'create not allowed while custom resource definition is terminating')
  const request = (read: Reader): AdmissionRequest => ({
    operation: 'CREATE',
    kind,
    namespace,
    name: object.metadata.name ?? '',
    object,
    context,
    read,
  })
  const reviewers = reviewersOf(core.chain, { operation: 'CREATE', kind, namespace })
  if (context.large) await turns.finish(refuseUnstorable(kind, object))
  const facts = reviewers.length > 0 || context.large ? await reviewCreation(core, reviewers, request(committed(core.store))) : undefined
  if (facts && kind.custom) await turns.finish(orderMembers(object))
  const ready = facts && { ...facts, json: await turns.finish(knownJson(object)) }
  return written(kind, await converting(kind, () => orStatusError(core.store.commit((tx) => commitCreation(core, tx, request(tx), applied, ready)))))
}

/** What a commit came to: what is stored now, or only would have been. */
type Outcome = { readonly stored: StoredObject } | { readonly seen: Encoded }

const written = (kind: AnyKind, outcome: Outcome): Promise<Encoded> | Encoded => ('seen' in outcome ? outcome.seen : shownLater(kind, outcome.stored))

/**
 * Writes an object in the form it is kept in. One that is too large only with who owns its fields is written without, but
 * never when it is applied. @throws Unconverted
 */
function put(kind: AnyKind, tx: WriteTx, key: string, object: KubeObject, applied: boolean, ready?: Ready): Outcome {
  const plain = (kind.stored?.toStored(object) ?? object) as KubeObject
  const kept = kind.custom ? inOrder(plain, ready ? orderedOutside : ordered) : plain
  let stored: StoredObject
  try {
    const isReady = plain === object && ready !== undefined
    const size = isReady ? (object.metadata.managedFields ? ready.sizes.whole : (ready.sizes.unowned ?? ready.sizes.whole)) : undefined
    stored = tx.put(key, kept, { json: ready?.json, size: size === undefined ? sizeOf(kind, kept) : () => size })
  } catch (error) {
    if (!(error instanceof TooLarge) || applied || !object.metadata.managedFields) throw error
    const { managedFields: _owners, ...metadata } = object.metadata
    return put(kind, tx, key, { ...object, metadata }, applied, ready)
  }
  // it is complete, so that it needs not be shown anew
  return plain === object ? { seen: noteComplete(kind, stored) } : { stored }
}

/** What Go keeps in maps, with a place for the revision. What is large has been put in order before. */
const inOrder = (object: KubeObject, order: (object: KubeObject) => KubeObject): KubeObject => order({ ...object, metadata: { ...object.metadata, resourceVersion: object.metadata.resourceVersion ?? '' } })

function commitCreation(core: Core, tx: WriteTx, request: AdmissionRequest, applied: boolean, ready?: Ready): Outcome {
  const { kind, object, context, namespace } = request
  const chain = ready ? leftForCommit(core.chain) : core.chain
  admit(chain, request)
  const named = ready ? { ...request, name: object.metadata.name ?? '' } : completeCreation(core, request)
  validateAdmission(chain, named)
  const key = keyFor(kind, { namespace, name: named.name })
  // what cannot be kept is refused for that, whether there is one of the name or not
  if (kind.stored?.ask) kind.stored.toStored(object)
  const there = tx.get(key)
  if (there) throw alreadyExists(keptKind(kind), named.name, objectOf(there).metadata.deletionTimestamp !== undefined)
  if (context.dryRun) return { seen: ready ? { object, bytes: ready.json.of(object) } : unwritten(asRead(kind, object)) }
  keepIPAddresses(tx, kind, undefined, object, core.clock.now())
  return put(kind, tx, key, object, applied, ready)
}

/** What an update is about, besides the object. */
export interface Target {
  readonly kind: AnyKind
  readonly ref: ObjectRef
  readonly subresource?: string
  readonly context: RequestContext
  /** The change is the server's own (a binding) and no new wish: the rules for updates do not hold, generation stays. */
  readonly internal?: boolean
  /** Who applies relies on being known as the owner. */
  readonly applied?: boolean
  /** What was asked for, which a thread can read too; absent where the change is the server's own. */
  readonly sent?: Sent
}

/** Makes the wished object from the current one without changing that; may be called again when a write is tried again. */
export type Make = (old: Readonly<KubeObject>) => KubeObject

/** Of a stored object that is worked on as a large body is. */
const largeBytes = 128 * 1024

/** How often a write is tried again that had to wait for reviewers while somebody else changed the object. */
const maxAttempts = 5

/** Writes what `make` makes of the newest state. */
export async function update(core: Core, asked: Target, make: Make): Promise<Encoded> {
  const { kind, ref, subresource, context, internal } = asked
  const concern = { operation: 'UPDATE' as const, kind, namespace: ref.namespace, subresource }
  const reviewers = internal ? [] : reviewersOf(core.chain, concern)
  const key = keyFor(kind, ref)
  const seen = kind.stored?.toStoredAnew && core.store.get(key)
  if (seen) await stillKept(kind, seen)
  const large = context.large || (core.store.get(key)?.bytes.length ?? 0) > largeBytes
  const target = large ? { ...asked, context: { ...context, large } } : asked
  if (reviewers.length === 0 && !large) {
    const commit = () => core.store.commit((tx) => commitUpdate(core, tx, target, key, make(current(tx, target, key).object)))
    return written(kind, await converting(kind, () => orStatusError(commit())))
  }
  const attempts = (): Promise<Encoded> => reviewedUpdate(core, target, make, reviewers)
  if (!large) return attempts()
  // who sends a large body has waited for its turn already
  const inTurn = (): Promise<Encoded> => (asked.context.large ? attempts() : core.largeObjects.run(context.user.name, attempts))
  // one after the other, so that nobody does it again and again for another's sake; reviewers may change the object themselves meanwhile
  return reviewers.length === 0 ? core.changing.run(key, context, inTurn) : inTurn()
}

async function reviewedUpdate(core: Core, target: Target, make: Make, reviewers: readonly Reviewer[]): Promise<Encoded> {
  const { kind, ref, context: { large = false } } = target
  const key = keyFor(kind, ref)
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const seen = core.store.get(key)
    const before = await converting(kind, () => current(committed(core.store), target, key))
    const { object: old } = before
    const made = await converting(kind, () => (large && target.sent ? changedInThread(core, target, target.sent, before) : make(old)))
    // reviewers may change what it shares with the old one
    const object = reviewers.length === 0 ? made : large ? await turns.finish(copyInSteps(made)) : copyJson(made)
    if (large) await turns.finish(refuseUnstorable(kind, object))
    const ready = await reviewUpdate(core, reviewers, target, requestOf(target, object, old, committed(core.store)), before)
    if (ready?.isNewContent && !target.internal) countGeneration(object, old)
    const commit = () =>
      core.store.commit((tx) =>
        tx.get(key)?.revision === seen?.revision ? commitUpdate(core, tx, target, key, object, ready) : undefined,
      )
    const outcome = await converting(kind, () => orStatusError(commit()))
    if (outcome) return written(kind, outcome)
  }
  throw conflict(keptKind(kind), ref.name)
}

function changedInThread({ thread, clock }: Core, { kind, ref, subresource, context }: Target, sent: Sent, old: Encoded): Promise<KubeObject> {
  return thread.change({ kind, ref, subresource, context, now: clock.now(), sent }, old)
}

function current(read: Reader, { kind, ref }: Target, key: string): Encoded {
  const stored = read.get(key)
  if (!stored) throw notFound(keptKind(kind), ref.name)
  return shown(kind, stored)
}

const requestOf = (
  { kind, ref, subresource, context }: Target,
  object: KubeObject,
  old: Readonly<KubeObject>,
  read: Reader,
) => ({
  operation: 'UPDATE' as const,
  kind,
  namespace: ref.namespace,
  name: ref.name,
  object,
  old,
  context,
  read,
  ...(subresource ? { subresource } : {}),
})

function commitUpdate(core: Core, tx: WriteTx, target: Target, key: string, object: KubeObject, ready?: Ready): Outcome {
  const { kind, context, internal = false } = target
  const stored = tx.get(key)!
  const { object: old } = shown(kind, stored)
  const request = requestOf(target, object, old, tx)
  const chain = ready ? leftForCommit(core.chain) : core.chain
  admit(chain, request)
  if (!ready) completeUpdate(target, object, old, core.clock.now())
  validateAdmission(chain, request)
  if ((ready?.unchanged ?? changesNothing(object, old)) && (context.dryRun || isKeptAsToday(kind, stored))) return { seen: shown(kind, stored) }
  if (!internal && !ready && countsGeneration(kind) && contentChanged(kind, object, old, target.subresource)) countGeneration(object, old)
  if (context.dryRun) return { seen: ready ? { object, bytes: ready.json.of(object) } : unwritten(asRead(kind, object)) }
  const ends = endsDeletion(kind, object)
  keepIPAddresses(tx, kind, old, ends ? undefined : object, core.clock.now())
  if (!ends) return put(kind, tx, key, object, target.applied === true, ready)
  return { stored: tx.delete(key, (kind.stored?.toStored(object) ?? object) as KubeObject)! }
}

/** As it would be read again: a version may not say all, or in another way. @throws Unconverted */
const asRead = ({ stored, custom }: AnyKind, object: KubeObject): KubeObject => {
  const read = stored ? (stored.fromStored(stored.toStored(object)) as KubeObject) : object
  return custom ? ordered(read) : read
}

/** What a dry run answers: the object as it would have been written, without a revision of its own. */
export const unwritten = (object: KubeObject): Encoded => ({ object, bytes: Buffer.from(JSON.stringify(object)) })
