import { equalJson } from '../base/json.ts'
import { checkConstraints } from './constraints.ts'
import { field, FieldPath, type FieldError, mostMistakes, TooManyMistakes } from './field-error.ts'
import type { AnyKind } from './kind.ts'
import type { KubeObject } from './meta.ts'
import { checkMeta, checkMetaUpdate, metaUpdateMistakes } from './object-meta.ts'
import type { Schemas } from './schema.ts'
import { schemas } from './schemas.ts'
import { looksAtPart, looksAtUpdate } from './update-looks.ts'

/**
 * Everything wrong with an object that has the right structure and its defaults: metadata, what the schema demands, the
 * kind's own rules. `old` is what an update changes.
 */
export function validateObject(kind: AnyKind, object: KubeObject, types: Schemas = schemas, old?: KubeObject): FieldError[] {
  return told(kind, (root) => [...checkMeta(kind, object, root.child('metadata'), old), ...checkRules(kind, object, root, types, old)])
}

function checkRules(kind: AnyKind, object: KubeObject, root: FieldPath, types: Schemas, old: KubeObject | undefined): FieldError[] {
  const own = kind.validate?.(object, root, old) ?? []
  if (kind.ownRules) return own
  // where the kind has its own sentence about a field, the schema's general one is left out
  const said = new Set(own.map((error) => error.field))
  return [...checkConstraints(kind.schema, object, types).filter((error) => !said.has(error.field)), ...own]
}

/** The same for a change of its status. */
export const validateStatus = (kind: AnyKind, object: KubeObject, old: KubeObject): FieldError[] =>
  isRestOld(kind, object, old) ? told(kind, (root) => checkMeta(kind, object, root.child('metadata'), old)) : validateObject(kind, object, undefined, old)

/**
 * A kind that has rules for its status is not asked about the rest where that is what it was: as in Kubernetes, what another
 * release let pass does not keep a status from being written.
 */
function isRestOld(kind: AnyKind, object: KubeObject, old: KubeObject): boolean {
  if (!kind.ownRules || !kind.validatePart) return false
  const { spec, metadata: { annotations } } = object as KubeObject & { spec?: unknown }
  // of a custom resource this door writes nothing else
  return kind.custom !== undefined || (equalJson(spec, (old as { spec?: unknown }).spec) && equalJson(annotations, old.metadata.annotations))
}

/** All that is wrong with an object that changes from `old`, or one `part` of it, and with that it changes so: as often and in the order that Kubernetes tells it. */
export function validateUpdate(kind: AnyKind, object: KubeObject, old: KubeObject, part?: string): FieldError[] {
  const metadata = told(kind, (root) => checkMeta(kind, object, root.child('metadata'), old))
  const rules = part === 'status' && isRestOld(kind, object, old) ? [] : told(kind, (root) => checkRules(kind, object, root, schemas, old))
  const change = part === undefined ? told(kind, (root) => kind.validateUpdate?.(object, old, root) ?? []) : []
  if (metadata.length + rules.length + change.length + checkMetaUpdate(object, old, field('metadata')).length === 0) return []
  const { common, ofKind } = metaUpdateMistakes(kind, object, old, field('metadata'))
  const found = { metadata, rules, 'metadata change': ofKind, change }
  const looks = part === undefined ? looksAtUpdate(kind) : looksAtPart(kind, part)
  return [...common, ...looks.flatMap((look) => found[look])].slice(0, mostMistakes)
}

/** What is wrong with what a subresource has changed. */
export const validatePart = (kind: AnyKind, subresource: string, object: KubeObject, old: Readonly<KubeObject>): FieldError[] =>
  told(kind, (root) => kind.validatePart?.(subresource, object, old, root) ?? [])

/** What of the change from `old` to `object` is not allowed, whatever `object` is. */
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
