import { describe, expect, it } from 'vitest'
import { mistakes } from './cel-fixture.ts'

const anything = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

describe('an expression that cannot be read', () => {
  it.each([
    // the end comes too early
    ['i ==', `1:5: Syntax error: mismatched input '<EOF>' expecting ${anything}`],
    ['(i', "1:3: Syntax error: missing ')' at '<EOF>'"],
    ['words[?0', "1:9: Syntax error: missing ']' at '<EOF>'"],
    ['size(s,', `1:8: Syntax error: mismatched input '<EOF>' expecting ${anything}`],
    ['b ? 1', "1:6: Syntax error: mismatched input '<EOF>' expecting ':'"],
    // a word too much, or one missing
    ['i)', "1:2: Syntax error: extraneous input ')' expecting <EOF>"],
    ['i + * 2', `1:5: Syntax error: extraneous input '*' expecting ${anything}`],
    ['{"a" 1}', "1:6: Syntax error: missing ':' at '1'"],
    ['[1 2]', "1:4: Syntax error: extraneous input '2' expecting {']', ','}"],
    ['! )', `1:3: Syntax error: extraneous input ')' expecting ${anything}`],
    ['- )', "1:3: Syntax error: no viable alternative at input '- )'", `1:3: Syntax error: mismatched input ')' expecting ${anything}`],
    // words that are not names
    ['self.name.true', "1:11: Syntax error: mismatched input 'true' expecting IDENTIFIER"],
    ['self.in', "1:6: Syntax error: no viable alternative at input '.in'", `1:8: Syntax error: mismatched input '<EOF>' expecting ${anything}`],
    ['if == 1', '1:1: reserved identifier: if'],
    // texts without end, and figures too large
    ['"abc', '1:1: Syntax error: token recognition error at: \'"abc\'', `1:5: Syntax error: mismatched input '<EOF>' expecting ${anything}`],
    ['"\\q"', '1:1: Syntax error: token recognition error at: \'"\\q\'', '1:4: Syntax error: token recognition error at: \'"\'', `1:5: Syntax error: mismatched input '<EOF>' expecting ${anything}`],
    ['`a', "1:1: Syntax error: token recognition error at: '`a'", `1:3: Syntax error: mismatched input '<EOF>' expecting ${anything}`],
    ['9223372036854775808', '1:1: invalid int literal'],
    ['18446744073709551616u', '1:1: invalid uint literal'],
    ['1e400', '1:1: invalid double literal'],
    ['"\\ud800"', '1:1: invalid unicode code point'],
    // macros
    ['words.all(a.b, true)', '1:12: argument must be a simple name'],
    ['has(self)', '1:5: invalid argument to has() macro'],
    ['words.map(1, 2)', '1:11: argument is not an identifier'],
    ['words.exists(@result, true)', "1:14: Syntax error: token recognition error at: '@'"],
    ['words.all(__result__, true)', '1:11: iteration variable overwrites accumulator variable'],
  ])('says where and why: %s', (expression, ...told) => {
    expect(mistakes(expression)).toEqual(told)
  })

  it('is shown with the place below it, also when wide letters stand before', () => {
    expect(mistakes('"日本" == )')).toEqual([`1:9: Syntax error: mismatched input ')' expecting ${anything}`])
    expect(mistakes('i == 1 &&\n  i ==')).toEqual([`2:7: Syntax error: mismatched input '<EOF>' expecting ${anything}`])
  })

  it.each(['[', '(', '{', '!', '-', 'a.', '1 ? 2 : ', '"', 'a(', '[?', 'b &&', '{1:'])('is found wrong soon however often %s is repeated', (piece) => {
    for (const times of [200, 5_000]) expect(mistakes(piece.repeat(times))).not.toEqual([])
  })
})
