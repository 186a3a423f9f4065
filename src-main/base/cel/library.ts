import { Environment, Optional } from '@marcbachmann/cel-js'
import { addAmounts, amountOf, type Amount, formatAmount } from '../amount.ts'
import { parseQuantity } from '../quantity.ts'
import { Regex } from '../regex.ts'

/** resource.Quantity in a rule. */
class Quantity {
  readonly amount: Amount

  constructor(amount: Amount) {
    this.amount = amount
  }
}

/** What stands before the dot of `sets.contains(a, b)`. */
class Sets {
  readonly name = 'sets'
}

const one = 10n ** 9n
const order = (a: Quantity, b: Quantity): bigint => (a.amount.nano < b.amount.nano ? -1n : a.amount.nano > b.amount.nano ? 1n : 0n)

/** What CEL's matches() calls: it takes RE2's patterns, in time by the length of the text. The library's own backtracks. */
export const linearMatches = 'matchesLinear'

const regexes = new Map<string, Regex>()

function regexOf(pattern: string): Regex {
  let regex = regexes.get(pattern)
  if (!regex) {
    if (regexes.size >= 1000) regexes.clear()
    regexes.set(pattern, (regex = new Regex(pattern)))
  }
  return regex
}

type Comparable = bigint | number | string | boolean | Date

const least = (list: readonly Comparable[], sign: 1 | -1): Comparable => {
  const [first, ...rest] = list
  if (first === undefined) throw new Error(`${sign === 1 ? 'min' : 'max'} called on empty list`)
  return rest.reduce((best, each) => ((sign === 1 ? each < best : each > best) ? each : best), first)
}

const key = (value: unknown): string => JSON.stringify(value, (_name, each: unknown) =>
  typeof each === 'bigint' ? `${each}n` : each instanceof Map ? [...(each as Map<unknown, unknown>)].sort() : each)

const has = (list: readonly unknown[]) => {
  const keys = new Set(list.map(key))
  return (value: unknown): boolean => keys.has(key(value))
}

function sum(list: ReadonlyArray<bigint | number>): bigint | number {
  if (list.some((each) => typeof each === 'number')) return list.reduce<number>((total, each) => total + Number(each), 0)
  return list.reduce<bigint>((total, each) => total + BigInt(each), 0n)
}

const urlOf = (text: string): URL | undefined => {
  try {
    return text.startsWith('/') ? new URL(text, 'http://relative.invalid') : new URL(text)
  } catch {
    // isURL asks just this
    return undefined
  }
}

/** A variable that may be absent, as `optionalOldSelf` has it. */
export const optionalValue = (value: unknown): unknown => (value === undefined ? Optional.none() : Optional.of(value))

/** CEL with the functions that Kubernetes adds, of those that rules in the field use. Variables are declared by the caller. */
export function kubernetesCel(): Environment {
  const env = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false })
  env.registerType('Quantity', Quantity).registerType('Sets', Sets).registerConstant('sets', 'Sets', new Sets())
  const functions: Readonly<Record<string, (...values: never[]) => unknown>> = {
    [`string.${linearMatches}(string): bool`]: (text: string, pattern: string) => regexOf(pattern).test(text),
    'string.charAt(int): string': (text: string, at: bigint) => [...text][Number(at)] ?? '',
    'string.replace(string, string): string': (text: string, from: string, to: string) => text.replaceAll(from, () => to),
    'string.reverse(): string': (text: string) => [...text].reverse().join(''),
    'list.isSorted(): bool': (list: Comparable[]) => list.every((each, i) => i === 0 || list[i - 1]! <= each),
    'list.sum(): dyn': sum,
    'list.min(): dyn': (list: Comparable[]) => least(list, 1),
    'list.max(): dyn': (list: Comparable[]) => least(list, -1),
    'list.indexOf(dyn): int': (list: unknown[], value: unknown) => BigInt(list.map(key).indexOf(key(value))),
    'list.lastIndexOf(dyn): int': (list: unknown[], value: unknown) => BigInt(list.map(key).lastIndexOf(key(value))),
    'list.distinct(): list': (list: unknown[]) => [...new Map(list.map((each) => [key(each), each])).values()],
    'quantity(string): Quantity': (text: string) => {
      if (parseQuantity(text) === undefined) throw new Error('quantities must match the regular expression')
      return new Quantity(amountOf(text))
    },
    'isQuantity(string): bool': (text: string) => parseQuantity(text) !== undefined,
    'Quantity.compareTo(Quantity): int': order,
    'Quantity.isGreaterThan(Quantity): bool': (a: Quantity, b: Quantity) => order(a, b) > 0n,
    'Quantity.isLessThan(Quantity): bool': (a: Quantity, b: Quantity) => order(a, b) < 0n,
    'Quantity.isInteger(): bool': ({ amount }: Quantity) => amount.nano % one === 0n,
    'Quantity.asInteger(): int': ({ amount }: Quantity) => amount.nano / one,
    'Quantity.asApproximateFloat(): double': ({ amount }: Quantity) => Number(amount.nano) / Number(one),
    'Quantity.sign(): int': ({ amount }: Quantity) => (amount.nano > 0n ? 1n : amount.nano < 0n ? -1n : 0n),
    'Quantity.add(Quantity): Quantity': (a: Quantity, b: Quantity) => new Quantity(addAmounts(a.amount, b.amount)),
    'Quantity.sub(Quantity): Quantity': (a: Quantity, b: Quantity) => new Quantity(addAmounts(a.amount, { ...b.amount, nano: -b.amount.nano })),
    'string(Quantity): string': ({ amount }: Quantity) => formatAmount(amount),
    'Sets.contains(list, list): bool': (_sets: Sets, a: unknown[], b: unknown[]) => b.every(has(a)),
    'Sets.equivalent(list, list): bool': (_sets: Sets, a: unknown[], b: unknown[]) => b.every(has(a)) && a.every(has(b)),
    'Sets.intersects(list, list): bool': (_sets: Sets, a: unknown[], b: unknown[]) => b.some(has(a)),
    'isURL(string): bool': (text: string) => urlOf(text) !== undefined,
  }
  for (const [signature, handler] of Object.entries(functions)) env.registerFunction(signature, handler as (...values: unknown[]) => unknown)
  return env
}

