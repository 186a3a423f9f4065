import { field, type FieldError } from '../kinds/field-error.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { lookup } from '../kinds/lookup.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { checkMetaUpdate } from '../kinds/object-meta.ts'
import { validateObject, validateObjectUpdate, validatePart, validateStatus } from '../kinds/structure.ts'
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
export function judgeUpdate(kind: AnyKind, subresource: string | undefined, internal: boolean, object: KubeObject, old: Readonly<KubeObject>): Verdict {
  const errors = subresource === 'status' ? validateStatus(kind, object, old as KubeObject) : validateObject(kind, object, undefined, old)
  if (internal) return { errors, warnings: [] }
  // a status and a part have their own rules only; the rest of the object is what it was
  if (subresource === 'status' || isPodPart(kind, subresource) || lookup(kind.parts, subresource ?? '') !== undefined) {
    errors.unshift(...changesTwice(kind, object, old))
    if (isFine(errors) && subresource) errors.push(...validatePart(kind, subresource, object, old))
    return { errors, warnings: isFine(errors) && subresource ? (kind.warnPart?.(subresource, object) ?? []) : [] }
  }
  const found = kind.changeFirst ? mistakesAround(kind, object, old, errors) : mistakesBefore(kind, object, old, errors)
  const all = found.length > 0 && looksTwice(kind) ? twiceFirst(kind, metadataChanges(object, old), found) : found
  return { errors: all, warnings: isFine(all) ? (kind.warn?.(object, old) ?? []) : [] }
}

const isFine = (errors: readonly FieldError[]): boolean => errors.every(({ isWarning }) => isWarning)

const metadataChanges = (object: KubeObject, old: Readonly<KubeObject>): FieldError[] => checkMetaUpdate(object, old as KubeObject, field('metadata'))

const changesTwice = (kind: AnyKind, object: KubeObject, old: Readonly<KubeObject>): FieldError[] => {
  const found = metadataChanges(object, old)
  return looksTwice(kind) ? [...found, ...found] : found
}

/** The rules of custom resources begin with the metadata too. */
const twiceFirst = (kind: AnyKind, changes: FieldError[], found: FieldError[]): FieldError[] => [...changes, ...(kind.custom ? together(changes, found) : found)]

const looksOnce = new Set(['admissionregistration.k8s.io', 'flowcontrol.apiserver.k8s.io'])

/** Kubernetes looks at what became of the metadata, and with the rules of most kinds once more. */
const looksTwice = ({ group, kind }: AnyKind): boolean => kind !== 'Event' && !looksOnce.has(group)

const mistakesBefore = (kind: AnyKind, object: KubeObject, old: Readonly<KubeObject>, own: FieldError[]): FieldError[] =>
  together(own, validateObjectUpdate(kind, object, old as KubeObject))

function mistakesAround(kind: AnyKind, object: KubeObject, old: Readonly<KubeObject>, own: FieldError[]): FieldError[] {
  const inMetadata = own.filter(({ field }) => field.startsWith('metadata'))
  return together(together(inMetadata, validateObjectUpdate(kind, object, old as KubeObject)), own)
}

/** Two looks at one object, which may find the same mistake. */
const together = (first: FieldError[], second: FieldError[]): FieldError[] =>
  first.length === 0 ? second : [...first, ...second.filter(({ field, message }) => !first.some((each) => each.field === field && each.message === message))]
