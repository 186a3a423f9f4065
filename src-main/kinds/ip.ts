import { type FieldError, FieldPath } from './field-error.ts'
import { isIPv4, type Sentences } from './validation.ts'

/** An address of 4 or 16 bytes; Go takes what is an IPv4 address within IPv6 for the IPv4 address. */
interface Address {
  readonly bits: bigint
  readonly total: 32 | 128
  /** It was written as `::ffff:10.0.0.1`. */
  readonly mapped: boolean
  /** Some number of an IPv4 address has zeros in front of it, which other software takes for octal. */
  readonly zeros: boolean
}

const longest = 64

/** The four numbers of an IPv4 address, also with zeros in front of them. */
function parseV4(text: string): { readonly bits: bigint; readonly zeros: boolean } | undefined {
  const [, ...parts] = fourNumbers.exec(text) ?? []
  const numbers = parts.map(Number)
  if (numbers.length === 0 || numbers.some((number) => number > 255)) return undefined
  return { bits: BigInt(numbers.reduce((sum, number) => sum * 256 + number, 0)), zeros: zeroBefore.test(text) }
}

const fourNumbers = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/
const zeroBefore = /(?:^|\.)0\d/

function parseV6(text: string): { readonly bits: bigint; readonly zeros: boolean } | undefined {
  const end = /^(.*:)([^:]*\.[^:]*)$/.exec(text)
  const v4 = end && parseV4(end[2]!)
  if (end && !v4) return undefined
  const plain = v4 ? `${end[1]}${(v4.bits >> 16n).toString(16)}:${(v4.bits & 0xffffn).toString(16)}` : text
  const halves = plain.split('::').map((half) => (half === '' ? [] : half.split(':')))
  const [head = [], tail] = halves
  const missing = 8 - head.length - (tail?.length ?? 0)
  if (halves.length > 2 || (tail ? missing < 1 : missing !== 0)) return undefined
  const groups = [...head, ...Array<string>(Math.max(missing, 0)).fill('0'), ...(tail ?? [])]
  if (!groups.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return undefined
  return { bits: groups.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n), zeros: v4?.zeros ?? false }
}

const mappedPrefix = 0xffffn << 32n

/** netutils.ParseIPSloppy */
function parse(text: string): Address | undefined {
  if (text.length > longest) return undefined
  if (!text.includes(':')) {
    const v4 = parseV4(text)
    return v4 && { ...v4, total: 32, mapped: false }
  }
  const v6 = parseV6(text)
  if (!v6) return undefined
  const mapped = v6.bits >> 32n === 0xffffn
  return mapped ? { bits: v6.bits - mappedPrefix, total: 32, mapped, zeros: v6.zeros } : { ...v6, total: 128, mapped }
}

/** As Go writes it: RFC 5952. */
function show({ bits, total }: Pick<Address, 'bits' | 'total'>): string {
  if (total === 32) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  const runs = [...groups.map((group) => (group === '0' ? '0' : 'x')).join('').matchAll(/00+/g)]
  const [run] = runs.sort((a, b) => b[0].length - a[0].length || a.index - b.index)
  if (!run) return groups.join(':')
  return `${groups.slice(0, run.index).join(':')}::${groups.slice(run.index + run[0].length).join(':')}`
}

const noIP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'

/** What is wrong with an address, as fields say that took more before: IsValidIPForLegacyField, strictly. */
export function isValidIP(value: string): Sentences {
  if (isIPv4(value)) return []
  const address = parse(value)
  if (!address) return [noIP]
  if (address.zeros) return ['must not have leading 0s']
  return address.mapped ? ['must not be an IPv4-mapped IPv6 address'] : []
}

/** The same of fields that take one text for each address. */
export function isCanonicalIP(value: string): Sentences {
  const wrong = isValidIP(value)
  const address = wrong.length > 0 ? undefined : parse(value)
  return !address || show(address) === value ? wrong : [`must be in canonical form (${JSON.stringify(show(address))})`]
}

/** Whether Go reads the text as an address at all. */
export const isAnyIP = (value: string): boolean => parse(value) !== undefined

export const isV4 = (value: string): boolean => parse(value)?.total === 32

export const isV6 = (value: string): boolean => parse(value)?.total === 128

/** What a client is told of an address that is right and yet hardly written so; none about what is no address. */
export function unusualIP(at: string, value: string): string[] {
  // there may be a hundred thousand of these
  if (isIPv4(value)) return []
  const address = parse(value)
  if (!address) return []
  const [text, canonical] = [JSON.stringify(value), JSON.stringify(show(address))]
  if (address.zeros || address.mapped) return [`${at}: non-standard IP address ${text} is invalid: use ${canonical}`]
  return text === canonical ? [] : [`${at}: IPv6 address ${text} should be in RFC 5952 canonical format (${canonical})`]
}

/** Addresses that mean this machine or this link, and so no endpoint: ValidateEndpointIP of core validation. */
export function isNonSpecialIP(value: string): Sentences {
  const address = parse(value)
  if (!address) return ['must be a valid IP address']
  const { bits, total } = address
  const starts = (v4: bigint, length4: number, v6: bigint, length6: number): boolean =>
    total === 32 ? bits >> BigInt(32 - length4) === v4 : bits >> BigInt(128 - length6) === v6
  const rules: ReadonlyArray<readonly [boolean, string]> = [
    [bits === 0n, `may not be unspecified (${value})`],
    [starts(127n, 8, 1n, 128), 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
    [starts(0xa9fen, 16, 0x3fan, 10), 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
    [total === 32 ? bits >> 8n === 0xe00000n : bits >> 120n === 0xffn && ((bits >> 112n) & 0xfn) === 2n, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
  ]
  return rules.filter(([holds]) => holds).map(([, sentence]) => sentence)
}

interface Range {
  readonly address: Address
  /** The bits that count, of those of the address as Go keeps it. */
  readonly length: number
  /** There are bits beyond these. */
  readonly more: boolean
  /** Some number has zeros in front of it. */
  readonly zeros: boolean
}

/** netutils.ParseCIDRSloppy */
function parseRange(text: string): Range | undefined {
  const [place = '', bits = '', ...rest] = text.split('/')
  const address = parse(place)
  if (!address || rest.length > 0 || !/^\d{1,9}$/.test(bits)) return undefined
  const written = Number(bits)
  if (written > (place.includes(':') ? 128 : 32)) return undefined
  // of an IPv4 address within IPv6 the first 96 bits are not its own
  const length = address.mapped ? written - 96 : written
  const masked = mask(address, length)
  return { address, length, more: masked !== address.bits, zeros: address.zeros || /^0\d/.test(bits) }
}

function mask({ bits, total }: Pick<Address, 'bits' | 'total'>, length: number): bigint {
  const rest = BigInt(total - Math.max(length, 0))
  return (bits >> rest) << rest
}

/** Whether a text is a range of IPv4 addresses as Go writes it, which most are. */
function isPlainRange(text: string): boolean {
  const [, a = '', b = '', c = '', d = '', bits = ''] = plainRange.exec(text) ?? []
  const length = Number(bits)
  if (bits === '' || length > 32 || [a, b, c, d].some((number) => Number(number) > 255)) return false
  const rest = 2 ** (32 - length)
  return (((Number(a) * 256 + Number(b)) * 256 + Number(c)) * 256 + Number(d)) % rest === 0
}

const plainNumber = '(0|[1-9]\\d{0,2})'
const plainRange = new RegExp(`^${plainNumber}\\.${plainNumber}\\.${plainNumber}\\.${plainNumber}/(0|[1-9]\\d?)$`)

const showRange = ({ address, length }: Range): string => `${show({ bits: mask(address, length), total: address.total })}/${length}`

const noRange = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** What is wrong with a range of addresses, as fields say that took more before: IsValidCIDRForLegacyField, strictly. */
export function isValidCIDR(value: string): Sentences {
  if (isPlainRange(value)) return []
  const range = parseRange(value)
  if (!range) return [noRange]
  if (range.zeros) return ['must not have leading 0s in IP or prefix length']
  if (range.address.mapped) return ['must not have an IPv4-mapped IPv6 address']
  return range.more ? ['must not have bits set beyond the prefix length'] : []
}

/** The same of fields that take one text for each range. */
export function isCanonicalCIDR(value: string): Sentences {
  if (isPlainRange(value)) return []
  const wrong = isValidCIDR(value)
  const range = wrong.length > 0 ? undefined : parseRange(value)
  return !range || showRange(range) === value ? wrong : [`must be in canonical form (${JSON.stringify(showRange(range))})`]
}

/** Whether Go reads the text as a range at all. */
export const isAnyCIDR = (value: string): boolean => parseRange(value) !== undefined

/** What a client is told of a range that is right and yet hardly meant, or hardly written so. */
export function unusualCIDR(at: string, value: string): string[] {
  // there may be tens of thousands of these
  if (isPlainRange(value)) return []
  const range = parseRange(value)
  if (!range) return []
  const [text, canonical] = [JSON.stringify(value), JSON.stringify(showRange(range))]
  const one = JSON.stringify(`${show(range.address)}/${range.address.total}`)
  const warnings = range.more ? [`${at}: CIDR value ${text} is ambiguous in this context (should be ${canonical} or ${one}?)`] : []
  if (range.zeros || range.address.mapped) warnings.push(`${at}: non-standard CIDR value ${text} is invalid: use ${canonical}`)
  if (warnings.length > 0 || text === canonical) return warnings
  return [`${at}: IPv6 CIDR value ${text} should be in RFC 5952 canonical format (${canonical})`]
}

/** What is wrong with a change: addresses and ranges that an object has already may stay as older rules let them be written. */
export function withoutKept(errors: FieldError[], kept: ReadonlyArray<string | undefined>): FieldError[] {
  if (errors.length === 0) return errors
  const at = new FieldPath()
  const sayings = kept.flatMap((value) => (value === undefined ? [] : [...isValidIP(value), ...isValidCIDR(value)].map((sentence) => at.invalid(value, sentence).message)))
  return errors.filter(({ message }) => !sayings.includes(message))
}

/** Whether a range lies within another and is smaller; false for texts that are no ranges. */
export function isStrictSubset(inner: string, outer: string): boolean {
  const [a, b] = [parseRange(inner), parseRange(outer)]
  if (!a || !b || a.address.total !== b.address.total || a.length <= b.length) return false
  return mask(a.address, b.length) === mask(b.address, b.length)
}
