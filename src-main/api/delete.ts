import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { isNotFound, notFound } from '../kinds/status-error.ts'
import type { StoredObject, WriteTx } from '../store/store.ts'
import { type AdmissionRequest, committed, type Reader, validateAdmission } from './admission/chain.ts'
import { checkDeleteRequest, planDeletion } from './deletion.ts'
import { keyFor } from './keys.ts'
import { listStored, objectOf, shown } from './read.ts'
import { orStatusError } from './store-errors.ts'
import { type Core, unwritten } from './write.ts'
import type { Deleted, DeleteRequest, Encoded, Listed, ListRequest, RequestContext } from './verbs.ts'

/** What must hold, and be written, in the same commit as a deletion; answers with the object as it is to be deleted. */
export type BeforeDeletion = (tx: WriteTx, object: Readonly<KubeObject>) => Readonly<KubeObject>

export async function deleteObject(
  core: Core,
  kind: AnyKind,
  ref: ObjectRef,
  request: DeleteRequest,
  context: RequestContext,
  before: BeforeDeletion = (_tx, object) => object,
): Promise<Deleted> {
  checkDeleteRequest(request)
  const key = keyFor(kind, ref)
  const admission = (stored: StoredObject, read: Reader): AdmissionRequest => {
    const object = objectOf(stored) as KubeObject
    return { operation: 'DELETE', kind, namespace: ref.namespace, name: ref.name, object, old: object, context, read }
  }
  const seen = core.store.get(key)
  if (seen) await review(core, admission(seen, committed(core.store)))
  return orStatusError(
    core.store.commit((tx) => {
      const stored = tx.get(key)
      if (!stored) throw notFound(kind, ref.name)
      validateAdmission(core.chain, admission(stored, tx))
      return commitDeletion(core, tx, kind, stored, request, context, before)
    }),
  )
}

async function review(core: Core, request: AdmissionRequest): Promise<void> {
  for (const reviewer of core.chain.reviewers) if (reviewer.concerns(request)) await reviewer.validate?.(request)
}

function commitDeletion(
  core: Core,
  tx: WriteTx,
  kind: AnyKind,
  stored: StoredObject,
  request: DeleteRequest,
  context: RequestContext,
  before: BeforeDeletion,
): Deleted {
  const plan = planDeletion(kind, before(tx, objectOf(stored)), request, core.clock.now())
  if (plan.act === 'wait') return deleted(shown(kind, stored), false)
  const gone = plan.act === 'remove'
  if (context.dryRun) return deleted(unwritten(plan.object as KubeObject), gone)
  return deleted(shown(kind, gone ? tx.delete(stored.key, plan.object)! : tx.put(stored.key, plan.object)), gone)
}

const deleted = ({ object, bytes }: Encoded, gone: boolean): Deleted => ({ object, bytes, gone })

/** Deletes what the list selects, each object on its own; what somebody else deleted meanwhile is no error. */
export async function deleteCollection(
  core: Core,
  kind: AnyKind,
  list: ListRequest,
  request: DeleteRequest,
  context: RequestContext,
): Promise<Listed> {
  checkDeleteRequest(request)
  const listed = await listStored(core.store, kind, list)
  const items = await Promise.all(
    listed.items.map(async ({ object: { metadata } }) => {
      const ref = { name: metadata.name ?? '', ...(metadata.namespace ? { namespace: metadata.namespace } : {}) }
      try {
        return await deleteObject(core, kind, ref, request, context)
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    }),
  )
  return { ...listed, resourceVersion: String(core.store.revision), items: items.filter((item) => item !== undefined) }
}
