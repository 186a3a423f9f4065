import { expect, test } from 'vitest'
import { warningHeaders } from '../../src-main/api/warnings.ts'

const said = (warnings: string[]): string[] => warningHeaders(warnings).map((header) => Buffer.from(header, 'latin1').toString())

test('warnings are told once each, with their quotes escaped, in UTF-8', () => {
  expect(said(['a "b" \\c', '', 'größer ☃', 'a "b" \\c'])).toEqual(['299 - "a \\"b\\" \\\\c"', '299 - "größer ☃"'])
  expect(warningHeaders(['é'])).toEqual(['299 - "Ã©"'])
})

test('what no header can carry is not told', () => {
  expect(said(['a\nb', 'a\u0085b', '\ud800', 'kept'])).toEqual(['299 - "kept"'])
})

test('many warnings are cut to 256 characters each, and those beyond 4,096 are left out', () => {
  const long = (count: number, letter = 'ü') => Array.from({ length: count }, (_, at) => `${String(at).padStart(3, '0')}${letter.repeat(1021)}`)
  expect(said(long(4)).map((header) => header.length)).toEqual(Array.from({ length: 4 }, () => 1024 + '299 - ""'.length))
  const cut = said(long(40))
  expect(cut).toHaveLength(16)
  expect(new Set(cut.map((header) => header.length))).toEqual(new Set([256 + '299 - ""'.length]))
  expect(said(long(5)).at(-1)).toBe(`299 - "004${'ü'.repeat(253)}"`)
})
