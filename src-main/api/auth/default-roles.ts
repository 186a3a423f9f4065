import type { PolicyRule } from '../../kinds/generated/types.ts'
import { peopleRoles } from './people-roles.ts'
import { account, type DefaultRole, events, on, read, user } from './role-notation.ts'

const manager = user('system:kube-controller-manager')
const scheduler = user('system:kube-scheduler')
const reviewsOfOthers = [
  on('create', 'tokenreviews', 'authentication.k8s.io'),
  on('create', 'subjectaccessreviews', 'authorization.k8s.io'),
]
const csr = 'certificates.k8s.io'

/** What the Node authorizer grants every node, besides what depends on its pods; also the ClusterRole system:node. */
export const nodeRules: readonly PolicyRule[] = [
  on('create', 'tokenreviews', 'authentication.k8s.io'),
  on('create', 'localsubjectaccessreviews subjectaccessreviews', 'authorization.k8s.io'),
  on(read, 'services'),
  on('create get list watch', 'nodes'),
  on('patch update', 'nodes/status'),
  on('patch update', 'nodes'),
  on('create patch update', 'events', 'core events.k8s.io'),
  on(read, 'pods'),
  on('create delete', 'pods'),
  on('patch update', 'pods/status'),
  on('create', 'pods/eviction'),
  on(read, 'configmaps secrets'),
  on('get', 'persistentvolumeclaims persistentvolumes'),
  on('get', 'endpoints'),
  on('create get list watch', 'certificatesigningrequests', csr),
  on('create delete get patch update', 'leases', 'coordination.k8s.io'),
  on('get', 'volumeattachments', 'storage.k8s.io'),
  on('create', 'serviceaccounts/token'),
  on('get patch update', 'persistentvolumeclaims/status'),
  on(read, 'csidrivers', 'storage.k8s.io'),
  on('create delete get patch update', 'csinodes', 'storage.k8s.io'),
  on(read, 'runtimeclasses', 'node.k8s.io'),
]

/** Kubernetes' own components. */
const forComponents: readonly DefaultRole[] = [
  { name: 'system:node', to: [], rules: nodeRules },
  {
    name: 'system:node-proxier',
    to: [user('system:kube-proxy')],
    rules: [
      on('list watch', 'endpoints services'),
      on(read, 'nodes'),
      events,
      on('list watch', 'endpointslices', 'discovery.k8s.io'),
      on('list watch', 'servicecidrs', 'networking.k8s.io'),
    ],
  },
  {
    name: 'system:kube-dns',
    to: [account('kube-dns')],
    rules: [on('list watch', 'endpoints services'), on('list watch', 'endpointslices', 'discovery.k8s.io')],
  },
  {
    name: 'system:kube-scheduler',
    to: [scheduler],
    rules: [
      events,
      on('create', 'leases', 'coordination.k8s.io'),
      on('get list update watch', 'leases', 'coordination.k8s.io', 'kube-scheduler'),
      on('create', 'leasecandidates', 'coordination.k8s.io'),
      on('deletecollection get list patch update watch', 'leasecandidates', 'coordination.k8s.io'),
      on(read, 'nodes'),
      on('delete get list watch', 'pods'),
      on('create', 'bindings pods/binding'),
      on('patch update', 'pods/status'),
      on(read, 'replicationcontrollers services'),
      on(read, 'replicasets', 'apps extensions'),
      on(read, 'statefulsets', 'apps'),
      on(read, 'poddisruptionbudgets', 'policy'),
      on(read, 'persistentvolumeclaims persistentvolumes'),
      ...reviewsOfOthers,
      on(read, 'csinodes', 'storage.k8s.io'),
      on(read, 'namespaces'),
      on(read, 'csidrivers', 'storage.k8s.io'),
      on(read, 'csistoragecapacities', 'storage.k8s.io'),
      on(read, 'volumeattachments', 'storage.k8s.io'),
    ],
  },
  {
    name: 'system:volume-scheduler',
    to: [scheduler],
    rules: [
      on('get list patch update watch', 'persistentvolumes'),
      on(read, 'storageclasses', 'storage.k8s.io'),
      on('get list patch update watch', 'persistentvolumeclaims'),
    ],
  },
  {
    name: 'system:kube-controller-manager',
    to: [manager],
    rules: [
      events,
      on('create', 'leases', 'coordination.k8s.io'),
      on('get list update watch', 'leases', 'coordination.k8s.io', 'kube-controller-manager'),
      on('create', 'leasecandidates', 'coordination.k8s.io'),
      on('deletecollection get list patch update watch', 'leasecandidates', 'coordination.k8s.io'),
      on('create', 'secrets serviceaccounts'),
      on('delete', 'secrets'),
      on('get', 'configmaps namespaces secrets serviceaccounts'),
      on('update', 'secrets serviceaccounts'),
      ...reviewsOfOthers,
      on('list watch', '*', '*'),
      on('create', 'serviceaccounts/token'),
    ],
  },
]

const signers: ReadonlyArray<readonly [string, string]> = [
  ['legacy-unknown-approver', 'kubernetes.io/legacy-unknown'],
  ['kubelet-serving-approver', 'kubernetes.io/kubelet-serving'],
  ['kube-apiserver-client-approver', 'kubernetes.io/kube-apiserver-client'],
  ['kube-apiserver-client-kubelet-approver', 'kubernetes.io/kube-apiserver-client-kubelet'],
]

/** Roles nobody has until somebody binds them. */
const toBeBound: readonly DefaultRole[] = [
  { name: 'system:auth-delegator', rules: reviewsOfOthers },
  { name: 'system:heapster', rules: [on(read, 'events namespaces nodes pods'), on(read, 'deployments', 'extensions')] },
  { name: 'system:kube-aggregator', rules: [on(read, 'endpoints services')] },
  {
    name: 'system:kubelet-api-admin',
    rules: [
      on(read, 'nodes'),
      on('proxy', 'nodes'),
      on('*', 'nodes/checkpoint nodes/configz nodes/healthz nodes/log nodes/metrics nodes/pods nodes/proxy nodes/stats'),
    ],
  },
  { name: 'system:node-bootstrapper', rules: [on('create get list watch', 'certificatesigningrequests', csr)] },
  { name: 'system:node-problem-detector', rules: [on('get', 'nodes'), on('patch', 'nodes/status'), events] },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [
      on('create delete get list watch', 'persistentvolumes'),
      on('get list update watch', 'persistentvolumeclaims'),
      on(read, 'storageclasses', 'storage.k8s.io'),
      on('watch', 'events'),
      events,
    ],
  },
  ...['nodeclient', 'selfnodeclient'].map((name) => ({
    name: `system:certificates.k8s.io:certificatesigningrequests:${name}`,
    rules: [on('create', `certificatesigningrequests/${name}`, csr)],
  })),
  ...signers.map(([name, signer]) => ({
    name: `system:certificates.k8s.io:${name}`,
    rules: [on('approve', 'signers', csr, signer)],
  })),
]

const leaderLocks: readonly DefaultRole[] = [
  {
    name: 'system::leader-locking-kube-controller-manager',
    namespace: 'kube-system',
    to: [manager, account('kube-controller-manager'), account('leader-election-controller')],
    rules: [
      on('watch', 'configmaps'),
      on('get update', 'configmaps', 'core', 'kube-controller-manager'),
      on('create get list update watch', 'leases', 'coordination.k8s.io'),
    ],
  },
  {
    name: 'system::leader-locking-kube-scheduler',
    namespace: 'kube-system',
    to: [scheduler, account('kube-scheduler')],
    rules: [on('watch', 'configmaps'), on('get update', 'configmaps', 'core', 'kube-scheduler')],
  },
]

/** Roles in the system's own namespaces. */
const inNamespaces: readonly DefaultRole[] = [
  {
    name: 'extension-apiserver-authentication-reader',
    namespace: 'kube-system',
    bindingName: 'system::extension-apiserver-authentication-reader',
    to: [manager, scheduler],
    rules: [on(read, 'configmaps', 'core', 'extension-apiserver-authentication')],
  },
  ...leaderLocks,
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-system',
    to: [account('bootstrap-signer')],
    rules: [on(read, 'secrets')],
  },
  {
    name: 'system:controller:bootstrap-signer',
    namespace: 'kube-public',
    to: [account('bootstrap-signer')],
    rules: [on(read, 'configmaps'), on('update', 'configmaps', 'core', 'cluster-info'), events],
  },
  {
    name: 'system:controller:cloud-provider',
    namespace: 'kube-system',
    to: [account('cloud-provider')],
    rules: [on('create get list watch', 'configmaps')],
  },
  {
    name: 'system:controller:token-cleaner',
    namespace: 'kube-system',
    to: [account('token-cleaner')],
    rules: [on('delete get list watch', 'secrets'), events],
  },
]

export const defaultRoles: readonly DefaultRole[] = [...peopleRoles, ...forComponents, ...toBeBound, ...inNamespaces]
