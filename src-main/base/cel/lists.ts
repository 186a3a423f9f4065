import { call, type Library, member, unguarded } from './declarations.ts'
import { add } from './operators.ts'
import * as t from './types.ts'
import { formatType } from './types.ts'
import { compare, Duration, Failure, isEqual, keyOf, noOverload, TooMuch, typeOf, Uint } from './values.ts'

const { bool, bytes, double, duration, int, string, timestamp, uint } = t
const comparable = [int, uint, double, bool, duration, timestamp, string, bytes]
const a = t.param('A')
const [listA, listDyn] = [t.list(a), t.list(t.dyn)]

type Items = readonly unknown[]

function isSorted(list: Items): unknown {
  for (let i = 1; i < list.length; i++) {
    const order = compare(list[i - 1], list[i])
    if (order === 1) return false
  }
  return true
}

const best = (word: string, replaces: number) => (list: Items): unknown => {
  if (list.length === 0) return new Failure(`${word} called on empty list`)
  return list.reduce((found, each) => (compare(found, each) === replaces ? each : found))
}

const sum = (zero: unknown) => (list: Items): unknown => {
  let total = zero
  for (const each of list) {
    total = add(total, each)
    if (total === undefined || total instanceof Failure) return total ?? noOverload
  }
  return total
}

function slice(list: Items, start: bigint, end: bigint): unknown {
  const wrong = (sentence: string): Failure => new Failure(`cannot slice(${start}, ${end}), ${sentence}`)
  if (start < 0n || end < 0n) return wrong('negative indexes not supported')
  if (start > end) return wrong('start index must be less than or equal to end index')
  return BigInt(list.length) < end ? wrong(`list is length ${list.length}`) : list.slice(Number(start), Number(end))
}

/** More would be no list that an expression could use. */
const longestList = 500_000

function flattenInto(made: unknown[], list: Items, depth: number): void {
  for (const each of list) {
    if (depth > 0 && Array.isArray(each)) flattenInto(made, each, depth - 1)
    else if (made.push(each) > longestList) throw new TooMuch(`a list of more than ${longestList} items`)
  }
}

function flatten(list: Items, depth?: bigint): unknown {
  if (!Array.isArray(list)) return new Failure(`no such overload: ${formatType(typeOf(list))}.flatten(${depth === undefined ? '' : 'int'})`)
  if (depth !== undefined && depth < 0n) return new Failure('level must be non-negative')
  const made: unknown[] = []
  flattenInto(made, list, depth === undefined ? 1 : Number(depth > 300n ? 300n : depth))
  return made
}

/** As cel-go has it. */
const longestRange = 1_000_000n

function range(count: bigint): unknown {
  if (count < 0n) return new Failure(`lists.range: size must be non-negative, got ${count}`)
  if (count > longestRange) return new Failure(`lists.range: size ${count} exceeds maximum allowed (${longestRange})`)
  return Array.from({ length: Number(count) }, (_, i) => BigInt(i))
}

function sortBy(list: unknown, keys: unknown): unknown {
  return Array.isArray(list) && Array.isArray(keys) ? sorted(list, keys) : undefined
}

function sorted(list: Items, keys: Items): unknown {
  if (list.length !== keys.length) return new Failure(`@sortByAssociatedKeys() expected a list of the same size as the associated keys list, but got ${list.length} and ${keys.length} elements respectively`)
  let wrong: Failure | undefined
  const order = [...keys.keys()].sort((i, j) => {
    const found = compare(keys[i], keys[j])
    if (found instanceof Failure || typeof keys[i] !== typeof keys[j]) wrong ??= new Failure(list.length === 1 ? 'list elements must be comparable' : 'list elements must have the same type')
    return found instanceof Failure ? 0 : found
  })
  return wrong ?? order.map((i) => list[i])
}

/** Comparing every pair would take as long as the square. */
function distinct(list: Items): unknown {
  const seen = new Set<string>()
  return list.filter((each) => {
    const key = keyOf(each)
    return seen.has(key) ? false : seen.add(key)
  })
}

/** Lists of k8s.io/apiserver/pkg/cel/library, and those of cel-go's extensions, version 3. */
export const listLibrary: Library = {
  functions: {
    'isSorted': comparable.map((each) => member([t.list(each)], bool, isSorted)),
    'sum': ([[int, 0n], [uint, new Uint(0n)], [double, 0], [duration, new Duration(0n)]] as const).map(([each, zero]) => member([t.list(each)], each, sum(zero))),
    'max': comparable.map((each) => member([t.list(each)], each, best('max', -1))),
    'min': comparable.map((each) => member([t.list(each)], each, best('min', 1))),
    'indexOf': [member([listA, a], int, (list: Items, value: unknown) => BigInt(list.findIndex((each) => isEqual(each, value))))],
    'lastIndexOf': [member([listA, a], int, (list: Items, value: unknown) => BigInt(list.findLastIndex((each) => isEqual(each, value))))],
    'slice': [member([listA, int, int], listA, slice)],
    'flatten': [unguarded(member([t.list(listA)], listA, (list: Items) => flatten(list))), unguarded(member([listDyn, int], listDyn, flatten))],
    'sort': comparable.map((each) => member([t.list(each)], t.list(each), (list: unknown) => sortBy(list, list))),
    '@sortByAssociatedKeys': comparable.map((each) => member([listA, t.list(each)], listA, sortBy)),
    'lists.range': [call([int], t.list(int), range)],
    'reverse': [member([listA], listA, (list: Items) => [...list].reverse())],
    'distinct': [member([listA], listA, distinct)],
  },
}

const containsAll = (all: Items, some: Items): boolean => {
  const keys = new Set(all.map(keyOf))
  return some.every((each) => keys.has(keyOf(each)))
}
const overlap = (one: Items, other: Items): boolean => {
  const keys = new Set(one.map(keyOf))
  return other.some((each) => keys.has(keyOf(each)))
}

/** Sets of cel-go's extensions. */
export const setLibrary: Library = {
  functions: {
    'sets.contains': [call([listA, listA], bool, containsAll)],
    'sets.equivalent': [call([listA, listA], bool, (one: Items, other: Items) => containsAll(one, other) && containsAll(other, one))],
    'sets.intersects': [call([listA, listA], bool, overlap)],
  },
}
