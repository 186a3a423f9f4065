import { copyJson, type JsonObject, setOwn } from '../base/json.ts'
import { patiently, turns } from '../base/turns.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { type AdmissionChain, type AdmissionRequest, admit, admitReviewed, committed, type Reviewer, reviewersOf, validateReviewed } from './admission/chain.ts'
import { completeCreation, completeLargeCreation, completeLargeUpdate, completeUpdate } from './complete.ts'
import { emptyStatus, placeInNamespace, planUpdate } from './lifecycle.ts'
import { afterMutation, nameOwnersOnce } from './owner-references.ts'
import { scaleOf, scaleType, withScale } from './subresources/scale.ts'
import { withManagedFields } from './tracking.ts'
import type { Core, Target } from './write.ts'

/** Puts another object's content into an object. */
export function replaceContent(object: KubeObject, next: Readonly<KubeObject>): void {
  const target = object as unknown as JsonObject
  for (const name of Object.keys(target)) delete target[name]
  for (const [name, value] of Object.entries(next)) setOwn(target, name, value)
}

/** Asks the reviewers about a creation; `request.object` is then complete and as they want it. */
export async function reviewCreation(core: Core, reviewers: readonly Reviewer[], request: AdmissionRequest): Promise<void> {
  const { kind, object, namespace } = request
  const { uid, creationTimestamp, generation, managedFields } = object.metadata
  if (await admitReviewed(core.chain, reviewers, request)) {
    // what only the server says stays what it said
    const { selfLink: _link, resourceVersion: _version, deletionTimestamp: _deleted, deletionGracePeriodSeconds: _grace, ...metadata } = object.metadata
    object.metadata = { ...metadata, uid, creationTimestamp, ...(generation ? { generation } : {}), ...(managedFields ? { managedFields } : {}) }
    if (!generation) delete object.metadata.generation
    if (kind.status && !kind.statusAtCreation) emptyStatus(kind, object)
    placeInNamespace(object, namespace)
    nameOwnersOnce(object.metadata, request.context.warnings, afterMutation)
  }
  const { large } = request.context
  if (large) await turns.next()
  await validateReviewed(core.chain, reviewers, large ? await completeLargeCreation(core, request) : await patiently(() => completeCreation(core, request)))
  if (large) await turns.next()
}

/** Asks the reviewers about a change; `request.object` is then complete and as they want it. */
export async function reviewUpdate(core: Core, reviewers: readonly Reviewer[], target: Target, request: AdmissionRequest & { readonly old: Readonly<KubeObject> }): Promise<void> {
  const { kind, subresource } = target
  const { object, old } = request
  if (subresource === 'scale' && kind.scale) return reviewScale(core, reviewers, target, request)
  const { managedFields } = object.metadata
  if (await admitReviewed(core.chain, reviewers, request)) {
    // what this door does not write stays as it was
    replaceContent(object, withManagedFields(planUpdate(kind, copyJson(object), old, subresource), managedFields))
    nameOwnersOnce(object.metadata, request.context.warnings, afterMutation)
  }
  await completeReviewed(core, target, object, old)
  await validateReviewed(core.chain, reviewers, request)
}

const completeReviewed = (core: Core, target: Target, object: KubeObject, old: Readonly<KubeObject>): Promise<void> =>
  target.context.large ? completeLargeUpdate(core, target, object, old, core.clock.now()) : patiently(() => completeUpdate(target, object, old, core.clock.now()))

/** Reviewers are shown the Scale, everybody else the object that it scales. */
async function reviewScale(core: Core, reviewers: readonly Reviewer[], target: Target, request: AdmissionRequest & { readonly old: Readonly<KubeObject> }): Promise<void> {
  const { kind } = target
  const { object, old } = request
  const scaled = (): AdmissionRequest => ({ ...request, object: scaleOf(kind, object), old: scaleOf(kind, old), type: scaleType })
  await patiently(() => admit(core.chain, request))
  const asked = scaled()
  if (await admitReviewed({ plugins: [], reviewers }, reviewers, asked)) replaceContent(object, withScale(kind, object, asked.object))
  await completeReviewed(core, target, object, old)
  await validateReviewed(core.chain, [], request)
  await validateReviewed({ plugins: [], reviewers }, reviewers, scaled())
}

/** Asks the reviewers about a deletion. */
export const reviewDeletion = (core: Pick<Core, 'chain' | 'store'>, asked: AdmissionRequest): Promise<void> => reviewBy({ plugins: [], reviewers: core.chain.reviewers }, asked)

/** Asks everybody whom it may concern about what is not stored: a connection, an eviction, a question. They may change `object`. */
export async function review({ chain, store }: Pick<Core, 'chain' | 'store'>, asked: Omit<AdmissionRequest, 'read'>): Promise<void> {
  await reviewBy({ plugins: chain.plugins.filter(({ everywhere }) => everywhere), reviewers: chain.reviewers, steps: chain.steps }, { ...asked, read: committed(store) })
}

async function reviewBy(chain: AdmissionChain, request: AdmissionRequest): Promise<void> {
  const reviewers = reviewersOf(chain, request)
  await admitReviewed(chain, reviewers, request)
  await validateReviewed(chain, reviewers, request)
}
