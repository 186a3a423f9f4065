import { describe, expect, it } from 'vitest'
import { formatOf, hasFormat, unknownFormats } from '../../src-main/kinds/custom/formats.ts'

/** What kube-openapi's strfmt says of the same texts. */
const formats: ReadonlyArray<readonly [format: string, good: readonly string[], bad: readonly string[]]> = [
  ['date', ['2024-02-29', '0000-01-01'], ['2023-02-29', '2024-2-1', '2024-01-01T00:00:00Z', '']],
  ['date-time', ['2024-01-01T00:00:00Z', '2024-01-01t23:59:59.5+99:99'], ['2024-01-01T24:00:00Z', '2024-01-01T00:60:00Z', '2024-01-01 00:00:00Z', '2024-01-01T00:00:00']],
  ['duration', ['1h2m', '-1.5h', '0', '3 weeks', '22 ns', 'about 5 minutes', '1w2d'], ['', 'soon', '5', '1 fortnight', '99999999999999999999 s']],
  ['email', ['a@b', 'Jo <jo@example.com>', '"a b"@example.com', 'ü@example.com', '<a@b>'], ['a', 'a@', '@b', 'a b@c', 'a@b@c', '.a@b', 'a@b.', 'Jo <jo@example.com']],
  ['uri', ['http://a', '/path', 'mailto:a@b', '*', 'http://[::1]:80/x', 'http://u:p@h/x y'], ['', 'a', 'x y', '?q', 'http://a b/', 'http://[::1', 'http://h:x/', '/%zz', 'http://h/\n']],
  ['ipv4', ['1.2.3.4', '01.2.3.4'], ['1.2.3', '1.2.3.256', '::1']],
  ['ipv6', ['::1', '::ffff:1.2.3.4'], ['1.2.3.4', '::1%eth0', 'x']],
  ['cidr', ['10.0.0.0/8', '::/0', '10.0.0.1/32'], ['10.0.0.0', '10.0.0.0/33']],
  ['mac', ['00:00:5e:00:53:01', '02-00-5e-10-00-00-00-01', '0000.5e00.5301'], ['00:00:5e:00:53', '00:00-5e:00:53:01', '0000.5e00']],
  ['uuid4', ['123e4567-e89b-42d3-a456-426614174000'], ['123e4567-e89b-42d3-7456-426614174000', '123e4567-e89b-12d3-a456-426614174000']],
  ['creditcard', ['4220 8554-2622 2389'], ['4220855426213389', '30190239451016']],
  ['isbn10', ['3 401 01319 X', '3836221195'], ['3423214121', '978-3836221191']],
  ['isbn13', ['978-4-87311-368-5'], ['9784873113686', '3836221195']],
  ['ssn', ['111-22-3333', '111 22 3333'], ['111223333', '111-22-333']],
  ['rgbcolor', ['rgb(0,31,255)', 'rgb(0,  31, 255)'], ['rgb(01,31,255)', 'rgb(1,349,275)', 'rgba(0,31,255)']],
  ['byte', ['YQ==', 'YWJj'], ['', 'YQ', 'YQ=', 'Y===']],
  ['k8s-long-name', ['a.b-c'], ['A', '-a', `${'a'.repeat(254)}`]],
]

describe('a text of a custom resource', () => {
  it.each(formats)('is a %s or is none', (format, good, bad) => {
    expect(good.filter((text) => !hasFormat(format, text))).toEqual([])
    expect(bad.filter((text) => hasFormat(format, text))).toEqual([])
  })

  it('is looked at in time by its length', () => {
    for (const [format] of formats) for (const piece of ['1', 'a.', ' ', '%', '"', '1 ', 'a@']) hasFormat(format, piece.repeat(200_000))
    expect(hasFormat('duration', `${'1 '.repeat(200_000)}s`)).toBe(true)
  })
})

describe('a format', () => {
  it('counts where values of its type have it', () => {
    expect([{ type: 'string', format: 'date' }, { type: 'integer', format: 'date' }, { type: 'integer', format: 'int64' }, { format: 'int64' }, { type: 'object', format: 'date' }, { 'x-kubernetes-int-or-string': true, format: 'ipv4' }].map(formatOf))
      .toEqual(['date', '', 'int64', '', '', 'ipv4'])
  })

  it('that Kubernetes does not know is found wherever it stands', () => {
    expect(unknownFormats({ type: 'object', properties: { a: { type: 'string', format: 'x' }, b: { type: 'array', items: { type: 'integer', format: 'y' } }, c: { type: 'object', additionalProperties: { type: 'string', format: 'date' }, not: { format: 'z' } } } }))
      .toEqual(['x', 'y', 'z'])
  })
})
