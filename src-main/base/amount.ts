/** An exact quantity: billionths, and how Kubernetes would write it again. */
export interface Amount {
  readonly nano: bigint
  readonly family: 'decimal' | 'binary' | 'exponent'
}

export const zeroAmount: Amount = { nano: 0n, family: 'decimal' }
export const oneAmount: Amount = { nano: 10n ** 9n, family: 'decimal' }

const decimal = ['E', 'P', 'T', 'G', 'M', 'k', '', 'm', 'u', 'n']
const binary = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki']
const powerOf = (suffix: string): bigint => 10n ** BigInt(27 - 3 * decimal.indexOf(suffix))
const bytesOf = (suffix: string): bigint => 1024n ** BigInt(6 - binary.indexOf(suffix)) * oneAmount.nano
/** What an int64 holds: resource.Quantity caps there what is written in binary units. */
const most = (2n ** 63n - 1n) * oneAmount.nano

const syntax = /^([+-]?)(\d{0,40})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i))?$/

/** Nothing when absent or not a quantity. Finer than a billionth rounds up, as resource.Quantity does. */
export function amountOf(quantity: string | number | undefined): Amount {
  const match = syntax.exec(String(quantity ?? ''))
  if (!match) return zeroAmount
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match
  if (whole === '' && fraction === '') return zeroAmount
  const isBinary = binary.includes(suffix)
  const digits = BigInt(whole + fraction)
  const power = Number(exponent ?? 0)
  const factor = isBinary ? bytesOf(suffix) : exponent === undefined ? powerOf(suffix) : oneAmount.nano
  const scaled = digits * factor * 10n ** BigInt(Math.max(power, 0))
  const divisor = 10n ** BigInt(fraction.length + Math.max(-power, 0))
  const rounded = (scaled + divisor - 1n) / divisor
  const nano = isBinary && rounded > most ? most : rounded
  return {
    nano: sign === '-' ? -nano : nano,
    family: isBinary ? 'binary' : exponent === undefined ? 'decimal' : 'exponent',
  }
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

/** What most quantities are already; the rest takes arithmetic. */
const plain = /^[1-9]\d{0,2}(?:[numkMGTPE]|[KMGTP]i)?$/

/** The text that Kubernetes answers with for a quantity: the canonical form, or what was sent where it takes that for canonical. */
export const canonicalQuantity = (text: string): string => (plain.test(text) || isTakenAsCanonical(text) ? text : formatAmount(amountOf(text)))

/** The same in a list of resources, which Kubernetes knows to the thousandth: what is finer rounds up. */
export function canonicalResource(text: string): string {
  if (!/[nu.]|[eE]-/.test(text)) return canonicalQuantity(text)
  const { nano, family } = amountOf(text)
  const finer = nano % milli
  if (finer === 0n) return canonicalQuantity(text)
  return formatAmount({ nano: nano - finer + (nano > 0n ? milli : -milli), family })
}

const milli = 10n ** 6n

/** As resource.ParseQuantity decides without canonicalising: of a number that an int64 holds, by its last digits and its unit. */
function isTakenAsCanonical(text: string): boolean {
  const [, whole = '', fraction = '', exponent, suffix = ''] = /^[+-]?0*(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9})|(\D*))$/.exec(text) ?? []
  const digits = (whole || '0') + fraction
  const unit = binary.indexOf(suffix)
  if (unit >= 0) {
    const power = 10 * (6 - unit)
    return fraction === '' && 14 - digits.length - Math.trunc((power * 3) / 10) >= 0 && (Number(digits) & 7) !== 0
  }
  const scale = (exponent === undefined ? 18 - 3 * decimal.indexOf(suffix) : Number(exponent)) - fraction.length
  return digits.length <= 18 && scale >= -9 && scale % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0')
}
