import { amountOf } from '../amount.ts'
import { readQuantity } from '../quantity-text.ts'
import { struct } from './types.ts'
import { OpaqueValue } from './values.ts'

export const quantityType = struct('kubernetes.Quantity')

const isInt64 = (value: bigint): boolean => value < 2n ** 63n && value >= -(2n ** 63n)
const powerOfTen = (power: number): bigint => 10n ** BigInt(power)

/** resource.Quantity in an expression: so many units of a power of ten. */
export class Quantity extends OpaqueValue {
  readonly type = quantityType
  readonly units: bigint
  readonly power: number
  /** Whether Kubernetes keeps it in an int64 of units: it takes only such ones for integers. */
  readonly isSmall: boolean

  constructor(units: bigint, power: number, isSmall: boolean) {
    super()
    this.units = units
    this.power = power
    this.isSmall = isSmall
  }

  /** The same for the same amount, however written. */
  get key(): string {
    let [units, power] = [this.units, this.units === 0n ? 0 : this.power]
    for (; units !== 0n && units % 10n === 0n; power++) units /= 10n
    return `${units}e${power}`
  }

  get sign(): bigint {
    return this.units > 0n ? 1n : this.units < 0n ? -1n : 0n
  }

  get negative(): Quantity {
    return new Quantity(-this.units, this.power, this.isSmall)
  }

  /** Undefined when it is none, or Kubernetes does not know that it is one. */
  get integer(): bigint | undefined {
    if (!this.isSmall || this.power < 0) return undefined
    const value = this.units * powerOfTen(this.power)
    return isInt64(value) ? value : undefined
  }

  get float(): number {
    return this.power === 0 ? Number(this.units) : Number(this.units) * Number(`1e${this.power}`)
  }

  compare(other: Quantity): bigint {
    return this.plus(other.negative).sign
  }

  plus(other: Quantity): Quantity {
    const isSmall = this.isSmall && other.isSmall
    if (isSmall && other.units === 0n) return this
    if (isSmall && this.units === 0n) return other
    const power = Math.min(this.power, other.power)
    const [left, right] = [this.#in(power), other.#in(power)]
    return new Quantity(left + right, power, isSmall && [left, right, left + right].every(isInt64))
  }

  #in(power: number): bigint {
    return this.units * powerOfTen(this.power - power)
  }
}

/** Finer than billionths rounds up where an int64 does not do. */
const finest = -9
/** The cap of what is written in binary units. */
const mostBinary = 2n ** 63n - 1n

/** @throws Error with the sentence of resource.ParseQuantity */
export function parseQuantity(text: string): Quantity {
  const read = readQuantity(text)
  if (typeof read === 'string') throw new Error(read)
  const { digits, power, bits, isSmall, family, negative } = read
  if (isSmall) {
    const units = BigInt(digits) << BigInt(bits)
    return new Quantity(negative ? -units : units, power, true)
  }
  const { nano } = amountOf(text)
  const isCapped = family === 'binary' && nano === (negative ? -mostBinary : mostBinary) * powerOfTen(-finest)
  return isCapped ? new Quantity(negative ? -mostBinary : mostBinary, 0, false) : new Quantity(nano, finest, false)
}
