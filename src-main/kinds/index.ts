import type { AnyKind } from './kind.ts'
import { controllerRevision } from './apps/controller-revision.ts'
import { customResourceDefinition } from './apiextensions/custom-resource-definition.ts'
import { daemonSet } from './apps/daemon-set.ts'
import { deployment } from './apps/deployment.ts'
import { replicaSet } from './apps/replica-set.ts'
import { statefulSet } from './apps/stateful-set.ts'
import { horizontalPodAutoscaler } from './autoscaling/horizontal-pod-autoscaler.ts'
import { cronJob } from './batch/cron-job.ts'
import { job } from './batch/job.ts'
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
import { endpointSlice } from './discovery/endpoint-slice.ts'
import { ingressClass } from './networking/ingress-class.ts'
import { ingress } from './networking/ingress.ts'
import { networkPolicy } from './networking/network-policy.ts'
import { runtimeClass } from './node/runtime-class.ts'
import { podDisruptionBudget } from './policy/pod-disruption-budget.ts'
import { clusterRoleBinding } from './rbac/cluster-role-binding.ts'
import { clusterRole } from './rbac/cluster-role.ts'
import { roleBinding } from './rbac/role-binding.ts'
import { role } from './rbac/role.ts'
import { priorityClass } from './scheduling/priority-class.ts'
import { storageClass } from './storage/storage-class.ts'

/** Every stored kind, in the order discovery shows them. */
export const kinds: readonly AnyKind[] = [
  namespace, node, pod, service, endpoints, replicationController, configMap, secret, serviceAccount, event, binding,
  podTemplate, limitRange, resourceQuota, persistentVolume, persistentVolumeClaim,
  replicaSet, deployment, statefulSet, daemonSet, controllerRevision, job, cronJob, horizontalPodAutoscaler, podDisruptionBudget,
  ingress, ingressClass, networkPolicy, role, roleBinding, clusterRole, clusterRoleBinding,
  priorityClass, storageClass, runtimeClass, lease, endpointSlice, customResourceDefinition,
]
