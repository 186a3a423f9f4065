import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatBytes, formatMilliCpu, milliCpu, parseQuantity, wholeQuantity } from '../../src-main/base/quantity.ts'
import { labelSelector, matches, parseFieldSelector } from '../../src-main/base/selector.ts'
import { parseSelector } from '../../src-main/kinds/selector-text.ts'
import { formatSelector } from '../../src-main/api/selection.ts'

describe('a quantity', () => {
  it.each([
    ['0', 0], ['500m', 0.5], ['1', 1], ['1.5', 1.5], ['.5', 0.5], ['1k', 1000], ['1Ki', 1024], ['1Gi', 2 ** 30], ['2e3', 2000], ['1E', 1e18], ['-1', -1], ['100u', 0.0001],
  ])('%s is %d', (text, value) => expect(parseQuantity(text)).toBe(value))

  it.each(['', 'abc', '1Kib', '1 Gi', '--1', '1e', '0x10', 'NaN', 'Infinity', '1m2'])('%j is none', (text) => expect(parseQuantity(text)).toBeUndefined())

  it('rounds a fraction of a thousandth CPU up, and nothing else', () => {
    expect([milliCpu('100m'), milliCpu('0.1'), milliCpu('1n'), milliCpu('1.0005'), milliCpu(undefined)]).toEqual([100, 100, 1, 1001, 0])
    expect(wholeQuantity('1.5')).toBe(2)
  })

  it('reads back what it wrote', () => {
    fc.assert(fc.property(fc.nat(), (n) => milliCpu(formatMilliCpu(n)) === n && wholeQuantity(formatBytes(n)) === n))
  })
})

describe('a label selector', () => {
  const labels = { app: 'web', tier: 'front', 'example.com/track': 'canary' }
  it.each([
    ['', true], ['app=web', true], ['app==web', true], ['app!=web', false], ['app in (web, api),tier=front', true], ['app notin (web)', false],
    ['missing notin (x)', true], ['missing!=x', true], ['missing', false], ['!missing', true], ['app,!missing', true], ['example.com/track=canary', true], ['toString', false],
  ])('%j: %s', (text, wanted) => expect(matches(parseSelector(text), labels)).toBe(wanted))

  it.each(['app=we b', 'app in web', 'app in (web', '=web', 'a=b=c', 'app>one', '!app=web', '!app in (web)'])('%j is refused with a sentence', (text) => {
    expect(() => parseSelector(text)).toThrow(/expected: |must be an integer/)
  })

  it('is written in the order of its keys', () => {
    expect(formatSelector(parseSelector('c,!b,a!=x,a notin (z,y)'))).toBe('a!=x,a notin (y,z),!b,c')
  })

  it('of a workload selects nothing when absent and everything when empty', () => {
    expect(matches(labelSelector(undefined), labels)).toBe(false)
    expect(matches(labelSelector({}), labels)).toBe(true)
    expect(matches(labelSelector({ matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] }), labels)).toBe(true)
  })
})

it('reads field selectors, with values that hold anything but a comma', () => {
  expect(parseFieldSelector('metadata.name=a,status.phase!=Running')).toEqual([
    { key: 'metadata.name', operator: '=', values: ['a'] },
    { key: 'status.phase', operator: '!=', values: ['Running'] },
  ])
  expect(() => parseFieldSelector('metadata.name')).toThrow("can't understand")
})
