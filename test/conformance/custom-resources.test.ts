import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, expect } from 'vitest'
import { createCa, createServerLeaf } from '../../src-main/base/cert.ts'
import type { Ask, Row } from './row.ts'
import { describeSection } from './suite.ts'

interface Thing { readonly apiVersion: string; readonly spec?: { readonly host?: string; readonly hostPort?: string; readonly port?: string } }
interface Conversion { readonly apiVersion: string; readonly kind: string; readonly request: { readonly uid: string; readonly desiredAPIVersion: string; readonly objects: readonly Thing[] } }

/** v1 has `hostPort`, v2 has `host` and `port`. */
function converted(thing: Thing, apiVersion: string): Thing {
  const { hostPort = '', host = '', port = '' } = thing.spec ?? {}
  const [first = '', second = ''] = hostPort.split(':')
  return { ...thing, apiVersion, spec: apiVersion.endsWith('/v2') ? { host: first, port: second } : { hostPort: `${host}:${port}` } }
}

const ca = await createCa('local', Date.now())
/** Converts, and is an API server of its own too. */
const server = createServer(await createServerLeaf(ca, Date.now(), ['localhost']), (req, res) => {
  const chunks: Buffer[] = []
  req.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
    const [, , group = ''] = (req.url ?? '').split('/')
    const own = { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/v1`, resources: [{ name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs: ['get', 'list'] }] }
    const listed = { kind: 'FlunderList', apiVersion: `${group}/v1`, metadata: {}, items: [], user: req.headers['x-remote-user'], groups: req.headers['x-remote-group'] }
    const answer = req.url?.startsWith('/convert') ? reviewed(JSON.parse(Buffer.concat(chunks).toString()) as Conversion) : req.url?.includes('/flunders') ? listed : own
    res.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
})
const reviewed = ({ apiVersion, kind, request: { uid, desiredAPIVersion, objects } }: Conversion) => ({
  apiVersion, kind, response: { uid, result: { status: 'Success' }, convertedObjects: objects.map((each) => converted(each, desiredAPIVersion)) },
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo
const caBundle = Buffer.from(ca.cert).toString('base64')
afterAll(() => void server.close().closeAllConnections())

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const group = '{ns}.example.com'
const things = (name = '', version = 'v1') => `/apis/${group}/${version}/namespaces/{ns}/things${name}`
const thing = (name: string, more: object = {}, version = 'v1') => ({ apiVersion: `${group}/${version}`, kind: 'Thing', metadata: { name }, ...more })
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
const versioned = (name: string, spec: object, more: object = {}) => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: object({ spec, status: object({ ready: { type: 'boolean' }, replicas: { type: 'integer' }, selector: { type: 'string' } }) }) }, ...more })
const definition = (versions: readonly object[], more: object = {}) => ({ metadata: { name: `things.${group}` }, spec: { group, scope: 'Namespaced', names: { plural: 'things', kind: 'Thing', shortNames: ['th'] }, versions, ...more } })
const established = { conditions: expect.arrayContaining([expect.objectContaining({ type: 'NamesAccepted', status: 'True', reason: 'NoConflicts' }), expect.objectContaining({ type: 'Established', status: 'True', reason: 'InitialNamesAccepted' })]) as unknown }

const defined = (spec: object, more: object = {}, whole: object = {}, others: readonly object[] = []): Ask[] => [
  { do: `POST ${definitions}`, body: definition([versioned('v1', spec, more), ...others], whole), save: 'crd' },
  { do: `GET ${definitions}/things.${group}`, answer: { status: established }, until: true },
  { do: `GET ${things()}`, until: true },
]
const dropped: Ask = { do: `DELETE ${definitions}/things.${group}` }
const about = (title: string, spec: object, steps: readonly Ask[], more: object = {}, since?: number): Row => ({ title, since, steps: [...defined(spec, more), ...steps, dropped] })
const mistakes = (...causes: ReadonlyArray<readonly [field: string, message: string | RegExp]>) => ({ code: 422, answer: { reason: 'Invalid', details: { name: 'a', group, kind: 'Thing', causes: causes.map(([field, message]) => ({ field, message })) } } })
const refusedDefinition = (title: string, spec: object, message: RegExp, since?: number): Row => ({
  title, since, steps: [{ do: `POST ${definitions}`, body: definition([versioned('v1', spec)]), code: 422, answer: { reason: 'Invalid', message } }, { do: `GET ${definitions}/things.${group}`, code: 404 }],
})

const schemas: readonly Row[] = [
  about('validates by its schema, and says every mistake', object({ size: { type: 'integer', maximum: 10 }, color: { type: 'string', enum: ['red', 'blue'] }, name: { type: 'string', pattern: '^a+$' } }, { required: ['size'] }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { size: 11 } }), ...mistakes(['spec.size', /^Invalid value: 11: spec\.size in body should be less than or equal to 10$/]) },
    { do: `POST ${things()}`, body: thing('a', { spec: { size: 1, color: 'green' } }), ...mistakes(['spec.color', 'Unsupported value: "green": supported values: "red", "blue"']) },
    { do: `POST ${things()}`, body: thing('a', { spec: {} }), ...mistakes(['spec.size', 'Required value']) },
    { do: `POST ${things()}`, body: thing('a', { spec: { size: 'x' } }), ...mistakes(['spec.size', /^Invalid value: "string": spec\.size in body must be of type integer: "string"$/]) },
    { do: `POST ${things()}`, body: thing('a', { spec: { size: 1, name: 'b' } }), ...mistakes(['spec.name', /^Invalid value: "b": spec\.name in body should match '\^a\+\$'$/]) },
    { do: `POST ${things()}`, body: thing('a', { spec: { size: 10, color: 'red', name: 'aa' } }) },
  ]),
  about('fills in defaults, also where an older object is read', object({ size: { type: 'integer', default: 3 }, more: object({ deep: { type: 'string', default: 'x' } }, { default: {} }) }), [
    { do: `POST ${things()}`, body: thing('a', { spec: {} }), answer: { spec: { size: 3, more: { deep: 'x' } } } },
    { do: `POST ${things()}`, body: thing('b', { spec: { size: 5 } }), answer: { spec: { size: 5 } } },
    { do: `PATCH ${definitions}/things.${group}`, type: 'json', body: [{ op: 'add', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/late', value: { type: 'string', default: 'now' } }] },
    { do: `GET ${things('/b')}`, answer: { spec: { size: 5, late: 'now' } }, until: true },
  ]),
  about('prunes what the schema does not know, and keeps what it is told to', object({ known: { type: 'string' }, open: { 'type': 'object', 'x-kubernetes-preserve-unknown-fields': true } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { known: 'x', unknown: 'y', open: { any: { thing: [1] } } }, other: 1 }), answer: { spec: { known: 'x', unknown: undefined, open: { any: { thing: [1] } } }, other: undefined } },
    { do: `POST ${things('?fieldValidation=Ignore')}`, body: thing('b', { spec: { unknown: 'y' } }) },
  ]),
  { ...about('tells of unknown fields where it is asked to', object({ known: { type: 'string' } }), [
    { do: `POST ${things('?fieldValidation=Strict')}`, body: thing('a', { spec: { unknown: 'y' } }), code: 400, answer: { reason: 'BadRequest', message: /strict decoding error: unknown field "spec\.unknown"/ } },
    { do: `POST ${things()}`, body: thing('a', { spec: { unknown: 'y' } }), answerHeaders: { warning: '299 - "unknown field \\"spec.unknown\\""' } },
    { do: `PATCH ${things('/a?fieldValidation=Strict')}`, type: 'merge', body: { spec: { unknown: 'z' } }, code: 422, answer: { reason: 'Invalid', message: /\\"unknown\\":\\"z\\".*: strict decoding error: unknown field "spec\.unknown"$/ } },
  ]), since: 25 },
  about('takes a number or a text where the schema says so', object({ port: { 'x-kubernetes-int-or-string': true } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { port: 80 } }), answer: { spec: { port: 80 } } },
    { do: `POST ${things()}`, body: thing('b', { spec: { port: '80%' } }), answer: { spec: { port: '80%' } } },
    { do: `POST ${things()}`, body: thing('c', { spec: { port: true } }), code: 422 },
  ]),
  refusedDefinition('refuses a schema that is not structural', { properties: { a: { type: 'string' } } }, /spec\.(validation|versions\[0\]\.schema)\.openAPIV3Schema\.properties\[spec\]\.type: Required value: must not be empty for specified object fields/),
  refusedDefinition('refuses a default that its own schema forbids', object({ a: { type: 'integer', default: 'x' } }), /properties\[a\]\.default: Invalid value: "(string|x)": .*must be of type integer/),
]

const rules: Row[] = [
  { ...about('judges by rules in CEL, over one object and over a change', object({ min: { type: 'integer' }, max: { type: 'integer' }, fixed: { 'type': 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is fixed' }] } }, { 'x-kubernetes-validations': [{ rule: 'self.min <= self.max', messageExpression: '"min is %d".format([self.min])' }] }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { min: 2, max: 1 } }), ...mistakes(['spec', /^Invalid value: (.*: )?min is 2$/]) },
    { do: `POST ${things()}`, body: thing('a', { spec: { min: 1, max: 2, fixed: 'x' } }) },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: { spec: { fixed: 'y' } }, ...mistakes(['spec.fixed', /^Invalid value: "?(string|y)"?: fixed is fixed$/]) },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: { spec: { max: 3 } } },
  ]), since: 27 },
  refusedDefinition('refuses a rule that does not compile', object({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.b > 1' }] }), /x-kubernetes-validations\[0\]\.rule: Invalid value: .*compilation failed: ERROR: <input>:1:5: undefined field 'b'/, 25),
  refusedDefinition('refuses a rule of another type than bool', object({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.a' }] }), /x-kubernetes-validations\[0\]\.rule: Invalid value: .*cel expression must evaluate to a bool/, 25),
  refusedDefinition('refuses a rule that asks for a field that nobody describes', object({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'has(self.b)' }] }), /compilation failed: ERROR: <input>:1:4: undefined field 'b'/, 25),
  refusedDefinition('refuses a rule about a change where nothing says which item was which', object({ a: { type: 'array', maxItems: 9, items: { 'type': 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } } }), /items\.x-kubernetes-validations\[0\]\.rule: Invalid value: "self >= oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within spec\.(validation|versions\[0\]\.schema)\.openAPIV3Schema\.properties\[spec\]\.properties\[a\]/, 25),
  refusedDefinition('refuses a message that is none', object({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.a > 1', messageExpression: 'self.a' }] }), /x-kubernetes-validations\[0\]\.messageExpression: Invalid value: .*messageExpression must evaluate to a string/, 27),
  refusedDefinition('refuses words about a rule that do not fit', object({ a: { type: 'integer' } }, { 'x-kubernetes-validations': [{ rule: 'self.a > 1', reason: 'Bad', fieldPath: '.b' }] }), /\.reason: Unsupported value: "Bad": supported values: .*\.fieldPath: Invalid value: "\.b": (fieldPath )?must be a valid path/, 28),
  refusedDefinition('refuses a rule that may cost too much, and says how much', object({ a: { 'type': 'array', 'items': { type: 'integer' }, 'maxItems': 1500, 'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x != y))' }] } }),
    /properties\[a\]\.x-kubernetes-validations\[0\]\.rule: Forbidden: estimated rule cost exceeds budget by factor of 1\.125750x \(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared\)/, 30),
  refusedDefinition('refuses rules that may cost too much together', object({ a: { 'type': 'array', 'items': { type: 'integer' }, 'x-kubernetes-validations': [{ rule: 'self.all(x, self.all(y, x != y))' }] } }),
    /more than 100x.*Forbidden: contributed to estimated rule .*cost total exceeding cost limit for entire OpenAPIv3 schema.*openAPIV3Schema: Forbidden: x-kubernetes-validations estimated rule .*cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x/, 25),
  about('judges no rule of what an update leaves as it was', object({ a: { 'type': 'integer' }, b: { type: 'integer' } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { a: 1, b: 1 } }) },
    { do: `PATCH ${definitions}/things.${group}`, type: 'json', body: [{ op: 'add', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/a/x-kubernetes-validations', value: [{ rule: 'self > 1', message: 'a is too small' }] }] },
    { do: `POST ${things()}`, body: thing('b', { spec: { a: 1 } }), code: 422, answer: { reason: 'Invalid', message: /a is too small$/ }, until: true },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: { spec: { b: 2 } }, answer: { spec: { a: 1, b: 2 } } },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: { spec: { a: 0 } }, code: 422 },
  ], {}, 30),
]

rules.push(
  about('takes a list whose items have keys for unchanged when only their order is another', object({ list: { 'type': 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'], 'items': object({ k: { type: 'string' }, v: { type: 'integer' } }, { required: ['k'] }) } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { list: [{ k: 'a', v: 1 }, { k: 'b', v: 2 }] } }) },
    { do: `PATCH ${definitions}/things.${group}`, type: 'json', body: [{ op: 'add', path: '/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations', value: [{ rule: 'false', message: 'never' }] }] },
    { do: `POST ${things()}`, body: thing('b', { spec: {} }), code: 422, answer: { reason: 'Invalid', message: /never$/ }, until: true },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: { spec: { list: [{ k: 'b', v: 2 }, { k: 'a', v: 1 }] } }, answer: { spec: { list: [{ k: 'b', v: 2 }, { k: 'a', v: 1 }] } } },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: { spec: { list: [{ k: 'b', v: 2 }, { k: 'a', v: 2 }] } }, code: 422 },
  ], {}, 30),
  about('does not ask of a default whether it is a number or a text, nor whether its items are there once', object({
    either: { 'x-kubernetes-int-or-string': true, 'default': true },
    set: { 'type': 'array', 'x-kubernetes-list-type': 'set', 'items': { type: 'string' }, 'default': ['a', 'a'] },
  }), []),
)

const patchMistakes: readonly Row[] = [
  about('quotes a body that lacks its kind as it was sent', object({}), [['a: 1', 'application/yaml'], ['~', 'application/yaml'], [' {}', 'application/json'], ['null', 'application/json']].map(([body = '', type = '']) => (
    { do: `POST ${things()}`, type, body, code: 400, answer: { reason: 'BadRequest', message: `the object provided is unrecognized (must be of type Thing): Object 'Kind' is missing in '${body}' (${Buffer.from(body).toString('hex')})` } }
  )), {}, 30),
  about('says what is wrong with a patch that is none', object({}), [
    { do: `POST ${things()}`, body: thing('a') },
    { do: `PATCH ${things('/a')}`, type: 'json', body: { a: 1 }, code: 400, answer: { reason: 'BadRequest', message: 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp' } },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: [], code: 400, answer: { reason: 'BadRequest', message: 'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}' } },
    { do: `PATCH ${things('/a')}`, type: 'strategic', body: {}, code: 415, answer: { message: 'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml' } },
  ], {}, 30),
  { title: 'only notes in a definition that its deletion began', since: 30, steps: [
    ...defined(object({})),
    { do: `POST ${things()}`, body: { ...thing('a'), metadata: { name: 'a', finalizers: ['example.com/held'] } } },
    { do: `DELETE ${definitions}/things.${group}` },
    { do: `GET ${definitions}/things.${group}`, answer: { metadata: { generation: 1, deletionTimestamp: expect.any(String) as unknown } } },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: { metadata: { finalizers: null } } },
  ] },
  { ...about('names the resource where a subresource has no such verb', object({}), [
    { do: `POST ${things()}`, body: thing('a') },
    { do: `DELETE ${things('/a/status')}`, code: 405, answer: { reason: 'MethodNotAllowed', message: `delete is not supported on resources of kind "things.${group}"`, details: { group, kind: 'things' } } },
  ], { subresources: { status: {} } }, 30), needs: 'wire' },
]

const ruled = object({
  count: { 'type': 'integer', 'x-kubernetes-validations': [{ rule: 'self < 10', message: 'too many' }, { rule: 'self != 8', reason: 'FieldValueDuplicate' }] },
  sizes: { 'type': 'object', 'maxProperties': 3, 'additionalProperties': { 'type': 'integer', 'x-kubernetes-validations': [{ rule: 'self > 0', message: 'none' }] } },
  color: { type: 'string', maxLength: 4 },
}, { 'x-kubernetes-validations': [{ rule: '!has(self.color) || self.color != "red"', fieldPath: '.color', message: 'no red' }] })
const unchecked = 'Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation'

rules.push(
  about('shows the value that breaks a rule where it is one, and asks no rule about what has no right form', ruled, [
    { do: `POST ${things()}`, body: thing('a', { spec: { count: 12 } }), ...mistakes(['spec.count', 'Invalid value: 12: too many']) },
    { do: `POST ${things()}`, body: thing('a', { spec: { count: 8 } }), ...mistakes(['spec.count', 'Duplicate value: 8']) },
    { do: `POST ${things()}`, body: thing('a', { spec: { sizes: { a: 0 } } }), ...mistakes(['spec.sizes[a]', 'Invalid value: 0: none']) },
    { do: `POST ${things()}`, body: thing('a', { spec: { color: 'red' } }), ...mistakes(['spec.color', 'Invalid value: no red']) },
    { do: `POST ${things()}`, body: thing('a', { spec: { count: 12, color: 'green' } }), ...mistakes(['spec.color', 'Too long: may not be more than 4 bytes'], ['<nil>', unchecked]) },
  ], {}, 36),
)

const applied = (manager: string, spec: object): Ask => ({ do: `PATCH ${things(`/a?fieldManager=${manager}`)}`, type: 'apply', body: thing('a', { spec }) })
const scaled = { subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' } } }

const parts: readonly Row[] = [
  about('owns the whole of what comes with a new object', object({ a: { type: 'string' } }), [
    { do: `POST ${things('?fieldManager=one')}`, body: thing('a', { spec: { a: 'x' } }), answer: { metadata: { managedFields: [{ manager: 'one', fieldsV1: { 'f:spec': { '.': {}, 'f:a': {} } } }] } } },
    { do: `POST ${things()}`, body: { ...thing('b'), apiVersion: undefined }, code: 400, answer: { message: /^the API version in the data \(\) does not match the expected API version/ } },
    { do: `GET ${things('/a/status')}`, code: 404, answer: { reason: 'NotFound', details: { name: 'a', kind: 'things' } } },
  ], {}, 22),
  about('checks the formats of numbers and names', object({ small: { type: 'integer', format: 'int32' }, name: { type: 'string', format: 'k8s-short-name' } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { small: 2147483648 } }), ...mistakes(['<nil>', 'Invalid value: "": Checked value must be of type integer with format int32 in spec.small']) },
    { do: `POST ${things()}`, body: thing('a', { spec: { name: 'A' } }), code: 422, answer: { details: { causes: [{ reason: 'FieldValueTypeInvalid', field: 'spec.name' }] } } },
  ], {}, 36),
  about('shows the first of several values in a column, and no column after a path that cannot be read', object({ list: { type: 'array', items: { type: 'string' } } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { list: ['x', 'y'] } }) },
    { do: `GET ${things()}`, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }, answer: { columnDefinitions: [{ name: 'Name' }, { name: 'First' }], rows: [{ cells: ['a', 'x'] }] } },
  ], { additionalPrinterColumns: [{ name: 'First', type: 'string', jsonPath: '.spec.list[*]' }, { name: 'Bad', type: 'string', jsonPath: '.spec[' }, { name: 'After', type: 'string', jsonPath: '.spec' }] }, 36),
  {
    title: 'is defined by what says all it must', since: 36,
    steps: [{ do: `POST ${definitions}`, body: { metadata: { name: 'x' } }, code: 422, answer: { details: { causes: [
      'metadata.name', 'spec.group', 'spec.scope', 'spec.versions', 'spec.names.plural', 'spec.names.singular', 'spec.names.kind', 'spec.names.listKind', 'status.storedVersions',
    ].map((field) => ({ field })) } } }],
  },
  about('merges lists in apply as their types say', object({
    ports: { 'type': 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], 'items': object({ name: { type: 'string' }, port: { type: 'integer' } }, { required: ['name'] }) },
    tags: { 'type': 'array', 'x-kubernetes-list-type': 'set', 'items': { type: 'string' } }, whole: { type: 'array', items: { type: 'string' } },
  }), [
    { ...applied('one', { ports: [{ name: 'a', port: 1 }], tags: ['x'], whole: ['p'] }), code: 201 },
    { ...applied('two', { ports: [{ name: 'b', port: 2 }], tags: ['y'] }), answer: { spec: { ports: [{ name: 'a', port: 1 }, { name: 'b', port: 2 }], tags: ['x', 'y'], whole: ['p'] } } },
    { ...applied('two', { whole: ['q'] }), code: 409, answer: { reason: 'Conflict', details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.whole' }] } } },
    { ...applied('one', {}), answer: { spec: { ports: [{ name: 'b', port: 2 }], tags: ['y'], whole: undefined } } },
  ], {}, 22),
  about('refuses two of one in a list that is a set or a map', object({ tags: { 'type': 'array', 'x-kubernetes-list-type': 'set', 'items': { type: 'string' } } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { tags: ['x', 'x'] } }), ...mistakes(['spec.tags[1]', 'Duplicate value: "x"']) },
  ]),
  about('keeps status apart, and counts generations without it', object({ replicas: { type: 'integer' } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { replicas: 1 }, status: { ready: true } }), answer: { status: undefined, metadata: { generation: 1 } } },
    { do: `PATCH ${things('/a/status')}`, type: 'merge', body: { spec: { replicas: 9 }, status: { ready: true } }, answer: { spec: { replicas: 1 }, status: { ready: true }, metadata: { generation: 1 } } },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: { spec: { replicas: 2 }, status: { ready: false } }, answer: { spec: { replicas: 2 }, status: { ready: true }, metadata: { generation: 2 } } },
  ], scaled),
  about('is scaled by its paths', object({ replicas: { type: 'integer' } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { replicas: 1 } }) },
    { do: `PATCH ${things('/a/status')}`, type: 'merge', body: { status: { replicas: 1, selector: 'a=b' } } },
    { do: `GET ${things('/a/scale')}`, answer: { kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 1 }, status: { replicas: 1, selector: 'a=b' } } },
    { do: `PATCH ${things('/a/scale')}`, type: 'merge', body: { spec: { replicas: 4 } }, answer: { spec: { replicas: 4 } } },
    { do: `GET ${things('/a')}`, answer: { spec: { replicas: 4 }, metadata: { generation: 2 } } },
  ], scaled),
  about('shows its own columns', object({ size: { type: 'integer' } }), [
    { do: `POST ${things()}`, body: thing('a', { spec: { size: 7 } }) },
    { do: `GET ${things()}`, headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }, answer: { columnDefinitions: [{ name: 'Name' }, { name: 'Size', type: 'integer', priority: 0 }, { name: 'Again', priority: 1 }], rows: [{ cells: ['a', 7, '7'] }] } },
  ], { additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }, { name: 'Again', type: 'string', jsonPath: '.spec.size', priority: 1 }] }, 21),
]

const v2 = versioned('v2', object({ host: { type: 'string' }, port: { type: 'string' } }))
const webhook = { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: `https://127.0.0.1:${port}/convert`, caBundle } } }

const versions: readonly Row[] = [
  {
    title: 'serves several versions, and changes nothing but their name between them',
    steps: [
      ...defined(object({ host: { type: 'string' } }), {}, {}, [v2]),
      { do: `POST ${things('', 'v2')}`, body: thing('a', { spec: { host: 'h' } }, 'v2'), answer: { apiVersion: `${group}/v2` } },
      { do: `GET ${things('/a')}`, answer: { apiVersion: `${group}/v1`, spec: { host: 'h' } } },
      { do: `GET ${definitions}/things.${group}`, answer: { status: { storedVersions: ['v1'] } } },
      { do: `PATCH ${definitions}/things.${group}`, type: 'json', body: [{ op: 'replace', path: '/spec/versions/1/served', value: false }] },
      { do: `GET ${things('/a', 'v2')}`, code: 404, until: true },
      dropped,
    ],
  },
  {
    title: 'has no owners of fields any more once a version that somebody wrote in does not know them', since: 36,
    steps: [
      ...defined(object({ name: { type: 'string' } }), {}, {}, [v2]),
      { do: `POST ${things('')}`, body: thing('a', { spec: { name: 'n' } }), answer: { metadata: { managedFields: [{ operation: 'Update' }] } } },
      { do: `PATCH ${things('/a', 'v2')}`, type: 'merge', body: { spec: { host: 'h' } }, answer: { metadata: { managedFields: undefined } } },
      { do: `PATCH ${things('/b')}?fieldManager=m`, type: 'apply', body: thing('b', { spec: { name: 'n' } }), code: 201 },
      { do: `PATCH ${things('/b', 'v2')}?fieldManager=o`, type: 'apply', body: thing('b', { spec: { host: 'h' } }, 'v2'), code: 500, answer: { message: 'failed to convert new object: .spec.host: field not declared in schema' } },
      { do: `PATCH ${things('/c')}?fieldManager=m`, type: 'apply', body: thing('c', { spec: { name: null } }), code: 422, answer: { details: { causes: [{ field: 'spec.name', message: 'Invalid value: "null": spec.name in body must be of type string: "null"' }] } } },
      dropped,
    ],
  },
  {
    title: 'has a webhook convert between its versions',
    steps: [
      ...defined(object({ hostPort: { type: 'string' } }), {}, { conversion: webhook }, [v2]),
      { do: `POST ${things('', 'v2')}`, body: thing('a', { spec: { host: 'h', port: '1' } }, 'v2'), answer: { spec: { host: 'h', port: '1' } } },
      { do: `GET ${things('/a')}`, answer: { apiVersion: `${group}/v1`, spec: { hostPort: 'h:1' } } },
      { do: `PATCH ${things('/a')}`, type: 'merge', body: { spec: { hostPort: 'i:2' } } },
      { do: `GET ${things('', 'v2')}`, answer: { items: [{ apiVersion: `${group}/v2`, spec: { host: 'i', port: '2' } }] } },
      dropped,
    ],
  },
]

const life: readonly Row[] = [
  {
    title: 'is in discovery and in both OpenAPI documents soon after it was made',
    since: 24,
    steps: [
      { do: `POST ${definitions}`, body: definition([versioned('v1', object({ size: { type: 'integer' } }))]) },
      { do: `GET /apis/${group}/v1`, until: true, answer: { resources: [{ name: 'things', singularName: 'thing', namespaced: true, kind: 'Thing', shortNames: ['th'] }] } },
      { do: 'GET /apis', until: true, answer: { groups: expect.arrayContaining([expect.objectContaining({ name: expect.stringMatching(/^custom-resources-.*\.example\.com$/) as unknown })]) as unknown } },
      { do: `GET /openapi/v3/apis/${group}/v1`, until: true, text: /"size":\{"type":"integer"\}/ },
      { do: 'GET /openapi/v2', until: true, text: /custom-resources-[^"]*\.v1\.Thing|example\.custom-resources-[^"]*v1\.Thing/ },
      dropped,
    ],
  },
  {
    title: 'does not take names that another kind has', needs: 'controllers',
    steps: [
      ...defined(object({})),
      { do: `POST ${definitions}`, body: { ...definition([versioned('v1', object({}))], { names: { plural: 'others', singular: 'other', kind: 'Thing', listKind: 'OtherList' } }), metadata: { name: `others.${group}` } } },
      { do: `GET ${definitions}/others.${group}`, until: true, answer: { status: { conditions: expect.arrayContaining([expect.objectContaining({ type: 'NamesAccepted', status: 'False', reason: 'KindConflict' }), expect.objectContaining({ type: 'Established', status: 'False', reason: 'NotAccepted' })]) as unknown } } },
      { do: `DELETE ${definitions}/others.${group}` },
      dropped,
    ],
  },
  {
    title: 'takes its objects along when it goes', needs: 'controllers',
    steps: [
      ...defined(object({})),
      { do: `POST ${things()}`, body: thing('a', { metadata: { name: 'a', finalizers: ['example.com/wait'] } }) },
      dropped,
      { do: `GET ${things('/a')}`, answer: { metadata: { deletionTimestamp: /Z$/ } }, until: true },
      { do: `POST ${things()}`, body: thing('b'), code: 403, answer: { reason: 'Forbidden', message: /create not allowed while custom resource definition is terminating$/ }, until: true },
      { do: `PATCH ${things('/a')}`, type: 'merge', body: { metadata: { finalizers: null } } },
      { do: `GET ${definitions}/things.${group}`, code: 404, until: true },
      { do: `GET ${things()}`, code: 404, until: true },
    ],
  },
  {
    title: 'leaves a group version to the API server that an APIService names',
    steps: [
      { do: 'POST services', body: { metadata: { name: 'local' }, spec: { type: 'ExternalName', externalName: 'localhost' } } },
      { do: 'POST /apis/apiregistration.k8s.io/v1/apiservices', body: { metadata: { name: `v1.${group}` }, spec: { group, version: 'v1', groupPriorityMinimum: 1000, versionPriority: 15, insecureSkipTLSVerify: true, service: { namespace: '{ns}', name: 'local', port } } } },
      { do: `GET /apis/apiregistration.k8s.io/v1/apiservices/v1.${group}`, until: true, answer: { status: { conditions: [{ type: 'Available', status: 'True', reason: 'Passed' }] } } },
      { do: `GET /apis/${group}/v1`, until: true, answer: { resources: [{ name: 'flunders' }] } },
      { do: `GET /apis/${group}/v1/namespaces/{ns}/flunders`, as: { name: 'jane', groups: ['system:masters'] }, answer: { kind: 'FlunderList', user: 'jane' } },
      { do: `GET /apis/${group}/v1/namespaces/{ns}/flunders`, as: { name: 'jane' }, code: 403, answer: { reason: 'Forbidden' } },
      { do: `DELETE /apis/apiregistration.k8s.io/v1/apiservices/v1.${group}` },
    ],
  },
]

const large = ['9223372036854775807', '9007199254740993', '-9223372036854775808']
const wide = object({ n: { type: 'integer', format: 'int64' }, any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, list: { type: 'array', items: { type: 'integer' }, 'x-kubernetes-list-type': 'set' } })
/** JSON with a number in it that JavaScript's own would round. */
const withNumber = (name: string, n: string, at = 'n') => `{"apiVersion":"${group}/v1","kind":"Thing","metadata":{"name":"${name}"},"spec":{"${at}":${n}}}`
const numberIs = (n: string) => new RegExp(`"n":${n}[,}]`)

const numbers: readonly Row[] = large.map((n): Row => about(`keeps ${n} as it is`, wide, [
  { do: `WATCH ${things()}`, save: 'w' },
  { do: `POST ${things()}`, body: withNumber('a', n), text: numberIs(n) },
  { do: `GET ${things('/a')}`, text: numberIs(n) },
  { do: `GET ${things()}`, text: numberIs(n) },
  { do: `GET ${things('/a')}`, headers: { accept: 'application/yaml' }, text: new RegExp(`"n": ${n}\n`) },
  { do: `PATCH ${things('/a')}`, type: 'merge', body: `{"spec":{"any":{"deep":[${n}]}}}`, text: new RegExp(`"deep":\\[${n}\\]`) },
  { do: `PATCH ${things('/a')}`, type: 'json', body: `[{"op":"test","path":"/spec/n","value":${n}},{"op":"copy","from":"/spec/any","path":"/spec/any/again"}]`, text: new RegExp(`"again":\\{"deep":\\[${n}\\]`) },
  { do: `PATCH ${things('/a')}`, type: 'json', body: '[{"op":"test","path":"/spec/n","value":9007199254740991}]', code: 422 },
  { do: `PATCH ${things('/a')}?fieldManager=m`, type: 'apply', body: `{"apiVersion":"${group}/v1","kind":"Thing","metadata":{"name":"a"},"spec":{"list":[${n}]}}`, text: new RegExp(`"v:${n}"`) },
  { do: `PATCH ${things('/yaml')}?fieldManager=m`, type: 'apply', body: `apiVersion: ${group}/v1\nkind: Thing\nmetadata: {name: yaml}\nspec: {"n": ${n}}\n`, code: 201, text: numberIs(n) },
  { do: `PATCH ${things('/a/status')}`, type: 'merge', body: `{"status":{"replicas":${n}}}`, text: new RegExp(`"replicas":${n}`) },
], { subresources: { status: {} } }))

const overflows: readonly Row[] = [
  about('refuses numbers that nothing can hold', wide, [
    { do: `POST ${things()}`, body: withNumber('a', '9223372036854775808'), code: 422, answer: { reason: 'Invalid', message: /must be of type int64: "float64"/ } },
    { do: `POST ${things()}`, body: withNumber('a', '1E400'), code: 400, answer: { reason: 'BadRequest', message: 'Thing in version "v1" cannot be handled as a Thing: json: cannot unmarshal number 1E400 into Go value of type float64' } },
    { do: `POST ${things()}`, body: thing('a') },
    { do: `PATCH ${things('/a')}`, type: 'merge', body: '{"spec":{"any":{"a":1E400}}}', code: 400, answer: { message: 'error decoding patch: json: cannot unmarshal number 1E400 into Go value of type float64' } },
  ], {}, 36),
  about('compares large numbers exactly', object({ max: { type: 'integer', maximum: 10 }, of: { type: 'integer', multipleOf: 3 }, rule: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self == 9007199254740993' }] } }), [
    { do: `POST ${things()}`, body: withNumber('a', '9007199254740993', 'max'), ...mistakes(['spec.max', /^Invalid value: 9007199254740993: spec\.max in body should be less than or equal to 10$/]) },
    { do: `POST ${things()}`, body: withNumber('a', '9007199254740994', 'of'), ...mistakes(['spec.of', /should be a multiple of 3$/]) },
    { do: `POST ${things()}`, body: withNumber('a', '9007199254740994', 'rule'), ...mistakes(['spec.rule', /failed rule/]) },
    { do: `POST ${things()}`, body: withNumber('a', '9007199254740993', 'rule') },
  ], {}, 25),
]

describeSection('custom-resources', [...schemas, ...rules, ...parts, ...versions, ...life, ...numbers, ...overflows, ...patchMistakes])
