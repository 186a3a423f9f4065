import { afterEach, describe, expect, it, vi } from 'vitest'
import { JudgeThread } from '../../src-main/api/judge-thread.ts'
import { judgeCreation, judgeUpdate } from '../../src-main/api/judge.ts'
import { patiently } from '../../src-main/base/turns.ts'
import type { CustomResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { customResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { loadRules } from '../../src-main/kinds/custom/cel-rules.ts'
import { customKinds } from '../../src-main/kinds/custom.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
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

describe('a thread that judges large objects', () => {
  const judges = new JudgeThread()

  it.each<[string, AnyKind, object]>([
    ['a ConfigMap with bad keys', configMap as AnyKind, { data: { 'a b': '', ok: '' }, metadata: { labels: { 'x y': 'z' } } }],
    ['a pod that is warned of', pod as AnyKind, { spec: { restartPolicy: 'Always', dnsPolicy: 'ClusterFirst', containers: [{ ...container, env: [{ name: 'A', value: '1' }, { name: 'A', value: '2' }] }] } }],
    ['a Deployment without anything', deployment as AnyKind, { spec: {} }],
    ['a definition whose rule nobody can read', customResourceDefinition as AnyKind, definition({ type: 'object', 'x-kubernetes-validations': [{ rule: 'self +' }] })],
    ['a custom resource', widget, { spec: { size: 3 } }],
  ])('says of %s what is said of it anywhere', async (_what, kind, fields) => {
    await loadRules()
    const said = await judges.creation(kind, object(kind, fields))
    expect(said).toEqual(await patiently(() => judgeCreation(kind, object(kind, fields))))
    expect([...said.errors, ...said.warnings]).not.toEqual([])
  }, 60_000)

  it('says the same of a change', async () => {
    await loadRules()
    const old = object(widget, { spec: { size: 2, name: 'a' }, metadata: { uid: '1' } })
    const next = object(widget, { spec: { size: 2, name: 'b' }, metadata: { uid: '2' } })
    const said = await judges.update(widget, undefined, next, old)
    expect(said).toEqual(await patiently(() => judgeUpdate(widget, undefined, false, next, old)))
    expect(said.errors.map(({ field }) => field)).toEqual(['metadata.uid', 'metadata.uid', 'spec'])
    const sealed = object(configMap as AnyKind, { data: { a: '1' }, immutable: true })
    const opened = object(configMap as AnyKind, { data: { a: '2' }, immutable: true })
    expect((await judges.update(configMap as AnyKind, undefined, opened, sealed)).errors).toEqual(judgeUpdate(configMap as AnyKind, undefined, false, opened, sealed).errors)
  })

  it('leaves what the server fills in to who asks', async () => {
    const made = object(namespace as AnyKind, { spec: { finalizers: ['kubernetes'] } })
    expect(await judges.creation(namespace as AnyKind, made)).toEqual({ errors: [], warnings: [] })
    expect(made).toMatchObject({ status: { phase: 'Active' } })
  })

  it('is not stopped by an object that it cannot judge', async () => {
    const nobodys = { ...widget, custom: { ...widget.custom!, definition: { spec: {} } } } as AnyKind
    await expect(judges.creation(nobodys, object(widget, {}))).rejects.toThrow()
    expect((await judges.creation(configMap as AnyKind, object(configMap as AnyKind, { data: { a: '' } }))).errors).toEqual([])
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
