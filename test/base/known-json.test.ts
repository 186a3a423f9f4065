import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyJson, type JsonObject } from '../../src-main/base/json.ts'
import { knownFrom, knownJson } from '../../src-main/base/known-json.ts'
import { atOnce } from '../../src-main/base/turns.ts'

const member = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant('"\\'), fc.constant({ 'a"b\\': ['}', '{', ',', '\u2028é'] }))
const members = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('spec', 'data', '"', '\\"', '__proto__', '0')), member)
const objects = fc.record({ fields: members, metadata: members }).map(({ fields, metadata }): JsonObject => ({ ...fields, metadata }))

/** With some of the members, others changed, and new ones. */
const changed = (object: JsonObject, keep: boolean): JsonObject =>
  Object.fromEntries(Object.entries(object).filter((_, n) => keep || n % 3 !== 0).map(([name, value], n) => [name, n % 2 === 0 ? value : copyJson([value, n])]))

const read = (text: string): JsonObject => JSON.parse(text) as JsonObject

describe('the JSON of an object of which most is known', () => {
  it('is what would be written anew, whatever changed', () => {
    fc.assert(fc.property(objects, fc.boolean(), fc.boolean(), (drawn, keep, isStored) => {
      const object = read(JSON.stringify(drawn))
      const known = isStored ? knownFrom(object, Buffer.from(JSON.stringify(object))) : atOnce(knownJson(object))
      expect(known.of(object).toString()).toBe(JSON.stringify(object))
      const next = { ...changed(object, keep), metadata: { ...changed(object['metadata'] as JsonObject, keep), resourceVersion: '7', gone: undefined }, new: { a: 1n }, gone: undefined }
      expect(known.of(next).toString()).toBe(JSON.stringify(next))
    }))
  })

  it('takes the text of what is the same value, and asks nobody to write it', () => {
    const data = { toJSON: () => 'written again' }
    const known = knownFrom({ kind: 'A', data, metadata: { labels: data } }, Buffer.from('{"kind":"A","data":{"a": 1},"metadata":{"labels":{"b":[]}}}'))
    expect(known.of({ metadata: { name: 'x', labels: data }, data, more: data }).toString()).toBe('{"metadata":{"name":"x","labels":{"b":[]}},"data":{"a": 1},"more":"written again"}')
    const other = { data: {}, metadata: {} }
    expect(known.with(other, new Map([['data', '{"c":2}'], ['metadata', '{}']])).of(other).toString()).toBe('{"data":{"c":2},"metadata":{}}')
  })
})
