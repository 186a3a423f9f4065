import { timestamp } from '../../base/clock.ts'
import { copyJson, equalJson, isJsonObject } from '../../base/json.ts'
import type { ManagedFieldsEntry } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { trackUpdate, type UpdateToTrack } from './track.ts'

interface Known {
  readonly object: Readonly<KubeObject>
  readonly entries: readonly ManagedFieldsEntry[]
}

/** So many kinds and managers are remembered, each with the form of its last object. */
const remembered = 256

/**
 * Who owns what of new objects, as `trackUpdate` says. Most objects have the form of the one that the same manager made
 * before, as the pods of a ReplicaSet have: they share its fieldsV1, which is half of a small object and much of the work.
 */
export class Creations {
  readonly #known = new Map<string, Known>()

  track(write: Omit<UpdateToTrack, 'old' | 'managed'>): ManagedFieldsEntry[] | undefined {
    // the types of custom resources change, and who says himself what he owns is no example
    if (write.shapes || write.sent) return trackUpdate(write)
    const key = `${write.schema}\n${write.apiVersion}\n${write.manager}`
    const known = this.#known.get(key)
    if (known && sameForm(known.object, write.updated)) {
      const time = timestamp(write.now)
      return known.entries.map((entry) => ({ ...entry, time }))
    }
    const entries = trackUpdate(write)
    if (!entries) return undefined
    if (this.#known.size >= remembered) this.#known.clear()
    // the object itself is still to be changed by admission
    this.#known.set(key, { object: copyJson(write.updated), entries })
    return entries
  }
}

/** Whether two objects have the same fields and the same lists, so that the same fields are owned; other values may differ. */
export function sameForm(a: unknown, b: unknown): boolean {
  if (Array.isArray(a)) return equalJson(a, b)
  if (!isJsonObject(a) || !isJsonObject(b)) return typeof a === typeof b && (a === null) === (b === null) && !Array.isArray(b)
  const [names, others] = [Object.keys(a), Object.keys(b)]
  return names.length === others.length && names.every((name, i) => name === others[i] && sameForm(a[name], b[name]))
}
