/** What kube-controller-manager calls the work queues of its controllers; the others are called as their controllers. */
const names: Readonly<Record<string, string>> = {
  'bootstrap-signer': 'bootstrap_signer_queue',
  'certificatesigningrequest-signing-controller': 'certificate',
  'deployment-controller': 'deployment',
  'disruption-controller': 'disruption',
  'endpoint-controller': 'endpoint',
  'endpointslice-controller': 'endpoint_slice',
  'garbage-collector': 'garbage_collector_attempt_to_delete',
  'legacy-serviceaccount-token-controller': 'serviceaccount_tokens_secret',
  'namespace-controller': 'namespace',
  'node-controller': 'node_lifecycle_controller',
  'persistent-volume-binder': 'claims',
  'pv-protection-controller': 'pvprotection',
  'pvc-protection-controller': 'pvcprotection',
  'replicaset-controller': 'replicaset',
  'replication-controller': 'replicationmanager',
  'resourcequota-controller': 'resourcequota_primary',
  'root-ca-cert-publisher': 'root_ca_cert_publisher',
  'service-account-controller': 'serviceaccount',
  'service-cidrs-controller': 'ipaddresses',
  'taint-eviction-controller': 'noexec_taint_pod',
  'token-cleaner': 'token_cleaner',
}

export const queueNameOf = (controller: string): string => names[controller] ?? controller
