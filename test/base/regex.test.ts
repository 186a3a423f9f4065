import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BadRegex, Regex } from '../../src-main/base/regex.ts'

const dns = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'

describe('a regular expression of a user', () => {
  it('matches as JavaScript does, where both know the syntax', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\w', '\\b', '^', '$', '-', '[a-c]')
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{2}', '{1,3}', '*?')).map(([a, q]) => (/^(\^|\$|\\b)$/.test(a) ? a : a + q))
    const sequence = fc.array(piece, { minLength: 1, maxLength: 4 }).map((p) => p.join(''))
    const pattern = fc.tuple(sequence, sequence, fc.constantFrom('', '*', '?', '{0,2}')).map(([a, b, q]) => `(${a}|${b})${q}${a}`)
    fc.assert(fc.property(pattern, fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '-', ' ', '\n'), maxLength: 12 }), (p, text) => {
      expect(new Regex(p).test(text)).toBe(new RegExp(p, 'u').test(text))
    }), { numRuns: 2000 })
  })

  it.each([
    [dns, 'a-b.example.com', true], [dns, '-a', false], [dns, 'a..b', false],
    ['(?i)^straße$', 'STRASSE', false], ['(?i)^abc$', 'aBC', true], ['(?s)a.b', 'a\nb', true], ['a.b', 'a\nb', false],
    ['^\\p{Lu}\\p{Greek}+$', 'Ωmega', false], ['^\\p{Lu}\\p{Greek}+$', 'Ωμεγα', true], ['[[:alpha:]]{3}', 'ab1', false], ['^[[:^digit:]]+$', 'abc', true],
    ['^\\x41\\x{1F600}$', 'A😀', true], ['\\Qa.b\\E', 'a.b', true], ['\\Qa.b\\E', 'axb', false], ['^[\\w.-]+$', 'a.b-c_d', true], ['(?P<year>\\d{4})', '2026', true], ['^[]a]+$', ']a', true],
  ])('%s on %j: %s', (pattern, text, answer) => expect(new Regex(pattern).test(text)).toBe(answer))

  it.each(['(', ')', '[a', 'a**', '*', '(?=a)', '(?<!a)b', '\\1', 'a{2,1}', 'a{1001}', '[b-a]', '\\'])('is refused when RE2 refuses it: %s', (pattern) => {
    expect(() => new Regex(pattern)).toThrow(BadRegex)
  })

  it('takes time by the length of the text, however it nests', () => {
    const begin = performance.now()
    for (const pattern of ['^(a+)+$', '^(a|a)*$', '^(a*)*b$', '(x+x+)+y', '^(([a-z])+.)+[A-Z]([a-z])+$']) {
      expect(new Regex(pattern).test(`${'a'.repeat(50_000)}!`)).toBe(false)
      new Regex(pattern).test('x'.repeat(50_000))
    }
    new Regex(`${'(a?b?){0,30}'.repeat(30)}$`).test('ab'.repeat(100_000))
    expect(performance.now() - begin).toBeLessThan(2000)
  })
})
