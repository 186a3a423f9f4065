import type { AnyKind } from './kind.ts'
import { mutatingAdmissionPolicyBinding } from './admissionregistration/mutating-admission-policy-binding.ts'
import { mutatingAdmissionPolicy } from './admissionregistration/mutating-admission-policy.ts'
import { validatingAdmissionPolicyBinding } from './admissionregistration/validating-admission-policy-binding.ts'
import { validatingAdmissionPolicy } from './admissionregistration/validating-admission-policy.ts'
import { mutatingWebhookConfiguration } from './admissionregistration/mutating-webhook-configuration.ts'
import { validatingWebhookConfiguration } from './admissionregistration/validating-webhook-configuration.ts'
import { controllerRevision } from './apps/controller-revision.ts'
import { apiService } from './apiregistration/api-service.ts'
import { customResourceDefinition } from './apiextensions/custom-resource-definition.ts'
import { daemonSet } from './apps/daemon-set.ts'
import { deployment } from './apps/deployment.ts'
import { replicaSet } from './apps/replica-set.ts'
import { statefulSet } from './apps/stateful-set.ts'
import { horizontalPodAutoscalerV1, horizontalPodAutoscalerV2Beta2 } from './autoscaling/horizontal-pod-autoscaler-v1.ts'
import { horizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler.ts'
import { cronJob, cronJobV1Beta1 } from './batch/cron-job.ts'
import { job } from './batch/job.ts'
import { certificateSigningRequest } from './certificates/certificate-signing-request.ts'
import { lease } from './coordination/lease.ts'
import { binding } from './core/binding.ts'
import { configMap } from './core/config-map.ts'
import { endpoints } from './core/endpoints.ts'
import { event } from './core/event.ts'
import { limitRange } from './core/limit-range.ts'
import { namespace } from './core/namespace.ts'
import { node } from './core/node.ts'
import { persistentVolumeClaim } from './core/persistent-volume-claim.ts'
import { persistentVolume } from './core/persistent-volume.ts'
import { podTemplate } from './core/pod-template.ts'
import { pod } from './core/pod.ts'
import { replicationController } from './core/replication-controller.ts'
import { resourceQuota } from './core/resource-quota.ts'
import { secret } from './core/secret.ts'
import { service } from './core/service.ts'
import { serviceAccount } from './core/service-account.ts'
import { endpointSliceV1Beta1 } from './discovery/endpoint-slice-v1beta1.ts'
import { endpointSlice } from './discovery/endpoint-slice.ts'
import { event as newEvent } from './events/event.ts'
import { flowSchema } from './flowcontrol/flow-schema.ts'
import { priorityLevelConfiguration } from './flowcontrol/priority-level-configuration.ts'
import { ingressClass, ingressClassV1Beta1 } from './networking/ingress-class.ts'
import { ingressV1Beta1 } from './networking/ingress-v1beta1.ts'
import { ingress } from './networking/ingress.ts'
import { ipAddress } from './networking/ip-address.ts'
import { networkPolicy } from './networking/network-policy.ts'
import { serviceCidr } from './networking/service-cidr.ts'
import { runtimeClass } from './node/runtime-class.ts'
import { podDisruptionBudget, podDisruptionBudgetV1Beta1 } from './policy/pod-disruption-budget.ts'
import { clusterRoleBinding } from './rbac/cluster-role-binding.ts'
import { clusterRole } from './rbac/cluster-role.ts'
import { roleBinding } from './rbac/role-binding.ts'
import { role } from './rbac/role.ts'
import { priorityClass } from './scheduling/priority-class.ts'
import { csiDriver } from './storage/csi-driver.ts'
import { csiNode } from './storage/csi-node.ts'
import { csiStorageCapacity } from './storage/csi-storage-capacity.ts'
import { storageClass } from './storage/storage-class.ts'
import { volumeAttachment } from './storage/volume-attachment.ts'
import { volumeAttributesClass } from './storage/volume-attributes-class.ts'

/** Objects that are kept as another kind: what a client may call them too. */
const otherVersions: readonly AnyKind[] = [
  newEvent, horizontalPodAutoscalerV1, horizontalPodAutoscalerV2Beta2, cronJobV1Beta1, podDisruptionBudgetV1Beta1, ingressV1Beta1, ingressClassV1Beta1,
  endpointSliceV1Beta1,
]

/** Every stored kind, in the order discovery shows them; of one group the preferred version first. */
export const kinds: readonly AnyKind[] = [
  namespace, node, pod, service, endpoints, replicationController, configMap, secret, serviceAccount, event, binding,
  podTemplate, limitRange, resourceQuota, persistentVolume, persistentVolumeClaim,
  replicaSet, deployment, statefulSet, daemonSet, controllerRevision, job, cronJob, horizontalPodAutoscaler, podDisruptionBudget,
  ingress, ingressClass, networkPolicy, ipAddress, serviceCidr, role, roleBinding, clusterRole, clusterRoleBinding,
  priorityClass, storageClass, csiDriver, csiNode, csiStorageCapacity, volumeAttachment, volumeAttributesClass, runtimeClass, lease, endpointSlice, certificateSigningRequest, customResourceDefinition, apiService, flowSchema, priorityLevelConfiguration,
  mutatingWebhookConfiguration, validatingWebhookConfiguration,
  mutatingAdmissionPolicy, mutatingAdmissionPolicyBinding, validatingAdmissionPolicy, validatingAdmissionPolicyBinding,
  ...otherVersions,
]
