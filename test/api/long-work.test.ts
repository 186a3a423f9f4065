import { afterEach, describe, expect, it, vi } from 'vitest'
import { turns } from '../../src-main/base/turns.ts'
import { customResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import type { CustomResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { loadRules } from '../../src-main/kinds/custom/cel-rules.ts'
import { customKinds } from '../../src-main/kinds/custom.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { on, policyFixture } from './policies-fixture.ts'
import { context, refusal, registry } from './registry-fixture.ts'

afterEach(() => void vi.restoreAllMocks())

const definition = (spec: object): CustomResourceDefinition => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com', scope: 'Namespaced', names: { plural: 'widgets', kind: 'Widget' },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }],
  },
}) as CustomResourceDefinition
const widget = (name: string, spec: object) => ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec })
const rules = (...all: string[]) => ({ 'x-kubernetes-validations': all.map((rule) => ({ rule })) })

async function custom(spec: object) {
  await loadRules()
  const { verbs, store } = await registry()
  const [kind] = customKinds(definition(spec)) as [AnyKind]
  return { verbs, store, kind, create: (name: string, made: object) => verbs.create(kind, 'default', widget(name, made), context()) }
}

/** Counts what others are answered while `work` goes on. */
async function answersMeanwhile(work: Promise<unknown>): Promise<number> {
  let answers = 0
  let isOver = false
  const ask = (): void => {
    answers++
    if (!isOver) setImmediate(ask)
  }
  setImmediate(ask)
  await work.finally(() => (isOver = true))
  return answers
}

describe('rules that take long', () => {
  it('are all asked, and others are answered meanwhile', async () => {
    const items = { type: 'array', maxItems: 100_000, items: { type: 'integer', ...rules(...Array.from({ length: 10 }, (_, n) => `self != ${n + 10}`)) } }
    const { create } = await custom({ type: 'object', properties: { items } })
    const many = (last: number) => ({ items: [...Array.from({ length: 60_000 }, () => 1), last] })
    expect(await answersMeanwhile(create('good', many(1)))).toBeGreaterThan(5)
    const refused = refusal(create('bad', many(12)))
    expect(await answersMeanwhile(refused)).toBeGreaterThan(5)
    expect((await refused).status.message).toBe('Widget.example.com "bad" is invalid: spec.items[60000]: Invalid value: 12: failed rule: self != 12')
  }, 60_000)

  it('are read with their definition while others are answered', async () => {
    const { verbs } = await registry()
    const text = { type: 'string', maxLength: 10, ...rules(...Array.from({ length: 3000 }, (_, n) => `self != "${n}" && self.startsWith("a") || self.size() > ${n}`)) }
    const created = verbs.create(customResourceDefinition, undefined, definition(text), context())
    expect(await answersMeanwhile(created)).toBeGreaterThan(5)
    expect((await created).object.metadata.generation).toBe(1)
  }, 60_000)

  it('come to the same as those that do not', async () => {
    vi.spyOn(turns, 'over', 'get').mockReturnValue(true)
    const { create, verbs, kind } = await custom({ type: 'object', properties: { n: { type: 'integer' } }, ...rules('self.n < 10', 'self.n >= oldSelf.n') })
    await create('a', { n: 1 })
    expect((await refusal(create('b', { n: 10 }))).status.message).toContain('failed rule: self.n < 10')
    const patch = (n: number) => verbs.patch(kind, { namespace: 'default', name: 'a' }, { type: 'merge', body: { spec: { n } } }, context())
    expect((await patch(5)).object).toMatchObject({ spec: { n: 5 }, metadata: { generation: 2 } })
    expect((await refusal(patch(4))).status.message).toContain('failed rule: self.n >= oldSelf.n')
  })

  it('are asked again about an object that somebody else changed meanwhile', async () => {
    vi.spyOn(turns, 'over', 'get').mockReturnValue(true)
    const { create, verbs, kind } = await custom({ type: 'object', properties: { n: { type: 'integer' }, m: { type: 'integer' } }, ...rules('self.n + self.m < 10') })
    await create('a', { n: 1, m: 1 })
    const patch = (spec: object) => verbs.patch(kind, { namespace: 'default', name: 'a' }, { type: 'merge', body: { spec } }, context())
    const [first, second] = await Promise.allSettled([patch({ n: 8 }), patch({ m: 8 })])
    expect([first.status, second.status].sort()).toEqual(['fulfilled', 'rejected'])
  })
})

describe('rules that an update leaves broken', () => {
  it('are warned of, and refuse nothing', async () => {
    const { create, verbs } = await custom({ type: 'object', properties: { n: { type: 'integer' }, m: { type: 'integer' } } })
    await create('a', { n: 1, m: 1 })
    const [stricter] = customKinds(definition({ type: 'object', properties: { n: { type: 'integer', ...rules('self > 5') }, m: { type: 'integer', ...rules('self < 5') } } })) as [AnyKind]
    const warnings: string[] = []
    const patch = (m: number) => verbs.patch(stricter, { namespace: 'default', name: 'a' }, { type: 'merge', body: { spec: { m } } }, context({ warnings }))
    expect((await patch(2)).object).toMatchObject({ spec: { n: 1, m: 2 } })
    expect(warnings).toEqual(['spec.n: Invalid value: 1: failed rule: self > 5'])
    expect((await refusal(patch(7))).status.details?.causes).toEqual([{ field: 'spec.m', reason: 'FieldValueInvalid', message: 'Invalid value: 7: failed rule: self < 5' }])
  })
})

describe('policies that take long', () => {
  const onMaps = { matchConstraints: on('configmaps') }

  it('are read and asked while others are answered, whatever they say', async () => {
    const { create, validating } = await policyFixture()
    const validations = Array.from({ length: 1500 }, (_, n) => ({ expression: `object.metadata.name != "a${n}" && !object.metadata.name.endsWith("b${n}")` }))
    expect(await answersMeanwhile(validating({ ...onMaps, validations }))).toBeGreaterThan(5)
    const [good, bad] = [create(configMap, { metadata: { name: 'good' } }), refusal(create(configMap, { metadata: { name: 'a7' } }))]
    expect(await answersMeanwhile(Promise.all([good, bad]))).toBeGreaterThan(3)
    expect((await bad).status.message).toContain('denied request: failed expression: object.metadata.name != "a7"')
  }, 60_000)

  it('refuse, warn and note the same as those that do not', async () => {
    vi.spyOn(turns, 'over', 'get').mockReturnValue(true)
    const { create, validating } = await policyFixture()
    await validating({ ...onMaps, validations: [{ expression: 'object.metadata.name != "no"' }], auditAnnotations: [{ key: 'name', valueExpression: 'string(object.metadata.name)' }] }, { validationActions: ['Warn', 'Audit'] })
    const [warnings, audit]: [string[], Record<string, string>] = [[], {}]
    await create(configMap, { metadata: { name: 'no' } }, { warnings, audit })
    expect(warnings).toEqual(['Validation failed for ValidatingAdmissionPolicy \'p\' with binding \'b\': failed expression: object.metadata.name != "no"'])
    expect(audit).toMatchObject({ 'p/name': 'no' })
  })

  it('change objects the same as those that do not', async () => {
    vi.spyOn(turns, 'over', 'get').mockReturnValue(true)
    const { create, mutating } = await policyFixture()
    await mutating('m', { ...onMaps, mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{data: {"a": "b"}}' } }] })
    expect((await create(configMap, { metadata: { name: 'x' } })).object).toMatchObject({ data: { a: 'b' } })
  })
})
