import { describe, expect, it } from 'vitest'
import { mistakes, outcome } from './cel-fixture.ts'

const any = (name: string, value = ''): string => `google.protobuf.Any{type_url: 'type.googleapis.com/google.protobuf.${name}', value: b'${value}'}`

describe('a message that holds any other', () => {
  it.each([
    [any('Int32Value', '\\010\\001'), 1n], [any('Int64Value', '\\010\\377\\377\\377\\377\\377\\377\\377\\377\\377\\001'), -1n], [any('UInt64Value', '\\010\\001') + ' == 1u', true],
    [any('BoolValue', '\\010\\001'), true], [any('StringValue', '\\n\\001a'), 'a'], [any('DoubleValue', '\\t\\000\\000\\000\\000\\000\\000\\370\\077'), 1.5],
    [any('FloatValue', '\\015\\000\\000\\300\\077'), 1.5], [any('BytesValue', '\\n\\001a') + " == b'a'", true], [any('Duration', '\\010\\001') + " == duration('1s')", true],
    [any('Timestamp', '\\010\\001') + ' == timestamp(1)', true], [any('Value', '\\032\\001a'), 'a'], [any('Value'), null], [any('ListValue', '\\n\\002 \\001\\n\\000') + '[1] == null', true],
    [any('Struct', '\\n\\007\\n\\001k\\022\\002 \\001') + '.k', true], [any('Int32Value', '\\020\\005\\010\\001'), 1n],
    ["google.protobuf.Any{type_url: 'anything/google.protobuf.Int32Value'}", 0n],
    [any('Any', '\\n.type.googleapis.com/google.protobuf.Int32Value\\022\\002\\010\\007'), 7n],
  ])('is what it holds: %s', (expression, value) => {
    expect(mistakes(expression)).toEqual([])
    expect(outcome(expression).value).toEqual(value)
  })

  it.each([
    ['google.protobuf.Any{} == null', ''], ["google.protobuf.Any{type_url: 'x'} == null", 'type_url:"x"'],
    [any('Nope', '\\010\\001') + ' == 1', 'type_url:"type.googleapis.com/google.protobuf.Nope"  value:"\\x08\\x01"'],
    [any('BoolValue', '\\377') + ' == true', 'type_url:"type.googleapis.com/google.protobuf.BoolValue"  value:"\\xff"'],
    [any('StringValue', '\\n\\001\\377') + " == ''", 'type_url:"type.googleapis.com/google.protobuf.StringValue"  value:"\\n\\x01\\xff"'],
    [any('Any') + ' == null', '[type.googleapis.com/google.protobuf.Any]:{}'],
  ])('fails in the run when it holds nothing that is known: %s', (expression, shown) => {
    expect(outcome(expression).failed).toBe(`unsupported conversion to ref.Val: (*dynamicpb.Message)${shown}`)
  })

  it('bears what is nested deeper than anybody writes', () => {
    // lengths that lie: each list says that all of the rest is in it
    const nested = '2\\377\\377\\177\\n\\377\\377\\177'.repeat(3000)
    expect(outcome(`${any('Value', nested)} == null`).failed).toContain('unsupported conversion')
  })

  it('takes its own fields alone', () => {
    expect(mistakes("google.protobuf.Any{nope: 1} == 1")).toEqual(["1:25: undefined field 'nope'"])
    expect(mistakes("google.protobuf.Any{type_url: 1} == 1")).toEqual(["1:29: expected type of field 'type_url' is 'string' but provided type is 'int'"])
  })
})

describe('a wrapper', () => {
  it.each([
    ['google.protobuf.Int32Value{} == null', false], ['null != google.protobuf.StringValue{}', true], ['google.protobuf.Int32Value{value: 2} + 1', 3n],
    ['google.protobuf.Int32Value{} in [null]', false], ['(true ? google.protobuf.Int32Value{value: 1} : null) == 1', true], ['[google.protobuf.Int32Value{value: 7}].all(x, x == null)', false],
    ['google.protobuf.Int32Value{value: 1} == google.protobuf.Int64Value{value: 1}', true], ['google.protobuf.BoolValue{value: true} && true', true],
  ])('may be compared with null, and otherwise is as its value: %s', (expression, value) => {
    expect(mistakes(expression)).toEqual([])
    expect(outcome(expression).value).toEqual(value)
  })

  it.each([
    ["google.protobuf.Int32Value{} == 'a'", "1:30: found no matching overload for '_==_' applied to '(wrapper(int), string)'"],
    ['[google.protobuf.Int32Value{}, null].size() == 2', "1:32: expected type 'wrapper(int)' but found 'null'"],
    ['google.protobuf.Int32Value{}.value == 1', "1:29: type 'wrapper(int)' does not support field selection"],
  ])('is told by its own name: %s', (expression, mistake) => {
    expect(mistakes(expression)).toEqual([mistake])
  })
})

describe('the null of messages', () => {
  it('is a number', () => {
    expect(outcome('google.protobuf.NullValue.NULL_VALUE + 1').value).toBe(1n)
    expect(outcome('google.protobuf.Value{null_value: google.protobuf.NullValue.NULL_VALUE} == null').value).toBe(true)
    expect(mistakes('google.protobuf.NullValue.NULL_VALUE == null')).toEqual(["1:38: found no matching overload for '_==_' applied to '(int, null)'"])
    expect(mistakes('google.protobuf.NullValue.NOPE == 1')).toEqual(["1:1: undeclared reference to 'google' (in container '')"])
  })
})
