/** Work in steps: it can rest wherever it yields. Returns what it came to. */
export type Steps<T> = Generator<undefined, T>

/** How long such work keeps everybody else waiting in one turn of the event loop. */
const sliceMs = 5

/** Shares the event loop between everybody and whatever takes long, of which all together gets a slice of each turn. */
class Turns {
  #began: number | undefined
  #last: Promise<void> = Promise.resolve()

  /** Whether this turn's slice is used up; it begins with the first question. */
  get over(): boolean {
    const now = performance.now()
    if (this.#began === undefined) {
      this.#began = now
      setImmediate(() => (this.#began = undefined))
    }
    return now - this.#began > sliceMs
  }

  /** A turn for one who waits for it among all who take long. */
  next(): Promise<void> {
    return (this.#last = this.#last.then(() => new Promise<void>((resolve) => setImmediate(resolve))))
  }

  /** Waits for a turn where this one is used up. */
  async pause(): Promise<void> {
    if (this.over) await this.next()
  }

  /** Does all the steps, a slice in a turn; whoever else does so takes turns with it. */
  async finish<T>(steps: Steps<T>): Promise<T> {
    for (;;) {
      await this.next()
      const began = performance.now()
      do {
        const { done, value } = steps.next()
        if (done) return value
      } while (performance.now() - began < sliceMs)
    }
  }

  /** What steps come to: at once where there is time left in this turn. */
  async run<T>(steps: Steps<T>): Promise<T> {
    const result = tried(steps)
    return result ? result.made : this.finish(steps)
  }
}

/** There is one event loop, and so one of these. */
export const turns = new Turns()

/** What is made of every item of a list; rests after each. */
export function* inSteps<T, U>(list: readonly T[] | null | undefined, make: (item: T, i: number) => U): Steps<U[]> {
  const made: U[] = []
  for (const [i, item] of (list ?? []).entries()) {
    made.push(make(item, i))
    yield
  }
  return made
}

/** The same where each takes steps itself. */
export function* eachInSteps<T, U>(list: readonly T[] | null | undefined, make: (item: T, i: number) => Steps<U>): Steps<U[]> {
  const made: U[] = []
  for (const [i, item] of (list ?? []).entries()) {
    made.push(yield* make(item, i))
    yield
  }
  return made
}

/** What was to be done at once takes longer: it can be done again when what `ready` promises has come true. */
export class Later extends Error {
  override readonly name = 'Later'
  readonly ready: () => Promise<void>

  constructor(ready: () => Promise<void>) {
    super('this takes longer, and has to be waited for')
    this.ready = ready
  }
}

/** All the steps of work that is known to be short. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** What work comes to if that is found out before this turn is over; then its rest is still to be done. */
export function tried<T>(steps: Steps<T>): { readonly made: T } | undefined {
  do {
    const { done, value } = steps.next()
    if (done) return { made: value }
  } while (!turns.over)
  return undefined
}

/** Waiting so often is of no use: what the work is about changes under it every time. */
const mostWaits = 50

/** Does `work`, and does it again whenever it had to wait for something. @throws Later when it always has to wait again */
export async function patiently<T>(work: () => T | Promise<T>): Promise<T> {
  for (let waits = 0; ; waits++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof Later) || waits === mostWaits) throw error
      await error.ready()
    }
  }
}
