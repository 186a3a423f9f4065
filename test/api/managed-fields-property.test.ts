import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPatch } from '../../src-main/api/managed-fields/apply.ts'
import { Creations } from '../../src-main/api/managed-fields/creations.ts'
import { difference, emptySet, type FieldSet, intersection, isEmpty, isSameSet, leaves, setOf, union } from '../../src-main/api/managed-fields/field-set.ts'
import { fieldsOf } from '../../src-main/api/managed-fields/fields-of.ts'
import { formatFields, parseFields, pathsOf } from '../../src-main/api/managed-fields/fields-v1.ts'
import { builtIn, itemSchema, itemsOf, rootSchema, schemaBelow, shapeOf } from '../../src-main/api/managed-fields/shapes.ts'
import { unowned } from '../../src-main/api/managed-fields/reset-fields.ts'
import { trackUpdate } from '../../src-main/api/managed-fields/track.ts'
import type { ManagedFieldsEntry } from '../../src-main/kinds/generated/types.ts'
import type { FieldSchema } from '../../src-main/kinds/schema.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'

const few = fc.constantFrom('a', 'b', 'c')
const text = fc.constantFrom('x', 'y')
const key = fc.constantFrom('a', 'b', '__proto__', 'constructor', 'toString')
const some = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(shape, { requiredKeys: [] })
const texts = fc.dictionary(key, text, { maxKeys: 3 })
const named = <T>(item: fc.Arbitrary<T & { name: string }>) => fc.uniqueArray(item, { selector: ({ name }) => name, maxLength: 3 })

const container = fc.tuple(
  few,
  some({
    image: text,
    args: fc.array(text, { maxLength: 2 }),
    env: named(fc.record({ name: few, value: text })),
    ports: fc.uniqueArray(fc.record({ containerPort: fc.constantFrom(80, 443), hostPort: fc.nat(3) }), { selector: (port) => port.containerPort }),
    resources: some({ limits: texts }),
    securityContext: some({ runAsUser: fc.nat(2), privileged: fc.boolean() }),
  }),
).map(([name, rest]) => ({ name, ...rest }))

const podLike = some({ nodeSelector: texts, hostname: text, containers: named(container) })
const content = fc.record({
  metadata: some({ labels: texts, finalizers: fc.uniqueArray(few) }),
  spec: some({
    replicas: fc.nat(2),
    paused: fc.boolean(),
    selector: some({ matchLabels: texts }),
    strategy: some({ type: text, rollingUpdate: some({ maxSurge: fc.nat(2) }) }),
    template: some({ metadata: some({ labels: texts }), spec: podLike }),
  }),
})
const write = fc.record({ manager: few, how: fc.constantFrom('update', 'apply', 'force'), content })
const types = fc.constantFrom('io.k8s.api.apps.v1.Deployment', 'example.com.Unknown')

interface State {
  live?: KubeObject
  managed?: ManagedFieldsEntry[] | undefined
}
type Write = typeof write extends fc.Arbitrary<infer W> ? W : never

const objectOf = ({ metadata, spec }: Write['content']): KubeObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'n', ...metadata }, spec }) as KubeObject

function after({ live, managed }: State, schema: string, { manager, how, content: wish }: Write, now: number): State {
  const object = objectOf(wish)
  const request = { schema, apiVersion: 'apps/v1', managed, manager, now }
  if (how === 'update') return { live: object, managed: trackUpdate({ ...request, old: live, updated: object }) }
  const outcome = applyPatch({ ...request, live, applied: object, force: how === 'force' })
  return 'conflicts' in outcome ? { live: live!, managed } : { live: outcome.object, managed: outcome.managedFields }
}

/** The state after some writes; the first one creates. */
function played(schema: string, writes: readonly Write[]): State {
  let state: State = {}
  for (const [i, one] of writes.entries()) state = after(state, schema, one, i * 1000)
  return state
}

const owned = (managed: ManagedFieldsEntry[] | undefined): FieldSet => (managed ?? []).reduce((set, { fieldsV1 }) => union(set, parseFields(fieldsV1)!), emptySet)

/** Every field that is there, and every one on the way. */
function there(schema: FieldSchema, value: unknown): FieldSet {
  const children = new Map<string, FieldSet>()
  const shape = shapeOf(schema, value)
  if (shape === 'fields') {
    for (const [name, inner] of Object.entries(value as object)) children.set(`f:${name}`, there(schemaBelow(builtIn, schema, name), inner))
  } else if (shape === 'items') {
    for (const item of itemsOf(builtIn, schema, value)) children.set(item.element, there(itemSchema(schema), item.value))
  }
  return { owned: true, children }
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, inner]) => [name, withoutEmpty(inner)] as const)
  return Object.fromEntries(entries.filter(([, inner]) => typeof inner !== 'object' || Object.keys(inner as object).length > 0))
}

const history = fc.array(write, { minLength: 1, maxLength: 6 })

describe('ownership, whatever is written', () => {
  it('is the same of new objects, whether one of their form is remembered or not', () => {
    // twice as likely the same form: other texts and numbers of one content
    const alike = fc.tuple(content, content).chain(([one, other]) => fc.array(fc.constantFrom(one, other, { ...one, spec: { ...one.spec, replicas: 7 } }), { minLength: 2, maxLength: 6 }))
    fc.assert(
      fc.property(types, alike, (schema, contents) => {
        const creations = new Creations()
        for (const [i, made] of contents.entries()) {
          const request = { schema, apiVersion: 'apps/v1', manager: 'm', now: i * 1000, updated: objectOf(made) }
          expect(creations.track(request)).toEqual(trackUpdate(request))
        }
      }),
    )
  })

  it('is in one fieldsV1 for objects of one form', () => {
    const creations = new Creations()
    const made = (name: string) => creations.track({
      schema: 'io.k8s.api.core.v1.ConfigMap', apiVersion: 'v1', manager: 'm', now: 0,
      updated: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { key: name } } as KubeObject,
    })
    expect(made('a')![0]!.fieldsV1).toBe(made('b')![0]!.fieldsV1)
  })

  it('covers everything that is there', () => {
    fc.assert(
      fc.property(types, history, (schema, writes) => {
        // an untracked object is not tracked again by updates
        fc.pre(writes.every((_, i) => played(schema, writes.slice(0, i + 1)).managed !== undefined))
        const { live, managed } = played(schema, writes)
        // to Go an empty struct is the same as none
        expect(pathsOf(difference(difference(leaves(fieldsOf(schema, withoutEmpty(live))), owned(managed)), unowned))).toEqual([])
      }),
    )
  })

  it('never refers to a field that is not there', () => {
    fc.assert(
      fc.property(types, history, (schema, writes) => {
        const { live, managed } = played(schema, writes)
        expect(pathsOf(difference(owned(managed), there(rootSchema(schema), live)))).toEqual([])
      }),
    )
  })

  it('does not change when the same is applied again', () => {
    fc.assert(
      fc.property(types, history, write, (schema, writes, last) => {
        const once = after(played(schema, writes), schema, { ...last, how: 'force' }, 100_000)
        const request = { schema, apiVersion: 'apps/v1', managed: once.managed, live: once.live, applied: objectOf(last.content), manager: last.manager, now: 200_000 }
        const again = applyPatch(request)
        expect(again).toEqual({ object: once.live, managedFields: once.managed, unchanged: true, isLive: true })
      }),
    )
  })

  it('gives a manager exactly what it applied', () => {
    fc.assert(
      fc.property(types, history, write, (schema, writes, last) => {
        const { managed } = after(played(schema, writes), schema, { ...last, how: 'force' }, 100_000)
        const mine = owned(managed?.filter(({ manager, operation }) => manager === last.manager && operation === 'Apply'))
        expect(pathsOf(mine)).toEqual(pathsOf(difference(fieldsOf(schema, objectOf(last.content)), unowned)))
      }),
    )
  })

  it('takes nothing from others without force but what went with its parent', () => {
    fc.assert(
      fc.property(types, history, write, (schema, writes, last) => {
        const before = played(schema, writes)
        const outcome = applyPatch({ schema, apiVersion: 'apps/v1', ...before, applied: objectOf(last.content), manager: last.manager, now: 1 })
        if ('conflicts' in outcome) {
          expect(outcome.conflicts.length).toBeGreaterThan(0)
          return
        }
        const othersOf = (managed: ManagedFieldsEntry[] | undefined) =>
          owned(managed?.filter(({ manager, operation }) => manager !== last.manager || operation !== 'Apply'))
        const lost = difference(othersOf(before.managed), othersOf(outcome.managedFields))
        expect(pathsOf(intersection(lost, there(rootSchema(schema), outcome.object)))).toEqual([])
      }),
    )
  })

  it('changes neither the live object nor the applied one', () => {
    fc.assert(
      fc.property(types, history, write, (schema, writes, last) => {
        const before = played(schema, writes)
        const applied = objectOf(last.content)
        const said = JSON.stringify([before, applied])
        applyPatch({ schema, apiVersion: 'apps/v1', ...before, applied, manager: last.manager, force: true, now: 1 })
        expect(JSON.stringify([before, applied])).toBe(said)
        expect(Object.keys(Object.prototype)).toEqual([])
      }),
    )
  })
})

describe('sets of fields, whatever is in them', () => {
  const element = fc.oneof(key.map((name) => `f:${name}`), fc.nat(3).map((n) => `v:${n}`), fc.nat(12).map((n) => `k:{"port":${n}}`))
  const set = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { maxLength: 8 }).map((paths) => setOf(...paths))

  it('are what their operations promise', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        expect(isSameSet(union(a, b), union(b, a))).toBe(true)
        expect(isSameSet(intersection(a, b), difference(a, difference(a, b)))).toBe(true)
        expect(isSameSet(union(difference(a, b), intersection(a, b)), a)).toBe(true)
        expect(isEmpty(intersection(difference(a, b), b))).toBe(true)
      }),
    )
  })

  it('come back from fieldsV1 as they went', () => {
    fc.assert(
      fc.property(set, (a) => {
        expect(isSameSet(parseFields(JSON.parse(JSON.stringify(formatFields(a))))!, a)).toBe(true)
      }),
    )
  })
})
