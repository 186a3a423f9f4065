import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { copyJson } from '../base/json.ts'
import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { ManagedFieldsEntry } from '../kinds/generated/types.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { alreadyExists, conflict, notFound } from '../kinds/status-error.ts'
import { applyDefaults } from '../kinds/structure.ts'
import { type Store, type StoredObject, TooLarge, type WriteTx } from '../store/store.ts'
import {
  type AdmissionChain,
  type AdmissionRequest,
  admit,
  committed,
  type Reader,
  reviewersOf,
  validateAdmission,
} from './admission/chain.ts'
import { completeCreation, completeUpdate } from './complete.ts'
import { converting, shownLater } from './converting.ts'
import { decodeBody } from './decode.ts'
import { keyFor } from './keys.ts'
import { contentChanged, endsDeletion, placeInNamespace, planCreation } from './lifecycle.ts'
import { nameOwnersOnce } from './owner-references.ts'
import { encoded, shown } from './read.ts'
import { reviewCreation, reviewUpdate } from './reviewed.ts'
import { keepIPAddresses } from './service-ip-addresses.ts'
import { orStatusError } from './store-errors.ts'
import type { Creations } from './managed-fields/creations.ts'
import { changesNothing, writeOf } from './tracking.ts'
import type { Encoded, RequestContext } from './verbs.ts'

export interface Core {
  readonly store: Store
  readonly clock: Clock
  readonly chain: AdmissionChain
  readonly creations: Creations
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
  const object = decodeBody(kind, body, context)
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
  const now = core.clock.now()
  placeInNamespace(object, namespace)
  planCreation(kind, object, now, randomUUID())
  applyDefaults(kind, object)
  // what admission and the kind add from here on is nobody's, as in Kubernetes
  const owners = managedFields ?? core.creations.track({ ...writeOf(kind, context, now), updated: object })
  if (owners?.length) object.metadata.managedFields = owners
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
  if (reviewers.length > 0) await reviewCreation(core, reviewers, request(committed(core.store)))
  return written(kind, await converting(kind, () => orStatusError(core.store.commit((tx) => commitCreation(core, tx, request(tx), managedFields !== undefined)))))
}

/** What a commit came to: what is stored now, or only would have been. */
type Outcome = { readonly stored: StoredObject } | { readonly seen: Encoded }

const written = (kind: AnyKind, outcome: Outcome): Promise<Encoded> | Encoded => ('seen' in outcome ? outcome.seen : shownLater(kind, outcome.stored))

/**
 * Writes an object in the form it is kept in. One that is too large only with who owns its fields is written without, but
 * never when it is applied. @throws Unconverted
 */
function put(kind: AnyKind, tx: WriteTx, key: string, object: KubeObject, applied: boolean): Outcome {
  const kept = (kind.stored?.toStored(object) ?? object) as KubeObject
  let stored: StoredObject
  try {
    stored = tx.put(key, kept)
  } catch (error) {
    if (!(error instanceof TooLarge) || applied || !object.metadata.managedFields) throw error
    const { managedFields: _owners, ...metadata } = object.metadata
    return put(kind, tx, key, { ...object, metadata }, applied)
  }
  // it is complete, so that it needs not be shown anew
  return kept === object ? { seen: encoded(stored) } : { stored }
}

function commitCreation(core: Core, tx: WriteTx, request: AdmissionRequest, applied: boolean): Outcome {
  const { kind, object, context, namespace } = request
  admit(core.chain, request)
  const named = completeCreation(core, request)
  validateAdmission(core.chain, named)
  const key = keyFor(kind, { namespace, name: named.name })
  // what cannot be kept is refused for that, whether there is one of the name or not
  if (kind.stored?.ask) kind.stored.toStored(object)
  if (tx.get(key)) throw alreadyExists(keptKind(kind), named.name)
  if (context.dryRun) return { seen: unwritten(object) }
  keepIPAddresses(tx, kind, undefined, object, core.clock.now())
  return put(kind, tx, key, object, applied)
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
export type Make = (old: Readonly<KubeObject>) => KubeObject

/** How often a write is tried again that had to wait for reviewers while somebody else changed the object. */
const maxAttempts = 5

/** Writes what `make` makes of the newest state. */
export async function update(core: Core, target: Target, make: Make): Promise<Encoded> {
  const { kind, ref, subresource, internal } = target
  const concern = { operation: 'UPDATE' as const, kind, namespace: ref.namespace, subresource }
  const reviewers = internal ? [] : reviewersOf(core.chain, concern)
  const key = keyFor(kind, ref)
  if (reviewers.length === 0) {
    const commit = () => core.store.commit((tx) => commitUpdate(core, tx, target, key, make(current(tx, target, key))))
    return written(kind, await converting(kind, () => orStatusError(commit())))
  }
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const seen = core.store.get(key)
    const object = await converting(kind, () => copyJson(make(current(committed(core.store), target, key))))
    await reviewUpdate(core, reviewers, target, requestOf(target, object, current(committed(core.store), target, key), committed(core.store)))
    const commit = () =>
      core.store.commit((tx) =>
        tx.get(key)?.revision === seen?.revision ? commitUpdate(core, tx, target, key, object) : undefined,
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

function commitUpdate(core: Core, tx: WriteTx, target: Target, key: string, object: KubeObject): Outcome {
  const { kind, context, internal = false } = target
  const stored = tx.get(key)!
  const { object: old } = shown(kind, stored)
  const request = requestOf(target, object, old, tx)
  admit(core.chain, request)
  completeUpdate(target, object, old, core.clock.now())
  validateAdmission(core.chain, request)
  if (changesNothing(object, old)) return { seen: shown(kind, stored) }
  if (kind.generation && kind.generation !== 'once' && !internal && contentChanged(kind, object, old, target.subresource))
    object.metadata.generation = (old.metadata.generation ?? 0) + 1
  if (context.dryRun) return { seen: unwritten(object) }
  const ends = endsDeletion(kind, object)
  keepIPAddresses(tx, kind, old, ends ? undefined : object, core.clock.now())
  if (!ends) return put(kind, tx, key, object, target.applied === true)
  return { stored: tx.delete(key, (kind.stored?.toStored(object) ?? object) as KubeObject)! }
}

/** What a dry run answers: the object as it would have been written, without a revision of its own. */
export const unwritten = (object: KubeObject): Encoded => ({ object, bytes: Buffer.from(JSON.stringify(object)) })
