import { describe, expect, it } from 'vitest'
import { isCanonicalCIDR, isCanonicalIP, isNonSpecialIP, isStrictSubset, isV4, isV6, isValidCIDR, isValidIP, unusualCIDR, unusualIP } from '../../src-main/kinds/ip.ts'

const noIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const noRange = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

describe('an address', () => {
  it.each<[string, ...string[]]>([
    ['10.0.0.1'], ['255.255.255.255'], ['::'], ['2001:db8::1'], ['2001:0DB8:0:0::1'], ['::1.2.3.4'],
    ['', noIP], ['x', noIP], ['10.0.0', noIP], ['10.0.0.256', noIP], ['10.0.0.1.2', noIP], ['10.0.0.1/8', noIP], ['1:2', noIP], ['1::2::3', noIP], ['fe80::1%eth0', noIP], ['12345::', noIP], ['1:2:3:4:5:6:7:8:9', noIP], ['1:2:3:4:5:6:7::8:9', noIP],
    ['010.0.0.1', 'must not have leading 0s'], ['10.0.0.01', 'must not have leading 0s'], ['::ffff:10.0.0.01', 'must not have leading 0s'],
    ['::ffff:10.0.0.1', 'must not be an IPv4-mapped IPv6 address'], ['::ffff:a00:1', 'must not be an IPv4-mapped IPv6 address'],
  ])('%s is judged as Go and then a stricter reader would', (value, ...sentences) => {
    expect(isValidIP(value)).toEqual(sentences)
  })

  it.each([
    ['2001:db8:0:0::1', '2001:db8::1'], ['2001:DB8::1', '2001:db8::1'], ['1:0:0:2:0:0:0:3', '1:0:0:2::3'], ['0:0:1:0:0:1:0:0', '::1:0:0:1:0:0'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'], ['0:0:0:0:0:0:0:0', '::'], ['1::', '1::'],
  ])('%s is written %s', (value, canonical) => {
    expect(isCanonicalIP(value)).toEqual(value === canonical ? [] : [`must be in canonical form ("${canonical}")`])
    expect(unusualIP('spec.ip', value)).toEqual(value === canonical ? [] : [`spec.ip: IPv6 address "${value}" should be in RFC 5952 canonical format ("${canonical}")`])
  })

  it('is told to be unusual where software would read it in two ways', () => {
    expect(unusualIP('a', '010.0.0.1')).toEqual(['a: non-standard IP address "010.0.0.1" is invalid: use "10.0.0.1"'])
    expect(unusualIP('a', '::ffff:10.0.0.1')).toEqual(['a: non-standard IP address "::ffff:10.0.0.1" is invalid: use "10.0.0.1"'])
    expect(unusualIP('a', 'x')).toEqual([])
  })

  it('belongs to one family', () => {
    expect([isV4('10.0.0.1'), isV6('10.0.0.1'), isV4('fd00::1'), isV6('fd00::1'), isV4('x'), isV6('x')]).toEqual([true, false, false, true, false, false])
  })

  it.each([
    ['0.0.0.0', 'may not be unspecified (0.0.0.0)'], ['::', 'may not be unspecified (::)'],
    ['127.1.2.3', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'], ['::1', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    ['169.254.0.1', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'], ['febf::1', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
    ['224.0.0.5', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'], ['ff02::1', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
    ['ff12::1', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'], ['ff05::1'],
    ['x', 'must be a valid IP address'], ['10.0.0.1'], ['128.0.0.1'], ['fec0::1'], ['224.0.1.1'], ['::2'],
  ])('%s is an endpoint or not', (value, ...sentences) => {
    expect(isNonSpecialIP(value)).toEqual(sentences)
  })
})

describe('a range of addresses', () => {
  it.each<[string, ...string[]]>([
    ['10.0.0.0/8'], ['0.0.0.0/0'], ['10.0.0.1/32'], ['fd00::/64'],
    ['10.0.0.0', noRange], ['10.0.0.0/33', noRange], ['10.0.0.0/-1', noRange], ['10.0.0.0/8/8', noRange], ['fd00::/129', noRange], ['10.0.0.0/', noRange],
    ['010.0.0.0/8', 'must not have leading 0s in IP or prefix length'], ['10.0.0.0/08', 'must not have leading 0s in IP or prefix length'],
    ['::ffff:10.0.0.0/104', 'must not have an IPv4-mapped IPv6 address'], ['10.0.0.1/8', 'must not have bits set beyond the prefix length'],
  ])('%s is judged as Go and then a stricter reader would', (value, ...sentences) => {
    expect(isValidCIDR(value)).toEqual(sentences)
  })

  it('is told how it is written, and what it could mean', () => {
    expect(isCanonicalCIDR('FD00::/64')).toEqual(['must be in canonical form ("fd00::/64")'])
    expect(unusualCIDR('a', 'FD00::/64')).toEqual(['a: IPv6 CIDR value "FD00::/64" should be in RFC 5952 canonical format ("fd00::/64")'])
    expect(unusualCIDR('a', '10.1.2.3/8')).toEqual(['a: CIDR value "10.1.2.3/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.2.3/32"?)'])
    expect(unusualCIDR('a', '::ffff:10.0.0.0/104')).toEqual(['a: non-standard CIDR value "::ffff:10.0.0.0/104" is invalid: use "10.0.0.0/8"'])
    expect(unusualCIDR('a', '10.0.0.0/8')).toEqual([])
  })

  it('lies within another', () => {
    expect([
      isStrictSubset('10.1.0.0/16', '10.0.0.0/8'), isStrictSubset('10.0.0.0/8', '10.0.0.0/8'), isStrictSubset('11.0.0.0/16', '10.0.0.0/8'),
      isStrictSubset('fd00::/72', 'fd00::/64'), isStrictSubset('10.0.0.0/8', '::/0'), isStrictSubset('x', '10.0.0.0/8'), isStrictSubset('10.0.0.0/8', '0.0.0.0/0'),
    ]).toEqual([true, false, false, true, false, false, true])
  })
})
