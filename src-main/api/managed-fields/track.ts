import { timestamp } from '../../base/clock.ts'
import type { ManagedFieldsEntry } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { type Comparison, compareFields } from './compare.ts'
import {
  capUpdaters,
  entryOf,
  identityOf,
  isReset,
  type Owner,
  type Owners,
  owning,
  readOwners,
  type Signature,
  writeOwners,
} from './entries.ts'
import { difference, differenceBelow, type FieldSet, isEmpty, TooManyFields, union } from './field-set.ts'
import { mustFit, otherVersions, Unfitting } from './fitting.ts'
import { comparisonFor, type FormIn } from './other-forms.ts'
import { resetFields, unowned } from './reset-fields.ts'
import { builtIn, type Shapes } from './shapes.ts'

/** What is known of any write whose fields have owners. */
export interface TrackedWrite {
  /** Name of the kind's structure. */
  readonly schema: string
  /** The stored entries. */
  readonly managed?: readonly ManagedFieldsEntry[] | undefined
  readonly manager: string
  readonly subresource?: string | undefined
  readonly apiVersion: string
  /** Milliseconds. */
  readonly now: number
  /** Fields that this door does not write; `resetFields` of the subresource unless said. */
  readonly ignored?: FieldSet
  /** The types, for a custom resource. */
  readonly shapes?: Shapes
  /** Owners' versions; all of them are `apiVersion` unless said. */
  readonly formIn?: FormIn
}

export interface UpdateToTrack extends TrackedWrite {
  /** The stored object; absent at creation. */
  readonly old?: Readonly<KubeObject> | undefined
  /** What is about to be stored. */
  readonly updated: Readonly<KubeObject>
  /** The entries that the request's object carried: a client may edit or reset them. */
  readonly sent?: unknown
}

/**
 * The entries after a create, update or patch: what changed or came belongs to this manager alone, what went belongs to
 * nobody, everything else stays with its owners. Undefined when nobody owns anything, or somebody more than can be stored, or
 * when a version that an owner wrote in does not know what the object has. An object whose entries were reset is not tracked
 * again before somebody applies to it.
 */
export function trackUpdate(write: UpdateToTrack): ManagedFieldsEntry[] | undefined {
  const owners = ownersBefore(write)
  if (write.old && owners.size === 0) return undefined
  try {
    const updated = updatedOwners(owners, write)
    const capped = capUpdaters(updated)
    return writeOwners(capped)
  } catch (error) {
    // as Kubernetes does with owners that do not fit into what is stored, and with objects that do not fit an owner's version
    if (error instanceof TooManyFields || error instanceof Unfitting) return undefined
    throw error
  }
}

function ownersBefore({ managed, sent, subresource }: UpdateToTrack): Owners {
  if (!subresource && isReset(sent)) return new Map()
  const edited = subresource ? undefined : readOwners(sent)
  if (edited && edited.size > 0) return edited
  return readOwners(managed) ?? new Map<string, Owner>()
}

/** The owners after an update, uncapped. */
export function updatedOwners(owners: Owners, write: Omit<UpdateToTrack, 'managed' | 'sent'>): Owners {
  const { schema, old, updated, subresource, shapes = builtIn } = write
  const others = otherVersions(write, owners)
  if (others.size > 0) {
    for (const version of [write.apiVersion, ...others]) for (const object of old ? [updated, old] : [updated]) mustFit(write, object, version)
  }
  const ignored = write.ignored ?? resetFields(true, subresource)
  const comparison = compareFields(schema, comparable(old), comparable(updated), ignored, shapes)
  const changed = union(comparison.modified, comparison.added)
  const next = new Map<string, Owner>()
  const comparisonOf = comparisonFor({ ...write, ignored, from: old, to: updated }, comparison)
  for (const [identity, owner] of owners) {
    const seen = comparisonOf(owner)
    if (seen) next.set(identity, withoutLost(owner, seen))
  }
  const taken = difference(differenceBelow(changed, ignored), unowned)
  if (isEmpty(taken)) return next
  const signature: Signature = { ...write, operation: 'Update' }
  const entry = entryOf(signature, timestamp(write.now))
  const before = next.get(identityOf(entry))
  next.set(identityOf(entry), { entry, fields: before ? union(taken, before.fields) : taken })
  return next
}

/** What is left to an owner of a change by somebody else. */
export const withoutLost = (owner: Owner, { added, modified, removed }: Comparison): Owner =>
  owning(owner, [added, modified, removed].reduce(difference, owner.fields))

/** An object without its own managedFields, which nobody owns and which are long; creation starts from an empty one. */
export function comparable(object: Readonly<KubeObject> | undefined): unknown {
  if (!object) return {}
  const { managedFields: _managedFields, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** FieldManagerMaxLength, in bytes. */
const maxManagerBytes = 128

/** Who writes: the request's fieldManager, or else the product that its User-Agent names first, as far as it names one. */
export function managerOf(fieldManager: string | undefined, userAgent: string | undefined): string {
  if (fieldManager) return fieldManager
  let name = ''
  let bytes = 0
  for (const letter of (userAgent ?? '').split('/')[0] ?? '') {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(letter)) continue
    bytes += Buffer.byteLength(letter)
    if (bytes > maxManagerBytes) break
    name += letter
  }
  return name || 'unknown'
}
