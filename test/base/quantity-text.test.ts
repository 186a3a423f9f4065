import { describe, expect, it } from 'vitest'
import { parseQuantity } from '../../src-main/base/quantity.ts'
import { notAQuantity, readQuantity } from '../../src-main/base/quantity-text.ts'

describe('a quantity', () => {
  it.each([
    ['', notAQuantity], [' 1', notAQuantity], ['1 Gi', notAQuantity], ['one', notAQuantity], ['1.5.', notAQuantity], ['1e1.5', notAQuantity], ['--1', "unable to parse quantity's suffix"],
    ['1gi', notAQuantity], ['1i', "unable to parse quantity's suffix"], ['1K', "unable to parse quantity's suffix"], ['1mm', "unable to parse quantity's suffix"],
    ['1e', "unable to parse quantity's suffix"], ['5+', "unable to parse quantity's suffix"], ['1e9223372036854775808', "unable to parse quantity's suffix"],
    ['Ei', 'unable to parse numeric part of quantity'], ['e-12', 'unable to parse numeric part of quantity'],
  ])('that is none is refused in the words of Kubernetes: %j', (text, sentence) => {
    expect(readQuantity(text)).toBe(sentence)
    expect(parseQuantity(text)).toBeUndefined()
  })

  it.each(['1e99999999', '1e9223372036854775807', '9'.repeat(100_000), `0.${'1'.repeat(100_000)}`])('that nobody can reckon with is refused at once: %.20s', (text) => {
    expect(readQuantity(text)).toBe('unable to parse numeric part of quantity')
  })

  it.each([['1e-99999999', 1e-9], ['0e99999999', 0], ['Ti', 0], ['-', 0], ['12e6', 12e6], ['1.5Gi', 1610612736], ['100m', 0.1], ['-.5', -0.5], ['1e400', Infinity]])('is a number: %s', (text, number) => {
    expect(parseQuantity(text)).toBe(number)
  })
})
