/**
 * The field numbers of Kubernetes' protobuf messages (the `protobuf` tags of k8s.io/api), for those that kubectl's
 * imperative commands send: the n-th word is field n, `-` a number that is not used here, `?` marks a field that tells
 * nothing from zero. What is not here is refused, never dropped.
 */
const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const core = 'io.k8s.api.core.v1'
const apps = 'io.k8s.api.apps.v1'
const rbac = 'io.k8s.api.rbac.v1'
const authentication = 'io.k8s.api.authentication.v1'
const authorization = 'io.k8s.api.authorization.v1'

const table: Readonly<Record<string, string>> = {
  [`${meta}.ObjectMeta`]:
    'name generateName namespace selfLink uid resourceVersion generation creationTimestamp deletionTimestamp deletionGracePeriodSeconds? labels annotations ownerReferences finalizers',
  [`${meta}.OwnerReference`]: 'kind - name uid apiVersion controller? blockOwnerDeletion?',
  [`${meta}.LabelSelector`]: 'matchLabels matchExpressions',
  [`${meta}.LabelSelectorRequirement`]: 'key operator values',
  [`${meta}.DeleteOptions`]: 'gracePeriodSeconds? preconditions orphanDependents? propagationPolicy dryRun',
  [`${meta}.Preconditions`]: 'uid resourceVersion',
  [`${core}.ConfigMap`]: 'metadata data binaryData immutable?',
  [`${core}.Secret`]: 'metadata data type stringData immutable?',
  [`${core}.ServiceAccount`]: 'metadata secrets imagePullSecrets automountServiceAccountToken?',
  [`${core}.LocalObjectReference`]: 'name',
  [`${core}.Namespace`]: 'metadata spec status',
  [`${core}.NamespaceSpec`]: 'finalizers',
  [`${core}.NamespaceStatus`]: 'phase',
  [`${core}.Service`]: 'metadata spec status',
  [`${core}.ServiceSpec`]:
    'ports selector clusterIP type externalIPs - sessionAffinity loadBalancerIP loadBalancerSourceRanges externalName externalTrafficPolicy healthCheckNodePort publishNotReadyAddresses - - - ipFamilyPolicy clusterIPs ipFamilies allocateLoadBalancerNodePorts? loadBalancerClass internalTrafficPolicy',
  [`${core}.ServicePort`]: 'name protocol port targetPort nodePort appProtocol',
  [`${core}.ServiceStatus`]: 'loadBalancer',
  [`${core}.LoadBalancerStatus`]: '',
  [`${core}.Pod`]: 'metadata spec status',
  [`${core}.PodStatus`]: '',
  [`${core}.PodTemplateSpec`]: 'metadata spec',
  [`${core}.PodSpec`]:
    '- containers restartPolicy terminationGracePeriodSeconds? activeDeadlineSeconds? dnsPolicy nodeSelector serviceAccountName serviceAccount nodeName hostNetwork hostPID hostIPC - imagePullSecrets hostname subdomain - schedulerName initContainers automountServiceAccountToken? - - priorityClassName priority? - shareProcessNamespace? - runtimeClassName? enableServiceLinks? preemptionPolicy?',
  [`${core}.Container`]: 'name image command args workingDir ports env resources - - - - terminationMessagePath imagePullPolicy - stdin stdinOnce tty - terminationMessagePolicy',
  [`${core}.ContainerPort`]: 'name hostPort containerPort protocol hostIP',
  [`${core}.EnvVar`]: 'name value',
  [`${core}.ResourceRequirements`]: 'limits requests',
  [`${apps}.Deployment`]: 'metadata spec status',
  [`${apps}.DeploymentSpec`]: 'replicas? selector template strategy minReadySeconds revisionHistoryLimit? paused - progressDeadlineSeconds?',
  [`${apps}.DeploymentStrategy`]: 'type rollingUpdate',
  [`${apps}.RollingUpdateDeployment`]: 'maxUnavailable maxSurge',
  [`${apps}.DeploymentStatus`]: 'observedGeneration replicas updatedReplicas availableReplicas unavailableReplicas - readyReplicas collisionCount?',
  [`${rbac}.Role`]: 'metadata rules',
  [`${rbac}.ClusterRole`]: 'metadata rules aggregationRule',
  [`${rbac}.AggregationRule`]: 'clusterRoleSelectors',
  [`${rbac}.PolicyRule`]: 'verbs apiGroups resources resourceNames nonResourceURLs',
  [`${rbac}.RoleBinding`]: 'metadata subjects roleRef',
  [`${rbac}.ClusterRoleBinding`]: 'metadata subjects roleRef',
  [`${rbac}.Subject`]: 'kind apiGroup name namespace',
  [`${rbac}.RoleRef`]: 'apiGroup kind name',
  [`${authentication}.SelfSubjectReview`]: 'metadata status',
  [`${authentication}.SelfSubjectReviewStatus`]: 'userInfo',
  [`${authentication}.UserInfo`]: 'username uid groups',
  [`${authentication}.TokenReview`]: 'metadata spec status',
  [`${authentication}.TokenReviewSpec`]: 'token audiences',
  [`${authentication}.TokenReviewStatus`]: 'authenticated user error audiences',
  [`${authentication}.TokenRequest`]: 'metadata spec status',
  [`${authentication}.TokenRequestSpec`]: 'audiences - boundObjectRef expirationSeconds?',
  [`${authentication}.BoundObjectReference`]: 'kind apiVersion name uid',
  [`${authentication}.TokenRequestStatus`]: 'token expirationTimestamp',
  [`${authorization}.SubjectAccessReview`]: 'metadata spec status',
  [`${authorization}.SubjectAccessReviewSpec`]: 'resourceAttributes nonResourceAttributes user groups - uid',
  [`${authorization}.LocalSubjectAccessReview`]: 'metadata spec status',
  [`${authorization}.SelfSubjectAccessReview`]: 'metadata spec status',
  [`${authorization}.SelfSubjectAccessReviewSpec`]: 'resourceAttributes nonResourceAttributes',
  [`${authorization}.SubjectAccessReviewStatus`]: 'allowed reason evaluationError denied',
  [`${authorization}.ResourceAttributes`]: 'namespace verb group version resource subresource name',
  [`${authorization}.NonResourceAttributes`]: 'path verb',
  [`${authorization}.SelfSubjectRulesReview`]: 'metadata spec status',
  [`${authorization}.SelfSubjectRulesReviewSpec`]: 'namespace',
  [`${authorization}.SubjectRulesReviewStatus`]: '- - incomplete evaluationError',
}

export interface NumberedField {
  readonly name: string
  /** Zero and empty say something: the field is a pointer in Go. */
  readonly pointer: boolean
}

/** Undefined when the message, or the number in it, is not in the table. */
export function fieldNumbered(message: string, number: number): NumberedField | undefined {
  const word = Object.hasOwn(table, message) ? table[message]!.split(' ')[number - 1] : undefined
  return word && word !== '-' ? { name: word.replace('?', ''), pointer: word.endsWith('?') } : undefined
}
