/** A number as Go's `%g` writes it. */
export function writeDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const exponent = value === 0 ? 0 : Number(value.toExponential().split('e')[1])
  // with the fewest digits, `%g` takes an exponent from here on
  if (exponent < -4 || exponent >= 6) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return Object.is(value, -0) ? '-0' : plainNumber(value)
}

/** A number without an exponent. */
export function plainNumber(value: number): string {
  const text = String(value)
  const [digits = '', exponent] = text.split('e')
  if (exponent === undefined) return text
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.')
  const shift = Number(exponent)
  const all = whole + fraction
  const moved = shift < 0 ? `0.${'0'.repeat(-shift - 1)}${all}` : all.padEnd(shift + 1, '0')
  return `${value < 0 ? '-' : ''}${moved}`
}
