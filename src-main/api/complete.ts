import { type FieldError, FieldPath } from '../kinds/field-error.ts'
import { type AnyKind, keptKind } from '../kinds/kind.ts'
import { lookup } from '../kinds/lookup.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { invalid } from '../kinds/status-error.ts'
import { validateObject, validateObjectUpdate, validateStatus } from '../kinds/structure.ts'
import type { AdmissionRequest } from './admission/chain.ts'
import { nameFor } from './generate-name.ts'
import { keyFor } from './keys.ts'
import { isPodPart } from './subresources/pod-parts.ts'
import type { Core, Target } from './write.ts'

/** An admitted object with its name and all that goes with its creation; may be done again. @throws StatusError 422 */
export function completeCreation(core: Pick<Core, 'random'>, request: AdmissionRequest): AdmissionRequest & { readonly name: string } {
  const { kind, object, namespace, read } = request
  const generated = !object.metadata.name
  const isTaken = (name: string): boolean => read.get(keyFor(kind, { namespace, name })) !== undefined
  const name = (object.metadata.name = nameFor(kind, object, isTaken, core.random))
  // some defaults are made of the name
  if (generated) kind.default?.(object)
  kind.prepareCreate?.(object)
  refuse(kind, object, validateObject(kind, object))
  return { ...request, name }
}

/** An admitted object with all that goes with its change; may be done again. @throws StatusError 422 */
export function completeUpdate({ kind, subresource, internal = false }: Target, object: KubeObject, old: Readonly<KubeObject>, now: number): void {
  kind.prepareUpdate?.(object, old, now)
  const errors = subresource === 'status' ? validateStatus(kind, object, old as KubeObject) : validateObject(kind, object, undefined, old)
  // a status and a part have their own rules only; the rest of the object is what it was
  const isPart = subresource === 'status' || isPodPart(kind, subresource) || lookup(kind.parts, subresource ?? '') !== undefined
  if (internal) return refuse(kind, object, errors)
  if (isPart) {
    if (errors.length === 0 && subresource) errors.push(...(kind.validatePart?.(subresource, object, old, new FieldPath()) ?? []))
    return refuse(kind, object, errors)
  }
  refuse(kind, object, kind.changeFirst ? mistakesAround(kind, object, old, errors) : mistakesBefore(kind, object, old, errors))
}

/** The rules of a change read what must be there, and are not asked where it is not. */
const mistakesBefore = (kind: AnyKind, object: KubeObject, old: Readonly<KubeObject>, own: FieldError[]): FieldError[] =>
  own.some(({ reason }) => reason === 'FieldValueRequired') ? own : together(own, validateObjectUpdate(kind, object, old as KubeObject))

function mistakesAround(kind: AnyKind, object: KubeObject, old: Readonly<KubeObject>, own: FieldError[]): FieldError[] {
  const inMetadata = own.filter(({ field }) => field.startsWith('metadata'))
  return together(together(inMetadata, validateObjectUpdate(kind, object, old as KubeObject)), own)
}

/** Two looks at one object, which may find the same mistake. */
const together = (first: FieldError[], second: FieldError[]): FieldError[] =>
  first.length === 0 ? second : [...first, ...second.filter(({ field, message }) => !first.some((each) => each.field === field && each.message === message))]

function refuse(kind: AnyKind, { metadata }: KubeObject, errors: ReturnType<typeof validateObject>): void {
  if (errors.length > 0) throw invalid(keptKind(kind), metadata.name ?? '', errors)
}
