import { copyJson, type JsonObject, setOwn } from '../base/json.ts'
import { sharing } from '../base/json-steps.ts'
import { patiently, turns } from '../base/turns.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { type AdmissionChain, type AdmissionRequest, admit, admitReviewed, committed, type Reviewer, reviewersOf, validateReviewed } from './admission/chain.ts'
import { completeCreation, completeLargeCreation, completeLargeUpdate, completeUpdate } from './complete.ts'
import { emptyStatus, placeInNamespace, planUpdate } from './lifecycle.ts'
import { afterMutation, nameOwnersOnce } from './owner-references.ts'
import { scaleOf, scaleType, withScale } from './subresources/scale.ts'
import { withManagedFields } from './tracking.ts'
import type { Facts, Ready } from './ready.ts'
import type { Encoded } from './verbs.ts'
import type { Core, Target } from './write.ts'

/** Puts another object's content into an object. */
export function replaceContent(object: KubeObject, next: Readonly<KubeObject>): void {
  const target = object as unknown as JsonObject
  for (const name of Object.keys(target)) delete target[name]
  for (const [name, value] of Object.entries(next)) setOwn(target, name, value)
}

/** Asks the reviewers about a creation; `request.object` is then complete and as they want it. Of a large one it is told what its commit has to know. */
export async function reviewCreation(core: Core, reviewers: readonly Reviewer[], request: AdmissionRequest): Promise<Facts | undefined> {
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
  if (!request.context.large) {
    await validateReviewed(core.chain, reviewers, await patiently(() => completeCreation(core, request)))
    return undefined
  }
  const { named, facts } = await completeLargeCreation(core, request)
  await validateReviewed(core.chain, reviewers, named)
  return facts
}

/** Asks the reviewers about a change of `before`; `request.object` is then complete and as they want it. Of a large one it is told what its commit has to know. */
export async function reviewUpdate(core: Core, reviewers: readonly Reviewer[], target: Target, request: AdmissionRequest, before: Encoded): Promise<Ready | undefined> {
  const { kind, subresource } = target
  const { object } = request
  const { object: old } = before
  if (subresource === 'scale' && kind.scale) return reviewScale(core, reviewers, target, request, before)
  const { managedFields } = object.metadata
  if (await admitReviewed(core.chain, reviewers, request)) {
    // what this door does not write stays as it was
    replaceContent(object, withManagedFields(planUpdate(kind, copyJson(object), old, subresource), managedFields))
    nameOwnersOnce(object.metadata, request.context.warnings, afterMutation)
    // what nobody changed is compared with itself from here on, and kept once
    if (target.context.large) replaceContent(object, await turns.finish(sharing(object, old)))
  }
  const ready = await completeReviewed(core, target, object, before)
  await validateReviewed(core.chain, reviewers, request)
  return ready
}

async function completeReviewed(core: Core, target: Target, object: KubeObject, before: Encoded): Promise<Ready | undefined> {
  if (target.context.large) return completeLargeUpdate(core, target, object, before, core.clock.now())
  await patiently(() => completeUpdate(target, object, before.object, core.clock.now()))
  return undefined
}

/** Reviewers are shown the Scale, everybody else the object that it scales. */
async function reviewScale(core: Core, reviewers: readonly Reviewer[], target: Target, request: AdmissionRequest, before: Encoded): Promise<Ready | undefined> {
  const { kind } = target
  const { object } = request
  const { object: old } = before
  const scaled = (): AdmissionRequest => ({ ...request, object: scaleOf(kind, object), old: scaleOf(kind, old), type: scaleType })
  await patiently(() => admit(core.chain, request))
  const asked = scaled()
  if (await admitReviewed({ plugins: [], reviewers }, reviewers, asked)) replaceContent(object, withScale(kind, object, asked.object))
  const ready = await completeReviewed(core, target, object, before)
  await validateReviewed(core.chain, [], request)
  await validateReviewed({ plugins: [], reviewers }, reviewers, scaled())
  return ready
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
