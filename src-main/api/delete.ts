import { orderedOutside } from '../base/ordered.ts'
import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { conflict, isNotFound, notFound } from '../kinds/status-error.ts'
import type { StoredObject, WriteTx } from '../store/store.ts'
import { type AdmissionRequest, committed, type Reader, reviewersOf, validateAdmission } from './admission/chain.ts'
import { converting, shownAnew, shownLater } from './converting.ts'
import { checkDeleteRequest, planDeletion } from './deletion.ts'
import { keyFor } from './keys.ts'
import { listStored, noteLikewise, objectOf, shown } from './read.ts'
import { reviewDeletion } from './reviewed.ts'
import { keepIPAddresses } from './service-ip-addresses.ts'
import { orStatusError } from './store-errors.ts'
import { type Core, unwritten } from './write.ts'
import type { Deleted, DeleteRequest, Encoded, Listed, ListRequest, RequestContext } from './verbs.ts'

/** How often a deletion is tried again that had to wait for reviewers while somebody else changed the object. */
const maxAttempts = 5

/** What must hold, and be written, in the same commit as a deletion; answers with the object as it is to be deleted. */
export type BeforeDeletion = (tx: WriteTx, object: Readonly<KubeObject>) => Readonly<KubeObject>

export async function deleteObject(
  core: Core,
  kind: AnyKind,
  ref: ObjectRef,
  request: DeleteRequest,
  context: RequestContext,
  before?: BeforeDeletion,
): Promise<Deleted> {
  checkDeleteRequest(request)
  warnOfOrphans(kind, request, context)
  const key = keyFor(kind, ref)
  const options = { kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/v1', ...request, ...(context.dryRun ? { dryRun: ['All'] } : {}) }
  const admission = (stored: StoredObject, read: Reader): AdmissionRequest => {
    const { object } = shown(kind, stored)
    return { operation: 'DELETE', kind, namespace: ref.namespace, name: ref.name, object, old: object, options, context, read }
  }
  // an eviction has been reviewed as such
  const isReviewed = !before && reviewersOf(core.chain, { operation: 'DELETE', kind, namespace: ref.namespace }).length > 0
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const seen = core.store.get(key)
    const shownBefore = seen && kind.stored?.fromStoredAnew ? await stillShown(kind, seen) : undefined
    if (isReviewed && seen) await reviewDeletion(core, await converting(kind, () => admission(seen, committed(core.store))))
    const commit = () =>
      core.store.commit((tx) => {
        const stored = tx.get(key)
        if (!stored) throw notFound(keptKind(kind), ref.name)
        if (isReviewed && stored.revision !== seen?.revision) return undefined
        validateAdmission(core.chain, admission(stored, tx))
        return commitDeletion(core, tx, kind, stored, request, context, before)
      })
    const outcome = await converting(kind, () => orStatusError(commit()))
    if (!outcome) continue
    const { object, bytes } = outcome.gone && shownBefore ? shownBefore : await shownLater(kind, outcome.stored)
    return { object, bytes, gone: outcome.gone }
  }
  throw conflict(keptKind(kind), ref.name)
}

/** What cannot be shown now is not deleted; it is told of as it was shown before. */
async function stillShown(kind: AnyKind, stored: StoredObject): Promise<Encoded> {
  await shownAnew(kind, stored)
  return shownLater(kind, stored)
}

function warnOfOrphans({ orphans }: AnyKind, { propagationPolicy, orphanDependents }: DeleteRequest, { warnings }: RequestContext): void {
  if (typeof orphans !== 'string' || propagationPolicy !== undefined || orphanDependents !== undefined) return
  if (!warnings.includes(orphans)) warnings.push(orphans)
}

function commitDeletion(
  core: Core,
  tx: WriteTx,
  kind: AnyKind,
  stored: StoredObject,
  request: DeleteRequest,
  context: RequestContext,
  before: BeforeDeletion = (_tx, object) => object,
): { stored: StoredObject; gone: boolean } {
  // a deletion concerns what every version shows alike, so that the object is kept in the form it has
  const plan = planDeletion(keptKind(kind), before(tx, objectOf(stored)), request, core.clock.now())
  if (plan.act === 'wait') return { stored, gone: false }
  const gone = plan.act === 'remove'
  const object = kind.custom ? orderedOutside(plan.object) : plan.object
  if (context.dryRun) return { stored: { ...stored, ...unwritten(object as KubeObject) } as StoredObject, gone }
  if (gone) keepIPAddresses(tx, kind, objectOf(stored), undefined, core.clock.now())
  return { stored: noteLikewise(kind, stored, gone ? tx.delete(stored.key, object)! : tx.put(stored.key, object, { size: wasStored })), gone }
}

/** What there was room for is never too large to be deleted. */
const wasStored = (): number => 0

/** Deletes what the list selects, each object on its own; what somebody else deleted meanwhile is no error. */
export async function deleteCollection(
  core: Core,
  kind: AnyKind,
  list: ListRequest,
  request: DeleteRequest,
  context: RequestContext,
): Promise<Listed> {
  checkDeleteRequest(request)
  const listed = await listStored(core.store, core.clock, kind, list)
  const deleteOne = async ({ metadata }: KubeObject): Promise<Deleted | undefined> => {
    const ref = { name: metadata.name ?? '', ...(metadata.namespace ? { namespace: metadata.namespace } : {}) }
    try {
      return await deleteObject(core, kind, ref, request, context)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }
  const isReviewed = reviewersOf(core.chain, { operation: 'DELETE', kind, namespace: list.namespace }).length > 0
  const items: Array<Deleted | undefined> = []
  // reviewers are not asked about everything at once
  if (isReviewed) for (const { object } of listed.items) items.push(await deleteOne(object))
  else items.push(...(await Promise.all(listed.items.map(({ object }) => deleteOne(object)))))
  return { ...listed, resourceVersion: String(core.store.revision), items: items.filter((item) => item !== undefined) }
}
