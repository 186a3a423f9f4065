import { configMap, pod } from './objects.ts'
import { failure, invalid, type Row } from './row.ts'
import { describeSection } from './suite.ts'

type Body = object | ReadonlyArray<object> | string

const patches = (title: string, type: 'json' | 'merge' | 'strategic', given: object, path: string, body: Body, answer: object): Row =>
  ({ title, given: [given], steps: [{ do: `PATCH ${path}`, type, body, answer }, { do: `GET ${path}`, answer }] })

const jsonPatch = (title: string, body: ReadonlyArray<object>, answer: object, data: Record<string, string> = { a: '1', b: '2' }): Row =>
  patches(title, 'json', configMap('a', data, { labels: { l: 'v' } }), 'configmaps/a', body, answer)

const refusesJson = (title: string, body: Body, code: number, answer: object): Row =>
  ({ title, given: [configMap('a', { a: '1' })], steps: [{ do: 'PATCH configmaps/a', type: 'json', body, code, answer: { kind: 'Status', status: 'Failure', code, ...answer } }, { do: 'GET configmaps/a', answer: '{a}', exactly: true }] })

const twoContainers = [{ name: 'one', image: 'busybox:1', args: ['a'], env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }] }, { name: 'two', image: 'busybox:2' }]
const template = (spec: object, metadata: object = {}) => ({
  apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'a' }, template: { metadata: { labels: { app: 'a' }, ...metadata }, spec: { containers: twoContainers, ...spec } },
})

/** Patches the pod spec of a PodTemplate, where every field may change. */
const strategic = (title: string, given: object, body: object, answer: object): Row =>
  patches(title, 'strategic', template(given), 'podtemplates/a', { template: { spec: body } }, { template: { spec: answer } })

const exactContainers = (...containers: object[]) => ({ containers })
const serviceWith = (...ports: object[]) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'a' }, spec: { selector: { app: 'a' }, ports } })
const port = (number: number, more: object = {}) => ({ name: `p${number}`, port: number, ...more })

describeSection('patches', [
  jsonPatch('adds, replaces and removes by JSON patch', [
    { op: 'add', path: '/data/c', value: '3' }, { op: 'replace', path: '/data/a', value: '9' }, { op: 'remove', path: '/data/b' },
  ], { data: { a: '9', b: undefined, c: '3' } }),
  jsonPatch('tests, moves and copies by JSON patch', [
    { op: 'test', path: '/data/a', value: '1' }, { op: 'move', from: '/data/a', path: '/data/moved' }, { op: 'copy', from: '/data/b', path: '/data/copied' },
  ], { data: { a: undefined, b: '2', moved: '1', copied: '2' } }),
  jsonPatch('reads escaped names in a JSON patch', [{ op: 'add', path: '/metadata/annotations', value: {} }, { op: 'add', path: '/metadata/annotations/example.com~1a', value: 'x' }],
    { metadata: { annotations: { 'example.com/a': 'x' } } }),
  patches('inserts into, appends to and removes from a list by JSON patch', 'json', template({}), 'podtemplates/a', [
    { op: 'add', path: '/template/spec/containers/0/args/0', value: 'first' }, { op: 'add', path: '/template/spec/containers/0/args/-', value: 'last' }, { op: 'remove', path: '/template/spec/containers/1' },
  ], { template: { spec: { containers: [{ name: 'one', args: ['first', 'a', 'last'] }] } } }),
  refusesJson('refuses a JSON patch whose test fails', [{ op: 'test', path: '/data/a', value: 'other' }, { op: 'remove', path: '/data/a' }], 422, { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' }),
  refusesJson('refuses a JSON patch of what is not there', [{ op: 'remove', path: '/data/none' }], 422, { reason: 'Invalid' }),
  refusesJson('refuses a JSON patch with an operation that does not exist', [{ op: 'sit', path: '/data/a' }], 422, { reason: 'Invalid' }),
  refusesJson('refuses a JSON patch that is no list', '{"op":"add"}', 400, { reason: 'BadRequest' }),
  refusesJson('refuses a patch that is no JSON', '{', 400, { reason: 'BadRequest' }),
  refusesJson('refuses a JSON patch of very many operations', Array.from({ length: 10_001 }, () => ({ op: 'add', path: '/data/a', value: '1' })), 413, {
    reason: 'RequestEntityTooLarge', message: 'Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  }),

  patches('merges objects, and null takes away', 'merge', configMap('a', { a: '1', b: '2' }, { labels: { l: 'v' } }), 'configmaps/a',
    { metadata: { labels: { m: 'w' } }, data: { a: null, c: '3' } }, { metadata: { labels: { l: 'v', m: 'w' } }, data: { a: undefined, b: '2', c: '3' } }),
  patches('takes a whole map away by null in a merge patch', 'merge', configMap('a', { a: '1' }), 'configmaps/a', { data: null }, { data: undefined }),
  patches('replaces lists as a whole in a merge patch', 'merge', template({}), 'podtemplates/a',
    { template: { spec: { containers: [{ name: 'only', image: 'busybox:3' }] } } }, { template: { spec: { containers: [{ name: 'only', image: 'busybox:3', args: undefined }] } } }),
  {
    title: 'refuses a merge patch that is no object',
    since: 25,
    given: [configMap('a', { a: '1' })],
    steps: [
      { do: 'PATCH configmaps/a', type: 'merge', body: '[]', code: 400, answer: { reason: 'BadRequest' } },
      { do: 'PATCH configmaps/a', type: 'merge', body: '{"a":', code: 400, answer: { reason: 'BadRequest' } },
      { do: 'PATCH configmaps/a', type: 'merge', body: {}, answer: { metadata: { resourceVersion: '{a.metadata.resourceVersion}' } } },
    ],
  },

  strategic('merges containers by name, keeps the order and puts new ones last', {}, { containers: [{ name: 'two', image: 'busybox:3' }, { name: 'three', image: 'busybox:4' }] },
    exactContainers({ name: 'one', image: 'busybox:1', args: ['a'] }, { name: 'two', image: 'busybox:3' }, { name: 'three', image: 'busybox:4' })),
  strategic('merges lists in items of lists', {}, { containers: [{ name: 'one', env: [{ name: 'B', value: '3' }, { name: 'C', value: '4' }] }] },
    exactContainers({ name: 'one', env: [{ name: 'A', value: '1' }, { name: 'B', value: '3' }, { name: 'C', value: '4' }] }, { name: 'two' })),
  strategic('replaces plain lists', {}, { containers: [{ name: 'one', args: ['b', 'c'] }] }, exactContainers({ name: 'one', args: ['b', 'c'] }, { name: 'two' })),
  strategic('deletes an item by $patch: delete', {}, { containers: [{ name: 'one', $patch: 'delete' }] }, exactContainers({ name: 'two' })),
  strategic('replaces a list by $patch: replace', {}, { containers: [{ name: 'new', image: 'busybox:9' }, { $patch: 'replace' }] }, exactContainers({ name: 'new', image: 'busybox:9' })),
  strategic('deletes an item that is not there without complaint', {}, { containers: [{ name: 'none', $patch: 'delete' }] }, exactContainers({ name: 'one' }, { name: 'two' })),
  strategic('sets the order by $setElementOrder', {}, { '$setElementOrder/containers': [{ name: 'two' }, { name: 'three' }, { name: 'one' }], containers: [{ name: 'three', image: 'busybox:4' }] },
    exactContainers({ name: 'two' }, { name: 'three', image: 'busybox:4' }, { name: 'one' })),
  strategic('replaces a map by $patch: replace', { nodeSelector: { a: '1', b: '2' } }, { nodeSelector: { c: '3', $patch: 'replace' } }, { nodeSelector: { a: undefined, b: undefined, c: '3' } }),
  strategic('empties a map by $patch: delete', { securityContext: { runAsUser: 5 } }, { securityContext: { $patch: 'delete' } }, { securityContext: { runAsUser: undefined } }),
  strategic('merges volumes by name, and one source gives way to another by $retainKeys',
    { volumes: [{ name: 'v', emptyDir: {} }] }, { volumes: [{ name: 'v', $retainKeys: ['name', 'configMap'], configMap: { name: 'c' } }] },
    { volumes: [{ name: 'v', configMap: { name: 'c' }, emptyDir: undefined }] }),
  strategic('merges tolerations as a whole, for they have no key', { tolerations: [{ key: 'a', operator: 'Exists' }] }, { tolerations: [{ key: 'b', operator: 'Exists' }] },
    { tolerations: [{ key: 'b', operator: 'Exists' }] }),
  strategic('takes a field away by null', { hostNetwork: true, nodeName: 'n1' }, { nodeName: null }, { hostNetwork: true, nodeName: undefined }),
  patches('merges ports of a Service by their number', 'strategic', serviceWith(port(80), port(443)), 'services/a',
    { spec: { ports: [port(443, { targetPort: 8443 }), port(8080)] } }, { spec: { ports: [{ port: 80 }, { port: 443, targetPort: 8443 }, { port: 8080 }] } }),
  patches('adds to a list of plain values, and takes from it by $deleteFromPrimitiveList', 'strategic', configMap('a', {}, { finalizers: ['example.com/a', 'example.com/b'] }), 'configmaps/a',
    { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a', 'example.com/b'] } }, { metadata: { finalizers: undefined } }),
  {
    title: 'merges finalizers and owner references, orders the former as asked',
    given: [configMap('a', {}, { finalizers: ['example.com/a', 'example.com/b'] })],
    steps: [
      { do: 'PATCH configmaps/a', type: 'strategic', body: { metadata: { '$setElementOrder/finalizers': ['example.com/c', 'example.com/b', 'example.com/a'], finalizers: ['example.com/c'] } }, answer: { metadata: { finalizers: ['example.com/c', 'example.com/b', 'example.com/a'] } } },
      { do: 'PATCH configmaps/a', type: 'strategic', body: { metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u-1' }] } }, answer: { metadata: { ownerReferences: [{ uid: 'u-1' }] } } },
      { do: 'PATCH configmaps/a', type: 'strategic', body: { metadata: { ownerReferences: [{ uid: 'u-1', $patch: 'delete' }], finalizers: null } }, answer: { metadata: { ownerReferences: undefined, finalizers: undefined } } },
    ],
  },
  {
    title: 'refuses a strategic patch that is no object',
    given: [template({})],
    steps: [
      { do: 'PATCH podtemplates/a', type: 'strategic', body: '[]', code: 400, answer: { reason: 'BadRequest' } },
      { do: 'GET podtemplates/a', answer: '{a}', exactly: true },
    ],
  },
  {
    title: 'patches a status, and validates what comes of it',
    given: [pod('a')],
    steps: [
      { do: 'PATCH pods/a/status', type: 'strategic', body: { status: { conditions: [{ type: 'example.com/Gate', status: 'True' }] } }, answer: { status: { phase: 'Pending', conditions: [{ type: 'example.com/Gate', status: 'True' }] } } },
      { do: 'PATCH pods/a/status', type: 'strategic', body: { status: { conditions: [{ type: 'example.com/Gate', status: 'False' }, { type: 'example.com/Other', status: 'True' }] } }, answer: { status: { conditions: [{ type: 'example.com/Gate', status: 'False' }, { type: 'example.com/Other' }] } } },
      { do: 'PATCH pods/a', type: 'strategic', body: { spec: { containers: [{ name: 'main', image: '' }] } }, code: 422, answer: { reason: 'Invalid', message: /^Pod "a" is invalid: .*spec\.containers\[0\]\.image: Required value/ } },
    ],
  },
  {
    title: 'cannot change what object it is',
    given: [configMap('a', { a: '1' })],
    steps: [
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { name: 'b' } }, code: 400, answer: { reason: 'BadRequest', message: 'the name of the object (b) does not match the name on the URL (a)' } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { namespace: 'elsewhere' } }, code: 400, answer: { reason: 'BadRequest', message: /^the namespace of the (provided )?object / } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { uid: 'another' } }, code: 422, answer: { reason: 'Invalid', message: /metadata\.uid: Invalid value: "another": field is immutable/ } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { kind: 'ServiceAccount' }, code: 422, answer: { reason: 'Invalid', message: /: converting \(v1\.ServiceAccount\) to \(core\.ConfigMap\): unknown conversion$/ } },
      { do: 'PATCH configmaps/a', type: 'strategic', body: { kind: 'Secret' }, answer: { kind: 'ConfigMap', metadata: { resourceVersion: '{a.metadata.resourceVersion}' } } },
      { do: 'PATCH configmaps/none', type: 'merge', body: {}, ...failure(404, 'NotFound', 'configmaps "none" not found', { name: 'none', kind: 'configmaps' }) },
    ],
  },
  {
    title: 'reads the operations of a JSON patch as strictly as objects', since: 27,
    given: [configMap('a', { a: '1' })],
    steps: [
      { do: 'PATCH configmaps/a', type: 'json', body: [{ op: 'test', path: '/data/a', value: '1', foo: 1 }], answerHeaders: { warning: '299 - "json patch unknown field \\"[0].foo\\""' } },
      { do: 'PATCH configmaps/a', type: 'json', body: '[{"op":"test","path":"/data/a","value":"1","foo":1},{"op":"test","op":"test","path":"/data/a","value":"1"}]', answerHeaders: { warning: '299 - "json patch unknown field \\"[0].foo\\"", 299 - "json patch duplicate field \\"[1].op\\""' } },
      { do: 'PATCH configmaps/a?fieldValidation=Strict', type: 'json', body: '[{"op":"test","op":"test","path":"/data/a","value":"1"}]', code: 422, answer: { message: /: strict decoding error: json patch duplicate field "\[0\]\.op"$/ } },
      { do: 'PATCH configmaps/a', type: 'json', body: [1], ...failure(400, 'BadRequest', 'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp') },
      { do: 'PATCH configmaps/a', type: 'json', body: [{ op: 'add', path: 5 }], ...failure(400, 'BadRequest', 'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.path of type string') },
      { do: 'PATCH configmaps/a', type: 'json', body: [{ path: '/data' }], code: 422, answer: { reason: 'Invalid', message: 'the server rejected our request due to an error in our request' } },
    ],
  },
  {
    title: 'tells what a strategic patch puts in the place of another type in the words of a conversion',
    given: [template({})],
    steps: [
      { do: 'PATCH podtemplates/a', type: 'strategic', body: { metadata: { labels: 'invalid' } }, code: 422, answer: { reason: 'Invalid', message: ' "" is invalid: patch: Invalid value: "map[metadata:map[labels:invalid]]": cannot restore map from string' } },
      { do: 'PATCH podtemplates/a', type: 'strategic', body: { template: { spec: { containers: 'x' } } }, code: 422, answer: { message: / cannot restore slice from string$/ } },
      { do: 'PATCH podtemplates/a', type: 'strategic', body: { template: { spec: { restartPolicy: true } } }, code: 422, answer: { message: / unrecognized type: string$/ } },
    ],
  },
  {
    title: 'refuses force for what is no apply',
    given: [configMap('a')],
    steps: [{ do: 'PATCH configmaps/a?force=true', type: 'merge', body: {}, ...invalid('PatchOptions.meta.k8s.io', '', ['force', 'FieldValueForbidden', 'Forbidden: may not be specified for non-apply patch']) }],
  },
])
