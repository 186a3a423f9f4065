import { expect, test } from 'vitest'
import { documentProtobuf } from '../../src-main/api/openapi-protobuf.ts'
import { v3Protobuf } from '../../src-main/api/openapi-v3-protobuf.ts'
import type { Json } from '../../src-main/api/openapi-schema.ts'
import { atOnce } from '../../src-main/base/turns.ts'

type Field = readonly [number: number, value: number | Buffer]

/** The fields of a message, in their order. */
function fieldsOf(bytes: Buffer): Field[] {
  const fields: Field[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * shift
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const tag = varint()
    const number = tag >> 3
    if ((tag & 7) === 0) fields.push([number, varint()])
    else if ((tag & 7) === 1) fields.push([number, bytes.readDoubleLE((at += 8) - 8)])
    else {
      const length = varint()
      fields.push([number, bytes.subarray(at, (at += length))])
    }
  }
  return fields
}

/** What stands at a path of field numbers; of repeated fields the last. */
const at = (bytes: Buffer, ...path: number[]): number | Buffer | undefined =>
  path.reduce<number | Buffer | undefined>((value, number) => (Buffer.isBuffer(value) ? fieldsOf(value).findLast(([each]) => each === number)?.[1] : undefined), bytes)
const textAt = (bytes: Buffer, ...path: number[]): string => String(at(bytes, ...path))

const schemaOf = (schema: Json): Buffer => at(atOnce(v3Protobuf({ openapi: '3.0.0', paths: {}, components: { schemas: { A: schema } } })), 5, 1, 1, 2) as Buffer

test('names what a document is, and each of its schemas', () => {
  const bytes = atOnce(v3Protobuf({ openapi: '3.0.0', info: { title: 'T', version: 'v1' }, paths: {}, components: { schemas: { A: { type: 'string' }, B: { $ref: '#/components/schemas/A' } } } }))
  expect([textAt(bytes, 1), textAt(bytes, 2, 1), textAt(bytes, 2, 6)]).toEqual(['3.0.0', 'T', 'v1'])
  expect(fieldsOf(at(bytes, 5, 1) as Buffer).map(([, schema]) => textAt(schema as Buffer, 1))).toEqual(['A', 'B'])
  expect(textAt(bytes, 5, 1, 1, 2, 2, 1)).toBe('#/components/schemas/A')
})

test('writes texts, amounts, fractions, flags and lists of a schema under their numbers', () => {
  const schema = at(schemaOf({ type: 'string', maxLength: 300, minimum: 1.5, nullable: true, required: ['a', 'b'], enum: ['x', 1], 'x-kubernetes-list-type': 'map' }), 1) as Buffer
  expect([textAt(schema, 25), at(schema, 15), at(schema, 13), at(schema, 1)]).toEqual(['string', 300, 1.5, 1])
  expect(fieldsOf(schema).filter(([number]) => number === 23).map(([, name]) => String(name))).toEqual(['a', 'b'])
  expect(fieldsOf(schema).filter(([number]) => number === 24).map(([, value]) => textAt(value as Buffer, 2))).toEqual(['"x"\n', '1\n'])
  expect([textAt(schema, 36, 1), textAt(schema, 36, 2, 2)]).toEqual(['x-kubernetes-list-type', '"map"\n'])
})

test('writes what is in a schema, and whether there may be more', () => {
  const schema = at(schemaOf({ type: 'object', properties: { a: { $ref: '#/A' } }, additionalProperties: false, items: { type: 'integer' }, allOf: [{ type: 'boolean' }] }), 1) as Buffer
  expect([textAt(schema, 31, 1, 1), textAt(schema, 31, 1, 2, 2, 1)]).toEqual(['a', '#/A'])
  expect(at(schema, 32, 2)).toBe(0)
  expect([textAt(schema, 30, 1, 1, 25), textAt(schema, 26, 1, 25)]).toEqual(['integer', 'boolean'])
})

test.each([['a text', 'x', [3, Buffer.from('x')]], ['a number', 2, [1, 2]], ['a truth', false, [2, 0]], ['an object, which has no form', {}, undefined]])('writes the default %s', (_, value, field) => {
  expect(fieldsOf(at(schemaOf({ default: value }), 1, 33) as Buffer)[0]).toEqual(field)
})

test('writes the operations of a path, with what they take and answer', () => {
  const operation = { operationId: 'read', parameters: [{ name: 'limit', in: 'query', required: true, schema: { type: 'integer' } }], requestBody: { content: { 'application/json': { schema: { type: 'object' } } } }, responses: { 200: { description: 'OK' }, default: { description: 'else' } } }
  const get = at(atOnce(v3Protobuf({ openapi: '3.0.0', paths: { '/a': { get: operation } } })), 4, 1, 2, 4) as Buffer
  expect([textAt(get, 5), textAt(get, 6, 1, 1), at(get, 6, 1, 4), textAt(get, 6, 1, 10, 1, 25)]).toEqual(['read', 'limit', 1, 'integer'])
  expect([textAt(get, 7, 1, 2, 1, 1), textAt(get, 7, 1, 2, 1, 2, 1, 1, 25)]).toEqual(['application/json', 'object'])
  expect([textAt(get, 8, 1, 1, 1), textAt(get, 8, 2, 1), textAt(get, 8, 2, 2, 1, 1)]).toEqual(['else', '200', 'OK'])
})

test('says by what one is known', () => {
  const bytes = atOnce(v3Protobuf({ openapi: '3.0.0', paths: {}, components: { securitySchemes: { T: { type: 'apiKey', name: 'authorization', in: 'header' } } }, security: [{ T: [] }] }))
  expect([textAt(bytes, 5, 7, 1, 1), textAt(bytes, 5, 7, 1, 2, 1, 1), textAt(bytes, 6, 1, 1)]).toEqual(['T', 'apiKey', 'T'])
})

test('writes a definition of version 2 with all that it says of values', () => {
  const bytes = atOnce(documentProtobuf({ swagger: '2.0', info: { title: 'T' }, paths: {}, definitions: { A: { type: 'string', pattern: '^a', minLength: 1, maximum: 2.5, items: { type: 'integer' }, additionalProperties: true } } }))
  const schema = at(bytes, 9, 1, 2) as Buffer
  expect([textAt(bytes, 1), textAt(bytes, 9, 1, 1), textAt(schema, 22, 1), textAt(schema, 13), at(schema, 12), at(schema, 7)]).toEqual(['2.0', 'A', 'string', '^a', 1, 2.5])
  expect([textAt(schema, 23, 1, 22, 1), at(schema, 21, 2)]).toEqual(['integer', 1])
})

test('tells the parameters of version 2 apart', () => {
  const parameters = [{ in: 'body', name: 'b', schema: { $ref: '#/A' } }, { in: 'path', name: 'p' }, { in: 'query', name: 'q' }, { $ref: '#/parameters/x' }]
  const operation = at(atOnce(documentProtobuf({ swagger: '2.0', paths: { '/a': { get: { parameters, responses: { 200: { description: 'OK', schema: { $ref: '#/B' } } } } } } })), 8, 2, 2, 2) as Buffer
  const [body, path, query, reference] = fieldsOf(operation).filter(([number]) => number === 8).map(([, parameter]) => parameter as Buffer)
  expect([textAt(body!, 1, 1, 2), textAt(body!, 1, 1, 5, 1), textAt(path!, 1, 2, 4, 4), textAt(query!, 1, 2, 3, 4), textAt(reference!, 2, 1)]).toEqual(['b', '#/A', 'p', 'q', '#/parameters/x'])
  expect([textAt(operation, 9, 1, 1), textAt(operation, 9, 1, 2, 1, 1), textAt(operation, 9, 1, 2, 1, 2, 1, 1)]).toEqual(['200', 'OK', '#/B'])
})
