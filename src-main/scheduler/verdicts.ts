/** Why a pending pod fits nowhere, node by node. */
export interface Verdict {
  /** When it was found, in ms. */
  readonly at: number
  readonly message: string
  /** Reasons by node name, in Kubernetes' words. */
  readonly nodes: ReadonlyMap<string, readonly string[]>
}

/** The newest verdict about each pending pod that found no node. */
export class Verdicts {
  readonly #byPod = new Map<string, Verdict>()

  /** `key` is `namespace/name`. Undefined when the pod fitted, or was not looked at yet. */
  verdictsOf(key: string): Verdict | undefined {
    return this.#byPod.get(key)
  }

  set(key: string, verdict: Verdict): void {
    this.#byPod.set(key, verdict)
  }

  drop(key: string): void {
    this.#byPod.delete(key)
  }
}
