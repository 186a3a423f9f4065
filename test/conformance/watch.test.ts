import { configMap, pod } from './objects.ts'
import { failure, invalid, type Row } from './row.ts'
import { describeSection } from './suite.ts'

const is = (name: string, more: object = {}) => ({ metadata: { name }, ...more })
const labelled = (name: string, label?: string) => ({ do: `PATCH configmaps/${name}`, type: 'merge', body: { metadata: { labels: { watch: label ?? null } } } })
const sets = (name: string, value: string) => ({ do: `PATCH configmaps/${name}`, type: 'merge', body: { data: { value } } })
const own = 'fieldSelector=metadata.name!=kube-root-ca.crt'
const table = 'application/json;as=Table;g=meta.k8s.io;v=v1'
const partial = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1'

const refused = (title: string, parameters: string, ...mistakes: ReadonlyArray<readonly [string, string, string]>): Row => ({
  title, since: 27, steps: [{ do: `GET configmaps?watch=true&${parameters}`, ...invalid('ListOptions.meta.k8s.io', '', ...mistakes) }],
})

describeSection('watch', [
  {
    title: 'tells what is there first when it is given no version, then every change',
    given: [configMap('a', { value: '0' })],
    steps: [
      { do: `WATCH configmaps?${own}`, save: 'w' },
      { sees: 'w', events: [['ADDED', is('a', { kind: 'ConfigMap', apiVersion: 'v1', data: { value: '0' } })]] },
      sets('a', '1'),
      { do: 'POST configmaps', body: configMap('b') },
      { do: 'DELETE configmaps/a' },
      { sees: 'w', events: [['MODIFIED', is('a', { data: { value: '1' } })], ['ADDED', is('b')], ['DELETED', is('a', { data: { value: '1' } })]] },
    ],
  },
  {
    title: 'tells what is there when it begins at version 0',
    given: [configMap('a')],
    steps: [
      { do: `WATCH configmaps?${own}&resourceVersion=0`, save: 'w' },
      { sees: 'w', events: [['ADDED', is('a')]] },
    ],
  },
  {
    title: 'tells every change after a version, and only those',
    given: [configMap('a', { value: '0' })],
    steps: [
      { ...sets('a', '1'), save: 'first' },
      sets('a', '2'),
      { do: 'DELETE configmaps/a' },
      { do: `WATCH configmaps?${own}&resourceVersion={first.metadata.resourceVersion}`, save: 'w' },
      { sees: 'w', events: [['MODIFIED', is('a', { data: { value: '2' } })], ['DELETED', is('a')]] },
    ],
  },
  {
    title: 'goes on from the version of a list',
    given: [configMap('a')],
    steps: [
      { do: 'GET configmaps', save: 'list' },
      { do: 'POST configmaps', body: configMap('b') },
      { do: `WATCH configmaps?${own}&resourceVersion={list.metadata.resourceVersion}`, save: 'w' },
      { sees: 'w', events: [['ADDED', is('b')]] },
    ],
  },
  {
    title: 'stamps a deletion with a version of its own, which is later than the last change',
    given: [configMap('a', { value: '0' })],
    steps: [
      { do: 'DELETE configmaps/a', save: 'answer' },
      { do: 'POST configmaps', body: configMap('a', { value: 'again' }), save: 'again' },
      { do: `WATCH configmaps?${own}&resourceVersion={a.metadata.resourceVersion}`, save: 'w' },
      { sees: 'w', events: [['DELETED', is('a', { metadata: { uid: '{a.metadata.uid}' } })], ['ADDED', is('a', { metadata: { resourceVersion: '{again.metadata.resourceVersion}' } })]] },
    ],
  },
  {
    title: 'turns what leaves the selection into DELETED and what enters it into ADDED',
    given: [configMap('a', { value: '0' }, { labels: { watch: 'yes' } })],
    steps: [
      { do: 'WATCH configmaps?labelSelector=watch=yes&resourceVersion={a.metadata.resourceVersion}', save: 'w' },
      sets('a', '1'),
      { ...labelled('a', 'no'), save: 'left' },
      sets('a', '2'),
      labelled('a', 'yes'),
      sets('a', '3'),
      { do: 'DELETE configmaps/a' },
      {
        sees: 'w',
        events: [
          ['MODIFIED', { data: { value: '1' } }],
          ['DELETED', { data: { value: '1' }, metadata: { labels: { watch: 'yes' }, resourceVersion: '{left.metadata.resourceVersion}' } }],
          ['ADDED', { data: { value: '2' } }],
          ['MODIFIED', { data: { value: '3' } }],
          ['DELETED', { data: { value: '3' } }],
        ],
      },
    ],
  },
  {
    title: 'does the same by field',
    given: [pod('a')],
    steps: [
      { do: 'WATCH pods?fieldSelector=status.phase=Running&resourceVersion={a.metadata.resourceVersion}', save: 'w' },
      { do: 'PATCH pods/a/status', type: 'merge', body: { status: { phase: 'Running' } } },
      { do: 'PATCH pods/a/status', type: 'merge', body: { status: { phase: 'Failed' } } },
      { sees: 'w', events: [['ADDED', { status: { phase: 'Running' } }], ['DELETED', { status: { phase: 'Running' } }]] },
    ],
  },
  {
    title: 'tells several watchers of different selections each its own',
    given: [],
    steps: [
      { do: 'WATCH configmaps?labelSelector=watch=a', save: 'a' },
      { do: 'WATCH configmaps?labelSelector=watch=b', save: 'b' },
      { do: 'WATCH configmaps?labelSelector=watch+in+(a,b)', save: 'both' },
      { do: 'POST configmaps', body: configMap('x', {}, { labels: { watch: 'a' } }) },
      { do: 'POST configmaps', body: configMap('y', {}, { labels: { watch: 'b' } }) },
      { do: 'DELETE configmaps/x' },
      { sees: 'a', events: [['ADDED', is('x')], ['DELETED', is('x')]] },
      { sees: 'b', events: [['ADDED', is('y')]] },
      { sees: 'both', events: [['ADDED', is('x')], ['ADDED', is('y')], ['DELETED', is('x')]] },
    ],
  },
  {
    title: 'does not tell a write that changes nothing',
    given: [configMap('a', { value: '0' })],
    steps: [
      { do: `WATCH configmaps?${own}&resourceVersion={a.metadata.resourceVersion}`, save: 'w' },
      sets('a', '0'),
      { do: 'POST configmaps?dryRun=All', body: configMap('b') },
      sets('a', '1'),
      { sees: 'w', events: [['MODIFIED', { data: { value: '1' } }]] },
    ],
  },
  {
    title: 'watches every namespace, and one object in the old way',
    given: [configMap('a', {}, { labels: { only: '{ns}' } }), configMap('b')],
    steps: [
      { do: 'WATCH /api/v1/configmaps?labelSelector=only={ns}', save: 'all' },
      { do: 'WATCH /api/v1/watch/namespaces/{ns}/configmaps/b?x', save: 'one' },
      { do: 'WATCH /api/v1/watch/namespaces/{ns}/configmaps?labelSelector=only={ns}', save: 'old' },
      { sees: 'all', events: [['ADDED', is('a')]] },
      { sees: 'one', events: [['ADDED', is('b')]] },
      { sees: 'old', events: [['ADDED', is('a')]] },
    ],
  },
  {
    title: 'ends a watch after its timeout',
    steps: [
      { do: `WATCH configmaps?${own}&timeoutSeconds=1`, save: 'w' },
      { sees: 'w', events: [], ends: true },
    ],
  },
  {
    title: 'says nothing until a version of the future has come about',
    given: [configMap('a')],
    steps: [
      { do: `WATCH configmaps?${own}&timeoutSeconds=1&resourceVersion=9000000000000`, save: 'w' },
      { do: 'POST configmaps', body: configMap('b') },
      { sees: 'w', events: [], ends: true },
    ],
  },
  {
    title: 'tells a streaming list of a version that does not come about that it is too large',
    since: 34,
    steps: [
      { do: 'WATCH configmaps?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=9000000000000', save: 'w' },
      { sees: 'w', events: [['ERROR', { kind: 'Status', reason: 'Timeout', code: 504, message: /^Timeout: Too large resource version: 9000000000000, current: \d+$/ }]], ends: true },
    ],
  },
  {
    title: 'answers a watch as JSON lines, without a length',
    given: [configMap('a')],
    steps: [{
      do: `GET configmaps?watch=1&${own}&timeoutSeconds=1`, answerHeaders: { 'content-type': 'application/json', 'content-length': undefined, 'transfer-encoding': 'chunked' },
      text: /^\{"type":"ADDED","object":\{.*\}\}\n$/,
      headers: { accept: 'application/json' },
    }],
  },
  {
    title: 'tells tables to who asks for them, the columns once',
    given: [configMap('a', { value: '0' })],
    steps: [
      { do: `WATCH configmaps?${own}`, headers: { accept: table }, save: 'w' },
      { sees: 'w', events: [['ADDED', {
        kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata: { resourceVersion: '{a.metadata.resourceVersion}' },
        columnDefinitions: [{ name: 'Name' }, { name: 'Data' }, { name: 'Age' }],
        rows: [{ cells: ['a', 1, /^\d+s$/], object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } } }],
      }]] },
      sets('a', '1'),
      { sees: 'w', events: [['MODIFIED', { kind: 'Table', rows: [{ cells: ['a', 1, /./] }] }]] },
    ],
  },
  {
    title: 'tells rows with whole objects or with none',
    given: [configMap('a', { value: '0' })],
    steps: [
      { do: `WATCH configmaps?${own}&includeObject=Object`, headers: { accept: table }, save: 'whole' },
      { do: `WATCH configmaps?${own}&includeObject=None`, headers: { accept: table }, save: 'none' },
      { sees: 'whole', events: [['ADDED', { rows: [{ object: { kind: 'ConfigMap', apiVersion: 'v1', data: { value: '0' } } }] }]] },
      { sees: 'none', events: [['ADDED', { rows: [{ object: null }] }]] },
    ],
  },
  {
    title: 'tells metadata alone to who asks for it',
    given: [configMap('a', { value: '0' })],
    steps: [
      { do: `WATCH configmaps?${own}`, headers: { accept: partial }, save: 'w' },
      { sees: 'w', events: [['ADDED', { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a', uid: '{a.metadata.uid}' }, data: undefined }]] },
    ],
  },
  {
    title: 'refuses a watch in a form that has no events',
    steps: [
      { do: 'GET configmaps?watch=true&timeoutSeconds=1', headers: { accept: 'application/xml' }, code: 406, answer: { reason: 'NotAcceptable' } },
      { do: 'GET configmaps?watch=true&timeoutSeconds=1', headers: { accept: `${table.replace('v1', 'v7')}` }, code: 406, answer: { reason: 'NotAcceptable' } },
    ],
  },
  {
    title: 'tells the initial state and then a bookmark that says so, to who asks for a streaming list',
    since: 34,
    given: [configMap('a'), configMap('b')],
    steps: [
      { do: `WATCH configmaps?${own}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=`, save: 'w' },
      { sees: 'w', events: [
        ['ADDED', is('a')], ['ADDED', is('b')],
        ['BOOKMARK', { kind: 'ConfigMap', apiVersion: 'v1', metadata: { resourceVersion: /^\d+$/, annotations: { 'k8s.io/initial-events-end': 'true' } } }],
      ] },
      sets('a', '1'),
      { sees: 'w', events: [['MODIFIED', is('a')]] },
    ],
  },
  {
    title: 'streams a list as tables and as metadata too',
    since: 34,
    given: [configMap('a')],
    steps: [
      { do: `WATCH configmaps?${own}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`, headers: { accept: table }, save: 't' },
      { do: `WATCH configmaps?${own}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`, headers: { accept: partial }, save: 'p' },
      { sees: 't', events: [['ADDED', { kind: 'Table' }], ['BOOKMARK', { kind: 'Table', metadata: { resourceVersion: /^\d+$/, annotations: undefined }, rows: [{ cells: ['', 0, '<unknown>'], object: { kind: 'PartialObjectMetadata', metadata: { resourceVersion: /^\d+$/, annotations: { 'k8s.io/initial-events-end': 'true' } } } }] }]] },
      { sees: 'p', events: [['ADDED', { kind: 'PartialObjectMetadata' }], ['BOOKMARK', { kind: 'PartialObjectMetadata', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } }]] },
    ],
  },
  {
    title: 'starts from now without the initial state when that is declined',
    since: 34,
    given: [configMap('a')],
    steps: [
      { do: `WATCH configmaps?${own}&sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`, save: 'w' },
      { do: 'POST configmaps', body: configMap('b') },
      { sees: 'w', events: [['ADDED', is('b')]] },
    ],
  },
  refused('refuses a streaming list that does not say what it starts from', 'sendInitialEvents=true&allowWatchBookmarks=true', ['resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan']),
  refused('refuses another way to match for a streaming list', 'sendInitialEvents=true&resourceVersion=1&resourceVersionMatch=Exact', ['resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'], ['resourceVersionMatch', 'FieldValueNotSupported', 'Unsupported value: "Exact": supported values: "NotOlderThan"']),
  {
    title: 'streams a list without bookmarks to who does not ask for them',
    since: 34,
    given: [configMap('a')],
    steps: [
      { do: 'WATCH configmaps?fieldSelector=metadata.name%3Da&sendInitialEvents=true&resourceVersionMatch=NotOlderThan', save: 'w' },
      { sees: 'w', events: [['ADDED', is('a')]] },
    ],
  },
  { title: 'refuses initial events for a list', since: 27, steps: [{ do: 'GET configmaps?sendInitialEvents=true', ...invalid('ListOptions.meta.k8s.io', '', ['sendInitialEvents', 'FieldValueForbidden', 'Forbidden: sendInitialEvents is forbidden for list']) }] },
  refused('refuses a way to match for a plain watch', 'resourceVersionMatch=NotOlderThan', ['resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided']),
  {
    title: 'answers 410 as an event when the version is forgotten',
    needs: 'compaction',
    given: [configMap('a'), configMap('b')],
    steps: [
      { forgets: true },
      { do: `WATCH configmaps?${own}&resourceVersion={a.metadata.resourceVersion}`, save: 'w' },
      { sees: 'w', events: [['ERROR', { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Expired', code: 410, message: /^too old resource version: \d+ \(\d+\)$/ }]], ends: true },
    ],
  },
  {
    title: 'refuses a selector that is none before the watch begins',
    steps: [
      { do: 'GET configmaps?watch=true&fieldSelector=data.x=1', ...failure(400, 'BadRequest', '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"') },
      { do: 'GET configmaps?watch=true&labelSelector=((', code: 400, answer: { reason: 'BadRequest' } },
    ],
  },
])
