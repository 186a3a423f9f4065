import type { ObjectMeta, OwnerReference } from './generated/types.ts'
import { timestamp } from '../base/clock.ts'
import type { Kind } from './kind.ts'

/** Any Kubernetes object. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** A list as the API returns it. */
export interface ObjectList<T> {
  apiVersion: string
  kind: string
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
  items: T[]
}

/** What a watch delivers. A BOOKMARK's object has only a kind and a resourceVersion. */
export interface WatchEvent<T = KubeObject> {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  object: T
}

/** Names an object of a known kind; `namespace` is absent for cluster-scoped kinds. */
export interface ObjectRef {
  readonly namespace?: string
  readonly name: string
}

/** `namespace/name`, or `name` for a cluster-scoped object: the key of caches and work queues. */
export const keyOf = (object: { metadata: ObjectMeta }): string =>
  object.metadata.namespace ? `${object.metadata.namespace}/${object.metadata.name}` : (object.metadata.name ?? '')

export const refOf = (object: { metadata: ObjectMeta }): ObjectRef => parseKey(keyOf(object))

export const refKey = (ref: ObjectRef): string => (ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name)

export function parseKey(key: string): ObjectRef {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** The owner that manages the object: the one reference with `controller: true`. */
export const controllerOf = (object: { metadata: ObjectMeta }): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((owner) => owner.controller)

/** A reference that makes `owner` the managing owner and blocks its foreground deletion. */
export const controllerRef = <T extends KubeObject>(kind: Kind<T>, owner: T): OwnerReference => ({
  apiVersion: kind.apiVersion,
  kind: kind.kind,
  name: owner.metadata.name ?? '',
  uid: owner.metadata.uid ?? '',
  controller: true,
  blockOwnerDeletion: true,
})

export interface Condition {
  type: string
  status: string
  reason?: string
  message?: string
  lastTransitionTime?: string | null
}

export const conditionOf = <C extends Condition>(conditions: readonly C[] | null | undefined, type: string): C | undefined =>
  conditions?.find((condition) => condition.type === type)

/** The conditions with one set; its transition time moves only when its status changes. */
export function withCondition<C extends Condition>(conditions: readonly C[] | null | undefined, next: C, now: number): C[] {
  const old = conditionOf(conditions, next.type)
  const lastTransitionTime = old?.status === next.status && old.lastTransitionTime ? old.lastTransitionTime : timestamp(now)
  const updated = { ...next, lastTransitionTime }
  return old ? conditions!.map((c) => (c.type === next.type ? updated : c)) : [...(conditions ?? []), updated]
}

/** The order of classes of which the newest is the default, and of those of one second the first by name. */
export function newestFirst({ metadata: a }: Readonly<KubeObject>, { metadata: b }: Readonly<KubeObject>): number {
  if (a.creationTimestamp !== b.creationTimestamp) return (a.creationTimestamp ?? '') > (b.creationTimestamp ?? '') ? -1 : 1
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1
}
