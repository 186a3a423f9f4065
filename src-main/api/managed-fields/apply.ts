import { timestamp } from '../../base/clock.ts'
import { copyJson, equalJson } from '../../base/json.ts'
import type { ManagedFieldsEntry } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { type Comparison, compareFields, isSame } from './compare.ts'
import { type Conflict, conflictOf } from './conflicts.ts'
import { capUpdaters, entryOf, identityOf, type Owners, readOwners, writeOwners } from './entries.ts'
import { difference, differenceBelow, type FieldSet, intersection, union } from './field-set.ts'
import { compareText, pathsOf } from './fields-v1.ts'
import { fieldsOf } from './fields-of.ts'
import { allowedByLastApplied, syncLastApplied } from './last-applied.ts'
import { mergeApplied, said } from './merge.ts'
import { prune } from './prune.ts'
import { resetFields, unowned } from './reset-fields.ts'
import { builtIn, type Shapes } from './shapes.ts'
import { comparable, updatedOwners, withoutLost } from './track.ts'

export interface ApplyRequest {
  /** Name of the kind's structure. */
  readonly schema: string
  /** The stored object; absent when apply creates it. */
  readonly live?: Readonly<KubeObject> | undefined
  /** What the manager wishes, as it was sent: not defaulted, and checked by `checkApplied`. */
  readonly applied: Readonly<KubeObject>
  /** The stored entries. */
  readonly managed?: readonly ManagedFieldsEntry[] | undefined
  readonly manager: string
  readonly force?: boolean | undefined
  readonly subresource?: string | undefined
  readonly apiVersion: string
  /** Milliseconds. */
  readonly now: number
  /** Fields that this door does not write; `resetFields` of the subresource unless said. */
  readonly ignored?: FieldSet
  /** The types, for a custom resource. */
  readonly shapes?: Shapes
}

export interface Applied {
  /** The merged object, the caller's to change: neither defaulted nor validated, and without managedFields. */
  readonly object: KubeObject
  readonly managedFields: ManagedFieldsEntry[] | undefined
  /** Neither the object nor its owners changed: there is nothing to write. */
  readonly unchanged: boolean
}

/** Nothing changed hands. */
export interface Refused {
  readonly conflicts: readonly Conflict[]
}

/**
 * Lays what a manager wishes over the live object. The manager owns exactly what it applied; what it applied before and no
 * longer does goes, unless somebody else owns it. Fields that others own with another value are conflicts, or change hands
 * with `force`; equal values are shared.
 */
export function applyPatch(request: ApplyRequest): Applied | Refused {
  if (request.manager !== 'kubectl') return attempt(request)
  const outcome = afterClientSide(request, attempt(request))
  if ('conflicts' in outcome || !syncLastApplied(outcome.object, request.applied)) return outcome
  return { ...outcome, unchanged: false }
}

/** What kubectl's client-side apply set is kubectl's to take. */
function afterClientSide(request: ApplyRequest, outcome: Applied | Refused): Applied | Refused {
  if (!('conflicts' in outcome)) return outcome
  const allowed = allowedByLastApplied(request)
  const left = outcome.conflicts.filter(({ field }) => !allowed.has(field))
  return left.length > 0 ? { conflicts: left } : attempt({ ...request, force: true })
}

function attempt(request: ApplyRequest): Applied | Refused {
  const { schema, live, managed, shapes = builtIn } = request
  const ignored = request.ignored ?? resetFields(true, request.subresource)
  const applied = said(shapes, schema, comparable(request.applied))
  const entry = entryOf({ ...request, operation: 'Apply' })
  const self = identityOf(entry)
  const before = ownersBefore(request)
  const last = before.get(self)
  const fields = differenceBelow(fieldsOf(schema, applied, shapes), ignored)
  const owners = new Map(before).set(self, { entry, fields })
  const base = comparable(live)
  const merged = mergeApplied(shapes, schema, base, applied)
  const object = last ? prune(shapes, schema, merged, differenceBelow(last.fields, ignored), owners) : merged

  const comparison = compareFields(schema, base, object, ignored, shapes)
  owners.delete(self)
  const conflicts = request.force ? [] : conflictsWith(owners, comparison)
  if (conflicts.length > 0) return { conflicts }

  const same = live !== undefined && isSame(comparison)
  const time = same ? last?.entry.time : timestamp(request.now)
  const next = new Map([...owners].map(([identity, owner]) => [identity, withoutLost(owner, comparison)] as const))
  next.set(self, { entry: entryOf({ ...request, operation: 'Apply' }, time), fields: difference(fields, unowned) })
  const managedFields = writeOwners(next)
  return {
    object: copyJson(object) as KubeObject,
    managedFields,
    unchanged: same && equalJson(managedFields, managed ?? undefined),
  }
}

function conflictsWith(owners: Owners, { added, modified }: Comparison): Conflict[] {
  const changed = union(modified, added)
  return [...owners.values()].flatMap(({ entry, fields }) =>
    pathsOf(intersection(fields, changed)).map((field) => conflictOf(entry, field)),
  )
}

/** The stored owners in the order of their identities. What an untracked object has got so far is `before-first-apply`'s. */
function ownersBefore(request: ApplyRequest): Owners {
  const { live } = request
  const stored = [...(readOwners(request.managed) ?? [])]
  const owners = new Map(stored.sort(([a], [b]) => compareText(a, b)))
  if (!live || owners.size > 0) return owners
  return capUpdaters(
    updatedOwners(owners, { ...request, old: undefined, updated: live, manager: 'before-first-apply' }),
  )
}
