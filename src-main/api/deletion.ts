import { timestamp } from '../base/clock.ts'
import { copyJson, equalJson } from '../base/json.ts'
import { field } from '../kinds/field-error.ts'
import type { Namespace } from '../kinds/core/namespace.ts'
import type { Pod } from '../kinds/core/pod.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { conflict, invalid } from '../kinds/status-error.ts'
import type { DeleteRequest } from './verbs.ts'

/** What a deletion does: nothing more (it is under way), write the object marked, or take it out. */
export type DeletionPlan =
  { readonly act: 'wait' } | { readonly act: 'mark' | 'remove'; readonly object: Readonly<KubeObject> }

const policies = ['Foreground', 'Background', 'Orphan']
const optionsSubject = { group: 'meta.k8s.io', plural: 'deleteoptions', kind: 'DeleteOptions' }

/** @throws StatusError 422 */
export function checkDeleteRequest({ propagationPolicy, orphanDependents }: DeleteRequest): void {
  if (propagationPolicy === undefined) return
  const at = field('propagationPolicy')
  const errors = []
  if (orphanDependents !== undefined)
    errors.push(at.invalid(propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set'))
  if (!policies.includes(propagationPolicy)) errors.push(at.notSupported(propagationPolicy, [...policies, 'nil']))
  if (errors.length > 0) throw invalid(optionsSubject, '', errors)
}

/**
 * Decides what a deletion does to an object. Follows kube-apiserver: rest.BeforeDelete, the generic registry's store and
 * the namespace storage.
 *
 * @throws StatusError 409 when a precondition does not hold
 */
export function planDeletion(
  kind: AnyKind,
  object: Readonly<KubeObject>,
  request: DeleteRequest,
  now: number,
): DeletionPlan {
  checkPreconditions(kind, object, request)
  if (kind.prepareDelete && !object.metadata.deletionTimestamp) {
    const prepared = copyJson(object) as KubeObject
    kind.prepareDelete(prepared, now)
    // who prepares for it waits for more than the objects that depend on this one
    return { act: 'mark', object: { ...prepared, metadata: { ...prepared.metadata, deletionTimestamp: timestamp(now) } } }
  }
  if (isNamespace(kind)) return planNamespaceDeletion(object as Namespace, request, now)
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata
  if (deletionTimestamp && deletionGracePeriodSeconds !== undefined && kind.gracePeriodSeconds) {
    return planAgain(object, request, deletionTimestamp, deletionGracePeriodSeconds)
  }
  const finalizers = deletionFinalizers(object, kind.leaf ? leafRequest : request, kind.orphans !== undefined)
  const seconds = graceOf(kind, object, request)
  if (seconds === 0 && finalizers.length === 0) {
    return { act: 'remove', object: kind.gracePeriodSeconds ? marked(object, [], 0, now) : object }
  }
  if (deletionTimestamp) {
    // who prepared for it left the time that it has open
    if (deletionGracePeriodSeconds === undefined) return { act: 'mark', object: { ...object, metadata: { ...object.metadata, finalizers, deletionGracePeriodSeconds: 0 } } }
    if (equalJson(finalizers, object.metadata.finalizers)) return { act: 'wait' }
    return { act: 'mark', object: { ...object, metadata: { ...object.metadata, finalizers } } }
  }
  return { act: 'mark', object: marked(object, finalizers, seconds, now) }
}

const isNamespace = (kind: AnyKind): boolean => kind.kind === 'Namespace' && kind.group === ''
/** Kinds whose objects go when nothing is left of what they hold: their deletion is of its own. */
const isEmptiedFirst = (kind: AnyKind): boolean => kind.prepareDelete !== undefined || isNamespace(kind)

function checkPreconditions(kind: AnyKind, { metadata }: Readonly<KubeObject>, { preconditions }: DeleteRequest): void {
  const { uid, resourceVersion } = preconditions ?? {}
  const name = metadata.name ?? ''
  // Kubernetes names the kind here, where it names the resource elsewhere; what is emptied first is looked at by who empties it
  const emptied = isEmptiedFirst(kind)
  const subject = emptied ? kind : { ...kind, plural: kind.kind }
  const failed = (what: string, wished: string, found: string | undefined, otherwise: string): string =>
    emptied
      ? `Precondition failed: ${what} in precondition: ${wished}, ${what} in object meta: ${found}`
      : `the ${what} in the precondition (${wished}) does not match the ${what} in record (${found}). The object might have been ${otherwise}`
  if (uid !== undefined && uid !== metadata.uid) throw conflict(subject, name, failed('UID', uid, metadata.uid, 'deleted and then recreated'))
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(subject, name, failed('ResourceVersion', resourceVersion, metadata.resourceVersion, 'modified'))
  }
}

/** Seconds until the object may go. A pod that no kubelet runs goes at once, whatever was asked for. */
function graceOf(kind: AnyKind, object: Readonly<KubeObject>, { gracePeriodSeconds }: DeleteRequest): number {
  if (!kind.gracePeriodSeconds || (isPod(kind) && !runs(object as Pod))) return 0
  const seconds = gracePeriodSeconds ?? kind.gracePeriodSeconds(object)
  return seconds < 0 ? 1 : Math.min(seconds, longestGraceSeconds)
}

/** Whoever asks for more gets a life's time: dates end somewhere. */
const longestGraceSeconds = 2 ** 31 - 1

const isPod = (kind: AnyKind): boolean => kind.kind === 'Pod' && kind.group === ''
const runs = ({ spec, status }: Readonly<Pod>): boolean =>
  Boolean(spec?.nodeName) && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'

/** A deletion that is under way can only be hastened. */
function planAgain(
  object: Readonly<KubeObject>,
  { gracePeriodSeconds }: DeleteRequest,
  at: string,
  current: number,
): DeletionPlan {
  const seconds = gracePeriodSeconds !== undefined && gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds
  if (seconds === undefined || seconds >= current) return { act: 'wait' }
  const deletionTimestamp = timestamp(Date.parse(at) + (seconds - current) * 1000)
  const next = { ...object, metadata: { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: seconds } }
  return { act: seconds === 0 && !object.metadata.finalizers?.length ? 'remove' : 'mark', object: next }
}

function marked(object: Readonly<KubeObject>, finalizers: string[], seconds: number, now: number): KubeObject {
  const { finalizers: _finalizers, ...kept } = object.metadata
  const metadata = { ...kept, deletionTimestamp: timestamp(now + seconds * 1000), deletionGracePeriodSeconds: seconds }
  if (metadata.generation) metadata.generation++
  return { ...object, metadata: finalizers.length > 0 ? { ...metadata, finalizers } : metadata }
}

const leafRequest: DeleteRequest = { propagationPolicy: 'Background' }

/** The object's finalizers with those of the garbage collector as the request wishes them. */
function deletionFinalizers({ metadata: { finalizers = [] } }: Readonly<KubeObject>, request: DeleteRequest, orphans = false): string[] {
  const others = finalizers.filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion')
  const policy =
    request.orphanDependents === undefined
      ? request.propagationPolicy
      : request.orphanDependents
        ? 'Orphan'
        : 'Background'
  const foreground = policy === undefined ? finalizers.includes('foregroundDeletion') : policy === 'Foreground'
  const orphan = policy === undefined ? finalizers.includes('orphan') || (orphans && !foreground) : policy === 'Orphan'
  return [...others, ...(orphan ? ['orphan'] : []), ...(foreground ? ['foregroundDeletion'] : [])]
}

/** A namespace stays, Terminating, until its content is gone and `finalize` has emptied `spec.finalizers`. */
function planNamespaceDeletion(namespace: Readonly<Namespace>, request: DeleteRequest, now: number): DeletionPlan {
  const finalizers = deletionFinalizers(namespace, request)
  const held = (namespace.spec?.finalizers?.length ?? 0) > 0 || finalizers.length > 0
  if (namespace.metadata.deletionTimestamp) return held ? { act: 'wait' } : { act: 'remove', object: namespace }
  if (!held) return { act: 'remove', object: namespace }
  const { deletionGracePeriodSeconds: _seconds, ...metadata } = marked(namespace, finalizers, 0, now).metadata
  return {
    act: 'mark',
    object: { ...namespace, metadata, status: { ...namespace.status, phase: 'Terminating' } } as KubeObject,
  }
}
