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
      'V1ReplicationController', 'V1PodTemplate', 'V1PersistentVolume', 'V1PersistentVolumeClaim', 'V1LimitRange', 'V1ResourceQuota', 'V1ComponentStatus',
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

/**
 * What the markers leave out or say too loosely: the words a field may have (of each item, for a list), that it has no
 * default, or that Go prints it as null or as empty text where nothing is said.
 */
export const corrections: Readonly<Record<string, { enum?: readonly string[]; default?: 'none' | '' | null; listMapKeys?: readonly string[] }>> = {
  'discovery/v1 EndpointSlice.addressType': { enum: ['FQDN', 'IPv4', 'IPv6'] },
  'networking/v1 HTTPIngressPath.pathType': { enum: ['Exact', 'ImplementationSpecific', 'Prefix'] },
  'networking/v1 NetworkPolicyPort.protocol': { enum: ['SCTP', 'TCP', 'UDP'] },
  'autoscaling/v2 MetricSpec.type': { enum: ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'] },
  'admissionregistration/v1 RuleWithOperations.scope': { enum: ['*', 'Cluster', 'Namespaced'] },
  'admissionregistration/v1 NamedRuleWithOperations.scope': { enum: ['*', 'Cluster', 'Namespaced'] },
  'core/v1 Container.restartPolicy': { enum: ['Always', 'Never', 'OnFailure'] },
  'core/v1 ServiceSpec.ipFamilies': { enum: ['IPv4', 'IPv6'] },
  'apiextensions/v1 CustomResourceDefinitionStatus.conditions': { listMapKeys: ['type'] },
  'apiregistration/v1 APIServiceStatus.conditions': { listMapKeys: ['type'] },
  // Go drops the empty text again, so no client ever sees it
  'core/v1 LocalObjectReference.name': { default: 'none' },
  'authentication/v1 TokenRequestSpec.boundObjectRef': { default: null },
  'autoscaling/v2 HorizontalPodAutoscalerStatus.currentMetrics': { default: null },
  'core/v1 Event.eventTime': { default: null },
  'core/v1 Event.firstTimestamp': { default: null },
  'core/v1 Event.lastTimestamp': { default: null },
  'core/v1 Event.reportingComponent': { default: '' },
  'core/v1 Event.reportingInstance': { default: '' },
  'core/v1 LimitRangeSpec.limits': { default: null },
  'core/v1 TypedLocalObjectReference.apiGroup': { default: null },
  'core/v1 TypedObjectReference.apiGroup': { default: null },
  'discovery/v1 EndpointSlice.endpoints': { default: null },
  'discovery/v1 EndpointSlice.ports': { default: null },
  'events/v1 Event.deprecatedFirstTimestamp': { default: null },
  'events/v1 Event.deprecatedLastTimestamp': { default: null },
  'events/v1 Event.eventTime': { default: null },
  'rbac/v1 ClusterRole.rules': { default: null },
  'rbac/v1 Role.rules': { default: null },
  'storage/v1 CSINodeSpec.drivers': { default: null },
}
