import { checkConstraints } from './constraints.ts'
import { FieldPath, field, type FieldError } from './field-error.ts'
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
  const meta = checkMeta(kind, object, field('metadata'), old)
  const own = kind.validate?.(object, new FieldPath(), old) ?? []
  if (kind.ownRules) return withoutRepetition([...meta, ...own])
  // where the kind has its own sentence about a field, the schema's general one is left out
  const said = new Set(own.map((error) => error.field))
  const general = checkConstraints(kind.schema, object, types).filter((error) => !said.has(error.field))
  return withoutRepetition([...meta, ...general, ...own])
}

/** What of the change from `old` to `object` is not allowed. */
export function validateObjectUpdate(kind: AnyKind, object: KubeObject, old: KubeObject): FieldError[] {
  const meta = checkMetaUpdate(object, old, field('metadata'))
  return withoutRepetition([...meta, ...(kind.validateUpdate?.(object, old, new FieldPath()) ?? [])])
}

function withoutRepetition(errors: readonly FieldError[]): FieldError[] {
  const seen = new Set<string>()
  return errors.filter((error) => {
    const text = `${error.field} ${error.message}`
    return !seen.has(text) && seen.add(text)
  })
}
