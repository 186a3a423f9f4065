import { FieldPath } from '../kinds/field-error.ts'
import { type AnyKind, keptKind } from '../kinds/kind.ts'
import { lookup } from '../kinds/lookup.ts'
import type { KubeObject } from '../kinds/meta.ts'
import { invalid } from '../kinds/status-error.ts'
import { validateObject, validateObjectUpdate } from '../kinds/structure.ts'
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
export function completeUpdate({ kind, subresource, internal = false }: Target, object: KubeObject, old: Readonly<KubeObject>): void {
  kind.prepareUpdate?.(object, old)
  const errors = validateObject(kind, object, undefined, old)
  // a status and a part have their own rules only; the rest of the object is what it was
  const isPart = subresource === 'status' || isPodPart(kind, subresource) || lookup(kind.parts, subresource ?? '') !== undefined
  if (errors.length === 0 && !internal) {
    if (!isPart) errors.push(...validateObjectUpdate(kind, object, old as KubeObject))
    else if (subresource) errors.push(...(kind.validatePart?.(subresource, object, old, new FieldPath()) ?? []))
  }
  refuse(kind, object, errors)
}

function refuse(kind: AnyKind, { metadata }: KubeObject, errors: ReturnType<typeof validateObject>): void {
  if (errors.length > 0) throw invalid(keptKind(kind), metadata.name ?? '', errors)
}
