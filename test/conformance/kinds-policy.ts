import { immutable, type KindCase } from './kind-case.ts'

const reviews: readonly KindCase[] = [
  { resource: 'authentication.k8s.io/v1/tokenreviews', kind: 'TokenReview', namespaced: false, verbs: ['create'], least: {} },
  { resource: 'authentication.k8s.io/v1/selfsubjectreviews', kind: 'SelfSubjectReview', since: 28, namespaced: false, verbs: ['create'], least: {} },
  { resource: 'authorization.k8s.io/v1/localsubjectaccessreviews', kind: 'LocalSubjectAccessReview', verbs: ['create'], least: {} },
  { resource: 'authorization.k8s.io/v1/selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview', namespaced: false, verbs: ['create'], least: {} },
  { resource: 'authorization.k8s.io/v1/selfsubjectrulesreviews', kind: 'SelfSubjectRulesReview', namespaced: false, verbs: ['create'], least: {} },
  { resource: 'authorization.k8s.io/v1/subjectaccessreviews', kind: 'SubjectAccessReview', namespaced: false, verbs: ['create'], least: {} },
]

const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] }
const noResources = { rules: [{ apiGroups: [''], verbs: ['get'] }] }
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' }
const otherRole = { merge: { roleRef: { name: 'edit' } }, causes: [['roleRef', 'FieldValueInvalid', /cannot change roleRef$/]] } as const
const noSubject = { merge: { subjects: [{ kind: 'Robot', name: 'r' }] }, causes: [['subjects[0].kind', 'FieldValueNotSupported', /^Unsupported value: "Robot"/]] } as const

const rbac: readonly KindCase[] = [
  { resource: 'rbac.authorization.k8s.io/v1/roles', kind: 'Role', columns: 'Name, Created At |', least: { rules: [rule] }, mistake: { merge: noResources, causes: [['rules[0].resources', 'FieldValueRequired', /^Required value: resource rules must supply at least one resource$/]] } },
  { resource: 'rbac.authorization.k8s.io/v1/clusterroles', kind: 'ClusterRole', namespaced: false, columns: 'Name, Created At |', least: { rules: [rule] }, mistake: { merge: { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'], ...{ apiGroups: [''], resources: ['pods'] } }] }, causes: [['rules[0].nonResourceURLs', 'FieldValueInvalid', /rules cannot apply to both regular resources and non-resource URLs$/]] } },
  { resource: 'rbac.authorization.k8s.io/v1/rolebindings', kind: 'RoleBinding', columns: 'Name, Role, Age | Users, Groups, ServiceAccounts', least: { roleRef, subjects: [{ kind: 'User', name: 'jane' }] }, filled: { subjects: [{ apiGroup: 'rbac.authorization.k8s.io' }] }, mistake: noSubject, fixed: otherRole },
  { resource: 'rbac.authorization.k8s.io/v1/clusterrolebindings', kind: 'ClusterRoleBinding', namespaced: false, columns: 'Name, Role, Age | Users, Groups, ServiceAccounts', least: { roleRef, subjects: [{ kind: 'Group', name: 'nobodies' }] }, filled: { subjects: [{ apiGroup: 'rbac.authorization.k8s.io' }] }, mistake: noSubject, fixed: otherRole },
]

const clientConfig = { url: 'https://127.0.0.1:1/' }
const hook = (more: object = {}) => ({ webhooks: [{ name: 'a.example.com', clientConfig, admissionReviewVersions: ['v1'], sideEffects: 'None', ...more }] })
const filledHook = { failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10, namespaceSelector: {}, objectSelector: {} }
const badHook = { merge: hook({ sideEffects: 'Some' }), causes: [['webhooks[0].sideEffects', 'FieldValueNotSupported', /^Unsupported value: "Some": supported values: "None", "NoneOnDryRun"$/]] } as const
const policyRules = { resourceRules: [{ apiGroups: ['none.example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] }] }
const noPolicy = { merge: { spec: { policyName: '' } }, causes: [['spec.policyName', 'FieldValueRequired', /^Required value/]] } as const
const group = 'admissionregistration.k8s.io/v1'
const extension = { namespaced: false, categories: ['api-extensions'] } as const

const admission: readonly KindCase[] = [
  { ...extension, resource: `${group}/mutatingwebhookconfigurations`, kind: 'MutatingWebhookConfiguration', columns: 'Name, Webhooks, Age |', least: hook(), filled: { webhooks: [{ ...filledHook, reinvocationPolicy: 'Never' }] }, mistake: badHook, change: hook({ timeoutSeconds: 3 }) },
  { ...extension, resource: `${group}/validatingwebhookconfigurations`, kind: 'ValidatingWebhookConfiguration', columns: 'Name, Webhooks, Age |', least: hook(), filled: { webhooks: [filledHook] }, mistake: badHook, change: hook({ timeoutSeconds: 3 }) },
  {
    ...extension, resource: `${group}/validatingadmissionpolicies`, kind: 'ValidatingAdmissionPolicy', since: 30, subresources: ['status'], columns: 'Name, Validations, ParamKind, Age |',
    least: { spec: { matchConstraints: policyRules, validations: [{ expression: 'true' }] } }, filled: { spec: { failurePolicy: 'Fail', matchConstraints: { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, resourceRules: [{ scope: '*' }] } } },
    mistake: { merge: { spec: { validations: [{ expression: 'object.' }] } }, causes: [['spec.validations[0].expression', 'FieldValueInvalid', /compilation failed: ERROR: <input>:1:/]] },
    status: { conditions: [{ type: 'Seen', status: 'True', reason: 'Test', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }] }, metadataInStatus: false, change: { spec: { failurePolicy: 'Ignore' } },
  },
  { ...extension, resource: `${group}/validatingadmissionpolicybindings`, kind: 'ValidatingAdmissionPolicyBinding', since: 30, columns: 'Name, PolicyName, ParamRef, Age |', least: { spec: { policyName: 'none', validationActions: ['Deny'] } }, mistake: { merge: { spec: { validationActions: ['Deny', 'Warn'] } }, causes: [['spec.validationActions', 'FieldValueInvalid', /must not contain both Deny and Warn/]] }, change: { spec: { validationActions: ['Audit'] } } },
  {
    ...extension, resource: `${group}/mutatingadmissionpolicies`, kind: 'MutatingAdmissionPolicy', since: 36, columns: 'Name, Mutations, ParamKind, Age |',
    least: { spec: { reinvocationPolicy: 'Never', matchConstraints: policyRules, mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/spec"}]' } }] } }, filled: { spec: { failurePolicy: 'Fail' } },
    mistake: { merge: { spec: { mutations: null } }, causes: [['spec.mutations', 'FieldValueRequired', /^Required value: mutations must contain at least one item$/]] }, change: { spec: { failurePolicy: 'Ignore' } },
  },
  { ...extension, resource: `${group}/mutatingadmissionpolicybindings`, kind: 'MutatingAdmissionPolicyBinding', since: 36, columns: 'Name, PolicyName, ParamRef, Age |', least: { spec: { policyName: 'none' } }, mistake: noPolicy, change: { spec: { policyName: 'other' } } },
]

const definition = {
  metadata: { name: 'things.{ns}.example.com' },
  spec: { group: '{ns}.example.com', scope: 'Namespaced', names: { plural: 'things', kind: 'Thing' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] },
}

const extensions: readonly KindCase[] = [
  {
    ...extension, resource: 'apiextensions.k8s.io/v1/customresourcedefinitions', kind: 'CustomResourceDefinition', shortNames: ['crd', 'crds'], subresources: ['status'], columns: 'Name, Created At |',
    least: definition, filled: { spec: { conversion: { strategy: 'None' }, names: { singular: 'thing', listKind: 'ThingList' } } },
    mistake: { merge: { metadata: { name: 'other.{ns}.example.com' } }, causes: [['metadata.name', 'FieldValueInvalid', /must be spec\.names\.plural\+"\."\+spec\.group$/]] },
    change: { spec: { names: { shortNames: ['th'] } } },
  },
  {
    ...extension, resource: 'apiregistration.k8s.io/v1/apiservices', kind: 'APIService', subresources: ['status'], columns: 'Name, Service, Available, Age |',
    least: { metadata: { name: 'v1.{ns}.example.com' }, spec: { group: '{ns}.example.com', version: 'v1', groupPriorityMinimum: 1000, versionPriority: 15, insecureSkipTLSVerify: true, service: { namespace: '{ns}', name: 'none' } } }, filled: { spec: { service: { port: 443 } } },
    mistake: { merge: { spec: { groupPriorityMinimum: 0 } }, causes: [['spec.groupPriorityMinimum', 'FieldValueInvalid', /^Invalid value: 0: must be positive and less than 20000$/]] },
  },
]

const csi: readonly KindCase[] = [
  { resource: 'storage.k8s.io/v1/storageclasses', kind: 'StorageClass', namespaced: false, shortNames: ['sc'], columns: 'Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age |', least: { provisioner: 'example.com/none' }, filled: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }, mistake: { merge: { reclaimPolicy: 'Keep' }, causes: [['reclaimPolicy', 'FieldValueNotSupported', /^Unsupported value: "Keep": supported values: "Delete", "Retain"$/]] }, fixed: { merge: { provisioner: 'example.com/other' }, causes: [['provisioner', 'FieldValueForbidden', /^Forbidden: updates to provisioner are forbidden\.$/]] } },
  { resource: 'storage.k8s.io/v1/csidrivers', kind: 'CSIDriver', namespaced: false, columns: 'Name, AttachRequired, PodInfoOnMount, StorageCapacity, TokenRequests, RequiresRepublish, Modes, Age |', columnsSince: 24, least: { spec: {} }, filled: { spec: { attachRequired: true, podInfoOnMount: false, fsGroupPolicy: 'ReadWriteOnceWithFSType', storageCapacity: false, volumeLifecycleModes: ['Persistent'] } }, filledSince: 23, mistake: { merge: { spec: { volumeLifecycleModes: ['Forever'] } }, since: 23, causes: [['spec.volumeLifecycleModes', 'FieldValueNotSupported', /^Unsupported value: "Forever"/]] }, fixed: { merge: { spec: { attachRequired: false } }, since: 23, causes: [['spec.attachedRequired', 'FieldValueInvalid', immutable]] } },
  { resource: 'storage.k8s.io/v1/csinodes', kind: 'CSINode', namespaced: false, columns: 'Name, Drivers, Age |', least: { spec: { drivers: [] } }, mistake: { merge: { spec: { drivers: [{ name: 'a', nodeID: '' }] } }, since: 21, causes: [['spec.drivers[0].nodeID', 'FieldValueRequired', /^Required value/]] } },
  { resource: 'storage.k8s.io/v1/csistoragecapacities', kind: 'CSIStorageCapacity', since: 24, columns: 'Name, StorageClassName, Capacity |', least: { storageClassName: 'none' }, fixed: { merge: { storageClassName: 'other' }, causes: [['storageClassName', 'FieldValueInvalid', immutable]] }, mistake: { merge: { capacity: '-1' }, causes: [['capacity', 'FieldValueInvalid', /must be greater than or equal to 0$/]] } },
  { resource: 'storage.k8s.io/v1/volumeattachments', kind: 'VolumeAttachment', namespaced: false, subresources: ['status'], columns: 'Name, Attacher, PV, Node, Attached, Age |', least: { spec: { attacher: 'example.com', nodeName: 'none', source: { persistentVolumeName: 'none' } } }, filled: { status: { attached: false } }, mistake: { merge: { spec: { nodeName: '' } }, causes: [['spec.nodeName', 'FieldValueInvalid', /^Invalid value: "": a lowercase RFC 1123 subdomain must consist of/]] }, fixed: { merge: { spec: { nodeName: 'other' } }, causes: [['spec', 'FieldValueInvalid', immutable]] }, status: { attached: true }, metadataInStatus: false },
  { resource: 'storage.k8s.io/v1/volumeattributesclasses', kind: 'VolumeAttributesClass', since: 34, namespaced: false, shortNames: ['vac'], columns: 'Name, DriverName, Age |', least: { driverName: 'a.example.com', parameters: { a: '1' } }, mistake: { merge: { driverName: '' }, causes: [['driverName', 'FieldValueRequired', /^Required value/]] }, fixed: { merge: { driverName: 'b.example.com' }, causes: [['driverName', 'FieldValueForbidden', /^Forbidden: updates to driverName are forbidden\.?$/]] } },
]

const backend = { service: { name: 'none', port: { number: 80 } } }

const network: readonly KindCase[] = [
  { resource: 'networking.k8s.io/v1/ingresses', kind: 'Ingress', shortNames: ['ing'], subresources: ['status'], columns: 'Name, Class, Hosts, Address, Ports, Age |', least: { spec: { defaultBackend: backend } }, mistake: { merge: { spec: { rules: [{ http: { paths: [{ path: '/', backend }] } }] } }, causes: [['spec.rules[0].http.paths[0].pathType', 'FieldValueRequired', /^Required value: pathType must be specified$/]] }, status: { loadBalancer: { ingress: [{ hostname: 'here' }] } }, change: { spec: { defaultBackend: { service: { name: 'other' } } } } },
  { resource: 'networking.k8s.io/v1/ingressclasses', kind: 'IngressClass', namespaced: false, columns: 'Name, Controller, Parameters, Age |', least: { spec: { controller: 'example.com/none' } }, mistake: { merge: { spec: { controller: 'none' } }, causes: [['spec.controller', 'FieldValueInvalid', /^Invalid value: "none": must be a domain-prefixed path/]] }, fixed: { merge: { spec: { controller: 'example.com/other' } }, causes: [['spec.controller', 'FieldValueInvalid', immutable]] }, change: { spec: { parameters: { kind: 'A', name: 'b', scope: 'Cluster' } } } },
  { resource: 'networking.k8s.io/v1/networkpolicies', kind: 'NetworkPolicy', shortNames: ['netpol'], columns: 'Name, Pod-Selector, Age |', least: { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } }, filled: { spec: { policyTypes: ['Ingress'], ingress: [{ ports: [{ protocol: 'TCP' }] }] } }, mistake: { merge: { spec: { policyTypes: ['Sideways'] } }, causes: [['spec.policyTypes[0]', 'FieldValueNotSupported', /^Unsupported value: "Sideways": supported values: "Ingress", "Egress"$/]] }, change: { spec: { podSelector: { matchLabels: { a: 'b' } } } } },
  { resource: 'networking.k8s.io/v1/ipaddresses', kind: 'IPAddress', since: 33, namespaced: false, shortNames: ['ip'], columns: 'Name, ParentRef |', least: { metadata: { name: '10.200.0.9' }, spec: { parentRef: { resource: 'things', name: 'none', group: 'example.com' } } }, mistake: { merge: { metadata: { name: 'a' } }, causes: [['metadata.name', 'FieldValueInvalid', /must be a valid IP address/]] }, fixed: { merge: { spec: { parentRef: { name: 'other' } } }, causes: [['spec.parentRef', 'FieldValueInvalid', immutable]] } },
  { resource: 'networking.k8s.io/v1/servicecidrs', kind: 'ServiceCIDR', since: 33, namespaced: false, subresources: ['status'], columns: 'Name, CIDRs, Age |', least: { spec: { cidrs: ['10.201.0.0/24'] } }, mistake: { merge: { spec: { cidrs: ['nothing'] } }, causes: [['spec.cidrs[0]', 'FieldValueInvalid', /^Invalid value: "nothing": must be a valid CIDR value/]] }, fixed: { merge: { spec: { cidrs: ['10.202.0.0/24'] } }, causes: [['spec.cidrs[0]', 'FieldValueInvalid', immutable]] } },
  { resource: 'discovery.k8s.io/v1/endpointslices', kind: 'EndpointSlice', since: 21, columns: 'Name, AddressType, Ports, Endpoints, Age |', least: { addressType: 'IPv4', endpoints: [{ addresses: ['10.1.2.3'] }], ports: [{ port: 80 }] }, filled: { ports: [{ name: '', protocol: 'TCP', port: 80 }] }, mistake: { merge: { addressType: 'IPv5' }, causes: [['addressType', 'FieldValueNotSupported', /^Unsupported value: "IPv5"/]] }, fixed: { merge: { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1'] }] }, causes: [['addressType', 'FieldValueInvalid', immutable]] }, change: { endpoints: [{ addresses: ['10.1.2.4'] }] }, labelsCount: true },
  { resource: 'coordination.k8s.io/v1/leases', kind: 'Lease', columns: 'Name, Holder, Age |', least: { spec: { holderIdentity: 'me' } }, mistake: { merge: { spec: { leaseDurationSeconds: 0 } }, causes: [['spec.leaseDurationSeconds', 'FieldValueInvalid', /^Invalid value: 0: must be greater than 0$/]] } },
]

const nodes: readonly KindCase[] = [
  { resource: 'scheduling.k8s.io/v1/priorityclasses', kind: 'PriorityClass', namespaced: false, shortNames: ['pc'], columns: 'Name, Value, Global-Default, Age, PreemptionPolicy |', columnsSince: 31, least: { value: 7 }, filled: { preemptionPolicy: 'PreemptLowerPriority' }, mistake: { merge: { value: 1_000_000_001 }, causes: [['value', 'FieldValueForbidden', /^Forbidden: maximum allowed value of a user defined priority is 1000000000$/]] }, fixed: { merge: { value: 8 }, since: 21, causes: [['value', 'FieldValueForbidden', /^Forbidden: may not be changed in an update\.$/]] }, change: { description: 'more' }, changed: 1 },
  { resource: 'node.k8s.io/v1/runtimeclasses', kind: 'RuntimeClass', namespaced: false, columns: 'Name, Handler, Age |', least: { handler: 'none' }, mistake: { merge: { handler: 'No_Handler' }, causes: [['handler', 'FieldValueInvalid', /^Invalid value: "No_Handler": a lowercase RFC 1123 label must consist of/]] }, fixed: { merge: { handler: 'other' }, causes: [['handler', 'FieldValueInvalid', immutable]] } },
  { resource: 'certificates.k8s.io/v1/certificatesigningrequests', kind: 'CertificateSigningRequest', namespaced: false, shortNames: ['csr'], subresources: ['approval', 'status'], columns: 'Name, Age, SignerName, Requestor, RequestedDuration, Condition |', columnsSince: 22, least: {} },
  { resource: 'flowcontrol.apiserver.k8s.io/v1/flowschemas', kind: 'FlowSchema', since: 29, namespaced: false, subresources: ['status'], columns: 'Name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL |', least: { spec: { priorityLevelConfiguration: { name: 'global-default' } } }, filled: { spec: { matchingPrecedence: 1000 } }, mistake: { merge: { spec: { matchingPrecedence: 20_000 } }, causes: [['spec.matchingPrecedence', 'FieldValueInvalid', /^Invalid value: 20000: must not be greater than 10000$/]] }, change: { spec: { matchingPrecedence: 9000 } } },
  { resource: 'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations', kind: 'PriorityLevelConfiguration', since: 29, namespaced: false, subresources: ['status'], columns: 'Name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age |', least: { spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } }, filled: { spec: { limited: { nominalConcurrencyShares: 30, lendablePercent: 0 } } }, mistake: { merge: { spec: { type: 'Free' } }, causes: [['spec.type', 'FieldValueNotSupported', /^Unsupported value: "Free": supported values: "Exempt", "Limited"$/]] }, change: { spec: { limited: { lendablePercent: 5 } } } },
]

export const policies: readonly KindCase[] = [...reviews, ...rbac, ...admission, ...extensions, ...csi, ...network, ...nodes]
