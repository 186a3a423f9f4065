import { configMap, deployment, podTemplate } from './objects.ts'
import type { Row } from './row.ts'
import { describeSection } from './suite.ts'

/** What is created from `body`; undefined in the answer stands for what Go leaves out. */
const written = (title: string, path: string, body: object, answer: object, more: Pick<Row, 'since' | 'needs'> = {}): Row =>
  ({ title, ...more, steps: [{ do: `POST ${path}`, body: { metadata: { name: 'a' }, ...body }, answer }] })

const { template } = podTemplate('x')
const containers = (more: object): object => ({ schedulerName: 'nobody', containers: [{ name: 'main', image: 'busybox:1', ...more }] })
const replicas = { replicas: 0, selector: { matchLabels: { app: 'x' } }, template }

describeSection('zeros', [
  written('leaves out empty maps of a ConfigMap', 'configmaps', { data: {}, binaryData: {} }, { data: undefined, binaryData: undefined }),
  written('keeps what is a pointer, though it is false', 'configmaps', { immutable: false }, { immutable: false }),
  written('leaves out zeros that no pointer keeps, in a template too', 'apps/v1/deployments',
    { ...deployment('a', { ...replicas, paused: true, minReadySeconds: 0, template: { ...template, spec: { ...template.spec, hostNetwork: false, nodeSelector: {}, tolerations: [], shareProcessNamespace: false } } }) },
    { spec: { replicas: 0, minReadySeconds: undefined, template: { spec: { hostNetwork: undefined, nodeSelector: undefined, tolerations: undefined, shareProcessNamespace: false } } } }),
  written('leaves out empty lists and words of a container, and keeps its resources', 'pods?dryRun=All',
    { spec: containers({ command: [], env: [{ name: 'A', value: '' }], resources: { limits: {} }, tty: false, workingDir: '' }) },
    { spec: { containers: [{ command: undefined, env: [{ name: 'A', value: undefined }], resources: { limits: undefined }, tty: undefined, workingDir: undefined }] } }),
  written('writes what is empty and cannot be missing', 'apps/v1/statefulsets', { spec: replicas }, { spec: { serviceName: '', replicas: 0 }, status: { replicas: 0 } }),
  written("writes a Deployment's empty status", 'apps/v1/deployments', deployment('a'), { status: {} }),
  written('writes the metadata of a template that has none', 'batch/v1/cronjobs',
    { spec: { schedule: '1 1 1 1 1', suspend: true, jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: template.spec.containers } } } } } },
    { spec: { jobTemplate: { metadata: {}, spec: { template: { metadata: {} } } } }, status: {} }, { since: 21 }),
  written('writes the zeros that a PodDisruptionBudget counts from', 'policy/v1/poddisruptionbudgets', { spec: { minAvailable: 1, selector: {} } },
    { spec: { selector: {} }, status: { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 } }, { since: 21 }),
  written("writes a Lease's empty spec", 'coordination.k8s.io/v1/leases', {}, { spec: {} }),
  written("writes a ResourceQuota's empty spec and status", 'resourcequotas', {}, { spec: {}, status: {} }),
  written("writes a Service's empty load balancer", 'services', { spec: { ports: [{ port: 80 }], selector: {} } }, { spec: { selector: undefined, ports: [{ port: 80, nodePort: undefined, name: undefined }] }, status: { loadBalancer: {} } }),
  written('writes null for the rules of a Role that has none', 'rbac.authorization.k8s.io/v1/roles', {}, { rules: null }),
  written('writes null for an empty list of rules too', 'rbac.authorization.k8s.io/v1/roles', { rules: [] }, { rules: null }),
  written('writes null for the limits of a LimitRange that has none', 'limitranges', { spec: { limits: [] } }, { spec: { limits: null } }),
  written('writes null for what an EndpointSlice lacks', 'discovery.k8s.io/v1/endpointslices', { addressType: 'IPv4', endpoints: [], ports: [] }, { endpoints: null, ports: null }, { since: 21 }),
  written('writes null for the times that an Event does not tell, and who reports as empty text', 'events', { metadata: { name: 'a', namespace: '{ns}' }, involvedObject: { kind: 'Pod', name: 'a', namespace: '{ns}' } },
    { eventTime: null, firstTimestamp: null, lastTimestamp: null, reportingComponent: '', reportingInstance: '' }),
  written("writes null for a claim's source of the default group", 'persistentvolumeclaims', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, dataSource: { kind: 'PersistentVolumeClaim', name: 'b' } } },
    { spec: { dataSource: { apiGroup: null, kind: 'PersistentVolumeClaim', name: 'b' }, dataSourceRef: { apiGroup: null, kind: 'PersistentVolumeClaim', name: 'b' } } }, { since: 24 }),
  {
    title: 'leaves the replicas out of a Scale that wishes none',
    given: [deployment('web', { ...replicas, replicas: 0 })],
    steps: [{ do: 'GET apps/v1/deployments/web/scale', answer: { spec: { replicas: undefined }, status: { replicas: 0 } } }],
  },
  {
    title: 'leaves out zeros that a change or a patch brings',
    given: [configMap('a', { k: 'v' })],
    steps: [
      { do: 'PUT configmaps/a', body: configMap('a', {}), answer: { data: undefined } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { data: { k: 'v' } }, answer: { data: { k: 'v' } } },
      { do: 'PATCH configmaps/a', type: 'merge', body: { data: { k: null } }, answer: { data: undefined } },
    ],
  },
])
