import { badRequest, type StatusError } from '../kinds/status-error.ts'

export const malformed = (why: string): StatusError => badRequest(`proto: ${why}`)

/** protobuf's wire types; groups are older than any message of Kubernetes. */
export const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

/**
 * Reads one message, field after field: `next`, then exactly one of the others for its value.
 * Nothing is copied. All throw StatusError 400 for bytes that are not what they should be.
 */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0
  #number = 0
  #type = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get number(): number {
    return this.#number
  }

  get type(): number {
    return this.#type
  }

  /** Steps to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false
    const tag = this.#varint()
    this.#number = Math.floor(tag / 8)
    this.#type = tag % 8
    if (this.#number < 1 || this.#number > 0x1fffffff) throw malformed(`illegal tag ${this.#number} (wire type ${this.#type})`)
    return true
  }

  integer(): number {
    return Number(this.exactInteger())
  }

  /** A bigint where no number holds it exactly. */
  exactInteger(): number | bigint {
    this.#expect(wire.varint)
    return this.#exactVarint()
  }

  bytes(): Buffer {
    const length = this.#length()
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  text(): string {
    const length = this.#length()
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  double(): number {
    this.#expect(wire.fixed64)
    this.#skip(8)
    return this.#bytes.readDoubleLE(this.#at - 8)
  }

  /** The elements of a repeated number, one or packed. */
  *integers(): Generator<number> {
    if (this.#type !== wire.bytes) return yield this.integer()
    const packed = new WireReader(this.bytes())
    while (packed.#at < packed.#bytes.length) yield packed.#varint()
  }

  skip(): void {
    if (this.#type === wire.varint) this.#varint()
    else if (this.#type === wire.bytes) this.#length()
    else if (this.#type === wire.fixed64) this.#skip(8)
    else if (this.#type === wire.fixed32) this.#skip(4)
    else throw malformed(`illegal wireType ${this.#type}`)
  }

  #expect(type: number): void {
    if (this.#type !== type) throw malformed(`wrong wireType = ${this.#type} for field ${this.#number}`)
  }

  /** Steps over what stands behind a length. */
  #length(): number {
    this.#expect(wire.bytes)
    const length = this.#varint()
    if (length < 0) throw malformed('negative length found during unmarshaling')
    this.#skip(length)
    return length
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.#at) throw malformed('unexpected EOF')
    this.#at += length
  }

  #varint(): number {
    return Number(this.#exactVarint())
  }

  /** A signed 64-bit number. */
  #exactVarint(): number | bigint {
    let low = 0
    let high = 0
    for (let index = 0, scale = 1; index < 10; index++, scale *= 128) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw malformed('unexpected EOF')
      // seven bytes are 49 bits, which a double holds exactly
      if (index < 7) low += (byte & 0x7f) * scale
      else high += (byte & 0x7f) * (scale / 2 ** 49)
      if (byte < 0x80) return index < 7 ? low : asNumber(BigInt.asIntN(64, BigInt(low) + (BigInt(high) << 49n)))
    }
    throw malformed('integer overflow')
  }
}

const asNumber = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value)
