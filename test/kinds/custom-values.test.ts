import { describe, expect, it } from 'vitest'
import { defaultCustom } from '../../src-main/kinds/custom/defaulting.ts'
import { checkEmbedded, readEmbedded } from '../../src-main/kinds/custom/embedded.ts'
import { BadPath, jsonPath } from '../../src-main/kinds/custom/json-path.ts'
import { WholeLiteral } from '../../src-main/kinds/custom/json-path-walk.ts'
import type { JsonSchema } from '../../src-main/kinds/custom/json-schema.ts'
import { checkListItems } from '../../src-main/kinds/custom/list-items.ts'
import { pruneCustom } from '../../src-main/kinds/custom/pruning.ts'
import { checkSchema } from '../../src-main/kinds/custom/structural.ts'
import { checkCustom, checkStatus } from '../../src-main/kinds/custom/values.ts'
import { compareVersions } from '../../src-main/kinds/custom/version-order.ts'
import { field } from '../../src-main/kinds/field-error.ts'

const spec = (properties: Record<string, JsonSchema>, more: Partial<JsonSchema> = {}): JsonSchema => ({
  type: 'object', properties: { spec: { type: 'object', properties, ...more } },
})
const object = (value: unknown) => ({ apiVersion: 'a/v1', kind: 'A', metadata: { name: 'x' }, spec: value })
const mistakes = (schema: JsonSchema, value: unknown, old?: unknown): string[] => {
  const [next, before] = [object(value), old === undefined ? undefined : object(old)]
  return [...checkCustom(schema, next, before), ...checkEmbedded(schema, next), ...checkListItems(schema, next, before)].map(({ field: path, message }) => `${path}: ${message}`)
}

describe('values of a custom object', () => {
  const one = (schema: JsonSchema) => spec({ a: schema })
  it.each<[string, JsonSchema, unknown, string[]]>([
    ['maximum', { type: 'integer', maximum: 10 }, 11, ['Invalid value: 11: spec.a in body should be less than or equal to 10']],
    ['exclusive minimum', { type: 'number', minimum: 1, exclusiveMinimum: true }, 1, ['Invalid value: 1: spec.a in body should be greater than 1']],
    ['multipleOf', { type: 'integer', multipleOf: 5 }, 7, ['Invalid value: 7: spec.a in body should be a multiple of 5']],
    ['type', { type: 'integer' }, 'x', ['Invalid value: "string": spec.a in body must be of type integer: "string"']],
    ['null', { type: 'string' }, null, ['Invalid value: "null": spec.a in body must be of type string: "null"']],
    ['nullable', { type: 'string', nullable: true, minLength: 3 }, null, []],
    ['number takes an integer', { type: 'number' }, 3, []],
    ['int-or-string', { 'x-kubernetes-int-or-string': true }, true, ['Invalid value: "boolean": spec.a in body must be of type integer,string: "boolean"']],
    ['enum', { type: 'string', enum: ['b', 'c'] }, 'd', ['Unsupported value: "d": supported values: "b", "c"']],
    ['maxLength counts characters', { type: 'string', maxLength: 2 }, '😀😀', []],
    ['maxLength', { type: 'string', maxLength: 2 }, 'abc', ['Too long: may not be more than 2 bytes']],
    ['minLength', { type: 'string', minLength: 2 }, 'a', ['Invalid value: "a": spec.a in body should be at least 2 chars long']],
    ['pattern', { type: 'string', pattern: '^a+$' }, 'b', ["Invalid value: \"b\": spec.a in body should match '^a+$'"]],
    ['format', { type: 'string', format: 'date-time' }, 'soon', ['Invalid value: "soon": spec.a in body must be of type date-time: "soon"']],
    ['a format of numbers', { type: 'integer', format: 'int32' }, 2 ** 31, ['Invalid value: "": Checked value must be of type integer with format int32 in spec.a']],
    ['allOf', { type: 'string', allOf: [{ pattern: 'x' }] }, 'y', ["Invalid value: \"y\": spec.a in body should match 'x'", 'Invalid value: "": "spec.a" must validate all the schemas (allOf). None validated']],
    ['k8s-short-name', { type: 'string', format: 'k8s-short-name' }, 'A', ['Invalid value: "A": spec.a in body must be of type k8s-short-name: "A"']],
    ['everything that is wrong', { type: 'string', enum: ['a'] }, 3, ['Invalid value: "integer": spec.a in body must be of type string: "integer"', 'Unsupported value: 3: supported values: "a"']],
    ['a null that is allowed, but not among the words', { type: 'string', nullable: true, enum: ['a'] }, null, ['Unsupported value: null: supported values: "a"']],
    ['multipleOf in integers', { type: 'number', multipleOf: 0.5 }, 2, ['Invalid value: 0: factor MultipleOf declared for spec.a must be positive: 0']],
    ['multipleOf, nearly', { type: 'number', multipleOf: 0.1 }, 0.3, []],
    ['what has a format and is no text', { type: 'string', format: 'date' }, true, ['Invalid value: "": spec.a in body must be of type date: ""']],
    ['a format that numbers have, of a text', { type: 'string', format: 'int32' }, 'x', []],
    ['no other fields', { type: 'object', additionalProperties: false }, { b: 1 }, ['Invalid value: "b": spec.a.b in body is a forbidden property']],
    ['the alternative of which most is right', { type: 'object', properties: { b: { type: 'string' }, c: { type: 'integer' } }, anyOf: [{ required: ['d'] }, { required: ['b'], properties: { b: { minLength: 2 }, c: { minimum: 2 } } }] }, { b: 'x', c: 3 },
      ['Invalid value: "": "spec.a" must validate at least one schema (anyOf)', 'spec.a.b Invalid value: "x": spec.a.b in body should be at least 2 chars long']],
    ['hostname', { type: 'string', format: 'hostname' }, 'a.b', ['Invalid value: "a.b": spec.a in body must be of type hostname: "a.b"']],
    ['maxItems', { type: 'array', maxItems: 1, items: { type: 'string' } }, ['a', 'b'], ['Too many: 2: must have at most 1 item']],
    ['minItems', { type: 'array', minItems: 1, items: { type: 'string' } }, [], ['Invalid value: 0: spec.a in body should have at least 1 items']],
    ['a set', { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } }, ['a', 'a'], []],
    ['not', { type: 'string', not: { enum: ['x'] } }, 'x', ['Invalid value: "": "spec.a" must not validate the schema (not)']],
    ['oneOf', { type: 'integer', oneOf: [{ minimum: 1 }, { minimum: 2 }] }, 3, ['Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives']],
    ['anyOf', { type: 'integer', anyOf: [{ minimum: 5 }, { maximum: 1 }] }, 3, ['Invalid value: "": "spec.a" must validate at least one schema (anyOf)', 'Invalid value: 3: spec.a in body should be greater than or equal to 5']],
  ])('%s', (name, schema, value, said) => {
    const paths = name === 'a set' ? ['spec.a[1]: Duplicate value: "a"'] : said.map((sentence) => {
      const [, deeper = 'spec.a', rest = ''] = /^(?:(spec\.\S+) )?(.*)$/s.exec(sentence) ?? []
      return `${/^Invalid value: "": (?!spec)/.test(rest) ? '<nil>' : deeper}: ${rest}`
    })
    expect(mistakes(one(schema), { a: value })).toEqual(paths)
  })

  it('must have what is required, in lists too', () => {
    const schema = spec({ list: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } }, { required: ['list'] })
    expect(mistakes(schema, {})).toEqual(['spec.list: Required value'])
    expect(mistakes(schema, { list: [{}] })).toEqual(['spec.list[0].name: Required value'])
  })

  it('may stay as they were when the schema became stricter', () => {
    const schema = spec({ a: { type: 'integer', maximum: 10 }, b: { type: 'string' } })
    expect(mistakes(schema, { a: 11, b: 'new' }, { a: 11, b: 'old' })).toEqual([])
    expect(mistakes(schema, { a: 12 }, { a: 11 })).toHaveLength(1)
    const keyed = spec({ l: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['n'], items: { type: 'object', properties: { n: { type: 'string' }, v: { type: 'integer', maximum: 1 } } } } })
    expect(mistakes(keyed, { l: [{ n: 'new', v: 1 }, { n: 'a', v: 9 }] }, { l: [{ n: 'a', v: 9 }] })).toEqual([])
  })

  it('may have items twice in lists that had some twice already', () => {
    const set = (keys: string[]) => spec({
      l: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys, items: { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'integer' } } } },
      more: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'], items: { type: 'object', properties: { a: { type: 'integer' } } } },
    })
    const old = { l: [{ a: 1, b: 1 }, { a: 1, b: 2 }], more: [{ a: 1 }] }
    const next = { ...old, more: [{ a: 1 }, { a: 1 }] }
    expect(mistakes(set(['a', 'b']), next, old)).toEqual(['spec.more[1]: Duplicate value: {"a":1}'])
    expect(mistakes(set(['a']), next, old)).toEqual([])
  })

  it('are spoken of as if a status were the whole, and only its changes are looked at', () => {
    const schema: JsonSchema = { type: 'object', properties: { status: { type: 'object', properties: { n: { type: 'integer' }, m: { type: 'string' } }, required: ['q'] } } }
    const of = (status: unknown, old: unknown) => checkStatus(schema, { status }, { status: old }).map(({ field: path, message }) => `${path}: ${message}`)
    expect(of({ n: 'x', m: 1 }, { m: 1 })).toEqual(['status.n: Invalid value: "string": n in body must be of type integer: "string"', 'status.q: Required value'])
    expect(of({ m: 1 }, { m: 1 })).toEqual([])
    expect(of(undefined, { m: 1 })).toEqual([])
  })

  it('are judged anew where nobody knows whether they changed', () => {
    const schema = spec({ open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, maxProperties: 1, properties: { a: { type: 'string' } } } })
    const open = { a: 'x', b: 'y' }
    expect(mistakes(schema, { open }, { open })).toEqual(['spec.open: Too many: 2: must have at most 1 item'])
    expect(mistakes(schema, { open: { a: 'x', c: 1 } }, { open: { a: 'x', c: 1 } })).toHaveLength(1)
  })

  it('must be readable and named well where they are objects of their own', () => {
    const pod: JsonSchema = { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true }
    const schema = spec({ pod, list: { type: 'array', items: pod } })
    const whole = { apiVersion: 'v1', kind: 'Pod' }
    expect(mistakes(schema, { pod: { ...whole, metadata: { name: 'p', labels: { a: 'b' } } } })).toEqual([])
    expect(mistakes(schema, { pod: {} })).toEqual(['spec.pod.apiVersion: Required value', 'spec.pod.kind: Required value'])
    expect(mistakes(schema, { pod: { apiVersion: 'a/b/c', kind: '%', metadata: { name: '..' } } }).map((sentence) => sentence.slice(0, 70))).toEqual([
      'spec.pod.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion s', 'spec.pod.kind: Invalid value: "%": may have mixed case, but should oth', 'spec.pod.metadata.name: Invalid value: "..": may not be \'..\'',
    ])
    const unreadable = (value: unknown) => readEmbedded(schema, object(value)).mistake?.field
    expect(unreadable({ list: [{ ...whole, metadata: { name: 'p' } }] })).toBeUndefined()
    expect(unreadable({ list: [whole, { ...whole, metadata: { namespace: 42 } }] })).toBe('spec.list[1].metadata')
    expect(unreadable({ pod: { ...whole, kind: 1 } })).toBe('spec.pod.kind')
    expect(unreadable({ pod: { ...whole, metadata: [] } })).toBe('spec.pod.metadata')
  })

  it('never block the server, whatever pattern a user wrote', () => {
    const begin = performance.now()
    expect(mistakes(one({ type: 'string', pattern: '^(a+)+$' }), { a: `${'a'.repeat(100_000)}!` })).toHaveLength(1)
    expect(performance.now() - begin).toBeLessThan(1000)
  })
})

describe('pruning and defaults', () => {
  it('keep no fields of what a map may hold without saying what', () => {
    const value = object({ m: { a: 1, b: { c: 1 }, l: [{ d: 1 }], n: null } })
    expect(pruneCustom(spec({ m: { type: 'object', additionalProperties: true } }), value)).toEqual(['spec.m.b.c', 'spec.m.l[0].d'])
    expect(value.spec).toEqual({ m: { a: 1, b: {}, l: [{}], n: null } })
  })

  it('take the place of nulls in lists and maps too', () => {
    const value = object({ l: [null, 'x'], m: { a: null, b: 'y' } })
    defaultCustom(spec({ l: { type: 'array', items: { type: 'string', default: 'i' } }, m: { type: 'object', additionalProperties: { type: 'string', default: 'v' } } }), value)
    expect(value.spec).toEqual({ l: ['i', 'x'], m: { a: 'v', b: 'y' } })
  })

  it('drop what is not described, and say where it stood', () => {
    const schema = spec({
      known: { type: 'string' }, map: { type: 'object', additionalProperties: { type: 'object', properties: { a: { type: 'string' } } } },
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { closed: { type: 'object', properties: { a: { type: 'string' } } } } },
      pod: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object', properties: {} } } },
    })
    const value = object(JSON.parse('{"known":"a","__proto__":{"x":1},"constructor":1,"map":{"k":{"a":"1","b":2}},"open":{"any":{"x":1},"closed":{"a":"1","b":1}},"pod":{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","no":1},"spec":{"x":1}}}'))
    expect(pruneCustom(schema, value)).toEqual(['spec.__proto__', 'spec.constructor', 'spec.map.k.b', 'spec.open.closed.b', 'spec.pod.spec.x'])
    expect(value.spec).toEqual({ known: 'a', map: { k: { a: '1' } }, open: { any: { x: 1 }, closed: { a: '1' } }, pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: {} } })
  })

  it('drop a null that is not allowed and that no default takes the place of', () => {
    const schema = spec({
      a: { type: 'string' }, d: { type: 'string', default: 'd' }, n: { type: 'string', nullable: true },
      open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, map: { type: 'object', additionalProperties: { type: 'string' } }, l: { type: 'array', items: { type: 'string' } },
    })
    const value = object({ a: null, d: null, n: null, open: { x: null }, map: { k: null, o: 'o' }, l: [null] })
    expect(pruneCustom(schema, value)).toEqual([])
    expect(value.spec).toEqual({ d: null, n: null, open: { x: null }, map: { o: 'o' }, l: [null] })
  })

  it('of an embedded object are its own, and bring no metadata that there is not', () => {
    const schema = spec({ pod: {
      type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true,
      properties: { kind: { type: 'string', default: 'Pod' }, metadata: { type: 'object', default: { name: 'p', unknown: 'x' } } },
    } })
    expect(checkSchema(schema, field('s'))).toEqual([])
    const value = object({ pod: { apiVersion: 'v1' } })
    defaultCustom(schema, value)
    expect(value.spec).toEqual({ pod: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } } })
  })

  it('fill in below what is there, and treat a forbidden null as absent', () => {
    const schema = spec({
      a: { type: 'integer', default: 1 }, n: { type: 'string', nullable: true, default: 'x' }, o: { type: 'object', default: {}, properties: { b: { type: 'string', default: 'b' } } },
      l: { type: 'array', items: { type: 'object', properties: { c: { type: 'string', default: 'c' } } } },
    })
    const value = object({ a: null, n: null, l: [{}, { c: 'd' }] })
    defaultCustom(schema, value)
    expect(value.spec).toEqual({ a: 1, n: null, o: { b: 'b' }, l: [{ c: 'c' }, { c: 'd' }] })
  })
})

describe('a structural schema', () => {
  const said = (schema: JsonSchema) => checkSchema(schema, field('s')).map(({ field: path, message }) => `${path}: ${message}`)
  it.each<[JsonSchema, string[]]>([
    [{}, ['s.type: Required value: must not be empty at the root']],
    [{ type: 'string' }, ['s.type: Invalid value: "string": must be object at the root']],
    [spec({ a: {} }), ['s.properties[spec].properties[a].type: Required value: must not be empty for specified object fields']],
    [spec({ a: { type: 'array' } }), ['s.properties[spec].properties[a].items: Required value: must be specified']],
    [spec({ a: { type: 'array', items: {} } }), ['s.properties[spec].properties[a].items.type: Required value: must not be empty for specified array items']],
    [spec({ a: { type: 'object', properties: { b: { type: 'string' } }, additionalProperties: false } }), ['s.properties[spec].properties[a].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive']],
    [spec({ a: { type: 'string', pattern: '(' } }), ["s.properties[spec].properties[a].pattern: Invalid value: \"(\": must be a valid regular expression, but isn't: error parsing regexp: missing closing ): `(`"]],
    [spec({ a: { type: 'string', default: 1 } }), ['s.properties[spec].properties[a].default: Invalid value: "integer":  in body must be of type string: "integer"']],
    [spec({ a: { type: 'array', uniqueItems: true, items: { type: 'string' } } }), ['s.properties[spec].properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic']],
    [spec({ a: { type: 'string', anyOf: [{ type: 'string' }] } }), ['s.properties[spec].properties[a].anyOf[0].type: Forbidden: must be empty to be structural']],
    [spec({ a: { type: 'object', anyOf: [{ required: ['b'], properties: { b: { minimum: 1 } } }] } }), []],
    [spec({ a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } }), []],
    [spec({ a: { type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } } }), ['s.properties[spec].properties[a].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map']],
    [{ type: 'object', properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } } }, ['s.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified']],
  ])('%j', (schema, sentences) => expect(said(schema)).toEqual(sentences))
})

describe('paths and versions', () => {
  const value = { a: { 'b.c': [1, 2, 3] }, list: [{ type: 'Ready', status: 'True', n: 2 }, { type: 'Other', status: 'False', n: 5 }] }
  it.each<[string, unknown[]]>([
    ['.a.b\\.c[0]', [1]], ['.a[\'b\\.c\'][-1]', [3]], ['.a[\'b\\.c\'][0:2]', [1, 2]], ['.a[\'b\\.c\'][*]', [1, 2, 3]], ['.a[\'b.c\']', []],
    ['.a.b\\.c[0,2]', [1, 3]], ['.a.b\\.c[::2]', [1, 3]], ['.a.b\\.c[1:]', [2, 3]], ['.a.b\\.c[5]', []], ['.a.b\\.c[:-1]', [1, 2]], ['.a.b\\.c[?(@>=2)]', [2, 3]], ['.list[0][\'type\',\'n\']', ['Ready', 2]],
    ['.list[?(@.n=="2")]', []], ['.list[?(@.n>2.5)]', []], ['.list[?(@.type)].n', [2, 5]], ['list', []], ['.list[*].n 7', [new WholeLiteral(7), new WholeLiteral(7)]], ['.list "a\\tb"', ['a\tb']], ['.list[0].type.*', [...Buffer.from('Ready')].map((byte) => new WholeLiteral(byte))], ['.', []],
    ['.list[?(@.type=="Ready")].status', ['True']], ["[0]", []], ['.list[?(@.n>3)].type', ['Other']], ['.list[*].status', ['True', 'False']],
    ['..status', ['True', 'False']], ['.no.such', []], ['.constructor', []],
  ])('%s', (path, found) => expect(jsonPath(path)(value)).toEqual(found))

  it.each(['.a["b"]', '.a[0', '.a[b]', '.a[-]', '.a[?(@.n', '.a[?(@.n)x', '.....', '..*', '.a "b', '.a (', '1.2.3', `.${'a'.repeat(2000)}`])('refuse %s', (path) => expect(() => jsonPath(path)).toThrow(BadPath))

  it('put the preferred version first', () => {
    expect(['v1alpha1', 'foo', 'v1', 'v2beta1', 'v2', 'v10', 'v1beta2', 'bar'].sort(compareVersions)).toEqual(['v10', 'v2', 'v1', 'v2beta1', 'v1beta2', 'v1alpha1', 'bar', 'foo'])
  })
})
