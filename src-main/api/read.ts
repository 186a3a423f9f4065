import type { Clock } from '../base/clock.ts'
import { type AnyKind, keptKind } from '../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../kinds/meta.ts'
import { field, type FieldError } from '../kinds/field-error.ts'
import { badRequest, expired, invalid, notFound, type Resource } from '../kinds/status-error.ts'
import { Compacted, type Revision, type Snapshot, type Store, type StoredObject } from '../store/store.ts'
import { continueExpired, type ContinueToken, decodeContinue, encodeContinue } from './continue-token.ts'
import { notARevision, reached, revisionOf } from './fresh.ts'
import { keyFor, kindPrefix, prefixOf } from './keys.ts'
import { type Selection, selectionOf } from './selection.ts'
import type { Encoded, Listed, ListRequest } from './verbs.ts'

/** A stored object as the verbs return it: the same object, seen as Kubernetes' own. */
export const encoded = (stored: StoredObject): Encoded => stored as unknown as Encoded

const shownForms = new WeakMap<AnyKind, WeakMap<object, Encoded>>()

/**
 * A stored object as the kind shows it: in the kind's own version, and a custom one with what its definition says today.
 *
 * @throws Unconverted for a kind whose objects a webhook converts; `converting` asks it
 */
export function shown(kind: AnyKind, stored: StoredObject): Encoded {
  if (!kind.stored) return encoded(stored)
  let forms = shownForms.get(kind)
  if (!forms) shownForms.set(kind, (forms = new WeakMap()))
  const known = forms.get(stored.object)
  if (known) return known
  const object = kind.stored.fromStored(objectOf(stored)) as KubeObject
  const form = object === objectOf(stored) ? encoded(stored) : { object, bytes: Buffer.from(JSON.stringify(object)) }
  forms.set(stored.object, form)
  return form
}

/**
 * Whether an object is kept as it would be written today. Of a custom resource it may still have the storage version of the
 * day it was written, or lack newer defaults: an update then brings it up to date even if it changes nothing.
 */
export function isKeptAsToday(kind: AnyKind, stored: StoredObject): boolean {
  if (!kind.custom) return true
  const kept = keptKind(kind)
  const object = objectOf(stored)
  return object.apiVersion === kept.apiVersion && shown(kept, stored).object === object
}

/** Notes of an object that has just been written that it is complete, so that its first reader need not look. */
export function noteComplete(kind: AnyKind, stored: StoredObject): Encoded {
  const form = encoded(stored)
  if (!kind.stored) return form
  let forms = shownForms.get(kind)
  if (!forms) shownForms.set(kind, (forms = new WeakMap()))
  forms.set(stored.object, form)
  return form
}

/** Notes that an object is as complete as the one that it was made of. */
export function noteLikewise(kind: AnyKind, from: StoredObject, made: StoredObject): StoredObject {
  if (shownForms.get(kind)?.get(from.object)?.object === objectOf(from)) noteComplete(kind, made)
  return made
}

/** A list's items as the kind shows them; objects that a webhook converts are sent to it all at once. */
async function shownAll(kind: AnyKind, items: readonly StoredObject[]): Promise<readonly StoredObject[]> {
  if (!kind.stored) return items
  await kind.stored.ask?.(items.map(objectOf))
  return items.map((stored) => ({ ...stored, ...shown(kind, stored) }) as StoredObject)
}

export const objectOf = (stored: StoredObject): Readonly<KubeObject> => stored.object as unknown as KubeObject

export function getStored(store: Store, kind: AnyKind, ref: ObjectRef, missing: Resource = keptKind(kind)): StoredObject {
  const stored = store.get(keyFor(kind, ref))
  if (!stored) throw notFound(missing, ref.name)
  return stored
}

export async function listStored(store: Store, clock: Clock, kind: AnyKind, request: ListRequest): Promise<Listed> {
  checkListOptions(request)
  const selection = selectionOf(kind, request)
  const prefix = prefixOf(kind, request.namespace)
  const token = continueOf(request)
  const found = token ? await continued(store, clock, prefix, token) : await snapshotFor(store, clock, prefix, request)
  const snapshot = kind.stored ? { ...found, items: await shownAll(kind, found.items) } : found
  return page(snapshot, kindPrefix(kind), limitOf(request), token?.after, selection)
}

/** Whoever takes any state gets it whole, as from kube-apiserver's cache. */
const limitOf = ({ limit = 0, resourceVersion }: ListRequest): number => (resourceVersion === '0' ? 0 : Math.max(limit, 0))

/** Cuts one page out of a snapshot. `after` is a key below `root`. */
export function page(
  snapshot: Snapshot,
  root: string,
  limit: number,
  after: string | undefined,
  selection: Selection,
): Listed {
  const start = after === undefined ? 0 : firstAfter(snapshot.items, root + after)
  const resourceVersion = String(snapshot.revision)
  if (limit === 0) {
    const rest = start === 0 ? snapshot.items : snapshot.items.slice(start)
    return {
      resourceVersion,
      items: (selection ? rest.filter((item) => selection(objectOf(item))) : rest) as unknown as Encoded[],
    }
  }
  const items: StoredObject[] = []
  let next = start
  for (; next < snapshot.items.length && items.length < limit; next++) {
    const item = snapshot.items[next]!
    if (!selection || selection(objectOf(item))) items.push(item)
  }
  const last = snapshot.items[next - 1]
  const listed = { resourceVersion, items: items as unknown as Encoded[] }
  if (next >= snapshot.items.length || !last) return listed
  const more = encodeContinue({ revision: snapshot.revision, after: last.key.slice(root.length) })
  // as in Kubernetes, nobody counts what a selector would leave
  return { ...listed, continue: more, ...(selection ? {} : { remainingItemCount: snapshot.items.length - next }) }
}

function firstAfter(items: readonly StoredObject[], key: string): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (items[middle]!.key <= key) low = middle + 1
    else high = middle
  }
  return low
}

async function continued(store: Store, clock: Clock, prefix: string, token: ContinueToken): Promise<Snapshot> {
  if (token.revision < 0) return store.list(prefix)
  await reached(store, clock, token.revision as Revision)
  try {
    return await at(store, prefix, token.revision as Revision)
  } catch (error) {
    throw error instanceof Compacted ? continueExpired(token.after) : error
  }
}

async function snapshotFor(store: Store, clock: Clock, prefix: string, request: ListRequest): Promise<Snapshot> {
  const { resourceVersion = '', resourceVersionMatch = '' } = request
  if (resourceVersion === '' || resourceVersion === '0') return store.list(prefix)
  const revision = knownRevision(resourceVersion)
  await reached(store, clock, revision)
  const exact = resourceVersionMatch === 'Exact' || (resourceVersionMatch === '' && limitOf(request) > 0)
  if (!exact) return store.list(prefix)
  try {
    return await at(store, prefix, revision)
  } catch (error) {
    throw error instanceof Compacted ? expired('The resourceVersion for the provided list is too old.') : error
  }
}

const at = async (store: Store, prefix: string, revision: Revision): Promise<Snapshot> =>
  revision === store.revision ? store.list(prefix) : store.listAt(prefix, revision)

const listOptions = { group: 'meta.k8s.io', plural: 'listoptions', kind: 'ListOptions' }

function checkListOptions(request: ListRequest): void {
  const errors = matchErrors(request)
  if (request.sendInitialEvents !== undefined) errors.push(field('sendInitialEvents').forbidden('sendInitialEvents is forbidden for list'))
  if (errors.length > 0) throw invalid(listOptions, '', errors)
}

function continueOf({ continue: text, resourceVersion = '' }: ListRequest): ContinueToken | undefined {
  if (!text) return undefined
  const token = decodeContinue(text)
  if (resourceVersion !== '' && resourceVersion !== '0') throw badRequest('specifying resource version is not allowed when using continue')
  return token
}

function knownRevision(text: string): Revision {
  const mistake = notARevision(text)
  if (mistake !== undefined) throw badRequest(`invalid resource version: ${mistake}`)
  return revisionOf(text)
}

function matchErrors({ resourceVersion = '', resourceVersionMatch: match = '', continue: token }: ListRequest): FieldError[] {
  if (match === '') return []
  const at = field('resourceVersionMatch')
  const errors = []
  if (resourceVersion === '')
    errors.push(at.forbidden('resourceVersionMatch is forbidden unless resourceVersion is provided'))
  if (token) errors.push(at.forbidden('resourceVersionMatch is forbidden when continue is provided'))
  if (match !== 'Exact' && match !== 'NotOlderThan') errors.push(at.notSupported(match, ['Exact', 'NotOlderThan', '']))
  else if (match === 'Exact' && resourceVersion === '0')
    errors.push(at.forbidden('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'))
  return errors
}
