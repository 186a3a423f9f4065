import { expect } from 'vitest'
import type { Answer } from './caller.ts'
import { configMap, deployment, node, pod, podTemplate } from './objects.ts'
import { failure, invalid, type Row } from './row.ts'
import { describeSection } from './suite.ts'

const named = (...names: string[]) => ({ items: names.map((name) => ({ metadata: { name } })) })
const notSelectable = (field: string) => failure(400, 'BadRequest', field)
const query = (text: string) => encodeURIComponent(text)

const labelled = [
  podTemplate('a', { tier: 'front', env: 'prod' }),
  podTemplate('b', { tier: 'back', env: 'prod' }),
  podTemplate('c', { tier: 'back', env: 'test', size: '3' }),
  podTemplate('d'),
]

const byLabel = (selector: string, ...names: string[]): Row => ({
  title: `selects by label: ${selector}`,
  given: labelled,
  steps: [{ do: `GET podtemplates?labelSelector=${query(selector)}`, answer: named(...names) }],
})

const byField = (title: string, given: object[], path: string, ...names: string[]): Row => ({
  title: `selects by field: ${title}`, given, steps: [{ do: `GET ${path}`, answer: named(...names) }],
})

const fiveTemplates = ['a', 'b', 'c', 'd', 'e'].map((name) => podTemplate(name, { odd: String('ace'.includes(name)) }))

const refusedMatch = (title: string, parameters: string, ...mistakes: ReadonlyArray<readonly [string, string, string]>): Row => ({
  title, steps: [{ do: `GET podtemplates?${parameters}`, ...invalid('ListOptions.meta.k8s.io', '', ...mistakes) }],
})

const typed = { apiVersion: 'v1', kind: 'PodTemplate' }
const partial = { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata' }
/** Fails unless every item has these fields and no others. */
const untypedItems = (fields: string) => ({ body }: Answer): void => {
  for (const item of (body as { items: object[] }).items) expect(Object.keys(item).sort().join()).toBe(fields)
}

const expiredContinue =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
  'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
  'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
  'deleted between the time the first chunk was returned and now may show up in the list.'

describeSection('lists', [
  {
    title: 'answers a list with the items in the order of their names and a version to go on from',
    given: [podTemplate('b'), podTemplate('a')],
    steps: [{
      do: 'GET podtemplates',
      answer: { kind: 'PodTemplateList', apiVersion: 'v1', metadata: { resourceVersion: /^\d+$/, continue: undefined, remainingItemCount: undefined }, ...named('a', 'b') },
    }],
  },
  {
    title: "leaves the type out of a list's items, and out of nothing else, in whichever order they were sent",
    given: [podTemplate('a')],
    steps: [
      { do: 'POST podtemplates', body: { template: podTemplate('c').template, metadata: { name: 'c' }, kind: 'PodTemplate', apiVersion: 'v1' }, answer: typed },
      { do: 'POST podtemplates', body: { metadata: { name: 'd' }, template: { spec: podTemplate('d').template.spec } }, answer: typed },
      { do: 'GET podtemplates', also: untypedItems('metadata,template'), answer: { kind: 'PodTemplateList', ...named('a', 'c', 'd') } },
      { do: 'GET podtemplates?labelSelector=!x&limit=2', also: untypedItems('metadata,template'), answer: named('a', 'c') },
      { do: 'GET podtemplates', headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }, answer: { rows: [{ object: partial }, { object: partial }, { object: partial }] } },
      { do: 'GET podtemplates?includeObject=Object', headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' }, answer: { rows: [{ object: typed }, { object: typed }, { object: typed }] } },
      { do: 'GET podtemplates', headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' }, answer: { items: [partial, partial, partial] } },
      { do: 'GET podtemplates/a', answer: typed },
      { do: 'WATCH podtemplates?resourceVersion=0', save: 'watch' },
      { sees: 'watch', events: [['ADDED', typed], ['ADDED', typed], ['ADDED', typed]] },
      { do: 'DELETE podtemplates', also: untypedItems('metadata,template'), answer: { kind: 'PodTemplateList' } },
    ],
  },
  {
    title: "leaves the type out of a list's items in YAML too",
    given: [podTemplate('a')],
    steps: [{ do: 'GET podtemplates', headers: { accept: 'application/yaml' }, also: untypedItems('metadata,template'), answer: { kind: 'PodTemplateList', ...named('a') } }],
  },
  { title: 'answers an empty list with no items, not with null', steps: [{ do: 'GET podtemplates', answer: { kind: 'PodTemplateList', items: [] } }] },
  {
    title: 'lists every namespace at once, and one of them by field',
    given: [podTemplate('a', { only: '{ns}' })],
    steps: [
      { do: 'GET /api/v1/podtemplates?labelSelector=only={ns}', answer: { items: [{ metadata: { name: 'a', namespace: '{ns}' } }] } },
      { do: 'GET /api/v1/podtemplates?fieldSelector=metadata.namespace={ns}', answer: named('a') },
      { do: 'GET /api/v1/podtemplates?fieldSelector=metadata.namespace={ns},metadata.name=b', answer: named() },
    ],
  },

  byLabel('tier=back', 'b', 'c'),
  byLabel('tier==back,env=prod', 'b'),
  byLabel('tier!=back', 'a', 'd'),
  byLabel('tier in (front, back), env notin (test)', 'a', 'b'),
  byLabel('env notin (test)', 'a', 'b', 'd'),
  byLabel('size', 'c'),
  byLabel('!size', 'a', 'b', 'd'),
  byLabel('size>2', 'c'),
  byLabel('size<2'),
  byLabel('tier in (front,),env', 'a'),
  byLabel('tier=', ...[]),
  byLabel('', 'a', 'b', 'c', 'd'),
  {
    title: 'refuses a label selector that is none',
    steps: [
      { do: `GET podtemplates?labelSelector=${query('a in b')}`, ...failure(400, 'BadRequest', /^unable to parse requirement: found 'b',? expected: '\('$/) },
      { do: `GET podtemplates?labelSelector=${query('((')}`, ...failure(400, 'BadRequest', "found '(', expected: !, identifier, or 'end of string'") },
      { do: `GET podtemplates?labelSelector=${query('a,,b')}`, ...failure(400, 'BadRequest', "found ',', expected: identifier after ','") },
      { do: `GET podtemplates?labelSelector=${query('a>x')}`, code: 400, answer: { message: /for 'Gt', 'Lt' operators, the value must be an integer$/ } },
      { do: `GET podtemplates?labelSelector=${query('a=b=c')}`, code: 400, answer: { reason: 'BadRequest' } },
      { do: `GET podtemplates?labelSelector=${query('-bad-=x')}`, code: 400, answer: { reason: 'BadRequest', message: /name part must consist of alphanumeric characters/ } },
      { do: `GET podtemplates?labelSelector=${query('a=b c')}`, ...failure(400, 'BadRequest', "found 'c', expected: ',' or 'end of string'") },
    ],
  },

  byField('metadata.name', fiveTemplates, 'podtemplates?fieldSelector=metadata.name=b', 'b'),
  byField('metadata.name, not', fiveTemplates.slice(0, 2), 'podtemplates?fieldSelector=metadata.name!=b', 'a'),
  byField('with an escaped value', fiveTemplates.slice(0, 2), `podtemplates?fieldSelector=${query('metadata.name=b\\,c')}`),
  byField('and label together', fiveTemplates, 'podtemplates?fieldSelector=metadata.name!=c&labelSelector=odd=true', 'a', 'e'),
  byField(
    'what pods have', [node, pod('a', { restartPolicy: 'Never' }), pod('b', { nodeName: '{ns}', serviceAccountName: 'default' })],
    'pods?fieldSelector=spec.nodeName={ns},spec.restartPolicy!=Never,status.phase=Pending,spec.schedulerName=nobody,spec.serviceAccountName=default,status.podIP=,status.nominatedNodeName=', 'b',
  ),
  { ...byField('a pod\'s host network', [pod('a', { hostNetwork: true }), pod('b')], 'pods?fieldSelector=spec.hostNetwork=true', 'a'), since: 28 },
  byField('a Secret\'s type', [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, type: 'example.com/x' }, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' } },
  ], 'secrets?fieldSelector=type=example.com/x', 'a'),
  byField('an Event\'s object, reason and type', [{
    apiVersion: 'v1', kind: 'Event', metadata: { name: 'a' }, reason: 'Tested', type: 'Normal', source: { component: 'test' },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', name: 'p', namespace: '{ns}', uid: 'u1', fieldPath: 'spec', resourceVersion: '3' },
  }], 'events?fieldSelector=involvedObject.kind=Pod,involvedObject.name=p,involvedObject.uid=u1,involvedObject.namespace={ns},involvedObject.apiVersion=v1,involvedObject.fieldPath=spec,involvedObject.resourceVersion=3,reason=Tested,type=Normal,source=test', 'a'),
  byField('a ReplicaSet\'s and a Job\'s status', [
    { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a' }, spec: { parallelism: 0, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'busybox:1' }] } } } },
  ], 'batch/v1/jobs?fieldSelector=status.successful=0', 'a'),
  {
    title: 'selects namespaces by phase, nodes by whether they take pods',
    given: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: '{ns}' }, spec: { unschedulable: true } }],
    steps: [
      { do: 'GET /api/v1/namespaces?fieldSelector=metadata.name={ns},status.phase=Active', answer: named('{ns}') },
      { do: 'GET /api/v1/nodes?fieldSelector=metadata.name={ns},spec.unschedulable=true', answer: named('{ns}') },
      { do: 'DELETE /api/v1/nodes/{ns}' },
    ],
  },
  {
    title: 'refuses a field that cannot be selected by, in the words of the kind',
    steps: [
      { do: 'GET podtemplates?fieldSelector=template.x=1', ...notSelectable('"template.x" is not a known field selector: only "metadata.name", "metadata.namespace"') },
      { do: 'GET configmaps?fieldSelector=data.x=1', ...notSelectable('"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"') },
      { do: 'GET pods?fieldSelector=spec.x=1', ...notSelectable('field label not supported: spec.x') },
      { do: 'GET secrets?fieldSelector=data=1', ...notSelectable('field label not supported: data') },
      { do: 'GET /api/v1/namespaces?fieldSelector=spec=1', ...notSelectable('field label not supported: spec') },
      { do: 'GET apps/v1/deployments?fieldSelector=spec.replicas=1', ...notSelectable('"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"') },
      { do: 'GET pods?fieldSelector=metadata.name', code: 400, answer: { reason: 'BadRequest', message: "invalid selector: 'metadata.name'; can't understand 'metadata.name'" } },
    ],
  },

  {
    title: 'pages through one snapshot, whatever is created or deleted meanwhile',
    given: fiveTemplates,
    steps: [
      { do: 'GET podtemplates?limit=2', answer: { ...named('a', 'b'), metadata: { remainingItemCount: 3, continue: /./ } }, save: 'one' },
      { do: 'POST podtemplates', body: podTemplate('bb') },
      { do: 'DELETE podtemplates/c' },
      { do: 'GET podtemplates?limit=2&continue={one.metadata.continue}', answer: { ...named('c', 'd'), metadata: { remainingItemCount: 1, resourceVersion: '{one.metadata.resourceVersion}' } }, save: 'two' },
      { do: 'GET podtemplates?limit=2&continue={two.metadata.continue}', answer: { ...named('e'), metadata: { resourceVersion: '{one.metadata.resourceVersion}', continue: undefined, remainingItemCount: undefined } } },
      { do: 'GET podtemplates?limit=3&continue={one.metadata.continue}', answer: { ...named('c', 'd', 'e'), metadata: { continue: undefined } } },
      { do: 'GET podtemplates', answer: named('a', 'b', 'bb', 'd', 'e') },
    ],
  },
  {
    title: 'says no remaining count for pages of a selection, and fills each page',
    given: fiveTemplates,
    steps: [
      { do: 'GET podtemplates?limit=2&labelSelector=odd=true', answer: { ...named('a', 'c'), metadata: { continue: /./, remainingItemCount: undefined } }, save: 'one' },
      { do: 'GET podtemplates?limit=2&labelSelector=odd=true&continue={one.metadata.continue}', answer: { ...named('e'), metadata: { continue: undefined } } },
    ],
  },
  {
    title: 'takes a limit that is not reached for none',
    given: fiveTemplates,
    steps: [
      { do: 'GET podtemplates?limit=5', answer: { ...named('a', 'b', 'c', 'd', 'e'), metadata: { continue: undefined, remainingItemCount: undefined } } },
      { do: 'GET podtemplates?limit=0', answer: named('a', 'b', 'c', 'd', 'e') },
    ],
  },
  {
    title: 'refuses a continue token that is none, and one beside a version',
    given: fiveTemplates,
    steps: [
      { do: 'GET podtemplates?limit=2', save: 'one' },
      { do: 'GET podtemplates?limit=2&continue=nonsense', code: 400, answer: { reason: 'BadRequest', message: /continue key is not valid: / } },
      { do: 'GET podtemplates?limit=2&resourceVersion={a.metadata.resourceVersion}&continue={one.metadata.continue}', ...failure(400, 'BadRequest', 'specifying resource version is not allowed when using continue') },
      { do: 'GET podtemplates?limit=2&resourceVersion=0&continue={one.metadata.continue}', answer: named('c', 'd', 'e') },
      { do: 'GET podtemplates?limit=many', code: 400, answer: { reason: 'BadRequest', message: 'strconv.ParseInt: parsing "many": invalid syntax' } },
    ],
  },
  {
    title: 'answers 410 for a page of a state that is forgotten, with a token that goes on without it',
    needs: 'compaction',
    given: fiveTemplates,
    steps: [
      { do: 'GET podtemplates?limit=2', save: 'one' },
      { do: 'POST podtemplates', body: podTemplate('cc') },
      { do: 'DELETE podtemplates/e' },
      { forgets: true },
      {
        do: 'GET podtemplates?limit=2&continue={one.metadata.continue}', code: 410, save: 'gone',
        answer: { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, message: expiredContinue, metadata: { continue: /./ } },
      },
      { do: 'GET podtemplates?limit=2&continue={gone.metadata.continue}', answer: { ...named('c', 'cc'), metadata: { continue: /./, resourceVersion: /^\d+$/ } }, save: 'two' },
      { do: 'GET podtemplates?limit=2&continue={two.metadata.continue}', answer: { ...named('d'), metadata: { resourceVersion: '{two.metadata.resourceVersion}', continue: undefined } } },
    ],
  },
  {
    title: 'answers 410 for an exact version that is forgotten',
    needs: 'compaction',
    given: [podTemplate('a'), podTemplate('b')],
    steps: [
      { forgets: true },
      { do: 'GET podtemplates?resourceVersion={a.metadata.resourceVersion}&resourceVersionMatch=Exact', ...failure(410, 'Expired', 'The resourceVersion for the provided list is too old.') },
    ],
  },

  {
    title: 'lists at an exact version out of history, and not older than a version',
    given: [podTemplate('a'), podTemplate('b')],
    steps: [
      { do: 'DELETE podtemplates/a' },
      { do: 'GET podtemplates?resourceVersion={a.metadata.resourceVersion}&resourceVersionMatch=Exact', answer: { ...named('a'), metadata: { resourceVersion: '{a.metadata.resourceVersion}' } } },
      { do: 'GET podtemplates?resourceVersion={b.metadata.resourceVersion}&resourceVersionMatch=Exact', answer: named('a', 'b') },
      { do: 'GET podtemplates?resourceVersion={b.metadata.resourceVersion}&resourceVersionMatch=Exact&limit=1', answer: { ...named('a'), metadata: { resourceVersion: '{b.metadata.resourceVersion}', remainingItemCount: 1 } } },
      { do: 'GET podtemplates?resourceVersion={b.metadata.resourceVersion}&limit=1', answer: { ...named('a'), metadata: { resourceVersion: '{b.metadata.resourceVersion}' } } },
      { do: 'GET podtemplates?resourceVersion={b.metadata.resourceVersion}&resourceVersionMatch=NotOlderThan', answer: named('b'), until: true },
      { do: 'GET podtemplates?resourceVersion={b.metadata.resourceVersion}', answer: named('b'), until: true },
      { do: 'GET podtemplates?resourceVersion=0', answer: named('b'), until: true },
    ],
  },
  {
    title: 'times out for a version that is not there yet',
    steps: [{
      do: 'GET podtemplates?resourceVersion=9000000000000&resourceVersionMatch=NotOlderThan',
      ...failure(504, 'Timeout', /^Timeout: Too large resource version: 9000000000000, current: \d+$/, { retryAfterSeconds: 1, causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }] }),
      answerHeaders: { 'retry-after': '1' },
    }],
  },
  {
    title: 'refuses a version that is no number',
    since: 21,
    steps: [{ do: 'GET podtemplates?resourceVersion=abc', code: 400, answer: { message: /Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax$/ } }],
  },
  refusedMatch('refuses how a version is to match when there is none', 'resourceVersionMatch=Exact', ['resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided']),
  refusedMatch('refuses to match version 0 exactly', 'resourceVersionMatch=Exact&resourceVersion=0', ['resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"']),
  refusedMatch('refuses a way to match that does not exist', 'resourceVersionMatch=About&resourceVersion=1', ['resourceVersionMatch', 'FieldValueNotSupported', 'Unsupported value: "About": supported values: "Exact", "NotOlderThan", ""']),
  refusedMatch('refuses a way to match beside a token', 'resourceVersionMatch=NotOlderThan&resourceVersion=1&continue=x', ['resourceVersionMatch', 'FieldValueForbidden', 'Forbidden: resourceVersionMatch is forbidden when continue is provided']),

  {
    title: 'lists what a selection of another group kind has, in the kind\'s own list type',
    given: [deployment('web', {}, { labels: { app: 'x' } })],
    steps: [{ do: 'GET apps/v1/deployments?labelSelector=app=x', answer: { kind: 'DeploymentList', apiVersion: 'apps/v1', ...named('web') } }],
  },
  {
    title: 'gets an object not older than a version',
    given: [configMap('a', { k: 'v' })],
    steps: [
      { do: 'GET configmaps/a?resourceVersion={a.metadata.resourceVersion}', answer: { data: { k: 'v' } } },
      { do: 'GET configmaps/a?resourceVersion=0', answer: { data: { k: 'v' } }, until: true },
    ],
  },
])
