import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeBody } from '../../src-main/api/body.ts'
import { decodeProtobuf } from '../../src-main/api/protobuf.ts'
import { protobufMessages } from '../../src-main/kinds/protobuf.ts'
import { schemas } from '../../src-main/kinds/schemas.ts'
import { StatusError } from '../../src-main/kinds/status-error.ts'

interface Case { command: string; protobuf: string; json: { apiVersion: string; kind: string } }

const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/protobuf/kubectl.json'), 'utf8')) as { cases: Case[] }
const bytesOf = (command: string) => Buffer.from(cases.find((each) => each.command === `kubectl ${command}`)!.protobuf, 'base64')

function schemaOf({ apiVersion, kind }: Case['json']): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion]
  return `io.k8s.api.${group!.split('.')[0]}.${version}.${kind}`
}

/** protobuf has no empty lists: Go's JSON calls the list that is not there null. */
const withoutEmpty = (value: object): unknown =>
  JSON.parse(JSON.stringify(value), (_key, item: unknown) => (Array.isArray(item) && item.length === 0 ? null : item))

/** 200, or the code of the Status; any other error fails the test. */
function codeOf(bytes: Buffer, schema: string): number {
  try {
    decodeProtobuf(bytes, schema)
    return 200
  } catch (error) {
    if (error instanceof StatusError) return error.code
    throw error
  }
}

const tag = (number: number, type: number) => varint(number * 8 + type)
function varint(value: number | bigint): Buffer {
  const bytes: number[] = []
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)])
    bytes.push(Number(rest & 127n) | 128)
  }
}
const message = (number: number, ...parts: Buffer[]) => {
  const bytes = Buffer.concat(parts)
  return Buffer.concat([tag(number, 2), varint(bytes.length), bytes])
}
const text = (number: number, value: string) => message(number, Buffer.from(value))
const integer = (number: number, value: number | bigint) => Buffer.concat([tag(number, 0), varint(value)])
const body = (...parts: Buffer[]) => Buffer.concat([Buffer.from('k8s\0'), message(2, ...parts)])

const core = 'io.k8s.api.core.v1'
const deployment = 'io.k8s.api.apps.v1.Deployment'
const definition = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'

describe('a protobuf body', () => {
  it.each(cases)('is what the JSON of the same client says: $command', ({ protobuf, json }) => {
    const decoded = decodeProtobuf(Buffer.from(protobuf, 'base64'), schemaOf(json))
    expect(withoutEmpty(decoded)).toEqual(withoutEmpty(json))
  })

  it('is taken by its media type, whatever parameters follow', async () => {
    const { value } = await decodeBody(
      bytesOf('create configmap settings --from-literal=color=blue'), 'application/vnd.kubernetes.protobuf; charset=utf-8',
      { kind: 'ConfigMap', schema: `${core}.ConfigMap` },
    )
    expect(value).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', creationTimestamp: null }, data: { color: 'blue' } })
  })

  it('has a form for every built-in type', () => {
    expect([...protobufMessages.keys()].sort()).toEqual(Object.keys(schemas).sort())
    const empty = [...protobufMessages].filter(([, { fields }]) => fields.size === 0).map(([name]) => name)
    // types of newer releases, of statuses only
    expect(empty.filter((name) => Object.keys(schemas[name]!.fields).length > 0).length).toBeLessThanOrEqual(5)
  })

  it('keeps the zero of a pointer and drops that of an optional value', () => {
    const spec = (...parts: Buffer[]) => decodeProtobuf(body(message(2, ...parts)), deployment)['spec']
    expect(spec(integer(1, 0), integer(5, 0), integer(7, 0))).toEqual({ replicas: 0, selector: null })
    expect(spec(integer(1, -1), integer(5, 2 ** 31))).toEqual({ replicas: -1, minReadySeconds: -(2 ** 31), selector: null })
    const options = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'
    expect(decodeProtobuf(body(integer(1, 0), integer(3, 0), text(4, ''), text(5, 'All')), options)).toEqual({
      gracePeriodSeconds: 0, orphanDependents: false, propagationPolicy: '', dryRun: ['All'],
    })
  })

  it('reads large, negative and packed numbers', () => {
    const context = (...parts: Buffer[]) => decodeProtobuf(body(message(2, message(14, ...parts))), `${core}.Pod`)['spec']
    expect(context(integer(2, 2n ** 53n - 1n), message(4, varint(1), varint(2n ** 31n)), integer(4, 3))).toMatchObject({
      securityContext: { runAsUser: Number.MAX_SAFE_INTEGER, supplementalGroups: [1, 2 ** 31, 3] },
    })
    expect(context(integer(2, -(2n ** 62n)))).toMatchObject({ securityContext: { runAsUser: -(2n ** 62n) } })
  })

  it('writes times as RFC 3339, and an empty one as null', () => {
    const lease = (...parts: Buffer[]) => decodeProtobuf(body(message(2, ...parts)), 'io.k8s.api.coordination.v1.Lease')['spec']
    expect(lease(message(3, integer(1, 1714979289), integer(2, 123456789)), message(4))).toEqual({ acquireTime: '2024-05-06T07:08:09.123456Z', renewTime: null })
    const metadata = (...time: Buffer[]) => decodeProtobuf(body(message(1, message(8, ...time))), `${core}.Pod`)['metadata']
    expect(metadata(integer(1, -1), integer(2, 0))).toEqual({ creationTimestamp: '1969-12-31T23:59:59Z' })
    expect(codeOf(body(message(1, message(8, integer(1, 2n ** 62n)))), `${core}.Pod`)).toBe(400)
    expect(codeOf(body(message(1, message(8, integer(1, 1), integer(2, -1)))), `${core}.Pod`)).toBe(400)
  })

  it('takes a message in parts as one, and the last of a plain field', () => {
    const parts = body(message(1, text(1, 'a'), text(3, 'x')), message(1, text(1, 'b'), text(3, '')))
    expect(decodeProtobuf(parts, `${core}.Pod`)).toEqual({ metadata: { name: 'b' } })
  })

  it('reads raw JSON, unions and doubles', () => {
    const half = Buffer.concat([tag(9, 1), Buffer.from(new Float64Array([0.5]).buffer)])
    const schema = (...parts: Buffer[]) => decodeProtobuf(body(...parts), definition)
    const typed = (type: string) => text(5, type)
    expect(schema(half, message(8, text(1, '{"a":[1]}')), message(20, text(1, '"x"')), message(30, integer(1, 0)), message(33, message(2, typed('string'))))).toEqual({
      maximum: 0.5, default: { a: [1] }, enum: ['x'], additionalProperties: false, additionalItems: { type: 'string' },
    })
    expect(schema(message(24, message(1, typed('string'))))).toEqual({ items: { type: 'string' } })
    expect(schema(message(24, message(2, typed('string')), message(2, typed('integer'))))).toEqual({ items: [{ type: 'string' }, { type: 'integer' }] })
    expect(schema(message(32, text(1, 'a'), message(2, text(2, 'b'), text(2, 'c'))))).toEqual({ dependencies: { a: ['b', 'c'] } })
    expect(codeOf(body(message(8, text(1, '{'))), definition)).toBe(400)
    expect(codeOf(body(message(8, text(1, '['.repeat(300) + ']'.repeat(300)))), definition)).toBe(400)
  })

  it('drops fields of unknown numbers, of every wire type', () => {
    const newer = [integer(900, 1), text(901, 'x'), Buffer.concat([tag(902, 1), Buffer.alloc(8)]), Buffer.concat([tag(903, 5), Buffer.alloc(4)])]
    expect(decodeProtobuf(body(...newer, message(2, text(1, 'a'), text(2, 'b'))), `${core}.ConfigMap`)).toEqual({ data: { a: 'b' } })
  })

  it('keeps a key named __proto__ a key', () => {
    const { data } = decodeProtobuf(body(message(2, text(1, '__proto__'), text(2, 'b')), message(2)), `${core}.ConfigMap`) as { data: object }
    expect(Object.entries(data)).toEqual([['__proto__', 'b'], ['', '']])
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype)
  })

  it('refuses what is not protobuf, and protobuf for types that have none', () => {
    expect(codeOf(Buffer.from('{}'), deployment)).toBe(400)
    expect(codeOf(Buffer.from('k8'), deployment)).toBe(400)
    expect(codeOf(body(), 'com.example.v1.Widget')).toBe(415)
    expect(codeOf(body(integer(1, 1)), deployment)).toBe(400)
    expect(codeOf(body(message(2, text(1, 'x'))), deployment)).toBe(400)
    expect(codeOf(body(Buffer.from([0x0b])), deployment)).toBe(400)
    expect(codeOf(body(Buffer.from([0x00])), deployment)).toBe(400)
    expect(codeOf(body(Buffer.alloc(11, 0xff)), deployment)).toBe(400)
    for (const length of [varint(2 ** 40), varint(-1), varint(2n ** 63n)]) expect(codeOf(body(tag(1, 2), length), deployment)).toBe(400)
  })

  it('refuses what is deeper than any object', () => {
    let nested = Buffer.alloc(0)
    for (let depth = 0; depth < 10_000; depth++) nested = message(28, nested)
    expect(codeOf(body(nested), definition)).toBe(400)
  })

  it('reads no more fields than any object has', () => {
    const containers = (count: number) => body(message(2, Buffer.alloc(2 * count, message(2))))
    const { spec } = decodeProtobuf(containers(10_000), `${core}.Pod`) as { spec: { containers: object[] } }
    expect(spec.containers.length).toBe(10_000)
    expect(codeOf(containers(2 ** 20), `${core}.Pod`)).toBe(400)
  })

  it('answers every truncated or damaged body with an object or a 400', () => {
    const whole = bytesOf('create job full --from=cronjob/full')
    // inside the message, whose length the envelope tells
    for (let length = 32; length < whole.length - 32; length += 7) {
      expect(codeOf(whole.subarray(0, length), 'io.k8s.api.batch.v1.Job')).toBe(400)
    }
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }), (damages) => {
      const damaged = Buffer.from(whole)
      for (const [at, byte] of damages) damaged[at] = byte
      expect([200, 400]).toContain(codeOf(damaged, 'io.k8s.api.batch.v1.Job'))
    }), { numRuns: 300 })
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...protobufMessages.keys()), (bytes, schema) => {
      expect([200, 400]).toContain(codeOf(body(Buffer.from(bytes)), schema))
    }), { numRuns: 1000 })
  })
})
