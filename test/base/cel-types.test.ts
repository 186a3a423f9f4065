import { describe, expect, it } from 'vitest'
import { mistakes } from './cel-fixture.ts'

describe('the types of an expression', () => {
  it.each([
    'maybe == null', 'maybe == optional.of("a")', 'optional.none() == maybe', 'nothing == null', 'self == null', 'self.room == null', 'quantity("1") == null',
    'hour + at > at', 'at + hour > at', 'matches(s, "l+")', 's.matches("l+")', 'type(i) == type(u)', 'i == any', 'any == maybe', 'words[any] == "a"',
    'b ? any : 1', 'b ? null : hour', '[any, any]', '[[], [1]]', '{"a": [], "b": [1]}', 'self.?name == optional.of("x")', 'labels[?"a"].orValue("b") == "c"', 'nested.flatten() == [1]',
  ])('are right in %s', (expression) => {
    expect(mistakes(expression)).toEqual([])
  })

  it.each([
    ['maybe == maybeInt', "1:7: found no matching overload for '_==_' applied to '(optional_type(string), optional_type(int))'"],
    ['s == null', "1:3: found no matching overload for '_==_' applied to '(string, null)'"],
    ['maybe.orValue(1) == "a"', "1:14: found no matching overload for 'orValue' applied to 'optional_type(string).(int)'"],
    ['i == d && u == i', "1:3: found no matching overload for '_==_' applied to '(int, double)'", "1:13: found no matching overload for '_==_' applied to '(uint, int)'"],
    ['[1, 2] == [1.0, 2.0]', "1:8: found no matching overload for '_==_' applied to '(list(int), list(double))'"],
    ['b ? 1 : "a"', "1:3: found no matching overload for '_?_:_' applied to '(bool, int, string)'"],
    ['i + s == 1 && s + i == 1', "1:3: found no matching overload for '_+_' applied to '(int, string)'", "1:17: found no matching overload for '_+_' applied to '(string, int)'"],
    ['words.all(a, a > 1)', "1:16: found no matching overload for '_>_' applied to '(string, int)'"],
    ['i.size()', "1:7: found no matching overload for 'size' applied to 'int.()'"],
    ['numbers[u] == 3', "1:8: found no matching overload for '_[_]' applied to '(list(int), uint)'"],
    ['{1: "a"}[1.0] == "a"', "1:9: found no matching overload for '_[_]' applied to '(map(int, string), double)'"],
    ['[any, "a"]', "1:7: expected type 'dyn' but found 'string'"],
    ['[1, 2.0]', "1:5: expected type 'int' but found 'double'"],
    ['["a", maybe]', "1:7: expected type 'string' but found 'optional_type(string)'"],
    ['self.?empty.anything', "1:12: undefined field 'anything'"],
    ['self.?garden', "1:5: undefined field 'garden'"],
    ['has(self.garden)', "1:4: undefined field 'garden'"],
    ['labels.app.name', "1:11: type 'string' does not support field selection"],
    ['self.floors.more', "1:12: type 'int' does not support field selection"],
    ['House{}', "1:6: undeclared reference to 'House' (in container '')"],
    ['duration("abc")', '1:10: invalid duration argument'],
    ['authorizer.path("/x").check("get").allowed()', "1:1: undeclared reference to 'authorizer' (in container '')"],
    ['"%s".format([self.empty])', '1:18: error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given House.empty'],
  ])('are told where they are wrong: %s', (expression, ...told) => {
    expect(mistakes(expression)).toEqual(told)
  })
})
