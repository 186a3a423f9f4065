import { describe, expect, it } from 'vitest'
import { goFloat, goInt64, goQuoted, goText, goTypeOf, inGoOrder } from '../../src-main/base/go-text.ts'
import { goTimeMistake } from '../../src-main/base/go-time.ts'

describe('a value in the words of Go', () => {
  it('is quoted with what cannot be printed escaped', () => {
    expect(goQuoted('a"b\\\n\u0007\u00a0\u007f\u{1f600}é\u{e0001}')).toBe(String.raw`"a\"b\\\n\a\u00a0\x7f😀é\U000e0001"`)
  })

  it('is shown as %v shows it', () => {
    expect(goText({ b: [1, null, 1e21], a: { c: 'x' }, ['__proto__']: true })).toBe('map[__proto__:true a:map[c:x] b:[1 <nil> 1e+21]]')
    expect([1e-7, 1e21, 0.5].map(goFloat)).toEqual(['1e-07', '1e+21', '0.5'])
  })

  it('has the type that its decoder gives it', () => {
    expect([1, 1.5, 2n ** 60n, 'x', true, null, [], {}].map(goTypeOf)).toEqual(['int64', 'float64', 'int64', 'string', 'bool', '<nil>', '[]interface {}', 'map[string]interface {}'])
    expect([1.9, -1.9, 1e30].map(goInt64)).toEqual([1n, -1n, -(2n ** 63n)])
  })

  it('has its names in order', () => {
    expect(JSON.stringify(inGoOrder({ b: [{ d: 1, c: 2 }], a: null }))).toBe('{"a":null,"b":[{"c":2,"d":1}]}')
  })
})

describe('a text that is no time', () => {
  it.each([
    ['x', ' as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
    ['2024-1-01T00:00:00Z', ' as "2006-01-02T15:04:05Z07:00": cannot parse "1-01T00:00:00Z" as "01"'],
    ['2024-13-01T00:00:00Z', ': month out of range'],
    ['2024-01-01 00:00:00Z', ' as "2006-01-02T15:04:05Z07:00": cannot parse " 00:00:00Z" as "T"'],
    ['2024-02-30T00:00:00Z', ': day out of range'],
    ['2024-01-01T00:00:00', ' as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"'],
    ['2024-01-01T00:00:00Zx', ': extra text: "x"'],
  ])('%s is refused as time.Parse refuses it', (text, said) => expect(goTimeMistake(text)).toBe(`parsing time ${JSON.stringify(text)}${said}`))
})
