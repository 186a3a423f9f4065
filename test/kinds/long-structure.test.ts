import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { copyJson } from '../../src-main/base/json.ts'
import { atOnce } from '../../src-main/base/turns.ts'
import { pruneCustom, pruneCustomInSteps } from '../../src-main/kinds/custom/pruning.ts'
import type { JsonSchema } from '../../src-main/kinds/custom/json-schema.ts'
import { checkStructure, checkStructureInSteps, prune, pruneInSteps } from '../../src-main/kinds/structure.ts'
import { counted } from '../fixtures/counted-steps.ts'

const pod = 'io.k8s.api.core.v1.Pod'
const many = <T>(count: number, each: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => each(n))
const named = <T>(count: number, each: (n: number) => T): Record<string, T> => Object.fromEntries(many(count, (n) => [`k${n}`, each(n)]))

const containers = many(3000, (n) => ({ name: `c${n}`, image: 'i', env: [{ name: 'e', value: n % 3 ? 'v' : null }, { name: 'f', value: '' }], resources: { limits: { cpu: '1000m', memory: n % 2 ? '1024Mi' : 1 } }, unknown: n % 1000 ? undefined : 1 }))
const longPod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', labels: named(9000, (n) => (n % 2 ? 'v' : null)), annotations: {} }, spec: { containers, nodeSelector: {}, volumes: null }, more: named(9000, () => 1) }

describe('a long object', () => {
  it('is checked in steps, with the same mistakes', () => {
    const wrong = copyJson(longPod) as unknown as { spec: { containers: Array<{ name: unknown; resources: unknown }> }; metadata: { labels: Record<string, unknown> } }
    wrong.spec.containers[2999]!.name = 1
    wrong.spec.containers[1500]!.resources = []
    wrong.metadata.labels['k8999'] = true
    for (const object of [longPod, wrong]) {
      const { value, count } = counted(checkStructureInSteps(pod, object))
      expect(value).toEqual(checkStructure(pod, object))
      expect(count).toBeGreaterThan(10)
    }
    expect(checkStructure(pod, wrong).errors).toHaveLength(3)
    const hopeless = { spec: { containers: many(9000, () => 1) }, metadata: { labels: named(9000, () => 1) } }
    expect(atOnce(checkStructureInSteps(pod, hopeless))).toEqual(checkStructure(pod, hopeless))
    expect(checkStructure(pod, hopeless).errors).toHaveLength(100)
  })

  it('is pruned in steps, and comes to the same', () => {
    const [one, other] = [copyJson(longPod), copyJson(longPod)]
    prune(pod, one)
    const { count } = counted(pruneInSteps(pod, other))
    expect(JSON.stringify(other)).toBe(JSON.stringify(one))
    expect(other).not.toHaveProperty('more')
    expect(other.metadata).not.toHaveProperty('annotations')
    expect(other.metadata.labels['k0']).toBe('')
    expect(count).toBeGreaterThan(10)
  })

  it('that loses all its members is empty, however long it was', () => {
    const object = { metadata: { name: 'x' }, spec: { containers: [], nodeSelector: named(9000, () => 'v') } }
    counted(checkStructureInSteps(pod, object))
    for (const key of Object.keys(object.spec.nodeSelector)) delete (object.spec.nodeSelector as Record<string, unknown>)[key]
    prune(pod, object)
    expect(object.spec).not.toHaveProperty('nodeSelector')
  })

  it('of a definition of somebody else is pruned in steps, and tells the same', () => {
    const item: JsonSchema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'array', items: { type: 'object', properties: { c: { type: 'integer' } } } } } }
    const schema: JsonSchema = { type: 'object', properties: { spec: { type: 'object', properties: { list: { type: 'array', items: item }, map: { type: 'object', additionalProperties: item }, open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } } } }
    const object = { metadata: {}, spec: { list: many(5000, (n) => ({ a: 'x', [`u${n}`]: n, b: [{ c: 1, d: 2 }] })), map: named(5000, (n) => (n % 2 ? null : { a: null, z: 1 })), open: named(5000, () => ({ z: 1 })), gone: named(5000, () => 1) } }
    const [one, other] = [copyJson(object), copyJson(object)]
    const { value, count } = counted(pruneCustomInSteps(schema, other))
    expect(value).toEqual(pruneCustom(schema, one))
    expect(JSON.stringify(other)).toBe(JSON.stringify(one))
    expect(count).toBeGreaterThan(6)
  })

  it('is nothing else than a short one', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const [one, other] = [{ metadata: value, spec: value }, copyJson({ metadata: value, spec: value })]
      expect(atOnce(checkStructureInSteps(pod, one))).toEqual(checkStructure(pod, other))
      prune(pod, one)
      expect(counted(pruneInSteps(pod, other)).count).toBe(1)
      expect(other).toEqual(one)
    }))
  })
})
