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

const parts = /^([+-]?)(\d*)(?:\.(\d*))?((?:[eEinumkKMGTP]+[-+]?|[-+])\d*|)$/
const powers: Readonly<Record<string, number>> = { 'n': -9, 'u': -6, 'm': -3, '': 0, 'k': 3, 'M': 6, 'G': 9, 'T': 12, 'P': 15, 'E': 18 }
const bits: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }
const exponents = /^[eE]([+-]?\d+)$/
/** What is longer is not reckoned with. */
const [mostDigits, mostPower] = [1000, 999]
/** Finer than billionths rounds up where an int64 does not do. */
const finest = -9
/** The cap of what is written in binary units. */
const mostBinary = 2n ** 63n - 1n

/**
 * As resource.ParseQuantity, which takes a text without digits for 0.
 *
 * @throws Error with its sentence
 */
export function parseQuantity(text: string): Quantity {
  const [matched, sign = '', whole = '', fraction = '', suffix = ''] = parts.exec(text) ?? []
  if (matched === undefined || text === '') throw new Error("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
  const binary = bits[suffix]
  const unit = binary === undefined ? (powers[suffix] ?? exponents.exec(suffix)?.[1]) : 0
  if (unit === undefined) throw new Error("unable to parse quantity's suffix")
  const digits = (whole.replace(/^0+/, '') || '0') + fraction
  const power = Number(unit) - fraction.length
  if (digits.length > mostDigits || Math.abs(power) > mostPower) throw notNumeric()
  const units = BigInt(digits)
  const small = smallOf(units, power, binary, digits.length)
  if (!small && !/\d/.test(text.slice(0, text.length - suffix.length))) throw notNumeric()
  const quantity = small ?? reckoned(units, power, binary)
  return sign === '-' ? quantity.negative : quantity
}

const notNumeric = (): Error => new Error('unable to parse numeric part of quantity')

/** What Kubernetes surely can keep in an int64, by its digits. */
function smallOf(units: bigint, power: number, binary: number | undefined, digits: number): Quantity | undefined {
  if (binary === undefined) return digits <= 18 && power >= finest ? new Quantity(units, power, true) : undefined
  const value = units << BigInt(binary)
  return power === 0 && 14 - digits - Math.trunc((binary * 3) / 10) >= 0 && isInt64(value) ? new Quantity(value, 0, true) : undefined
}

function reckoned(units: bigint, power: number, binary: number | undefined): Quantity {
  const value = (units << BigInt(binary ?? 0)) * powerOfTen(Math.max(power - finest, 0))
  const divisor = powerOfTen(Math.max(finest - power, 0))
  const fine = (value + divisor - 1n) / divisor
  return binary !== undefined && fine > mostBinary * powerOfTen(-finest) ? new Quantity(mostBinary, 0, false) : new Quantity(fine, finest, false)
}
