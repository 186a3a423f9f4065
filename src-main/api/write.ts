import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { copyJson } from '../base/json.ts'
import { copyInSteps } from '../base/json-steps.ts'
import { atOnce, type Steps, turns } from '../base/turns.ts'
import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { ManagedFieldsEntry } from '../kinds/generated/types.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { alreadyExists, conflict, forbidden, notFound } from '../kinds/status-error.ts'
import { applyDefaults, defaultInSteps } from '../kinds/structure.ts'
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
import { converting, shownLater } from './converting.ts'
import { decodeBody, decodeInSteps } from './decode.ts'
import type { JudgeThread } from './judge-thread.ts'
import { keyFor } from './keys.ts'
import { contentChanged, endsDeletion, placeInNamespace, planCreation } from './lifecycle.ts'
import { nameOwnersOnce } from './owner-references.ts'
import { noteComplete, shown } from './read.ts'
import { countGeneration, countsGeneration, type Ready, readyToWrite, readyUpdate } from './ready.ts'
import { reviewCreation, reviewUpdate } from './reviewed.ts'
import { keepIPAddresses } from './service-ip-addresses.ts'
import { orStatusError } from './store-errors.ts'
import { refuseUnstorable, sizeOf } from './stored-size.ts'
import type { Creations } from './managed-fields/creations.ts'
import type { LargeRequests } from './large-requests.ts'
import { trackInSteps } from './managed-fields/track.ts'
import { changesNothing, writeOf } from './tracking.ts'
import type { Encoded, RequestContext } from './verbs.ts'

export interface Core {
  readonly store: Store
  readonly clock: Clock
  readonly chain: AdmissionChain
  readonly creations: Creations
  /** Those that a small request changes. */
  readonly largeObjects: LargeRequests
  readonly judges: JudgeThread
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
  const object = context.large ? await turns.finish(decodeInSteps(kind, body, context)) : decodeBody(kind, body, context)
  nameOwnersOnce(object.metadata, context.warnings)
  return createObject(core, kind, namespace, object, context)
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
  if (kind.ending) throw forbidden(kind, object.metadata.name ?? '', 'create not allowed while custom resource definition is terminating')
  const now = core.clock.now()
  const { managedFields: sent } = object.metadata
  placeInNamespace(object, namespace)
  planCreation(kind, object, now, randomUUID())
  if (context.large) await turns.finish(defaultInSteps(kind, object))
  else applyDefaults(kind, object)
  // what admission and the kind add from here on is nobody's, as in Kubernetes
  const write = { ...writeOf(kind, context, now), updated: object, ...(sent?.length ? { sent } : {}) }
  const owners = managedFields ?? (context.large ? await turns.finish(trackInSteps(write)) : core.creations.track(write))
  if (owners?.length) object.metadata.managedFields = owners
  else if (sent?.length === 0) delete object.metadata.managedFields
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
  if (reviewers.length > 0 || context.large) await reviewCreation(core, reviewers, request(committed(core.store)))
  const ready = context.large ? await turns.finish(readyToWrite(kind, object)) : undefined
  return written(kind, await converting(kind, () => orStatusError(core.store.commit((tx) => commitCreation(core, tx, request(tx), managedFields !== undefined, ready)))))
}

/** What a commit came to: what is stored now, or only would have been. */
type Outcome = { readonly stored: StoredObject } | { readonly seen: Encoded }

const written = (kind: AnyKind, outcome: Outcome): Promise<Encoded> | Encoded => ('seen' in outcome ? outcome.seen : shownLater(kind, outcome.stored))

/**
 * Writes an object in the form it is kept in. One that is too large only with who owns its fields is written without, but
 * never when it is applied. @throws Unconverted
 */
function put(kind: AnyKind, tx: WriteTx, key: string, object: KubeObject, applied: boolean, ready?: Ready): Outcome {
  const kept = (kind.stored?.toStored(object) ?? object) as KubeObject
  let stored: StoredObject
  try {
    const isReady = kept === object && ready !== undefined
    const json = isReady ? (revision: string) => ready.json.with(object.metadata, revision) : undefined
    const size = isReady ? ready.sizes[object.metadata.managedFields ? 'whole' : 'unowned'] : undefined
    stored = tx.put(key, kept, { json, size: size === undefined ? sizeOf(kind, kept) : () => size })
  } catch (error) {
    if (!(error instanceof TooLarge) || applied || !object.metadata.managedFields) throw error
    const { managedFields: _owners, ...metadata } = object.metadata
    return put(kind, tx, key, { ...object, metadata }, applied, ready)
  }
  // it is complete, so that it needs not be shown anew
  return kept === object ? { seen: noteComplete(kind, stored) } : { stored }
}

function commitCreation(core: Core, tx: WriteTx, request: AdmissionRequest, applied: boolean, ready?: Ready): Outcome {
  const { kind, object, context, namespace } = request
  const chain = ready ? leftForCommit(core.chain) : core.chain
  admit(chain, request)
  const named = ready ? { ...request, name: object.metadata.name ?? '' } : completeCreation(core, request)
  validateAdmission(chain, named)
  const key = keyFor(kind, { namespace, name: named.name })
  // what cannot be kept is refused for that, whether there is one of the name or not
  if (kind.stored?.ask) kind.stored.toStored(object)
  if (tx.get(key)) throw alreadyExists(keptKind(kind), named.name)
  if (context.dryRun) return { seen: ready ? { object, bytes: ready.json.with(object.metadata) } : unwritten(asRead(kind, object)) }
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
}

/** Makes the wished object from the current one without changing that; may be called again when a write is tried again. */
export type Make = (old: Readonly<KubeObject>, large: boolean) => Steps<KubeObject>

/** Of a stored object that is worked on in turns, as a large body is. */
const largeBytes = 128 * 1024

/** How often a write is tried again that had to wait for reviewers while somebody else changed the object. */
const maxAttempts = 5

/** Writes what `make` makes of the newest state. */
export async function update(core: Core, asked: Target, make: Make): Promise<Encoded> {
  const { kind, ref, subresource, context, internal } = asked
  const concern = { operation: 'UPDATE' as const, kind, namespace: ref.namespace, subresource }
  const reviewers = internal ? [] : reviewersOf(core.chain, concern)
  const key = keyFor(kind, ref)
  const large = !internal && (context.large || (core.store.get(key)?.bytes.length ?? 0) > largeBytes)
  const target = large ? { ...asked, context: { ...context, large } } : asked
  if (reviewers.length === 0 && !large) {
    const commit = () => core.store.commit((tx) => commitUpdate(core, tx, target, key, atOnce(make(current(tx, target, key), false))))
    return written(kind, await converting(kind, () => orStatusError(commit())))
  }
  const attempts = (): Promise<Encoded> => reviewedUpdate(core, target, make, reviewers)
  // who sends a large body has waited for that already
  return large && !asked.context.large ? core.largeObjects.run(context.user.name, attempts) : attempts()
}

async function reviewedUpdate(core: Core, target: Target, make: Make, reviewers: readonly Reviewer[]): Promise<Encoded> {
  const { kind, ref, subresource, context: { large = false } } = target
  const key = keyFor(kind, ref)
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const seen = core.store.get(key)
    const old = await converting(kind, () => current(committed(core.store), target, key))
    const made = await converting(kind, () => (large ? turns.finish(make(old, true)) : atOnce(make(old, false))))
    // reviewers may change what it shares with the old one
    const object = reviewers.length === 0 ? made : large ? await turns.finish(copyInSteps(made)) : copyJson(made)
    if (large) await turns.finish(refuseUnstorable(kind, object))
    await reviewUpdate(core, reviewers, target, requestOf(target, object, old, committed(core.store)))
    const ready = large ? await turns.finish(readyUpdate(kind, subresource, object, old)) : undefined
    const commit = () =>
      core.store.commit((tx) =>
        tx.get(key)?.revision === seen?.revision ? commitUpdate(core, tx, target, key, object, ready) : undefined,
      )
    const outcome = await converting(kind, () => orStatusError(commit()))
    if (outcome) return written(kind, outcome)
  }
  throw conflict(keptKind(kind), ref.name)
}

function current(read: Reader, { kind, ref }: Target, key: string): Readonly<KubeObject> {
  const stored = read.get(key)
  if (!stored) throw notFound(keptKind(kind), ref.name)
  return shown(kind, stored).object
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
  if (ready?.unchanged ?? changesNothing(object, old)) return { seen: shown(kind, stored) }
  if (!internal && !ready && countsGeneration(kind) && contentChanged(kind, object, old, target.subresource)) countGeneration(object, old)
  if (context.dryRun) return { seen: ready ? { object, bytes: ready.json.with(object.metadata, object.metadata.resourceVersion) } : unwritten(asRead(kind, object)) }
  const ends = endsDeletion(kind, object)
  keepIPAddresses(tx, kind, old, ends ? undefined : object, core.clock.now())
  if (!ends) return put(kind, tx, key, object, target.applied === true, ready)
  return { stored: tx.delete(key, (kind.stored?.toStored(object) ?? object) as KubeObject)! }
}

/** As it would be read again: a version may not say all, or in another way. @throws Unconverted */
const asRead = ({ stored }: AnyKind, object: KubeObject): KubeObject => (stored ? (stored.fromStored(stored.toStored(object)) as KubeObject) : object)

/** What a dry run answers: the object as it would have been written, without a revision of its own. */
export const unwritten = (object: KubeObject): Encoded => ({ object, bytes: Buffer.from(JSON.stringify(object)) })
