import { deployment, node, pod } from './objects.ts'
import { failure, invalid, type Row } from './row.ts'
import { describeSection } from './suite.ts'

const scale = (replicas: number, metadata: object = {}) => ({ kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'web', namespace: '{ns}', ...metadata }, spec: { replicas } })
const binding = (node: string, metadata: object = {}) => ({ kind: 'Binding', apiVersion: 'v1', metadata: { name: 'p', ...metadata }, target: { apiVersion: 'v1', kind: 'Node', name: node } })
const eviction = (more: object = {}, metadata: object = {}) => ({ kind: 'Eviction', apiVersion: 'policy/v1', metadata: { name: 'p', ...metadata }, ...more })
const debug = (name: string, more: object = {}) => ({ name, image: 'busybox:1', ...more })


const tokenRequest = (metadata: object) => ({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata, spec: {} })
const budget = (more: object) => ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec: { selector: { matchLabels: { app: 'p' } }, ...more } })
const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }
const isReady = { do: 'PATCH pods/p/status', type: 'strategic', body: { status: ready } }
const observed = (status: object) => ({
  do: 'PATCH policy/v1/poddisruptionbudgets/b/status', type: 'merge',
  body: { status: { observedGeneration: 1, disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, ...status } },
})

const noSuchDoor = (title: string, path: string, code: number, reason: string): Row => ({ title, given: [pod('p'), { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }], steps: [{ do: path, code, answer: { kind: 'Status', reason, code } }] })

describeSection('subresources', [
  {
    title: 'reads and writes the replicas of a workload through scale',
    given: [deployment('web', { replicas: 1 })],
    steps: [
      {
        do: 'GET apps/v1/deployments/web/scale', save: 'scale',
        answer: { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'web', namespace: '{ns}', uid: '{web.metadata.uid}', resourceVersion: /^\d+$/, creationTimestamp: '{web.metadata.creationTimestamp}' }, spec: { replicas: 1 }, status: { replicas: 0, selector: 'app=web' } },
      },
      { do: 'PUT apps/v1/deployments/web/scale', body: scale(0), answer: { kind: 'Scale', metadata: { name: 'web' } } },
      { do: 'PATCH apps/v1/deployments/web/scale', type: 'merge', body: { spec: { replicas: 2 } }, answer: { spec: { replicas: 2 } } },
      { do: 'PATCH apps/v1/deployments/web/scale', type: 'json', body: [{ op: 'replace', path: '/spec/replicas', value: 3 }], answer: { spec: { replicas: 3 } } },
      { do: 'PATCH apps/v1/deployments/web/scale', type: 'strategic', body: { spec: { replicas: 4 } }, answer: { spec: { replicas: 4 } } },
      { do: 'GET apps/v1/deployments/web', answer: { spec: { replicas: 4 }, metadata: { generation: 5 } } },
    ],
  },
  {
    title: 'refuses a scale of a past version, below zero, or of another kind',
    given: [deployment('web')],
    steps: [
      { do: 'PUT apps/v1/deployments/web/scale', body: scale(1, { resourceVersion: '1' }), code: 409, answer: { reason: 'Conflict', message: /^Operation cannot be fulfilled on deployments\.apps "web": the object has been modified/ } },
      { do: 'PUT apps/v1/deployments/web/scale', body: scale(-1), ...invalid('Scale.autoscaling', 'web', ['spec.replicas', 'FieldValueInvalid', 'Invalid value: -1: must be greater than or equal to 0']) },
      { do: 'PUT apps/v1/deployments/web/scale', body: deployment('web'), code: 400, answer: { reason: 'BadRequest' } },
      { do: 'PUT apps/v1/deployments/none/scale', body: scale(1, { name: 'none' }), code: 404, answer: { message: 'deployments.apps "none" not found' } },
      { do: 'PUT apps/v1/deployments/web/scale', body: scale(1, { name: 'other' }), code: 400, answer: { reason: 'BadRequest' } },
      { do: 'PATCH apps/v1/deployments/web/scale', type: 'merge', body: { metadata: { uid: 'another' } }, ...failure(409, 'Conflict', 'Operation cannot be fulfilled on deployments/scale.apps "web": Precondition failed: UID in precondition: another, UID in object meta: {web.metadata.uid}', { name: 'web', group: 'apps', kind: 'deployments/scale' }) },
    ],
  },
  {
    title: 'tells of a scale that is not there as each kind does',
    steps: [
      { do: 'GET apps/v1/statefulsets/none/scale', ...failure(404, 'NotFound', 'statefulsets.apps "none" not found', { name: 'none', group: 'apps', kind: 'statefulsets' }) },
      { do: 'GET apps/v1/replicasets/none/scale', ...failure(404, 'NotFound', 'replicasets/scale.apps "none" not found', { name: 'none', group: 'apps', kind: 'replicasets/scale' }) },
      { do: 'GET replicationcontrollers/none/scale', ...failure(404, 'NotFound', 'replicationcontrollers/scale.autoscaling "none" not found', { name: 'none', group: 'autoscaling', kind: 'replicationcontrollers/scale' }) },
      { do: 'PATCH replicationcontrollers/none/scale', type: 'merge', body: { spec: { replicas: 1 } }, ...failure(404, 'NotFound', 'replicationcontrollers "none" not found', { name: 'none', kind: 'replicationcontrollers' }) },
    ],
  },
  {
    title: 'scales replica sets, stateful sets and replication controllers too',
    given: [
      { ...deployment('rs'), kind: 'ReplicaSet', spec: { replicas: 0, selector: { matchLabels: { app: 'rs' } }, template: { metadata: { labels: { app: 'rs' } }, spec: { containers: [{ name: 'main', image: 'busybox:1' }] } } } },
      { apiVersion: 'v1', kind: 'ReplicationController', metadata: { name: 'rc' }, spec: { replicas: 0, selector: { app: 'rc' }, template: { metadata: { labels: { app: 'rc' } }, spec: { containers: [{ name: 'main', image: 'busybox:1' }] } } } },
    ],
    steps: [
      { do: 'GET apps/v1/replicasets/rs/scale', answer: { kind: 'Scale', status: { selector: 'app=rs' } } },
      { do: 'GET replicationcontrollers/rc/scale', answer: { kind: 'Scale', apiVersion: 'autoscaling/v1', status: { selector: 'app=rc' } } },
    ],
  },

  {
    title: 'reads and writes a status through its own door',
    given: [pod('p')],
    steps: [
      { do: 'GET pods/p/status', answer: { kind: 'Pod', metadata: { name: 'p' }, status: { phase: 'Pending' } } },
      { do: 'PUT pods/p/status', body: { ...pod('p'), status: { phase: 'Running', podIP: '10.1.2.3', podIPs: [{ ip: '10.1.2.3' }] } }, answer: { status: { phase: 'Running', podIP: '10.1.2.3' } } },
      { do: 'PUT pods/p/status', body: { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'p', resourceVersion: '1' }, status: {} }, code: 409, answer: { reason: 'Conflict' } },
      { do: 'GET pods/p', answer: { spec: { containers: [{ name: 'main' }] }, status: { phase: 'Running' } } },
    ],
  },

  {
    title: 'gives a token to the account that its request names, and to no other',
    since: 34,
    given: [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'named' } }],
    steps: [
      { do: 'POST serviceaccounts/named/token', body: tokenRequest({ name: 'another' }), ...invalid('TokenRequest.authentication.k8s.io', 'named', ['metadata.name', 'FieldValueInvalid', 'Invalid value: "another": must match the service account name if specified']) },
      { do: 'POST serviceaccounts/named/token', body: tokenRequest({ uid: 'another' }), ...failure(409, 'Conflict', 'Operation cannot be fulfilled on TokenRequest.authentication.k8s.io "named": the UID in the token request (another) does not match the UID of the service account ({named.metadata.uid})', { name: 'named', group: 'authentication.k8s.io', kind: 'TokenRequest' }) },
      { do: 'POST serviceaccounts/named/token', body: tokenRequest({ name: 'named', uid: '{named.metadata.uid}' }), answer: { metadata: { name: 'named', namespace: '{ns}', uid: '{named.metadata.uid}' } } },
    ],
  },
  {
    title: 'lets no status begin a deletion',
    given: [pod('p'), node],
    steps: [
      { do: 'PATCH pods/p/status', type: 'merge', body: { metadata: { deletionTimestamp: '2020-01-01T00:00:00Z' } }, answer: { metadata: { deletionTimestamp: undefined } } },
      { do: 'GET pods/p', answer: { metadata: { deletionTimestamp: undefined } } },
      { do: 'PATCH /api/v1/nodes/{ns}/status', type: 'merge', body: { metadata: { deletionTimestamp: '2020-01-01T00:00:00Z' } }, code: 422, answer: { reason: 'Invalid', message: /^Node ".*" is invalid: metadata\.deletionTimestamp: Invalid value: .*: field is immutable$/ } },
      { do: 'GET /api/v1/nodes/{ns}', answer: { metadata: { deletionTimestamp: undefined } } },
    ],
  },

  {
    title: 'binds a pod to a node once',
    given: [node, pod('p')],
    steps: [
      { do: 'POST pods/p/binding', body: binding('{ns}', { annotations: { by: 'test' } }), exactly: true, answer: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } },
      { do: 'GET pods/p', answer: { spec: { nodeName: '{ns}' }, metadata: { annotations: { by: 'test' } }, status: { conditions: [{ type: 'PodScheduled', status: 'True' }] } } },
      { do: 'POST pods/p/binding', body: binding('n2'), ...failure(409, 'Conflict', 'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "{ns}"', { name: 'p', kind: 'pods/binding' }) },
    ],
  },
  {
    title: 'binds through bindings, and nothing that is not there',
    given: [node, pod('p')],
    steps: [
      { do: 'POST bindings', body: binding('{ns}'), answer: { status: 'Success' } },
      { do: 'GET pods/p', answer: { spec: { nodeName: '{ns}' } } },
      { do: 'POST pods/none/binding', body: binding('n1', { name: 'none' }), code: 404, answer: { message: 'pods "none" not found' } },
    ],
  },

  {
    title: 'evicts a pod that no budget is about',
    since: 22,
    given: [pod('p')],
    steps: [
      { do: 'POST pods/p/eviction', body: eviction(), exactly: true, answer: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } },
      { do: 'GET pods/p', code: 404 },
      { do: 'POST pods/p/eviction', body: eviction(), code: 404, answer: { message: 'pods "p" not found' } },
    ],
  },
  {
    title: 'evicts with the older version of the same kind',
    given: [pod('p')],
    steps: [{ do: 'POST pods/p/eviction', body: { ...eviction(), apiVersion: 'policy/v1beta1' } }, { do: 'GET pods/p', code: 404 }],
  },
  {
    title: 'tries an eviction, and deletes with its options',
    since: 22,
    given: [node, pod('p', { nodeName: '{ns}' })],
    steps: [
      { do: 'POST pods/p/eviction', body: eviction({ deleteOptions: { dryRun: ['All'] } }) },
      { do: 'GET pods/p', answer: { metadata: { deletionTimestamp: undefined } } },
      { do: 'POST pods/p/eviction', body: eviction({ deleteOptions: { gracePeriodSeconds: 7 } }) },
      { do: 'GET pods/p', answer: { metadata: { deletionGracePeriodSeconds: 7 } } },
      { do: 'DELETE pods/p?gracePeriodSeconds=0' },
    ],
  },
  {
    title: 'refuses an eviction that a budget forbids, and one of another name',
    since: 22,
    given: [pod('p', {}, { labels: { app: 'p' } }), budget({ minAvailable: 1 })],
    steps: [
      isReady,
      { ...observed({}), until: true },
      {
        do: 'POST pods/p/eviction', body: eviction(), until: true,
        ...failure(429, 'TooManyRequests', 'Cannot evict pod as it would violate the pod\'s disruption budget.', { causes: [{ reason: 'DisruptionBudget', message: 'The disruption budget b needs 1 healthy pods and has 1 currently' }] }),
      },
      { do: 'GET pods/p', answer: { metadata: { deletionTimestamp: undefined } } },
      { do: 'POST pods/p/eviction', body: eviction({}, { name: 'other' }), ...failure(400, 'BadRequest', 'name in URL does not match name in Eviction object') },
    ],
  },

  {
    title: 'adds containers to debug a pod with, and changes or removes none',
    since: 25,
    given: [pod('p')],
    steps: [
      { do: 'PATCH pods/p/ephemeralcontainers', type: 'strategic', body: { spec: { ephemeralContainers: [debug('d1', { targetContainerName: 'main' })] } }, answer: { kind: 'Pod', spec: { ephemeralContainers: [{ name: 'd1', terminationMessagePath: '/dev/termination-log' }] } } },
      { do: 'PATCH pods/p/ephemeralcontainers', type: 'strategic', body: { spec: { ephemeralContainers: [debug('d2')] } }, answer: { spec: { ephemeralContainers: [{ name: 'd2' }, { name: 'd1' }] } } },
      { do: 'PATCH pods/p/ephemeralcontainers', type: 'strategic', body: { spec: { ephemeralContainers: [debug('d1', { image: 'other:1' })] } }, code: 422, answer: { reason: 'Invalid', message: /existing ephemeral containers "d1" may not be changed/ } },
      { do: 'PATCH pods/p/ephemeralcontainers', type: 'merge', body: { spec: { ephemeralContainers: [] } }, code: 422, answer: { reason: 'Invalid', message: /existing ephemeral containers "d1" may not be removed/ } },
      { do: 'PATCH pods/p', type: 'strategic', body: { spec: { ephemeralContainers: [debug('d3')] } }, code: 422, answer: { reason: 'Invalid' } },
    ],
  },
  {
    title: 'resizes a container through resize alone',
    since: 33,
    given: [pod('p', { containers: [{ name: 'main', image: 'busybox:1', resources: { requests: { cpu: '100m', memory: '32Mi' }, limits: { cpu: '200m', memory: '64Mi' } } }] })],
    steps: [
      { do: 'PATCH pods/p/resize', type: 'strategic', body: { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '150m' } } }] } }, answer: { kind: 'Pod', spec: { containers: [{ resources: { requests: { cpu: '150m', memory: '32Mi' } } }] } } },
      { do: 'PATCH pods/p', type: 'strategic', body: { spec: { containers: [{ name: 'main', resources: { requests: { cpu: '120m' } } }] } }, code: 422, answer: { reason: 'Invalid', message: /pod updates may not change fields other than/ } },
      { do: 'PATCH pods/p/resize', type: 'strategic', body: { spec: { containers: [{ name: 'main', image: 'other:1' }] } }, answer: { spec: { containers: [{ image: 'busybox:1', resources: { requests: { cpu: '150m' } } }] } } },
    ],
  },
  {
    title: 'issues a token for a service account',
    since: 22,
    given: [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'robot' } }],
    steps: [
      {
        do: 'POST serviceaccounts/robot/token', body: { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec: { expirationSeconds: 3600 } },
        answer: { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', spec: { expirationSeconds: 3600, audiences: [/./] }, status: { token: /^[\w-]+\.[\w-]+\.[\w-]+$/, expirationTimestamp: /Z$/ } },
      },
      { do: 'POST serviceaccounts/none/token', body: { spec: {} }, code: 404, answer: { reason: 'NotFound' } },
      { do: 'POST serviceaccounts/robot/token', body: { spec: { expirationSeconds: 5 } }, code: 422, answer: { reason: 'Invalid', message: /may not specify a duration less than 10 minutes/ } },
    ],
  },
  {
    title: 'approves a certificate request through approval alone',
    given: [],
    steps: [{ do: 'PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/none-{ns}/approval', body: { kind: 'CertificateSigningRequest', apiVersion: 'certificates.k8s.io/v1', metadata: { name: 'none-{ns}' }, spec: { request: 'eA==', signerName: 'example.com/x', usages: ['client auth'] } }, code: 404, answer: { reason: 'NotFound' } }],
  },

  noSuchDoor('has no subresource that a kind lacks', 'GET configmaps/c/status', 404, 'NotFound'),
  noSuchDoor('has no subresource that does not exist', 'GET pods/p/sofa', 404, 'NotFound'),
  noSuchDoor('lets no subresource be deleted', 'DELETE pods/p/status', 405, 'MethodNotAllowed'),
  ...['exec', 'attach', 'portforward'].map((door): Row => ({
    title: `tells what is wrong with the pod before it asks for an upgrade, of ${door}`, needs: 'wire',
    given: [pod('p', { schedulerName: 'nobody' })],
    steps: [
      { do: `POST pods/none/${door}`, code: 404, answer: { reason: 'NotFound', message: 'pods "none" not found' } },
      ...(door === 'portforward' ? [] : [{ do: `POST pods/p/${door}?container=none`, code: 400, answer: { message: 'container none is not valid for pod p' } }]),
      { do: `POST pods/p/${door}`, code: 400, answer: { message: 'pod p does not have a host assigned' } },
    ],
  })),
  {
    title: 'binds and evicts nothing by a body without a name',
    given: [pod('p', { schedulerName: 'nobody' })],
    steps: [
      { do: 'POST pods/p/eviction', body: {}, ...failure(400, 'BadRequest', 'name in URL does not match name in Eviction object') },
      { do: 'POST pods/p/binding', body: { target: { kind: 'Node', name: 'n' } }, ...failure(400, 'BadRequest', 'name in URL does not match name in Binding object') },
    ],
  },
  noSuchDoor('lets no eviction be read', 'GET pods/p/eviction', 405, 'MethodNotAllowed'),
  noSuchDoor('answers exec without an upgrade with 400', 'GET pods/p/exec?command=ls', 400, 'BadRequest'),
  {
    title: 'says why there is no log, and nothing for a pod that has no node yet',
    given: [pod('p')],
    steps: [
      { do: 'GET pods/none/log', code: 404, answer: { message: 'pods "none" not found' } },
      { do: 'GET pods/p/log', code: 204, text: '' },
      { do: 'GET pods/p/log?container=other', code: 400, answer: { reason: 'BadRequest', message: 'container other is not valid for pod p' } },
      { do: 'GET pods/p/log?tailLines=-1', code: 422, answer: { reason: 'Invalid', message: /tailLines: Invalid value: -1: must be greater than or equal to 0/ } },
    ],
  },
])
