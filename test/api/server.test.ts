import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { adminToken, clientCertificate, configMap, served } from './served-fixture.ts'

const maps = '/api/v1/namespaces/default/configmaps'
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io'

interface Status { kind: string; code: number; reason: string; message: string }

describe('the API server', () => {
  it('creates, reads, changes and deletes an object', async () => {
    const { call } = await served()
    const created = await call(maps, { method: 'POST', body: configMap('a', { x: '1' }) })
    expect([created.code, created.json<{ data: object }>().data]).toEqual([201, { x: '1' }])
    const patched = await call(`${maps}/a`, { method: 'PATCH', headers: { 'content-type': 'application/merge-patch+json' }, body: { data: { y: '2' } } })
    expect(patched.json<{ data: object }>().data).toEqual({ x: '1', y: '2' })
    expect((await call(`${maps}/a`)).text).toBe(patched.text)
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'another' } }
    expect((await call(`${maps}/a`, { method: 'DELETE', body })).json<Status>()).toMatchObject({ code: 409, reason: 'Conflict' })
    expect((await call(`${maps}/a`, { method: 'DELETE' })).code).toBe(200)
    expect((await call(`${maps}/a`)).json<Status>()).toMatchObject({ code: 404, reason: 'NotFound', message: 'configmaps "a" not found' })
  })

  it('answers lists as JSON, YAML, Table and metadata alone, and tries the next type of an Accept list', async () => {
    const { call } = await served()
    await call(maps, { method: 'POST', body: configMap('a', { x: '1' }) })
    const as = async (accept: string, query = '') => call(`${maps}${query}`, { headers: { accept } })
    const plain = (await as('application/x-unknown, application/json')).json<{ kind: string; items: Array<{ data: object }> }>()
    expect([plain.kind, plain.items[0]?.data]).toEqual(['ConfigMapList', { x: '1' }])
    expect((await as('application/yaml')).text).toMatch(/^apiVersion: v1\nitems:\n- data:\n[^]*\nkind: ConfigMapList\n/)
    const table = (await as(`application/json;as=Table;v=v1alpha1;g=meta.k8s.io, ${tableType}, application/json`)).json<{
      columnDefinitions: Array<{ name: string }>; rows: Array<{ cells: unknown[]; object: { kind: string; data?: object } }>
    }>()
    expect(table.columnDefinitions.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age'])
    expect(table.rows[0]).toMatchObject({ cells: ['a', 1, '0s'], object: { kind: 'PartialObjectMetadata' } })
    const whole = (await as(tableType, '?includeObject=Object')).json<typeof table>()
    expect(whole.rows[0]?.object.data).toEqual({ x: '1' })
    const partial = (await as('application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io')).json<{ kind: string; items: object[] }>()
    expect([partial.kind, Object.keys(partial.items[0]!)]).toEqual(['PartialObjectMetadataList', ['kind', 'apiVersion', 'metadata']])
    expect((await as('application/xml')).json<Status>()).toMatchObject({
      kind: 'Status', code: 406, reason: 'NotAcceptable',
      message: 'only the following media types are accepted: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    })
  })

  it('compresses large answers for those who ask', async () => {
    const { call } = await served()
    await call(maps, { method: 'POST', body: configMap('big', { x: 'y'.repeat(200_000) }) })
    const answer = await call(`${maps}/big`, { headers: { 'accept-encoding': 'gzip' } })
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(answer.bytes).toString()).toBe((await call(`${maps}/big`)).text)
  })

  it('sends a long list in pieces, and says before how long it is', async () => {
    const { call } = await served()
    const names = Array.from({ length: 40 }, (_, i) => `big-${i + 10}`)
    for (const name of names) await call(maps, { method: 'POST', body: { ...configMap(name), data: { text: 'x'.repeat(50_000) } } })
    const answer = await call(maps)
    expect(Number(answer.headers['content-length'])).toBe(answer.bytes.length)
    expect(answer.json<{ items: Array<{ metadata: { name: string } }> }>().items.map(({ metadata }) => metadata.name)).toEqual(expect.arrayContaining(names))
  })

  it('takes YAML, and refuses bombs and what is not YAML', async () => {
    const { call, store } = await served()
    const yaml = (body: string) => call(maps, { method: 'POST', headers: { 'content-type': 'application/yaml' }, body })
    expect((await yaml('apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\n')).code).toBe(201)
    const before = store.revision
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', ...'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array(9).fill(`*${'abcdefgh'[i]}`).join(',')}]`)].join('\n')
    for (const text of [bomb, '{a: [}', '['.repeat(10_000)]) {
      expect((await yaml(text)).json<Status>()).toMatchObject({ code: 400, reason: 'BadRequest' })
    }
    expect(store.revision).toBe(before)
  })

  it('refuses malformed, deep, large and unknown bodies, and stores nothing', async () => {
    const { call, store } = await served()
    const before = store.revision
    const post = (body: string, type = 'application/json') => call(maps, { method: 'POST', headers: { 'content-type': type }, body })
    expect((await post('{"kind":')).json<Status>()).toMatchObject({ code: 400, reason: 'BadRequest' })
    expect((await post(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).code).toBe(400)
    expect((await post(`{"a":"${'x'.repeat(3 * 1024 * 1024)}"}`)).json<Status>()).toMatchObject({ code: 413, reason: 'RequestEntityTooLarge' })
    expect((await post('k8s', 'application/vnd.kubernetes.protobuf')).json<Status>()).toMatchObject({ code: 400, reason: 'BadRequest' })
    expect((await post('x', 'text/plain')).json<Status>()).toMatchObject({ code: 415, reason: 'UnsupportedMediaType' })
    expect((await call(`${maps}/a`, { method: 'PATCH', body: {} })).code).toBe(415)
    expect(store.revision).toBe(before)
    expect((await call('/readyz')).text).toBe('ok')
  })

  it('refuses what is too large for etcd as etcd does, and what its client would not send as the client does', async () => {
    const { call, store } = await served()
    const before = store.revision
    const finalizer = `${['a', 'b', 'c', 'd'].map((letter) => letter.repeat(60)).join('.')}/${'e'.repeat(60)}`
    const finalizers = (count: number) => call('/api/v1/namespaces/default/endpoints', {
      method: 'POST', body: { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'e', finalizers: Array.from({ length: count }, () => finalizer) } },
    })
    const plain = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: 500 }
    expect((await finalizers(5600)).json()).toEqual({ ...plain, message: 'etcdserver: request is too large' })
    expect((await finalizers(7600)).json()).toMatchObject({ ...plain, message: expect.stringMatching(/^rpc error: code = ResourceExhausted desc = trying to send message larger than max \(\d+ vs\. 2097152\)$/) })
    expect(store.revision).toBe(before)
  })

  it('warns of a field that stands twice, by its path', async () => {
    const { call } = await served()
    const answer = await call(maps, { method: 'POST', body: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d"},"data":{"a":"1","a":"2"}}' })
    expect(answer.code).toBe(201)
    expect(answer.headers['warning']).toMatch(/^299 - ".*duplicate field \\"data.a\\""$/)
  })

  it('lets in tokens and certificates, and knows who says nothing from who says what is not so', async () => {
    const { call, ca } = await served()
    expect((await call(maps, { token: '' })).json<Status>()).toMatchObject({ code: 403, reason: 'Forbidden' })
    const liar = { token: `${adminToken}x` }
    expect((await call(maps, liar)).json<Status>()).toMatchObject({ code: 401, reason: 'Unauthorized' })
    expect([(await call('/livez', liar)).code, (await call('/version', liar)).code]).toEqual([401, 401])
    expect((await call(maps, { token: '', cert: await clientCertificate(ca, 'root', ['system:masters']) })).code).toBe(200)
    const guest = await call(`${maps}/a`, { token: '', cert: await clientCertificate(ca, 'jane', ['dev']) })
    expect(guest.json<Status>()).toMatchObject({
      code: 403, reason: 'Forbidden',
      message: 'configmaps "a" is forbidden: User "jane" cannot get resource "configmaps" in API group "" in the namespace "default"',
    })
    expect((await call('/apis', { token: 'the-guest-token' })).json<Status>().message).toBe('forbidden: User "guest" cannot get path "/apis"')
  })

  it('shows health and version to anybody', async () => {
    const { call } = await served()
    expect((await call('/livez?verbose', { token: '' })).text).toBe('[+]ping ok\nlivez check passed\n')
    expect((await call('/version', { token: '' })).json()).toMatchObject({ major: '1', gitVersion: expect.stringMatching(/^v1\.36\.\d+\+wheelhouse/) as string })
    expect((await call('/api/v1/nowhere')).json<Status>()).toMatchObject({ code: 404, message: 'the server could not find the requested resource' })
    expect((await call('/nowhere')).text).toBe('404 page not found\n')
    expect((await call('/')).json<{ paths: string[] }>().paths).toContain('/apis/apps/v1')
  })

  it('takes the next free port when one is busy', async () => {
    const first = await served()
    const second = await served()
    await second.api.close()
    const port = await second.api.listen(first.port)
    expect(port).toBeGreaterThan(first.port)
  })
})
