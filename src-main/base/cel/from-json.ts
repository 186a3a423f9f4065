/** A JSON value as an expression sees it when no schema says more: whole numbers are ints. */
export function fromJson(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(fromJson)
  if (typeof value === 'object' && value !== null) {
    const map = new Map<string, unknown>()
    for (const [name, each] of Object.entries(value)) if (each !== undefined) map.set(name, fromJson(each))
    return map
  }
  return value ?? null
}
