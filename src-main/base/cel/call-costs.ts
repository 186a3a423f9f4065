import type { Overload } from './declarations.ts'
import { isMap, lengthOf, OpaqueValue, Optional, sizeOf } from './values.ts'

/** StringTraversalCostFactor and RegexStringLengthCostFactor of cel-go's common/cost.go. */
const perCharacter = 0.1
const perPatternCharacter = 0.25

type Values = readonly unknown[]
/** What a call costs in the run, besides what it is given. */
export type CallCost = (args: Values, result: unknown) => number

function size(value: unknown): number {
  const found = sizeOf(value)
  if (found !== undefined) return found
  return value instanceof Optional && value.value !== undefined ? size(value.value) : 1
}

const through = (of: unknown, often = 1): number => Math.ceil(size(of) * often * perCharacter)
const one: CallCost = () => 1

/** A whole value once; bytes of a text. */
function traversal(value: unknown): number {
  if (typeof value === 'string') return Math.floor(Buffer.byteLength(value) * perCharacter)
  if (value instanceof Uint8Array) return Math.floor(value.length * perCharacter)
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + traversal(each), 0)
  return isMap(value) ? [...value.keys()].reduce<number>((sum, key) => sum + traversal(key) + traversal(value.get(key)), 0) : 1
}

const matching: CallCost = ([text, pattern]) => Math.ceil((1 + size(text)) * perCharacter) * Math.ceil(size(pattern) * perPatternCharacter)

/** What makes a list: a call, a list, and what is gone through. */
const listCall = (amount: number): number => Math.floor(amount) + 1 + 10

function pairs(list: unknown): number {
  if (!Array.isArray(list)) return 1
  const count = list.length
  const isText = typeof list[0] === 'string' || list[0] instanceof Uint8Array
  return listCall(count * count * (2 + (isText ? perCharacter : 0)))
}

function selector([, text]: Values): number {
  const length = size(text)
  return 10 + Math.ceil(length * perCharacter) + Math.ceil(Math.ceil(length * 0.5) * 50)
}

const joined: CallCost = ([list, separator = '']) => {
  if (!Array.isArray(list)) return 1
  const lengths = list.reduce<number>((sum, each) => sum + (typeof each === 'string' ? lengthOf(each) : 0), 0)
  return Math.ceil((lengths + Math.max(list.length - 1, 0) * size(separator)) * 2 * perCharacter)
}

const texts: CallCost = ([text]) => through(text)
const smaller: CallCost = ([a, b]) => Math.ceil(Math.min(size(a), size(b)) * perCharacter)
const sum: CallCost = ([a, b]) => Math.ceil((size(a) + size(b)) * perCharacter)

/** By name: CallCost of k8s.io/apiserver/pkg/cel/library, and the trackers of cel-go's libraries. */
const byName: Readonly<Record<string, CallCost>> = {
  'check': () => 350_000,
  'fieldSelector': selector, 'labelSelector': selector,
  'isSorted': ([list]) => traversal(list), 'sum': ([list]) => traversal(list), 'max': ([list]) => traversal(list), 'min': ([list]) => traversal(list),
  'indexOf': ([list]) => traversal(list), 'lastIndexOf': ([list]) => traversal(list),
  'url': texts, 'lowerAscii': texts, 'upperAscii': texts, 'substring': texts, 'trim': texts, 'jsonpatch.escapeKey': texts,
  'replace': ([text]) => through(text, 2), 'split': ([text]) => through(text, 2), 'join': joined,
  'find': matching, 'findAll': matching, 'matches': matching,
  'cidr': texts, 'isIP': texts, 'isCIDR': texts, 'ip.isCanonical': ([text]) => through(text, 2),
  'ip': ([text]) => (typeof text === 'string' ? through(text) : 1),
  'containsIP': ([cidr, other]) => through(cidr, 2) + (typeof other === 'string' ? through(other) : 0),
  'containsCIDR': ([cidr, other]) => through(cidr, 2) + through(cidr) + 1 + (typeof other === 'string' ? through(other) : 0),
  'quantity': texts, 'isQuantity': texts, 'semver': texts, 'isSemver': texts,
  'validate': ([format, text]) => Math.ceil((1 + size(text)) * perCharacter) * Math.ceil(((format as { pattern?: number }).pattern ?? 0) * perPatternCharacter),
  '_==_': (values) => (values[0] instanceof OpaqueValue ? 1 : smaller(values, undefined)),
  '_!=_': smaller,
  'startsWith': ([, part]) => through(part), 'endsWith': ([, part]) => through(part), 'strings.quote': texts, 'format': texts,
  'contains': ([text, part]) => through(text) * through(part),
  'slice': (_args, result) => listCall(size(result)), 'lists.range': ([count]) => listCall(typeof count === 'bigint' ? Math.max(Number(count), 0) : 1), 'reverse': ([list]) => listCall(Array.isArray(list) ? list.length : 1),
  'flatten': ([list, depth = 1n]) => listCall(size(list) * (typeof depth !== 'bigint' || depth < 0n ? 1 : Number(depth))),
  'distinct': ([list]) => pairs(list), 'sort': ([list]) => pairs(list), '@sortByAssociatedKeys': ([, keys]) => pairs(keys),
  'sets.contains': ([a, b]) => 1 + size(a) * size(b), 'sets.intersects': ([a, b]) => 1 + size(a) * size(b), 'sets.equivalent': ([a, b]) => 1 + size(a) * size(b) * 2,
}

const comparing = new Set(['_<_', '_<=_', '_>_', '_>=_'])
const isText = (kind: string | undefined): boolean => kind === 'string' || kind === 'bytes'

/** What a call costs; `overload` is given where the checker found out which it is. */
export function callCost(name: string, overload: Overload | undefined): CallCost {
  if (Object.hasOwn(byName, name)) return byName[name]!
  const kind = overload?.args[0]?.kind
  if (comparing.has(name)) return isText(kind) ? smaller : one
  if (name === '_+_') return isText(kind) ? sum : one
  if (name === '@in') return overload?.args[1]?.kind === 'list' ? ([, list]) => size(list) : one
  if ((name === 'string' && kind === 'bytes') || (name === 'bytes' && kind === 'string')) return texts
  return one
}

/** Those whose cost is known by what they made. */
export const costsAfterwards = (name: string): boolean => name === 'slice'
