import { goFloat, goInt64 } from '../../base/go-text.ts'
import { isIntOrString, type JsonSchema } from './json-schema.ts'

interface Mistake {
  /** The value that is told; none where the field is named in the sentence alone. */
  readonly of?: number | bigint
  readonly sentence: string
}

const maxSafe = Number.MAX_SAFE_INTEGER

/** Whether a float64 is so near to an integer that swag takes it for one. */
export function isWhole(value: number): boolean {
  if (!(Math.abs(value) <= maxSafe)) return false
  const rounded = Math.round(value)
  return value === rounded || Math.abs(value - rounded) < 1e-9 * Math.abs(rounded)
}

/** What of a number at `path` its schema does not allow: numberValidator of kube-openapi, which compares with an integer in integers. */
export function numberMistakes(schema: JsonSchema, value: number | bigint, format: string, path: () => string): Mistake[] {
  const { maximum, minimum, multipleOf, exclusiveMaximum, exclusiveMinimum } = schema
  const type = isIntOrString(schema) ? '' : (schema.type ?? '')
  const isInteger = typeof value === 'bigint' || Number.isSafeInteger(value)
  const errors: Mistake[] = []
  const fits = (number: number | bigint, what: string): boolean => {
    const isIn = isInRange(number, type, format)
    if (!isIn) errors.push({ sentence: `${what} value must be of type ${type} ${format ? `with format ${format}` : '(default format)'} in ${path()}` })
    return isIn
  }
  fits(value, 'Checked')
  if (multipleOf !== undefined) errors.push(...checkMultiple(value, Number(multipleOf), fits(Number(multipleOf), 'MultipleOf') && isInteger, path))
  const bound = (limit: number | bigint, what: string): { at: number | bigint; text: string } => {
    const inIntegers = fits(Number(limit), what) && isInteger
    const whole = goInt64(Number(limit))
    return inIntegers ? { at: whole, text: String(whole) } : { at: limit, text: goFloat(Number(limit)) }
  }
  if (minimum !== undefined) {
    const { at, text } = bound(minimum, 'Minimum boundary')
    if (exclusiveMinimum ? value <= at : value < at) errors.push({ of: value, sentence: `${path()} in body should be greater than ${exclusiveMinimum ? '' : 'or equal to '}${text}` })
  }
  if (maximum !== undefined) {
    const { at, text } = bound(maximum, 'Maximum boundary')
    if (exclusiveMaximum ? value >= at : value > at) errors.push({ of: value, sentence: `${path()} in body should be less than ${exclusiveMaximum ? '' : 'or equal to '}${text}` })
  }
  return errors
}

/** Kubernetes tells the factor where the factor is wrong. */
function checkMultiple(value: number | bigint, factor: number, inIntegers: boolean, path: () => string): Mistake[] {
  const whole = inIntegers ? goInt64(factor) : undefined
  if ((whole ?? factor) <= 0) return [{ of: whole ?? factor, sentence: `factor MultipleOf declared for ${path()} must be positive: ${whole ?? goFloat(factor)}` }]
  const isMultiple = whole === undefined ? isWhole(factor < 1 ? (1 / factor) * Number(value) : Number(value) / factor) : BigInt(value) % whole === 0n
  return isMultiple ? [] : [{ of: value, sentence: `${path()} in body should be a multiple of ${whole ?? goFloat(factor)}` }]
}

/** The largest of the formats that not every number fits. */
const largest32 = 2 ** 31 - 1
const largestFloat = 3.4028234663852886e38

function isInRange(value: number | bigint, type: string, format: string): boolean {
  if (type === 'integer') {
    if (typeof value === 'number' && !Number.isInteger(value)) return false
    return format === 'int32' ? value <= largest32 && value >= -largest32 - 1 : value < 2 ** 63 && value >= -(2 ** 63)
  }
  return format !== 'float' || (value <= largestFloat && value >= -largestFloat)
}
