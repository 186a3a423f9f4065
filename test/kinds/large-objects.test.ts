import { describe, expect, it } from 'vitest'
import type { Steps } from '../../src-main/base/turns.ts'
import { copyJson } from '../../src-main/base/json.ts'
import { limitRange } from '../../src-main/kinds/core/limit-range.ts'
import { secret } from '../../src-main/kinds/core/secret.ts'
import { FieldPath, TooManyMistakes } from '../../src-main/kinds/field-error.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import type { KubeObject } from '../../src-main/kinds/meta.ts'
import { sameValue } from '../../src-main/kinds/same-value.ts'
import { storageClass } from '../../src-main/kinds/storage/storage-class.ts'
import { applyDefaults, defaultInSteps, validateObject } from '../../src-main/kinds/structure.ts'

const numbered = (many: number, value: string): Record<string, string> => Object.fromEntries(Array.from({ length: many }, (_, n) => [`example.com/k${n}`, value]))
const object = (kind: AnyKind, fields: object): KubeObject => ({ apiVersion: kind.apiVersion, kind: kind.kind, metadata: { name: 'x', namespace: 'default' }, ...fields }) as KubeObject

function rests(steps: Steps<unknown>): number {
  for (let count = 0; ; count++) if (steps.next().done) return count
}

describe('defaults of a large object', () => {
  it.each<[string, AnyKind, object]>([
    ['a Secret of texts', secret as AnyKind, { data: { first: 'YQ==', ...numbered(10, 'YQ==') }, stringData: numbered(30_000, 'ü') }],
    ['a LimitRange of resources', limitRange as AnyKind, { spec: { limits: [{ type: 'Container', max: numbered(20_000, '2'), min: numbered(10, '1'), default: { cpu: '1' } }, { type: 'Pod', max: { cpu: '1' } }] } }],
  ])('are filled in step by step for %s, and are those of a small one', (_what, kind, fields) => {
    const [atOnce, stepwise] = [object(kind, fields), copyJson(object(kind, fields))]
    applyDefaults(kind, atOnce)
    expect(rests(defaultInSteps(kind, stepwise))).toBeGreaterThan(5)
    expect(JSON.stringify(stepwise)).toBe(JSON.stringify(atOnce))
  })
})

describe('what is said of a large object', () => {
  it('is a MiB in all, however long its values are', () => {
    const at = FieldPath.bounded()
    const long = Array.from({ length: 100_000 }, () => 'x')
    const said = (): void => void Array.from({ length: 1000 }, () => at.child('a').invalid(long, 'no'))
    expect(said).toThrow(TooManyMistakes)
    try {
      said()
    } catch (error) {
      const { told } = error as TooManyMistakes
      expect(told.length).toBeGreaterThan(5)
      expect(told.reduce((sum, { message }) => sum + message.length, 0)).toBeLessThan(1.2 * 1024 * 1024)
    }
  })

  it('cuts a sentence that quotes all that changed', () => {
    expect(new FieldPath().child('a').forbidden('x'.repeat(1024 * 1024)).message).toHaveLength(128 * 1024 + '...'.length)
  })

  it('tells each zone of a StorageClass that stands twice', () => {
    const zones = [...Array.from({ length: 50_000 }, (_, n) => `z${n}`), 'z7', '', '']
    const found = validateObject(storageClass as AnyKind, object(storageClass as AnyKind, {
      metadata: { name: 'x' }, provisioner: 'example.com/x', reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', allowedTopologies: [{ matchLabelExpressions: [{ key: 'zone', values: zones }] }],
    }))
    expect(found.map(({ field, message }) => [field, message])).toEqual([
      ['allowedTopologies[0].matchLabelExpressions[0].values[50000]', 'Duplicate value: "z7"'],
      ['allowedTopologies[0].matchLabelExpressions[0].values[50002]', 'Duplicate value: ""'],
    ])
  })
})

describe('two values', () => {
  it.each([
    [{ a: '', b: [1] }, { b: [1] }, true],
    [{ b: [1] }, { a: null, b: [1] }, true],
    [{ a: '1', b: '2' }, { b: '2', a: '1' }, true],
    [{ a: '1', b: '2' }, { a: '1', b: '3' }, false],
    [{ a: '1' }, { a: '1', b: '2' }, false],
    [{}, undefined, true],
    [[], {}, true],
    [[{}], [{}, {}], false],
    [{ a: [] }, { a: 'x' }, false],
    ['', null, true],
    [JSON.parse('{"__proto__":"1"}'), {}, false],
  ])('%j and %j are the same: %s', (a, b, same) => {
    expect(sameValue(a, b)).toBe(same)
    expect(sameValue(b, a)).toBe(same)
  })
})
