import { isJsonObject, ownValue } from '../../base/json.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { ownedByScale, withScale } from '../subresources/scale.ts'
import { tracked, withManagedFields, writeOf } from '../tracking.ts'
import type { Wish } from './wish.ts'

/**
 * An object, which does not change, with the replicas that a Scale wishes and the owners that they have then: one of them is
 * who scaled, but where they were nobody's they stay so.
 *
 * @throws StatusError
 */
export function scaledTo(wish: Wish, scale: KubeObject, old: Readonly<KubeObject>): KubeObject {
  const { kind, context, now, subresource } = wish
  const next = withScale(kind, old, scale)
  if (!areOwned(wish, old)) return next
  const seen = tracked(writeOf(kind, context, now, subresource), ownedByScale(kind, old), ownedByScale(kind, next), undefined)
  return withManagedFields(next, seen.metadata.managedFields)
}

function areOwned({ kind }: Wish, { metadata: { managedFields = [] } }: Readonly<KubeObject>): boolean {
  const steps = kind.scale!.replicas.split('.').map((name) => `f:${name}`)
  return managedFields.some(({ fieldsV1 }) => steps.reduce<unknown>((at, step) => (isJsonObject(at) ? ownValue(at, step) : undefined), fieldsV1) !== undefined)
}
