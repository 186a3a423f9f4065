import { expect } from 'vitest'
import { configMap, deployment, pod } from './objects.ts'
import { failure, invalid, type Row } from './row.ts'
import { describeSection } from './suite.ts'

/** Told by the server's own look at the metadata, and by that of the kind. */
const unchanged = ['metadata.deletionGracePeriodSeconds', 'FieldValueInvalid', 'Invalid value: 5: field is immutable'] as const

const stale = (name: string) =>
  failure(409, 'Conflict', `Operation cannot be fulfilled on configmaps "${name}": the object has been modified; please apply your changes to the latest version and try again`, { name, kind: 'configmaps' })
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const warnings = (...sentences: string[]) => ({ warning: sentences.map((sentence) => `299 - "${sentence.replaceAll('"', '\\"')}"`).join(', ') })

const unknownFields = { ...configMap('a', { k: 'v' }), dta: {}, metadata: { name: 'a', labls: {} } }
const mixed = '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","labls":{"x":1,"x":2}},"spec":{"unknown":"u","nodeName":"a","nodeName":"b","containers":[{"name":"c","image":"i","imag":"j","name":"d"}]}}'
const doubled = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"k":"1","k":"2"}}'

const dryRun = (title: string, steps: Row['steps'], given: Row['given'] = [configMap('a', { k: 'v' })]): Row => ({ title: `tries ${title} with dryRun=All and changes nothing`, given, steps })

describeSection('writes', [
  {
    title: 'creates an object and answers it as it is stored',
    steps: [
      {
        do: 'POST configmaps', body: configMap('a', { k: 'v' }), save: 'a',
        answer: {
          kind: 'ConfigMap', apiVersion: 'v1', data: { k: 'v' },
          metadata: { name: 'a', namespace: '{ns}', uid: uuid, resourceVersion: /^\d+$/, creationTimestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, selfLink: undefined, generation: undefined },
        },
      },
      { do: 'GET configmaps/a', answer: '{a}', exactly: true },
    ],
  },
  {
    title: 'takes from a new object what only the server says',
    steps: [{
      do: 'POST apps/v1/deployments',
      body: { ...deployment('a', {}, { uid: 'mine', creationTimestamp: '2001-01-01T00:00:00Z', generation: 7, deletionTimestamp: '2001-01-01T00:00:00Z', deletionGracePeriodSeconds: 5 }), status: { replicas: 9 } },
      answer: { metadata: { uid: uuid, creationTimestamp: /^20[2-9]/, generation: 1, deletionTimestamp: undefined, deletionGracePeriodSeconds: undefined }, status: { replicas: undefined } },
    }],
  },
  {
    title: 'refuses to create what is there, and with a version',
    given: [configMap('a')],
    steps: [
      { do: 'POST configmaps', body: configMap('a'), ...failure(409, 'AlreadyExists', 'configmaps "a" already exists', { name: 'a', kind: 'configmaps' }) },
      { do: 'POST configmaps', body: configMap('b', {}, { resourceVersion: '1' }), ...failure(500, undefined, 'resourceVersion should not be set on objects to be created') },
    ],
  },
  {
    title: 'refuses an object of another namespace or name than its path',
    given: [configMap('a')],
    steps: [
      { do: 'POST configmaps', body: configMap('b', {}, { namespace: 'elsewhere' }), ...failure(400, 'BadRequest', 'the namespace of the provided object does not match the namespace sent on the request') },
      { do: 'PUT configmaps/a', body: configMap('b'), ...failure(400, 'BadRequest', 'the name of the object (b) does not match the name on the URL (a)') },
    ],
  },
  {
    title: 'refuses an update that says another namespace than its path',
    since: 21,
    given: [configMap('a')],
    steps: [{ do: 'PUT configmaps/a', body: configMap('a', {}, { namespace: 'elsewhere' }), ...failure(400, 'BadRequest', 'the namespace of the provided object does not match the namespace sent on the request') }],
  },
  {
    title: 'refuses an object without a name',
    steps: [{
      do: 'POST configmaps', body: { apiVersion: 'v1', kind: 'ConfigMap' },
      ...invalid('ConfigMap', '', ['metadata.name', 'FieldValueRequired', 'Required value: name or generateName is required']),
    }],
  },
  {
    title: 'makes a name from a prefix',
    steps: [
      { do: 'POST configmaps', body: { metadata: { generateName: 'made-' } }, answer: { metadata: { name: /^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/, generateName: 'made-' } }, save: 'one' },
      { do: 'POST configmaps', body: { metadata: { generateName: 'made-' } }, answer: { metadata: { name: /^made-.{5}$/ } } },
      { do: 'POST configmaps', body: { metadata: { name: 'own', generateName: 'made-' } }, answer: { metadata: { name: 'own' } } },
      { do: 'POST configmaps', body: { metadata: { generateName: 'x'.repeat(80) } }, answer: { metadata: { name: /^x{58}.{5}$/ } } },
      { do: 'GET configmaps/{one.metadata.name}', answer: { metadata: { uid: '{one.metadata.uid}' } } },
      { do: 'POST configmaps', body: { metadata: { generateName: 'Bad_' } }, code: 422, answer: { reason: 'Invalid' } },
    ],
  },

  {
    title: 'updates the version that was read, and refuses one that is past',
    given: [configMap('a', { k: '1' })],
    steps: [
      { do: 'PUT configmaps/a', body: { ...configMap('a', { k: '2' }), metadata: '{a.metadata}' }, answer: { data: { k: '2' }, metadata: { uid: '{a.metadata.uid}', creationTimestamp: '{a.metadata.creationTimestamp}' } }, save: 'two' },
      { do: 'PUT configmaps/a', body: { ...configMap('a', { k: '3' }), metadata: '{a.metadata}' }, ...stale('a') },
      { do: 'PUT configmaps/a', body: configMap('a', { k: '4' }, { resourceVersion: '{two.metadata.resourceVersion}' }), answer: { data: { k: '4' } } },
    ],
  },
  {
    title: 'updates without a version whatever is there',
    given: [configMap('a', { k: '1', gone: 'x' }, { labels: { l: 'v' } })],
    steps: [
      { do: 'PUT configmaps/a', body: configMap('a', { k: '2' }), answer: { data: { k: '2', gone: undefined }, metadata: { labels: undefined, uid: '{a.metadata.uid}' } } },
      { do: 'PUT configmaps/a', body: { kind: 'ConfigMap', apiVersion: 'v1', data: { k: '3' } }, code: 400, answer: { reason: 'BadRequest' } },
    ],
  },
  {
    title: 'keeps the version of an object that a write does not change',
    given: [configMap('a', { k: '1' })],
    steps: [
      { do: 'PUT configmaps/a', body: '{a}', answer: { metadata: { resourceVersion: '{a.metadata.resourceVersion}' } } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { data: { k: '1' } }, answer: { metadata: { resourceVersion: '{a.metadata.resourceVersion}' } } },
    ],
  },
  {
    title: 'refuses an update of somebody else by uid, and of what is not there',
    given: [configMap('a')],
    steps: [
      { do: 'PUT configmaps/a', body: configMap('a', {}, { uid: 'another' }), ...failure(409, 'Conflict', /^Operation cannot be fulfilled on configmaps "a": .*Precondition failed: UID in precondition: another, UID in object meta: /, { name: 'a', kind: 'configmaps' }) },
      { do: 'PUT configmaps/none', body: configMap('none'), ...failure(404, 'NotFound', 'configmaps "none" not found', { name: 'none', kind: 'configmaps' }) },
    ],
  },
  {
    title: 'counts generations with the spec alone',
    given: [deployment('a')],
    steps: [
      { do: 'PATCH apps/v1/deployments/a', type: 'merge', body: { metadata: { labels: { l: 'v' } } }, answer: { metadata: { generation: 1 } } },
      { do: 'PATCH apps/v1/deployments/a', type: 'merge', body: { spec: { minReadySeconds: 3 } }, answer: { metadata: { generation: 2 } } },
      { do: 'PATCH apps/v1/deployments/a', type: 'merge', body: { metadata: { generation: 9 }, status: { replicas: 4 } }, answer: { metadata: { generation: 2 } } },
      { do: 'PATCH apps/v1/deployments/a/status', type: 'merge', body: { spec: { minReadySeconds: 8 }, status: { conditions: [{ type: 'T', status: 'True', reason: 'R' }] } }, answer: { metadata: { generation: 2 }, spec: { minReadySeconds: 3 } } },
    ],
  },
  {
    title: 'keeps status out of spec writes, and spec out of status writes',
    given: [pod('a')],
    steps: [
      { do: 'PATCH pods/a', type: 'merge', body: { metadata: { labels: { l: 'v' } }, status: { message: 'not here' } }, answer: { metadata: { labels: { l: 'v' } }, status: { message: undefined } } },
      { do: 'PATCH pods/a/status', type: 'merge', body: { metadata: { labels: { l: 'w' }, annotations: { a: 'b' } }, spec: { activeDeadlineSeconds: 5 }, status: { message: 'here' } }, answer: { spec: { activeDeadlineSeconds: undefined }, status: { message: 'here' } } },
    ],
  },

  dryRun('a creation', [
    { do: 'POST configmaps?dryRun=All', body: configMap('b', { k: 'v' }), answer: { metadata: { name: 'b', uid: uuid, resourceVersion: undefined } } },
    { do: 'GET configmaps/b', code: 404 },
    { do: 'POST configmaps?dryRun=All', body: configMap('a'), code: 409, answer: { reason: 'AlreadyExists' } },
    { do: 'POST configmaps?dryRun=All', body: configMap('Bad'), code: 422, answer: { reason: 'Invalid' } },
  ]),
  dryRun('an update', [
    { do: 'PUT configmaps/a?dryRun=All', body: configMap('a', { k: 'w' }), answer: { data: { k: 'w' } } },
    { do: 'GET configmaps/a', answer: '{a}', exactly: true },
  ]),
  dryRun('every patch', [
    { do: 'PATCH configmaps/a?dryRun=All', type: 'merge', body: { data: { k: 'w' } }, answer: { data: { k: 'w' } } },
    { do: 'PATCH configmaps/a?dryRun=All', type: 'json', body: [{ op: 'replace', path: '/data/k', value: 'w' }], answer: { data: { k: 'w' } } },
    { do: 'PATCH configmaps/a?dryRun=All', type: 'strategic', body: { data: { k: 'w' } }, answer: { data: { k: 'w' } } },
    { do: 'PATCH configmaps/a?dryRun=All&fieldManager=m&force=true', type: 'apply', body: configMap('a', { k: 'w' }), answer: { data: { k: 'w' } } },
    { do: 'PATCH configmaps/new?dryRun=All&fieldManager=m', type: 'apply', body: configMap('new', { k: 'w' }), code: 201, answer: { data: { k: 'w' } } },
    { do: 'GET configmaps/a', answer: '{a}', exactly: true },
    { do: 'GET configmaps/new', code: 404 },
  ]),
  dryRun('a scale and a status', [
    { do: 'PATCH apps/v1/deployments/d/scale?dryRun=All', type: 'merge', body: { spec: { replicas: 5 } }, answer: { kind: 'Scale', spec: { replicas: 5 } } },
    { do: 'PATCH apps/v1/deployments/d/status?dryRun=All', type: 'merge', body: { status: { replicas: 5 } }, answer: { status: { replicas: 5 } } },
    { do: 'GET apps/v1/deployments/d', answer: { spec: { replicas: 0 } } },
  ], [deployment('d')]),
  dryRun('a deletion and one of many', [
    { do: 'DELETE configmaps/a?dryRun=All' },
    { do: 'DELETE configmaps/a', body: { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] } },
    { do: 'DELETE configmaps?dryRun=All' },
    { do: 'GET configmaps/a', answer: '{a}', exactly: true },
  ]),
  {
    title: 'refuses another dry run than All',
    since: 33,
    given: [configMap('a')],
    steps: [
      { do: 'POST configmaps?dryRun=Some', body: configMap('b'), ...invalid('CreateOptions.meta.k8s.io', '', ['dryRun', 'FieldValueNotSupported', 'Unsupported value: ["Some"]: supported values: "All"']) },
      { do: 'PUT configmaps/a?dryRun=Some', body: configMap('a'), ...invalid('UpdateOptions.meta.k8s.io', '', ['dryRun', 'FieldValueNotSupported', 'Unsupported value: ["Some"]: supported values: "All"']) },
      { do: 'PATCH configmaps/a?dryRun=Some', type: 'merge', body: {}, ...invalid('PatchOptions.meta.k8s.io', '', ['dryRun', 'FieldValueNotSupported', 'Unsupported value: ["Some"]: supported values: "All"']) },
      { do: 'DELETE configmaps/a?dryRun=Some', ...invalid('DeleteOptions.meta.k8s.io', '', ['dryRun', 'FieldValueNotSupported', 'Unsupported value: ["Some"]: supported values: "All"']) },
    ],
  },
  {
    title: 'refuses a field manager that is none',
    steps: [
      { do: `POST configmaps?fieldManager=${'m'.repeat(129)}`, body: configMap('a'), code: 422, answer: { reason: 'Invalid', details: { kind: 'CreateOptions', causes: [{ field: 'fieldManager', reason: 'FieldValueTooLong' }] } } },
      { do: 'POST configmaps?fieldManager=a%0Ab', body: configMap('a'), code: 422, answer: { reason: 'Invalid', details: { causes: [{ field: 'fieldManager', message: 'Invalid value: "a\\nb": invalid character U+000A (at position 1)' }] } } },
    ],
  },

  {
    title: 'warns about unknown and duplicate fields unless told otherwise, and drops them',
    since: 25,
    steps: [
      { do: 'POST configmaps?dryRun=All', body: unknownFields, answerHeaders: warnings('unknown field "metadata.labls"', 'unknown field "dta"'), answer: { dta: undefined, data: { k: 'v' } } },
      { do: 'POST configmaps?dryRun=All&fieldValidation=Warn', body: doubled, answerHeaders: warnings('duplicate field "data.k"'), answer: { data: { k: '2' } } },
      { do: 'POST configmaps?dryRun=All', type: 'application/yaml', body: 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: yaml, namd: n, labls: {}}\ndata: {k: a}\ndata: {k: b}\ndta: {k: c, k: d}\n', answerHeaders: warnings('line 5: key "data" already set in map', 'line 6: key "k" already set in map', 'unknown field "dta"', 'unknown field "metadata.labls"', 'unknown field "metadata.namd"') },
      { do: 'POST configmaps?dryRun=All&fieldValidation=Ignore', body: unknownFields, answerHeaders: { warning: undefined }, answer: { dta: undefined } },
      { do: 'POST configmaps?dryRun=All&fieldValidation=Ignore', body: doubled, answerHeaders: { warning: undefined } },
    ],
  },
  {
    title: 'refuses unknown and duplicate fields when told to be strict',
    since: 25,
    given: [configMap('a')],
    steps: [
      { do: 'POST configmaps?fieldValidation=Strict', body: unknownFields, ...failure(400, 'BadRequest', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "metadata.labls", unknown field "dta"') },
      { do: 'POST configmaps?fieldValidation=Strict', body: doubled, ...failure(400, 'BadRequest', 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.k"') },
      { do: 'POST pods?fieldValidation=Strict', body: mixed, ...failure(400, 'BadRequest', 'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "metadata.labls", unknown field "spec.unknown", duplicate field "spec.nodeName", unknown field "spec.containers[0].imag", duplicate field "spec.containers[0].name"') },
      { do: 'PUT configmaps/a?fieldValidation=Strict', body: doubled, code: 400, answer: { message: /strict decoding error: duplicate field "data\.k"$/ } },
      { do: 'POST configmaps?fieldValidation=Strict', type: 'application/yaml', body: 'kind: ConfigMap\napiVersion: v1\nmetadata: {name: yaml}\ndata: {k: a}\ndata: {k: b}\n', code: 400, answer: { message: /yaml: unmarshal errors:\n {2}line 5: key "data" already set in map$/ } },
      { do: 'POST configmaps?fieldValidation=Strict&dryRun=All', body: configMap('b') },
    ],
  },
  {
    title: 'is strict, or warns, about what a patch makes of an object',
    since: 25,
    given: [deployment('d')],
    steps: [
      { do: 'PATCH apps/v1/deployments/d?fieldValidation=Strict', type: 'merge', body: { spec: { nope: 1 } }, code: 422, answer: { reason: 'Invalid', message: /^ "" is invalid: patch: Invalid value: "\{\\".*\}": strict decoding error: unknown field "spec.nope"$/, details: { causes: [{ field: 'patch' }] } } },
      { do: 'PATCH apps/v1/deployments/d?fieldValidation=Strict', type: 'json', body: [{ op: 'add', path: '/spec/nope', value: 1 }], code: 422, answer: { reason: 'Invalid', message: /strict decoding error: unknown field "spec.nope"$/ } },
      { do: 'PATCH apps/v1/deployments/d?fieldValidation=Strict', type: 'strategic', body: { spec: { nope: 1 } }, code: 422, answer: { message: ' "" is invalid: patch: Invalid value: "map[spec:map[nope:1]]": strict decoding error: unknown field "spec.nope"' } },
      { do: 'PATCH apps/v1/deployments/d?fieldValidation=Warn', type: 'merge', body: { spec: { nope: 1 } }, answerHeaders: warnings('unknown field "spec.nope"') },
      { do: 'PATCH apps/v1/deployments/d?fieldValidation=Strict', type: 'merge', body: '{"spec":{"minReadySeconds":1,"minReadySeconds":2}}', code: 422, answer: { reason: 'Invalid', message: /strict decoding error: duplicate field "spec\.minReadySeconds"$/ } },
      { do: 'PATCH apps/v1/deployments/d', type: 'merge', body: '{"spec":{"minReadySeconds":1,"minReadySeconds":2}}', answerHeaders: warnings('duplicate field "spec.minReadySeconds"'), answer: { spec: { minReadySeconds: 2 } } },
    ],
  },
  {
    title: 'refuses another way of field validation',
    since: 36,
    steps: [
      { do: 'POST configmaps?fieldValidation=Maybe', body: configMap('a'), ...invalid('CreateOptions.meta.k8s.io', '', ['fieldValidation', 'FieldValueNotSupported', 'Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"']) },
    ],
  },
  {
    title: 'refuses values of another type in the decoder\'s words',
    given: [deployment('d')],
    steps: [
      { do: 'POST configmaps', body: { ...configMap('a'), data: { k: 1 } }, ...failure(400, 'BadRequest', /^ConfigMap in version "v1" cannot be handled as a ConfigMap: .*(json: cannot unmarshal number into Go struct field ConfigMap\.data of type string|ConfigMap\.Data: ReadString: expects " or n, but found 1)/) },
      { do: 'POST apps/v1/deployments', body: deployment('e', { replicas: 'many' }), code: 400, answer: { reason: 'BadRequest', message: /^Deployment in version "v1" cannot be handled as a Deployment: / } },
      { do: 'PATCH apps/v1/deployments/d', type: 'merge', body: { spec: { replicas: 'many' } }, code: 422, answer: { reason: 'Invalid', message: /cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32|v1\.Deployment\.Spec: v1\.DeploymentSpec\.Replicas: readUint32/ } },
    ],
  },
  {
    title: 'asks no dry run of a creation for its version',
    steps: [
      { do: 'POST configmaps', body: { ...configMap('v'), metadata: { name: 'v', resourceVersion: '5' } }, ...failure(500, undefined, 'resourceVersion should not be set on objects to be created') },
      { do: 'POST configmaps?dryRun=All', body: { ...configMap('v'), metadata: { name: 'v', resourceVersion: '5' } }, answer: { metadata: { name: 'v' } } },
      { do: 'GET configmaps/v', code: 404 },
    ],
  },
  {
    title: 'says what is wrong with a write in the order of what it looks at',
    since: 27,
    given: [configMap('a')],
    steps: [
      { do: 'POST configmaps?dryRun=', body: configMap('b'), ...invalid('CreateOptions.meta.k8s.io', '', ['dryRun', 'FieldValueNotSupported', 'Unsupported value: [""]: supported values: "All"']) },
      { do: 'POST configmaps?dryRun=All&timeout=-1s', body: configMap('b') },
      { do: 'PUT configmaps/a', body: { ...configMap('a'), metadata: { name: 'a', resourceVersion: 'abc' } }, ...failure(500, undefined, 'strconv.ParseUint: parsing "abc": invalid syntax') },
      { do: 'PATCH configmaps/a?force=true', type: 'merge', body: '{', ...invalid('PatchOptions.meta.k8s.io', '', ['force', 'FieldValueForbidden', 'Forbidden: may not be specified for non-apply patch']) },
      { do: 'PATCH configmaps/a', type: 'apply', body: 'x: [', ...invalid('PatchOptions.meta.k8s.io', '', ['fieldManager', 'FieldValueRequired', 'Required value: is required for apply patch']) },
      { do: 'PATCH configmaps/none', type: 'merge', body: '{', ...failure(404, 'NotFound', 'configmaps "none" not found', { name: 'none', kind: 'configmaps' }) },
      { do: 'PATCH configmaps/a', type: 'merge', body: '{', code: 400 },
    ],
  },
  {
    title: 'answers an update that creates with 201, where the kind lets it',
    steps: [
      { do: 'PUT limitranges/l', body: { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l' }, spec: { limits: [{ type: 'Pod' }] } }, code: 201, answer: { metadata: { uid: uuid } } },
      { do: 'PUT limitranges/l', body: { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'l' }, spec: { limits: [{ type: 'Container' }] } }, code: 200 },
      { do: 'PUT endpoints/e', body: { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'e', resourceVersion: '5' } }, code: 201, answer: { metadata: { uid: uuid } } },
      { do: 'PUT endpoints/f', body: { apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'f', uid: 'gone' } }, code: 409, answer: { reason: 'Conflict', message: /AdditionalErrorMsg: Precondition failed: UID in precondition: gone, UID in object meta: $/ } },
      { do: 'PUT configmaps/a', body: configMap('a'), ...failure(404, 'NotFound', 'configmaps "a" not found', { name: 'a', kind: 'configmaps' }) },
    ],
  },
  {
    title: 'forgets how traffic comes in where none does',
    since: 27,
    given: [{ apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }], externalIPs: ['1.1.1.1'] } }],
    steps: [
      { do: 'POST services', body: { apiVersion: 'v1', kind: 'Service', metadata: { name: 'outside' }, spec: { type: 'ExternalName', externalName: 'a.b', internalTrafficPolicy: 'Cluster' } }, answer: { spec: { internalTrafficPolicy: undefined } } },
      { do: 'GET services/s', answer: { spec: { externalTrafficPolicy: 'Cluster' } } },
      { do: 'PATCH services/s', type: 'merge', body: { spec: { externalIPs: [] } }, answer: { spec: { externalTrafficPolicy: undefined } } },
      { do: 'PATCH services/s', type: 'merge', body: { spec: { externalIPs: ['1.1.1.1'] } }, answer: { spec: { externalTrafficPolicy: 'Cluster' } } },
    ],
  },
  {
    title: 'begins no deletion by a change of the metadata',
    given: [configMap('a')],
    steps: [
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { deletionTimestamp: '2020-01-01T00:00:00Z' } }, code: 422, answer: { reason: 'Invalid', message: /^ConfigMap "a" is invalid: metadata\.deletionTimestamp: Invalid value: .*: field is immutable$/ } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { deletionGracePeriodSeconds: 5 } }, ...invalid('ConfigMap', 'a', unchanged, unchanged) },
      { do: 'GET configmaps/a', answer: { metadata: { deletionTimestamp: undefined } } },
    ],
  },
  {
    title: 'creates nothing in a namespace that is not there',
    steps: [{ do: 'POST /api/v1/namespaces/none-{ns}/configmaps', body: configMap('a'), ...failure(404, 'NotFound', 'namespaces "none-{ns}" not found', { name: 'none-{ns}', kind: 'namespaces' }) }],
  },
  {
    title: 'lets one of many writers at once win, and tells the others that they lost',
    given: [configMap('a', { k: '0' })],
    steps: [
      { do: 'PUT configmaps/a', body: { ...configMap('a', { k: '1' }), metadata: '{a.metadata}' } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { resourceVersion: '{a.metadata.resourceVersion}' }, data: { k: '2' } }, ...stale('a') },
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { uid: '{a.metadata.uid}' }, data: { k: '3' } }, answer: { data: { k: '3' } } },
      { do: 'GET configmaps/a', answer: { data: { k: '3' } }, also: ({ body }) => expect(body).toHaveProperty('metadata.resourceVersion') },
    ],
  },
])
