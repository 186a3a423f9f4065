import { isJsonObject, ownValue, parseJson, type JsonObject } from '../../base/json.ts'
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
  const found: Found = { owned: false, children: new Map() }
  for (const name of names) {
    const element = elementNamed(found, name)
    if (element === undefined) continue
    const below = value[name]
    if (element === false || !put(found, element, isJsonObject(below) ? parseBelow(below, depth + 1) : undefined)) return undefined
  }
  return whole(found)
}

interface Found {
  owned: boolean
  readonly children: Map<string, FieldSet>
}

const whole = ({ owned, children }: Found): FieldSet => ({ owned: owned || children.size === 0, children })

/** Which element a name means; undefined for none, and false for what Kubernetes would refuse. */
function elementNamed(found: Found, name: string): string | undefined | false {
  if (name === '.') found.owned = true
  if (name[1] !== ':') return name === '.' ? undefined : false
  return 'fkvi'.includes(name.charAt(0)) ? (normalElement(name) ?? false) : undefined
}

/** Whether it could be read. */
function put({ children }: Found, element: string, child: FieldSet | undefined): boolean {
  if (child && !isEmpty(child)) children.set(element, child)
  return child !== undefined
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
  const ordered = elements.every((element) => element.startsWith('f:')) ? elements.sort() : elements.map(placeOf).sort(comparePlaces).map(({ element }) => element)
  return ordered.map((element) => [element, children.get(element)!])
}

/** An element read once, however often it is compared. */
interface Place {
  readonly element: string
  readonly kind: number
  /** The members of a key in the order of their names; of what is no key, its value. */
  readonly parts: ReadonlyArray<readonly [name: string, value: unknown]>
}

function placeOf(element: string): Place {
  const kind = 'fkvi'.indexOf(element.charAt(0))
  const text = element.slice(2)
  if (element.startsWith('f')) return { element, kind, parts: [['', text]] }
  const value = parseJson(text)
  return { element, kind, parts: element.startsWith('k') ? Object.entries(value as JsonObject).sort(([a], [b]) => compareText(a, b)) : [['', value]] }
}

function comparePlaces(a: Place, b: Place): number {
  if (a.kind !== b.kind) return a.kind - b.kind
  for (const [i, [name, value]] of a.parts.entries()) {
    const facing = b.parts[i]
    if (facing === undefined) return 1
    const order = compareText(name, facing[0]) || compareValues(value, facing[1])
    if (order !== 0) return order
  }
  return a.parts.length - b.parts.length
}

const valueOrder = ['number', 'string', 'boolean', 'object']
const isNumeric = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint'
const rankOf = (value: unknown): number => valueOrder.indexOf(isNumeric(value) ? 'number' : typeof value)

function compareValues(a: unknown, b: unknown): number {
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0
  const [mine, other] = [rankOf(a), rankOf(b)]
  return mine !== other ? mine - other : compareText(String(a), String(b))
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
