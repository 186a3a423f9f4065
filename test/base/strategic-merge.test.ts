import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { copyJson, equalJson, type JsonObject } from '../../src-main/base/json.ts'
import { BadPatch, CannotMerge } from '../../src-main/base/patch.ts'
import { type MergeField, strategicMerge } from '../../src-main/base/strategic-merge.ts'

const types: Record<string, Record<string, MergeField>> = {
  Spec: {
    containers: {
      type: 'array',
      items: { type: 'object', ref: 'Container' },
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    },
    volumes: {
      type: 'array',
      items: { type: 'object', ref: 'Volume' },
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
    },
    finalizers: { type: 'array', items: { type: 'string' }, patchStrategy: 'merge' },
    strategy: { type: 'object', ref: 'Strategy', patchStrategy: 'retainKeys' },
    labels: { type: 'map', items: { type: 'string' } },
    args: { type: 'array', items: { type: 'string' } },
    mounts: { type: 'array', items: { type: 'object', ref: 'Strategy' } },
    image: { type: 'string' },
    selector: { type: 'object', ref: 'Strategy', patchStrategy: 'replace' },
  },
  Container: {
    name: { type: 'string' },
    image: { type: 'string' },
    env: { type: 'array', items: { type: 'object', ref: 'Env' }, patchStrategy: 'merge', patchMergeKey: 'name' },
  },
  Env: { name: { type: 'string' }, value: { type: 'string' } },
  Volume: {
    name: { type: 'string' },
    emptyDir: { type: 'object', ref: 'Strategy' },
    hostPath: { type: 'object', ref: 'Strategy' },
  },
  Strategy: { type: { type: 'string' }, rollingUpdate: { type: 'object', ref: 'Strategy' } },
}

const merge = (target: object, patch: object) =>
  strategicMerge(
    copyJson(target) as JsonObject,
    copyJson(patch) as JsonObject,
    { type: 'object', ref: 'Spec' },
    (ref) => types[ref],
  )

const c = (name: string, image = 'i') => ({ name, image })

describe('lists with a merge key', () => {
  test('merge item by item and put new items where Kubernetes does: before those nobody named', () => {
    expect(merge({ containers: [c('a'), c('b')] }, { containers: [{ name: 'b', image: 'new' }, c('z')] })).toEqual({
      containers: [c('a'), c('b', 'new'), c('z')],
    })
    expect(merge({ containers: [c('a'), c('b')] }, { containers: [c('z')] })).toEqual({
      containers: [c('z'), c('a'), c('b')],
    })
  })

  test('merge lists inside their items', () => {
    const target = {
      containers: [
        {
          name: 'a',
          env: [
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ],
        },
      ],
    }
    expect(merge(target, { containers: [{ name: 'a', env: [{ name: 'X', value: '9' }] }] })).toEqual({
      containers: [
        {
          name: 'a',
          env: [
            { name: 'X', value: '9' },
            { name: 'Y', value: '2' },
          ],
        },
      ],
    })
  })

  test('lose an item by $patch: delete and all by $patch: replace', () => {
    expect(merge({ containers: [c('a'), c('b')] }, { containers: [{ name: 'a', $patch: 'delete' }] })).toEqual({
      containers: [c('b')],
    })
    expect(merge({ containers: [c('a'), c('b')] }, { containers: [{ $patch: 'replace' }, c('z')] })).toEqual({
      containers: [c('z')],
    })
  })

  test('take the order that $setElementOrder names, and items of the server keep their place', () => {
    const order = (...names: string[]) => ({ '$setElementOrder/containers': names.map((name) => ({ name })) })
    expect(
      merge({ containers: [c('a'), c('b'), c('d')] }, { ...order('d', 'a'), containers: [c('a', 'new')] }),
    ).toEqual({ containers: [c('b'), c('d'), c('a', 'new')] })
    expect(merge({ containers: [c('a'), c('b')] }, order('b', 'a'))).toEqual({ containers: [c('b'), c('a')] })
    expect(() => merge({ containers: [c('a')] }, { ...order('a'), containers: [{ name: 'z' }] })).toThrow(
      new CannotMerge("The order in patch list:\n[map[name:z]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n"),
    )
  })

  test('of which several items have the same key merge the first and keep the others beside it', () => {
    const target = { containers: [c('a', '1'), c('b'), c('a', '2'), c('d')] }
    expect(merge(target, { containers: [{ name: 'a', image: 'new' }] })).toEqual({ containers: [c('a', 'new'), c('a', '2'), c('b'), c('d')] })
    expect(merge(target, { containers: [{ name: 'z' }, { name: 'z', image: 'i' }] })).toEqual({ containers: [c('z'), ...target.containers.toSorted((a, b) => Number(a.name !== 'a') - Number(b.name !== 'a'))] })
    expect(merge(target, { containers: [{ name: 'a', $patch: 'delete' }, c('a')] })).toEqual({ containers: [c('a'), c('b'), c('d')] })
    expect(merge(target, { containers: [{ $patch: 'replace' }, c('x'), c('y'), c('x', '2')] })).toEqual({ containers: [c('x'), c('x', '2'), c('y')] })
  })

  test('are compared with an order that names something, each item behind the one before', () => {
    const order = (...names: string[]) => ({ '$setElementOrder/containers': names.map((name) => ({ name })) })
    expect(merge({ containers: [c('a')] }, { ...order(), containers: [c('y'), c('z')] })).toEqual({ containers: [c('a'), c('z'), c('y')] })
    expect(merge({ containers: [c('a')] }, { ...order('a', 'z'), containers: [{ name: 'a', $patch: 'delete' }, c('z')] })).toEqual({ containers: [c('z')] })
    expect(() => merge({ containers: [c('a')] }, { ...order('z', 'a'), containers: [c('z'), c('z')] })).toThrow(CannotMerge)
    expect(() => merge({ containers: [] }, { ...order('z'), containers: [] })).toThrow(new CannotMerge('no elements in any of the given slices'))
    expect(() => merge({}, { '$setElementOrder/nothing': [] })).toThrow(new CannotMerge('unable to find api field in struct Spec for the json field "nothing"'))
    expect(() => merge({}, { '$setElementOrder/containers': null })).toThrow(new CannotMerge('expected a []interface {}, but received a %!s(<nil>)'))
  })

  test('are put in order by objects with the key alone', () => {
    const ordered = (order: unknown[], more: object = {}) => () => merge({ containers: [c('a'), c('b')] }, { '$setElementOrder/containers': order, ...more })
    expect(ordered(['a'])).toThrow(new CannotMerge('value for key 0 is not a map'))
    expect(ordered([{ name: 'a' }, 'b'])).toThrow(new CannotMerge('value for key 1 is not a map'))
    expect(ordered([{ name: 'b' }, { name: 'a' }, 'c'])).toThrow(new CannotMerge('expected a map[string]interface {}, but received a string'))
    expect(ordered(['a'], { containers: [{ name: 'a' }] })).toThrow(new CannotMerge('expected a map[string]interface {}, but received a string'))
    expect(ordered([{ name: 'a' }], { containers: ['a'] })).toThrow(new CannotMerge('expected a map[string]interface {}, but received a string'))
    expect(ordered([{ image: 'x' }], { containers: [{ name: 'a' }] })).toThrow(new CannotMerge('map: map[image:x] does not contain declared merge key: name'))
    expect(ordered([{ name: 'a' }], { containers: [{ image: 'x' }] })).toThrow(new CannotMerge('map: map[image:x] does not contain declared merge key: name'))
    expect(ordered([{ name: 'b' }, { image: 'x' }])).toThrow(new CannotMerge('map: map[image:x] does not contain declared merge key: name'))
  })

  test('need the key in every item of the patch', () => {
    expect(() => merge({ containers: [c('a')] }, { containers: [{ image: 'x' }] })).toThrow(
      new CannotMerge('map: map[image:x] does not contain declared merge key: name'),
    )
  })
})

describe('lists of plain values', () => {
  test('have items of one type', () => {
    expect(() => merge({ finalizers: ['a'] }, { finalizers: [{ name: 'b' }] })).toThrow(new CannotMerge('list element types are not identical: [[a] [map[name:b]]]'))
  })

  test('are sets where the field says merge, and are replaced where it does not', () => {
    expect(merge({ finalizers: ['a', 'b'] }, { finalizers: ['b', 'c'] })).toEqual({ finalizers: ['a', 'b', 'c'] })
    expect(merge({ args: ['a', 'b'] }, { args: ['c'] })).toEqual({ args: ['c'] })
  })

  test('lose values after they were put in order, and everything by a null', () => {
    expect(merge({ finalizers: ['a'] }, { '$setElementOrder/finalizers': ['b', 'a'], finalizers: ['b'], '$deleteFromPrimitiveList/finalizers': ['b'] })).toEqual({ finalizers: ['a'] })
    expect(merge({ finalizers: ['a'] }, { '$deleteFromPrimitiveList/finalizers': null })).toEqual({})
    expect(merge({ finalizers: ['a'] }, { '$deleteFromPrimitiveList/finalizers': 'a' })).toEqual({ finalizers: ['a'] })
  })

  test('alone are what $deleteFromPrimitiveList deletes from: anything else of its type it merges', () => {
    const target = { containers: [c('a')], mounts: [{ at: 'a' }], labels: { a: '1' }, image: 'i', finalizers: ['a'] }
    const without = (field: string, values: unknown) => merge(target, { [`$deleteFromPrimitiveList/${field}`]: values })
    expect(() => without('containers', ['a'])).toThrow(new CannotMerge('list element types are not identical: [[map[image:i name:a]] [a]]'))
    expect(() => without('containers', [{ image: 'x' }])).toThrow(new CannotMerge('map: map[image:x] does not contain declared merge key: name'))
    expect(() => without('mounts', [{ at: 'a' }])).toThrow(new CannotMerge('cannot merge lists without merge key for struct'))
    expect(without('containers', [{ name: 'a', image: 'x' }])).toEqual({ ...target, containers: [c('a', 'x')] })
    expect(without('labels', { b: '2' })).toEqual({ ...target, labels: { a: '1', b: '2' } })
    expect(without('image', 'x')).toEqual({ ...target, image: 'x' })
    for (const [field, values] of [['labels', ['a']], ['image', 1], ['none', ['a']]] as const) expect(without(field, values)).toEqual(target)
    expect(() => merge(target, { $deleteFromPrimitiveList: ['a'] })).toThrow(new BadPatch('invalid patch format of primitive list'))
    expect(() => merge(target, { $setElementOrder: ['a'] })).toThrow(new BadPatch('invalid patch format of setElementOrder list'))
  })

  test('lose values by $deleteFromPrimitiveList and take an order', () => {
    expect(
      merge(
        { finalizers: ['a', 'b', 'c'] },
        { '$deleteFromPrimitiveList/finalizers': ['a'], '$setElementOrder/finalizers': ['c', 'b'] },
      ),
    ).toEqual({ finalizers: ['c', 'b'] })
  })
})

describe('maps', () => {
  test('merge, lose what is null, and obey $patch and their own strategy', () => {
    expect(merge({ labels: { a: '1', b: '2' } }, { labels: { a: null, c: '3' } })).toEqual({
      labels: { b: '2', c: '3' },
    })
    expect(merge({ labels: { a: '1' } }, { labels: { $patch: 'replace', b: '2' } })).toEqual({ labels: { b: '2' } })
    expect(merge({ labels: { a: '1' } }, { labels: { $patch: 'delete' } })).toEqual({ labels: {} })
    expect(merge({ selector: { type: 'x' } }, { selector: { rollingUpdate: {} } })).toEqual({
      selector: { rollingUpdate: {} },
    })
    expect(() => merge({ labels: { a: '1' } }, { labels: { $patch: 'spin', b: null } })).toThrow(
      new CannotMerge('unknown patch type: spin in map: map[$patch:spin b:<nil>]'),
    )
  })

  test('are told of a command that is no text by its type, and of an order that no map has', () => {
    const told = (command: unknown, words: string) => expect(() => merge({ labels: {} }, { labels: { $patch: command } })).toThrow(new CannotMerge(`unknown patch type: ${words}`))
    told(1, '%!s(int64=1) in map: map[$patch:1]')
    told(1.5, '%!s(float64=1.5) in map: map[$patch:1.5]')
    told(null, '%!s(<nil>) in map: map[$patch:<nil>]')
    told(['a', true], '[a %!s(bool=true)] in map: map[$patch:[a true]]')
    told({ b: 'c', a: null }, 'map[a:%!s(<nil>) b:c] in map: map[$patch:map[a:<nil> b:c]]')
    expect(() => merge({ labels: { a: '1' } }, { labels: { '$setElementOrder/a2': ['x'] } })).toThrow(new CannotMerge('merging an object in json but data type is not struct, instead is: map'))
  })

  test('are left out where a command meets nothing', () => {
    expect(merge({ args: ['x'] }, { labels: { $patch: 'replace', b: '2' }, selector: { type: 'a', inner: { $patch: 'delete', c: '3' } } })).toEqual({ args: ['x'], selector: { type: 'a' } })
  })

  test('keep only what $retainKeys names', () => {
    const target = {
      strategy: { type: 'RollingUpdate', rollingUpdate: { type: 'x' } },
      volumes: [{ name: 'v', emptyDir: {} }],
    }
    expect(merge(target, { strategy: { $retainKeys: ['type'], type: 'Recreate' } })).toMatchObject({
      strategy: { type: 'Recreate' },
    })
    expect(merge(target, { strategy: { $retainKeys: ['type'], type: 'Recreate' } }).strategy).not.toHaveProperty(
      'rollingUpdate',
    )
    expect(
      merge(target, { volumes: [{ $retainKeys: ['name', 'hostPath'], name: 'v', hostPath: { type: 'D' } }] }).volumes,
    ).toEqual([{ name: 'v', hostPath: { type: 'D' } }])
    expect(() => merge(target, { strategy: { $retainKeys: ['type'], rollingUpdate: {} } })).toThrow(BadPatch)
  })

  test('leave no null and nothing to be deleted behind in parts that are new, and other directives as fields that no type has', () => {
    const patch = {
      containers: [{ name: 'a', image: null, env: [{ name: 'X', $patch: 'delete' }, { name: 'Y' }] }],
      strategy: { $retainKeys: ['type'], type: 'R' },
    }
    expect(merge({}, patch)).toEqual({ containers: [{ name: 'a', env: [{ name: 'Y' }] }], strategy: { $retainKeys: ['type'], type: 'R' } })
  })

  test('take what is new to a list, and what replaces, as it stands', () => {
    const item = { name: 'a', image: null, env: [{ name: 'X', $patch: 'delete' }] }
    expect(merge({ containers: [c('b')] }, { containers: [item] })).toEqual({ containers: [item, c('b')] })
    expect(merge({ selector: {} }, { selector: { type: null } })).toEqual({ selector: { type: null } })
  })
})

describe('any patch', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor')
  const env = fc.record({ name, value: fc.string({ maxLength: 2 }) }, { requiredKeys: ['name'] })
  const unique = <T extends { name: string }>(item: fc.Arbitrary<T>) =>
    fc.uniqueArray(item, { selector: (it) => it.name, maxLength: 4 })
  const container = fc.record(
    { name, image: fc.string({ maxLength: 2 }), env: unique(env) },
    { requiredKeys: ['name'] },
  )
  const labels = fc
    .array(fc.tuple(name, fc.option(fc.string({ maxLength: 2 }))))
    .map(
      (entries) =>
        JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`) as object,
    )
  const spec = fc.record(
    {
      containers: unique(container),
      finalizers: fc.uniqueArray(name, { maxLength: 4 }),
      labels,
      args: fc.array(name, { maxLength: 3 }),
    },
    { requiredKeys: [] },
  )

  test('says the same when it is applied twice, holds what it says, and touches no prototype', () => {
    fc.assert(
      fc.property(spec, spec, (target, patch) => {
        const once = merge(target, patch)
        expect(equalJson(merge(once, patch), once)).toBe(true)
        const containers = (once.containers ?? []) as Array<{ name: string; image?: string }>
        for (const wish of patch.containers ?? []) {
          const found = containers.filter((item) => item.name === wish.name)
          expect(found).toHaveLength(1)
          if (wish.image !== undefined) expect(found[0]!.image).toBe(wish.image)
        }
        for (const had of target.containers ?? []) expect(containers.some((item) => item.name === had.name)).toBe(true)
        expect(new Set(containers.map((item) => item.name)).size).toBe(containers.length)
        const labels = (once.labels ?? {}) as object
        for (const [name, wish] of Object.entries((patch.labels ?? {}) as object)) {
          expect(Object.hasOwn(labels, name) ? Object.getOwnPropertyDescriptor(labels, name)?.value : null).toBe(wish)
        }
      }),
      { numRuns: 500 },
    )
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('changes nothing when it is empty', () => {
    fc.assert(
      fc.property(spec, (target) => {
        expect(equalJson(merge(target, {}), target)).toBe(true)
      }),
    )
  })
})
