import { type Address, formatAddress, parseAddress } from '../address.ts'
import { addressMistake } from './address-mistake.ts'
import { call, type Library, member } from './declarations.ts'
import { goQuoted } from '../go-text.ts'
import { bool, int, opaque, string, type Type } from './types.ts'
import { OpaqueValue } from './values.ts'

const [ipType, cidrType] = [opaque('net.IP'), opaque('net.CIDR')]

/** net.IP in an expression. */
export class Ip extends OpaqueValue {
  readonly type = ipType
  readonly address: Address

  constructor(address: Address) {
    super()
    this.address = address
  }

  /** Bytes. */
  override get size(): number {
    return bits(this.address) / 8
  }

  get key(): string {
    return formatAddress(this.address)
  }
}

/** net.CIDR in an expression. */
export class Cidr extends OpaqueValue {
  readonly type = cidrType
  readonly address: Address
  readonly prefix: number

  constructor(address: Address, prefix: number) {
    super()
    this.address = address
    this.prefix = prefix
  }

  /** Bytes that the prefix takes. */
  override get size(): number {
    return Math.ceil(this.prefix / 8)
  }

  get key(): string {
    return write(this)
  }
}

const bits = ({ family }: Address): number => (family === 4 ? 32 : 128)
const masked = ({ family, value }: Address, prefix: number): bigint => {
  const low = BigInt((family === 4 ? 32 : 128) - prefix)
  return (value >> low) << low
}
const within = (address: Address, network: string, prefix: number): boolean => {
  const base = parseAddress(network)!
  return address.family === base.family && masked(address, prefix) === base.value
}
const isMapped = (address: Address): boolean => within(address, '::ffff:0:0', 96)

/** What an address is read from: nothing of it when its zone is empty. */
function withoutZone(text: string): { address: Address | undefined; hasZone: boolean } {
  const zoneAt = /^[^.:%]*:/.test(text) ? text.indexOf('%') : -1
  if (zoneAt < 0) return { address: parseAddress(text), hasZone: false }
  return { address: zoneAt === text.length - 1 ? undefined : parseAddress(text.slice(0, zoneAt)), hasZone: true }
}

function parseIp(text: string): Ip {
  const { address, hasZone } = withoutZone(text)
  if (!address) throw new Error(`IP Address ${goQuoted(text)} parse error during conversion from string: ${addressMistake(text)}`)
  if (hasZone) throw new Error(`IP address ${goQuoted(text)} with zone value is not allowed`)
  if (isMapped(address)) throw new Error(`IPv4-mapped IPv6 address ${goQuoted(text)} is not allowed`)
  return new Ip(address)
}

/** What Go's netip.ParsePrefix says of a text. */
function prefixMistake(text: string): string {
  const slash = text.lastIndexOf('/')
  const [host, bits] = [text.slice(0, slash), text.slice(slash + 1)]
  const said = (sentence: string): string => `netip.ParsePrefix(${goQuoted(text)}): ${sentence}`
  if (slash < 0) return said("no '/'")
  const { address, hasZone } = withoutZone(host)
  if (!address) return said(addressMistake(host))
  if (hasZone) return said('IPv6 zones cannot be present in a prefix')
  return said(/^(0|[1-9]\d{0,17})$/.test(bits) ? 'prefix length out of range' : `bad bits after slash: ${goQuoted(bits)}`)
}

function parseCidr(text: string): Cidr {
  const sentence = 'network address parse error during conversion from string: '
  const [, host = '', length = ''] = /^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  const address = parseAddress(host)
  if (!address || Number(length) > bits(address)) throw new Error(`${sentence}${sentence}${prefixMistake(text)}`)
  if (isMapped(address)) throw new Error(`${sentence}IPv4-mapped IPv6 address ${goQuoted(text)} is not allowed`)
  return new Cidr(address, Number(length))
}

const succeeds = (parse: () => unknown): boolean => {
  try {
    parse()
    return true
  } catch {
    // the question is just this
    return false
  }
}

const contains = ({ address, prefix }: Cidr, other: Address): boolean => other.family === address.family && masked(other, prefix) === masked(address, prefix)
const containsCidr = (cidr: Cidr, other: Cidr): boolean => contains(cidr, other.address) && cidr.prefix <= other.prefix
const write = ({ address, prefix }: Cidr): string => `${formatAddress(address)}/${prefix}`

const any4 = (...networks: ReadonlyArray<readonly [string, number]>) => ({ address }: Ip): boolean => networks.some(([network, prefix]) => within(address, network, prefix))
const isLoopback = any4(['127.0.0.0', 8], ['::1', 128])
const isUnspecified = any4(['0.0.0.0', 32], ['::', 128])
const isMulticast = any4(['224.0.0.0', 4], ['ff00::', 8])
const isLinkLocal = any4(['169.254.0.0', 16], ['fe80::', 10])
const isBroadcast = any4(['255.255.255.255', 32])

const asks = <T>(result: Type, run: (ip: Ip) => T) => [member([ipType], result, run)]
const ofCidr = <T>(result: Type, run: (cidr: Cidr) => T) => [member([cidrType], result, run)]

/** IP and CIDR of k8s.io/apiserver/pkg/cel/library. */
export const networkLibrary: Library = {
  types: [ipType, cidrType],
  functions: {
    'ip': [call([string], ipType, parseIp), ...ofCidr(ipType, ({ address }) => new Ip(address))],
    'isIP': [call([string], bool, (text: string) => succeeds(() => parseIp(text)))],
    'ip.isCanonical': [call([string], bool, (text: string) => formatAddress(parseIp(text).address) === text)],
    'string': [call([ipType], string, ({ address }: Ip) => formatAddress(address)), call([cidrType], string, write)],
    'family': asks(int, ({ address }) => BigInt(address.family)),
    'isUnspecified': asks(bool, isUnspecified),
    'isLoopback': asks(bool, isLoopback),
    'isLinkLocalMulticast': asks(bool, any4(['224.0.0.0', 24], ['ff02::', 16])),
    'isLinkLocalUnicast': asks(bool, isLinkLocal),
    'isGlobalUnicast': asks(bool, (ip) => ![isLoopback, isUnspecified, isMulticast, isLinkLocal, isBroadcast].some((is) => is(ip))),
    'cidr': [call([string], cidrType, parseCidr)],
    'isCIDR': [call([string], bool, (text: string) => succeeds(() => parseCidr(text)))],
    'masked': ofCidr(cidrType, ({ address, prefix }) => new Cidr({ ...address, value: masked(address, prefix) }, prefix)),
    'prefixLength': ofCidr(int, ({ prefix }) => BigInt(prefix)),
    'containsIP': [
      member([cidrType, string], bool, (cidr: Cidr, text: string) => contains(cidr, parseIp(text).address)),
      member([cidrType, ipType], bool, (cidr: Cidr, { address }: Ip) => contains(cidr, address)),
    ],
    'containsCIDR': [member([cidrType, string], bool, (cidr: Cidr, text: string) => containsCidr(cidr, parseCidr(text))), member([cidrType, cidrType], bool, containsCidr)],
  },
}
