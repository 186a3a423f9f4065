import { describe, expect, it } from 'vitest'
import { decodeProtobuf } from '../../src-main/api/protobuf.ts'
import { encodeProtobuf } from '../../src-main/api/protobuf-encode.ts'
import { decodeInSteps } from '../../src-main/api/protobuf-in-steps.ts'
import { counted } from '../fixtures/counted-steps.ts'

const core = 'io.k8s.api.core.v1'
const many = <T>(count: number, each: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => each(n))
const named = <T>(count: number, each: (n: number) => T): Record<string, T> => Object.fromEntries(many(count, (n) => [`k${n}`, each(n)]))
const leaf = { type: 'string', description: 'x'.repeat(400) }

const long: ReadonlyArray<readonly [what: string, definition: string, fields: object]> = [
  ['a map', `${core}.ConfigMap`, { data: { ...named(20_000, (n) => `v${n}`), __proto__x: 'a' } }],
  ['a list in a message in a list', `${core}.Pod`, { spec: { containers: [{ name: 'c', image: 'i', env: many(9000, (n) => ({ name: `E${n}`, value: 'v' })) }, { name: 'd' }], hostNetwork: true } }],
  ['numbers', `${core}.Pod`, { spec: { securityContext: { supplementalGroups: many(20_000, (n) => n) }, containers: [] } }],
  ['JSON', `${core}.Pod`, { metadata: { name: 'x', managedFields: [{ manager: 'm', fieldsType: 'FieldsV1', fieldsV1: named(9000, () => ({})) }] } }],
  ['schemas of every kind', 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition', { spec: {
    group: 'a', names: { plural: 'b', kind: 'B' }, scope: 'Cluster',
    versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema: { openAPIV3Schema: {
      type: 'object', properties: named(200, () => ({ type: 'array', items: leaf, additionalProperties: false })), additionalProperties: { type: 'object', properties: named(100, () => leaf) }, allOf: many(100, () => leaf),
      items: { properties: named(100, () => leaf) }, default: named(9000, () => 1),
    } } }],
  } }],
]

describe('protobuf that is long', () => {
  it.each(long)('is read in steps where it is %s, and says the same', (_, definition, fields) => {
    const bytes = encodeProtobuf({ apiVersion: 'v1', kind: 'X', ...fields }, definition)
    const { value, count } = counted(decodeInSteps(bytes, definition))
    expect(JSON.stringify(value)).toBe(JSON.stringify(decodeProtobuf(bytes, definition)))
    expect(count).toBeGreaterThan(2)
  })

  it('is refused for the same mistakes', () => {
    const encoded = (fields: object) => encodeProtobuf({ apiVersion: 'v1', kind: 'Pod', ...fields }, `${core}.Pod`)
    const [, , , json] = long
    const bytes = encoded(json![2])
    expect(() => counted(decodeInSteps(bytes.subarray(0, 20_000), `${core}.Pod`))).toThrow('proto: unexpected EOF')
    const at = bytes.indexOf('"k500":{}')
    bytes.write('x', at)
    expect(() => counted(decodeInSteps(bytes, `${core}.Pod`))).toThrow('proto: json parse error')
    const groups = encoded({ spec: { securityContext: { supplementalGroups: many(330_000, () => 1) } } })
    expect(() => counted(decodeInSteps(groups, `${core}.Pod`))).toThrow('proto: too many fields')
  })
})
