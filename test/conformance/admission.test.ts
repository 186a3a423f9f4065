import { pod } from './objects.ts'
import { failure, type Row } from './row.ts'
import { describeSection } from './suite.ts'

const of = (plural: string) => `/api/v1/namespaces/{ns}/${plural}`
const labelled = (labels: object) => ({ do: 'PATCH /api/v1/namespaces/{ns}', type: 'merge', body: { metadata: { labels } } })
const forbidden = (message: string | RegExp) => ({ code: 403, answer: { kind: 'Status', reason: 'Forbidden', message } })
const limited = (cpu: string, name = 'p') => pod(name, { containers: [{ name: 'main', image: 'busybox:1', resources: { requests: { cpu }, limits: { cpu } } }] })
const range = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'r' }, spec: { limits: [{ type: 'Container', default: { cpu: '200m' }, defaultRequest: { cpu: '100m' }, max: { cpu: '1' }, min: { cpu: '50m' } }] } }
const quota = (hard: object, spec: object = {}) => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'q' }, spec: { hard, ...spec } })
const counted = (used: object) => ({ do: 'GET resourcequotas/q', answer: { status: { used } }, until: true })
const priority = (more: object) => ({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: '{ns}' }, value: 1000, ...more })
const claim = (spec: object = {}) => ({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec } })
const safe = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [{ name: 'main', image: 'busybox:1', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } }],
}

const namespaces: readonly Row[] = [
  {
    title: 'NamespaceLifecycle refuses what would be in a namespace that is not there',
    steps: [{ do: 'POST /api/v1/namespaces/none-{ns}/configmaps', body: { metadata: { name: 'c' } }, ...failure(404, 'NotFound', 'namespaces "none-{ns}" not found', { name: 'none-{ns}', kind: 'namespaces' }) }],
  },
  {
    title: 'NamespaceLifecycle refuses evictions, bindings and tokens in a namespace that is not there',
    steps: [
      { do: 'POST /api/v1/namespaces/none-{ns}/pods/p/eviction', body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } }, ...failure(404, 'NotFound', 'namespaces "none-{ns}" not found', { name: 'none-{ns}', kind: 'namespaces' }) },
      { do: 'POST /api/v1/namespaces/none-{ns}/pods/p/binding', body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }, ...failure(404, 'NotFound', 'namespaces "none-{ns}" not found', { name: 'none-{ns}', kind: 'namespaces' }) },
      { do: 'POST /api/v1/namespaces/none-{ns}/serviceaccounts/s/token', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } }, ...failure(404, 'NotFound', 'namespaces "none-{ns}" not found', { name: 'none-{ns}', kind: 'namespaces' }) },
    ],
    since: 22,
  },
  {
    title: 'NamespaceLifecycle refuses what would begin in a namespace that ends',
    given: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', finalizers: ['example.com/wait'] } }],
    steps: [
      { do: 'DELETE /api/v1/namespaces/{ns}' },
      { do: 'POST configmaps', body: { metadata: { name: 'd' } }, code: 403, until: true, answer: { reason: 'Forbidden', message: 'configmaps "d" is forbidden: unable to create new content in namespace {ns} because it is being terminated', details: { name: 'd', kind: 'configmaps', causes: [{ reason: 'NamespaceTerminating', message: 'namespace {ns} is being terminated', field: 'metadata.namespace' }] } } },
      { do: 'PATCH configmaps/c', type: 'merge', body: { metadata: { finalizers: null } } },
    ],
  },
  ...['default', 'kube-system', 'kube-public'].map((name): Row => ({
    title: `NamespaceLifecycle keeps the namespace ${name}`,
    steps: [{ do: `DELETE /api/v1/namespaces/${name}`, ...forbidden(`namespaces "${name}" is forbidden: this namespace may not be deleted`) }],
  })),
]

const pods: readonly Row[] = [
  {
    title: 'ServiceAccount gives a pod the default account and its token',
    since: 24,
    steps: [{
      do: `POST ${of('pods')}`, body: pod('p'),
      answer: { spec: { serviceAccountName: 'default', serviceAccount: 'default', volumes: [{ name: /^kube-api-access-/, projected: { defaultMode: 420, sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }, { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } }, { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } }] } }], containers: [{ volumeMounts: [{ name: /^kube-api-access-/, readOnly: true, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' }] }] } },
    }],
  },
  {
    title: 'ServiceAccount mounts no token where none is wished for',
    given: [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'quiet' }, automountServiceAccountToken: false }],
    steps: [
      { do: 'POST pods', body: pod('a', { serviceAccountName: 'quiet' }), answer: { spec: { serviceAccountName: 'quiet', volumes: undefined } } },
      { do: 'POST pods', body: pod('b', { automountServiceAccountToken: false }), answer: { spec: { volumes: undefined } }, },
    ],
  },
  {
    title: 'ServiceAccount refuses a pod whose account is not there',
    steps: [{ do: 'POST pods', body: pod('p', { serviceAccountName: 'none' }), ...forbidden('pods "p" is forbidden: error looking up service account {ns}/none: serviceaccount "none" not found') }],
  },
  {
    title: 'LimitRanger fills in what a container may use',
    since: 24, given: [range],
    steps: [{ do: 'POST pods', body: pod('p'), answer: { metadata: { annotations: { 'kubernetes.io/limit-ranger': 'LimitRanger plugin set: cpu request for container main; cpu limit for container main' } }, spec: { containers: [{ resources: { requests: { cpu: '100m' }, limits: { cpu: '200m' } } }] } } }],
  },
  {
    title: 'LimitRanger refuses a container that uses too much or too little',
    since: 24, given: [range],
    steps: [
      { do: 'POST pods', body: limited('2'), ...forbidden('pods "p" is forbidden: maximum cpu usage per Container is 1, but limit is 2') },
      { do: 'POST pods', body: limited('10m'), ...forbidden('pods "p" is forbidden: minimum cpu usage per Container is 50m, but request is 10m') },
      { do: 'GET pods/p', code: 404 },
    ],
  },
  {
    title: 'ResourceQuota refuses one pod too many, and lets it in once another has gone',
    since: 24, needs: 'controllers', given: [quota({ pods: '1' })],
    steps: [
      counted({ pods: '0' }),
      { do: 'POST pods', body: pod('a') },
      { do: 'POST pods', body: pod('b'), ...forbidden('pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1') },
      { do: 'DELETE pods/a?gracePeriodSeconds=0' },
      { do: 'POST pods', body: pod('b'), until: true },
      counted({ pods: '1' }),
    ],
  },
  {
    title: 'ResourceQuota makes a pod say what it bounds, and adds it up',
    since: 24, needs: 'controllers', given: [quota({ 'requests.cpu': '1' })],
    steps: [
      counted({ 'requests.cpu': '0' }),
      { do: 'POST pods', body: pod('p'), ...forbidden(/^pods "p" is forbidden: failed quota: q: must specify requests\.cpu( for: main)?$/) },
      { do: 'POST pods', body: limited('600m') },
      { do: 'POST pods', body: limited('600m', 'p2'), ...forbidden('pods "p2" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1') },
    ],
  },
  {
    title: 'ResourceQuota counts objects of any kind',
    needs: 'controllers', given: [quota({ 'count/secrets': '20', 'count/deployments.apps': '0' })],
    steps: [
      counted({ 'count/deployments.apps': '0' }),
      { do: 'POST apps/v1/deployments', body: { metadata: { name: 'd' }, spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', image: 'b' }] } } } }, ...forbidden('deployments.apps "d" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0') },
    ],
  },
  {
    title: 'Priority resolves the class of a pod, and refuses one that is not there',
    since: 24, given: [priority({})],
    steps: [
      { do: 'POST pods', body: pod('p', { priorityClassName: '{ns}' }), answer: { spec: { priority: 1000, preemptionPolicy: 'PreemptLowerPriority' } } },
      { do: 'POST pods', body: pod('none', { priorityClassName: 'none' }), ...forbidden('pods "none" is forbidden: no PriorityClass with name none was found') },
      { do: 'POST pods', body: pod('own', { priority: 5 }), ...forbidden('pods "own" is forbidden: the integer value of priority (5) must not be provided in pod spec; priority admission controller computed 0 from the given PriorityClass name') },
      { do: 'POST pods', body: pod('system', { priorityClassName: 'system-node-critical' }), answer: { spec: { priority: 2_000_001_000 } } },
      { do: 'DELETE /apis/scheduling.k8s.io/v1/priorityclasses/{ns}' },
    ],
  },
  {
    title: 'DefaultTolerationSeconds lets a pod stay five minutes on a node that is lost',
    since: 24,
    steps: [
      { do: 'POST pods', body: pod('p'), answer: { spec: { tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }, { key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }] } } },
      { do: 'POST pods', body: pod('own', { tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 }] }), answer: { spec: { tolerations: [{ tolerationSeconds: 1 }, { key: 'node.kubernetes.io/unreachable', tolerationSeconds: 300 }] } } },
    ],
  },
  {
    title: 'DefaultStorageClass names the default class for a claim that names none',
    given: [{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: '{ns}', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } }, provisioner: 'example.com/none' }],
    steps: [
      { do: 'POST persistentvolumeclaims', body: claim(), answer: { spec: { storageClassName: '{ns}' } }, until: true },
      { do: 'POST persistentvolumeclaims', body: { ...claim({ storageClassName: '' }), metadata: { name: 'd' } }, answer: { spec: { storageClassName: '' } } },
      { do: 'DELETE /apis/storage.k8s.io/v1/storageclasses/{ns}' },
    ],
  },
  {
    title: 'RuntimeClass adds what its pods take and where they run, and refuses one that is not there',
    since: 24,
    given: [{ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: '{ns}' }, handler: 'h', overhead: { podFixed: { cpu: '10m' } }, scheduling: { nodeSelector: { kind: 'kata' } } }],
    steps: [
      { do: 'POST pods', body: pod('p', { runtimeClassName: '{ns}' }), answer: { spec: { overhead: { cpu: '10m' }, nodeSelector: { kind: 'kata' } } } },
      { do: 'POST pods', body: pod('other', { runtimeClassName: '{ns}', nodeSelector: { kind: 'runc' } }), ...forbidden(/^pods "other" is forbidden: conflict: runtimeClass\.scheduling\.nodeSelector\[kind\] = kata; pod\.spec\.nodeSelector\[kind\] = runc$/) },
      { do: 'POST pods', body: pod('none', { runtimeClassName: 'none' }), ...forbidden(/^pods "none" is forbidden: pod rejected: RuntimeClass "none" not found$/) },
      { do: 'DELETE /apis/node.k8s.io/v1/runtimeclasses/{ns}' },
    ],
  },
]

const standards: readonly Row[] = [
  {
    title: 'PodSecurity refuses what the namespace does not allow, and says all of why',
    since: 25,
    steps: [
      labelled({ 'pod-security.kubernetes.io/enforce': 'restricted' }),
      { do: 'POST pods', body: pod('p'), ...forbidden('pods "p" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "main" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "main" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "main" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "main" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")') },
      { do: 'POST pods', body: pod('p', safe) },
    ],
  },
  {
    title: 'PodSecurity allows at baseline what restricted forbids, and no privileges',
    since: 25,
    steps: [
      labelled({ 'pod-security.kubernetes.io/enforce': 'baseline', 'pod-security.kubernetes.io/warn': 'restricted' }),
      { do: 'POST pods', body: pod('p'), answerHeaders: { warning: /^299 - "would violate PodSecurity \\"restricted:latest\\": allowPrivilegeEscalation != false/ } },
      { do: 'POST pods', body: pod('q', { hostNetwork: true }), ...forbidden(/^pods "q" is forbidden: violates PodSecurity "baseline:latest": host namespaces \(hostNetwork=true\)/) },
      { do: 'PATCH /api/v1/namespaces/{ns}', type: 'merge', body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'strict' } } }, code: 422, answer: { reason: 'Invalid', message: /metadata\.labels\[pod-security\.kubernetes\.io\/enforce\]: Invalid value: "strict": must be one of privileged, baseline, restricted$/ } },
    ],
  },
]

describeSection('admission', [...namespaces, ...pods, ...standards])
