/** An IP address as a number. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

const octets = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/

/** Undefined when it is none; leading zeros and zones are not taken, as with Go's netip. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 45) return undefined
  if (!text.includes(':')) {
    const value = parse4(text)
    return value === undefined ? undefined : { family: 4, value }
  }
  const words = words6(text)
  return words && { family: 6, value: words.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n) }
}

function parse4(text: string): bigint | undefined {
  const parts = octets.exec(text)?.slice(1).map(Number)
  return parts?.every((part) => part <= 255) ? parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n) : undefined
}

function words6(text: string): number[] | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map((half, i) => wordsOf(half, i === halves.length - 1))
  if (!head || (halves.length === 2 && !tail)) return undefined
  if (!tail) return head.length === 8 ? head : undefined
  const missing = 8 - head.length - tail.length
  return missing >= 1 ? [...head, ...Array<number>(missing).fill(0), ...tail] : undefined
}

/** The last two words may be written as an IPv4 address. */
function wordsOf(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return []
  const words: number[] = []
  const parts = text.split(':')
  for (const [i, part] of parts.entries()) {
    if (isLast && i === parts.length - 1 && part.includes('.')) {
      const value = parse4(part)
      if (value === undefined) return undefined
      words.push(Number(value >> 16n), Number(value & 0xffffn))
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) words.push(Number.parseInt(part, 16))
    else return undefined
  }
  return words
}

/** The canonical form: RFC 5952 for IPv6. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.')
  const words = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn))
  let longest = { at: -1, length: 1 }
  for (let at = 0; at < 8; at++) {
    let length = 0
    while (at + length < 8 && words[at + length] === 0) length++
    if (length > longest.length) longest = { at, length }
  }
  const write = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':')
  return longest.at < 0 ? write(words) : `${write(words.slice(0, longest.at))}::${write(words.slice(longest.at + longest.length))}`
}
