import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyJson, equalJson, NumberOverflow, parseJson } from '../../src-main/base/json.ts'

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const asRead = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value)

describe('JSON with integers that no number holds', () => {
  it('is written as it was read, wherever the integer stands', () => {
    fc.assert(
      fc.property(int64, fc.string(), fc.integer({ min: 0, max: 2 }), (value, text, indent) => {
        const object = { [text]: text, a: value, list: [value, { b: value }, `${value}`], end: `,${value},` }
        const json = JSON.stringify(object, null, indent)
        const read = parseJson(json)
        expect(JSON.stringify(read, null, indent)).toBe(json)
        expect(equalJson(copyJson(read), read)).toBe(true)
        expect((read as typeof object).a).toBe(asRead(value))
      }),
    )
  })

  it('reads what is no int64 as the float that Go reads', () => {
    expect(parseJson('[9223372036854775808,-9223372036854775809,9007199254740993.0,1e18]')).toEqual([2 ** 63, -(2 ** 63), 2 ** 53, 1e18])
  })

  it.each(['1E400', '-1e400', '1.5e0400', '9'.repeat(400), `${'9'.repeat(400)}.5`])('refuses %s, which no float holds', (text) => {
    expect(() => parseJson(`{"a":${text}}`)).toThrow(new NumberOverflow(`json: cannot unmarshal number ${text} into Go value of type float64`))
    expect(parseJson(`{"a":",${text},"}`)).toEqual({ a: `,${text},` })
  })

  it.each(['{9007199254740993:1}', '{"a":1,9007199254740993:1}', '{"a":1,9007199254740993}', '{"a":09007199254740993}', '{"a": "b, 9007199254740993}', '[9007199254740993,]', '9007199254740993 1'])(
    'refuses %s, which is no JSON', (text) => expect(() => parseJson(text)).toThrow(SyntaxError))

  it('leaves keys of prototypes what they are', () => {
    const read = parseJson('{"__proto__":{"a":9007199254740993}}') as object
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect(JSON.stringify(read)).toBe('{"__proto__":{"a":9007199254740993}}')
  })
})
