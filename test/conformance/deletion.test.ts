import { configMap, node, pod } from './objects.ts'
import { failure, invalid, type Row } from './row.ts'
import { describeSection } from './suite.ts'

const options = (more: object) => ({ kind: 'DeleteOptions', apiVersion: 'v1', ...more })
const mismatch = (what: RegExp) => ({ code: 409, answer: { kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409, message: what, details: { name: 'a', kind: 'ConfigMap' } } })
const deletionTimestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const running = { nodeName: '{ns}', terminationGracePeriodSeconds: 40 }
const kept = { finalizers: ['example.com/keep'] }
const release = (path: string) => ({ do: `PATCH ${path}`, type: 'merge', body: { metadata: { finalizers: null } } })

const replicaSet = (name: string, metadata: object = {}) => ({
  apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name, ...metadata },
  spec: { replicas: 0, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'busybox:1' }] } } },
})
const ownedBy = (owner: string, more: object = {}) => ({ ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: `{${owner}.metadata.uid}`, ...more }] })

const collected = (title: string, policy: string | undefined, then: Row['steps']): Row => ({
  title, needs: 'controllers', given: [replicaSet('owner'), configMap('child', {}, ownedBy('owner', { blockOwnerDeletion: true, controller: true }))],
  steps: [{ do: 'DELETE apps/v1/replicasets/owner', body: options(policy ? { propagationPolicy: policy } : {}) }, ...then],
})

describeSection('deletion', [
  {
    title: 'deletes at once what has no reason to stay, and answers a Status that names it',
    given: [configMap('a')],
    steps: [
      { do: 'DELETE configmaps/a', exactly: true, answer: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name: 'a', kind: 'configmaps', uid: '{a.metadata.uid}' } } },
      { do: 'GET configmaps/a', code: 404 },
      { do: 'DELETE configmaps/a', ...failure(404, 'NotFound', 'configmaps "a" not found', { name: 'a', kind: 'configmaps' }) },
    ],
  },
  {
    title: 'names the group in the Status',
    given: [replicaSet('a')],
    steps: [{ do: 'DELETE apps/v1/replicasets/a?propagationPolicy=Background', answer: { status: 'Success', details: { name: 'a', group: 'apps', kind: 'replicasets', uid: '{a.metadata.uid}' } } }],
  },
  {
    title: 'answers a pod that is deleted with the pod itself',
    given: [pod('a')],
    steps: [{ do: 'DELETE pods/a', answer: { kind: 'Pod', metadata: { name: 'a', uid: '{a.metadata.uid}' } } }, { do: 'GET pods/a', code: 404 }],
  },
  {
    title: 'deletes what the precondition means and nothing else',
    given: [configMap('a')],
    steps: [
      { do: 'DELETE configmaps/a', body: options({ preconditions: { uid: 'another' } }), ...mismatch(/^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(another\) does not match the UID in record \([-0-9a-f]{36}\)\. The object might have been deleted and then recreated$/) },
      { do: 'DELETE configmaps/a?uid=another', ...mismatch(/^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(another\) does not match/) },
      { do: 'DELETE configmaps/a?resourceVersion=1', ...mismatch(/^Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition \(1\) does not match/) },
      { do: 'DELETE configmaps/a', body: options({ preconditions: { resourceVersion: '1' } }), ...mismatch(/^Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(\d+\)\. The object might have been modified$/) },
      { do: 'DELETE configmaps/a', body: options({ preconditions: { uid: '{a.metadata.uid}', resourceVersion: '{a.metadata.resourceVersion}' } }) },
    ],
  },
  {
    title: 'reads its options from the body or the query, and refuses what they cannot be',
    given: [configMap('a')],
    steps: [
      { do: 'DELETE configmaps/a', body: options({ propagationPolicy: 'Sideways' }), ...invalid('DeleteOptions.meta.k8s.io', '', ['propagationPolicy', 'FieldValueNotSupported', 'Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"']) },
      { do: 'DELETE configmaps/a?propagationPolicy=Sideways', code: 422, answer: { reason: 'Invalid' } },
      { do: 'DELETE configmaps/a', body: options({ propagationPolicy: 'Orphan', orphanDependents: true }), ...invalid('DeleteOptions.meta.k8s.io', '', ['propagationPolicy', 'FieldValueInvalid', 'Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set']) },
      { do: 'DELETE configmaps/a', body: options({ gracePeriodSeconds: 0, propagationPolicy: 'Background' }) },
    ],
  },
  {
    title: 'tells what cannot be read as options of a deletion, in the decoder\'s words alone', since: 27,
    given: [configMap('a')],
    steps: [
      { do: 'DELETE configmaps/a', body: options({ gracePeriodSeconds: 'x' }), ...failure(400, 'BadRequest', 'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64') },
      { do: 'DELETE configmaps/a', body: options({ preconditions: { uid: 5 } }), ...failure(400, 'BadRequest', 'json: cannot unmarshal number into Go struct field Preconditions.preconditions.uid of type types.UID') },
      { do: 'DELETE configmaps/a', body: { kind: 'Pod', apiVersion: 'v1' }, ...failure(400, 'BadRequest', 'no kind "Pod" is registered for version "v1" in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27"') },
      { do: 'DELETE configmaps/a', body: '{"a"', ...failure(400, 'BadRequest', "couldn't get version/kind; json parse error: unexpected end of JSON input") },
      { do: 'GET configmaps/a' },
    ],
  },
  {
    title: 'reads its options as YAML too',
    given: [configMap('a')],
    steps: [{ do: 'DELETE configmaps/a', type: 'application/yaml', body: 'kind: DeleteOptions\napiVersion: v1\npropagationPolicy: Background\n', answer: { status: 'Success' } }],
  },

  {
    title: 'keeps an object until its finalizers are gone',
    given: [configMap('a', { k: 'v' }, kept)],
    steps: [
      { do: 'DELETE configmaps/a', answer: { kind: 'ConfigMap', metadata: { deletionTimestamp, deletionGracePeriodSeconds: 0, finalizers: ['example.com/keep'] } }, save: 'dying' },
      { do: 'DELETE configmaps/a', answer: { metadata: { resourceVersion: '{dying.metadata.resourceVersion}', deletionTimestamp: '{dying.metadata.deletionTimestamp}' } } },
      { do: 'POST configmaps', body: configMap('a'), code: 409, answer: { reason: 'AlreadyExists', message: /^(object is being deleted: )?configmaps "a" already exists$/ } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { data: { k: 'w' } }, answer: { data: { k: 'w' } } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { deletionTimestamp: null } }, answer: { metadata: { deletionTimestamp: '{dying.metadata.deletionTimestamp}' } } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { metadata: { finalizers: ['example.com/keep', 'example.com/more'] } }, code: 422, answer: { reason: 'Invalid', message: /metadata\.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers \[\]string\{"example\.com\/more"\}/ } },
      { ...release('configmaps/a'), answer: { metadata: { finalizers: undefined } } },
      { do: 'GET configmaps/a', code: 404 },
    ],
  },
  {
    title: 'tells a watcher that an object waits for its end, and its end',
    given: [configMap('a', {}, kept)],
    steps: [
      { do: 'WATCH configmaps?fieldSelector=metadata.name=a&resourceVersion={a.metadata.resourceVersion}', save: 'w' },
      { do: 'DELETE configmaps/a' },
      release('configmaps/a'),
      { sees: 'w', events: [['MODIFIED', { metadata: { deletionTimestamp } }], ['DELETED', { metadata: { name: 'a' } }]] },
    ],
  },
  {
    title: 'counts the generation of what is marked for deletion up',
    given: [replicaSet('a', kept)],
    steps: [
      { do: 'DELETE apps/v1/replicasets/a?propagationPolicy=Background', answer: { metadata: { generation: 2, deletionTimestamp } } },
      release('apps/v1/replicasets/a'),
    ],
  },

  {
    title: 'gives a pod on a node its grace period, which can only become shorter',
    given: [node, pod('a', running)],
    steps: [
      { do: 'DELETE pods/a', answer: { metadata: { deletionGracePeriodSeconds: 40, deletionTimestamp } } },
      { do: 'DELETE pods/a?gracePeriodSeconds=60', answer: { metadata: { deletionGracePeriodSeconds: 40 } } },
      { do: 'DELETE pods/a', body: options({ gracePeriodSeconds: 5 }), answer: { metadata: { deletionGracePeriodSeconds: 5 } } },
      { do: 'GET pods/a', answer: { metadata: { deletionGracePeriodSeconds: 5, deletionTimestamp } } },
      { do: 'DELETE pods/a?gracePeriodSeconds=0', answer: { metadata: { name: 'a' } } },
      { do: 'GET pods/a', code: 404 },
    ],
  },
  {
    title: 'lets a pod that is on no node, or has ended, go at once',
    given: [node, pod('a', { terminationGracePeriodSeconds: 40 }), pod('b', running)],
    steps: [
      { do: 'DELETE pods/a' },
      { do: 'GET pods/a', code: 404 },
      { do: 'PATCH pods/b/status', type: 'merge', body: { status: { phase: 'Succeeded' } } },
      { do: 'DELETE pods/b' },
      { do: 'GET pods/b', code: 404 },
    ],
  },
  {
    title: 'keeps a pod with finalizers also when it is forced',
    given: [node, pod('a', running, kept)],
    steps: [
      { do: 'DELETE pods/a?gracePeriodSeconds=0', answer: { metadata: { deletionGracePeriodSeconds: 0, finalizers: ['example.com/keep'] } } },
      release('pods/a'),
      { do: 'GET pods/a', code: 404 },
    ],
  },

  collected('deletes what it owned in the background', 'Background', [
    { do: 'GET apps/v1/replicasets/owner', code: 404 },
    { do: 'GET configmaps/child', code: 404, until: true },
  ]),
  collected('deletes what it owned without being told how', undefined, [{ do: 'GET configmaps/child', code: 404, until: true }]),
  collected('sets free what it owned', 'Orphan', [
    { do: 'GET apps/v1/replicasets/owner', code: 404, until: true },
    { do: 'GET configmaps/child', answer: { metadata: { ownerReferences: undefined } } },
  ]),
  {
    title: 'waits for what it owns in the foreground, and owns it up to then',
    needs: 'controllers',
    given: [replicaSet('owner'), configMap('child', {}, { ...ownedBy('owner', { blockOwnerDeletion: true }), ...kept })],
    steps: [
      { do: 'DELETE apps/v1/replicasets/owner', body: options({ propagationPolicy: 'Foreground' }), answer: { kind: 'ReplicaSet', metadata: { finalizers: ['foregroundDeletion'], deletionTimestamp } } },
      { do: 'GET configmaps/child', answer: { metadata: { deletionTimestamp } }, until: true },
      { do: 'GET apps/v1/replicasets/owner', answer: { metadata: { finalizers: ['foregroundDeletion'] } } },
      release('configmaps/child'),
      { do: 'GET apps/v1/replicasets/owner', code: 404, until: true },
    ],
  },
  {
    title: 'notes the policy as a finalizer, and orphanDependents as the policy it was',
    given: [replicaSet('a', kept), replicaSet('b', kept), replicaSet('c', kept)],
    steps: [
      { do: 'DELETE apps/v1/replicasets/a?orphanDependents=true', answer: { metadata: { finalizers: ['example.com/keep', 'orphan'] } } },
      { do: 'DELETE apps/v1/replicasets/b?propagationPolicy=Foreground', answer: { metadata: { finalizers: ['example.com/keep', 'foregroundDeletion'] } } },
      { do: 'DELETE apps/v1/replicasets/c?orphanDependents=false', code: 202, answer: { metadata: { finalizers: ['example.com/keep'] } } },
      release('apps/v1/replicasets/a'), release('apps/v1/replicasets/b'), release('apps/v1/replicasets/c'),
    ],
  },

  {
    title: 'knows of nothing that depends on an Event',
    given: [{ apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', ...kept }, involvedObject: { namespace: '{ns}' } }],
    steps: [
      { do: 'DELETE events/e', body: options({ propagationPolicy: 'Foreground' }), answer: { metadata: { finalizers: ['example.com/keep'], deletionTimestamp } } },
      release('events/e'),
      { do: 'GET events/e', code: 404 },
    ],
  },
  {
    title: 'deletes what a selection has, and answers what it was',
    given: [configMap('a', {}, { labels: { go: 'yes' } }), configMap('b', {}, { labels: { go: 'yes' } }), configMap('c', {}, { labels: { go: 'no' } })],
    steps: [
      { do: 'DELETE configmaps?labelSelector=go=yes', answer: { kind: 'ConfigMapList', items: [{ metadata: { name: 'a' } }, { metadata: { name: 'b' } }] } },
      { do: 'GET configmaps?labelSelector=go', answer: { items: [{ metadata: { name: 'c' } }] } },
      { do: 'DELETE configmaps?fieldSelector=metadata.name=c' },
      { do: 'GET configmaps?labelSelector=go', answer: { items: [] } },
    ],
  },
  {
    title: 'deletes many with options, and keeps those that have a reason to stay',
    given: [node, pod('a', running), pod('b', running, kept)],
    steps: [
      { do: 'DELETE pods', body: options({ gracePeriodSeconds: 0 }) },
      { do: 'GET pods', answer: { items: [{ metadata: { name: 'b', deletionTimestamp, deletionGracePeriodSeconds: 0 } }] } },
      release('pods/b'),
      { do: 'DELETE configmaps', body: options({ propagationPolicy: 'Sideways' }), code: 422, answer: { reason: 'Invalid' } },
    ],
  },
  {
    title: 'deletes many of no namespace but by name',
    steps: [
      { do: 'DELETE /api/v1/configmaps', code: 405, answer: { reason: 'MethodNotAllowed' } },
      { do: 'DELETE /api/v1/namespaces', code: 405, answer: { reason: 'MethodNotAllowed' } },
    ],
  },

  {
    title: 'ends a namespace with everything in it',
    needs: 'controllers',
    given: [configMap('a'), configMap('b', {}, kept)],
    steps: [
      { do: 'DELETE /api/v1/namespaces/{ns}', answer: { kind: 'Namespace', status: { phase: 'Terminating' }, spec: { finalizers: ['kubernetes'] }, metadata: { deletionTimestamp } } },
      { do: 'POST configmaps', body: configMap('c'), code: 403, answer: { reason: 'Forbidden', message: 'configmaps "c" is forbidden: unable to create new content in namespace {ns} because it is being terminated', details: { name: 'c', kind: 'configmaps', causes: [{ reason: 'NamespaceTerminating', message: 'namespace {ns} is being terminated', field: 'metadata.namespace' }] } } },
      { do: 'GET configmaps/a', code: 404, until: true },
      { do: 'GET configmaps/b', answer: { metadata: { deletionTimestamp } }, until: true },
      { do: 'GET /api/v1/namespaces/{ns}', until: true, also: hasConditions },
      release('configmaps/b'),
      { do: 'GET /api/v1/namespaces/{ns}', code: 404, until: true },
    ],
  },
  {
    title: 'ends a namespace only when its finalizers are gone through finalize',
    steps: [
      { do: 'POST /api/v1/namespaces', body: { metadata: { name: '{ns}-held', finalizers: ['example.com/keep'] } }, answer: { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } } },
      { do: 'PUT /api/v1/namespaces/{ns}-held', body: { metadata: { name: '{ns}-held', finalizers: ['example.com/keep'] }, spec: { finalizers: [] } }, answer: { spec: { finalizers: ['kubernetes'] } } },
      { do: 'DELETE /api/v1/namespaces/{ns}-held', answer: { status: { phase: 'Terminating' } } },
      { do: 'PUT /api/v1/namespaces/{ns}-held/finalize', body: { metadata: { name: '{ns}-held', finalizers: ['example.com/keep'] }, spec: { finalizers: [] } }, answer: { spec: { finalizers: undefined } } },
      { do: 'GET /api/v1/namespaces/{ns}-held', answer: { metadata: { finalizers: ['example.com/keep'] } } },
      release('/api/v1/namespaces/{ns}-held'),
      { do: 'GET /api/v1/namespaces/{ns}-held', code: 404, until: true },
    ],
  },
  {
    title: 'deletes none of the namespaces that the system needs',
    steps: [{ do: 'DELETE /api/v1/namespaces/kube-system', ...failure(403, 'Forbidden', 'namespaces "kube-system" is forbidden: this namespace may not be deleted', { name: 'kube-system', kind: 'namespaces' }) }],
  },
])

/** What the namespace waits for, in its own words. */
function hasConditions({ body }: { body: unknown }): void {
  const { status } = body as { status?: { conditions?: Array<{ type: string; status: string }> } }
  const states = new Map((status?.conditions ?? []).map((condition) => [condition.type, condition.status]))
  for (const type of ['NamespaceDeletionDiscoveryFailure', 'NamespaceDeletionGroupVersionParsingFailure', 'NamespaceDeletionContentFailure']) {
    if (states.get(type) !== 'False') throw new Error(`${type} is ${states.get(type)}`)
  }
  for (const type of ['NamespaceContentRemaining', 'NamespaceFinalizersRemaining']) if (states.get(type) !== 'True') throw new Error(`${type} is ${states.get(type)}`)
}
