import { timedOut } from '../kinds/status-error.ts'
import type { RequestContext } from './verbs.ts'

/** Lets in one at a time for each key, in the order in which they came; nobody who waits for another key waits for them. */
export class Lines {
  readonly #last = new Map<string, Promise<void>>()

  /** Does the work when it is its turn. @throws StatusError 504 when nobody waits for it any more by then */
  async run<T>(key: string, { until = Infinity }: Pick<RequestContext, 'until'>, work: () => Promise<T>): Promise<T> {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    const before = this.#last.get(key)
    this.#last.set(key, ended)
    try {
      await before
      if (performance.now() > until) throw timedOut('request did not complete within requested timeout - context deadline exceeded')
      return await work()
    } finally {
      end()
      if (this.#last.get(key) === ended) this.#last.delete(key)
    }
  }
}
