import { timestamp } from '../../base/clock.ts'
import { copyJson, equalJson } from '../../base/json.ts'
import type { ManagedFieldsEntry } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { plainFailure } from '../../kinds/status-error.ts'
import { type Comparison, compareFields, isSame } from './compare.ts'
import { described } from './check-applied.ts'
import { type Conflict, conflictOf } from './conflicts.ts'
import { capUpdaters, entryOf, identityOf, type Owner, type Owners, readOwners, writeOwners } from './entries.ts'
import { difference, differenceBelow, type FieldSet, intersection, union } from './field-set.ts'
import { compareText, pathsOf } from './fields-v1.ts'
import { fieldsOf } from './fields-of.ts'
import { mustFit, otherVersions, Unfitting, versionOf } from './fitting.ts'
import { allowedByLastApplied, syncLastApplied } from './last-applied.ts'
import { mergeApplied, said } from './merge.ts'
import { comparisonFor, type OtherForm } from './other-forms.ts'
import { prune } from './prune.ts'
import { resetFields, unowned } from './reset-fields.ts'
import { builtIn } from './shapes.ts'
import { comparable, type TrackedWrite, updatedOwners, withoutLost } from './track.ts'

export interface ApplyRequest extends TrackedWrite {
  /** The stored object; absent when apply creates it. */
  readonly live?: Readonly<KubeObject> | undefined
  /** What the manager wishes, as it was sent: not defaulted, and checked by `checkApplied`. */
  readonly applied: Readonly<KubeObject>
  readonly force?: boolean | undefined
}

export interface Applied {
  /** The merged object, the caller's to change: neither defaulted nor validated, and without managedFields. */
  readonly object: KubeObject
  readonly managedFields: ManagedFieldsEntry[] | undefined
  /** Neither the object nor its owners changed: there is nothing to write. */
  readonly unchanged: boolean
  /** Nothing but the owners changed: Kubernetes goes on with the live object then, which it does not look at again. */
  readonly isLive: boolean
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
  try {
    return appliedBy(request)
  } catch (error) {
    throw error instanceof Unfitting ? plainFailure(error.message) : error
  }
}

function appliedBy(request: ApplyRequest): Applied | Refused {
  if (request.manager !== 'kubectl') return attempt(request)
  const outcome = afterClientSide(request, attempt(request))
  if ('conflicts' in outcome || !syncLastApplied(outcome.object, request.applied)) return outcome
  return { ...outcome, unchanged: false, isLive: false }
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
  const others = otherVersions(request, before)
  if (live && others.size > 0) for (const version of [request.apiVersion, ...others]) mustFit(request, live, version)
  const all = fieldsOf(schema, applied, shapes)
  const fields = differenceBelow(all, ignored)
  const owners = new Map(before).set(self, { entry, fields })
  const base = comparable(live)
  const merged = mergeApplied(shapes, schema, base, applied)
  const object = last ? pruned(request, merged, last, ignored, owners) : merged
  const comparison = compareFields(schema, base, object, ignored, shapes)
  owners.delete(self)
  for (const version of otherVersions(request, owners)) mustFit(request, object as KubeObject, version, 'failed to convert new object: ')
  const comparisonOf = comparisonFor({ ...request, ignored, from: live, to: object as KubeObject }, comparison)
  const conflicts = request.force ? [] : conflictsWith(owners, comparisonOf)
  if (conflicts.length > 0) return { conflicts }

  const same = live !== undefined && isSame(comparison)
  const time = same ? last?.entry.time : timestamp(request.now)
  const next = new Map<string, Owner>()
  for (const [identity, owner] of owners) {
    const seen = comparisonOf(owner)
    if (seen) next.set(identity, withoutLost(owner, seen))
  }
  next.set(self, { entry: entryOf({ ...request, operation: 'Apply' }, time), fields: difference(fields, unowned) })
  const managedFields = writeOwners(next)
  return {
    object: copyJson(object) as KubeObject,
    managedFields,
    unchanged: same && equalJson(managedFields, managed ?? undefined),
    isLive: same,
  }
}

/** Without what the manager leaves; it may have applied through another version before. */
function pruned(request: ApplyRequest, merged: unknown, last: Owner, ignored: FieldSet, owners: Owners): unknown {
  const { schema, shapes = builtIn, apiVersion, formIn } = request
  const fields = differenceBelow(last.fields, ignored)
  const version = versionOf(last, apiVersion)
  mustFit(request, merged as KubeObject, version === apiVersion ? '' : version, 'failed to prune fields: failed to convert merged object to last applied version: ')
  for (const other of otherVersions({ ...request, apiVersion: version }, owners)) {
    mustFit(request, merged as KubeObject, other, `failed to prune fields: failed add back owned items: failed to convert merged object at version ${other}: `)
  }
  if (version === apiVersion || !formIn) return prune(shapes, schema, merged, fields, owners)
  const form = formIn(version)
  if (!form) return merged
  const object = form.of(merged as KubeObject)
  const others = new Map([...owners].filter(([, { entry }]) => entry.apiVersion === version))
  return form.back((prune(form.shapes ?? builtIn, form.schema, object, fields, withNew(others, request, form))) as KubeObject)
}

/** What the manager applies now, in the version that it applied before. */
function withNew(owners: Owners, { applied, manager }: ApplyRequest, form: OtherForm): Owners {
  const fields = fieldsOf(form.schema, comparable(form.of(applied)), form.shapes ?? builtIn)
  return new Map(owners).set(manager, { entry: { manager }, fields })
}

function conflictsWith(owners: Owners, comparisonOf: (owner: Owner) => Comparison | undefined): Conflict[] {
  const conflicts: Conflict[] = []
  for (const owner of owners.values()) {
    const seen = comparisonOf(owner)
    if (!seen) continue
    const taken = intersection(owner.fields, union(seen.modified, seen.added))
    for (const field of pathsOf(taken)) conflicts.push(conflictOf(owner.entry, field))
  }
  return conflicts
}

/** The stored owners in the order of their identities. What an untracked object has got so far is `before-first-apply`'s. */
function ownersBefore(request: ApplyRequest): Owners {
  const { live, managed } = request
  const stored = [...(readOwners(managed) ?? [])]
  const owners = new Map(stored.sort(([a], [b]) => compareText(a, b)))
  if (!live || owners.size > 0) return owners
  mustFit(request, live, request.apiVersion, `failed to create manager for existing fields: failed to convert new object (${described(live)}) to smd typed: `)
  return capUpdaters(
    updatedOwners(owners, { ...request, old: undefined, updated: live, manager: 'before-first-apply' }),
  )
}
