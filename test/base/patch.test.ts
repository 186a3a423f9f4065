import fc from 'fast-check'
import jsonPatch from 'fast-json-patch'
import { describe, expect, test } from 'vitest'
import { copyJson, equalJson, isJsonObject, type JsonObject } from '../../src-main/base/json.ts'
import { applyJsonPatch, BadPatch, mergePatch, PatchDoesNotApply, PatchTooLarge } from '../../src-main/base/patch.ts'

const key = fc.oneof(
  fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'x/y', 'm~n', ''),
  fc.string({ maxLength: 3 }),
)
const leaf = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.string({ maxLength: 3 }))

/** Any JSON, with keys that live on prototypes among its own. */
const json = fc.letrec<{ value: unknown; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 4 })
    .map(
      (entries) =>
        JSON.parse(`{${entries.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`) as JsonObject,
    ),
}))

/** RFC 7386, section 2, word by word, over Maps so that no key is special. */
function reference(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const map = new Map(
    typeof target === 'object' && target !== null && !Array.isArray(target) ? Object.entries(target) : [],
  )
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) map.delete(name)
    else map.set(name, reference(map.get(name), value))
  }
  return JSON.parse(
    `{${[...map].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
  )
}

const unpolluted = () => expect(Object.keys(Object.prototype)).toEqual([])

describe('copyJson and equalJson', () => {
  test('copy everything, share nothing, and agree with the text', () => {
    fc.assert(
      fc.property(json.value, json.value, (a, b) => {
        const copy = copyJson(a)
        expect(JSON.stringify(copy)).toBe(JSON.stringify(a))
        expect(equalJson(copy, a)).toBe(true)
        if (typeof a === 'object' && a !== null) expect(copy).not.toBe(a)
        const sorted = (value: unknown): unknown =>
          Array.isArray(value)
            ? value.map(sorted)
            : typeof value === 'object' && value !== null
              ? Object.entries(value)
                  .sort(([x], [y]) => (x < y ? -1 : 1))
                  .map(([k, v]) => ({ k, v: sorted(v) }))
                  .concat({ k: '{}', v: 0 })
              : value
        expect(equalJson(a, b)).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)))
      }),
    )
  })
})

describe('merge patch', () => {
  test.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('makes of %j with %j what RFC 7386 says', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result)
  })

  test('is the RFC’s own procedure for any JSON, twice as good as once, and touches no prototype', () => {
    fc.assert(
      fc.property(json.value, json.value.map(withoutNullsInLists), (target, patch) => {
        const expected = reference(copyJson(target), copyJson(patch))
        const once = mergePatch(copyJson(target), copyJson(patch))
        expect(equalJson(once, expected)).toBe(true)
        expect(equalJson(mergePatch(copyJson(once), copyJson(patch)), once)).toBe(true)
      }),
      { numRuns: 500 },
    )
    unpolluted()
  })
})

/** Of which Kubernetes makes something of its own. */
function withoutNullsInLists(value: unknown, inList = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutNullsInLists(item, true))
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, member]) => !inList || member !== null).map(([name, member]) => [name, withoutNullsInLists(member, inList)]))
}

test.each([
  [{}, { a: [{ b: null, c: [{ d: null }] }, null] }, { a: [{ c: [{}] }, null] }],
  [{ a: [{ b: 1 }] }, { a: [{ b: null }] }, { a: [{}] }],
  [{ a: { b: 1 } }, { a: [{ b: null }] }, { a: [{ b: null }] }],
])('a merge patch is rid of nulls in lists as Kubernetes has it: %j with %j', (target, patch, result) => {
  expect(mergePatch(target, patch)).toEqual(result)
})

describe('JSON patch', () => {
  const apply = (document: object, ...operations: unknown[]) =>
    applyJsonPatch(copyJson(document) as JsonObject, operations)

  test.each([
    ['adds a member', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
    [
      'inserts into a list',
      { foo: ['bar', 'baz'] },
      [{ op: 'add', path: '/foo/1', value: 'qux' }],
      { foo: ['bar', 'qux', 'baz'] },
    ],
    ['removes a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
    [
      'removes from a list',
      { foo: ['bar', 'qux', 'baz'] },
      [{ op: 'remove', path: '/foo/1' }],
      { foo: ['bar', 'baz'] },
    ],
    ['replaces', { baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
    [
      'moves',
      { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
    ],
    [
      'moves in a list',
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      'tests',
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] },
    ],
    [
      'adds a nested member',
      { foo: 'bar' },
      [{ op: 'add', path: '/child', value: { grandchild: {} } }],
      { foo: 'bar', child: { grandchild: {} } },
    ],
    [
      'ignores what it does not know',
      { foo: 'bar' },
      [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
      { foo: 'bar', baz: 'qux' },
    ],
    ['reads ~01 as ~1', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [
      'appends',
      { foo: ['bar'] },
      [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }],
      { foo: ['bar', ['abc', 'def']] },
    ],
    [
      'copies',
      { a: { b: 1 } },
      [
        { op: 'copy', from: '/a', path: '/c' },
        { op: 'replace', path: '/c/b', value: 2 },
      ],
      { a: { b: 1 }, c: { b: 2 } },
    ],
    ['replaces what is not there, as Kubernetes does', { a: {} }, [{ op: 'replace', path: '/a/x~1y', value: 1 }], { a: { 'x/y': 1 } }],
    ['finds null where nothing is, as Kubernetes does', { a: {} }, [{ op: 'test', path: '/a/b', value: null }], { a: {} }],
    ['replaces the whole', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  ])('%s', (_, document, operations, result) => {
    expect(apply(document, ...operations)).toEqual(result)
  })

  test.each([
    ['a failed test', [{ op: 'test', path: '/baz', value: 'bar' }], PatchDoesNotApply],
    ['a number that is not the text', [{ op: 'test', path: '/ten', value: 10 }], PatchDoesNotApply],
    ['a parent that is not there', [{ op: 'add', path: '/no/bat', value: 'qux' }], PatchDoesNotApply],
    ['a removal of nothing', [{ op: 'remove', path: '/no' }], PatchDoesNotApply],
    ['a replacement in nothing', [{ op: 'replace', path: '/no/bat', value: 1 }], PatchDoesNotApply],
    ['a replacement beyond the end', [{ op: 'replace', path: '/list/1', value: 1 }], PatchDoesNotApply],
    ['a test of nothing for something', [{ op: 'test', path: '/no', value: 1 }], PatchDoesNotApply],
    ['a replacement of the prototype', [{ op: 'replace', path: '/__proto__', value: { x: 1 } }], PatchDoesNotApply],
    ['an index beyond the end', [{ op: 'add', path: '/list/5', value: 1 }], PatchDoesNotApply],
    ['a copy of nothing', [{ op: 'copy', from: '/no/thing', path: '/x' }], PatchDoesNotApply],
    ['a move of the prototype', [{ op: 'move', from: '/constructor', path: '/x' }], PatchDoesNotApply],
    ['a path without a slash', [{ op: 'add', path: 'baz', value: 1 }], PatchDoesNotApply],
    ['an unknown operation', [{ op: 'spin', path: '/baz' }], PatchDoesNotApply],
    ['the prototype', [{ op: 'add', path: '/__proto__/x', value: 1 }], PatchDoesNotApply],
    ['an operation that is no object', [1], 'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp'],
    ['a path that is no text', [{ op: 'add', path: 5 }], 'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string'],
    ['an operation without its name', [{ path: '/baz' }], PatchDoesNotApply],
    ['an operation without a path', [{ op: 'remove' }], PatchDoesNotApply],
    ['no operation', [null], PatchDoesNotApply],
  ])('refuses %s', (_, operations, error) => {
    expect(() => apply({ baz: 'qux', ten: '10', list: [1] }, ...operations)).toThrow(error)
    unpolluted()
  })

  test('turns any document into any other by their difference', () => {
    const plain = fc.dictionary(
      fc.string({ maxLength: 3 }).filter((name) => name !== '__proto__'),
      fc.jsonValue({ maxDepth: 2 }),
      { maxKeys: 4, noNullPrototype: true },
    )
    fc.assert(
      fc.property(plain, plain, (a, b) => {
        const from = JSON.parse(JSON.stringify(a)) as JsonObject
        const to = JSON.parse(JSON.stringify(b)) as JsonObject
        fc.pre(!JSON.stringify([from, to]).includes('__proto__'))
        expect(equalJson(applyJsonPatch(copyJson(from), jsonPatch.compare(from, to)), to)).toBe(true)
      }),
    )
  })

  test('copies null where there is no such member', () => {
    expect(apply({ a: 1 }, { op: 'copy', from: '/no', path: '/b' }, { op: 'copy', from: '/constructor', path: '/c' })).toEqual({ a: 1, b: null, c: null })
    unpolluted()
  })

  test('stops copies that double, and lists of too many operations', () => {
    const doubling = Array.from({ length: 60 }, (_, i) => ({ op: 'copy', from: '/a', path: `/a/${i}` }))
    expect(() => apply({ a: { text: 'x'.repeat(100) } }, ...doubling)).toThrow(PatchTooLarge)
    expect(() => apply({}, ...Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: {} })))).toThrow(
      'The allowed maximum operations in a JSON patch is 10000, got 10001',
    )
    expect(() => applyJsonPatch({}, { op: 'add' })).toThrow(BadPatch)
  })
})
