/** The addresses of Services: `first` and `last` are the first and last usable one, as numbers. */
export interface ServiceRange {
  readonly cidr: string
  readonly first: number
  readonly last: number
}

/** Both ends included. */
export interface PortRange {
  readonly low: number
  readonly high: number
}

/** The number of an IPv4 address, or undefined when the text is none. */
export function addressIn(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined
  return parts.reduce((number, part) => number * 256 + Number(part), 0)
}

export const addressText = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')

/** Where ClusterIPs come from unless said otherwise; what kubeadm uses is 10.96.0.0/12. */
export const defaultServiceCidr = '10.96.0.0/16'

/**
 * `10.96.0.0/16`; the network's own address and the broadcast address are nobody's. Undefined for what is no range of 2 to
 * 16,777,214 IPv4 addresses.
 */
export function rangeOf(cidr: string): ServiceRange | undefined {
  const [base = '', bits = ''] = cidr.split('/')
  const address = addressIn(base)
  const size = 2 ** (32 - Number(bits))
  if (address === undefined || !(Number(bits) >= 8 && Number(bits) <= 30)) return undefined
  return { cidr, first: address - (address % size) + 1, last: address - (address % size) + size - 2 }
}

/** The same for what this cluster is told to use. */
export function serviceRange(cidr: string): ServiceRange {
  const range = rangeOf(cidr)
  if (!range) throw new Error(`${cidr} is not a range of IPv4 addresses such as 10.96.0.0/16`)
  return range
}

export const inRange = ({ first, last }: ServiceRange, address: number): boolean => address >= first && address <= last

/**
 * A free address at random. The low part of the range, 16 to 256 addresses, is for those who ask for an address of
 * their own and is given out only when the rest is full: KEP-3070.
 */
export function pickAddress(
  range: ServiceRange,
  taken: (address: number) => boolean,
  random: () => number,
): number | undefined {
  const size = range.last - range.first + 3
  const reserved = Math.min(Math.max(16, Math.floor(size / 16)), 256)
  const middle = Math.min(range.first + reserved, range.last)
  return pick(middle, range.last, taken, random) ?? pick(range.first, middle - 1, taken, random)
}

/** A free port at random; the first 16 to 128 are given out last: KEP-3668. */
export function pickPort(
  { low, high }: PortRange,
  taken: (port: number) => boolean,
  random: () => number,
): number | undefined {
  const size = high - low + 1
  const reserved = size < 32 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128)
  return pick(low + reserved, high, taken, random) ?? pick(low, low + reserved - 1, taken, random)
}

function pick(low: number, high: number, taken: (number: number) => boolean, random: () => number): number | undefined {
  const size = high - low + 1
  const start = Math.floor(random() * size)
  for (let step = 0; step < size; step++) {
    const candidate = low + ((start + step) % size)
    if (!taken(candidate)) return candidate
  }
  return undefined
}
