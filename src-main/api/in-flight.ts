import { tooManyRequests } from '../kinds/status-error.ts'
import type { User } from './verbs.ts'

export interface InFlightLimits {
  readonly mutating: number
  readonly readOnly: number
}

/** kube-apiserver's --max-mutating-requests-inflight and --max-requests-inflight. */
export const defaultInFlightLimits: InFlightLimits = { mutating: 200, readOnly: 400 }

export const unlimited: InFlightLimits = { mutating: Infinity, readOnly: Infinity }

/** What kube-apiserver says in its Retry-After. */
const retryAfterSeconds = 1

/** Counts the requests that are being answered, and refuses one too many. Those that run long by nature are not counted. */
export class InFlight {
  readonly #limits: InFlightLimits
  readonly counts = { mutating: 0, readOnly: 0 }

  constructor(limits: InFlightLimits = defaultInFlightLimits) {
    this.#limits = limits
  }

  /**
   * Takes a place; the returned function gives it back. As in Kubernetes, system:masters are answered however full it is, so
   * that whoever is to repair an overloaded cluster gets in.
   *
   * @throws StatusError 429 when all places are taken
   */
  enter(kind: keyof InFlightLimits, user: User): () => void {
    if (this.counts[kind] >= this.#limits[kind] && !user.groups.includes('system:masters')) {
      throw tooManyRequests('Too many requests, please try again later.', retryAfterSeconds)
    }
    this.counts[kind]++
    let inside = true
    return () => {
      if (inside) this.counts[kind]--
      inside = false
    }
  }
}
