/** Types of apimachinery's meta/v1, whichever kind refers to them. */
export const metaTypes: readonly string[] = [
  'V1ObjectMeta', 'V1ListMeta', 'V1OwnerReference', 'V1ManagedFieldsEntry', 'V1LabelSelector', 'V1LabelSelectorRequirement',
  'V1Condition', 'V1DeleteOptions', 'V1Preconditions', 'V1Status', 'V1StatusDetails', 'V1StatusCause', 'V1FieldSelectorRequirement',
]

/**
 * The API groups whose types are generated, with the models that start each: a type belongs to the first group
 * that reaches it. `openapi` is the prefix of its definition names.
 */
export const groups: ReadonlyArray<{ name: string; openapi: string; roots: readonly string[] }> = [
  { name: 'meta/v1', openapi: 'io.k8s.apimachinery.pkg.apis.meta.v1', roots: ['V1DeleteOptions', 'V1Status', 'V1ListMeta', 'V1ObjectMeta', 'V1LabelSelector', 'V1Condition'] },
  {
    name: 'core/v1', openapi: 'io.k8s.api.core.v1',
    roots: [
      'V1Pod', 'V1Node', 'V1Namespace', 'V1Service', 'V1Endpoints', 'V1ConfigMap', 'V1Secret', 'V1ServiceAccount', 'CoreV1Event', 'V1Binding',
      'V1ReplicationController', 'V1PodTemplate', 'V1TopologySelectorTerm', 'V1PersistentVolume', 'V1PersistentVolumeClaim', 'V1LimitRange', 'V1ResourceQuota', 'V1ComponentStatus',
    ],
  },
  { name: 'apps/v1', openapi: 'io.k8s.api.apps.v1', roots: ['V1Deployment', 'V1ReplicaSet', 'V1StatefulSet', 'V1DaemonSet', 'V1ControllerRevision'] },
  { name: 'batch/v1', openapi: 'io.k8s.api.batch.v1', roots: ['V1Job', 'V1CronJob'] },
  { name: 'autoscaling/v1', openapi: 'io.k8s.api.autoscaling.v1', roots: ['V1Scale', 'V1HorizontalPodAutoscaler'] },
  { name: 'autoscaling/v2', openapi: 'io.k8s.api.autoscaling.v2', roots: ['V2HorizontalPodAutoscaler'] },
  { name: 'policy/v1', openapi: 'io.k8s.api.policy.v1', roots: ['V1PodDisruptionBudget', 'V1Eviction'] },
  { name: 'networking/v1', openapi: 'io.k8s.api.networking.v1', roots: ['V1Ingress', 'V1IngressClass', 'V1NetworkPolicy', 'V1IPAddress', 'V1ServiceCIDR'] },
  { name: 'rbac/v1', openapi: 'io.k8s.api.rbac.v1', roots: ['V1Role', 'V1RoleBinding', 'V1ClusterRole', 'V1ClusterRoleBinding'] },
  { name: 'coordination/v1', openapi: 'io.k8s.api.coordination.v1', roots: ['V1Lease'] },
  { name: 'discovery/v1', openapi: 'io.k8s.api.discovery.v1', roots: ['V1EndpointSlice'] },
  { name: 'events/v1', openapi: 'io.k8s.api.events.v1', roots: ['EventsV1Event'] },
  { name: 'scheduling/v1', openapi: 'io.k8s.api.scheduling.v1', roots: ['V1PriorityClass'] },
  {
    name: 'storage/v1', openapi: 'io.k8s.api.storage.v1',
    roots: ['V1StorageClass', 'V1VolumeAttachment', 'V1CSIDriver', 'V1CSINode', 'V1CSIStorageCapacity', 'V1VolumeAttributesClass'],
  },
  { name: 'node/v1', openapi: 'io.k8s.api.node.v1', roots: ['V1RuntimeClass'] },
  { name: 'certificates/v1', openapi: 'io.k8s.api.certificates.v1', roots: ['V1CertificateSigningRequest'] },
  {
    name: 'admissionregistration/v1', openapi: 'io.k8s.api.admissionregistration.v1',
    roots: [
      'V1MutatingWebhookConfiguration', 'V1ValidatingWebhookConfiguration', 'V1ValidatingAdmissionPolicy', 'V1ValidatingAdmissionPolicyBinding',
      'V1MutatingAdmissionPolicy', 'V1MutatingAdmissionPolicyBinding',
    ],
  },
  { name: 'apiextensions/v1', openapi: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1', roots: ['V1CustomResourceDefinition'] },
  { name: 'apiregistration/v1', openapi: 'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1', roots: ['V1APIService'] },
  { name: 'authentication/v1', openapi: 'io.k8s.api.authentication.v1', roots: ['V1TokenReview', 'AuthenticationV1TokenRequest', 'V1SelfSubjectReview'] },
  {
    name: 'authorization/v1', openapi: 'io.k8s.api.authorization.v1',
    roots: ['V1SubjectAccessReview', 'V1SelfSubjectAccessReview', 'V1LocalSubjectAccessReview', 'V1SelfSubjectRulesReview'],
  },
  { name: 'flowcontrol/v1', openapi: 'io.k8s.api.flowcontrol.v1', roots: ['V1FlowSchema', 'V1PriorityLevelConfiguration'] },
]

/** Fields the models call strings that are resource.Quantity: the wire allows plain numbers there. */
export const quantityFields: readonly string[] = [
  'ResourceRequirements.limits', 'ResourceRequirements.requests', 'VolumeResourceRequirements.limits', 'VolumeResourceRequirements.requests',
  'PodSpec.overhead', 'Overhead.podFixed', 'ContainerStatus.allocatedResources', 'EmptyDirVolumeSource.sizeLimit', 'ResourceFieldSelector.divisor',
  'NodeStatus.capacity', 'NodeStatus.allocatable', 'PersistentVolumeSpec.capacity', 'PersistentVolumeClaimStatus.capacity',
  'PersistentVolumeClaimStatus.allocatedResources', 'LimitRangeItem.default', 'LimitRangeItem.defaultRequest', 'LimitRangeItem.max',
  'LimitRangeItem.maxLimitRequestRatio', 'LimitRangeItem.min', 'ResourceQuotaSpec.hard', 'ResourceQuotaStatus.hard', 'ResourceQuotaStatus.used',
  'CSIStorageCapacity.capacity', 'CSIStorageCapacity.maximumVolumeSize', 'MetricTarget.averageValue', 'MetricTarget.value',
  'MetricValueStatus.averageValue', 'MetricValueStatus.value', 'HPAScalingRules.tolerance',
  'PodStatus.allocatedResources', 'NodeAllocatableResourceClaimStatus.resources',
]

/** Fields with any JSON whose type has a name all the same. */
export const rawFields: Readonly<Record<string, string>> = {
  'apps/v1 ControllerRevision.data': 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  'meta/v1 ManagedFieldsEntry.fieldsV1': 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
  'apiextensions/v1 CustomResourceSubresources.status': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus',
  'apiextensions/v1 JSONSchemaProps.default': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
  'apiextensions/v1 JSONSchemaProps.example': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
  'apiextensions/v1 JSONSchemaProps.enum': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON',
  'apiextensions/v1 JSONSchemaProps.items': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray',
  'apiextensions/v1 JSONSchemaProps.additionalItems': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool',
  'apiextensions/v1 JSONSchemaProps.additionalProperties': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool',
  'apiextensions/v1 JSONSchemaProps.dependencies': 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray',
}

/** Structs that Kubernetes marks `+structType=atomic` where they are declared: owned as one wherever they stand. */
export const atomicTypes: readonly string[] = [
  'admissionregistration/v1 MatchResources', 'admissionregistration/v1 NamedRuleWithOperations', 'admissionregistration/v1 ParamKind',
  'admissionregistration/v1 ParamRef', 'admissionregistration/v1 Variable',
  'autoscaling/v1 CrossVersionObjectReference',
  'core/v1 ConfigMapKeySelector', 'core/v1 EndpointAddress', 'core/v1 EndpointPort', 'core/v1 FileKeySelector', 'core/v1 LocalObjectReference',
  'core/v1 NodeSelector', 'core/v1 NodeSelectorTerm', 'core/v1 ObjectFieldSelector', 'core/v1 ObjectReference', 'core/v1 ResourceFieldSelector',
  'core/v1 ScopeSelector', 'core/v1 SecretKeySelector', 'core/v1 SecretReference', 'core/v1 TopologySelectorTerm',
  'core/v1 TypedLocalObjectReference',
  'discovery/v1 EndpointPort',
  'networking/v1 ServiceBackendPort',
  'rbac/v1 RoleRef', 'rbac/v1 Subject',
  'meta/v1 LabelSelector', 'meta/v1 OwnerReference',
]

/** Structs of which one field may be given: which field says so, and its word for each of them. */
export const unions: Readonly<Record<string, { discriminator?: string; fields: Readonly<Record<string, string>> }>> = {
  'core/v1 AppArmorProfile': { discriminator: 'type', fields: { localhostProfile: 'LocalhostProfile' } },
  'core/v1 PodSchedulingGroup': { fields: { podGroupName: 'PodGroupName' } },
  'core/v1 SeccompProfile': { discriminator: 'type', fields: { localhostProfile: 'LocalhostProfile' } },
  'flowcontrol/v1 LimitResponse': { discriminator: 'type', fields: { queuing: 'Queuing' } },
  'flowcontrol/v1 PriorityLevelConfigurationSpec': { discriminator: 'type', fields: { exempt: 'Exempt', limited: 'Limited' } },
  'flowcontrol/v1 Subject': { discriminator: 'kind', fields: { group: 'Group', serviceAccount: 'ServiceAccount', user: 'User' } },
}

/**
 * What the markers leave out or say too loosely: the words a field may have (of each item, for a list), those that OpenAPI
 * says where they are others, that it has no default, or that Go prints it as null where
 * nothing is said although it is required; or that an empty list or map says something else than none.
 */
export const corrections: Readonly<Record<string, {
  enum?: readonly string[]
  published?: readonly string[]
  default?: 'none' | null
  listMapKeys?: readonly string[]
  keepsEmpty?: true
}>> = {
  'discovery/v1 EndpointSlice.addressType': { enum: ['FQDN', 'IPv4', 'IPv6'] },
  'networking/v1 HTTPIngressPath.pathType': { enum: ['Exact', 'ImplementationSpecific', 'Prefix'] },
  'networking/v1 NetworkPolicyPort.protocol': { enum: ['SCTP', 'TCP', 'UDP'] },
  // its default is for who says no policies at all
  'autoscaling/v2 HPAScalingRules.policies': { keepsEmpty: true },
  'autoscaling/v2 MetricSpec.type': { enum: ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'], published: [] },
  'admissionregistration/v1 RuleWithOperations.scope': { enum: ['*', 'Cluster', 'Namespaced'] },
  'admissionregistration/v1 NamedRuleWithOperations.scope': { enum: ['*', 'Cluster', 'Namespaced'] },
  'core/v1 Container.restartPolicy': { enum: ['Always', 'Never', 'OnFailure'], published: [] },
  'core/v1 ServiceSpec.ipFamilies': { enum: ['IPv4', 'IPv6'], published: ['', 'IPv4', 'IPv6'] },
  'discovery/v1 EndpointPort.protocol': { published: ['SCTP', 'TCP', 'UDP'] },
  'apiextensions/v1 ValidationRule.reason': { published: ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'] },
  'core/v1 Toleration.operator': { published: ['Equal', 'Exists', 'Gt', 'Lt'] },
  'apiextensions/v1 CustomResourceDefinitionStatus.conditions': { listMapKeys: ['type'] },
  'apiregistration/v1 APIServiceStatus.conditions': { listMapKeys: ['type'] },
  // which is refused, as anything is that stands there
  'apiextensions/v1 JSONSchemaProps.dependencies': { keepsEmpty: true },
  'core/v1 LimitRangeSpec.limits': { default: null },
  'discovery/v1 EndpointSlice.endpoints': { default: null },
  'discovery/v1 EndpointSlice.ports': { default: null },
  'events/v1 Event.eventTime': { default: null },
  // the kind has a default where Go has null
  'authentication/v1 TokenRequestSpec.expirationSeconds': { default: 'none' },
  'flowcontrol/v1 LimitedPriorityLevelConfiguration.nominalConcurrencyShares': { default: 'none' },
  'networking/v1 IngressClassParametersReference.scope': { default: 'none' },
  // omitted when it is zero, and not only when it is empty
  'meta/v1 ObjectMeta.creationTimestamp': { default: 'none' },
  'rbac/v1 Role.rules': { default: null },
  'storage/v1 CSINodeSpec.drivers': { default: null },
}
