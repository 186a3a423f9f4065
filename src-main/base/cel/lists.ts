import type { EnvironmentPart } from './part.ts'

/** What stands before the dot of `sets.contains(a, b)`. */
class Sets {
  readonly name = 'sets'
}

type Comparable = bigint | number | string | boolean | Date

const least = (list: readonly Comparable[], sign: 1 | -1): Comparable => {
  const [first, ...rest] = list
  if (first === undefined) throw new Error(`${sign === 1 ? 'min' : 'max'} called on empty list`)
  return rest.reduce((best, each) => ((sign === 1 ? each < best : each > best) ? each : best), first)
}

const key = (value: unknown): string => JSON.stringify(value, function (this: Record<string, unknown>, name, each: unknown) {
  // what stands there itself, since an integer has been made JSON by now
  const own = this[name]
  return typeof own === 'bigint' ? `${own}n` : each instanceof Map ? [...(each as Map<unknown, unknown>)].sort() : each
})

const has = (list: readonly unknown[]) => {
  const keys = new Set(list.map(key))
  return (value: unknown): boolean => keys.has(key(value))
}

function sum(list: ReadonlyArray<bigint | number>): bigint | number {
  if (list.some((each) => typeof each === 'number')) return list.reduce<number>((total, each) => total + Number(each), 0)
  return list.reduce<bigint>((total, each) => total + BigInt(each), 0n)
}

/** Lists of k8s.io/apiserver/pkg/cel/library, and sets of cel-go's extensions. */
export const listPart: EnvironmentPart = {
  types: { Sets },
  constants: { sets: ['Sets', new Sets()] },
  functions: {
    'list.isSorted(): bool': (list: Comparable[]) => list.every((each, i) => i === 0 || list[i - 1]! <= each),
    'list<A>.sum(): A': sum,
    'list<A>.min(): A': (list: Comparable[]) => least(list, 1),
    'list<A>.max(): A': (list: Comparable[]) => least(list, -1),
    'list<A>.indexOf(A): int': (list: unknown[], value: unknown) => BigInt(list.map(key).indexOf(key(value))),
    'list<A>.lastIndexOf(A): int': (list: unknown[], value: unknown) => BigInt(list.map(key).lastIndexOf(key(value))),
    'list<A>.distinct(): list<A>': (list: unknown[]) => [...new Map(list.map((each) => [key(each), each])).values()],
    'Sets.contains(list<A>, list<A>): bool': (_sets: Sets, a: unknown[], b: unknown[]) => b.every(has(a)),
    'Sets.equivalent(list<A>, list<A>): bool': (_sets: Sets, a: unknown[], b: unknown[]) => b.every(has(a)) && a.every(has(b)),
    'Sets.intersects(list<A>, list<A>): bool': (_sets: Sets, a: unknown[], b: unknown[]) => b.some(has(a)),
  },
}
