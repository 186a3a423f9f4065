import { randomUUID } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import { copyJson } from '../base/json.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { ManagedFieldsEntry } from '../kinds/generated/types.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { alreadyExists, conflict, invalid, notFound } from '../kinds/status-error.ts'
import { applyDefaults, validateObject, validateObjectUpdate } from '../kinds/structure.ts'
import type { Store, WriteTx } from '../store/store.ts'
import {
  type AdmissionChain,
  type AdmissionRequest,
  admit,
  committed,
  type Reader,
  validateAdmission,
} from './admission/chain.ts'
import { decodeBody } from './decode.ts'
import { nameFor } from './generate-name.ts'
import { keyFor } from './keys.ts'
import { contentChanged, endsDeletion, placeInNamespace, planCreation } from './lifecycle.ts'
import { encoded, shown } from './read.ts'
import { orStatusError } from './store-errors.ts'
import { trackUpdate } from './managed-fields/track.ts'
import { changesNothing, writeOf } from './tracking.ts'
import { isPodPart } from './subresources/pod-parts.ts'
import type { Encoded, RequestContext } from './verbs.ts'

export interface Core {
  readonly store: Store
  readonly clock: Clock
  readonly chain: AdmissionChain
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
  return createObject(core, kind, namespace, decodeBody(kind, body, context), context)
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
  const owners = managedFields ?? trackUpdate({ ...writeOf(kind, context, now), updated: object })
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
  const reviewers = core.chain.reviewers.filter((reviewer) =>
    reviewer.concerns({ operation: 'CREATE', kind, namespace }),
  )
  if (reviewers.length > 0) {
    admit(core.chain, request(committed(core.store)))
    for (const reviewer of reviewers) await reviewer.admit?.(request(committed(core.store)))
    for (const reviewer of reviewers) await reviewer.validate?.(request(committed(core.store)))
  }
  return orStatusError(core.store.commit((tx) => commitCreation(core, tx, request(tx))))
}

function commitCreation(core: Core, tx: WriteTx, request: AdmissionRequest): Encoded {
  const { kind, object, context, namespace } = request
  admit(core.chain, request)
  const generated = !object.metadata.name
  object.metadata.name = nameFor(
    kind,
    object,
    (name) => tx.get(keyFor(kind, { namespace, name })) !== undefined,
    core.random,
  )
  // some defaults are made of the name
  if (generated) kind.default?.(object)
  kind.prepareCreate?.(object)
  refuse(kind, object, validateObject(kind, object))
  const named = { ...request, name: object.metadata.name }
  validateAdmission(core.chain, named)
  const key = keyFor(kind, { namespace, name: named.name })
  if (tx.get(key)) throw alreadyExists(kind, named.name)
  return context.dryRun ? unwritten(object) : encoded(tx.put(key, object))
}

/** What an update is about, besides the object. */
export interface Target {
  readonly kind: AnyKind
  readonly ref: ObjectRef
  readonly subresource?: string
  readonly context: RequestContext
  /** The change is the server's own (a binding) and no new wish: the rules for updates do not hold, generation stays. */
  readonly internal?: boolean
}

/** Makes the wished object from the current one without changing that; may be called again when a write is tried again. */
export type Make = (old: Readonly<KubeObject>) => KubeObject

/** How often a write is tried again that had to wait for reviewers while somebody else changed the object. */
const maxAttempts = 5

/** Writes what `make` makes of the newest state. */
export async function update(core: Core, target: Target, make: Make): Promise<Encoded> {
  const { kind, ref, subresource } = target
  const concern = { operation: 'UPDATE' as const, kind, namespace: ref.namespace, subresource }
  const reviewers = core.chain.reviewers.filter((reviewer) => reviewer.concerns(concern))
  const key = keyFor(kind, ref)
  if (reviewers.length === 0) {
    return orStatusError(core.store.commit((tx) => commitUpdate(core, tx, target, key, make(current(tx, target, key)))))
  }
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const seen = core.store.get(key)
    const object = copyJson(make(current(committed(core.store), target, key)))
    const request = requestOf(target, object, current(committed(core.store), target, key), committed(core.store))
    admit(core.chain, request)
    for (const reviewer of reviewers) await reviewer.admit?.(request)
    for (const reviewer of reviewers) await reviewer.validate?.(request)
    const written = await orStatusError(
      core.store.commit((tx) =>
        tx.get(key)?.revision === seen?.revision ? commitUpdate(core, tx, target, key, object) : undefined,
      ),
    )
    if (written) return written
  }
  throw conflict(kind, ref.name)
}

function current(read: Reader, { kind, ref }: Target, key: string): Readonly<KubeObject> {
  const stored = read.get(key)
  if (!stored) throw notFound(kind, ref.name)
  return shown(kind, stored).object
}

const requestOf = (
  { kind, ref, subresource, context }: Target,
  object: KubeObject,
  old: Readonly<KubeObject>,
  read: Reader,
): AdmissionRequest => ({
  operation: 'UPDATE',
  kind,
  namespace: ref.namespace,
  name: ref.name,
  object,
  old,
  context,
  read,
  ...(subresource ? { subresource } : {}),
})

function commitUpdate(core: Core, tx: WriteTx, target: Target, key: string, object: KubeObject): Encoded {
  const { kind, subresource, context, internal = false } = target
  const stored = tx.get(key)!
  const { object: old } = shown(kind, stored)
  const request = requestOf(target, object, old, tx)
  admit(core.chain, request)
  kind.prepareUpdate?.(object, old)
  const errors = validateObject(kind, object, undefined, old)
  // a status and a part of a pod have their own rules only; the rest of the object is what it was
  if (errors.length === 0 && subresource !== 'status' && !isPodPart(kind, subresource) && !internal)
    errors.push(...validateObjectUpdate(kind, object, old as KubeObject))
  refuse(kind, object, errors)
  validateAdmission(core.chain, request)
  if (changesNothing(object, old)) return shown(kind, stored)
  if (kind.generation && !internal && contentChanged(kind, object, old))
    object.metadata.generation = (old.metadata.generation ?? 0) + 1
  if (context.dryRun) return unwritten(object)
  return encoded(endsDeletion(kind, object) ? tx.delete(key, object)! : tx.put(key, object))
}

function refuse(kind: AnyKind, { metadata }: KubeObject, errors: ReturnType<typeof validateObject>): void {
  if (errors.length > 0) throw invalid(kind, metadata.name ?? '', errors)
}

/** What a dry run answers: the object as it would have been written, without a revision of its own. */
export const unwritten = (object: KubeObject): Encoded => ({ object, bytes: Buffer.from(JSON.stringify(object)) })
