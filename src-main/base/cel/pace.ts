/** So many nodes take well below a millisecond. */
const nodesAtOnce = 256

/** Where work on the nodes of an expression rests. */
export class Pace {
  #count = 0

  /** Asked at every node. */
  get isTime(): boolean {
    return ++this.#count % nodesAtOnce === 0
  }
}
