import { copyJson, isJsonObject, type JsonObject, ownValue } from '../../base/json.ts'
import { type LabelSelector, labelSelector, type Labels } from '../../base/selector.ts'
import { field } from '../../kinds/field-error.ts'
import type { Scale } from '../../kinds/generated/types.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { conflict, internal, invalid } from '../../kinds/status-error.ts'
import type { Expected } from '../decode.ts'
import { formatSelector, mapSelector } from '../selection.ts'

export const scaleType: Expected = {
  apiVersion: 'autoscaling/v1',
  version: 'v1',
  kind: 'Scale',
  schema: 'io.k8s.api.autoscaling.v1.Scale',
}
/** That of a custom resource, which is read by a client's types. */
export const customScaleType: Expected = { ...scaleType, scheme: 'k8s.io/client-go/scale/util.go:146' }
const subject = { group: 'autoscaling', plural: 'scales', kind: 'Scale' }

/** The Scale of an object whose kind has one. */
export function scaleOf(kind: AnyKind, object: Readonly<KubeObject>): Scale & KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const { replicas, statusReplicas, selector } = kind.scale!
  const text = selectorText(read(object, selector))
  return {
    apiVersion: scaleType.apiVersion,
    kind: scaleType.kind,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: wishOf(read(object, replicas)),
    status: { replicas: count(read(object, statusReplicas)), ...(text ? { selector: text } : {}) },
  }
}

/** The Scale that is read: one of a custom resource must have its replicas. @throws StatusError 500 */
export function readScale(kind: AnyKind, object: Readonly<KubeObject>): Scale & KubeObject {
  const path = kind.scale!.replicas
  if (kind.custom && read(object, path) === undefined) throw internal(`the spec replicas field ".${path}" does not exist`)
  return scaleOf(kind, object)
}

/** The object with the replicas that the Scale wishes. @throws StatusError 409, 422 */
export function withScale(kind: AnyKind, object: Readonly<KubeObject>, scale: KubeObject): KubeObject {
  const { metadata, spec } = scale as Scale & KubeObject
  const { name = '', resourceVersion, uid } = object.metadata
  const wished = spec?.replicas ?? 0
  // what a custom resource may wish is said where it is validated
  if (wished < 0 && !kind.custom) throw invalid(subject, name, [field('spec', 'replicas').negative(wished)])
  if (metadata.uid && metadata.uid !== uid && !kind.custom) {
    throw conflict({ group: kind.group, plural: `${kind.plural}/scale` }, name, `Precondition failed: UID in precondition: ${metadata.uid}, UID in object meta: ${uid}`)
  }
  if (metadata.resourceVersion && metadata.resourceVersion !== resourceVersion) throw conflict(kind, name)
  const next = copyJson(object) as KubeObject
  put(next as unknown as JsonObject, kind.scale!.replicas, wished)
  return next
}

/** An object as those see it who own its replicas by way of a Scale: that does not say that there are none, so that nobody owns that. */
export function ownedByScale(kind: AnyKind, object: Readonly<KubeObject>): KubeObject {
  const seen = copyJson(object) as KubeObject
  const path = kind.scale!.replicas
  if (read(seen, path) === 0) delete holderOf(seen as unknown as JsonObject, path)[lastOf(path)]
  return seen
}

/** What a Scale applies to the object it scales: the replicas, or nothing. */
export function scaleAsApplied(kind: AnyKind, { metadata: { name, namespace }, spec }: Readonly<Scale & KubeObject>): KubeObject {
  const object: JsonObject = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name, ...(namespace ? { namespace } : {}) } }
  const wished = spec?.replicas
  if (wished !== undefined) put(object, kind.scale!.replicas, wished)
  return object as unknown as KubeObject
}

/** The Scale that says how many replicas the object wishes, and what was read of it before. */
export const scaleTo = (kind: AnyKind, object: Readonly<KubeObject>, scale: Readonly<KubeObject>): KubeObject =>
  ({ ...scale, spec: wishOf(read(object, kind.scale!.replicas)) }) as KubeObject

function put(object: JsonObject, path: string, value: unknown): void {
  holderOf(object, path)[lastOf(path)] = value
}

/** What the last name of a path stands in, made where it is not there. */
const holderOf = (object: JsonObject, path: string): JsonObject =>
  path.split('.').slice(0, -1).reduce((at, step) => (at[step] ??= {}) as JsonObject, object)

const lastOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

function read(object: Readonly<KubeObject>, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, step) => (isJsonObject(value) ? ownValue(value, step) : undefined), object)
}

/** None is what an empty spec says. */
function wishOf(value: unknown): NonNullable<Scale['spec']> {
  const replicas = count(value)
  return replicas === 0 ? {} : { replicas }
}

const count = (value: unknown): number => (typeof value === 'number' ? value : 0)

function selectorText(value: unknown): string {
  if (!isJsonObject(value)) return typeof value === 'string' ? value : ''
  const structured = 'matchLabels' in value || 'matchExpressions' in value
  return formatSelector((structured ? labelSelector(value as LabelSelector) : mapSelector(value as Labels)) ?? [])
}
