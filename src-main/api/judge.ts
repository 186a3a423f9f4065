import type { FieldError } from '../kinds/field-error.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { lookup } from '../kinds/lookup.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { validateObject, validatePart, validateStatus, validateUpdate } from '../kinds/structure.ts'
import { isPodPart } from './subresources/pod-parts.ts'

/** What a kind says of an object that is about to be written; it is written where no error is more than a warning. */
export interface Verdict {
  readonly errors: readonly FieldError[]
  readonly warnings: readonly string[]
}

/** Completes an object with what goes with its creation, and judges it. Changes `object`. @throws Later */
export function judgeCreation(kind: AnyKind, object: KubeObject): Verdict {
  // what is prepared does not show any more what the client said itself
  const warnings = kind.warn?.(object) ?? []
  kind.prepareCreate?.(object)
  return { errors: validateObject(kind, object), warnings }
}

/** Judges a change; `internal` ones are not held to the rules for changes. Changes nothing. @throws Later */
export function judgeUpdate(kind: AnyKind, subresource: string | undefined, internal: boolean, object: KubeObject, before: Readonly<KubeObject>): Verdict {
  const old = before as KubeObject
  if (internal) return { errors: subresource === 'status' ? validateStatus(kind, object, old) : validateObject(kind, object, undefined, old), warnings: [] }
  // a status and a part have their own rules only; the rest of the object is what it was
  if (subresource !== undefined && (subresource === 'status' || isPodPart(kind, subresource) || lookup(kind.parts, subresource) !== undefined)) {
    const errors = validateUpdate(kind, object, old, subresource)
    if (isFine(errors)) errors.push(...validatePart(kind, subresource, object, old))
    return { errors, warnings: isFine(errors) ? (kind.warnPart?.(subresource, object) ?? []) : [] }
  }
  const errors = validateUpdate(kind, object, old)
  return { errors, warnings: isFine(errors) ? (kind.warn?.(object, old) ?? []) : [] }
}

const isFine = (errors: readonly FieldError[]): boolean => errors.every(({ isWarning }) => isWarning)
