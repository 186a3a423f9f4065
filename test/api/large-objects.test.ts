import { describe, expect, it } from 'vitest'
import type { CustomResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { customKinds } from '../../src-main/kinds/custom.ts'
import { configMap, type Served, served } from './served-fixture.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const wides = '/apis/large.example.com/v1/namespaces/default/wides'
const numbered = (count: number, each: (n: number) => string): string => Array.from({ length: count }, (_, n) => each(n)).join(',')

interface Read {
  metadata: { name: string; resourceVersion: string; managedFields?: unknown[]; labels?: Record<string, string>; generation?: number }
  data?: Record<string, string>
  spec?: { list: unknown[]; map?: Record<string, unknown> }
}

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'wides.large.example.com' },
  spec: {
    group: 'large.example.com', scope: 'Namespaced', names: { plural: 'wides', singular: 'wide', kind: 'Wide', listKind: 'WideList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: {
      list: { type: 'array', items: { type: 'integer' } }, map: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    } } } } } }],
  },
}

const wide = (fields: string, metadata = '"name":"x"'): string => `{"apiVersion":"large.example.com/v1","kind":"Wide","metadata":{${metadata}},"spec":{${fields}}}`

async function withWides(): Promise<Served> {
  const server = await served()
  server.kinds.set(definition.metadata.name, customKinds({ ...definition, status: { acceptedNames: definition.spec.names } } as CustomResourceDefinition))
  return server
}

describe('a large object', () => {
  it('of tens of thousands of keys is created, patched, applied to and deleted like every other', async () => {
    const { call } = await served()
    const text = `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{${numbered(30_000, (n) => `"k${n}":"${n}"`)}}}`
    const created = await call(`${maps}?fieldManager=me`, { method: 'POST', body: text })
    expect(created.code, created.text.slice(0, 300)).toBe(201)
    const first = created.json<Read>()
    expect(Object.keys(first.data!)).toHaveLength(30_000)
    expect(JSON.stringify(first.metadata.managedFields)).toContain('"f:k29999":{}')
    expect((await call(`${maps}/x`)).text).toBe(created.text)
    const patched = await call(`${maps}/x`, { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: '{"data":{"k7":null,"new":"1"},"metadata":{"labels":{"a":"b"}}}' })
    expect(patched.json<Read>()).toMatchObject({ metadata: { labels: { a: 'b' } }, data: { new: '1', k8: '8' } })
    expect(Object.keys(patched.json<Read>().data!)).toHaveLength(30_000)
    const same = await call(`${maps}/x`, { method: 'PATCH', headers: { 'content-type': 'application/strategic-merge-patch+json' }, body: '{"data":{"new":"1"}}' })
    expect(same.json<Read>().metadata.resourceVersion).toBe(patched.json<Read>().metadata.resourceVersion)
    const applied = await call(`${maps}/x?fieldManager=other`, { method: 'PATCH', headers: { 'content-type': 'application/apply-patch+yaml' }, body: text })
    expect(applied.code, applied.text.slice(0, 300)).toBe(200)
    expect(applied.json<Read>().data).toMatchObject({ k7: '7', new: '1' })
    const conflict = await call(`${maps}/x`, { method: 'PUT', body: text.replace('"name":"x"', `"name":"x","resourceVersion":"${first.metadata.resourceVersion}"`) })
    expect(conflict.code).toBe(409)
    expect((await call(`${maps}/x`, { method: 'DELETE' })).code).toBe(200)
  }, 60_000)

  it('of which nobody can own every field is kept without its owners', async () => {
    const { call } = await served()
    const created = await call(maps, { method: 'POST', body: `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{${numbered(95_000, (n) => `"k${n}":""`)}}}` })
    expect(created.code, created.text.slice(0, 300)).toBe(201)
    expect(created.json<Read>().metadata.managedFields).toBeUndefined()
  }, 60_000)

  it('may be a custom resource of hundreds of thousands of numbers', async () => {
    const { call } = await withWides()
    const body = wide(`"list":[${numbered(400_000, () => '0')}],"map":{"__proto__":{"x":1}}`)
    const tried = await call(`${wides}?dryRun=All`, { method: 'POST', body })
    expect(tried.code, tried.text.slice(0, 300)).toBe(201)
    expect((await call(`${wides}/x`)).code).toBe(404)
    const created = await call(wides, { method: 'POST', body })
    expect(created.json<Read>().spec!.list).toHaveLength(400_000)
    expect(Object.keys(created.json<Read>().spec!.map!)).toEqual(['__proto__'])
    const { resourceVersion } = created.json<Read>().metadata
    const updated = await call(`${wides}/x`, { method: 'PUT', body: wide(`"list":[1,${numbered(400_000, () => '0')}]`, `"name":"x","resourceVersion":"${resourceVersion}"`) })
    expect(updated.json<Read>()).toMatchObject({ metadata: { generation: 2 } })
    expect(updated.json<Read>().spec!.list).toHaveLength(400_001)
    const wrong = await call(wides, { method: 'POST', body: wide(`"list":[${numbered(400_000, () => '0')},"x"]`, '"name":"y"') })
    expect(wrong.json<{ message: string }>().message).toBe('Wide.large.example.com "y" is invalid: spec.list[400000]: Invalid value: "string": spec.list[400000] in body must be of type integer: "string"')
  }, 60_000)

  it('is refused as etcd refuses it, which is given less than JSON of what Kubernetes describes', async () => {
    const { call } = await withWides()
    const etcd = 'etcdserver: request is too large'
    const filled = wide(`"list":[],"map":{"text":"${'x'.repeat(1.55 * 1024 * 1024)}"}`)
    expect((await call(wides, { method: 'POST', body: filled })).json()).toMatchObject({ code: 500, message: etcd })
    // each quote is two bytes of JSON
    const quotes = await call(maps, { method: 'POST', body: configMap('quotes', { text: '"'.repeat(1024 * 1024 - 10) }) })
    expect(quotes.code, quotes.text.slice(0, 300)).toBe(201)
    expect(quotes.json<Read>().data!.text).toHaveLength(1024 * 1024 - 10)
    const held = await call(`${maps}/quotes`, { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: '{"metadata":{"finalizers":["a.example.com/b"]}}' })
    expect(held.code, held.text.slice(0, 300)).toBe(200)
    expect((await call(`${maps}/quotes`, { method: 'DELETE' })).code).toBe(200)
    await call(`${maps}/quotes`, { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: '{"metadata":{"finalizers":null}}' })
    expect((await call(`${maps}/quotes`)).code).toBe(404)
    const annotated = await call(`${wides}`, { method: 'POST', body: wide(`"list":[${numbered(1_200_000, () => '0')}]`) })
    expect(annotated.json<{ message: string }>().message).toMatch(/^rpc error: code = ResourceExhausted desc = trying to send message larger than max \(\d+ vs. 2097152\)$/)
  }, 60_000)

  it('is changed by a few at a time, however many would like to', async () => {
    const { call } = await served()
    const text = configMap('x', Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`k${n}`, 'v'.repeat(100)])))
    expect((await call(maps, { method: 'POST', body: text })).code).toBe(201)
    const patch = (n: number) => call(`${maps}/x`, { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: `{"data":{"n${n}":"1"}}` })
    const codes = (await Promise.all(Array.from({ length: 12 }, (_, n) => patch(n)))).map(({ code }) => code)
    const { data } = (await call(`${maps}/x`)).json<Read>()
    // who is told of a conflict has changed nothing
    expect(codes.map((code, n) => [code === 409 ? undefined : code, data![`n${n}`]]).filter(([code]) => code)).toEqual(codes.filter((code) => code !== 409).map(() => [200, '1']))
    expect(Object.keys(data!).filter((key) => key.startsWith('n'))).toHaveLength(codes.filter((code) => code === 200).length)
    expect(codes).toContain(200)
  }, 60_000)

  it('keeps nobody else waiting until it is done', async () => {
    const { call } = await withWides()
    const body = wide(`"list":[${numbered(200_000, String)}]`)
    let done = false
    const large = call(wides, { method: 'POST', body }).finally(() => (done = true))
    let between = 0
    while (!done) {
      expect((await call(`${maps}?dryRun=All`, { method: 'POST', body: configMap('small', {}) })).code).toBe(201)
      if (!done) between++
    }
    expect((await large).code).toBe(201)
    expect(between).toBeGreaterThan(3)
  }, 60_000)
})

describe('a number that nothing holds', () => {
  const call400 = (text: string) => ({ method: 'POST', body: text })

  it('is no mistake where nobody reads it', async () => {
    const { call } = await served()
    const unknown = await call(`${maps}?fieldValidation=Ignore`, call400('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"more":[1e400,{"a":-1E999}]}'))
    expect(unknown.code, unknown.text).toBe(201)
    expect(unknown.json()).not.toHaveProperty('more')
    const strict = await call(`${maps}?fieldValidation=Strict`, call400('{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"y"},"more":1e400}'))
    expect(strict.json()).toMatchObject({ code: 400, message: expect.stringContaining('strict decoding error: unknown field "more"') as string })
  })

  it('is one where somebody does', async () => {
    const { call } = await withWides()
    const typed = await call('/apis/apps/v1/namespaces/default/deployments', call400('{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"replicas":1e400}}'))
    expect(typed.json()).toMatchObject({ code: 400, message: 'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal number 1e400 into Go struct field DeploymentSpec.spec.replicas of type int32' })
    const custom = await call(wides, call400(wide('"more":1e400')))
    expect(custom.json()).toMatchObject({ code: 400, message: 'Wide in version "v1" cannot be handled as a Wide: json: cannot unmarshal number 1e400 into Go value of type float64' })
  }, 30_000)
})
