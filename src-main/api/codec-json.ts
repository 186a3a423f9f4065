import { type Body, type Codec, type Item, type ItemList, shared, type StreamCodec } from './codec.ts'

export const whole = (body: Body): Buffer => (Buffer.isBuffer(body) ? body : Buffer.concat(body))

const comma = Buffer.from(',')
const newline = Buffer.from('}\n')

const jsonOf = ({ object, bytes }: Item): Buffer => bytes ?? Buffer.from(`${JSON.stringify(object)}\n`)

/** A list in pieces that are its items' stored form. */
function listOf({ kind, apiVersion, metadata, items }: ItemList): Buffer[] {
  const head = JSON.stringify({ kind, apiVersion, metadata })
  const parts: Buffer[] = [Buffer.from(`${head.slice(0, -1)},"items":[`)]
  items.forEach(({ object, bytes }, index) => {
    if (index > 0) parts.push(comma)
    parts.push(bytes ?? Buffer.from(JSON.stringify(object)))
  })
  parts.push(Buffer.from(']}\n'))
  return parts
}

/** `{"type":"ADDED","object":...}` and a newline. */
const wrap = (type: string, object: Buffer): Buffer => Buffer.concat([Buffer.from(`{"type":"${type}","object":`), object, newline])

const lines: StreamCodec = {
  mediaType: 'application/json',
  event: shared((type, { object, bytes }) => wrap(type, bytes ?? Buffer.from(JSON.stringify(object)))),
  json: wrap,
  alone: (event) => ({ data: event.subarray(0, event.length - 1), binary: false }),
}

/** The form that everything is stored in: bytes that are there are sent as they are. */
export const jsonCodec: Codec = { mediaType: 'application/json', object: jsonOf, list: listOf, json: (json) => json, stream: lines }

export const prettyCodec: Codec = {
  ...rewritten('application/json', (value) => `${JSON.stringify(value, null, 2)}\n`),
  stream: lines,
}

export const yamlCodec: Codec = rewritten('application/yaml', async (value) => {
  const { stringify } = await import('yaml')
  return stringify(value)
})

function rewritten(mediaType: string, write: (value: unknown) => string | Promise<string>): Codec {
  const again = async (json: Body): Promise<Buffer> => Buffer.from(await write(JSON.parse(whole(json).toString())))
  return { mediaType, object: (item) => again(jsonOf(item)), list: (list) => again(listOf(list)), json: again }
}
