import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addAmounts, amountOf, canonicalQuantity, canonicalResource, formatAmount } from '../../src-main/base/amount.ts'

const canonical = (text: string): string => formatAmount(amountOf(text))

it.each([
  ['1000m', '1'], ['0.5', '500m'], ['1.5Gi', '1536Mi'], ['1024Mi', '1Gi'], ['512', '512'], ['0.5Ki', '512'], ['1e3', '1e3'], ['1500e-3', '1500e-3'],
  ['12e6', '12e6'], ['100000', '100k'], ['0', '0'], ['0Gi', '0'], ['-1500m', '-1500m'], ['0.0000000001', '1n'], ['.5', '500m'], ['5.', '5'],
  ['9999999999999999999999', '9999999999999999999999'], ['99Ei', '9223372036854775807'], ['1.5e30', '1500e27'], ['nonsense', '0'],
  // a text without digits is 0, however large its unit, and nothing is too small to be something
  ['Ti', '0'], ['-Gi', '0'], ['e3', '0'], ['+', '0'], ['-', '0'], ['.', '0'], ['.m', '0'], ['0e5', '0'],
  ['1e-99999999', '1e-9'], ['-1E-20', '-1e-9'], ['1e1000', '0'], ['3e999', '3e999'], ['1e100', '10e99'], [`1${'0'.repeat(45)}`, `1${'0'.repeat(27)}E`],
])('writes %s as Kubernetes does', (text, shown) => {
  expect(canonical(text)).toBe(shown)
})

it.each([
  // what has no zeros to spare and a unit of thousands is taken for canonical, however it is written
  ['+5', '+5'], ['2E6', '2E6'], ['025', '025'], ['1e99', '1e99'], ['1025Mi', '1025Mi'],
  ['1000m', '1'], ['0.5', '500m'], ['+1000', '1k'], [' 1Gi ', '1Gi'], ['16Ki', '16Ki'], ['1024Ki', '1Mi'], ['9Ei', '9223372036854775807'],
])('answers %s with %s', (text, shown) => {
  expect(canonicalQuantity(text)).toBe(shown)
})

it.each([['100u', '1m'], ['0.0001', '1m'], ['-100u', '-1m'], ['1500u', '2m'], ['1.5', '1500m'], ['2n', '1m'], ['5e-4', '1e-3'], ['250m', '250m'], ['1Gi', '1Gi'], ['0.1Gi', '107374182400m']])(
  'knows resources to the thousandth: %s is %s', (text, shown) => expect(canonicalResource(text)).toBe(shown),
)

it('adds exactly, in the family of the first part', () => {
  expect(formatAmount(addAmounts(amountOf('0.1'), amountOf('0.2')))).toBe('300m')
  expect(formatAmount(addAmounts(amountOf('128Mi'), amountOf('1M')))).toBe('135217728')
  expect(formatAmount(addAmounts(amountOf('0'), amountOf('1Gi')))).toBe('1Gi')
})

it('loses nothing when it is written and read again', () => {
  const families = fc.constantFrom('decimal', 'binary', 'exponent')
  // of thousandths, and of what the larger units are made of
  const grain = fc.constantFrom(10n ** 3n, 10n ** 9n, 1024n * 10n ** 9n, 1024n ** 3n * 10n ** 9n)
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 9n), 10n ** 9n), grain, families, (count, grain, family) => {
      const nano = count * grain
      expect(amountOf(formatAmount({ nano, family })).nano).toBe(nano)
    }),
    { numRuns: 500 },
  )
})
