import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { lease } from '../../src-main/kinds/coordination/lease.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { pod, type Pod } from '../../src-main/kinds/core/pod.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import { podDisruptionBudget } from '../../src-main/kinds/policy/pod-disruption-budget.ts'
import { applyDefaults, checkStructure, prune, schemas } from '../../src-main/kinds/structure.ts'

const lines = ({ errors, unknown }: ReturnType<typeof checkStructure>) => [...errors.map(({ field, message }) => `${field}: ${message}`), ...unknown]

const wrongType = (path: string, wanted: string, actual: string) =>
  `${path}: Invalid value: "${actual}": ${path} in body must be of type ${wanted}: "${actual}"`

const cases: ReadonlyArray<[string, string, string[]]> = [
  ['a field the type does not have', '{"spec":{"template":{"spec":{"foo":1}}}}', ['spec.template.spec.foo']],
  ['an unknown field in a list', '{"spec":{"template":{"spec":{"containers":[{},{"bar":1}]}}}}', ['spec.template.spec.containers[1].bar']],
  ['a prototype as a field', '{"__proto__":{"spec":1},"spec":{"constructor":1,"toString":2}}', ['__proto__', 'spec.constructor', 'spec.toString']],
  ['text for a number', '{"spec":{"replicas":"3"}}', [wrongType('spec.replicas', 'integer', 'string')]],
  ['a fraction for a number', '{"spec":{"replicas":1.5}}', [wrongType('spec.replicas', 'integer', 'number')]],
  ['a number beyond 32 bits', '{"spec":{"replicas":2147483648}}', ['spec.replicas: Invalid value: 2147483648: must be between -2147483648 and 2147483647, inclusive']],
  ['a list for an object', '{"spec":[]}', [wrongType('spec', 'object', 'array')]],
  ['an object for a list', '{"spec":{"template":{"spec":{"containers":{}}}}}', [wrongType('spec.template.spec.containers', 'array', 'object')]],
  ['a number for a label', '{"metadata":{"labels":{"a":1}}}', [wrongType('metadata.labels[a]', 'string', 'integer')]],
  ['no time', '{"metadata":{"creationTimestamp":"yesterday"}}', ['metadata.creationTimestamp: Invalid value: "yesterday": must be a time as RFC 3339 writes it, such as 2006-01-02T15:04:05Z']],
  ['null anywhere', '{"metadata":{"creationTimestamp":null,"labels":null},"spec":{"strategy":null},"status":null}', []],
  ['a percentage or a count', '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":1}}}}', []],
  ['a truth for a percentage or a count', '{"spec":{"strategy":{"rollingUpdate":{"maxSurge":true}}}}', [wrongType('spec.strategy.rollingUpdate.maxSurge', 'string or integer', 'boolean')]],
]

describe('the structure of an object', () => {
  it.each(cases)('finds %s', (_, json, expected) => {
    expect(lines(checkStructure(deployment.schema, JSON.parse(json)))).toEqual(expected)
  })

  it('reads quantities as text or number, and refuses others', () => {
    const limits = (value: string) => checkStructure(pod.schema, JSON.parse(`{"spec":{"containers":[{"resources":{"limits":{"cpu":${value}}}}]}}`)).errors
    for (const right of ['1', '0.5', '"500m"', '"1e3"', '"1Gi"', '"-1"']) expect(limits(right)).toEqual([])
    for (const wrong of ['"x"', '"1 Gi"', '""', '"0x10"']) expect(limits(wrong).map((e) => e.field)).toEqual(['spec.containers[0].resources.limits[cpu]'])
    expect(limits('true')[0]?.reason).toBe('FieldValueTypeInvalid')
  })

  it('refuses what is not base64', () => {
    const data = (text: string) => checkStructure(configMap.schema, { binaryData: { a: text } }).errors.length
    expect(['', 'aGk=', 'aGVs\nbG8='].map(data)).toEqual([0, 0, 0])
    expect(['a', 'aGk', '####', 'a=b='].map(data)).toEqual([1, 1, 1, 1])
  })

  it('refuses a body that is no object', () => {
    for (const body of ['text', 3, true, []]) expect(checkStructure(pod.schema, body).errors).toHaveLength(1)
  })

  it('does not overflow on 10,000 levels, in known types, unknown fields and free-form values', () => {
    const nested = (open: string, close: string) => JSON.parse(open.repeat(10_000) + '{}' + close.repeat(10_000)) as unknown
    const recursive = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
    for (const value of [nested('{"not":', '}'), nested('{"default":', '}'), nested('{"allOf":[', ']}'), nested('{"foo":', '}')]) {
      const { errors } = checkStructure(recursive, value)
      expect(errors.every((error) => error.message.includes('nested deeper than'))).toBe(true)
      prune(recursive, value)
    }
    expect(checkStructure(recursive, nested('{"not":', '}')).errors).toHaveLength(1)
    expect(checkStructure(pod.schema, nested('{"spec":', '}')).unknown).toEqual(['spec.spec'])
    expect(checkStructure(pod.schema, nested('[', ']')).errors).toHaveLength(1)
  })

  it('lists no more than a hundred mistakes of a hostile body', () => {
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x${i}`, i]))
    expect(checkStructure(pod.schema, { spec: many }).unknown).toHaveLength(100)
    expect(checkStructure(pod.schema, { metadata: { labels: many } }).errors).toHaveLength(100)
  })

  it('prunes unknown fields and nulls, and reads zero values as Go does', () => {
    const object = JSON.parse(`{"__proto__":{"a":1},"metadata":{"labels":{"a":null,"b":"c"},"annotations":null},
      "spec":{"foo":{},"dnsPolicy":"","restartPolicy":"Never","containers":[null,{"command":[null,"x"],"resources":{"limits":{"cpu":2}}}]}}`) as object
    prune(pod.schema, object)
    expect(JSON.stringify(object)).toBe(JSON.stringify({
      metadata: { labels: { a: '', b: 'c' } },
      spec: { restartPolicy: 'Never', containers: [{}, { command: ['', 'x'], resources: { limits: { cpu: '2' } } }] },
    }))
  })

  it('writes quantities and times in one form, as Go does', () => {
    const quantities = { '1000m': '1', '0.5': '500m', '1.5': '1500m', '1024Mi': '1Gi', '0.5Gi': '512Mi', '1000': '1k', '1073741824': '1073741824', '1500m': '1500m', '20Mi': '20Mi', '0m': '0', '1e3': '1e3' }
    const object = {
      metadata: { creationTimestamp: '2026-02-01T01:02:03.999+02:00', managedFields: [{ time: '2026-02-01T01:02:03Z' }] },
      spec: { containers: [{ resources: { limits: Object.fromEntries(Object.keys(quantities).map((key) => [key, key])) } }] },
    }
    prune(pod.schema, object)
    expect(object.spec.containers[0]?.resources.limits).toEqual(Object.fromEntries(Object.entries(quantities)))
    expect(object.metadata).toEqual({ creationTimestamp: '2026-01-31T23:02:03Z', managedFields: [{ time: '2026-02-01T01:02:03Z' }] })
    const held = { spec: { renewTime: '2026-02-01T01:02:03.1234567Z', acquireTime: '2026-02-01T01:02:03Z' } }
    prune(lease.schema, held)
    expect(held.spec).toEqual({ renewTime: '2026-02-01T01:02:03.123456Z', acquireTime: '2026-02-01T01:02:03.000000Z' })
  })

  it('keeps free-form values and map keys as they are', () => {
    const text = '{"data":{"__proto__":"1","constructor":"2"},"metadata":{"managedFields":[{"fieldsV1":{"f:a":{".":{}},"x":null}}]}}'
    const object = JSON.parse(text) as object
    prune(configMap.schema, object)
    expect(JSON.stringify(object)).toBe(text)
  })

  it('fills a status with the zeros that Go writes, and asks for what a spec must say', () => {
    const condition = { type: 'Ready', status: 'True' }
    const object = { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: { containers: [{ image: 'a' }] }, status: { conditions: [condition], containerStatuses: [{ name: 'a', state: { running: {} } }] } }
    applyDefaults(pod, object as unknown as Pod)
    expect(object.status).toEqual({
      conditions: [{ ...condition, lastProbeTime: null, lastTransitionTime: null }],
      containerStatuses: [{ name: 'a', image: '', imageID: '', ready: false, restartCount: 0, lastState: {}, state: { running: { startedAt: null } } }],
    })
    expect(object.spec.containers[0]).not.toHaveProperty('name')
    const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: {} }
    applyDefaults(podDisruptionBudget, budget)
    expect(budget).toMatchObject({ spec: {}, status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 } })
  })

  it('knows the structure of every kind, and of every type those refer to', () => {
    for (const kind of kinds) expect(schemas[kind.schema], kind.kind).toBeDefined()
    const refs = Object.values(schemas).flatMap((type) => Object.values(type.fields).flatMap((f) => [f, f.items, f.items?.items]).filter((f) => f?.type === 'object').map((f) => f?.ref))
    expect(refs.filter((ref) => ref !== undefined && !Object.hasOwn(schemas, ref))).toEqual([])
  })
})
