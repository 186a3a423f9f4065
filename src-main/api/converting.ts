import { patiently } from '../base/turns.ts'
import { type AnyKind, type StoredForm, Unconverted } from '../kinds/kind.ts'
import { internal } from '../kinds/status-error.ts'
import type { StoredObject } from '../store/store.ts'
import { objectOf, shown } from './read.ts'
import type { Encoded } from './verbs.ts'

/** More forms than one request needs, unless what it works on changes under it every time. */
const maxQuestions = 100

/**
 * Does what may meet objects in a form that only a webhook knows, or rules that nobody has read yet; waits for those, and
 * does it again from the start. Where everything is at hand, as it mostly is, `work` is done once, and at once.
 */
export async function converting<T>(kind: AnyKind, work: () => T | Promise<T>): Promise<T> {
  const { stored } = kind
  if (!stored?.ask) return patiently(work)
  for (let asked = 0; asked < maxQuestions; asked++) {
    try {
      return await patiently(work)
    } catch (error) {
      if (!(error instanceof Unconverted)) throw error
      await stored.ask([error.object], error.apiVersion)
    }
  }
  throw internal(`the object changed too often to be converted to ${kind.apiVersion}`)
}

export const shownLater = (kind: AnyKind, stored: StoredObject): Promise<Encoded> => converting(kind, () => shown(kind, stored))

/**
 * As a read of the newest state shows it, which Kubernetes makes from what is stored each time: a webhook is asked even if
 * it has answered before. Lists and watches tell what it answered first, as from a cache.
 */
export const shownAnew = (kind: AnyKind, stored: StoredObject): Promise<Encoded> =>
  kind.stored?.fromStoredAnew ? convertedAnew(kind, kind.stored, stored) : shownLater(kind, stored)

/**
 * Rejects where what is there could not be written as it is shown: Kubernetes begins every change by that, whatever is wrong
 * with the change, and whatever was answered before.
 */
export async function stillKept(kind: AnyKind, stored: StoredObject): Promise<void> {
  const { object } = await shownLater(kind, stored)
  await kind.stored?.toStoredAnew?.(object)
}

async function convertedAnew(kind: AnyKind, form: StoredForm, stored: StoredObject): Promise<Encoded> {
  const object = await patiently(() => form.fromStoredAnew?.(objectOf(stored)))
  return object ? { object, bytes: Buffer.from(JSON.stringify(object)) } : shownLater(kind, stored)
}
