import { turns } from '../base/turns.ts'
import { type Codec, type ItemList, shared, type StreamCodec } from './codec.ts'
import { encodeInSteps, encodeProtobuf, envelopeEnd, messageInSteps, messageOf, type Typed, writeEnvelope, writeEnvelopeType, writeFields } from './protobuf-encode.ts'
import { metaV1 } from './protobuf-messages.ts'
import { WireWriter } from './protobuf-write.ts'

const mediaType = 'application/vnd.kubernetes.protobuf'

/** How much of a long list is written before others have their turn. */
const sliceBytes = 128 * 1024

/** Of an object's JSON, where that is at hand: what is as long is written in steps. */
const isLarge = (json: Buffer | undefined): boolean => json !== undefined && json.length > sliceBytes

/** Where a list has its metadata and its items: the one of meta.k8s.io/v1beta1 has them the other way round. */
const numbersOf = ({ apiVersion }: Typed) => (apiVersion === 'meta.k8s.io/v1beta1' ? { metadata: 2, items: 1 } : { metadata: 1, items: 2 })

async function listOf({ items, metadata, ...type }: ItemList, definition: string): Promise<Buffer[]> {
  const message = messageOf(definition)
  const numbers = numbersOf(type)
  const parts: Buffer[] = []
  let length = 0
  let slice = 0
  for (const { object, bytes } of items) {
    const writer = new WireWriter()
    if (isLarge(bytes)) await turns.finish(messageInSteps(writer, numbers.items, object, message))
    else writer.message(numbers.items, () => writeFields(writer, object, message))
    const part = Buffer.from(writer.finish())
    parts.push(part)
    length += part.length
    if ((slice += part.length) < sliceBytes) continue
    slice = 0
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return [headOf(type, metadata, length), ...parts, envelopeEnd]
}

/** What stands before the items, whose bytes follow, and behind them. */
function headOf(type: Typed, metadata: object, itemsLength: number): Buffer {
  const list = new WireWriter()
  list.message(numbersOf(type).metadata, () => writeFields(list, metadata, messageOf(`${metaV1}.ListMeta`)))
  const before = list.finish()
  const writer = new WireWriter()
  writer.raw(before)
  writer.head(2, before.length + itemsLength)
  writeEnvelopeType(writer, type)
  return writer.finish()
}

function frame(type: string, write: (writer: WireWriter) => void): Buffer {
  const writer = new WireWriter()
  writer.message(2, () => writer.message(1, () => write(writer)))
  writer.text(1, type)
  writer.uint32(writer.length)
  return Buffer.from(writer.finish())
}

/** meta.v1 WatchEvents, each behind its length. */
const frames: StreamCodec = {
  mediaType: `${mediaType};stream=watch`,
  event: shared((type, { object, bytes }, definition) => {
    if (isLarge(bytes)) return turns.finish(encodeInSteps(object, definition)).then((envelope) => frame(type, (writer) => writer.raw(envelope)))
    return frame(type, (writer) => writeEnvelope(writer, object, () => writeFields(writer, object, messageOf(definition))))
  }),
  alone: (event) => ({ data: event.subarray(4), binary: true }),
}

/** Kubernetes' protobuf, for the types that its own definitions describe. */
export const protobufCodec: Codec = {
  mediaType,
  object: ({ object, bytes }, definition) => (isLarge(bytes) ? turns.finish(encodeInSteps(object, definition)) : encodeProtobuf(object, definition)),
  list: listOf,
  stream: frames,
}
