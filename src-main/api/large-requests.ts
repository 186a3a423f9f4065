/** How many large bodies are worked on at a time. More would only make each other late. */
const mostAtOnce = 4

/**
 * Lets large bodies in, a few at a time: whoever sends many waits for himself, and everybody who sends one waits for one of
 * each other sender's at most.
 */
export class LargeRequests {
  #free = mostAtOnce
  readonly #waiting = new Map<string, Array<() => void>>()

  /** Does the work when it is the sender's turn. */
  async run<T>(sender: string, work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#wait(sender, resolve))
    try {
      return await work()
    } finally {
      this.#next()
    }
  }

  #wait(sender: string, begin: () => void): void {
    const line = this.#waiting.get(sender)
    if (line) line.push(begin)
    else this.#waiting.set(sender, [begin])
  }

  /** Whoever had a turn stands behind all the others. */
  #next(): void {
    const next = this.#waiting.entries().next()
    if (next.done) return void this.#free++
    const [sender, line] = next.value
    const begin = line.shift()
    this.#waiting.delete(sender)
    if (line.length > 0) this.#waiting.set(sender, line)
    begin?.()
  }
}
