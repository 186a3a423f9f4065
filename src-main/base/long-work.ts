import { createHash } from 'node:crypto'
import { Later, type Steps, tried, turns } from './turns.ts'

/** What long work makes of an object: once, however many ask for it meanwhile. */
export class MadeOnce<K extends object, V> {
  readonly #make: (of: K) => Steps<V>
  readonly #made = new WeakMap<K, { readonly made: V }>()
  readonly #resting = new WeakMap<K, () => Promise<void>>()

  constructor(make: (of: K) => Steps<V>) {
    this.#make = make
  }

  /** @throws Later */
  get(of: K): V {
    const known = this.#made.get(of)
    if (known) return known.made
    const rest = this.#resting.get(of)
    if (rest) throw new Later(rest)
    const steps = this.#make(of)
    const made = tried(steps)
    if (made) {
      this.#made.set(of, made)
      return made.made
    }
    let finished: Promise<void> | undefined
    const ready = (): Promise<void> => (finished ??= turns.finish(steps).then((value) => {
      this.#made.set(of, { made: value })
      this.#resting.delete(of)
    }))
    this.#resting.set(of, ready)
    throw new Later(ready)
  }
}

/** Of what nobody asks for again, because it changed meanwhile, so many are kept. */
const mostKept = 64

/** What long judgements came to: whoever had to wait for one asks again, and then has it at once. */
export class Judgements<T> {
  readonly #known = new Map<string, T>()

  /**
   * What `steps` come to; they depend on nothing but `about`, which is JSON.
   *
   * @throws Later
   */
  on(about: () => readonly unknown[], steps: () => Steps<T>): T {
    if (this.#known.size > 0) {
      const key = keyOf(about())
      const known = this.#known.get(key)
      if (this.#known.delete(key)) return known as T
    }
    const work = steps()
    const result = tried(work)
    if (result) return result.made
    const key = keyOf(about())
    throw new Later(async () => this.#keep(key, await turns.finish(work)))
  }

  #keep(key: string, outcome: T): void {
    this.#known.set(key, outcome)
    if (this.#known.size <= mostKept) return
    const [oldest] = this.#known.keys()
    this.#known.delete(oldest!)
  }
}

const keyOf = (about: readonly unknown[]): string => createHash('sha256').update(JSON.stringify(about)).digest('base64')
