import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { protobufCodec } from '../../src-main/api/codec-protobuf.ts'
import { encodeInSteps, encodeProtobuf, messageOf } from '../../src-main/api/protobuf-encode.ts'
import { decodeProtobuf } from '../../src-main/api/protobuf.ts'
import { atOnce } from '../../src-main/base/turns.ts'
import { protobufMessages } from '../../src-main/kinds/protobuf.ts'
import { objectsOf } from '../fixtures/protobuf/arbitrary.ts'
import { envelopeOf, eventsIn, fieldsOf, listIn } from '../fixtures/protobuf/read.ts'

interface Case { command: string; protobuf: string; json: { apiVersion: string; kind: string } }

const { cases } = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/protobuf/kubectl.json'), 'utf8')) as { cases: Case[] }
const core = 'io.k8s.api.core.v1'
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const type = { apiVersion: 'v1', kind: 'Thing' }
const again = (object: object, definition: string) => decodeProtobuf(encodeProtobuf({ ...type, ...object }, definition), definition)

/** A float without a fraction and the integer that is written alike are one number. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function definitionOf({ apiVersion, kind }: Case['json']): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion]
  return `io.k8s.api.${group!.split('.')[0]}.${version}.${kind}`
}

describe('an answer in protobuf', () => {
  it.each([...protobufMessages.keys()])('says what the JSON says: %s', (definition) => {
    fc.assert(fc.property(objectsOf(definition), (object) => {
      expect(asJson(again(object, definition))).toEqual(asJson({ ...type, ...object }))
    }), { numRuns: 8, endOnFailure: true })
  })

  it('is the same where it is written in steps', () => {
    const numbered = (many: number, each: (n: number) => string) => Object.fromEntries(Array.from({ length: many }, (_, n) => [`k${n}`, each(n)]))
    const env = Array.from({ length: 6000 }, (_, n) => ({ name: `E${n}`, value: `${n}`, ...(n % 2 ? { valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } } : {}) }))
    const pod = {
      ...type, metadata: { name: 'a', labels: numbered(5000, String), finalizers: Array.from({ length: 5000 }, (_, n) => `a/${n}`), creationTimestamp: null },
      spec: { containers: [{ name: 'c', env, args: Array.from({ length: 5000 }, String), resources: { limits: numbered(5000, (n) => `${n}m`) } }, { name: 'd' }], terminationGracePeriodSeconds: 5 },
    }
    let rests = 0
    const steps = encodeInSteps(pod, `${core}.Pod`)
    let step = steps.next()
    for (; !step.done; step = steps.next()) rests++
    expect(step.value.equals(encodeProtobuf(pod, `${core}.Pod`))).toBe(true)
    expect(rests).toBeGreaterThan(50)
    expect(atOnce(encodeInSteps({ ...type, metadata: { name: 'a' } } as typeof type, `${core}.Pod`)).equals(encodeProtobuf({ ...type, metadata: { name: 'a' } } as typeof type, `${core}.Pod`))).toBe(true)
  })

  it.each(cases)('reads as what a Go client wrote: $command', ({ protobuf, json }) => {
    const definition = definitionOf(json)
    const sent = decodeProtobuf(Buffer.from(protobuf, 'base64'), definition)
    expect(decodeProtobuf(encodeProtobuf(sent as Case['json'], definition), definition)).toEqual(sent)
  })

  it('stands in an envelope with its type', () => {
    const bytes = encodeProtobuf({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } as object as Case['json'], `${core}.ConfigMap`)
    expect(envelopeOf(bytes)).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' })
    // as Go writes it, to the byte
    expect(bytes.toString('latin1')).toBe('k8s\0\n\x0f\n\x02v1\x12\tConfigMap\x12\x05\n\x03\n\x01a\x1a\0"\0')
  })

  it('has the fields of 1.36 under the numbers that Go clients give them', () => {
    const numbers = (message: Buffer): number[] => [...fieldsOf(message).keys()]
    const inside = (object: object, definition: string, ...path: number[]): number[] =>
      numbers(path.reduce((at, number) => fieldsOf(at).get(number)![0]!, envelopeOf(encodeProtobuf({ ...type, ...object }, definition)).raw))
    expect(inside({ spec: { schedulingGroup: { podGroupName: 'a' } } }, `${core}.Pod`, 2)).toEqual([43])
    expect(inside({ status: { nodeAllocatableResourceClaimStatuses: [{ resourceClaimName: 'a', containers: ['b'], resources: { cpu: '1' } }] } }, `${core}.Pod`, 3, 21)).toEqual([1, 2, 3])
    expect(inside({ status: { extendedResourceClaimStatus: { requestMappings: [{ containerName: 'a', requestName: 'b', resourceName: 'c' }], resourceClaimName: 'd' } } }, `${core}.Pod`, 3, 18, 1)).toEqual([1, 2, 3])
    expect(inside({ status: { declaredFeatures: ['a'] } }, `${core}.Node`, 3)).toEqual([14])
    expect(inside({ metadata: { shardInfo: { selector: 'a' } } }, `${meta}.Status`, 1, 5)).toEqual([1])
  })

  it('has the keys of a map in their order', () => {
    const { raw } = envelopeOf(encodeProtobuf({ ...type, data: { b: '2', c: '3', a: '1' } } as typeof type, `${core}.ConfigMap`))
    expect(fieldsOf(raw).get(2)!.map((entry) => fieldsOf(entry).get(1)!.toString())).toEqual(['a', 'b', 'c'])
  })

  it('leaves out what is null or not known, and no zero', () => {
    const spec = again({ spec: { replicas: 0, paused: false, minReadySeconds: null, selector: null, newer: 1, template: {} } }, 'io.k8s.api.apps.v1.Deployment')['spec']
    expect(spec).toEqual({ replicas: 0, selector: null, template: {} })
    expect(again({ metadata: { creationTimestamp: null, deletionTimestamp: null } }, `${core}.ConfigMap`)['metadata']).toEqual({ creationTimestamp: null })
  })

  it('writes numbers of 64 bits, below zero too', () => {
    for (const runAsUser of [2 ** 53 - 1, -1, -(2n ** 62n), 2n ** 63n - 1n, 128, 127]) {
      expect(again({ spec: { securityContext: { runAsUser } } }, `${core}.Pod`)['spec']).toMatchObject({ securityContext: { runAsUser } })
    }
  })

  it('has an Ingress of a beta as Kubernetes had it: the paths of a rule in a message of their own', () => {
    const rule = { host: 'a.example', http: { paths: [{ path: '/', backend: { serviceName: 'web', servicePort: 80 } }] } }
    const bytes = encodeProtobuf({ ...type, spec: { rules: [rule] } } as typeof type, 'io.k8s.api.networking.v1beta1.Ingress')
    const inside = (message: Buffer, ...path: number[]): Buffer => path.reduce((at, number) => fieldsOf(at).get(number)![0]!, message)
    // spec, rules, IngressRuleValue, http, paths, path
    expect(inside(envelopeOf(bytes).raw, 2, 3, 2, 1, 1, 1).toString()).toBe('/')
  })

  it('is no answer of a definition that has none', () => {
    expect(() => messageOf('com.example.v1.Sofa')).toThrow('no protobuf form')
  })
})

describe('a list in protobuf', () => {
  const items = Array.from({ length: 3000 }, (_, i) => ({
    object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `a-${i}` }, data: { text: 'x'.repeat(1000) } },
  }))
  const list = { apiVersion: 'v1', kind: 'ConfigMapList', metadata: { resourceVersion: '7', continue: 'more', remainingItemCount: 0 }, items }
  const write = async (): Promise<Buffer> => Buffer.concat([await protobufCodec.list(list, `${core}.ConfigMap`)].flat())

  it('has its metadata and its items, which have no type of their own', async () => {
    expect(listIn(await write(), `${core}.ConfigMap`)).toEqual({
      apiVersion: 'v1', kind: 'ConfigMapList', metadata: list.metadata,
      items: items.map(({ object: { metadata, data } }) => ({ metadata, data })),
    })
  })

  it('gives others their turn while a long one is written', async () => {
    let turns = 0
    let written = false
    const count = (): void => {
      turns++
      if (!written) setImmediate(count)
    }
    setImmediate(count)
    await write()
    written = true
    expect(turns).toBeGreaterThan(10)
  })
})

describe('an event in protobuf', () => {
  it('stands behind its length, with its object in an envelope, and is made once for all', async () => {
    const item = { object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } } }
    const { event, alone } = protobufCodec.stream!
    const added = await event('ADDED', item, `${core}.ConfigMap`)
    const failed = await event('ERROR', { object: { apiVersion: 'v1', kind: 'Status', code: 410 } as typeof type }, `${meta}.Status`)
    const [first, second] = eventsIn(Buffer.concat([added, failed]))
    expect(first!.type).toBe('ADDED')
    expect(decodeProtobuf(first!.object, `${core}.ConfigMap`)).toEqual(item.object)
    expect(second!.type).toBe('ERROR')
    expect(decodeProtobuf(second!.object, `${meta}.Status`)).toEqual({ apiVersion: 'v1', kind: 'Status', code: 410 })
    expect(event('ADDED', item, `${core}.ConfigMap`)).toBe(added)
    expect(alone(added)).toEqual({ data: added.subarray(4), binary: true })
  })
})
