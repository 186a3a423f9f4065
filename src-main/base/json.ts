export type JsonObject = Record<string, unknown>

/** A number that is too large for any of Go's; the message is Go's. */
export class NumberOverflow extends Error {
  override readonly name = 'NumberOverflow'
}

// Set once for all: whatever writes an object as JSON may meet an integer that no number holds, and would throw.
Object.defineProperty(BigInt.prototype, 'toJSON', {
  value(this: bigint) {
    return (JSON as unknown as { rawJSON(text: string): object }).rawJSON(String(this))
  },
  configurable: true,
  writable: true,
})

/** Where a number may stand that JSON.parse would round or make infinite; asked of every text, and true of few. */
const mayBeInexact = /(?:^|[:,[\s])-?\d+(?:\d{15}|(?:\.\d+)?[eE]\+?\d{3})/
/** The texts, to step over, and the values that are such numbers. */
const textOrInexact = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<=[:,[\s]|^)-?(?=\d{16}|\d+(?:\.\d+)?[eE]\+?\d{3})(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?(?=\s*(?:[,\]}]|$))/g

/**
 * Reads JSON as Kubernetes does: an integer that no number holds exactly is a bigint, up to what fits an int64. JSON.stringify writes it as it was.
 *
 * @param overflowed  is told of a number beyond float64, which is then read as an infinite one
 * @throws SyntaxError for what is not JSON, NumberOverflow for a number beyond float64 unless somebody is told of it
 */
export const parseJson = (text: string, overflowed: (error: NumberOverflow) => void = rethrown): unknown =>
  mayBeInexact.test(text) ? parseExactly(text, overflowed) : JSON.parse(text)

function rethrown(error: NumberOverflow): never {
  throw error
}

/** A reviver would be called for every value, which takes seconds for the longest bodies; so such integers are parsed as marked texts, then replaced. */
function parseExactly(text: string, overflowed: (error: NumberOverflow) => void): unknown {
  // only of JSON does the expression below know where texts end; of anything else it could look for that for hours
  JSON.parse(text)
  // nobody can send a mark that is not known before
  const mark = crypto.randomUUID()
  let overflow: string | undefined
  let marked = 0
  const value: unknown = JSON.parse(text.replaceAll(textOrInexact, (literal) => {
    if (literal.startsWith('"') || Number.isSafeInteger(Number(literal))) return literal
    if (!Number.isFinite(Number(literal))) overflow ??= literal
    if (!/^-?\d{1,19}$/.test(literal) || !isInt64(BigInt(literal))) return literal
    marked++
    return `"${mark}${literal}"`
  }))
  if (overflow !== undefined) overflowed(new NumberOverflow(`json: cannot unmarshal number ${overflow} into Go value of type float64`))
  return marked > 0 ? unmarked(value, mark) : value
}

/** Not recursive: the depth of what is read here is checked later. */
function unmarked(root: unknown, mark: string): unknown {
  const exact = (value: unknown): unknown => (typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value)
  const open: unknown[] = [root]
  const enter = (value: unknown): void => void (typeof value === 'object' && value !== null && open.push(value))
  while (open.length > 0) {
    const holder = open.pop()
    if (Array.isArray(holder)) {
      for (let i = 0; i < holder.length; i++) enter((holder[i] = exact(holder[i])))
    } else if (isJsonObject(holder)) {
      for (const key of Object.keys(holder)) {
        const value = exact(holder[key])
        if (value !== holder[key]) setOwn(holder, key, value)
        enter(value)
      }
    }
  }
  return exact(root)
}

export const isInt64 = (value: bigint): boolean => BigInt.asIntN(64, value) === value

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
  const [keys, others] = [Object.keys(a), Object.keys(b)]
  // mostly one is a copy of the other
  if (keys.length === others.length && keys.every((key, index) => key === others[index])) return keys.every((key) => equalJson(a[key], b[key]))
  for (const key of keys) if (!equalJson(a[key], ownValue(b, key))) return false
  for (const key of others) if (b[key] !== undefined && !Object.hasOwn(a, key)) return false
  return true
}

/** What Go's decoder calls a JSON value that has the wrong type. */
export function goWord(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value === 'bigint' ? 'number' : typeof value
}
