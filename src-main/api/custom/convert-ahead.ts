import { type AnyKind, keptKind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import type { Verbs, WatchHandle } from '../verbs.ts'

/**
 * Has what is written converted to the other versions at once, as Kubernetes' caches of each version do: who lists or
 * watches those need not wait for the webhook then, nor suffer when it fails meanwhile.
 */
export function convertAhead(verbs: Verbs, kinds: readonly AnyKind[]): Promise<WatchHandle> {
  const [first] = kinds
  const asked = kinds.filter(({ stored }) => stored?.kind && stored.ask).map((kind) => new Ahead(kind))
  return verbs.watch(keptKind(first!), { sendInitialEvents: false }, (told) => {
    if (told.type === 'BOOKMARK' || told.type === 'DELETED') return
    for (const each of asked) each.add(told.item.object as KubeObject)
  })
}

/** One version; the webhook is asked once at a time, for all that came meanwhile. */
class Ahead {
  readonly #kind: AnyKind
  #waiting: KubeObject[] = []
  #isAsking = false

  constructor(kind: AnyKind) {
    this.#kind = kind
  }

  add(object: KubeObject): void {
    this.#waiting.push(object)
    if (!this.#isAsking) void this.#ask()
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    while (this.#waiting.length > 0) {
      const objects = this.#waiting
      this.#waiting = []
      try {
        await this.#kind.stored?.ask?.(objects)
      } catch {
        // whoever reads them asks again, and is told what is wrong
      }
    }
    this.#isAsking = false
  }
}
