import type { Row } from './command.ts'

const unsigned = [
  'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlJQ1lqQ0NBVW9DQVFBd0hURU1NQW9HQTFVRUF3d0RZVzV1TVEwd0N3WURWUVFLREFSMFpXRnRNSUlCSWpBTgpCZ2tx',
  'aGtpRzl3MEJBUUVGQUFPQ0FROEFNSUlCQ2dLQ0FRRUFtejdLR3JmenR2MkFJVnhsUXlwNnM5cVRIU1FkCm0ySnpOWHlZMGg1S2dHQVkveUZodmU2dGwrQk9OeXVqb0swYm9LdTZMRWJC',
  'S2dwSVF3MWRQSTZNbE5RNTQrNWQKd1VCSzNNMmJpbTFUZlBYZk9Ldk1VKzB5MW1HempxdHNHZndMMkdIVkNwczRuM3ZsVjFFRE1kYXh3bDVVMHNGWApLSGF3YytBVElHL21ma29PUlJa',
  'TW9UdlZMTkY3enQvRUd1eHdRc3pTYzZoZ2NDeC94MGN0aEw5aVRUR3ErWExTCkVhNzAvV0VCRWx4bC9oeVJ2eGd3RWw2b0l2Wlh6TUN2bUxNNjM1YkU2dzZKNDVCM2h0aFFScks1SFdw',
  'cm5WQk4KR3MvbThQcXhqWVgyczd4ZEEycGdVNjlvNmswM0RUQ3hVeGNLdmJuOGNta2dwcFkvR2FQVHZOQ0J5d0lEQVFBQgpvQUF3RFFZSktvWklodmNOQVFFTEJRQURnZ0VCQUJDcHFx',
  'T1gvaVF2em1vRmNWNmpab042MDJ4Vkxwd2EvTTZ2CkJkVHNwY1V2OW9RMnVDdGJuRytIUU1aWnY3c3F6T2d0MEtWa1NOOXlXdmtzOXhPNVRKdWcyeXRianlMNWFJZFIKSUx0R1hTelJN',
  'U0drZ2U4bGJleHZCRlVXV3RmYXdES2RvamZQdThKRkIyWDUyS2Q3N2VLSytrc3ovR3o1aEViTQpIQms5elZwWkFTR2JUR3JpeXl1WXJxV0Z6dUNNUllGT0RTaGcySVVxTitlK0NuMlhQ',
  'eFRzRVV0WXN2RWVMVDlsCkFsZGpIeTlrdTEyd00yOWpkb3RQNGpMZlZPeFpTb3o0OWMzKzNrVGNQSkFKM0R5eXI5VG1IWXljY2FwVDU2ZzAKVy81a09LZE9yQy9CUm81b0RRbFZNTmVt',
  'OHZHY3BDU2tWejVVM3cvcEluZ2pwZzIyRUZRPQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K',
].join('')

/** A request for `CN=ann,O=team`, with a key that nobody kept. */
const request = (name: string) => `apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: { name: ${name} }
spec:
  signerName: kubernetes.io/kube-apiserver-client
  usages: [client auth]
  request: ${unsigned}
`

/** Every generator of `kubectl create`, `run` and `expose`, and what the server made of it. */
export const creating: Readonly<Record<string, readonly Row[]>> = {
  'namespaces, configuration and secrets': [
    { run: 'create namespace team', says: 'namespace/team created' },
    { run: 'create ns team', fails: true, says: 'Error from server (AlreadyExists): namespaces "team" already exists' },
    { run: 'create configmap settings -n team --from-literal=a=1 --from-file=page.html', files: { 'page.html': '<p>' }, says: 'configmap/settings created' },
    { run: 'create configmap settings -n team --from-env-file=vars --dry-run=server -o yaml', files: { vars: 'A=1\nB=2\n' }, fails: true, says: 'configmaps "settings" already exists' },
    { run: "get cm settings -n team -o 'jsonpath={.data}'", says: ['"a":"1"', '"page.html":'] },
    { run: 'create secret generic token -n team --from-literal=word=open', says: 'secret/token created' },
    { run: "get secret token -n team -o 'go-template={{.data.word | base64decode}} {{.type}}'", says: 'open Opaque' },
    { run: 'create secret docker-registry pull -n team --docker-server=r.example --docker-username=u --docker-password=p --docker-email=e@e', says: 'secret/pull created' },
    { run: "get secret pull -n team -o 'jsonpath={.type}'", says: 'kubernetes.io/dockerconfigjson' },
    { run: 'create secret tls wrong -n team --cert=no.crt --key=no.key', fails: true, says: 'no.crt' },
    { run: 'create serviceaccount robot -n team', says: 'serviceaccount/robot created' },
    { run: 'create token robot -n team --duration=10m', since: 24, says: /^eyJ/ },
    { run: 'create quota small -n team --hard=pods=10,requests.cpu=2 --scopes=NotTerminating', says: 'resourcequota/small created' },
    { run: 'get quota small -n team', waits: true, says: [/REQUEST/, 'pods: 0/10', 'requests.cpu: 0/2'] },
    { run: 'delete quota small -n team', says: 'resourcequota "small" deleted' },
    { run: 'create priorityclass high --value=1000 --description=urgent --preemption-policy=Never', says: 'priorityclass.scheduling.k8s.io/high created' },
    { run: 'get pc high', says: [/NAME\s+VALUE\s+GLOBAL-DEFAULT/, /high\s+1000\s+false/] },
  ],
  'access': [
    { run: 'create role reader -n team --verb=get,list --resource=pods,pods/log --resource-name=web', says: 'role.rbac.authorization.k8s.io/reader created' },
    { run: 'create rolebinding reader -n team --role=reader --serviceaccount=team:robot --user=ann --group=readers', says: 'rolebinding.rbac.authorization.k8s.io/reader created' },
    { run: 'create clusterrole inspector --verb=get --resource=nodes --non-resource-url=/logs/*', says: 'created' },
    { run: 'create clusterrole totals --aggregation-rule=rbac.example/total=true', says: 'created' },
    { run: 'create clusterrolebinding inspector --clusterrole=inspector --user=ann', says: 'clusterrolebinding.rbac.authorization.k8s.io/inspector created' },
    { run: 'describe role reader -n team', says: [/pods\s+\[\]\s+\[web\]\s+\[get list\]/] },
    { run: 'describe clusterrolebinding inspector', says: [/Kind:\s+ClusterRole/, /User\s+ann/] },
    { run: 'auth can-i get node/x --as ann', says: 'yes' },
    { run: 'auth can-i get pods/web -n team --as system:serviceaccount:team:robot', says: 'yes' },
    { run: 'auth can-i delete pods -n team --as ann', fails: true, says: 'no' },
    { run: 'auth can-i --list -n team --as ann', says: [/nodes\s+\[\]\s+\[\]\s+\[get\]/, /\[\/logs\/\*\]/] },
    { run: 'auth whoami', since: 28, says: ['Username', 'system:masters'] },
    { run: 'auth reconcile -f access.yaml', files: { 'access.yaml': 'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: { name: reader, namespace: team }\nrules: [{ apiGroups: [""], resources: [services], verbs: [get] }]\n' }, says: 'role.rbac.authorization.k8s.io/reader reconciled' },
    { run: 'get role reader -n team -o yaml', says: ['- services', '- pods/log'] },
  ],
  'certificates': [
    { run: 'create -f request.yaml', files: { 'request.yaml': request('ann') }, says: 'certificatesigningrequest.certificates.k8s.io/ann created' },
    { run: 'get csr ann', says: [/NAME\s+AGE\s+SIGNERNAME\s+REQUESTOR/, /kubernetes.io\/kube-apiserver-client\s+\S+.*\s+Pending/] },
    { run: 'certificate approve ann', says: 'certificatesigningrequest.certificates.k8s.io/ann approved' },
    { run: "get csr ann -o 'jsonpath={.status.conditions[*].type} {.status.certificate}'", waits: true, says: /^Approved \S{100}/ },
    { run: 'describe csr ann', says: [/Status:\s+Approved,Issued/, /Common Name:\s+ann/] },
    { run: 'create -f request.yaml', files: { 'request.yaml': request('bob') }, says: 'created' },
    { run: 'certificate deny bob', says: 'certificatesigningrequest.certificates.k8s.io/bob denied' },
    { run: 'get csr bob', says: 'Denied' },
    { run: 'certificate approve bob', fails: true, says: 'Denied' },
  ],
  'workloads': [
    { run: 'create deployment web --image=busybox:1 --replicas=2 --port=80', says: 'deployment.apps/web created' },
    { run: "create deployment tried --image=busybox:1 --dry-run=client -o 'jsonpath={.kind} {.spec.template.spec.containers[0].image}'", says: 'Deployment busybox:1' },
    { run: 'create deployment tried --image=busybox:1 --dry-run=server', says: 'deployment.apps/tried created (server dry run)' },
    { run: 'get deployment tried', fails: true, says: 'Error from server (NotFound): deployments.apps "tried" not found' },
    { run: 'create job once --image=busybox:1 -- sh -c date', says: 'job.batch/once created' },
    { run: "create cronjob nightly --image=busybox:1 --schedule='0 3 * * *' -- date", says: 'cronjob.batch/nightly created' },
    { run: 'create job now --from=cronjob/nightly', since: 21, says: 'job.batch/now created' },
    { run: 'get job,cronjob', says: [/job.batch\/once/, /cronjob.batch\/nightly\s+0 3 \* \* \*/] },
    { run: 'create pdb web --selector=app=web --min-available=1', says: /poddisruptionbudget.policy\/web created/ },
    { run: 'run one --image=busybox:1 --labels=app=one --env=A=1 --port=80 --restart=Never', says: 'pod/one created' },
    { run: "get pod one -o 'jsonpath={.spec.restartPolicy} {.spec.containers[0].env[0].name} {.metadata.labels.app}'", says: 'Never A one' },
    { run: 'wait --for=condition=Ready pod/one --timeout=30s', says: 'pod/one condition met' },
    { run: 'run one --image=busybox:1', fails: true, says: 'pods "one" already exists' },
  ],
  'services and ingresses': [
    { run: 'create service clusterip inner --tcp=80:8080', says: 'service/inner created' },
    { run: 'create service clusterip headless --clusterip=None', says: 'service/headless created' },
    { run: 'create service nodeport outer --tcp=80:8080 --node-port=30123', says: 'service/outer created' },
    { run: 'create service loadbalancer balanced --tcp=80:8080', says: 'service/balanced created' },
    { run: 'create service externalname elsewhere --external-name=example.com', says: 'service/elsewhere created' },
    { run: 'get svc', says: [/headless\s+ClusterIP\s+None/, /outer\s+NodePort\s+10\.96\.\d+\.\d+\s+<none>\s+80:30123\/TCP/, /elsewhere\s+ExternalName\s+<none>\s+example.com/] },
    { run: 'create service nodeport again --tcp=80:8080 --node-port=30123', fails: true, says: 'provided port is already allocated' },
    { run: "create ingress front --class=none --rule='a.example/shop*=web:80' --default-backend=web:80", says: 'ingress.networking.k8s.io/front created' },
    { run: 'get ingress front', says: [/NAME\s+CLASS\s+HOSTS/, /front\s+none\s+a.example/] },
    { run: 'expose deployment web --port=8000 --target-port=80 --name=exposed --type=NodePort', says: 'service/exposed exposed' },
    { run: 'expose pod one --port=8000', says: 'service/one exposed' },
    { run: 'get endpoints exposed', waits: true, says: /exposed\s+10\.\d+\.\d+\.\d+:80,10/ },
    { run: 'delete svc inner headless outer balanced elsewhere exposed one', says: ['service "inner" deleted', 'service "one" deleted'] },
  ],
  'what files and standard input hold': [
    { run: 'create -f -', input: '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"generateName":"made-"}}', says: /configmap\/made-\w{5} created/ },
    { run: 'create --validate=true -f typo.yaml', files: { 'typo.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: typo }\ndta: {}\n' }, fails: true, says: /unknown field "(.*\.)?dta"/ },
    { run: 'create -f both.yaml', files: { 'both.yaml': 'apiVersion: v1\nkind: List\nitems:\n- { apiVersion: v1, kind: ConfigMap, metadata: { name: first } }\n- { apiVersion: v1, kind: ConfigMap, metadata: { name: second } }\n' }, says: ['configmap/first created', 'configmap/second created'] },
    { run: 'create --raw /api/v1/namespaces/default/configmaps -f raw.json', files: { 'raw.json': '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"raw"}}' }, says: '"name":"raw"' },
    { run: 'create --edit -f edited.yaml', files: { 'edited.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: unedited }\n' }, edits: 's/unedited/edited/', says: 'configmap/edited created' },
    { run: 'kustomize .', files: { 'kustomization.yaml': 'namePrefix: my-\nconfigMapGenerator: [{ name: made, literals: [a=b] }]\n' }, says: ['kind: ConfigMap', 'name: my-made-'] },
    { run: 'apply -k .', files: { 'kustomization.yaml': 'namePrefix: my-\nconfigMapGenerator: [{ name: made, literals: [a=b] }]\n' }, says: /configmap\/my-made-\w+ created/ },
    { run: 'get configmap -o name', says: ['configmap/edited', 'configmap/first', 'configmap/raw'] },
  ],
}
