import { MadeMap, Uint } from './values.ts'

type Fields = ReadonlyMap<string, unknown>

/** How a field is written: its wire type, and what is made of what stands there. */
interface Written {
  readonly wire: 0 | 1 | 2 | 5
  read(raw: bigint | Buffer, depth: number): unknown
}

/** It is no message of the type. */
class Malformed extends Error {}

const varint = (make: (value: bigint) => unknown): Written => ({ wire: 0, read: (raw) => make(raw as bigint) })
const within = (make: (bytes: Buffer, depth: number) => unknown): Written => ({ wire: 2, read: (raw, depth) => make(raw as Buffer, depth) })
const int = (bits: number): Written => varint((value) => BigInt.asIntN(bits, value))
const uint = (bits: number): Written => varint((value) => new Uint(BigInt.asUintN(bits, value)))
const bool = varint((value) => value !== 0n)
const double: Written = { wire: 1, read: (raw) => (raw as Buffer).readDoubleLE() }
const float: Written = { wire: 5, read: (raw) => (raw as Buffer).readFloatLE() }
const bytes = within((value) => new Uint8Array(value))
const text = within((value) => {
  const made = value.toString()
  if (!Buffer.from(made).equals(value)) throw new Malformed()
  return made
})

/** Deeper nobody writes, and the stack would not bear it. */
const mostDepth = 1000

type Table = Readonly<Record<number, readonly [name: string, written: Written]>>
const value = (written: Written): Table => ({ 1: ['value', written] })
const time: Table = { 1: ['seconds', int(64)], 2: ['nanos', int(32)] }

const list = within((raw, depth) => {
  const made: unknown[] = []
  eachField(raw, depth, { 1: ['values', anything] }, (_name, item) => made.push(item))
  return made
})
const struct = within((raw, depth) => {
  const made = new MadeMap<string, unknown>()
  eachField(raw, depth, { 1: ['fields', within((entry, below) => fieldsOf(entry, below, { 1: ['key', text], 2: ['value', anything] }))] }, (_name, entry) => {
    made.set(((entry as Fields).get('key') as string | undefined) ?? '', (entry as Fields).get('value') ?? null)
  })
  return made
})
const values: Table = { 1: ['null_value', int(32)], 2: ['number_value', double], 3: ['string_value', text], 4: ['bool_value', bool], 5: ['struct_value', struct], 6: ['list_value', list] }
const anything: Written = within((raw, depth) => {
  let made: unknown = null
  // of several the last one counts
  eachField(raw, depth, values, (name, item) => (made = name === 'null_value' ? null : item))
  return made
})

const tables: Readonly<Record<string, Table>> = {
  BoolValue: value(bool), BytesValue: value(bytes), DoubleValue: value(double), FloatValue: value(float), Int32Value: value(int(32)), Int64Value: value(int(64)),
  StringValue: value(text), UInt32Value: value(uint(32)), UInt64Value: value(uint(64)), Timestamp: time, Duration: time, Value: values, Empty: {},
  Struct: { 1: ['fields', bytes] }, ListValue: { 1: ['values', bytes] }, Any: { 1: ['type_url', text], 2: ['value', bytes] },
}

/** The fields of a well-known message as protobuf writes it; undefined when it is none. */
export function decodeMessage(name: string, raw: Uint8Array): Fields | undefined {
  const short = name.replace('google.protobuf.', '')
  const all = Buffer.from(raw)
  try {
    if (short === 'Struct') return new Map([['fields', struct.read(all, 0)]])
    if (short === 'ListValue') return new Map([['values', list.read(all, 0)]])
    return fieldsOf(all, 0, tables[short]!)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

function fieldsOf(raw: Buffer, depth: number, table: Table): Fields {
  const made = new Map<string, unknown>()
  eachField(raw, depth, table, (name, item) => {
    // the last one of several values is the one
    made.delete(name)
    made.set(name, item)
  })
  return made
}

/** Shows the fields that the table names; others are left out. @throws Malformed */
function eachField(raw: Buffer, depth: number, table: Table, see: (name: string, item: unknown) => void): void {
  if (depth > mostDepth) throw new Malformed()
  const reader = new Reader(raw)
  while (!reader.atEnd) {
    const tag = reader.varint()
    const found = table[Number(tag >> 3n)]
    const item = reader.value(Number(tag & 7n))
    if (found && found[1].wire === Number(tag & 7n)) see(found[0], found[1].read(item, depth + 1))
  }
}

const mostDigits = 10

class Reader {
  readonly #raw: Buffer
  #at = 0

  constructor(raw: Buffer) {
    this.#raw = raw
  }

  get atEnd(): boolean {
    return this.#at >= this.#raw.length
  }

  varint(): bigint {
    let made = 0n
    for (let i = 0; i < mostDigits; i++) {
      const [byte = 0] = this.#take(1)
      made |= BigInt(byte & 0x7f) << BigInt(7 * i)
      if (byte < 0x80) return BigInt.asUintN(64, made)
    }
    throw new Malformed()
  }

  value(wire: number): bigint | Buffer {
    if (wire === 0) return this.varint()
    if (wire === 1 || wire === 5) return this.#take(wire === 1 ? 8 : 4)
    if (wire === 2) return this.#take(Number(this.varint()))
    throw new Malformed()
  }

  #take(count: number): Buffer {
    if (count > this.#raw.length - this.#at) throw new Malformed()
    const end = this.#at + count
    const taken = this.#raw.subarray(this.#at, end)
    this.#at = end
    return taken
  }
}
