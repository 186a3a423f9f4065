import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatSelector } from '../../src-main/api/selection.ts'
import { type Labels, labelSelector, matches, parseFieldSelector, type Requirement } from '../../src-main/base/selector.ts'
import { parseSelector } from '../../src-main/kinds/selector-text.ts'

// names of an object's own members are names of labels too
const key = fc.constantFrom('app', 'tier', 'in', 'notin', 'constructor', 'toString', 'example.com/app', 'a.b_c-d')
const value = fc.constantFrom('', 'web', 'in', 'constructor', 'a.b_c-d', '3', '12', '007')
const values = fc.uniqueArray(value, { minLength: 1, maxLength: 3 }).map((some) => some.sort())
const labels: fc.Arbitrary<Labels> = fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 5 }).map((pairs) => Object.fromEntries(pairs))

const requirement: fc.Arbitrary<Requirement> = fc.oneof(
  fc.record({ key, operator: fc.constantFrom('=' as const, '!=' as const), values: value.map((one) => [one]) }),
  fc.record({ key, operator: fc.constantFrom('in' as const, 'notin' as const), values }),
  fc.record({ key, operator: fc.constantFrom('exists' as const, '!' as const), values: fc.constant([]) }),
  fc.record({ key, operator: fc.constantFrom('>' as const, '<' as const), values: fc.constantFrom(['2'], ['12'], ['0']) }),
)

/** What a requirement means, said over the pairs there are. */
function means({ key, operator, values }: Requirement, labels: Labels): boolean {
  const found = Object.entries(labels).filter(([name]) => name === key).map(([, value]) => value)
  const among = found.some((value) => values.includes(value))
  const beyond = (than: (value: number, bound: number) => boolean): boolean => found.some((value) => /^\d+$/.test(value) && than(Number(value), Number(values[0])))
  const outcomes = { '=': among, in: among, '!=': !among, notin: !among, exists: found.length > 0, '!': found.length === 0, '>': beyond((a, b) => a > b), '<': beyond((a, b) => a < b) }
  return outcomes[operator]
}

describe('any label selector', () => {
  it('means the same read from its text, and all of its requirements at once', () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 4 }), labels, (selector, labels) => {
        const wanted = selector.every((each) => means(each, labels))
        expect(matches(selector, labels)).toBe(wanted)
        expect(matches(parseSelector(formatSelector(selector)), labels)).toBe(wanted)
      }),
      { numRuns: 2000 },
    )
  })

  it('means as a structure what it means as a text', () => {
    const named = { in: 'In', notin: 'NotIn', exists: 'Exists', '!': 'DoesNotExist' } as const
    const structured = requirement.filter((each): each is Requirement & { operator: keyof typeof named } => each.operator in named)
    fc.assert(
      fc.property(labels, fc.array(structured, { maxLength: 3 }), labels, (matchLabels, expressions, labels) => {
        const matchExpressions = expressions.map(({ key, operator, values }) => ({ key, operator: named[operator], values: [...values] }))
        const text = [...Object.entries(matchLabels).map(([name, value]) => `${name}=${value}`), ...expressions.map((each) => formatSelector([each]))].join(',')
        expect(matches(labelSelector({ matchLabels: { ...matchLabels }, matchExpressions }), labels)).toBe(matches(parseSelector(text), labels))
      }),
      { numRuns: 1000 },
    )
  })

  it('is refused with a sentence, or is written as what is read again', () => {
    const word = fc.constantFrom('a', 'b/c', '/', '', '=', '==', '!=', '!', '(', ')', ',', '>', '<', ' ', 'in', 'notin', 'In', '1', '-', '\n', 'é', '__proto__', 'constructor')
    let read = 0
    fc.assert(
      fc.property(fc.oneof(fc.array(word, { maxLength: 9 }).map((words) => words.join('')), fc.array(word, { maxLength: 9 }).map((words) => words.join(' '))), (text) => {
        let selector
        try {
          selector = parseSelector(text)
        } catch (error) {
          expect((error as Error).message).toMatch(/found '|Invalid value: /)
          return
        }
        read++
        const written = formatSelector(selector)
        expect(formatSelector(parseSelector(written))).toBe(written)
      }),
      { numRuns: 5000 },
    )
    expect(read).toBeGreaterThan(10)
  })
})

it('any field selector gives back the values that were escaped in it', () => {
  const field = fc.constantFrom('metadata.name', 'status.phase', 'constructor')
  const escaped = (value: string): string => value.replace(/[\\,=]/g, (found) => `\\${found}`)
  fc.assert(
    fc.property(fc.array(fc.tuple(field, fc.constantFrom('=', '==', '!='), fc.string({ unit: fc.constantFrom('a', ',', '=', '\\', ' ', '!', 'ü') })), { maxLength: 3 }), (terms) => {
      const text = terms.map(([name, operator, value]) => `${name}${operator}${escaped(value)}`).join(',')
      const wanted = terms.map(([key, operator, value]) => ({ key, operator: operator === '!=' ? '!=' : '=', values: [value] }))
      const sorted = (some: readonly object[]): string[] => some.map((each) => JSON.stringify(each)).sort()
      expect(sorted(parseFieldSelector(text))).toEqual(sorted(wanted))
    }),
    { numRuns: 1000 },
  )
})
