import type { PolicyRule } from '../../kinds/generated/types.ts'
import { account, type DefaultRole, events, on, read, user } from './role-notation.ts'

const batch = 'batch'
const apps = 'apps extensions'
const storage = 'storage.k8s.io'
const csr = 'certificates.k8s.io'

/** What a controller that keeps pods does to its own kind. */
const keeps = (plural: string, groups: string, pods: string): PolicyRule[] => [
  on('get list update watch', plural, groups),
  on('update', `${plural}/status`, groups),
  on('update', `${plural}/finalizers`, groups),
  on(pods, 'pods'),
]
const keepsPods = 'create delete list patch watch'

/** By the name of the controller's service account in kube-system: the ClusterRole is `system:controller:<name>`. */
const controllerRules: Readonly<Record<string, readonly PolicyRule[]>> = {
  'attachdetach-controller': [
    on('list watch', 'persistentvolumeclaims persistentvolumes'), on(read, 'nodes'), on('patch update', 'nodes/status'), on('list watch', 'pods'),
    events, on('create delete get list watch', 'volumeattachments', storage), on(read, 'csidrivers', storage), on(read, 'csinodes', storage),
  ],
  'clusterrole-aggregation-controller': [on('escalate get list patch update watch', 'clusterroles', 'rbac.authorization.k8s.io')],
  'cronjob-controller': [
    on('get list update watch', 'cronjobs', batch), on('create delete get list patch update watch', 'jobs', batch),
    on('update', 'cronjobs/status', batch), on('update', 'cronjobs/finalizers', batch), on('delete list watch', 'pods'), events,
  ],
  'daemon-set-controller': [
    on(read, 'daemonsets', apps), on('update', 'daemonsets/status', apps), on('update', 'daemonsets/finalizers', apps), on('list watch', 'nodes'),
    on(keepsPods, 'pods'), on('create', 'pods/binding'), on('create delete get list patch update watch', 'controllerrevisions', 'apps'), events,
  ],
  'deployment-controller': [
    on('get list update watch', 'deployments', apps), on('update', 'deployments/status', apps), on('update', 'deployments/finalizers', apps),
    on('create delete get list patch update watch', 'replicasets', apps), on('get list update watch', 'pods'), events,
  ],
  'disruption-controller': [
    on(read, 'deployments', apps), on(read, 'replicasets', apps), on(read, 'replicationcontrollers'), on(read, 'poddisruptionbudgets', 'policy'),
    on(read, 'statefulsets', 'apps'), on('update', 'poddisruptionbudgets/status', 'policy'), on('patch update', 'pods/status'),
    on('get', '*/scale', '*'), events,
  ],
  'endpoint-controller': [
    on(read, 'pods services'), on('create delete get list update watch', 'endpoints'), on('create', 'endpoints/restricted'), events,
  ],
  'endpointslice-controller': [
    on(read, 'nodes pods services'), on('update', 'services/finalizers'),
    on('create delete get list update watch', 'endpointslices', 'discovery.k8s.io'), events,
  ],
  'endpointslicemirroring-controller': [
    on(read, 'endpoints services'), on('update', 'services/finalizers'), on('update', 'endpoints/finalizers'),
    on('create delete get list update watch', 'endpointslices', 'discovery.k8s.io'), events,
  ],
  'ephemeral-volume-controller': [on(read, 'pods'), on('update', 'pods/finalizers'), on('create get list watch', 'persistentvolumeclaims'), events],
  'expand-controller': [
    on('get list patch update watch', 'persistentvolumes'), on('patch update', 'persistentvolumeclaims/status'), on(read, 'persistentvolumeclaims'), events,
  ],
  'generic-garbage-collector': [on('delete get list patch update watch', '*', '*'), events],
  'horizontal-pod-autoscaler': [
    on(read, 'horizontalpodautoscalers', 'autoscaling'), on('update', 'horizontalpodautoscalers/status', 'autoscaling'), on('get update', '*/scale', '*'),
    on('list watch', 'pods'), on('list watch', 'pods', 'metrics.k8s.io'), on(read, '*', 'custom.metrics.k8s.io'), on(read, '*', 'external.metrics.k8s.io'), events,
  ],
  'job-controller': [
    on('get list patch update watch', 'jobs', batch), on('update', 'jobs/status', batch), on('update', 'jobs/finalizers', batch), on(keepsPods, 'pods'), events,
  ],
  'namespace-controller': [
    on('delete get list watch', 'namespaces'), on('update', 'namespaces/finalize namespaces/status'),
    on('delete deletecollection get list watch', '*', '*'),
  ],
  'node-controller': [
    on('delete get list patch update watch', 'nodes'), on('patch update', 'nodes/status'), on('patch update', 'pods/status'),
    on('delete get list watch', 'pods'), events,
  ],
  'persistent-volume-binder': [
    on('create delete get list update watch', 'persistentvolumes'), on('update', 'persistentvolumes/status'),
    on('get list update watch', 'persistentvolumeclaims'), on('update', 'persistentvolumeclaims/status'),
    on('create delete get list watch', 'pods'), on(read, 'storageclasses', storage), on('list watch', 'nodes'), events, on('watch', 'events'),
  ],
  'pod-garbage-collector': [on('delete list watch', 'pods'), on(read, 'nodes'), on('patch', 'pods/status')],
  'replicaset-controller': [...keeps('replicasets', apps, keepsPods), events],
  'replication-controller': [...keeps('replicationcontrollers', 'core', keepsPods), events],
  'resourcequota-controller': [on('list watch', '*', '*'), on('update', 'resourcequotas/status'), events],
  'route-controller': [on('list watch', 'nodes'), on('patch', 'nodes/status'), events],
  'service-account-controller': [on('create', 'serviceaccounts'), events],
  'service-controller': [on(read, 'services'), on('patch update', 'services/status'), on('list watch', 'nodes'), events],
  'service-cidrs-controller': [
    on('get list patch update watch', 'servicecidrs', 'networking.k8s.io'), on('patch update', 'servicecidrs/finalizers', 'networking.k8s.io'),
    on('patch update', 'servicecidrs/status', 'networking.k8s.io'), on(read, 'ipaddresses', 'networking.k8s.io'), events,
  ],
  'statefulset-controller': [
    on('list watch', 'pods'), on(read, 'statefulsets', 'apps'), on('update', 'statefulsets/status', 'apps'), on('update', 'statefulsets/finalizers', 'apps'),
    on('create delete get patch update', 'pods'), on('create delete get list patch update watch', 'controllerrevisions', 'apps'),
    on('create get list watch', 'persistentvolumeclaims'), on('delete update', 'persistentvolumeclaims'), on('update', 'pods/finalizers'), events,
  ],
  'ttl-controller': [on('list patch update watch', 'nodes'), events],
  'certificate-controller': [
    on('delete get list watch', 'certificatesigningrequests', csr),
    on('update', 'certificatesigningrequests/approval certificatesigningrequests/status', csr),
    on('approve', 'signers', csr, 'kubernetes.io/kube-apiserver-client-kubelet'),
    on('sign', 'signers', csr, 'kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown'),
    on('create', 'subjectaccessreviews', 'authorization.k8s.io'), events,
  ],
  'pvc-protection-controller': [on('get list update watch', 'persistentvolumeclaims'), on(read, 'pods'), events],
  'pv-protection-controller': [on('get list update watch', 'persistentvolumes'), events],
  'volumeattributesclass-protection-controller': [
    on(read, 'persistentvolumeclaims'), on(read, 'persistentvolumes'), on('get list update watch', 'volumeattributesclasses', storage), events,
  ],
  'ttl-after-finished-controller': [on('delete get list watch', 'jobs', batch), events],
  'root-ca-cert-publisher': [on('create update', 'configmaps'), events],
  'validatingadmissionpolicy-status-controller': [
    on(read, 'validatingadmissionpolicies', 'admissionregistration.k8s.io'),
    on('get patch update', 'validatingadmissionpolicies/status', 'admissionregistration.k8s.io'), events,
  ],
  'resource-claim-controller': [
    on(read, 'pods'), on('update', 'pods/finalizers'), on('patch update', 'pods/status'), on('create delete get list watch', 'resourceclaims', 'resource.k8s.io'),
    on('patch update', 'resourceclaims resourceclaims/status', 'resource.k8s.io'), events,
  ],
  'selinux-warning-controller': [on(read, 'persistentvolumeclaims persistentvolumes pods'), on(read, 'csidrivers', storage), events],
  'legacy-service-account-token-cleaner': [
    on('get', 'configmaps', 'core', 'kube-apiserver-legacy-service-account-token-tracking'), on('delete patch', 'secrets'),
  ],
}

/** What this cluster's own components do beyond what Kubernetes' do. */
const own: readonly DefaultRole[] = [
  { name: 'wheelhouse:namespace-controller', to: [account('namespace-controller')], rules: [on('patch', 'namespaces/finalize')] },
  { name: 'wheelhouse:certificate-controller', to: [account('certificate-controller')], rules: [on('patch', 'certificatesigningrequests/approval', csr)] },
  { name: 'wheelhouse:event-ttl-controller', to: [account('event-ttl-controller')], rules: [on('delete list watch', 'events', 'core events.k8s.io')] },
  {
    name: 'wheelhouse:dns-publisher',
    namespace: 'kube-system',
    to: [user('system:kube-proxy'), user('system:kube-dns')],
    rules: [on('create get patch update', 'endpoints services'), on('create get patch update', 'endpointslices', 'discovery.k8s.io')],
  },
]

export const controllerRoles: readonly DefaultRole[] = [
  ...Object.entries(controllerRules).map(([name, rules]) => ({ name: `system:controller:${name}`, rules, to: [account(name)] })),
  ...own,
]

/** Service accounts of controllers that Kubernetes calls otherwise. */
const otherNames: Readonly<Record<string, string>> = {
  'garbage-collector': 'generic-garbage-collector',
  'taint-eviction-controller': 'node-controller',
  'certificatesigningrequest-signing-controller': 'certificate-controller',
  'certificatesigningrequest-approving-controller': 'certificate-controller',
  'certificatesigningrequest-cleaner-controller': 'certificate-controller',
}

/** What gives service accounts their tokens cannot have one itself. */
const manager = ['legacy-serviceaccount-token-controller']

/** Who a controller acts as: its service account in kube-system, as with `--use-service-account-credentials`. */
export function controllerUser(controller: string): { readonly name: string; readonly groups: readonly string[] } {
  if (manager.includes(controller)) return { name: 'system:kube-controller-manager', groups: ['system:authenticated'] }
  return {
    name: `system:serviceaccount:kube-system:${otherNames[controller] ?? controller}`,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
  }
}
