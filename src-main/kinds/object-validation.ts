import { equalJson } from '../base/json.ts'
import { checkConstraints } from './constraints.ts'
import { FieldPath, type FieldError, TooManyMistakes } from './field-error.ts'
import type { AnyKind } from './kind.ts'
import type { KubeObject } from './meta.ts'
import { checkMeta, checkMetaUpdate } from './object-meta.ts'
import type { Schemas } from './schema.ts'
import { schemas } from './schemas.ts'

/**
 * Everything wrong with an object that has the right structure and its defaults: metadata, what the schema demands, the
 * kind's own rules. Used for creation and, before `validateObjectUpdate`, for updates.
 */
export function validateObject(kind: AnyKind, object: KubeObject, types: Schemas = schemas, old?: KubeObject): FieldError[] {
  return told(kind, (root) => {
    const meta = checkMeta(kind, object, root.child('metadata'), old)
    const own = kind.validate?.(object, root, old) ?? []
    if (kind.ownRules) return [...meta, ...own]
    // where the kind has its own sentence about a field, the schema's general one is left out
    const said = new Set(own.map((error) => error.field))
    const general = checkConstraints(kind.schema, object, types).filter((error) => !said.has(error.field))
    return [...meta, ...general, ...own]
  })
}

/**
 * The same for a change of its status. A kind that has rules for that is not asked about the rest where that is what it was:
 * as in Kubernetes, what another release let pass does not keep a status from being written.
 */
export function validateStatus(kind: AnyKind, object: KubeObject, old: KubeObject): FieldError[] {
  const { spec, metadata: { annotations } } = object as KubeObject & { spec?: unknown }
  // of a custom resource this door writes nothing else
  const isRestOld = kind.custom !== undefined || (equalJson(spec, (old as { spec?: unknown }).spec) && equalJson(annotations, old.metadata.annotations))
  if (!kind.ownRules || !kind.validatePart || !isRestOld) return validateObject(kind, object, undefined, old)
  return told(kind, (root) => checkMeta(kind, object, root.child('metadata'), old))
}

/** What is wrong with what a subresource has changed. */
export const validatePart = (kind: AnyKind, subresource: string, object: KubeObject, old: Readonly<KubeObject>): FieldError[] =>
  told(kind, (root) => kind.validatePart?.(subresource, object, old, root) ?? [])

/** What of the change from `old` to `object` is not allowed. */
export function validateObjectUpdate(kind: AnyKind, object: KubeObject, old: KubeObject): FieldError[] {
  return told(kind, (root) => [...checkMetaUpdate(object, old, root.child('metadata')), ...(kind.validateUpdate?.(object, old, root) ?? [])])
}

/** What is wrong; of very much the beginning. Where a kind's own rules are all there are, they say what they say as often as it occurs. */
function told({ ownRules }: AnyKind, check: (root: FieldPath) => FieldError[]): FieldError[] {
  const said = ownRules ? (errors: readonly FieldError[]) => [...errors] : withoutRepetition
  try {
    return said(check(FieldPath.bounded()))
  } catch (error) {
    if (error instanceof TooManyMistakes) return said(error.told)
    throw error
  }
}

function withoutRepetition(errors: readonly FieldError[]): FieldError[] {
  const seen = new Set<string>()
  return errors.filter((error) => {
    const text = `${error.field} ${error.message}`
    return !seen.has(text) && seen.add(text)
  })
}
