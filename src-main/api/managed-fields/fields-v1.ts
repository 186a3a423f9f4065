import { isJsonObject, ownValue, parseJson, type JsonObject } from '../../base/json.ts'
import type { Steps } from '../../base/turns.ts'
import { maxDepth } from '../../kinds/schemas.ts'
import { emptySet, type FieldSet, isEmpty, leaf } from './field-set.ts'

export const fieldElement = (name: string): string => `f:${name}`
export const valueElement = (value: unknown): string => `v:${JSON.stringify(value)}`

/** `k:{"port":80,"protocol":"TCP"}`: names in order, as Kubernetes writes them. */
export function keyElement(key: ReadonlyArray<readonly [name: string, value: unknown]>): string {
  const sorted = [...key].sort(([a], [b]) => compareText(a, b))
  return `k:{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
}

/** Reads the value of `fieldsV1`; undefined when Kubernetes would refuse it. Elements of unknown kinds are dropped. */
export function parseFields(value: unknown): FieldSet | undefined {
  if (value === undefined || value === null) return emptySet
  const set = isJsonObject(value) ? parseBelow(value, 0) : undefined
  return set && { owned: false, children: set.children }
}

function parseBelow(value: JsonObject, depth: number): FieldSet | undefined {
  if (depth > maxDepth) return undefined
  const names = Object.keys(value)
  if (names.length === 0) return leaf
  const children = new Map<string, FieldSet>()
  let owned = false
  for (const name of names) {
    if (name === '.') owned = true
    if (name[1] !== ':') {
      if (name === '.') continue
      return undefined
    }
    if (!'fkvi'.includes(name.charAt(0))) continue
    const element = normalElement(name)
    const below = value[name]
    const child = element !== undefined && isJsonObject(below) ? parseBelow(below, depth + 1) : undefined
    if (element === undefined || !child) return undefined
    if (!isEmpty(child)) children.set(element, child)
  }
  return { owned: owned || children.size === 0, children }
}

function normalElement(text: string): string | undefined {
  if (text.startsWith('f:')) return text
  try {
    const value: unknown = parseJson(text.slice(2))
    if (text.startsWith('k:')) return isJsonObject(value) ? keyElement(Object.entries(value)) : undefined
    if (text.startsWith('i:')) return Number.isInteger(value) ? `i:${String(value)}` : undefined
    return valueElement(value)
  } catch {
    return undefined
  }
}

/** Most of a set is leaves, and there are a set or two for every object: they share one value, which nobody changes. */
const nothingBelow: JsonObject = Object.freeze({})

/** The value of `fieldsV1`: elements in Kubernetes' order, `.` first. Leaves are frozen. */
export const formatFields = (set: FieldSet): JsonObject => formatBelow(set, false)

/** More are written in steps. */
const mostAtOnce = 4096

/** The same of what may be a long set. */
export function* formatInSteps(set: FieldSet, isItself = false): Steps<JsonObject> {
  if (!hasLong(set, 4)) return formatBelow(set, isItself)
  const out: JsonObject = isItself ? { '.': nothingBelow } : {}
  yield
  const elements = inOrder(set)
  for (const [i, [element, child]] of elements.entries()) {
    if (i % mostAtOnce === 0) yield
    out[element] = elements.length > mostAtOnce ? formatBelow(child, child.owned) : yield* formatInSteps(child, child.owned)
  }
  return out
}

/** Whether one of the sets down to a depth is long; deeper ones are, where there are many of them. */
const hasLong = ({ children }: FieldSet, depth: number): boolean => {
  if (children.size > mostAtOnce) return true
  if (depth > 0) for (const child of children.values()) if (child.children.size > 0 && hasLong(child, depth - 1)) return true
  return false
}

function formatBelow(set: FieldSet, isItself: boolean): JsonObject {
  if (set.children.size === 0) return nothingBelow
  const out: JsonObject = isItself ? { '.': nothingBelow } : {}
  for (const [element, child] of inOrder(set)) out[element] = formatBelow(child, child.owned)
  return out
}

/** Every field of the set as Kubernetes writes paths, `.spec.containers[name="web"].image`: fields before what is below them. */
export function pathsOf(set: FieldSet, prefix = ''): string[] {
  const ordered = inOrder(set)
  const paths = ordered.filter(([, { owned }]) => owned).map(([element]) => prefix + elementText(element))
  return paths.concat(ordered.flatMap(([element, child]) => pathsOf(child, prefix + elementText(element))))
}

export function elementText(element: string): string {
  const text = element.slice(2)
  if (element.startsWith('f:')) return `.${text}`
  if (element.startsWith('i:')) return `[${text}]`
  if (element.startsWith('v:')) return `[=${text}]`
  const key = parseJson(text) as JsonObject
  const parts = Object.keys(key)
    .sort(compareText)
    .map((name) => `${name}=${JSON.stringify(ownValue(key, name))}`)
  return `[${parts.join(',')}]`
}

function inOrder({ children }: FieldSet): Array<readonly [string, FieldSet]> {
  if (children.size < 2) return [...children]
  const elements = [...children.keys()]
  // names alone, which most sets are made of, are in order as text
  if (elements.every((element) => element.startsWith('f:'))) elements.sort()
  else elements.sort(compareElements)
  return elements.map((element) => [element, children.get(element)!])
}

const kindOrder = 'fkvi'

function compareElements(a: string, b: string): number {
  const kind = a.charAt(0)
  if (kind !== b.charAt(0)) return kindOrder.indexOf(kind) - kindOrder.indexOf(b.charAt(0))
  if (kind === 'f') return compareText(a, b)
  if (kind === 'k') return compareKeys(parseJson(a.slice(2)) as JsonObject, parseJson(b.slice(2)) as JsonObject)
  return compareValues(parseJson(a.slice(2)), parseJson(b.slice(2)))
}

function compareKeys(a: JsonObject, b: JsonObject): number {
  const [mine, other] = [Object.keys(a).sort(compareText), Object.keys(b).sort(compareText)]
  for (const [i, name] of mine.entries()) {
    const facing = other[i]
    if (facing === undefined) return 1
    const order = compareText(name, facing) || compareValues(a[name], b[facing])
    if (order !== 0) return order
  }
  return mine.length - other.length
}

const valueOrder = ['number', 'string', 'boolean', 'object']
const isNumeric = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'
const placeOf = (value: unknown): number => valueOrder.indexOf(isNumeric(value) ? 'number' : typeof value)

function compareValues(a: unknown, b: unknown): number {
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0
  const [mine, other] = [placeOf(a), placeOf(b)]
  return mine !== other ? mine - other : compareText(String(a), String(b))
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
