import { call, type Library, member } from './declarations.ts'
import { add, divide, multiply, negate, remainder, subtract } from './operators.ts'
import * as t from './types.ts'
import type { Type } from './types.ts'
import { compare, find, isEqual, isMap, noOverload, OpaqueValue, Optional, sizeOf, unordered } from './values.ts'

const { bool, bytes, double, duration, int, string, timestamp, uint } = t
const [a, b] = [t.param('A'), t.param('B')]
const [listOfA, mapOfAB] = [t.list(a), t.map(a, b)]

type Operator = (left: unknown, right: unknown) => unknown

/** An operator for each pair of types; what values of any other type bring is found out in the run. */
const operator = (run: Operator, ...signatures: ReadonlyArray<readonly [left: Type, right: Type, result: Type]>) => signatures.map(([left, right, result]) => call([left, right], result, run))

const same = (...types: Type[]): ReadonlyArray<readonly [Type, Type, Type]> => types.map((type) => [type, type, type])

const isComparable = (value: unknown): boolean => !Array.isArray(value) && !isMap(value) && value !== null && !(value instanceof Optional) && !(value instanceof OpaqueValue)

const ordering = (test: (order: number) => boolean) => {
  const run: Operator = (left, right) => {
    const order = isComparable(left) ? compare(left, right) : undefined
    return order === unordered ? false : typeof order === 'number' ? test(order) : order
  }
  const pairs: ReadonlyArray<readonly [Type, Type]> = [
    [bool, bool], [int, int], [int, double], [int, uint], [uint, uint], [uint, double], [uint, int], [double, double], [double, int], [double, uint], [string, string],
    [bytes, bytes], [timestamp, timestamp], [duration, duration],
  ]
  return operator(run, ...pairs.map(([left, right]) => [left, right, bool] as const))
}

const contains: Operator = (value, container) => {
  if (Array.isArray(container)) return container.some((each) => isEqual(each, value))
  return isMap(container) ? find(container, value) !== undefined : noOverload
}

const size = (value: unknown): unknown => {
  const found = sizeOf(value)
  return found === undefined ? undefined : BigInt(found)
}

const wellKnown = {
  Any: t.any, Value: t.dyn, Struct: t.map(string, t.dyn), ListValue: t.list(t.dyn),
  BoolValue: t.wrapper(bool), BytesValue: t.wrapper(bytes), DoubleValue: t.wrapper(double), FloatValue: t.wrapper(double), Int32Value: t.wrapper(int), Int64Value: t.wrapper(int),
  StringValue: t.wrapper(string), UInt32Value: t.wrapper(uint), UInt64Value: t.wrapper(uint),
}

/** The language itself. What has no work here is done by the evaluation. */
export const standardLibrary: Library = {
  types: [bool, bytes, double, duration, int, t.list(t.dyn), t.map(t.dyn, t.dyn), t.nullType, string, timestamp, t.type, uint],
  names: {
    ...Object.fromEntries(Object.entries(wellKnown).map(([name, of]) => [`google.protobuf.${name}`, of])),
    // Kubernetes' own types have these names
    duration, timestamp,
  },
  functions: {
    '_?_:_': [call([bool, a, a], a)],
    '_&&_': [call([bool, bool], bool)],
    '_||_': [call([bool, bool], bool)],
    '!_': [call([bool], bool, (value: unknown) => (typeof value === 'boolean' ? !value : noOverload))],
    '@not_strictly_false': [call([bool], bool)],
    '_==_': [call([a, a], bool)],
    '_!=_': [call([a, a], bool)],
    '_+_': operator(add, [bytes, bytes, bytes], [double, double, double], [duration, duration, duration], [duration, timestamp, timestamp], [timestamp, duration, timestamp], [int, int, int], [listOfA, listOfA, listOfA], [string, string, string], [uint, uint, uint]),
    '_-_': operator(subtract, [double, double, double], [duration, duration, duration], [int, int, int], [timestamp, duration, timestamp], [timestamp, timestamp, duration], [uint, uint, uint]),
    '_*_': operator(multiply, ...same(double, int, uint)),
    '_/_': operator(divide, ...same(double, int, uint)),
    '_%_': operator(remainder, ...same(int, uint)),
    '-_': [double, int].map((each) => call([each], each, negate)),
    '_<_': ordering((order) => order < 0),
    '_<=_': ordering((order) => order <= 0),
    '_>_': ordering((order) => order > 0),
    '_>=_': ordering((order) => order >= 0),
    '_[_]': [call([listOfA, int], a), call([mapOfAB, a], b)],
    '@in': [call([a, listOfA], bool, contains), call([a, mapOfAB], bool, contains)],
    'size': [bytes, listOfA, mapOfAB, string].flatMap((each) => [call([each], int, size), member([each], int, size)]),
  },
}
