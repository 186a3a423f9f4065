/** One value of ASN.1 in DER. */
export interface Der {
  readonly tag: number
  readonly content: Buffer
  /** With its tag and length: what a signature is made over. */
  readonly whole: Buffer
}

const malformed = (): Error => new Error('asn1: structure error: malformed DER')

/** Reads one value from the start of the bytes. @throws Error when there is none */
export function readDer(bytes: Buffer): Der {
  const tag = bytes[0]
  const first = bytes[1]
  // tags above 30 take more than one byte, and appear in nothing that is read here
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw malformed()
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || lengthBytes > 4 || bytes.length < 2 + lengthBytes) throw malformed()
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes)
  const start = 2 + lengthBytes
  if (bytes.length - start < length) throw malformed()
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) }
}

export const tags = { bitString: 0x03, octetString: 0x04, sequence: 0x30, set: 0x31, context0: 0xa0 } as const

/** The content of a value with this tag. @throws Error when it has another */
export function contentOf({ tag, content }: Der, expected: number): Buffer {
  if (tag !== expected) throw malformed()
  return content
}

/** The values inside a SEQUENCE, or what else has the tag. @throws Error when it is something else */
export function partsOf(value: Der, expected: number = tags.sequence): Der[] {
  const content = contentOf(value, expected)
  const parts: Der[] = []
  for (let rest = content; rest.length > 0; ) {
    const part = readDer(rest)
    parts.push(part)
    rest = rest.subarray(part.whole.length)
  }
  return parts
}

/** The part at an index. @throws Error when there is none */
export function partAt(parts: readonly Der[], index: number): Der {
  const part = parts[index]
  if (!part) throw malformed()
  return part
}

/** An OBJECT IDENTIFIER's content as hexadecimal digits: enough to compare with. */
export const oidOf = (value: Der): string => contentOf(value, 0x06).toString('hex')

const decoders: ReadonlyMap<number, (content: Buffer) => string> = new Map([
  ...[0x0c, 0x12, 0x13, 0x16].map((tag) => [tag, (content: Buffer) => content.toString('utf8')] as const),
  [0x14, (content) => content.toString('latin1')],
  [0x1e, (content) => Buffer.from(content.subarray(0, content.length & ~1)).swap16().toString('utf16le')],
])

/** A string as names are written in. @throws Error for one of a kind that others might read otherwise */
export function textOf({ tag, content }: Der): string {
  const decode = decoders.get(tag)
  if (!decode) throw new Error('asn1: structure error: unsupported string type')
  return decode(content)
}
