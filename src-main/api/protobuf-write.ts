import { wire } from './protobuf-wire.ts'

const firstBytes = 1024

/**
 * Writes one message from its end to its beginning, so that every length is known when it is written: the last field
 * first, of a repeated field the last element first.
 */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(firstBytes)
  #at = firstBytes

  /** What has been written, in the order of reading; the writer is done. */
  finish(): Buffer {
    return this.#buffer.subarray(this.#at)
  }

  /** Bytes that belong to no field. */
  raw(bytes: Buffer): void {
    const at = this.#before(bytes.length)
    bytes.copy(this.#buffer, at)
  }

  uint32(value: number): void {
    const at = this.#before(4)
    this.#buffer.writeUInt32BE(value, at)
  }

  get length(): number {
    return this.#buffer.length - this.#at
  }

  bytes(number: number, bytes: Buffer): void {
    this.raw(bytes)
    this.head(number, bytes.length)
  }

  text(number: number, text: string): void {
    const length = Buffer.byteLength(text)
    const at = this.#before(length)
    this.#buffer.write(text, at, length, 'utf8')
    this.head(number, length)
  }

  /** A signed 64-bit number, or a smaller one: protobuf writes them alike. */
  integer(number: number, value: number | bigint): void {
    this.#varint(value)
    this.#tag(number, wire.varint)
  }

  double(number: number, value: number): void {
    const at = this.#before(8)
    this.#buffer.writeDoubleLE(value, at)
    this.#tag(number, wire.fixed64)
  }

  /** What `inside` writes, as one message. */
  message(number: number, inside: () => void): void {
    const before = this.length
    inside()
    this.head(number, this.length - before)
  }

  /** What stands before a field's bytes, of which there are `length`. */
  head(number: number, length: number): void {
    this.#varint(length)
    this.#tag(number, wire.bytes)
  }

  #tag(number: number, type: number): void {
    this.#varint(number * 8 + type)
  }

  #varint(value: number | bigint): void {
    if (typeof value === 'bigint' || value < 0 || value > Number.MAX_SAFE_INTEGER) return this.#longVarint(value)
    let length = 1
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++
    let at = this.#before(length)
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#buffer[at++] = (rest % 128) + 128
    this.#buffer[at] = rest
  }

  #longVarint(value: number | bigint): void {
    const bytes: number[] = []
    let rest = BigInt.asUintN(64, BigInt(value))
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128)
    this.raw(Buffer.from([...bytes, Number(rest)]))
  }

  /** Makes room before what there is; returns where it begins. */
  #before(length: number): number {
    if (length > this.#at) {
      const used = this.length
      const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, used + length))
      this.#buffer.copy(larger, larger.length - used, this.#at)
      this.#buffer = larger
      this.#at = larger.length - used
    }
    return (this.#at -= length)
  }
}
