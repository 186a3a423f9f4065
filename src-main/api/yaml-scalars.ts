import { goBase64Mistake } from '../base/go-base64.ts'

/** What a scalar of YAML stands for. */
export type YamlValue = string | number | bigint | boolean | null

const words = new Map<string, readonly [tag: string, value: YamlValue]>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word) => [word, ['!!bool', true]] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word) => [word, ['!!bool', false]] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, ['!!null', null]] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, ['!!float', NaN]] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, ['!!float', Infinity]] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, ['!!float', -Infinity]] as const),
])

const bases = [
  { form: /^[-+]?0[xX][0-9a-fA-F]+$/, digits: /^[-+]?0[xX]/, prefix: '0x' },
  { form: /^[-+]?0[bB][01]+$/, digits: /^[-+]?0[bB]/, prefix: '0b' },
  { form: /^[-+]?0[oO]?[0-7]+$/, digits: /^[-+]?0[oO]?/, prefix: '0o' },
  { form: /^[-+]?(0|[1-9][0-9]*)$/, digits: /^[-+]?/, prefix: '' },
]
const decimal = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
const date = /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}|$)/

const resolvable = new Set(['', '!!str', '!!bool', '!!int', '!!float', '!!null', '!!timestamp'])

/**
 * A scalar as YAML 1.1 reads it, which Kubernetes' parser does: `yes` is true and `0644` octal, but nothing is in base 60
 * and a date stays the text that it is.
 *
 * @param tag  `''` for a plain scalar that has none
 * @throws Error when it is not what its tag says
 */
export function resolveScalar(tag: string, text: string): YamlValue {
  const short = tag.replace(/^tag:yaml\.org,2002:/, '!!')
  if (short === '!!binary') {
    if (goBase64Mistake(text) !== undefined) throw new Error('yaml: !!binary value contains invalid base64 data')
    return Buffer.from(text, 'base64').toString()
  }
  if (!resolvable.has(short) || short === '!!str') return text
  const [found, value] = meaning(text)
  if (short === '' || short === found) return value
  if (short === '!!float' && found === '!!int') return value
  throw new Error(`yaml: cannot decode ${found} \`${text}\` as a ${short}`)
}

function meaning(text: string): readonly [tag: string, value: YamlValue] {
  const known = words.get(text)
  if (known) return known
  if (!/^[-+.0-9]/.test(text)) return ['!!str', text]
  if (date.test(text)) return ['!!timestamp', text]
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '')
  return wholeNumber(plain) ?? fraction(plain) ?? ['!!str', text]
}

/** As far as 64 bits go. */
function wholeNumber(plain: string): readonly [string, bigint] | undefined {
  // far longer text is no number, and takes long to read as one
  const base = plain.length < 80 ? bases.find(({ form }) => form.test(plain)) : undefined
  if (!base) return undefined
  const amount = BigInt(base.prefix + plain.replace(base.digits, ''))
  const value = plain.startsWith('-') ? -amount : amount
  return value >= -(2n ** 63n) && value < 2n ** 64n ? ['!!int', value] : undefined
}

function fraction(plain: string): readonly [string, number] | undefined {
  const value = decimal.test(plain) ? Number(plain) : NaN
  return Number.isFinite(value) ? ['!!float', value] : undefined
}

/** A key as JSON has it. */
export const keyOf = (value: NonNullable<YamlValue>): string => (typeof value === 'number' ? floatKey(value) : String(value))

/** As Go writes the nearest 32-bit float. */
function floatKey(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf'
  const near = Math.fround(value)
  let digits = 1
  while (digits < 9 && Math.fround(Number(near.toExponential(digits - 1))) !== near) digits++
  const [mantissa = '', exponent = ''] = near.toExponential(digits - 1).split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return String(Number(`${mantissa}e${power}`))
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
