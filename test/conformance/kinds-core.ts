import { immutable, type KindCase } from './kind-case.ts'

const noCollection = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']
const secretImmutable = /^Forbidden: field is immutable when `immutable` is set$/

export const core: readonly KindCase[] = [
  { resource: 'v1/bindings', kind: 'Binding', verbs: ['create'], least: {} },
  { resource: 'v1/componentstatuses', kind: 'ComponentStatus', namespaced: false, shortNames: ['cs'], verbs: ['get', 'list'], columns: 'Name, Status, Message, Error |', least: {} },
  {
    resource: 'v1/configmaps', kind: 'ConfigMap', shortNames: ['cm'], columns: 'Name, Data, Age |',
    least: { data: { a: '1' }, immutable: true },
    mistake: { merge: { data: { 'a b': '1' } }, causes: [['data[a b]', 'FieldValueInvalid', /^Invalid value: "a b": a valid config key must consist of/]] },
    fixed: { merge: { data: { a: '2' } }, causes: [['data', 'FieldValueForbidden', secretImmutable]] },
  },
  {
    resource: 'v1/secrets', kind: 'Secret', columns: 'Name, Type, Data, Age |',
    least: { stringData: { a: '1' } }, filled: { type: 'Opaque', data: { a: 'MQ==' }, stringData: undefined },
    mistake: { merge: { type: 'kubernetes.io/tls' }, causes: [['data[tls.crt]', 'FieldValueRequired', /^Required value$/], ['data[tls.key]', 'FieldValueRequired', /^Required value$/]] },
    fixed: { merge: { type: 'other' }, causes: [['type', 'FieldValueInvalid', immutable]] },
  },
  {
    resource: 'v1/endpoints', kind: 'Endpoints', shortNames: ['ep'], columns: 'Name, Endpoints, Age |',
    least: { subsets: [{ addresses: [{ ip: '10.1.2.3' }], ports: [{ port: 80 }] }] }, filled: { subsets: [{ ports: [{ port: 80, protocol: 'TCP' }] }] },
    mistake: { merge: { subsets: [{ addresses: [{ ip: '127.0.0.1' }] }] }, causes: [['subsets[0].addresses[0].ip', 'FieldValueInvalid', /^Invalid value: "127\.0\.0\.1": may not be in the loopback range/]] },
  },
  {
    resource: 'v1/events', kind: 'Event', shortNames: ['ev'], columns: 'Last Seen, Type, Reason, Object, Message | Subobject, Source, First Seen, Count, Name',
    least: { involvedObject: { kind: 'Pod', name: 'p', namespace: '{ns}' }, reason: 'Tested', message: 'it was', type: 'Normal' },
    mistake: { merge: { involvedObject: { namespace: 'other' } }, causes: [['involvedObject.namespace', 'FieldValueInvalid', /^Invalid value: "other": does not match event\.namespace$/]] },
  },
  {
    resource: 'events.k8s.io/v1/events', kind: 'Event', shortNames: ['ev'], columns: 'Last Seen, Type, Reason, Object, Message | Subobject, Source, First Seen, Count, Name',
    least: { regarding: { kind: 'Pod', name: 'p', namespace: '{ns}' }, eventTime: '2026-01-01T00:00:00.000000Z', reason: 'Tested', action: 'Test', type: 'Normal', reportingController: 'example.com/test', reportingInstance: 'test-1' },
    mistake: { merge: { reason: '' }, causes: [['reason', 'FieldValueRequired', /^Required value$/]] },
    fixed: { merge: { reason: 'Other' }, since: 21, causes: [['reason', 'FieldValueInvalid', immutable]] },
  },
  {
    resource: 'v1/limitranges', kind: 'LimitRange', shortNames: ['limits'], columns: 'Name, Created At |',
    least: { spec: { limits: [{ type: 'Container', max: { cpu: '2' } }] } }, filled: { spec: { limits: [{ default: { cpu: '2' }, defaultRequest: { cpu: '2' } }] } },
    mistake: { merge: { spec: { limits: [{ type: 'Container', min: { cpu: '3' }, max: { cpu: '2' } }] } }, causes: [['spec.limits[0].min[cpu]', 'FieldValueInvalid', /min value 3 is greater than max value 2$/], ['spec.limits[0].defaultRequest[cpu]', 'FieldValueInvalid', /min value 3 is greater than default request value 2$/], ['spec.limits[0].default[cpu]', 'FieldValueInvalid', /min value 3 is greater than default value 2$/]] },
  },
  {
    resource: 'v1/namespaces', kind: 'Namespace', namespaced: false, shortNames: ['ns'], verbs: noCollection, subresources: ['finalize', 'status'], columns: 'Name, Status, Age |',
    least: { metadata: { name: '{ns}-x' } }, filled: { spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' }, metadata: { labels: { 'kubernetes.io/metadata.name': '{ns}-x' } } }, filledSince: 21,
    mistake: { merge: { metadata: { name: 'A' } }, causes: [['metadata.name', 'FieldValueInvalid', /^Invalid value: "A": a lowercase RFC 1123 label must consist of/]] },
  },
  {
    resource: 'v1/nodes', kind: 'Node', namespaced: false, shortNames: ['no'], subresources: ['proxy', 'status'],
    columns: 'Name, Status, Roles, Age, Version | Internal-IP, External-IP, OS-Image, Kernel-Version, Container-Runtime',
    least: {}, mistake: { merge: { spec: { taints: [{ key: 'a', effect: 'Maybe' }] } }, causes: [['metadata.taints[0].effect', 'FieldValueNotSupported', /^Unsupported value: "Maybe": supported values: /]] },
    fixed: { merge: { spec: { podCIDR: '10.5.0.0/24', podCIDRs: ['10.5.0.0/24', '10.6.0.0/24', '10.7.0.0/24'] } }, since: 23, causes: [['spec.podCIDRs', 'FieldValueInvalid', /may specify no more than one CIDR for each IP family$/]] },
    status: { capacity: { pods: '110' } },
  },
  {
    resource: 'v1/persistentvolumes', kind: 'PersistentVolume', namespaced: false, shortNames: ['pv'], subresources: ['status'],
    columns: 'Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age | VolumeMode', columnsSince: 29,
    least: { spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/tmp/nothing' }, storageClassName: 'none' } },
    filled: { spec: { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem', hostPath: { type: '' } } },
    mistake: { merge: { spec: { accessModes: null } }, causes: [['spec.accessModes', 'FieldValueRequired', /^Required value$/]] },
    fixed: { merge: { spec: { hostPath: { path: '/tmp/other' } } }, causes: [['spec.persistentvolumesource', 'FieldValueForbidden', /^Forbidden: spec\.persistentvolumesource is immutable after creation/]] },
    status: { message: 'seen' },
  },
  {
    resource: 'v1/persistentvolumeclaims', kind: 'PersistentVolumeClaim', shortNames: ['pvc'], subresources: ['status'],
    columns: 'Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age | VolumeMode', columnsSince: 29,
    least: { spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: '1Gi' } } } },
    filled: { spec: { volumeMode: 'Filesystem' }, status: { phase: 'Pending' } },
    mistake: { merge: { spec: { resources: null } }, causes: [['spec.resources[storage]', 'FieldValueRequired', /^Required value$/]] },
    fixed: { merge: { spec: { storageClassName: 'other' } }, causes: [['spec', 'FieldValueForbidden', /^Forbidden: (spec )?is immutable after creation except resources\.requests/]] },
    status: { accessModes: ['ReadWriteOnce'] },
  },
  {
    resource: 'v1/resourcequotas', kind: 'ResourceQuota', shortNames: ['quota'], subresources: ['status'], columns: 'Name, Request, Limit, Age |', columnsSince: 34,
    least: { spec: { hard: { pods: '3' } } },
    mistake: { merge: { spec: { hard: { sofas: '1' } } }, causes: [['spec.hard[sofas]', 'FieldValueInvalid', /^Invalid value: "sofas": must be a standard resource type or fully qualified$/], ['spec.hard[sofas]', 'FieldValueInvalid', /^Invalid value: "sofas": must be a standard resource for quota$/]] },
    fixed: { merge: { spec: { scopes: ['Terminating'] } }, causes: [['spec.scopes', 'FieldValueInvalid', immutable]] },
    status: { used: { pods: '2' } },
  },
  {
    resource: 'v1/services', kind: 'Service', shortNames: ['svc'], categories: ['all'], subresources: ['proxy', 'status'],
    columns: 'Name, Type, Cluster-IP, External-IP, Port(s), Age | Selector',
    least: { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }, filledSince: 22,
    filled: { spec: { type: 'LoadBalancer', sessionAffinity: 'None', internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack', clusterIP: /^10\.96\./, ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] }, status: { loadBalancer: {} } },
    mistake: { merge: { spec: { ports: [{ port: 80 }, { port: 81 }] } }, causes: [['spec.ports[0].name', 'FieldValueRequired', /^Required value$/], ['spec.ports[1].name', 'FieldValueRequired', /^Required value$/]] },
    fixed: { merge: { spec: { clusterIP: '10.96.9.9', clusterIPs: ['10.96.9.9'] } }, causes: [['spec.clusterIPs[0]', 'FieldValueInvalid', /may not change once set$/]] },
    status: { loadBalancer: { ingress: [{ hostname: 'here' }] } },
  },
  {
    resource: 'v1/serviceaccounts', kind: 'ServiceAccount', shortNames: ['sa'], subresources: ['token'], columns: 'Name, Age |',
    least: {}, mistake: { merge: { metadata: { labels: { a: 'b c' } } }, causes: [['metadata.labels', 'FieldValueInvalid', /^Invalid value: "b c": a valid label must be/]] },
  },
]
