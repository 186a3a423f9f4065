import { describe, expect, it } from 'vitest'
import { copyJson } from '../../src-main/base/json.ts'
import { atOnce } from '../../src-main/base/turns.ts'
import { compareFields } from '../../src-main/api/managed-fields/compare.ts'
import { compareInSteps } from '../../src-main/api/managed-fields/compare-in-steps.ts'
import { emptySet, isSameSet } from '../../src-main/api/managed-fields/field-set.ts'
import { fieldsOf } from '../../src-main/api/managed-fields/fields-of.ts'
import { formatFields, formatInSteps, parseFields, parseInSteps } from '../../src-main/api/managed-fields/fields-v1.ts'
import { mergeApplied, mergeInSteps } from '../../src-main/api/managed-fields/merge.ts'
import { builtIn } from '../../src-main/api/managed-fields/shapes.ts'
import { changesNothingInSteps } from '../../src-main/api/tracking.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { counted } from '../fixtures/counted-steps.ts'

const pod = 'io.k8s.api.core.v1.Pod'
const many = <T>(count: number, each: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => each(n))

const podOf = (variables: number, value: string) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x', labels: Object.fromEntries(many(variables, (n) => [`l${n}`, value])), finalizers: many(variables, (n) => `a.b/${n}`) },
  spec: { containers: [{ name: 'c', image: 'i', env: many(variables, (n) => ({ name: `E${variables - n}`, value })), ports: many(3, (n) => ({ containerPort: n, protocol: 'TCP' })) }], tolerations: many(variables, (n) => ({ key: `k${n}` })) },
})

describe('the owners of a long object', () => {
  const [old, next] = [podOf(5000, 'v'), podOf(5500, 'w')]
  const twice = podOf(5000, 'v')
  twice.spec.containers[0]!.env.push(...copyJson(twice.spec.containers[0]!.env.slice(0, 10)))

  it.each([['comes', {}, next], ['goes', old, {}], ['changes', old, next], ['stays', old, copyJson(old)], ['gets names twice', old, twice], ['loses them', twice, old]])('are told in steps what of it %s', (_, from, to) => {
    const { value, count } = counted(compareInSteps(pod, from, to, emptySet))
    const expected = compareFields(pod, from, to, emptySet)
    for (const part of ['added', 'modified', 'removed'] as const) expect(isSameSet(value[part], expected[part]), part).toBe(true)
    expect(count).toBeGreaterThan(5)
  })

  it('are written and read in steps, in the same order', () => {
    const set = fieldsOf(pod, next)
    const { value, count } = counted(formatInSteps(set))
    expect(JSON.stringify(value)).toBe(JSON.stringify(formatFields(set)))
    expect(count).toBeGreaterThan(10)
    const read = counted(parseInSteps(value))
    expect(isSameSet(read.value!, parseFields(value)!)).toBe(true)
    expect(read.count).toBeGreaterThan(5)
    const wrong = { 'f:a': Object.fromEntries([...many(9000, (n) => [`f:b${n}`, {}]), ['x', {}]]) }
    expect(parseFields(wrong)).toBeUndefined()
    expect(atOnce(parseInSteps(wrong))).toBeUndefined()
    const strange = { 'q:a': Object.fromEntries(many(9000, (n) => [`b${n}`, 1])), '.': {} }
    expect(atOnce(parseInSteps(strange))).toEqual(parseFields(strange))
  })

  it('are laid over others in steps, in the same order', () => {
    const applied = podOf(5500, 'w')
    const { env } = applied.spec.containers[0]!
    env.splice(100, 50)
    env.reverse()
    applied.spec.containers.push({ ...applied.spec.containers[0]!, name: 'new', env: [] })
    const live = copyJson(old) as typeof old & { spec: { volumes?: object[] } }
    live.spec.containers[0]!.env.splice(7, 0, { name: 'E1', value: 'twice' }, { value: 'unnamed' } as never, { name: 'mine', value: 'x' })
    live.spec.volumes = many(9000, (n) => ({ name: `v${n}` }))
    const { value, count } = counted(mergeInSteps(builtIn, pod, live, applied))
    expect(JSON.stringify(value)).toBe(JSON.stringify(mergeApplied(builtIn, pod, live, applied)))
    expect(count).toBeGreaterThan(15)
  })

  it('are compared in steps with those before', () => {
    const owned = (time: string, value: object) => ({ ...copyJson(old), metadata: { ...copyJson(old.metadata), managedFields: [{ manager: 'm', operation: 'Update', apiVersion: 'v1', time, fieldsType: 'FieldsV1', fieldsV1: value }] } }) as unknown as KubeObject
    const fields = () => formatFields(fieldsOf(pod, old))
    const same = counted(changesNothingInSteps(owned('2026-01-01T00:00:00Z', fields()), owned('2026-01-02T00:00:00Z', fields())))
    expect(same.value).toBe(true)
    expect(same.count).toBeGreaterThan(10)
    expect(atOnce(changesNothingInSteps(owned('2026-01-01T00:00:00Z', fields()), owned('2026-01-01T00:00:00Z', formatFields(fieldsOf(pod, next)))))).toBe(false)
  })
})
