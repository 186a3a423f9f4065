import fc from 'fast-check'
import { expect, it } from 'vitest'
import { addAmounts, amountOf, formatAmount } from '../../src-main/base/amount.ts'

const canonical = (text: string): string => formatAmount(amountOf(text))

it.each([
  ['1000m', '1'], ['0.5', '500m'], ['1.5Gi', '1536Mi'], ['1024Mi', '1Gi'], ['512', '512'], ['0.5Ki', '512'], ['1e3', '1e3'], ['1500e-3', '1500e-3'],
  ['12e6', '12e6'], ['100000', '100k'], ['0', '0'], ['0Gi', '0'], ['-1500m', '-1500m'], ['0.0000000001', '1n'], ['.5', '500m'], ['5.', '5'],
  ['9999999999999999999999', '9223372036854775807'], ['nonsense', '0'], ['1e99999999', '0'],
])('writes %s as Kubernetes does', (text, shown) => {
  expect(canonical(text)).toBe(shown)
})

it('adds exactly, in the family of the first part', () => {
  expect(formatAmount(addAmounts(amountOf('0.1'), amountOf('0.2')))).toBe('300m')
  expect(formatAmount(addAmounts(amountOf('128Mi'), amountOf('1M')))).toBe('135217728')
  expect(formatAmount(addAmounts(amountOf('0'), amountOf('1Gi')))).toBe('1Gi')
})

it('loses nothing when it is written and read again', () => {
  fc.assert(
    fc.property(fc.bigInt(-(10n ** 15n), 10n ** 15n), fc.constantFrom('decimal', 'binary', 'exponent'), (nano, family) => {
      expect(amountOf(formatAmount({ nano: nano * 1000n, family })).nano).toBe(nano * 1000n)
    }),
  )
})
