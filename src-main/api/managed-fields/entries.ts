import { equalJson, isJsonObject } from '../../base/json.ts'
import type { ManagedFieldsEntry } from '../../kinds/generated/types.ts'
import { type FieldSet, isEmpty, union } from './field-set.ts'
import { compareText, formatFields, parseFields } from './fields-v1.ts'

/** Who owns which fields: an entry of `metadata.managedFields` with its set read. */
export interface Owner {
  readonly entry: ManagedFieldsEntry
  readonly fields: FieldSet
}

/** By identity, see `identityOf`. */
export type Owners = ReadonlyMap<string, Owner>

/** What tells entries apart: everything but time and fields, and for Apply the version too. Sorts as Kubernetes' identifiers do. */
export function identityOf({ manager, operation, apiVersion, subresource }: ManagedFieldsEntry): string {
  return JSON.stringify({
    manager: manager || undefined,
    operation,
    apiVersion: operation === 'Apply' ? undefined : apiVersion,
    subresource: subresource || undefined,
  })
}

/** Reads `metadata.managedFields`; undefined when an entry is not one that Kubernetes would read. */
export function readOwners(entries: unknown): Owners | undefined {
  if (entries === undefined || entries === null) return new Map()
  if (!Array.isArray(entries)) return undefined
  const owners = new Map<string, Owner>()
  for (const entry of entries as unknown[]) {
    const fields = isEntry(entry) ? parseFields(entry.fieldsV1) : undefined
    if (!fields) return undefined
    owners.set(identityOf(entry as ManagedFieldsEntry), { entry: entry as ManagedFieldsEntry, fields })
  }
  return owners
}

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'

const isEntry = (entry: unknown): entry is ManagedFieldsEntry =>
  isJsonObject(entry) &&
  (entry.operation === 'Apply' || entry.operation === 'Update') &&
  typeof entry.apiVersion === 'string' &&
  entry.apiVersion !== '' &&
  entry.fieldsType === 'FieldsV1' &&
  isText(entry.manager) &&
  isText(entry.subresource) &&
  isText(entry.time)

/** Whether a client asks to forget all owners: an empty list, or a list of one empty entry. */
export const isReset = (entries: unknown): boolean =>
  Array.isArray(entries) &&
  (entries.length === 0 || (entries.length === 1 && isJsonObject(entries[0]) && Object.keys(entries[0]).length === 0))

export interface Signature {
  readonly manager: string
  readonly operation: 'Apply' | 'Update'
  readonly apiVersion: string
  readonly subresource?: string
}

/** Of when somebody scaled an object nothing is kept, as in Kubernetes. */
export const entryOf = (
  { manager, operation, apiVersion, subresource }: Signature,
  time?: string,
): ManagedFieldsEntry => ({
  ...(manager ? { manager } : {}),
  operation,
  apiVersion,
  ...(time && subresource !== 'scale' ? { time } : {}),
  fieldsType: 'FieldsV1',
  ...(subresource ? { subresource } : {}),
})

/** The owner of other fields; the same one when they are the same set. */
export function owning(owner: Owner, fields: FieldSet): Owner {
  if (fields === owner.fields) return owner
  const { fieldsV1: _fieldsV1, ...entry } = owner.entry
  return { entry, fields }
}

/** The entries as they are stored: nobody who owns nothing, by operation, time and name. Undefined when there are none. */
export function writeOwners(owners: Owners): ManagedFieldsEntry[] | undefined {
  return ordered([...owners.values()].filter(({ fields }) => !isEmpty(fields)).map((owner) => owner.entry.fieldsV1 === undefined ? written(owner, formatFields(owner.fields)) : owner.entry))
}

const ordered = (entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] | undefined => (entries.length > 0 ? entries.sort(inOrder) : undefined)

function written({ entry: { subresource, ...rest } }: Owner, fieldsV1: object): ManagedFieldsEntry {
  return { ...rest, fieldsV1, ...(subresource ? { subresource } : {}) }
}

const inOrder = (a: ManagedFieldsEntry, b: ManagedFieldsEntry): number =>
  compareText(a.operation ?? '', b.operation ?? '') ||
  secondsOf(a) - secondsOf(b) ||
  compareText(a.manager ?? '', b.manager ?? '') ||
  compareText(a.apiVersion ?? '', b.apiVersion ?? '') ||
  compareText(a.subresource ?? '', b.subresource ?? '')

const secondsOf = ({ time }: ManagedFieldsEntry): number => (time ? Math.floor(Date.parse(time) / 1000) || 0 : 0)

/** Whether entries differ in their times alone: a write that changes nothing else is none. */
export function sameButTimes(a: readonly ManagedFieldsEntry[] = [], b: readonly ManagedFieldsEntry[] = []): boolean {
  const others = timeless(b)
  return a.length === b.length && [...timeless(a)].every(([identity, entry]) => equalJson(entry, others.get(identity)))
}

const timeless = (entries: readonly ManagedFieldsEntry[]): Map<string, ManagedFieldsEntry> =>
  new Map(entries.map(({ time: _time, ...entry }) => [identityOf(entry), entry]))

/** DefaultMaxUpdateManagers */
const maxUpdaters = 10

/** Merges the oldest Update entries of a version into one of `ancient-changes` until there are ten at most. */
export function capUpdaters(owners: Owners): Owners {
  const updaters = [...owners].filter(([, { entry }]) => entry.operation === 'Update')
  let surplus = updaters.length - maxUpdaters
  if (surplus <= 0) return owners
  updaters.sort(([a, one], [b, other]) => secondsOf(one.entry) - secondsOf(other.entry) || compareText(a, b))
  const capped = new Map(owners)
  const firsts = new Map<string, string>()
  for (const [identity, owner] of updaters) {
    if (surplus <= 0) break
    const apiVersion = owner.entry.apiVersion ?? ''
    const first = firsts.get(apiVersion)
    if (first === undefined) {
      firsts.set(apiVersion, identity)
      continue
    }
    const entry = entryOf({ manager: 'ancient-changes', operation: 'Update', apiVersion }, owner.entry.time)
    const bucket = identityOf(entry)
    const gathered = capped.get(bucket) ?? capped.get(first)
    if (!capped.has(bucket)) capped.delete(first)
    capped.delete(identity)
    capped.set(bucket, { entry, fields: gathered ? union(owner.fields, gathered.fields) : owner.fields })
    surplus--
  }
  return capped
}
