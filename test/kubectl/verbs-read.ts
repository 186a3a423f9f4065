import type { Row } from './command.ts'

const gadgets = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: gadgets.example.com }
spec:
  group: example.com
  scope: Namespaced
  names: { plural: gadgets, singular: gadget, kind: Gadget, shortNames: [gad], categories: [all] }
  versions:
  - name: v1
    served: true
    storage: true
    subresources: { status: {} }
    additionalPrinterColumns: [{ name: Color, type: string, jsonPath: .spec.color, description: what it looks like }]
    schema:
      openAPIV3Schema:
        type: object
        description: A gadget of any kind.
        properties:
          spec: { type: object, required: [color], properties: { color: { type: string, description: Its color. }, size: { type: integer } } }
`
/** Kinds that describe has a form of its own for; every cluster has one of each. */
const described: ReadonlyArray<[string, RegExp]> = [
  ['node simulated-1', /Capacity:[\s\S]*cpu:[\s\S]*Allocated resources:/],
  ['namespace kube-system', /Status:\s+Active/],
  ['deployment web', /StrategyType:\s+RollingUpdate[\s\S]*NewReplicaSet:/],
  ['rs -l app=web', /Controlled By:\s+Deployment\/web/],
  ['pod -l app=web', /Node:\s+simulated-1[\s\S]*QoS Class:\s+BestEffort/],
  ['service web', /Endpoints:\s+10\.\d+\.\d+\.\d+:80/],
  ['endpoints web', /Addresses:\s+10\./],
  ['endpointslice -l kubernetes.io/service-name=web', /AddressType:\s+IPv4/],
  ['serviceaccount default', /Name:\s+default/],
  ['configmap kube-root-ca.crt', /ca.crt:\n----/],
  ['secret word', /open:\s+4 bytes/],
  ['clusterrole view', /pods\/log\s+\[\]\s+\[\]\s+\[get list watch\]/],
  ['clusterrolebinding cluster-admin', /Group\s+system:masters/],
  ['gadget one', /Kind:\s+Gadget[\s\S]*Color:\s+red/],
  ['crd gadgets.example.com', /Type:\s+Established/],
  ['lease -n kube-node-lease simulated-1', /Holder Identity:\s+simulated-1/],
  ['priorityclass system-node-critical', /Value:\s+2000001000/],
  ['limitrange limits', /Container\s+cpu\s+-\s+1/],
  ['resourcequota quota', /configmaps\s+\d+\s+100/],
  ['networkpolicy closed', /Allowing ingress traffic:/],
  ['ingressclass inner', /Controller:\s+example.com\/inner/],
  ['storageclass slow', /Provisioner:\s+example.com\/slow/],
  ['pv volume', /Capacity:\s+1Gi/],
  ['pvc claim', /StorageClass:\s+slow/],
]

const objects = `apiVersion: v1
kind: List
items:
- { apiVersion: v1, kind: Secret, metadata: { name: word }, stringData: { open: yes! } }
- { apiVersion: v1, kind: LimitRange, metadata: { name: limits }, spec: { limits: [{ type: Container, max: { cpu: '1' } }] } }
- { apiVersion: v1, kind: ResourceQuota, metadata: { name: quota }, spec: { hard: { configmaps: '100' } } }
- { apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: { name: closed }, spec: { podSelector: {}, policyTypes: [Ingress] } }
- { apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: { name: inner }, spec: { controller: example.com/inner } }
- { apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: { name: slow }, provisioner: example.com/slow, volumeBindingMode: WaitForFirstConsumer }
- { apiVersion: v1, kind: PersistentVolume, metadata: { name: volume }, spec: { capacity: { storage: 1Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /tmp } } }
- { apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: claim }, spec: { storageClassName: slow, accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } } }
`

/** Everything that reads. */
export const reading: Readonly<Record<string, readonly Row[]>> = {
  'what there is to read': [
    { run: 'create deployment web --image=busybox:1 --replicas=2', says: 'created' },
    { run: 'expose deployment web --port=80', says: 'exposed' },
    { run: 'rollout status deployment/web --timeout=60s', says: 'successfully rolled out' },
    { run: 'create -f objects.yaml', files: { 'objects.yaml': objects }, says: ['secret/word created', 'persistentvolumeclaim/claim created'] },
    { run: 'create -f gadgets.yaml', files: { 'gadgets.yaml': gadgets }, says: 'customresourcedefinition.apiextensions.k8s.io/gadgets.example.com created' },
    { run: 'wait --for=condition=Established crd/gadgets.example.com --timeout=30s', says: 'condition met' },
    { run: 'create -f -', input: '{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"one"},"spec":{"color":"red"}}', waits: true, says: 'gadget.example.com/one created' },
    { run: 'create -f -', input: '{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"two"},"spec":{"size":1}}', fails: true, says: /spec\.color|missing required field "color"/ },
  ],
  'get in every form': [
    { run: 'get pods -l app=web', says: [/NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE/, /web-\S+\s+1\/1\s+Running\s+0/] },
    { run: 'get pods -l app=web -o wide', says: [/IP\s+NODE\s+NOMINATED NODE\s+READINESS GATES/, 'simulated-1'] },
    { run: 'get pods -o name', says: /^pod\/web-/m },
    { run: 'get deploy web -o yaml', says: ['apiVersion: apps/v1', 'kind: Deployment'] },
    { run: 'get deploy web -o json', says: '"kind": "Deployment"' },
    { run: "get deploy web -o 'jsonpath={.metadata.name}:{range .spec.template.spec.containers[*]}{.image}{end}'", says: 'web:busybox:1' },
    { run: "get nodes -o 'go-template={{range .items}}{{.metadata.name}}{{end}}'", says: 'simulated-1' },
    { run: 'get deploy -o custom-columns=N:.metadata.name,I:.spec.template.spec.containers[0].image', says: [/^N\s+I$/m, /^web\s+busybox:1$/m] },
    { run: 'get deploy --no-headers --show-labels', says: /web\s+2\/2\s+2\s+2\s+\S+\s+app=web/ },
    { run: 'get deploy -L app', says: [/AGE\s+APP/, /web\s*$/m] },
    { run: 'get pods -A --sort-by=.metadata.creationTimestamp', says: /^NAMESPACE\s+NAME/m },
    { run: 'get clusterroles --chunk-size=5', says: ['admin', 'view'] },
    { run: 'get pods --field-selector=status.phase=Running,metadata.namespace=default', says: 'web-' },
    { run: 'get pods --field-selector=spec.nodeName=elsewhere', says: 'No resources found in default namespace.' },
    { run: 'get pods --field-selector=spec.wrong=1', fails: true, says: 'field label not supported: spec.wrong' },
    { run: "get pods -l 'app in (web,api),!gone'", says: 'web-' },
    { run: 'get all', says: ['pod/web-', 'service/web', 'deployment.apps/web', 'replicaset.apps/web-', 'gadget.example.com/one'] },
    { run: 'get gadgets', says: [/NAME\s+COLOR/, /one\s+red/] },
    { run: 'get gad/one deploy/web', says: ['gadget.example.com/one', 'deployment.apps/web'] },
    { run: 'get --raw /readyz?verbose', says: ['[+]ping ok', 'readyz check passed'] },
    { run: 'get --raw /api/v1/namespaces/default/pods?limit=1', says: '"kind":"PodList"' },
    { run: 'get events', says: [/LAST SEEN\s+TYPE\s+REASON\s+OBJECT\s+MESSAGE/, 'Scheduled'] },
    { run: 'get nothing', fails: true, says: 'the server doesn\'t have a resource type "nothing"' },
    { run: 'get cs', says: 'ComponentStatus is deprecated in v1.19+' },
    { run: 'events', since: 26, says: 'Scheduled' },
    { run: 'events --for deployment/web', since: 26, says: 'ScalingReplicaSet' },
  ],
  'describe': described.map(([what, says]) => ({ run: `describe ${what}`, says, waits: true })),
  'explain': [
    { run: 'explain pods', says: [/KIND:\s+Pod/, /VERSION:\s+v1/, 'Pod is a collection of containers'] },
    { run: 'explain deployment.spec.template.spec.containers.livenessProbe.httpGet', says: [/path\s+<string>/, 'Path to access on the HTTP server.'] },
    { run: 'explain ingress.spec --recursive', says: [/defaultBackend\s+<.*>/, /pathType\s+<string>/] },
    { run: 'explain gadgets.spec.color', waits: true, says: 'Its color.' },
    { run: 'explain hpa --api-version=autoscaling/v2', says: /VERSION:\s+(autoscaling\/)?v2/ },
    { run: 'explain pods.spec.nothing', fails: true, says: 'field "nothing" does not exist' },
  ],
  'the cluster': [
    { run: 'version', says: /v1\.36\.\d+\+wheelhouse/ },
    { run: 'cluster-info', says: /(master|control plane).*is running at.*https:\/\/127\.0\.0\.1/ },
    { run: 'cluster-info dump --output-directory=dump', says: 'Cluster info dumped to dump' },
    { run: 'api-versions', says: ['apps/v1', 'example.com/v1', 'rbac.authorization.k8s.io/v1'] },
    { run: 'api-resources --verbs=list,get --namespaced -o wide', says: [/^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment\s+\S*create/m, /^gadgets\s+gad/m] },
    { run: 'api-resources --api-group=policy -o name', says: 'poddisruptionbudgets.policy' },
    { run: 'top nodes', waits: true, says: [/NAME\s+CPU\(cores\)\s+CPU/, /simulated-1\s+\d+m/] },
    { run: 'top pods --containers', waits: true, says: [/POD\s+NAME\s+CPU\(cores\)\s+MEMORY\(bytes\)/, /web-\S+\s+busybox\s+\d+m\s+\d+Mi/] },
    { run: 'logs deployment/web', says: /./ },
    { run: 'logs -l app=web --tail=1 --prefix', says: /\[pod\/web-/ },
    { run: 'logs deployment/web -c none', fails: true, says: /container none is not valid for pod web-/ },
    { run: 'exec deploy/web -- true', fails: true, says: 'simulated' },
  ],
  'what needs no cluster': [
    { run: 'options', says: '--kubeconfig' },
    { run: 'completion bash', says: '__start_kubectl' },
    { run: 'config current-context', says: 'wheelhouse' },
    { run: 'config get-contexts', says: [/CURRENT\s+NAME\s+CLUSTER\s+AUTHINFO\s+NAMESPACE/, /\*\s+wheelhouse\s+wheelhouse\s+wheelhouse-admin/] },
    { run: 'config view', says: ['current-context: wheelhouse', 'token: REDACTED'] },
    { run: 'plugin list', fails: true, says: 'unable to find any kubectl plugins' },
    { run: 'create deployment local --image=busybox:1 --dry-run=client -o yaml', says: 'kind: Deployment' },
  ],
}
