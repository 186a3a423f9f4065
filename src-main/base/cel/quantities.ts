import { call, type Library, member } from './declarations.ts'
import { parseQuantity, Quantity, quantityType } from './quantity.ts'
import { bool, double, int, string, type Type } from './types.ts'

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text)
    return true
  } catch {
    // the question is just this
    return false
  }
}

function wholeOf({ integer }: Quantity): bigint {
  if (integer === undefined) throw new Error('cannot convert value to integer')
  return integer
}

const asks = <T>(result: Type, run: (of: Quantity) => T) => [member([quantityType], result, run)]
const compares = <T>(result: Type, run: (one: Quantity, other: Quantity) => T) => [member([quantityType, quantityType], result, run)]
/** Adds a quantity or a whole number, after `turn`. */
const adds = (turn: (amount: Quantity) => Quantity) => [
  member([quantityType, quantityType], quantityType, (one: Quantity, other: Quantity) => one.plus(turn(other))),
  member([quantityType, int], quantityType, (one: Quantity, value: bigint) => one.plus(turn(new Quantity(value, 0, true)))),
]

/** Of k8s.io/apiserver/pkg/cel/library. */
export const quantityLibrary: Library = {
  functions: {
    quantity: [call([string], quantityType, parseQuantity)],
    isQuantity: [call([string], bool, isQuantity)],
    sign: [call([quantityType], int, ({ sign }: Quantity) => sign)],
    compareTo: compares(int, (one, other) => one.compare(other)),
    isGreaterThan: compares(bool, (one, other) => one.compare(other) > 0n),
    isLessThan: compares(bool, (one, other) => one.compare(other) < 0n),
    isInteger: asks(bool, ({ integer }) => integer !== undefined),
    asInteger: asks(int, wholeOf),
    asApproximateFloat: asks(double, ({ float }) => float),
    add: adds((amount) => amount),
    sub: adds(({ negative }) => negative),
  },
}
