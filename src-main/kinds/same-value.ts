/**
 * Whether two values would be the same to Kubernetes: absent, null, empty text, empty lists and empty maps of a parent are
 * alike, as Semantic.DeepEqual treats them after a round trip. The order of a map's keys does not count.
 */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true
  // to ask a long map for its keys takes long, and so it is asked once
  const [names, others] = [namesOf(a), namesOf(b)]
  if (isEmpty(a, names) && isEmpty(b, others)) return true
  if (!isObject(a) || !isObject(b)) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => sameValue(item, b[i]))
  // mostly one is a copy of the other
  if (names.length === others.length && names.every((name, i) => name === others[i])) return names.every((name) => sameValue(a[name], b[name]))
  return names.every((name) => sameValue(a[name], own(b, name))) && others.every((name) => Object.hasOwn(a, name) || sameValue(undefined, b[name]))
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const none: readonly string[] = []

const namesOf = (value: unknown): readonly string[] => (isObject(value) && !Array.isArray(value) ? Object.keys(value) : none)

const own = (object: Record<string, unknown>, name: string): unknown => (Object.hasOwn(object, name) ? object[name] : undefined)

const isEmpty = (value: unknown, names: readonly string[]): boolean =>
  value === undefined || value === null || value === '' || (typeof value === 'object' && (Array.isArray(value) ? value.length : names.length) === 0)
