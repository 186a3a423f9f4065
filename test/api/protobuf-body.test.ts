import { describe, expect, it } from 'vitest'
import { decodeProtobuf } from '../../src-main/api/protobuf-body.ts'
import { StatusError } from '../../src-main/kinds/status-error.ts'

/** What kubectl 1.32 sends for `create configmap cm --from-literal a=b`, up to the message itself. */
const head = '6b387300 0a0f 0a027631 1209436f6e6669674d6170'
const body = '0a12 0a02636d 1200 1a00 2200 2a00 3200 3800 4200 1206 0a0161 120162'
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')
const unknown = (message: string) => Buffer.concat([hex(head), Buffer.from([0x12, hex(message).length]), hex(message)])
const configMap = 'io.k8s.api.core.v1.ConfigMap'

function codeOf(bytes: Buffer, schema = configMap): number {
  try {
    decodeProtobuf(bytes, schema)
    return 200
  } catch (error) {
    if (error instanceof StatusError) return error.code
    throw error
  }
}

describe('a protobuf body', () => {
  it('reads what kubectl sends, and leaves out what a Go client writes for nothing', () => {
    expect(decodeProtobuf(unknown(body), configMap)).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'cm' }, data: { a: 'b' } })
  })

  it('keeps a zero that means something', () => {
    const replicas = '1202 0800'
    expect(decodeProtobuf(unknown(replicas), 'io.k8s.api.apps.v1.Deployment')).toMatchObject({ spec: { replicas: 0 } })
    const negative = '120b 08ffffffffffffffffff01'
    expect(decodeProtobuf(unknown(negative), 'io.k8s.api.apps.v1.Deployment')).toMatchObject({ spec: { replicas: -1 } })
  })

  it('keeps a key named __proto__ a key', () => {
    const { data } = decodeProtobuf(unknown('120e 0a095f5f70726f746f5f5f 120162'), configMap) as { data: object }
    expect(Object.keys(data)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype)
  })

  it('refuses what it cannot read instead of dropping it', () => {
    expect(codeOf(unknown('9a01 00'))).toBe(415)
    expect(codeOf(unknown(body), 'io.k8s.api.core.v1.Endpoints')).toBe(415)
    expect(codeOf(unknown('0aff'))).toBe(400)
    expect(codeOf(unknown('0801'))).toBe(400)
    expect(codeOf(unknown('0d00000000'))).toBe(400)
    expect(codeOf(hex(`${head} 12ffffffffffffffffff01`))).toBe(400)
    expect(codeOf(Buffer.from('{}'))).toBe(400)
  })
})
