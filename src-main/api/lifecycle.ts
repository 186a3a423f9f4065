import { timestamp } from '../base/clock.ts'
import { goQuoted } from '../base/go-text.ts'
import { equalJson } from '../base/json.ts'
import { field } from '../kinds/field-error.ts'
import type { Namespace } from '../kinds/core/namespace.ts'
import type { Pod } from '../kinds/core/pod.ts'
import { type AnyKind, metadataKept } from '../kinds/kind.ts'
import { lookup } from '../kinds/lookup.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { badRequest, conflict, invalid, pathNotFound, plainFailure, type StatusError } from '../kinds/status-error.ts'
import { isPodPart, planPodPart } from './subresources/pod-parts.ts'

/** @throws StatusError 400 when the object has no name, or another one than its URL */
export function checkName({ metadata }: KubeObject, { name }: ObjectRef): void {
  if (!metadata.name) throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`)
  if (metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  }
}

/** Puts an object into the namespace of its URL. @throws StatusError 400 when it says another one */
export function placeInNamespace({ metadata }: KubeObject, namespace: string | undefined): void {
  if (namespace && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  }
  if (namespace) metadata.namespace = namespace
  else delete metadata.namespace
}

const serverOwned = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'managedFields',
  'generation',
] as const

/** Makes a decoded body an object to be created: what only the server says is taken out or set. Changes `object`. */
export function planCreation(kind: AnyKind, object: KubeObject, now: number, uid: string, dryRun = false): void {
  const { metadata } = object
  if (!dryRun) {
    if (metadata.resourceVersion && metadata.resourceVersion !== '0') throw versionOnCreate()
    delete metadata.resourceVersion
  }
  for (const name of serverOwned) delete metadata[name]
  metadata.uid = uid
  metadata.creationTimestamp = timestamp(now)
  if (kind.generation && kind.generation !== 'later') metadata.generation = 1
  if (kind.status && !kind.statusAtCreation) emptyStatus(kind, object)
}

/** Go always writes the status of a built-in kind, which is a struct there; clients count on it. */
export function emptyStatus(kind: AnyKind, object: KubeObject): void {
  const holder = object as { status?: unknown }
  if (kind.custom) delete holder.status
  else holder.status = {}
}

/** kube-apiserver has no reason for this one: its storage layer says it, which no dry run comes to. */
const versionOnCreate = (): StatusError => plainFailure('resourceVersion should not be set on objects to be created')

/**
 * What an update makes of the current object: the incoming one, with everything that this door does not write kept as it
 * is. Shares parts of both; changes neither.
 *
 * @throws StatusError 409 when the incoming object started from another version
 */
export function planUpdate(
  kind: AnyKind,
  incoming: KubeObject,
  old: Readonly<KubeObject>,
  subresource: string | undefined,
): KubeObject {
  checkVersion(kind, incoming, old)
  const metadata = keptMetadata(incoming.metadata, old.metadata)
  const part = subresource && lookup(kind.parts, subresource)
  // of a custom resource this door writes nothing else
  if (subresource === 'status' && kind.custom) return withStatus({ ...old }, incoming)
  if (subresource === 'status' && kind.status) {
    for (const name of kind.statusKeeps ? metadataKept[kind.statusKeeps] : []) {
      delete metadata[name]
      if (old.metadata[name]) Object.assign(metadata, { [name]: old.metadata[name] })
    }
    return withStatus({ ...old, metadata }, part ? part(incoming, old) : incoming)
  }
  if (part) return { ...part(incoming, old), metadata }
  if (isNamespace(kind)) return planNamespaceUpdate(incoming as Namespace, old as Namespace, metadata, subresource)
  if (isPodPart(kind, subresource)) return planPodPart(incoming as Pod, old as Pod, subresource)
  if (subresource) throw pathNotFound()
  const next = { ...incoming, metadata }
  return kind.status ? withStatus(next, old) : next
}

function checkVersion(
  kind: AnyKind,
  { metadata: { resourceVersion: given } }: KubeObject,
  { metadata: { name = '', resourceVersion } }: Readonly<KubeObject>,
): void {
  if (given && given !== '0') {
    if (given !== resourceVersion) throw /^\d+$/.test(given) ? conflict(kind, name) : plainFailure(`strconv.ParseUint: parsing ${goQuoted(given)}: invalid syntax`)
  } else if (kind.conditionalUpdate) {
    // Kubernetes names the resource here, where it names the kind elsewhere
    throw invalid({ ...kind, kind: kind.plural }, name, [field('metadata', 'resourceVersion').invalid(0, 'must be specified for an update')])
  }
}

function keptMetadata(incoming: KubeObject['metadata'], old: Readonly<KubeObject['metadata']>): KubeObject['metadata'] {
  const { selfLink: _selfLink, managedFields: _managedFields, generation: _generation, ...given } = incoming
  const kept = {
    ...given,
    uid: given.uid || old.uid,
    creationTimestamp: old.creationTimestamp,
  }
  for (const name of ['resourceVersion', 'generation', 'managedFields'] as const)
    if (old[name] !== undefined) Object.assign(kept, { [name]: old[name] })
  if (old.deletionTimestamp) kept.deletionTimestamp = old.deletionTimestamp
  if (old.deletionGracePeriodSeconds !== undefined) kept.deletionGracePeriodSeconds ??= old.deletionGracePeriodSeconds
  return kept
}

function withStatus(object: KubeObject, from: Readonly<KubeObject>): KubeObject {
  const { status } = from as { status?: unknown }
  if (status !== undefined) return { ...object, status } as KubeObject
  const { status: _status, ...rest } = object as KubeObject & { status?: unknown }
  return rest
}

const isNamespace = (kind: AnyKind): boolean => kind.kind === 'Namespace' && kind.group === ''

/** A namespace's `spec.finalizers` change through `finalize` alone. */
function planNamespaceUpdate(
  incoming: Namespace,
  old: Namespace,
  metadata: KubeObject['metadata'],
  subresource: string | undefined,
): KubeObject {
  if (subresource && subresource !== 'finalize') throw pathNotFound()
  const finalizers = (subresource === 'finalize' ? incoming : old).spec?.finalizers
  const { finalizers: _finalizers, ...spec } = incoming.spec ?? {}
  return withStatus({ ...incoming, metadata, spec: finalizers?.length ? { ...spec, finalizers } : spec } as KubeObject, old)
}

/** What `metadata.generation` counts: a status too, where it has no door of its own. */
function counted(kind: AnyKind, object: Readonly<KubeObject>, subresource?: string): object {
  const { apiVersion: _apiVersion, kind: _kind, metadata: { labels = {}, annotations = {} }, status, ...rest } = object as Readonly<KubeObject> & { status?: unknown }
  return {
    content: kind.status ? rest : { ...rest, status },
    ...(kind.generation === 'with labels' ? { labels } : {}),
    ...(kind.generation === 'with annotations' && !subresource ? { annotations } : {}),
  }
}

export const contentChanged = (kind: AnyKind, object: Readonly<KubeObject>, old: Readonly<KubeObject>, subresource?: string): boolean =>
  !equalJson(counted(kind, object, subresource), counted(kind, old, subresource))

/** Whether this update took away the last thing a deletion waited for. */
export function endsDeletion(kind: AnyKind, { metadata, ...object }: Readonly<KubeObject>): boolean {
  if (!metadata.deletionTimestamp || metadata.finalizers?.length) return false
  if (isNamespace(kind)) return !(object as Partial<Namespace>).spec?.finalizers?.length
  return (metadata.deletionGracePeriodSeconds ?? 0) === 0
}
