/** What a quantity's text says, before anything is reckoned: `digits` * 10^`power` * 2^`bits`. */
export interface QuantityText {
  readonly negative: boolean
  /** Of the number, without the zeros that its whole part begins with. */
  readonly digits: string
  readonly power: number
  readonly bits: number
  readonly family: QuantityFamily
  /** Whether resource.Quantity keeps it in an int64 of a power of ten, which it tells by the number of digits. */
  readonly isSmall: boolean
}

/** How Kubernetes would write it again: `12M`, `12Mi`, `12e6`. */
export type QuantityFamily = 'decimal' | 'binary' | 'exponent'

/** Resource.Quantity's sentences for what is none. */
export const notAQuantity = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const badSuffix = "unable to parse quantity's suffix"
const badNumber = 'unable to parse numeric part of quantity'

/** Powers of ten and of two, by suffix. */
const decimals: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }
const binaries: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }

const parts = /^([+-]?)(\d*)(?:\.(\d*))?((?:[eEinumkKMGTP]+[-+]?|[-+])\d*|)$/
const exponents = /^[eE]([+-]?\d+)$/
/** Kubernetes reckons for minutes with a number of more; here it is none. What is smaller rounds up to a billionth. */
const [mostDigits, mostPower] = [1000, 999]
/** Of an int64 that may be any, and of one that is to be multiplied with a power of two. */
const [decimalDigits, binaryDigits] = [18, 14]
const finest = -9

/** Reads a quantity as resource.ParseQuantity does, which takes a text without digits for 0; returns its sentence for what is none. */
export function readQuantity(text: string): QuantityText | string {
  const [matched, sign = '', whole = '', fraction = '', suffix = ''] = parts.exec(text) ?? []
  if (matched === undefined || text === '') return notAQuantity
  const unit = unitOf(suffix)
  if (!unit) return badSuffix
  const digits = (whole.replace(/^0+/, '') || '0') + fraction
  const isZero = /^0*$/.test(digits)
  const power = isZero ? Math.max(unit.power, finest) : unit.power - fraction.length
  if (digits.length > mostDigits || power > mostPower) return isZero ? zero(unit) : badNumber
  const spare = unit.family === 'binary' ? binaryDigits - Math.trunc((unit.bits * 3) / 10) : decimalDigits
  const isSmall = digits.length <= spare && unit.power - fraction.length >= (unit.family === 'binary' ? 0 : finest)
  if (!isSmall && whole === '' && fraction === '') return badNumber
  return { negative: sign === '-', digits, power, bits: unit.bits, family: unit.family, isSmall }
}

type Unit = Pick<QuantityText, 'power' | 'bits' | 'family'>

const zero = ({ family }: Unit): QuantityText => ({ negative: false, digits: '0', power: 0, bits: 0, family, isSmall: true })

function unitOf(suffix: string): Unit | undefined {
  if (Object.hasOwn(decimals, suffix)) return { power: decimals[suffix]!, bits: 0, family: 'decimal' }
  if (Object.hasOwn(binaries, suffix)) return { power: 0, bits: binaries[suffix]!, family: 'binary' }
  const exponent = exponents.exec(suffix)?.[1]
  return exponent === undefined || !isInt64(exponent) ? undefined : { power: Number(exponent), bits: 0, family: 'exponent' }
}

function isInt64(text: string): boolean {
  const digits = text.replace(/^[+-]?0*/, '')
  if (digits.length > 19) return false
  const value = BigInt(digits || '0')
  return text.startsWith('-') ? value <= 2n ** 63n : value < 2n ** 63n
}

/** Whether resource.Quantity keeps the text as it is, and does not bring it into its canonical form. */
export const isKeptAsWritten = ({ digits, power, family, isSmall }: QuantityText): boolean =>
  isSmall && (family === 'binary' ? (Number(digits) & 7) !== 0 : power % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0'))
