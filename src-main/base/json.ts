export type JsonObject = Record<string, unknown>

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The object's own property; what stands on the prototype is nobody's data. */
export const ownValue = (object: JsonObject, key: string): unknown =>
  Object.hasOwn(object, key) ? object[key] : undefined

/** Sets an own property; `__proto__` is a key like any other and never the prototype. */
export function setOwn(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
  } else object[key] = value
}

/** A deep copy of a JSON value: several times faster than structuredClone, which is why it exists. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyJson) as T
  const copy: JsonObject = {}
  for (const key of Object.keys(value)) setOwn(copy, key, copyJson((value as JsonObject)[key]))
  return copy as T
}

/** Whether two JSON values say the same; an absent key and an undefined one are the same. */
export function equalJson(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, index) => equalJson(item, b[index]))
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false
  for (const key of Object.keys(a)) if (!equalJson(a[key], ownValue(b, key))) return false
  for (const key of Object.keys(b)) if (b[key] !== undefined && !Object.hasOwn(a, key)) return false
  return true
}
