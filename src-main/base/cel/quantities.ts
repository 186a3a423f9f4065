import { addAmounts, amountOf, type Amount, formatAmount } from '../amount.ts'
import { parseQuantity } from '../quantity.ts'
import type { EnvironmentPart } from './part.ts'

/** resource.Quantity in an expression. */
export class Quantity {
  readonly amount: Amount

  constructor(amount: Amount) {
    this.amount = amount
  }
}

const one = 10n ** 9n
const int64 = 2n ** 63n
const order = (a: Quantity, b: Quantity): bigint => (a.amount.nano < b.amount.nano ? -1n : a.amount.nano > b.amount.nano ? 1n : 0n)
const plus = (a: Amount, b: Amount): Quantity => new Quantity(addAmounts(a, b))
const whole = (value: bigint): Amount => ({ nano: value * one, family: 'exponent' })
const negative = (amount: Amount): Amount => ({ ...amount, nano: -amount.nano })
const isInteger = ({ amount: { nano } }: Quantity): boolean => nano % one === 0n && nano / one < int64 && nano / one >= -int64

/** Of k8s.io/apiserver/pkg/cel/library. */
export const quantityPart: EnvironmentPart = {
  types: { 'kubernetes.Quantity': Quantity },
  equal: { 'kubernetes.Quantity': (a: Quantity, b: Quantity) => order(a, b) === 0n },
  functions: {
    'quantity(string): kubernetes.Quantity': (text: string) => {
      if (parseQuantity(text) === undefined) throw new Error("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
      return new Quantity(amountOf(text))
    },
    'isQuantity(string): bool': (text: string) => parseQuantity(text) !== undefined,
    'kubernetes.Quantity.compareTo(kubernetes.Quantity): int': order,
    'kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool': (a: Quantity, b: Quantity) => order(a, b) > 0n,
    'kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool': (a: Quantity, b: Quantity) => order(a, b) < 0n,
    'kubernetes.Quantity.isInteger(): bool': isInteger,
    'kubernetes.Quantity.asInteger(): int': (quantity: Quantity) => {
      if (!isInteger(quantity)) throw new Error('cannot convert value to integer')
      return quantity.amount.nano / one
    },
    'kubernetes.Quantity.asApproximateFloat(): double': ({ amount }: Quantity) => Number(amount.nano) / Number(one),
    'kubernetes.Quantity.sign(): int': ({ amount }: Quantity) => (amount.nano > 0n ? 1n : amount.nano < 0n ? -1n : 0n),
    'sign(kubernetes.Quantity): int': ({ amount }: Quantity) => (amount.nano > 0n ? 1n : amount.nano < 0n ? -1n : 0n),
    'kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity': (a: Quantity, b: Quantity) => plus(a.amount, b.amount),
    'kubernetes.Quantity.add(int): kubernetes.Quantity': ({ amount }: Quantity, value: bigint) => plus(amount, whole(value)),
    'kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity': (a: Quantity, b: Quantity) => plus(a.amount, negative(b.amount)),
    'kubernetes.Quantity.sub(int): kubernetes.Quantity': ({ amount }: Quantity, value: bigint) => plus(amount, negative(whole(value))),
    'string(kubernetes.Quantity): string': ({ amount }: Quantity) => formatAmount(amount),
  },
}
