import { addAmounts, type Amount, zeroAmount } from '../../base/amount.ts'
import { charged, type Meter } from '../../kinds/core/quota-usage.ts'
import type { ResourceQuotaSpec } from '../../kinds/generated/types.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject } from '../../kinds/meta.ts'

type Seen = Readonly<KubeObject>

/**
 * What the objects of one kind use of one quota. Keeps the last sum and the objects it is the sum of, so that the next look
 * adds and takes away only what differs: counting thousands of pods for each further one would make a namespace with a
 * quota slow. The objects alone decide; a write that was taken back is simply not among them the next time.
 */
export class QuotaTally {
  readonly #spec: ResourceQuotaSpec
  readonly #kind: AnyKind
  readonly #meter: Meter
  #names: readonly string[] = []
  #seen: readonly Seen[] = []
  #total = new Map<string, Amount>()
  /** When the first of the counted charges ends, in ms. */
  #endsAt = Infinity

  constructor(spec: ResourceQuotaSpec, kind: AnyKind, meter: Meter) {
    this.#spec = spec
    this.#kind = kind
    this.#meter = meter
  }

  /** The sum over objects that are in the order of their names; `names` must be the same at every call. */
  of(objects: readonly Seen[], names: readonly string[], now: number): ReadonlyMap<string, Amount> {
    this.#names = names
    if (now > this.#endsAt) this.#forget()
    const before = this.#seen
    let i = 0
    let j = 0
    while (i < before.length || j < objects.length) {
      const [old, next] = [before[i], objects[j]]
      if (old === next) {
        i++
        j++
      } else if (next === undefined || (old !== undefined && nameOf(old) <= nameOf(next))) {
        this.#count(old!, -1n, now)
        i++
      } else {
        this.#count(next, 1n, now)
        j++
      }
    }
    this.#seen = objects
    return this.#total
  }

  #forget(): void {
    this.#seen = []
    this.#total = new Map()
    this.#endsAt = Infinity
  }

  #count(object: Seen, sign: bigint, now: number): void {
    if (!this.#meter.concerns(this.#spec, this.#kind, object)) return
    const charge = this.#meter.charge(this.#kind, object)
    if (charge.endsAt !== undefined && charge.endsAt >= now) this.#endsAt = Math.min(this.#endsAt, charge.endsAt)
    for (const name of this.#names) {
      const amount = charged(charge, name, now)
      if (amount.nano !== 0n) this.#total.set(name, addAmounts(this.#total.get(name) ?? zeroAmount, { ...amount, nano: amount.nano * sign }))
    }
  }
}

const nameOf = ({ metadata }: Seen): string => metadata.name ?? ''

/** One tally for each quota, as it is written, and kind. */
export class QuotaTallies {
  readonly #bySpec = new WeakMap<ResourceQuotaSpec, Map<AnyKind, QuotaTally>>()
  readonly #meter: Meter

  constructor(meter: Meter) {
    this.#meter = meter
  }

  for(spec: ResourceQuotaSpec, kind: AnyKind): QuotaTally {
    let tallies = this.#bySpec.get(spec)
    if (!tallies) this.#bySpec.set(spec, (tallies = new Map()))
    let tally = tallies.get(kind)
    if (!tally) tallies.set(kind, (tally = new QuotaTally(spec, kind, this.#meter)))
    return tally
  }
}
