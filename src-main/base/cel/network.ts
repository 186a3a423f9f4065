import { type Address, formatAddress, parseAddress } from '../address.ts'
import type { EnvironmentPart } from './part.ts'

/** net.IP in an expression. */
class Ip {
  readonly address: Address

  constructor(address: Address) {
    this.address = address
  }
}

/** net.CIDR in an expression. */
class Cidr {
  readonly address: Address
  readonly prefix: number

  constructor(address: Address, prefix: number) {
    this.address = address
    this.prefix = prefix
  }
}

/** What stands before the dot of `ip.isCanonical(a)`. */
class IpFunctions {
  readonly name = 'ip'
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

function parseIp(text: string): Ip {
  const [plain = '', zone] = text.split('%')
  const address = parseAddress(plain)
  if (!address) throw new Error(`IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`)
  if (zone !== undefined) throw new Error(`IP address ${JSON.stringify(text)} with zone value is not allowed`)
  if (isMapped(address)) throw new Error(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`)
  return new Ip(address)
}

function parseCidr(text: string): Cidr {
  const sentence = 'network address parse error during conversion from string: '
  const [, host = '', length = ''] = /^([^/]*)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  const address = parseAddress(host)
  if (!address || Number(length) > bits(address)) throw new Error(`${sentence}${sentence}netip.ParsePrefix(${JSON.stringify(text)}): ${address ? 'prefix length out of range' : 'no \'/\''}`)
  if (isMapped(address)) throw new Error(`${sentence}IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`)
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

/** IP and CIDR of k8s.io/apiserver/pkg/cel/library. */
export const networkPart: EnvironmentPart = {
  types: { 'net.IP': Ip, 'net.CIDR': Cidr, IpFunctions },
  constants: { ip: ['IpFunctions', new IpFunctions()] },
  equal: {
    'net.IP': (a: Ip, b: Ip) => a.address.family === b.address.family && a.address.value === b.address.value,
    'net.CIDR': (a: Cidr, b: Cidr) => a.address.family === b.address.family && a.address.value === b.address.value && a.prefix === b.prefix,
  },
  functions: {
    'ip(string): net.IP': parseIp,
    'isIP(string): bool': (text: string) => succeeds(() => parseIp(text)),
    'IpFunctions.isCanonical(string): bool': (_ip: IpFunctions, text: string) => formatAddress(parseIp(text).address) === text,
    'string(net.IP): string': ({ address }: Ip) => formatAddress(address),
    'net.IP.family(): int': ({ address }: Ip) => BigInt(address.family),
    'net.IP.isUnspecified(): bool': isUnspecified,
    'net.IP.isLoopback(): bool': isLoopback,
    'net.IP.isLinkLocalMulticast(): bool': any4(['224.0.0.0', 24], ['ff02::', 16]),
    'net.IP.isLinkLocalUnicast(): bool': isLinkLocal,
    'net.IP.isGlobalUnicast(): bool': (ip: Ip) => ![isLoopback, isUnspecified, isMulticast, isLinkLocal, isBroadcast].some((is) => is(ip)),
    'cidr(string): net.CIDR': parseCidr,
    'isCIDR(string): bool': (text: string) => succeeds(() => parseCidr(text)),
    'string(net.CIDR): string': write,
    'net.CIDR.ip(): net.IP': ({ address }: Cidr) => new Ip(address),
    'net.CIDR.masked(): net.CIDR': ({ address, prefix }: Cidr) => new Cidr({ ...address, value: masked(address, prefix) }, prefix),
    'net.CIDR.prefixLength(): int': ({ prefix }: Cidr) => BigInt(prefix),
    'net.CIDR.containsIP(string): bool': (cidr: Cidr, text: string) => contains(cidr, parseIp(text).address),
    'net.CIDR.containsIP(net.IP): bool': (cidr: Cidr, { address }: Ip) => contains(cidr, address),
    'net.CIDR.containsCIDR(string): bool': (cidr: Cidr, text: string) => containsCidr(cidr, parseCidr(text)),
    'net.CIDR.containsCIDR(net.CIDR): bool': containsCidr,
  },
}
