import { isKeptAsWritten, type QuantityFamily, readQuantity } from './quantity-text.ts'

/** An exact quantity: billionths, and how Kubernetes would write it again. */
export interface Amount {
  readonly nano: bigint
  readonly family: QuantityFamily
}

export const zeroAmount: Amount = { nano: 0n, family: 'decimal' }
export const oneAmount: Amount = { nano: 10n ** 9n, family: 'decimal' }

const decimal = ['E', 'P', 'T', 'G', 'M', 'k', '', 'm', 'u', 'n']
const binary = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']
const powerOf = (suffix: string): bigint => 10n ** BigInt(27 - 3 * decimal.indexOf(suffix))
const bytesOf = (suffix: string): bigint => 1024n ** BigInt(6 - binary.indexOf(suffix)) * oneAmount.nano
/** What an int64 holds: resource.Quantity caps there what is written in binary units. */
const most = (2n ** 63n - 1n) * oneAmount.nano

/** What most quantities are, in canonical form already; the rest takes arithmetic. */
const plain = /^([1-9]\d{0,2})([numkMGTPE]|[KMGTP]i)?$/
/** One of each unit, by suffix. */
const ones: ReadonlyMap<string, Amount> = new Map<string, Amount>([
  ...decimal.map((suffix) => [suffix, { nano: powerOf(suffix), family: 'decimal' }] as const),
  ...binary.map((suffix) => [suffix, { nano: bytesOf(suffix), family: 'binary' }] as const),
])

/** Nothing when absent or not a quantity. Finer than a billionth rounds up, as resource.Quantity does. */
export function amountOf(quantity: string | number | undefined): Amount {
  const text = String(quantity ?? '')
  const [, count, suffix = ''] = plain.exec(text) ?? []
  if (count === undefined) return unusual(text)
  const { nano, family } = ones.get(suffix)!
  return { nano: BigInt(count) * nano, family }
}

function unusual(text: string): Amount {
  const read = readQuantity(text)
  if (typeof read === 'string') return zeroAmount
  const { negative, digits, power, bits, isSmall } = read
  // what has fewer digits than places is less than a billionth
  const size = power + digits.length < finest ? tiny(digits) : rounded(BigInt(digits) << BigInt(bits), power - finest)
  const nano = read.family === 'binary' && size > most ? most : size
  const family = read.family === 'binary' && !isSmall && nano < oneAmount.nano ? 'decimal' : read.family
  return { nano: negative ? -nano : nano, family }
}

const finest = -9
const tiny = (digits: string): bigint => (/^0*$/.test(digits) ? 0n : 1n)

function rounded(value: bigint, power: number): bigint {
  if (power >= 0) return value * 10n ** BigInt(power)
  const divisor = 10n ** BigInt(-power)
  return (value + divisor - 1n) / divisor
}

/** A sum is written as its first part that is not nothing. */
export const addAmounts = (a: Amount, b: Amount): Amount => ({
  nano: a.nano + b.nano,
  family: a.nano === 0n ? b.family : a.family,
})

export const largerAmount = (a: Amount, b: Amount): Amount => (b.nano > a.nano ? b : a)

/** The canonical form: `1500m`, `2`, `128Mi`, `12e6`. */
export function formatAmount({ nano, family }: Amount): string {
  if (nano === 0n) return '0'
  const size = nano < 0n ? -nano : nano
  if (family === 'binary' && size >= 1024n * oneAmount.nano) {
    const unit = [...binary, ''].find((suffix) => nano % (suffix ? bytesOf(suffix) : oneAmount.nano) === 0n)
    if (unit !== undefined) return `${nano / (unit ? bytesOf(unit) : oneAmount.nano)}${unit}`
  }
  if (family === 'exponent') return inThousands(nano)
  const unit = decimal.find((suffix) => nano % powerOf(suffix) === 0n) ?? 'n'
  return `${nano / powerOf(unit)}${unit}`
}

/** `12e6`: what no suffix reaches has an exponent too. */
function inThousands(nano: bigint): string {
  let [digits, power] = [nano, -9]
  for (; digits % 1000n === 0n; power += 3) digits /= 1000n
  return `${digits}${power === 0 ? '' : `e${power}`}`
}

/** The text that Kubernetes answers with for a quantity: the canonical form, or what was sent where it takes that for canonical. */
export const canonicalQuantity = (text: string): string => (plain.test(text) ? text : canonicalText(text.trim()))

function canonicalText(text: string): string {
  const read = readQuantity(text)
  return typeof read !== 'string' && isKeptAsWritten(read) ? text : formatAmount(unusual(text))
}

/** The same in a list of resources, which Kubernetes knows to the thousandth: what is finer rounds up. */
export function canonicalResource(text: string): string {
  if (!/[nu.]|[eE]-/.test(text)) return canonicalQuantity(text)
  const { nano, family } = amountOf(text.trim())
  const finer = nano % milli
  if (finer === 0n) return canonicalQuantity(text)
  return formatAmount({ nano: nano - finer + (nano > 0n ? milli : -milli), family })
}

const milli = 10n ** 6n
