import { type DefaultRole, group, on, read, readWrite, urls, write } from './role-notation.ts'

const aggregate = (role: string): string => `rbac.authorization.k8s.io/aggregate-to-${role}`
const authenticated = group('system:authenticated')
const unauthenticated = group('system:unauthenticated')
const scaled = 'deployments deployments/scale replicasets replicasets/scale statefulsets statefulsets/scale'

/** Who may do what for a person: Kubernetes' user-facing roles. */
export const peopleRoles: readonly DefaultRole[] = [
  { name: 'cluster-admin', to: [group('system:masters')], rules: [on('*', '*', '*'), urls('*', '*')] },
  { name: 'admin', aggregates: aggregate('admin'), rules: [] },
  { name: 'edit', aggregates: aggregate('edit'), aggregatedTo: aggregate('admin'), rules: [] },
  { name: 'view', aggregates: aggregate('view'), aggregatedTo: aggregate('edit'), rules: [] },
  {
    name: 'system:aggregate-to-admin',
    aggregatedTo: aggregate('admin'),
    rules: [
      on('create', 'localsubjectaccessreviews', 'authorization.k8s.io'),
      on(readWrite, 'rolebindings roles', 'rbac.authorization.k8s.io'),
    ],
  },
  {
    name: 'system:aggregate-to-edit',
    aggregatedTo: aggregate('edit'),
    rules: [
      on(read, 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
      on('impersonate', 'serviceaccounts'),
      on(write, 'pods pods/attach pods/exec pods/portforward pods/proxy'),
      on('create', 'pods/eviction'),
      on(write, 'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy'),
      on('create', 'serviceaccounts/token'),
      on(write, `daemonsets deployments/rollback ${scaled}`, 'apps'),
      on(write, 'horizontalpodautoscalers', 'autoscaling'),
      on(write, 'cronjobs jobs', 'batch'),
      on(write, 'daemonsets deployments deployments/rollback deployments/scale ingresses networkpolicies replicasets replicasets/scale replicationcontrollers/scale', 'extensions'),
      on(write, 'poddisruptionbudgets', 'policy'),
      on(write, 'ingresses networkpolicies', 'networking.k8s.io'),
      on(readWrite, 'leases', 'coordination.k8s.io'),
    ],
  },
  {
    name: 'system:aggregate-to-view',
    aggregatedTo: aggregate('view'),
    rules: [
      on(read, 'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status'),
      on(read, 'bindings events limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status'),
      on(read, 'namespaces'),
      on(read, 'endpointslices', 'discovery.k8s.io'),
      on(read, `controllerrevisions daemonsets daemonsets/status deployments/status replicasets/status statefulsets/status ${scaled}`, 'apps'),
      on(read, 'horizontalpodautoscalers horizontalpodautoscalers/status', 'autoscaling'),
      on(read, 'cronjobs cronjobs/status jobs jobs/status', 'batch'),
      on(read, 'daemonsets daemonsets/status deployments deployments/scale deployments/status ingresses ingresses/status networkpolicies replicasets replicasets/scale replicasets/status replicationcontrollers/scale', 'extensions'),
      on(read, 'poddisruptionbudgets poddisruptionbudgets/status', 'policy'),
      on(read, 'ingresses ingresses/status networkpolicies', 'networking.k8s.io'),
    ],
  },
  // metrics-server brings this one along
  { name: 'system:aggregated-metrics-reader', aggregatedTo: aggregate('view'), rules: [on(read, 'nodes pods', 'metrics.k8s.io')] },
  { name: 'wheelhouse:aggregate-to-view', aggregatedTo: aggregate('view'), rules: [on(read, 'servicetraffics', 'traffic.wheelhouse.dev')] },
  {
    name: 'system:discovery',
    to: [authenticated],
    rules: [urls('get', '/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/')],
  },
  {
    name: 'system:basic-user',
    to: [authenticated],
    rules: [
      on('create', 'selfsubjectaccessreviews selfsubjectrulesreviews', 'authorization.k8s.io'),
      on('create', 'selfsubjectreviews', 'authentication.k8s.io'),
    ],
  },
  {
    name: 'system:public-info-viewer',
    to: [authenticated, unauthenticated],
    rules: [urls('get', '/healthz /livez /readyz /version /version/')],
  },
  {
    name: 'system:monitoring',
    to: [group('system:monitoring')],
    rules: [urls('get', '/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*')],
  },
  {
    name: 'system:service-account-issuer-discovery',
    to: [group('system:serviceaccounts')],
    rules: [urls('get', '/.well-known/openid-configuration /openid/v1/jwks')],
  },
]
