import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseInParts } from '../../src-main/api/json-parts.ts'
import { scanInSteps, scanJson } from '../../src-main/api/json-scan.ts'
import { NumberOverflow, parseJson } from '../../src-main/base/json.ts'
import { atOnce } from '../../src-main/base/turns.ts'

const inParts = (text: string): unknown => atOnce(parseInParts(text))
const long = (count: number, each: (n: number) => string): string => Array.from({ length: count }, (_, n) => each(n)).join(',')

/** A text of several parts around whatever stands at its places. */
const around = (inside: string): string => `{"a":[${long(12_000, String)}],"b":{${long(6000, (n) => `"k${n}":{"x":[${n}]}`)}},"c":${inside},"d":[[${long(9000, () => '"}],"')}]]}`

describe('JSON that is read in parts', () => {
  it('means what it means when it is read at once', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), fc.integer({ min: 0, max: 2 }), (value, space) => {
      const text = around(JSON.stringify(value, null, space))
      expect(JSON.stringify(inParts(text))).toBe(JSON.stringify(parseJson(text)))
    }), { numRuns: 15 })
  }, 30_000)

  it('keeps whole numbers, odd keys, and the last of two that are the same', () => {
    const text = `{"__proto__":[${long(20_000, () => '1234567890123456789')}],"a":1,"x":[${long(20_000, () => '0')}],"a":2,"constructor":{"y":"\\"]"}}`
    const read = inParts(text) as Record<string, unknown>
    expect(JSON.stringify(read)).toBe(JSON.stringify(parseJson(text)))
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype)
    expect((Object.entries(read).find(([key]) => key === '__proto__')?.[1] as unknown[])[7]).toBe(1234567890123456789n)
  })

  it('is refused wherever it is no JSON', () => {
    const run = long(12_000, String)
    const wrong = [
      `[[${run}]5]`, `[[${run}],]`, `[,[${run}]]`, `[[${run}]`, `[[${run}]]]`, `[[${run}}]`, `{"a":[${run}],}`, `{"a"[${run}]}`, `{"a":-[${run}]}`, `{"a":1[${run}]}`,
      `{[${run}]}`, `[1[${run}]]`, `[[${run}][${run}]]`, `x[${run}]`, `[${run}]x`, `[${run},,${run}]`, `{"a":"${'x'.repeat(40_000)}`, `{"a":[${run}],"b"}`, `{"a":[${run}]"b":1}`, `{"a"::[${run}]}`,
    ]
    for (const text of wrong) {
      expect(() => JSON.parse(text) as unknown, text.slice(0, 20)).toThrow(SyntaxError)
      expect(() => inParts(text), text.slice(0, 20)).toThrow(SyntaxError)
    }
  })

  it('is refused wherever one character of it is another, as when it is read at once', () => {
    const text = around('{"z":[true,null,-1.5e3,"\\u0041"]}')
    const at = text.indexOf('"c":')
    fc.assert(fc.property(fc.integer({ min: -40, max: 60 }), fc.constantFrom(...'{}[],:"0a\\ '), (offset, character) => {
      const changed = text.slice(0, at + offset) + character + text.slice(at + offset + 1)
      const outcome = (read: (text: string) => unknown): string => {
        try {
          return JSON.stringify(read(changed))
        } catch (error) {
          return (error as Error).name
        }
      }
      expect(outcome(inParts)).toBe(outcome(parseJson))
    }), { numRuns: 60 })
  }, 30_000)

  it('tells of numbers that nothing holds', () => {
    const text = `{"a":[${long(20_000, String)},1e400]}`
    expect(() => inParts(text)).toThrow(NumberOverflow)
    const told: string[] = []
    expect(JSON.stringify(atOnce(parseInParts(text, ({ message }) => told.push(message))))).toContain('19999,null]')
    expect(told).toEqual(['json: cannot unmarshal number 1e400 into Go value of type float64'])
  })

  it('rests on the way', () => {
    const steps = parseInParts(around('1'))
    expect(steps.next().done).toBe(false)
    expect(scanInSteps(around('1')).next().done).toBe(false)
    expect(scanJson(around('{"k":1,"k":2}')).duplicates).toEqual(['c.k'])
  })
})
