import { describe, expect, it } from 'vitest'
import { customResourceDefinition, type CustomResourceDefinition } from '../../src-main/kinds/apiextensions/custom-resource-definition.ts'
import { validateObject } from '../../src-main/kinds/structure.ts'

const text = { type: 'string' }
const struct = (properties: object) => ({ type: 'object', properties })
const list = (more: object) => struct({ a: { type: 'array', items: text, ...more } })
const keyed = (item: object, keys = ['b']) => list({ items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys })
const either = [{ type: 'integer' }, { type: 'string' }]

function mistakes(schema: object, version: object = {}, versions = 1): string[] {
  const all = Array.from({ length: versions }, (_, i) => ({ name: `v${i + 1}`, served: true, storage: i === 0, schema: { openAPIV3Schema: schema }, ...(i === 0 ? version : {}) }))
  const crd = {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'foos.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'foos', kind: 'Foo' }, versions: all },
  } as unknown as CustomResourceDefinition
  customResourceDefinition.default?.(crd)
  customResourceDefinition.prepareCreate?.(crd)
  return validateObject(customResourceDefinition, crd).map(({ field, message }) => `${field.replace('spec.validation.openAPIV3Schema', '')} ${message}`)
}

/** As kube-apiserver answers to the same definitions. */
const cases: Array<[title: string, schema: object, ...errors: string[]]> = [
  ['an integer or string, explained to other tools', struct({ a: { 'x-kubernetes-int-or-string': true, anyOf: either } })],
  ['the same explained in allOf', struct({ a: { 'x-kubernetes-int-or-string': true, allOf: [{ anyOf: either }, { minimum: 1 }] } })],
  ['unknown fields kept at the root', { 'x-kubernetes-preserve-unknown-fields': true }],
  ['additionalProperties at the root', { type: 'object', additionalProperties: text }, '.additionalProperties Forbidden: must not be used at the root'],
  ['a kind that is no text', struct({ kind: { type: 'integer' } }), '.properties[kind].type Invalid value: "integer": must be string'],
  ['an integer or string of a type', struct({ a: { type: 'integer', 'x-kubernetes-int-or-string': true } })],
  ['a type that is null', struct({ a: { type: 'null' } }), '.properties[a].type Unsupported value: "null": supported values: "array", "boolean", "integer", "number", "object", "string"', '.properties[a].type Forbidden: type cannot be set to null, use nullable as an alternative'],
  ['no other fields', struct({ a: { type: 'object', additionalProperties: false } })],
  ['a default in its metadata', struct({ metadata: struct({ name: { type: 'string', default: 'x' } }) }), '.properties[metadata].properties[name].default Forbidden: must not be set in top-level metadata'],
  ['more about its metadata', struct({ metadata: { type: 'object', maxProperties: 3 } }), '.properties[metadata] Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified'],
  ['an object in the metadata of one', struct({ a: { ...struct({ metadata: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true } }), 'x-kubernetes-embedded-resource': true } }),
    '.properties[a].properties[metadata].x-kubernetes-embedded-resource Forbidden: must not be used inside of resource meta'],
  ['a list type in a condition', struct({ a: { type: 'object', not: { 'x-kubernetes-list-type': 'set' } } }),
    '.properties[a].not.x-kubernetes-list-type Forbidden: must be undefined to be structural', '.properties[a].not.type Required value: must be array if x-kubernetes-list-type is specified'],
  ['a set of objects', list({ items: struct({}), 'x-kubernetes-list-type': 'set' }), '.properties[a].items.x-kubernetes-map-type Invalid value: null: must be atomic as item of a list with x-kubernetes-list-type=set'],
  ['types in another order', struct({ a: { 'x-kubernetes-int-or-string': true, anyOf: either.toReversed() } }),
    '.properties[a].anyOf[0].type Forbidden: must be empty to be structural', '.properties[a].anyOf[1].type Forbidden: must be empty to be structural'],
  ['a default in a condition', struct({ a: { type: 'string', allOf: [{ default: 'x' }] } }), '.properties[a].allOf[0].default Forbidden: must be undefined to be structural'],
  ['nullable in a condition', struct({ a: { type: 'string', not: { nullable: true } } }), '.properties[a].not.nullable Forbidden: must be false to be structural'],
  ['metadata in a condition', { ...struct({ metadata: { type: 'object' } }), anyOf: [{ properties: { metadata: { minProperties: 1 } } }] }, '.anyOf[0].properties[metadata] Forbidden: must not be specified in a nested context'],
  ['a property in a condition alone', { ...struct({ a: text }), anyOf: [{ properties: { b: { minLength: 1 } } }] }, '.properties[b] Required value: because it is defined in spec.validation.openAPIV3Schema.anyOf[0].properties[b]'],
  ['a map of texts', keyed(text), '.properties[a].items.type Invalid value: "string": must be object if parent array\'s x-kubernetes-list-type is map'],
  ['a key that is no property', keyed({ ...struct({ b: text }), required: ['b'] }, ['z']), '.properties[a].x-kubernetes-list-map-keys Invalid value: ["z"]: entries must all be names of item properties'],
  ['a key twice', keyed({ ...struct({ b: text }), required: ['b'] }, ['b', 'b']), '.properties[a].x-kubernetes-list-map-keys Invalid value: ["b","b"]: must not contain duplicate entries'],
  ['a key that may be missing', keyed(struct({ b: text })), '.properties[a].items.properties[b].default Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'],
  ['a key that may be null', keyed({ ...struct({ b: { ...text, nullable: true } }), required: ['b'] }), '.properties[a].items.properties[b].nullable Forbidden: this property is in x-kubernetes-list-map-keys, so it cannot be nullable'],
  ['a null in a set', list({ items: { ...text, nullable: true }, 'x-kubernetes-list-type': 'set' }), '.properties[a].items.nullable Forbidden: cannot be nullable when x-kubernetes-list-type is set'],
  ['a word that no structure has', struct({ a: { type: 'string', $schema: 'x' } }), ' Invalid value: "": OpenAPIV3Schema \'schema\' is not supported'],
  ['another word, where something else is told', struct({ a: { type: 'string', id: 'x' } }), '.properties[a].id Forbidden: id is not supported'],
  ['null at the root', { type: 'object', nullable: true }, '.nullable Forbidden: nullable cannot be true at the root'],
  ['a pattern that looks ahead', struct({ a: { type: 'string', pattern: '(?=b)' } }), ".properties[a].pattern Invalid value: \"(?=b)\": must be a valid regular expression, but isn't: error parsing regexp: invalid or unsupported Perl syntax: `(?=`"],
  ['a default in the metadata of an object inside', struct({ a: { ...struct({ spec: { type: 'object' }, metadata: struct({ name: { type: 'string', default: 'x/y' } }) }), 'x-kubernetes-embedded-resource': true } }),
    '.properties[a].properties[metadata].properties[name].default Invalid value: "x/y": must result in valid metadata: metadata.name: Invalid value: "x/y": may not contain \'/\''],
  ['items that a condition speaks of alone', { ...struct({ a: { type: 'array', items: text } }), not: { properties: { a: { items: { properties: { b: { minLength: 1 } } } } } } },
    '.properties[a].items.properties[b] Required value: because it is defined in spec.validation.openAPIV3Schema.not.properties[a].items.properties[b]'],
  ['keys of a set', list({ 'x-kubernetes-list-type': 'set', 'x-kubernetes-list-map-keys': ['b'] }), '.properties[a].x-kubernetes-list-type Invalid value: "set": must be map if x-kubernetes-list-map-keys is non-empty'],
]

describe('the schema of a custom resource definition with', () => {
  it.each(cases)('%s is told what is wrong with it', (_title, schema, ...errors) => expect(mistakes(schema)).toEqual(errors))
})

describe('a custom resource definition', () => {
  it('is told once what all of its versions say alike', () => {
    const wrong = { type: 'string' }
    expect(mistakes(wrong, {}, 2)).toEqual(['.type Invalid value: "string": must be object at the root'])
    expect(mistakes(wrong, { schema: { openAPIV3Schema: struct({}) } }, 2)).toEqual(['spec.versions[1].schema.openAPIV3Schema.type Invalid value: "string": must be object at the root'])
  })

  it('says at its root only what concerns both doors where status has one of its own', () => {
    const apart = { subresources: { status: {} } }
    expect(mistakes({ type: 'object', minProperties: 1 })).toEqual([])
    const [only, ...others] = mistakes({ type: 'object', minProperties: 1 }, apart)
    expect(only).toMatch(/^ Invalid value: \{"ID":"","Schema":"",.*"MinProperties":1,.*"XValidations":null\}: only \[Description Type .*XValidations\] fields are allowed at the root/)
    expect(others).toEqual([])
  })

  it('names fields to select by that are plain values', () => {
    const fields = ['.spec.a', '.spec.a', '.spec.o', 'spec.a', '.spec.none', '.metadata.name', '.spec["a"]', '.spec.'].map((jsonPath) => ({ jsonPath }))
    const schema = struct({ metadata: struct({ name: text }), spec: struct({ a: text, o: { type: 'object' } }) })
    const plain = 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'
    expect(mistakes(schema, { selectableFields: fields })).toEqual([
      'spec.selectableFields[1].jsonPath Duplicate value: ".spec.a"', `spec.selectableFields[2].jsonPath Invalid value: ".spec.o": ${plain}`,
      'spec.selectableFields[3].jsonPath Invalid value: "spec.a": is an invalid path: expected [ or . but got: spec', 'spec.selectableFields[4].jsonPath Invalid value: ".spec.none": is an invalid path: does not refer to a valid field',
      'spec.selectableFields[5].jsonPath Invalid value: ".metadata.name": must not point to fields in metadata', 'spec.selectableFields[6].jsonPath Invalid value: ".spec[\\"a\\"]": is an invalid path: array notation is not allowed',
      'spec.selectableFields[7].jsonPath Invalid value: ".spec.": is an invalid path: unexpected end of JSON path',
    ])
    const many = [...'abcdefghi']
    expect(mistakes(struct(Object.fromEntries(many.map((name) => [name, text]))), { selectableFields: many.map((name) => ({ jsonPath: `.${name}` })) })).toEqual(['spec.selectableFields Too many: 9: must have at most 8 items'])
  })

  it('has columns and paths that can be read', () => {
    const columns = [{ name: '', type: 'x', jsonPath: 'a' }, { name: 'b', type: '', jsonPath: '' }]
    expect(mistakes(struct({}), { additionalPrinterColumns: columns })).toEqual(expect.arrayContaining([
      'spec.additionalPrinterColumns[0].name Required value', 'spec.additionalPrinterColumns[0].type Invalid value: "x": must be one of boolean,date,integer,number,string',
      'spec.additionalPrinterColumns[0].JSONPath Invalid value: "a": must be a simple json path starting with .', 'spec.additionalPrinterColumns[1].JSONPath Required value',
    ]))
    const scale = { specReplicasPath: 'spec.r', statusReplicasPath: '.foo.r', labelSelectorPath: '.a[0]' }
    expect(mistakes(struct({}), { subresources: { scale } })).toEqual([
      'spec.subresources.scale.specReplicasPath Invalid value: "spec.r": must be a simple json path starting with .',
      'spec.subresources.scale.statusReplicasPath Invalid value: ".foo.r": should be a json path under .status',
      'spec.subresources.scale.labelSelectorPath Invalid value: ".a[0]": should be a json path under either .spec or .status',
    ])
  })

  it('warns of a deprecated version in words that a header can carry', () => {
    const warned = (deprecationWarning: string, deprecated = true) => mistakes(struct({}), { deprecated, deprecationWarning }).map((error) => error.replace(/Invalid value: ".*": /s, ''))
    expect(warned('use v2')).toEqual([])
    expect(warned('use v2', false)).toEqual(['spec.versions[0].deprecationWarning can only be set for deprecated versions'])
    expect(warned('')).toEqual(['spec.versions[0].deprecationWarning must not be an empty string'])
    expect(warned('a\nb')).toEqual(['spec.versions[0].deprecationWarning must only contain printable UTF-8 characters; non-printable character found at index 1'])
  })
})
