import { type AnyKind, Unconverted } from '../kinds/kind.ts'
import { internal } from '../kinds/status-error.ts'
import type { StoredObject } from '../store/store.ts'
import { shown } from './read.ts'
import type { Encoded } from './verbs.ts'

/** More forms than one request needs, unless what it works on changes under it every time. */
const maxQuestions = 100

/**
 * Does what may meet objects in a form that only a webhook knows; asks for that form, and does it again from the start.
 * Where conversion is at hand, as it is for all but such kinds, `work` is done once, and at once.
 */
export async function converting<T>(kind: AnyKind, work: () => T | Promise<T>): Promise<T> {
  const { stored } = kind
  if (!stored?.ask) return work()
  for (let asked = 0; asked < maxQuestions; asked++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Unconverted)) throw error
      await stored.ask([error.object], error.apiVersion)
    }
  }
  throw internal(`the object changed too often to be converted to ${kind.apiVersion}`)
}

export const shownLater = (kind: AnyKind, stored: StoredObject): Promise<Encoded> => converting(kind, () => shown(kind, stored))
