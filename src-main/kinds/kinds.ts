import { type AnyKind, keptKind } from './kind.ts'

/** What came and what went; a kind that changed is in both. */
export interface KindsChange {
  readonly added: readonly AnyKind[]
  readonly removed: readonly AnyKind[]
}

/** Every kind that is served: the built-in ones, and those that come and go with their definitions. */
export class Kinds {
  readonly #builtIn: readonly AnyKind[]
  readonly #custom = new Map<string, readonly AnyKind[]>()
  readonly #listeners = new Set<(change: KindsChange) => void>()
  #byPath = new Map<string, AnyKind>()
  #all: readonly AnyKind[] = []
  #objects: readonly AnyKind[] = []
  #revision = 0

  constructor(builtIn: readonly AnyKind[]) {
    this.#builtIn = builtIn
    this.#index()
  }

  /** Grows with every change: documents made of the kinds are good for one revision. */
  get revision(): number {
    return this.#revision
  }

  /** The built-in kinds, then the custom ones; of one group the preferred version first. */
  get all(): readonly AnyKind[] {
    return this.#all
  }

  /** Each sort of object once, as it is kept where that is served: versions of one kind are the same objects. */
  get objects(): readonly AnyKind[] {
    return this.#objects
  }

  find(group: string, version: string, plural: string): AnyKind | undefined {
    return this.#byPath.get(pathOf(group, version, plural))
  }

  /** Replaces the kinds that `source` brought; none takes them away. A path that is served already stays whose it was. */
  set(source: string, kinds: readonly AnyKind[]): void {
    const removed = this.#custom.get(source) ?? []
    if (removed.length === 0 && kinds.length === 0) return
    this.#custom.delete(source)
    this.#index()
    const added = kinds.filter(({ group, version, plural }) => !this.find(group, version, plural))
    if (added.length > 0) this.#custom.set(source, added)
    this.#index()
    this.#revision++
    for (const listener of this.#listeners) listener({ added, removed })
  }

  subscribe(listener: (change: KindsChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #index(): void {
    this.#all = [...this.#builtIn, ...[...this.#custom.values()].flat()]
    this.#byPath = new Map()
    for (const kind of this.#all) {
      const path = pathOf(kind.group, kind.version, kind.plural)
      if (!this.#byPath.has(path)) this.#byPath.set(path, kind)
    }
    const sorts = new Map<string, AnyKind>()
    for (const kind of this.#all) {
      const { plural, group } = keptKind(kind)
      const known = sorts.get(`${plural}.${group}`)
      if (!known || (known.stored?.kind && !kind.stored?.kind)) sorts.set(`${plural}.${group}`, kind)
    }
    this.#objects = [...sorts.values()]
  }
}

const pathOf = (group: string, version: string, plural: string): string => `${group}/${version}/${plural}`
