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
/** What an int64 holds: resource.Quantity caps there. */
const most = (2n ** 63n - 1n) * oneAmount.nano

const syntax = /^([+-]?)(\d{0,40})(?:\.(\d{0,40}))?(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i))?$/

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
  const nano = rounded > most ? most : rounded
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
  const unit = decimal.find((suffix) => nano % powerOf(suffix) === 0n) ?? 'n'
  const power = 18 - 3 * decimal.indexOf(unit)
  return `${nano / powerOf(unit)}${family === 'exponent' ? (power === 0 ? '' : `e${power}`) : unit}`
}
