import type { Clock } from '../base/clock.ts'
import { newBalanceState, noteFailure, noteSuccess, pick } from './balance.ts'
import { Meter } from './meter.ts'
import type { WantedEndpoint, WantedPort } from './rules.ts'

/** An endpoint chosen for one connection or session, and where to report how it went. */
export interface Chosen {
  readonly endpoint: WantedEndpoint
  readonly meter: Meter
  works(): void
  fails(): void
}

/** What stands behind one Service port: its endpoints, the memory of the balancing, and the counters. */
export class Backend {
  #wanted: WantedPort
  #balance = newBalanceState()
  readonly #meters = new Map<string, Meter>()
  readonly #clock: Clock
  readonly #random: () => number

  constructor(wanted: WantedPort, clock: Clock, random: () => number) {
    this.#wanted = wanted
    this.#clock = clock
    this.#random = random
  }

  get wanted(): WantedPort {
    return this.#wanted
  }

  set wanted(wanted: WantedPort) {
    this.#wanted = wanted
    const kept = new Set(wanted.endpoints.map((endpoint) => endpoint.id))
    for (const [id, meter] of this.#meters) if (!kept.has(id) && meter.active === 0) this.#meters.delete(id)
    for (const id of this.#balance.failedAt.keys()) if (!kept.has(id)) this.#balance.failedAt.delete(id)
  }

  choose(client: string, tried: ReadonlySet<string>): Chosen | undefined {
    const now = this.#clock.now()
    const endpoint = pick(this.#wanted, this.#balance, { client, tried, now, random: this.#random })
    if (!endpoint) return undefined
    return {
      endpoint,
      meter: this.meter(endpoint.id),
      works: () => noteSuccess(this.#balance, endpoint.id),
      fails: () => noteFailure(this.#balance, endpoint.id, this.#clock.now()),
    }
  }

  meter(id: string): Meter {
    let meter = this.#meters.get(id)
    if (!meter) this.#meters.set(id, (meter = new Meter()))
    return meter
  }
}
