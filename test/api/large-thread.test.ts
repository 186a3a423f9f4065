import { afterEach, describe, expect, it, vi } from 'vitest'
import { LargeThread } from '../../src-main/api/large-thread.ts'
import { judgeCreation, judgeUpdate } from '../../src-main/api/judge.ts'
import { made, madeAnew } from '../../src-main/api/making/made.ts'
import type { Sent, Wish } from '../../src-main/api/making/wish.ts'
import { patiently } from '../../src-main/base/turns.ts'
import type { CustomResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { customResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { type ConfigMap, configMap } from '../../src-main/kinds/core/config-map.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { loadRules } from '../../src-main/kinds/custom/cel-rules.ts'
import { customKinds } from '../../src-main/kinds/custom.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import type { Encoded, RequestContext } from '../../src-main/api/verbs.ts'
import { context, refusal, registry } from './registry-fixture.ts'

afterEach(() => void vi.restoreAllMocks())

const object = (kind: AnyKind, fields: object): KubeObject =>
  ({ apiVersion: kind.apiVersion, kind: kind.kind, ...fields, metadata: { name: 'x', ...(kind.namespaced ? { namespace: 'default' } : {}), ...(fields as Partial<KubeObject>).metadata } }) as KubeObject

const definition = (spec: object): CustomResourceDefinition => object(customResourceDefinition as AnyKind, {
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }],
  },
}) as CustomResourceDefinition
const ruled = definition({ type: 'object', properties: { size: { type: 'integer', enum: [1, 2] }, name: { type: 'string' } }, 'x-kubernetes-validations': [{ rule: 'self.size != 2 || self.name == oldSelf.name', message: 'it stays what it is called' }] })
const [widget] = customKinds(ruled) as [AnyKind]
const container = { name: 'c', image: 'i', terminationMessagePolicy: 'File', imagePullPolicy: 'Always' }

const encoded = (of: KubeObject): Encoded => ({ object: of, bytes: Buffer.from(JSON.stringify(of)) })

describe('a thread that judges large objects', () => {
  const thread = new LargeThread()

  it.each<[string, AnyKind, object]>([
    ['a ConfigMap with bad keys', configMap as AnyKind, { data: { 'a b': '', ok: '' }, metadata: { labels: { 'x y': 'z' } } }],
    ['a pod that is warned of', pod as AnyKind, { spec: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', containers: [{ ...container, env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] }] } }],
    ['a Deployment without anything', deployment as AnyKind, { spec: {} }],
    ['a definition whose rule nobody can read', customResourceDefinition as AnyKind, definition({ type: 'object', 'x-kubernetes-validations': [{ rule: 'self +' }] })],
    ['a custom resource', widget, { spec: { size: 3 } }],
  ])('says of %s what is said of it anywhere', async (_what, kind, fields) => {
    await loadRules()
    const { verdict: said } = await thread.judgeCreation(kind, object(kind, fields))
    expect(said).toEqual(await patiently(() => judgeCreation(kind, object(kind, fields))))
    expect([...said.errors, ...said.warnings]).not.toEqual([])
  }, 60_000)

  it('says the same of a change', async () => {
    await loadRules()
    const old = object(widget, { spec: { size: 2, name: 'a' }, metadata: { uid: '1' } })
    const next = object(widget, { spec: { size: 2, name: 'b' }, metadata: { uid: '2' } })
    const { verdict: said, facts } = await thread.judgeUpdate(widget, {}, encoded(next), encoded(old))
    expect(facts).toEqual({ unchanged: false, isNewContent: true, sizes: {} })
    expect(said).toEqual(await patiently(() => judgeUpdate(widget, undefined, false, next, old)))
    expect(said.errors.map(({ field }) => field)).toEqual(['metadata.uid', 'metadata.uid', 'spec'])
    const sealed = object(configMap as AnyKind, { data: { a: '1' }, immutable: true })
    const opened = object(configMap as AnyKind, { data: { a: '2' }, immutable: true })
    expect((await thread.judgeUpdate(configMap as AnyKind, {}, encoded(opened), encoded(sealed))).verdict.errors).toEqual(judgeUpdate(configMap as AnyKind, undefined, false, opened, sealed).errors)
  })

  it('leaves what the server fills in to who asks', async () => {
    const made = object(namespace as AnyKind, { spec: { finalizers: ['kubernetes'] } })
    expect((await thread.judgeCreation(namespace as AnyKind, made)).verdict).toEqual({ errors: [], warnings: [] })
    expect(made).toMatchObject({ status: { phase: 'Active' } })
  })

  it('is not stopped by an object that it cannot judge', async () => {
    const nobodys = { ...widget, custom: { ...widget.custom!, definition: { spec: {} } } } as AnyKind
    await expect(thread.judgeCreation(nobodys, object(widget, {}))).rejects.toThrow()
    expect((await thread.judgeCreation(configMap as AnyKind, object(configMap as AnyKind, { data: { a: '' } }))).verdict.errors).toEqual([])
  })
})

describe('a large object', () => {
  const large = (many: number) => ({ data: Object.fromEntries(Array.from({ length: many }, (_, n) => [`k${n}`, ''])) })

  it('is judged in the thread alone, when it is created and when it changes', async () => {
    const { verbs } = await registry()
    const here = vi.spyOn(configMap, 'validate')
    const created = await verbs.create(configMap, 'default', object(configMap as AnyKind, large(20_000)), context({ large: true }))
    expect(created.object.metadata.resourceVersion).toBeDefined()
    await verbs.patch(configMap, { namespace: 'default', name: 'x' }, { type: 'merge', body: { data: { more: '1' } } }, context())
    const refused = refusal(verbs.patch(configMap, { namespace: 'default', name: 'x' }, { type: 'merge', body: { data: { 'a b': '1' } } }, context()))
    expect((await refused).status.message).toMatch(/^ConfigMap "x" is invalid: data\[a b\]: Invalid value: "a b": a valid config key must consist of/)
    expect(here).not.toHaveBeenCalled()
  }, 60_000)

  it('is not shown in its commit to whoever judged all of it before', async () => {
    const asked: string[] = []
    const plugin = (name: string, early?: true) => ({ name, ...(early ? { early } : {}), admit: () => void asked.push(`${name} admits`), validate: () => void asked.push(`${name} validates`) })
    const { verbs } = await registry({ plugins: [plugin('early', true), plugin('late')] })
    asked.length = 0
    await verbs.create(configMap, 'default', object(configMap as AnyKind, large(10)), context({ large: true }))
    expect(asked).toEqual(['early admits', 'late admits', 'early validates', 'late validates', 'late admits', 'late validates'])
  })
})

describe('a thread that makes large objects', () => {
  const thread = new LargeThread()
  const ref = { namespace: 'default', name: 'x' }
  const wish = (sent: Sent, more: Partial<RequestContext> = {}): Wish => ({ kind: pod as AnyKind, ref, now: Date.parse('2026-01-01T00:00:00Z'), context: context({ userAgent: 'test', ...more }), sent })
  const old = madeAnew(wish({ type: 'create', body: object(pod as AnyKind, { spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'A', value: '1' }] }] } }) }), 'the-uid')

  it.each<[string, Sent]>([
    ['a JSON patch', { type: 'json', body: [{ op: 'replace', path: '/spec/containers/0/image', value: 'j' }] }],
    ['a merge patch', { type: 'merge', body: { metadata: { labels: { a: 'b' } }, spec: { unknown: 1 } } }],
    ['a strategic patch', { type: 'strategic', body: { spec: { containers: [{ name: 'c', env: [{ name: 'B', value: '2' }] }] } } }],
    ['an apply', { type: 'apply', force: true, body: object(pod as AnyKind, { spec: { containers: [{ name: 'c', image: 'k' }] } }) }],
    ['a replacement', { type: 'replace', body: object(pod as AnyKind, { spec: { containers: [{ name: 'd', image: 'i' }] } }) }],
  ])('makes of %s what is made of it anywhere', async (_what, sent) => {
    const more = sent.type === 'apply' ? { fieldManager: 'me' } : {}
    const here = wish(structuredClone(sent), more)
    const expected = made(here, old)
    const there = wish(structuredClone(sent), more)
    expect(await thread.change(there, encoded(old))).toEqual(JSON.parse(JSON.stringify(expected)))
    expect(there.context.warnings).toEqual(here.context.warnings)
  }, 60_000)

  it('leaves what does not change what it is', async () => {
    const next = await thread.change(wish({ type: 'merge', body: { metadata: { labels: { a: 'b' } } } }), encoded(old)) as typeof old & { spec: object }
    expect(next.spec).toBe((old as typeof next).spec)
  })

  it('makes an object where there is none, and refuses with what is wrong', async () => {
    const body = object(pod as AnyKind, { spec: { containers: [{ name: 'c', image: 'i' }] } })
    expect(await thread.creation(wish({ type: 'create', body: structuredClone(body) }), 'a-uid')).toEqual(madeAnew(wish({ type: 'create', body }), 'a-uid'))
    const wrong = thread.creation(wish({ type: 'create', body: object(pod as AnyKind, { spec: { containers: 1 } }) }), 'a-uid')
    expect((await refusal(wrong)).status).toMatchObject({ code: 400, reason: 'BadRequest' })
    const elsewhere = thread.change(wish({ type: 'merge', body: { metadata: { namespace: 'other' } } }), encoded(old))
    expect((await refusal(elsewhere)).status).toMatchObject({ code: 400, message: 'the namespace of the provided object does not match the namespace sent on the request' })
  })
})

describe('a large object that is stored', () => {
  const many = { data: Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`k${n}`, ''])) }
  const ref = { namespace: 'default', name: 'x' }

  it('keeps every one of many patches at once', async () => {
    const { verbs } = await registry()
    await verbs.create(configMap, 'default', object(configMap as AnyKind, many), context({ large: true }))
    await Promise.all(Array.from({ length: 8 }, (_, n) => verbs.patch(configMap, ref, { type: 'merge', body: { data: { [`p${n}`]: String(n) } } }, context())))
    const { object: kept, bytes } = await verbs.get(configMap, ref)
    expect((kept as ConfigMap).data).toMatchObject(Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`p${n}`, String(n)])))
    expect(JSON.parse(bytes.toString())).toEqual(kept)
  }, 60_000)

  it('is marked for deletion in the bytes that it has', async () => {
    const { verbs } = await registry()
    await verbs.create(configMap, 'default', object(configMap as AnyKind, { ...many, metadata: { name: 'x', finalizers: ['example.com/later'] } }), context({ large: true }))
    const { object: marked, bytes, gone } = await verbs.delete(configMap, ref, {}, context())
    expect(gone).toBe(false)
    expect(marked.metadata.deletionTimestamp).toBeDefined()
    expect(bytes.toString()).toBe(JSON.stringify(marked))
  }, 60_000)

  it('is bound to a node without being a new wish', async () => {
    const { verbs } = await registry()
    const env = Array.from({ length: 8000 }, (_, n) => ({ name: `E${n}`, value: 'v' }))
    const created = await verbs.create(pod, 'default', object(pod as AnyKind, { spec: { containers: [{ name: 'c', image: 'i', env }] } }), context({ large: true }))
    expect(created.bytes.length).toBeGreaterThan(128 * 1024)
    await verbs.createSubresource(pod, ref, 'binding', { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'x' }, target: { kind: 'Node', name: 'n' } }, context())
    const { object: bound } = await verbs.get(pod, ref)
    expect(bound).toMatchObject({ metadata: { generation: created.object.metadata.generation }, spec: { nodeName: 'n' } })
  }, 60_000)
})
