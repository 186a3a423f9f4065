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
import type { RequestContext } from './verbs.ts'
import type { Core, Target } from './write.ts'

/** An admitted object with its name and all that goes with its creation; may be done again. @throws StatusError 422, or Later */
export function completeCreation(core: Pick<Core, 'random'>, request: AdmissionRequest): AdmissionRequest & { readonly name: string } {
  const { kind, object, namespace, read, context } = request
  const generated = !object.metadata.name
  const isTaken = (name: string): boolean => read.get(keyFor(kind, { namespace, name })) !== undefined
  const name = (object.metadata.name = nameFor(kind, object, isTaken, core.random))
  // some defaults are made of the name
  if (generated) kind.default?.(object)
  // what is prepared does not show any more what the client said itself
  const warnings = kind.warn?.(object)
  kind.prepareCreate?.(object)
  refuse(kind, object, validateObject(kind, object), context)
  if (warnings) context.warnings.push(...warnings)
  return { ...request, name }
}

/** An admitted object with all that goes with its change; may be done again. @throws StatusError 422 */
export function completeUpdate({ kind, subresource, context, internal = false }: Target, object: KubeObject, old: Readonly<KubeObject>, now: number): void {
  kind.prepareUpdate?.(object, old, now)
  const errors = subresource === 'status' ? validateStatus(kind, object, old as KubeObject) : validateObject(kind, object, undefined, old)
  // a status and a part have their own rules only; the rest of the object is what it was
  const isPart = subresource === 'status' || isPodPart(kind, subresource) || lookup(kind.parts, subresource ?? '') !== undefined
  if (internal) return refuse(kind, object, errors, context)
  if (isPart) {
    if (errors.every(({ isWarning }) => isWarning) && subresource) errors.push(...(kind.validatePart?.(subresource, object, old, new FieldPath()) ?? []))
    return refuse(kind, object, errors, context)
  }
  refuse(kind, object, kind.changeFirst ? mistakesAround(kind, object, old, errors) : mistakesBefore(kind, object, old, errors), context)
  if (kind.warn) context.warnings.push(...kind.warn(object, old))
}

const mistakesBefore = (kind: AnyKind, object: KubeObject, old: Readonly<KubeObject>, own: FieldError[]): FieldError[] =>
  together(own, validateObjectUpdate(kind, object, old as KubeObject))

function mistakesAround(kind: AnyKind, object: KubeObject, old: Readonly<KubeObject>, own: FieldError[]): FieldError[] {
  const inMetadata = own.filter(({ field }) => field.startsWith('metadata'))
  return together(together(inMetadata, validateObjectUpdate(kind, object, old as KubeObject)), own)
}

/** Two looks at one object, which may find the same mistake. */
const together = (first: FieldError[], second: FieldError[]): FieldError[] =>
  first.length === 0 ? second : [...first, ...second.filter(({ field, message }) => !first.some((each) => each.field === field && each.message === message))]

function refuse(kind: AnyKind, { metadata }: KubeObject, errors: readonly FieldError[], { warnings }: Pick<RequestContext, 'warnings'>): void {
  if (errors.length === 0) return
  for (const { isWarning, field, message } of errors) if (isWarning) warnings.push(`${field}: ${message}`)
  const mistakes = errors.filter(({ isWarning }) => !isWarning)
  if (mistakes.length > 0) throw invalid(keptKind(kind), metadata.name ?? '', mistakes)
}
