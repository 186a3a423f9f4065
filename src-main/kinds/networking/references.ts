import { say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import { isDNS1123Subdomain, isPathSegmentName } from '../validation.ts'

/** A text that must be there and fit into one segment of a URL's path. */
export const pathSegment = (value: string | undefined, at: FieldPath, missing?: string): FieldError[] =>
  value ? say(at, value, isPathSegmentName(value)) : [at.required(missing)]

/** Names an object of any kind: core.TypedLocalObjectReference. */
export function checkTypedReference(reference: { apiGroup?: string | null; kind?: string; name?: string }, at: FieldPath): FieldError[] {
  const { apiGroup, kind, name } = reference
  return [
    ...(apiGroup === undefined || apiGroup === null ? [] : say(at.child('apiGroup'), apiGroup, isDNS1123Subdomain(apiGroup))),
    ...pathSegment(kind, at.child('kind'), 'kind is required'),
    ...pathSegment(name, at.child('name'), 'name is required'),
  ]
}
