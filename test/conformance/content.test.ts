import { expect } from 'vitest'
import { stringify } from 'yaml'
import type { Answer } from './caller.ts'
import { configMap, pod, podTemplate } from './objects.ts'
import { failure, type Row } from './row.ts'
import { describeSection } from './suite.ts'

const json = { 'content-type': 'application/json' }
const table = 'application/json;as=Table;g=meta.k8s.io;v=v1'
const partial = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'
const partialList = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
const protobuf = 'application/vnd.kubernetes.protobuf'

const answersIn = (title: string, accept: string, type: string): Row => ({
  title, given: [configMap('a', { key: 'value' })],
  steps: [{ do: 'GET configmaps/a', headers: { accept }, answer: { kind: 'ConfigMap', apiVersion: 'v1', data: { key: 'value' } }, answerHeaders: { 'content-type': type } }],
})

const notAcceptable = (accept: string): Row => ({
  title: `answers 406 with a Status to who accepts only ${accept}`, given: [configMap('a')],
  steps: [{ do: 'GET configmaps/a', headers: { accept }, code: 406, answer: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotAcceptable', code: 406 }, answerHeaders: json }],
})

const columns = (...names: string[]) => names.map((name) => ({ name }))
const large = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key-${i}`, 'x'.repeat(5000)]))

const beginsWith = (bytes: number[]) => ({ bytes: got }: Answer) => expect([...got.subarray(0, bytes.length)]).toEqual(bytes)

/** What Kubernetes first reads of a body. */
const typeOnly = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`

/** Bodies that are no JSON, or no object, and what Go's decoder says of them. */
const mistakes: ReadonlyArray<readonly [body: string, says: string, shown?: string]> = [
  ['', 'unexpected end of JSON input', '<empty>'],
  ['{', 'unexpected end of JSON input'],
  ['{"a":"x', 'unexpected end of JSON input'],
  ['{"a":x}', "invalid character 'x' looking for beginning of value"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['{"a":[1 2]}', "invalid character '2' after array element"],
  ['{"a":[1,]}', "invalid character ']' looking for beginning of value"],
  ['{"a":trux}', "invalid character 'x' in literal true (expecting 'e')"],
  ['tru', "invalid character ' ' in literal true (expecting 'e')", '747275'],
  ['{"a":"\n"}', String.raw`invalid character '\n' in string literal`],
  [String.raw`{"a":"\q"}`, "invalid character 'q' in string escape code"],
  [String.raw`{"a":"\u00x"}`, String.raw`invalid character 'x' in \u hexadecimal character escape`],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
  ['{"a":-}', "invalid character '}' in numeric literal"],
  ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
  ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
  ['\ufeff{}', "invalid character 'ï' looking for beginning of value", 'efbbbf7b7d'],
  ['5', `json: cannot unmarshal number into Go value of type ${typeOnly}`, '35'],
  ['[]', `json: cannot unmarshal array into Go value of type ${typeOnly}`, '5b5d'],
  ['{"kind":[]}', 'json: cannot unmarshal array into Go struct field .kind of type string'],
  ['{"apiVersion":1,"kind":"ConfigMap"}', 'json: cannot unmarshal number into Go struct field .apiVersion of type string', '{"apiVersion":1,"kind":"Config ...'],
]

describeSection('content', [
  {
    title: "refuses what is no object in JSON, in the words of Go's decoder and with the beginning of it",
    steps: mistakes.map(([body, says, shown = body]) => ({ do: 'POST configmaps', body, ...failure(400, 'BadRequest', `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ${says} (${shown})`) })),
  },
  {
    title: 'takes null for an object that says nothing',
    steps: [{ do: 'POST configmaps', body: 'null', code: 422, answer: { message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required' } }],
  },
  {
    title: 'says of which other type a body is',
    steps: [
      { do: 'POST configmaps', body: { apiVersion: 'v1', kind: 'Foo' }, code: 400, answer: { message: /^Foo in version "v1" cannot be handled as a ConfigMap: no kind "Foo" is registered for version "v1" in scheme / } },
      { do: 'POST configmaps', body: { apiVersion: 'v2', kind: 'ConfigMap' }, code: 400, answer: { message: /^ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme / } },
      { do: 'POST configmaps', body: { apiVersion: 'v1', kind: 'Pod' }, ...failure(400, 'BadRequest', 'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion') },
      { do: 'POST configmaps', body: { apiVersion: 'apps/v1', kind: 'Deployment' }, ...failure(400, 'BadRequest', 'Deployment in version "v1" cannot be handled as a ConfigMap: converting (v1.Deployment) to (core.ConfigMap): unknown conversion') },
    ],
  },
  answersIn('answers JSON to who accepts anything', '*/*', 'application/json'),
  answersIn('answers YAML to who asks for it', 'application/yaml', 'application/yaml'),
  answersIn('takes the first of several that it knows', 'application/x-unknown, application/json', 'application/json'),
  answersIn('takes a lesser wish where the first one has no such form', `${table.replace('v=v1', 'v=v9')},application/json`, 'application/json'),
  answersIn('takes a wildcard last, whatever it weighs', '*/*;q=1, application/yaml;q=0.1', 'application/yaml'),
  answersIn('takes what weighs nothing where there is nothing else', 'text/html, application/yaml;q=0', 'application/yaml'),
  answersIn('takes the more wanted of two', 'application/yaml;q=0.2, application/json;q=0.9', 'application/json'),
  notAcceptable('application/xml'),
  notAcceptable('text/html'),
  notAcceptable(';'),
  notAcceptable('Application/JSON'),
  notAcceptable('application/json;as=Table;g=meta.k8s.io;v=v9'),
  notAcceptable('application/json;as=Sofa;g=meta.k8s.io;v=v1'),
  notAcceptable('application/json;as=Table'),
  notAcceptable(`${protobuf};as=Table;g=meta.k8s.io;v=v1`),
  {
    title: 'reads JSON, YAML and JSON as YAML',
    steps: [
      { do: 'POST configmaps', body: configMap('json', { a: '1' }), answer: { data: { a: '1' } } },
      { do: 'POST configmaps', type: 'application/json; charset=utf-8', body: configMap('charset') },
      { do: 'POST configmaps', type: 'application/yaml', body: stringify(configMap('yaml', { a: '1', text: 'two\nlines\n' })), answer: { data: { a: '1', text: 'two\nlines\n' } } },
      { do: 'POST configmaps', type: 'application/yaml', body: JSON.stringify(configMap('both', { a: '1' })), answer: { data: { a: '1' } } },
      { do: 'PUT configmaps/yaml', type: 'application/yaml', body: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata:\n  a: "yes"\n', answer: { data: { a: 'yes' } } },
    ],
  },
  {
    title: 'takes a body without apiVersion and kind for what its path says, and one without a media type for JSON',
    steps: [
      { do: 'POST configmaps', body: { metadata: { name: 'a' } }, answer: { kind: 'ConfigMap', apiVersion: 'v1' } },
      { do: 'POST configmaps', type: '', body: configMap('b') },
    ],
  },
  {
    title: 'refuses a body of another media type with 415',
    given: [configMap('a')],
    steps: [
      { do: 'POST configmaps', type: 'text/plain', body: 'hello', code: 415, answer: { kind: 'Status', reason: 'UnsupportedMediaType', code: 415, message: /^the body of the request was in an unknown format - accepted media types include: application\/json, application\/yaml/ } },
      { do: 'POST configmaps', type: 'application/json; charset', body: configMap('b'), code: 415, answer: { reason: 'UnsupportedMediaType' } },
      { do: 'PUT configmaps/a', type: 'application/xml', body: '<a/>', code: 415, answer: { reason: 'UnsupportedMediaType' } },
      { do: 'PATCH configmaps/a', type: 'application/json', body: {}, code: 415, answer: { reason: 'UnsupportedMediaType' } },
    ],
  },
  {
    title: 'refuses a body that is not what it says with 400',
    steps: [
      { do: 'POST configmaps', body: '{"kind":', code: 400, answer: { kind: 'Status', reason: 'BadRequest', message: /^the object provided is unrecognized \(must be of type ConfigMap\): couldn't get version\/kind; json parse error: / } },
      { do: 'POST configmaps', body: '', code: 400, answer: { reason: 'BadRequest' } },
      { do: 'POST configmaps', type: 'application/yaml', body: 'a: [', code: 400, answer: { reason: 'BadRequest' } },
      { do: 'POST configmaps', body: '[]', code: 400, answer: { reason: 'BadRequest' } },
      { do: 'POST configmaps', body: '"x"', code: 400, answer: { reason: 'BadRequest' } },
    ],
  },
  {
    title: 'refuses an object of another kind or version',
    steps: [
      { do: 'POST configmaps', body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }, code: 400, answer: { reason: 'BadRequest', message: 'Secret in version "v1" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion' } },
      { do: 'POST apps/v1/deployments', body: { apiVersion: 'v1', kind: 'Deployment', metadata: { name: 'a' } }, code: 400, answer: { reason: 'BadRequest' } },
      { do: 'POST configmaps', body: { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'a' } }, code: 400, answer: { reason: 'BadRequest' } },
      { do: 'POST configmaps', body: { apiVersion: 'v1', kind: 'Sofa', metadata: { name: 'a' } }, code: 400, answer: { reason: 'BadRequest', message: /^Sofa in version "v1" cannot be handled as a ConfigMap: no kind "Sofa" is registered for version "v1"/ } },
    ],
  },
  {
    title: 'indents for who asks it to, and not otherwise',
    given: [configMap('a')],
    steps: [
      { do: 'GET configmaps/a?pretty=true', text: /^\{\n {2}"/ },
      { do: 'GET configmaps/a', headers: { 'user-agent': 'curl/8.0' }, text: /^\{\n {2}"/ },
      { do: 'GET configmaps/a?pretty=false', headers: { 'user-agent': 'test' }, text: /^\{"/ },
      { do: 'GET configmaps/a', headers: { 'user-agent': 'test' }, text: /^\{"[^\n]*\n?$/ },
    ],
  },
  {
    title: 'compresses large answers for who can read that, and small ones for nobody',
    given: [configMap('large', large), configMap('small', { a: '1' })],
    steps: [
      { do: 'GET configmaps/large', headers: { 'accept-encoding': 'gzip' }, answerHeaders: { 'content-encoding': 'gzip', vary: /Accept-Encoding/ }, answer: { data: { 'key-0': 'x'.repeat(5000) } } },
      { do: 'GET configmaps/large', answerHeaders: { 'content-encoding': undefined } },
      { do: 'GET configmaps/small', headers: { 'accept-encoding': 'gzip' }, answerHeaders: { 'content-encoding': undefined } },
      { do: 'GET configmaps/large', headers: { 'accept-encoding': 'gzip;q=0, deflate' }, answerHeaders: { 'content-encoding': undefined } },
      { do: 'GET configmaps/large', headers: { 'accept-encoding': 'deflate, gzip, br' }, answerHeaders: { 'content-encoding': 'gzip' } },
    ],
  },
  {
    title: 'lets nothing be cached',
    given: [configMap('a')],
    steps: [
      { do: 'GET configmaps/a', answerHeaders: { 'cache-control': 'no-cache, private' } },
      { do: 'GET configmaps/none', code: 404, answerHeaders: { 'cache-control': 'no-cache, private' } },
    ],
  },

  {
    title: 'answers a list as a Table with its columns, rows and the list\'s metadata',
    given: [podTemplate('a'), podTemplate('b')],
    steps: [{
      do: 'GET podtemplates?limit=1', headers: { accept: table }, answerHeaders: json,
      answer: {
        kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: /^\d+$/, continue: /./, remainingItemCount: 1 },
        columnDefinitions: [
          { name: 'Name', type: 'string', format: 'name', priority: 0 },
          { name: 'Containers', type: 'string', format: '', priority: 0 },
          { name: 'Images', type: 'string', priority: 0 },
          { name: 'Pod Labels', type: 'string', priority: 0 },
        ],
        rows: [{ cells: ['a', 'main', 'busybox:1', 'app=a'], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a', namespace: '{ns}', uid: '{a.metadata.uid}' } } }],
      },
    }],
  },
  {
    title: 'answers one object as a Table with its version, and the objects in it as they are asked for',
    given: [pod('p', {}, { labels: { a: 'b' } })],
    steps: [
      {
        do: 'GET pods/p', headers: { accept: table },
        answer: {
          metadata: { resourceVersion: '{p.metadata.resourceVersion}' },
          columnDefinitions: columns('Name', 'Ready', 'Status', 'Restarts', 'Age', 'IP', 'Node', 'Nominated Node', 'Readiness Gates'),
          rows: [{ cells: ['p', '0/1', 'Pending', expect.anything(), /^\d+s$/, '<none>', '<none>', '<none>', '<none>'], object: { kind: 'PartialObjectMetadata', metadata: { labels: { a: 'b' } }, spec: undefined } }],
        },
      },
      { do: 'GET pods/p?includeObject=Object', headers: { accept: table }, answer: { rows: [{ object: { kind: 'Pod', apiVersion: 'v1', spec: { schedulerName: 'nobody' } } }] } },
      { do: 'GET pods/p?includeObject=None', headers: { accept: table }, answer: { rows: [{ object: null }] } },
      { do: 'GET pods/p?includeObject=Metadata', headers: { accept: table }, answer: { rows: [{ object: { kind: 'PartialObjectMetadata' } }] } },
      { do: 'GET pods/p?includeObject=Most', headers: { accept: table }, code: 400, answer: { reason: 'BadRequest', message: 'Unable to convert to Table as requested: includeObject: Invalid value: "Most": must be \'Metadata\', \'Object\', \'None\', or empty' } },
    ],
  },
  {
    title: 'answers Tables for writes too, and Status as it is',
    steps: [
      { do: 'POST configmaps', headers: { accept: table }, body: configMap('a', { x: '1' }), answer: { kind: 'Table', rows: [{ cells: ['a', 1, /./] }] } },
      { do: 'GET configmaps/none', headers: { accept: table }, ...failure(404, 'NotFound', 'configmaps "none" not found', { name: 'none', kind: 'configmaps' }) },
    ],
  },
  {
    title: 'takes the first form that it knows of those that kubectl asks for',
    given: [configMap('a')],
    steps: [
      { do: 'GET configmaps/a', headers: { accept: `${table},application/json;as=Table;g=meta.k8s.io;v=v1beta1,application/json` }, answer: { kind: 'Table', apiVersion: 'meta.k8s.io/v1' } },
      { do: 'GET configmaps/a', headers: { accept: `application/json;as=Table;g=meta.k8s.io;v=v9,${table},application/json` }, answer: { kind: 'Table' } },
    ],
  },
  {
    title: 'answers a Table as YAML',
    given: [configMap('a')],
    steps: [{ do: 'GET configmaps/a', headers: { accept: table.replace('json', 'yaml') }, answer: { kind: 'Table', rows: [{ cells: ['a', 0, /./] }] }, answerHeaders: { 'content-type': 'application/yaml' } }],
  },
  {
    title: 'answers metadata alone, of an object and of a list',
    given: [configMap('a', { x: '1' }, { labels: { l: 'v' } })],
    steps: [
      { do: 'GET configmaps/a', headers: { accept: partial }, exactly: true, answer: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: '{a.metadata}' } },
      {
        do: 'GET configmaps?labelSelector=l', headers: { accept: partialList },
        answer: { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: /./ }, items: [{ metadata: { name: 'a', labels: { l: 'v' } }, data: undefined }] },
      },
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { labels: { l: 'w' } } }, headers: { accept: partial }, answer: { kind: 'PartialObjectMetadata', metadata: { labels: { l: 'w' } }, data: undefined } },
    ],
  },
  {
    title: 'refuses a list as one object\'s metadata, and an object as a list\'s',
    given: [configMap('a')],
    steps: [
      { do: 'GET configmaps', headers: { accept: partial }, code: 406, answer: { reason: 'NotAcceptable', message: 'you requested PartialObjectMetadata, but the requested object is a list (*core.ConfigMapList)' } },
      { do: 'GET configmaps/a', headers: { accept: partialList }, code: 406, answer: { reason: 'NotAcceptable', message: 'you requested PartialObjectMetadataList, but the requested object is not a list (*core.ConfigMap)' } },
    ],
  },

  {
    title: 'describes itself in the legacy documents',
    steps: [
      { do: 'GET /api', answer: { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: /:\d+$/ }] }, answerHeaders: json },
      {
        do: 'GET /apis', answer: { kind: 'APIGroupList', apiVersion: 'v1' },
        also: ({ body }) => expect((body as { groups: object[] }).groups).toContainEqual({
          name: 'apps', versions: [{ groupVersion: 'apps/v1', version: 'v1' }], preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
        }),
      },
      { do: 'GET /apis/apps', answer: { kind: 'APIGroup', apiVersion: 'v1', name: 'apps', versions: [{ groupVersion: 'apps/v1', version: 'v1' }], preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } } },
      {
        do: 'GET /api/v1', answer: { kind: 'APIResourceList', groupVersion: 'v1' },
        also: ({ body }) => {
          const { resources } = body as { resources: object[] }
          expect(resources).toContainEqual(expect.objectContaining({ name: 'pods', namespaced: true, kind: 'Pod', shortNames: ['po'], categories: ['all'], verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'], storageVersionHash: 'xPOwRZ+Yhw8=' }))
          expect(resources).toContainEqual(expect.objectContaining({ name: 'pods/status', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get', 'patch', 'update'] }))
          expect(resources).toContainEqual(expect.objectContaining({ name: 'pods/binding', kind: 'Binding', verbs: ['create'] }))
          expect(resources).toContainEqual(expect.objectContaining({ name: 'replicationcontrollers/scale', group: 'autoscaling', version: 'v1', kind: 'Scale' }))
          expect(resources).toContainEqual(expect.objectContaining({ name: 'namespaces', namespaced: false, verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] }))
        },
      },
      { do: 'GET /apis/apps/v9', code: 404 },
      { do: 'GET /apis/nothing.example.com', code: 404 },
    ],
  },
  {
    title: 'describes all groups at once to clients that ask for it, with a tag that spares the next answer',
    since: 30,
    steps: [
      {
        do: 'GET /apis', save: 'all',
        headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json' },
        answer: { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' },
        answerHeaders: { 'content-type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList', etag: /^"[0-9A-F]+"$/, vary: /Accept/ },
        also: ({ body }) => {
          const apps = (body as { items: Array<{ metadata: { name: string }; versions: object[] }> }).items.find(({ metadata }) => metadata.name === 'apps')
          expect(apps?.versions).toMatchObject([{ version: 'v1', freshness: 'Current' }])
          expect((apps?.versions[0] as { resources: object[] }).resources).toContainEqual(expect.objectContaining({
            resource: 'deployments', scope: 'Namespaced', singularResource: 'deployment', shortNames: ['deploy'], categories: ['all'],
            responseKind: { group: 'apps', version: 'v1', kind: 'Deployment' },
          }))
        },
      },
      { do: 'GET /api', headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList' }, answer: { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2beta1', items: [{ versions: [{ version: 'v1' }] }] } },
      { do: 'GET /apis', headers: { accept: 'application/json' }, answer: { kind: 'APIGroupList' } },
    ],
  },
  {
    title: 'publishes OpenAPI v2 as JSON and as the protobuf that older kubectl asks for',
    steps: [
      {
        do: 'GET /openapi/v2', headers: { accept: 'application/json' },
        also: ({ text }) => {
          const { swagger, paths, definitions } = JSON.parse(text) as { swagger: string; paths: Record<string, object>; definitions: Record<string, object> }
          expect(swagger).toBe('2.0')
          expect(paths['/api/v1/namespaces/{namespace}/pods/{name}']).toMatchObject({ get: { operationId: 'readCoreV1NamespacedPod', 'x-kubernetes-action': 'get', 'x-kubernetes-group-version-kind': { group: '', kind: 'Pod', version: 'v1' } } })
          expect(definitions['io.k8s.api.core.v1.Pod']).toMatchObject({ type: 'object', 'x-kubernetes-group-version-kind': [{ group: '', kind: 'Pod', version: 'v1' }] })
        },
      },
      {
        do: 'GET /openapi/v2', headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' },
        // field 1, a text of three bytes: the version of Swagger
        also: beginsWith([0x0a, 0x03, 0x32, 0x2e, 0x30]),
      },
    ],
  },
  {
    title: 'lets a document of OpenAPI v3 be kept for ever under its hash, and leads from another to it', since: 27,
    steps: [
      { do: 'GET /openapi/v3', save: 'index' },
      { do: 'GET {index.paths.apis/apps/v1.serverRelativeURL}', answerHeaders: { 'cache-control': 'public, immutable', expires: /GMT$/, etag: /^"[0-9A-F]{128}"$/ } },
      { do: 'GET /openapi/v3/apis/apps/v1?hash=ANOTHER', code: 301, answerHeaders: { location: '{index.paths.apis/apps/v1.serverRelativeURL}' } },
      { do: 'GET /openapi/v3/apis/apps/v1', answerHeaders: { 'cache-control': 'no-cache, private', expires: undefined } },
      {
        do: 'GET /openapi/v3/apis/apps/v1', headers: { accept: 'application/com.github.proto-openapi.spec.v3@v1.0+protobuf' }, answerHeaders: { 'content-type': 'application/com.github.proto-openapi.spec.v3.v1.0+protobuf' },
        text: /^\n.3\.0\.0/,
      },
    ],
  },
  {
    title: 'has no page where there is no API', since: 36,
    steps: ['/nowhere', '//api', '/healthz/nothing', '/openapi/v4', '/apis/nothing.example.com/v1'].map((path) => ({ do: `GET ${path}`, code: 404, text: '404 page not found\n', answerHeaders: { 'content-type': 'text/plain; charset=utf-8' } })),
  },
  {
    title: 'lets the keys of its tokens be kept for an hour',
    steps: ['/openid/v1/jwks', '/.well-known/openid-configuration'].map((path) => ({ do: `GET ${path}`, answerHeaders: { 'cache-control': 'public, max-age=3600' } })),
  },
  {
    title: 'publishes OpenAPI v3 by group and version, at URLs with a hash',
    since: 27,
    steps: [
      {
        do: 'GET /openapi/v3', answer: { paths: { 'api/v1': { serverRelativeURL: /^\/openapi\/v3\/api\/v1\?hash=[0-9A-F]+$/ }, 'apis/apps/v1': { serverRelativeURL: /hash=/ } } },
        save: 'index',
      },
      {
        do: 'GET /openapi/v3/apis/apps/v1', answer: { openapi: '3.0.0', components: { schemas: { 'io.k8s.api.apps.v1.Deployment': { 'x-kubernetes-group-version-kind': [{ group: 'apps', kind: 'Deployment', version: 'v1' }] } } } },
        also: ({ body }) => expect(Object.keys((body as { paths: object }).paths)).toContain('/apis/apps/v1/namespaces/{namespace}/deployments/{name}'),
      },
      { do: 'GET /openapi/v3/apis/apps/v1', headers: { accept: 'text/html' }, code: 406 },
      { do: 'GET /openapi/v3/apis/nothing/v1', code: 404 },
    ],
  },
  {
    title: 'says its version',
    steps: [{ do: 'GET /version', answer: { gitVersion: /^v\d+\.\d+\.\d+/, platform: /\// }, answerHeaders: json }],
  },
])
