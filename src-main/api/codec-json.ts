import { atOnce, turns } from '../base/turns.ts'
import { type Body, type Codec, type Item, type ItemList, shared, type StreamCodec } from './codec.ts'
import { prettyJson } from './pretty-json.ts'
import type { Typed } from './protobuf-encode.ts'
import { writeYaml } from './yaml.ts'

export const whole = (body: Body): Buffer => (Buffer.isBuffer(body) ? body : Buffer.concat(body))

const comma = Buffer.from(',')
const newline = Buffer.from('}\n')
const brace = Buffer.from('{')
const commaBrace = Buffer.from(',{')

const jsonOf = ({ object, bytes }: Item): Buffer => bytes ?? Buffer.from(`${JSON.stringify(object)}\n`)

/** A list in pieces that are its items' stored form. */
function listOf({ kind, apiVersion, metadata, items, untyped, asMap = false, noneIsNull = false }: ItemList): Buffer[] {
  if (noneIsNull && items.length === 0) return [Buffer.from(`${JSON.stringify({ kind, apiVersion, metadata, items: null })}\n`)]
  const [before, behind] = asMap ? [{ apiVersion }, { kind, metadata }] : [{ kind, apiVersion, metadata }, {}]
  return [Buffer.from(`${JSON.stringify(before).slice(0, -1)},"items":[`), ...itemsOf(items, untyped), Buffer.from(asMap ? `],${JSON.stringify(behind).slice(1)}\n` : ']}\n')]
}

function itemsOf(items: readonly Item[], untyped: Typed | undefined): Buffer[] {
  const parts: Buffer[] = []
  const without = untyped && withoutType(untyped)
  const between = without ? commaBrace : comma
  items.forEach((item, index) => {
    if (index > 0) parts.push(between)
    else if (without) parts.push(brace)
    parts.push(without?.(item) ?? item.bytes ?? Buffer.from(JSON.stringify(item.object)))
  })
  return parts
}

/** What stands behind the brace of an object of this type when its type is left out: mostly the end of what is stored. */
function withoutType({ apiVersion, kind }: Typed): (item: Item) => Buffer {
  const beginnings = [{ kind, apiVersion }, { apiVersion, kind }].map((type) => Buffer.from(`${JSON.stringify(type).slice(0, -1)},`))
  return ({ object, bytes }) => {
    for (const beginning of bytes ? beginnings : []) if (beginsWith(bytes!, beginning)) return bytes!.subarray(beginning.length)
    return Buffer.from(JSON.stringify({ ...object, apiVersion: undefined, kind: undefined })).subarray(1)
  }
}

/** As fast as it can be: asked of every item of every list. */
function beginsWith(bytes: Buffer, beginning: Buffer): boolean {
  for (let i = 0; i < beginning.length; i++) if (bytes[i] !== beginning[i]) return false
  return true
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

/** Below this length nobody waits for it to be written again. */
const longText = 64 * 1024

export const prettyCodec: Codec = {
  ...rewritten('application/json', (json) => (json.length > longText ? turns.finish(prettyJson(json)) : atOnce(prettyJson(json)))),
  stream: lines,
}

export const yamlCodec: Codec = { ...rewritten('application/yaml', writeYaml), list: yamlListOf }

/** So much of a list's JSON is written as YAML at a time, whatever its length: a thread has room for that. */
const mostWritten = 4 * 1024 * 1024

/** The keys in the order of their names, as of any YAML; a list stands no deeper than its name, so that its parts stand below each other. */
async function yamlListOf({ kind, apiVersion, metadata, items, untyped, noneIsNull = false }: ItemList): Promise<Buffer[]> {
  const written = async (json: string): Promise<Buffer> => Buffer.from(await writeYaml(json))
  const parts = [await written(JSON.stringify({ apiVersion })), Buffer.from(items.length > 0 ? 'items:\n' : `items: ${noneIsNull ? 'null' : '[]'}\n`)]
  for (const some of slices(items)) parts.push(await written(`[${whole(itemsOf(some, untyped)).toString()}]`))
  return [...parts, await written(JSON.stringify({ kind, metadata }))]
}

function* slices(items: readonly Item[]): Generator<readonly Item[]> {
  let from = 0
  let length = 0
  for (const [i, { bytes }] of items.entries()) {
    length += bytes?.length ?? 0
    if (length < mostWritten) continue
    yield items.slice(from, i + 1)
    from = i + 1
    length = 0
  }
  if (from < items.length) yield items.slice(from)
}

function rewritten(mediaType: string, write: (json: string) => string | Promise<string>): Codec {
  const again = async (json: Body): Promise<Buffer> => Buffer.from(await write(whole(json).toString()))
  return { mediaType, object: (item) => again(jsonOf(item)), list: (list) => again(listOf(list)), json: again }
}
