import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonCodec, prettyCodec, yamlCodec } from '../../src-main/api/codec-json.ts'
import { protobufCodec } from '../../src-main/api/codec-protobuf.ts'
import { encodeProtobuf } from '../../src-main/api/protobuf-encode.ts'
import { yamlOf } from '../../src-main/api/yaml-text.ts'
import { prettyJson } from '../../src-main/api/pretty-json.ts'
import { atOnce } from '../../src-main/base/turns.ts'

const definition = 'io.k8s.api.core.v1.ConfigMap'
const mapOf = (keys: number) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: Object.fromEntries(Array.from({ length: keys }, (_, n) => [`k${(n * 7919) % keys}`, `"${n}": {,}`])) })
const itemOf = (object: ReturnType<typeof mapOf>) => ({ object, bytes: Buffer.from(JSON.stringify(object)) })

/** How many turns of the event loop others had until it was there. */
async function turnsUntil(work: unknown): Promise<number> {
  let turns = 0
  let done = false
  const count = (): void => {
    turns++
    if (!done) setImmediate(count)
  }
  setImmediate(count)
  await work
  done = true
  return turns
}

describe('an answer for people', () => {
  it('is JSON as it would be written with spaces, whatever is in it', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      expect(atOnce(prettyJson(JSON.stringify(value)))).toBe(`${JSON.stringify(value, null, 2)}\n`)
    }))
    expect(atOnce(prettyJson(`${JSON.stringify({ a: [{}, [], '[{"\\'] })}\n`))).toBe(`${JSON.stringify({ a: [{}, [], '[{"\\'] }, null, 2)}\n`)
  })
})

describe('an answer that is long', () => {
  it.each([['JSON for people', prettyCodec], ['YAML', yamlCodec], ['protobuf', protobufCodec]])('is written as %s while others have their turns', async (_, codec) => {
    const item = itemOf(mapOf(40_000))
    expect(await turnsUntil(codec.object(item, definition))).toBeGreaterThan(3)
  }, 30_000)

  it('says the same as a short one', async () => {
    const object = mapOf(9000)
    const item = itemOf(object)
    expect(await protobufCodec.object(item, definition)).toEqual(encodeProtobuf(object, definition))
    expect(String(await prettyCodec.object(item, definition))).toBe(`${JSON.stringify(object, null, 2)}\n`)
    const { parse } = await import('yaml')
    expect(parse(String(await yamlCodec.object(item, definition)))).toEqual(object)
    const short = mapOf(3)
    expect(parse(String(await yamlCodec.object(itemOf(short), definition)))).toEqual(short)
    expect(jsonCodec.object(item, definition)).toBe(item.bytes)
  })

  it('may be an event of a watch in protobuf, which is written while others have their turns and made once', async () => {
    const { event } = protobufCodec.stream!
    const item = itemOf(mapOf(40_000))
    const written = event('ADDED', item, definition)
    expect(await turnsUntil(written)).toBeGreaterThan(3)
    expect(event('ADDED', item, definition)).toBe(written)
    expect(await written).toEqual(event('ADDED', { object: item.object }, definition))
  }, 30_000)

  it('is a list whose YAML is written part by part, and reads as if it were not', async () => {
    const filled = (n: number) => itemOf({ ...mapOf(3), metadata: { name: `x${n}` }, data: { k0: 'line\n  two\n\n', k1: 'y'.repeat(1_500_000) } })
    for (const items of [[], [0], [0, 1, 2, 3, 4, 5, 6]].map((list) => list.map(filled))) {
      const list = { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: '5' }, items, untyped: { apiVersion: 'v1', kind: 'ConfigMap' } }
      const whole = async (codec: typeof jsonCodec): Promise<string> => Buffer.concat((await codec.list(list, definition)) as Buffer[]).toString()
      expect(await whole(yamlCodec)).toBe(yamlOf(await whole(jsonCodec)))
    }
  }, 60_000)

  it('may be one of many in a list', async () => {
    const list = { apiVersion: 'v1', kind: 'ConfigMapList', metadata: {}, items: [itemOf(mapOf(2)), itemOf(mapOf(9000))] }
    const small = { ...list, items: list.items.map(({ object }) => ({ object })) }
    const whole = async (from: typeof list | typeof small) => Buffer.concat((await protobufCodec.list(from, definition)) as Buffer[])
    expect(await whole(list)).toEqual(await whole(small))
  })
})
