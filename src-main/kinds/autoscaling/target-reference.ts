import type { FieldError, FieldPath } from '../field-error.ts'
import type { HorizontalPodAutoscalerSpecAutoscalingV2 as Spec } from '../generated/types.ts'
import { pathSegment } from '../networking/references.ts'

/** autoscaling's CrossVersionObjectReference, as a client may have sent it. */
export type Reference = { apiVersion?: string; kind?: string; name?: string }

/** Which versions a reference may name: one of a group, one of any group or none, or whatever it was. */
export type Versions = 'of a group' | 'any' | 'unchecked'

export function targetVersions(target: Reference | undefined, old: Partial<Spec> | undefined): Versions {
  const before = old && (old.scaleTargetRef ?? {} as Reference)
  if (before && (before.apiVersion ?? '') === (target?.apiVersion ?? '') && before.kind === target?.kind) return 'unchecked'
  // the one kind without a group that can be scaled
  return target?.kind === 'ReplicationController' ? 'any' : 'of a group'
}

export const objectVersions = (old: Partial<Spec> | undefined): Versions =>
  old?.metrics?.some(({ type, object }) => type === 'Object' && object && wrongVersion(object.describedObject, 'any') !== undefined) ? 'unchecked' : 'any'

function wrongVersion(reference: Reference | undefined, versions: Versions): string | undefined {
  const version = reference?.apiVersion ?? ''
  if (versions === 'unchecked') return undefined
  if (version !== '/' && version.split('/').length > 2) return `unexpected GroupVersion string: ${version}`
  const [group] = version.split('/')
  return versions === 'of a group' && (!version.includes('/') || group === '') ? 'apiVersion must specify API group' : undefined
}

export function checkReference(reference: Reference | undefined, at: FieldPath, versions: Versions): FieldError[] {
  const wrong = wrongVersion(reference, versions)
  return [
    ...pathSegment(reference?.kind, at.child('kind')),
    ...pathSegment(reference?.name, at.child('name')),
    ...(wrong === undefined ? [] : [at.child('apiVersion').invalid(reference?.apiVersion ?? '', wrong)]),
  ]
}
