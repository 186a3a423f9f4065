import { describe, expect, it } from 'vitest'
import { fromJson } from '../../src-main/base/cel/from-json.ts'
import { Duration, Optional, Uint } from '../../src-main/base/cel/values.ts'
import { outcome } from './cel-fixture.ts'

describe('an expression that runs', () => {
  it.each([
    ['i', 'int', 3n, 1],
    ['maybe == null', 'bool', false, 2],
    ['nothing == null', 'bool', true, 2],
    ['quantity("1") == null', 'bool', false, 2],
    ['hour + at > at', 'bool', true, 5],
    ['matches(s, "l+")', 'bool', true, 2],
    ['type(i) == type(u)', 'bool', false, 5],
    ['duration("1h") - duration("90m")', 'google.protobuf.Duration', new Duration(-1_800_000_000_000n), 1],
    ['string(timestamp("2020-01-01T00:00:00+01:30"))', 'string', '2020-01-01T00:00:00+01:30', 0],
    ['string(1e20) + string(100000.0) + string(1000000.0)', 'string', '1e+201000001e+06', 4],
    ['"%d %s".format([1, "a"])', 'string', '1 a', 1],
    ['"%.2f".format([2.675])', 'string', '2.67', 1],
    ['nested.flatten() == [1, 2, 3]', 'bool', true, 15],
    ['any.?list[?1].orValue("none")', 'string', 'two', 3],
    ['[?any.?none, ?any.?text]', 'list(dyn)', ['text'], 13],
    ['numbers.sortBy(a, -a)', 'list(int)', [3n, 2n, 1n], 75],
    ['words.map(a, a + a).filter(a, a != "aa").size()', 'int', 2n, 81],
    ['self.guests.exists_one(a, a == "Ann") ? self.name : self.guests[0]', 'string', 'Villa', 11],
    ['u + 1u', 'uint', new Uint(5n), 2],
    ['optional.of(i)', 'optional_type(int)', new Optional(3n), 2],
    // what fails beside an answer that decides does not matter
    ['anything.n || true', 'bool', true, 2],
    ['words.exists(a, a == "c" || numbers[7] == 1)', 'bool', true, 24],
    // maps and lists are compared by their values, whatever the figures' types
    ['any == {"n": 1.0}', 'bool', false, 2],
    ['dyn([dyn(1), dyn(2u)]) == dyn([1.0, 2.0])', 'bool', true, 1],
    // messages that every cel-go knows are the values that they stand for
    ['google.protobuf.Int32Value{value: 3} + 4', 'int', 7n, 41],
    ['google.protobuf.StringValue{}', 'string', '', 40],
    ['google.protobuf.Duration{seconds: 5, nanos: 7}', 'google.protobuf.Duration', new Duration(5_000_000_007n), 40],
    ['google.protobuf.Struct{fields: {"a": 1}} == {"a": 1}', 'bool', true, 41],
    ['google.protobuf.ListValue{values: ["a", 2u == 2u ? "b" : "c"]}[1]', 'dyn', 'b', 53],
    ['google.protobuf.Value{struct_value: {"a": 1}}.a', 'dyn', 1, 42],
    ['google.protobuf.Value{number_value: 1.0, string_value: "x"}', 'dyn', 'x', 40],
  ])('%s is %s %s and has its price', (expression, type, value, cost) => {
    expect(outcome(expression)).toEqual({ type, value, cost })
  })

  it.each([
    ['self.years.torn == 1', 'no such key: torn', 3],
    ['at.getHours("Nowhere/Nowhere")', 'unknown time zone Nowhere/Nowhere', 2],
    ['any.n + "b"', 'no such overload', 3],
    ['any.nothing', 'no such key: nothing', 2],
    ['any.list[7]', 'index out of bounds: 7', 3],
    ['anything.n && true', 'no such overload', 2],
    ['[1/0 == 1, true].exists(a, !a)', 'division by zero', 11],
    ['words[i]', 'index out of bounds: 3', 2],
    ['i % 0', 'modulus by zero', 2],
    ['9223372036854775807 + i', 'integer overflow', 2],
    ['u - 5u', 'unsigned integer overflow', 2],
    ['timestamp("9999-12-31T23:59:59Z") + duration("1s")', 'timestamp overflow', 1],
    ['["a", "a"].transformMapEntry(i, v, {v: i})', 'insert failed: key a already exists', 69],
    ['google.protobuf.Int32Value{value: 4294967296}', 'field type conversion error for google.protobuf.Int32Value.value value type: integer overflow', 40],
    ['google.protobuf.Duration{seconds: dyn("a")}', "field type conversion error for google.protobuf.Duration.seconds value type: unsupported native conversion from string to 'int64'", 40],
    ['google.protobuf.Struct{fields: {"a": quantity("1")}}', "field type conversion error for google.protobuf.Struct.fields value type: type conversion error from 'Quantity' to '*structpb.Value'", 71],
  ])('%s fails: %s', (expression, failed, cost) => {
    expect(outcome(expression)).toMatchObject({ failed, cost })
  })
})

it('is ready to run as soon when a macro stands in many others', () => {
  const deep = (inner: string): string => '[1].map(x, '.repeat(30) + inner + ')'.repeat(30) + '[0]'.repeat(30)
  expect(outcome(`${deep('x + 1')} == 2`)).toMatchObject({ value: true })
})

it.each([
  ['size(any.long)', 2000n],
  ['any.long.k5 == 5 && any.long["k1999"] == 1999', true],
  ['"none" in any.long || has(any.long.__proto__)', false],
  ['any.long.all(name, any.long[name] >= 0)', true],
  ['any.long == any.same', true],
  ['any.long.?none.orValue(7)', 7n],
])('sees in an object of thousands of names what it sees in a short one: %s', (expression, value) => {
  const numbered = () => Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`k${n}`, n]))
  expect(outcome(expression, { any: fromJson({ long: numbered(), same: numbered() }) }).value).toEqual(value)
})
