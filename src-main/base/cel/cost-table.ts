import { endless, exactly, plus, scaled, type Size, sizePlus, sizeTimes, times } from './cost-sizes.ts'
import type { Overload } from './declarations.ts'
import { isSame, type Kind, type Type } from './types.ts'

/** What is known of a value that a function is given. */
export interface Operand {
  readonly size: Size
  readonly type: Type
  /** The value, where the expression says it. */
  readonly literal: unknown
  /** The items of a list; undefined for what is none. */
  readonly items: Omit<Operand, 'items' | 'literal'> | undefined
}

/** What a call costs at most besides what it is given, and how much it makes. */
export interface Estimate {
  readonly cost: number
  readonly size?: Size
}

export interface Given {
  readonly target: Operand | undefined
  readonly args: readonly Operand[]
  /** The one of the function's overloads that is looked at. */
  readonly overload: Overload | undefined
}

/** ConstCost, SelectAndIdentCost, ListCreateBaseCost, MapCreateBaseCost, StructCreateBaseCost of cel-go's common/cost.go. */
export const costs = { literal: 0, access: 1, list: 10, map: 30, message: 40 } as const
/** StringTraversalCostFactor and RegexStringLengthCostFactor. */
export const perCharacter = 0.1
const perPatternCharacter = 0.25

/** Functions that cost one, whatever they are given: EstimateCallCost of k8s.io/apiserver/pkg/cel/library. */
const nominal: ReadonlySet<string> = new Set([
  'serviceAccount', 'path', 'group', 'resource', 'subresource', 'namespace', 'name', 'allowed', 'reason', 'error', 'errored',
  'masked', 'prefixLength', 'family', 'isUnspecified', 'isLoopback', 'isLinkLocalMulticast', 'isLinkLocalUnicast', 'isGlobalUnicast',
  'sign', 'asInteger', 'isInteger', 'asApproximateFloat', 'isGreaterThan', 'isLessThan', 'compareTo', 'add', 'sub', 'major', 'minor', 'patch',
  'getScheme', 'getHostname', 'getHost', 'getPort', 'getEscapedPath', 'getQuery', 'format.named',
])

/** Functions that go through a text: whose, how often, and whether they make one as long. */
const traversals: Readonly<Record<string, { readonly of: 'target' | 'argument'; readonly times?: number; readonly keeps?: boolean }>> = {
  lowerAscii: { of: 'target', keeps: true }, upperAscii: { of: 'target', keeps: true }, substring: { of: 'target', keeps: true }, trim: { of: 'target', keeps: true },
  url: { of: 'argument', keeps: true }, 'jsonpatch.escapeKey': { of: 'argument', keeps: true },
  cidr: { of: 'argument' }, isIP: { of: 'argument' }, isCIDR: { of: 'argument' }, 'ip.isCanonical': { of: 'argument', times: 2 },
  quantity: { of: 'argument' }, isQuantity: { of: 'argument' }, semver: { of: 'argument' }, isSemver: { of: 'argument' },
  startsWith: { of: 'argument' }, endsWith: { of: 'argument' },
}

/** Values of these are compared at a price of their own. */
const comparisons: Readonly<Record<string, number>> = {
  'net.IP': 1, 'net.CIDR': 1, 'kubernetes.Quantity': 1, 'kubernetes.Semver': 1, 'kubernetes.NamedFormat': scaled(64, perCharacter),
  ...Object.fromEntries(['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map((name) => [`kubernetes.authorization.${name}`, 1])),
}

const isText = (kind: Kind | undefined): boolean => kind === 'string' || kind === 'bytes'
/** What an overload takes in a place; the target comes first. */
const kindAt = ({ overload }: Given, i: number): Kind | undefined => overload?.args[i]?.kind
const through = (size: Size, often = 1): number => scaled(size.max, often * perCharacter)
/** As a conversion to uint64 makes it. */
const unsigned = (arg: Operand | undefined): number | undefined => (typeof arg?.literal === 'bigint' ? (arg.literal < 0n ? endless : Number(arg.literal)) : undefined)
const countOf = (arg: Operand | undefined): number | undefined => (typeof arg?.literal === 'bigint' ? Math.max(Number(arg.literal), 0) : undefined)

function overItems({ target }: Given): Estimate | undefined {
  if (!target) return undefined
  const { items } = target
  // a text has positions too
  return { cost: items ? times(target.size.max, 1 + (isText(items.type.kind) ? through(items.size) : 0)) : through(target.size) }
}

function replace({ target, args: [from, to] }: Given): Estimate | undefined {
  if (!target || !from || !to) return undefined
  const { size } = target
  const grows = to.size.max > from.size.min
  const longest = from.size.min === 0
    ? plus(times(Math.min(size.max + 1, endless), to.size.max), size.max)
    : grows ? times(Math.ceil(size.max / from.size.min), to.size.max) : size.max
  return { cost: through(size, 2), size: { min: 0, max: longest } }
}

function join({ target, args: [separator] }: Given): Estimate | undefined {
  if (!target) return undefined
  const items = target.items ? sizeTimes(target.size, target.items.size) : exactly(0)
  const gaps = { min: Math.max(target.size.min - 1, 0), max: Math.max(target.size.max - 1, 0) }
  const size = separator ? sizePlus(items, sizeTimes(separator.size, gaps)) : items
  return { cost: through(size), size }
}

function matching(text: Operand | undefined, pattern: Operand | undefined): number | undefined {
  if (!text || !pattern) return undefined
  return times(scaled(plus(text.size.max, 1), perCharacter), scaled(pattern.size.max, perPatternCharacter))
}

function find({ target, args: [pattern] }: Given): Estimate | undefined {
  const cost = matching(target, pattern)
  return cost === undefined ? undefined : { cost, size: { min: 0, max: target!.size.max } }
}

/** Addresses are of four to sixteen bytes. */
const address = { min: 4, max: 16 }
const parsed = (given: Given): number => (given.args[0] && kindAt(given, 1) === 'string' ? through(given.args[0].size) : 0)

/** What makes a list: by how many items it goes through, and how often. */
const listCall = (size: Size, often = 1): Estimate => ({ cost: plus(scaled(size.max, often), 1, costs.list), size })

/** Comparing each item with each other: what cel-go's lists take for sorting. */
const sorting = (keys: Size, kind: Kind | undefined): Estimate => listCall(sizeTimes(keys, keys), 2 + (isText(kind) ? perCharacter : 0))

function selector(text: Size): Estimate {
  return { cost: plus(costs.list, through(text), scaled(scaled(text.max, 0.5), costs.list + costs.message)) }
}

const fromBytes = ({ args: [bytes] }: Given): Estimate | undefined => bytes && { cost: through(bytes.size), size: { min: Math.floor(bytes.size.min / 4), max: bytes.size.max } }
const fromText = ({ args: [text] }: Given): Estimate | undefined => text && { cost: through(text.size), size: { min: text.size.min, max: times(text.size.max, 4) } }

/** As unsigned numbers have it: there is nothing below zero. */
const difference = (a: number, b: number): number => (a < b ? endless : a - b)

const pairwise = (often: number) => ({ args: [a, b] }: Given): Estimate | undefined =>
  a && b && { cost: plus(scaled(times(a.size.max, b.size.max), often), 1) }

const functions: Readonly<Record<string, (given: Given) => Estimate | undefined>> = {
  check: () => ({ cost: 350_000 }),
  isSorted: overItems, sum: overItems, max: overItems, min: overItems, indexOf: overItems, lastIndexOf: overItems,
  replace, join, find, findAll: find,
  split: ({ target, args }) => target && { cost: through(target.size, 2), size: { min: 0, max: unsigned(args[1]) ?? target.size.max } },
  ip: ({ target, args: [text] }) => ({ cost: target || !text ? 1 : through(text.size) }),
  containsIP: (given) => ({ cost: plus(scaled(2 * address.max, perCharacter), parsed(given)) }),
  containsCIDR: (given) => ({ cost: plus(scaled(2 * address.max, perCharacter), scaled(address.max, perCharacter), 1, parsed(given)) }),
  fieldSelector: ({ args: [text] }) => text && selector(text.size),
  labelSelector: ({ args: [text] }) => text && selector(text.size),
  // MaxNameFormatRegexSize is 128
  validate: ({ args: [text] }) => text && { cost: scaled(through(text.size), 128 * perPatternCharacter) },
  contains: ({ target, args: [part] }) => target && part && { cost: times(through(target.size), through(part.size)) },
  matches: ({ target, args }) => {
    const cost = target ? matching(target, args[0]) : matching(args[0], args[1])
    return cost === undefined ? undefined : { cost }
  },
  string: (given) => (kindAt(given, 0) === 'bytes' ? fromBytes(given) : undefined),
  bytes: (given) => (kindAt(given, 0) === 'string' ? fromText(given) : undefined),
  format: ({ target }) => target && { cost: through(target.size) },
  'strings.quote': ({ args: [text] }) => text && { cost: through(text.size), size: { min: text.size.min + 2, max: plus(times(text.size.max, 2), 2) } },
  'sets.contains': pairwise(1), 'sets.intersects': pairwise(1), 'sets.equivalent': pairwise(2),
  slice: ({ target, args: [from, to] }) => target && listCall(exactly(difference(countOf(to) ?? target.size.max, countOf(from) ?? 0))),
  'lists.range': ({ args: [count] }) => listCall(exactly(countOf(count) ?? endless)),
  reverse: ({ target }) => target && listCall(target.size),
  flatten: ({ target, args }) => target && listCall(target.size, args.length === 0 ? 1 : (countOf(args[0]) ?? endless)),
  distinct: ({ target }) => target && sorting(target.size, target.items?.type.kind),
  sort: ({ target, overload }) => target && sorting(target.size, overload?.args[0]?.params[0]?.kind),
  '@sortByAssociatedKeys': ({ args: [keys], overload }) => keys && sorting(keys.size, overload?.args[1]?.params[0]?.kind),
}

/** What a call of a function costs, without what it is given. Functions that nobody gave a price cost one. */
export function callEstimate(name: string, given: Given): Estimate {
  if (nominal.has(name)) return { cost: 1 }
  const traversal = Object.hasOwn(traversals, name) ? traversals[name] : undefined
  const text = traversal?.of === 'target' ? given.target : given.args[0]
  if (traversal && text) return { cost: through(text.size, traversal.times), ...(traversal.keeps ? { size: text.size } : {}) }
  return (Object.hasOwn(functions, name) ? functions[name]!(given) : undefined) ?? { cost: 1 }
}

const comparing = new Set(['_==_', '_!=_', '_<_', '_<=_', '_>_', '_>=_'])
export const isComparison = (name: string): boolean => comparing.has(name)

/** What it costs to compare two values, or to tell which is less. */
export function comparison(name: string, { args: [a, b], overload }: Given): number {
  const sized = through({ min: 0, max: Math.min(a!.size.max, b!.size.max) })
  if (name !== '_==_') return name === '_!=_' || isText(overload?.args[0]?.kind) ? sized : 1
  if (!isSame(a!.type, b!.type)) return sized
  const { name: type } = a!.type
  if (type === 'kubernetes.URL') return through(b!.size.max === endless ? exactly(1) : b!.size)
  return Object.hasOwn(comparisons, type) ? comparisons[type]! : sized
}
