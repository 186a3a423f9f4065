import { describe, expect, it } from 'vitest'
import { deployment } from '../../src-main/kinds/apps/deployment.ts'
import { replicaSet } from '../../src-main/kinds/apps/replica-set.ts'
import { lease } from '../../src-main/kinds/coordination/lease.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { endpoints } from '../../src-main/kinds/core/endpoints.ts'
import { event } from '../../src-main/kinds/core/event.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { replicationController } from '../../src-main/kinds/core/replication-controller.ts'
import { secret } from '../../src-main/kinds/core/secret.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { labelRule as label, subdomainRule as subdomain } from '../fixtures/name-rules.ts'
import { changed, mistakes } from './prepared.ts'

const labelValue = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
const labelKey = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const portRange = 'must be between 1 and 65535, inclusive'

interface Table {
  readonly kind: AnyKind
  readonly base: string
  readonly cases: ReadonlyArray<readonly [change: string, ...errors: string[]]>
}

const aPod = 'spec: {containers: [{name: a, image: a}]}'
const oneContainer = (fields: string): string => `spec: {containers: [{name: a, image: a, ${fields}}]}`
const template = '{metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: a}]}}'
const aDeployment = `spec: {selector: {matchLabels: {app: web}}, template: ${template}}`
const c0 = 'spec.containers[0]'

const tables: readonly Table[] = [
  {
    kind: configMap, base: 'data: {a: b}',
    cases: [
      ['{}'],
      ['metadata: {name: A_b}', `metadata.name: Invalid value: "A_b": ${subdomain}`],
      ['metadata: {name: null}', 'metadata.name: Required value: name or generateName is required'],
      [`metadata: {name: ${'a'.repeat(254)}}`, `metadata.name: Invalid value: "${'a'.repeat(254)}": must be no more than 253 characters`],
      ['metadata: {generateName: web-}'],
      ['metadata: {generateName: Web-}', `metadata.generateName: Invalid value: "Web-": ${subdomain}`],
      ['metadata: {labels: {"a b": c}}', `metadata.labels: Invalid value: "a b": ${labelKey}`],
      ['metadata: {labels: {a: "-"}}', `metadata.labels: Invalid value: "-": ${labelValue}`],
      ['metadata: {labels: {"/a": b}}', 'metadata.labels: Invalid value: "/a": prefix part must be non-empty'],
      ['metadata: {annotations: {"a/b/c": d}}', `metadata.annotations: Invalid value: "a/b/c": a valid label key ${labelKey.replace('name part ', '')} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
      [`metadata: {annotations: {a: ${'x'.repeat(256 * 1024)}}}`, 'metadata.annotations: Too long: may not be more than 262144 bytes'],
      ['metadata: {finalizers: ["a b"]}', `metadata.finalizers: Invalid value: "a b": ${labelKey}`, 'metadata.finalizers[0]: Invalid value: "a b": name is neither a standard finalizer name nor is it fully qualified'],
      ['metadata: {finalizers: [orphan, foregroundDeletion]}', 'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set'],
      ['metadata: {ownerReferences: [{apiVersion: v1, kind: Pod, name: a, uid: ""}]}', 'metadata.ownerReferences.uid: Invalid value: "": must not be empty'],
      ['data: {"a/b": c}', "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"],
      ['data: {"..": c}', "data[..]: Invalid value: \"..\": must not be '..'"],
      ['binaryData: {a: aGk=}', 'data[a]: Invalid value: "a": duplicate of key present in binaryData'],
      [`data: {a: ${'x'.repeat(1024 * 1024 + 1)}}`, '[]: Too long: may not be more than 1048576 bytes'],
    ],
  },
  {
    kind: secret, base: 'data: {a: aGk=}',
    cases: [
      ['{}'],
      ['type: kubernetes.io/tls', 'data[tls.crt]: Required value', 'data[tls.key]: Required value'],
      ['type: kubernetes.io/dockerconfigjson\ndata: {.dockerconfigjson: aGk=}', 'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'h\' looking for beginning of value'],
      ['type: kubernetes.io/service-account-token', 'metadata.annotations[kubernetes.io/service-account.name]: Required value'],
    ],
  },
  {
    kind: namespace, base: '{}',
    cases: [
      ['{}'],
      ['metadata: {name: a.b}', 'metadata.name: Invalid value: "a.b": must not contain dots'],
      ['metadata: {name: A}', `metadata.name: Invalid value: "A": ${label}`],
      ['metadata: {namespace: x}', 'metadata.namespace: Forbidden: not allowed on this type'],
    ],
  },
  {
    kind: pod, base: aPod,
    cases: [
      ['{}'],
      ['spec: null', 'spec.containers: Required value'],
      ['spec: {containers: []}', 'spec.containers: Required value'],
      ['spec: {containers: [{}]}', `${c0}.name: Required value`, `${c0}.image: Required value`],
      ['spec: {containers: [{name: A, image: " a"}]}', `${c0}.name: Invalid value: "A": ${label}`, `${c0}.image: Invalid value: " a": must not have leading or trailing whitespace`],
      ['spec: {containers: [{name: a, image: a}, {name: a, image: b}]}', 'spec.containers[1].name: Duplicate value: "a"'],
      ['spec: {restartPolicy: Sometimes}', 'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"'],
      ['spec: {dnsPolicy: None}', 'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
      ['spec: {activeDeadlineSeconds: 0}', 'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive'],
      ['spec: {nodeSelector: {a: "b c"}}', `spec.nodeSelector: Invalid value: "b c": ${labelValue}`],
      ['spec: {tolerations: [{operator: Equal}]}', 'spec.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"'],
      ['spec: {tolerations: [{key: a, operator: Exists, tolerationSeconds: 1, effect: NoSchedule}]}', "spec.tolerations[0].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set"],
      ['spec: {volumes: [{name: v, emptyDir: {}, hostPath: {path: /}}]}', 'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type'],
      ['spec: {volumes: [{name: v, secret: {}}]}', 'spec.volumes[0].secret.secretName: Required value'],
      ['spec: {volumes: [{name: v}, {name: v}]}', 'spec.volumes[1].name: Duplicate value: "v"'],
      ['spec: {volumes: [{name: v, configMap: {name: c, defaultMode: 512}}]}', 'spec.volumes[0].configMap.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive'],
      ['spec: {volumes: [{name: v, configMap: {name: c, items: [{key: k, path: ../x}]}}]}', "spec.volumes[0].configMap.items[0].path: Invalid value: \"../x\": must not contain '..'"],
      [oneContainer('volumeMounts: [{name: v, mountPath: /x}]'), `${c0}.volumeMounts[0].name: Not found: "v"`],
      [oneContainer('ports: [{containerPort: 70000}]'), `${c0}.ports[0].containerPort: Invalid value: 70000: ${portRange}`],
      [oneContainer('ports: [{name: x}]'), `${c0}.ports[0].containerPort: Required value`],
      [oneContainer('ports: [{containerPort: 1, name: x}, {containerPort: 2, name: x}]'), `${c0}.ports[1].name: Duplicate value: "x"`],
      [oneContainer('ports: [{containerPort: 1, protocol: HTTP}]'), `${c0}.ports[0].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"`],
      [oneContainer('ports: [{containerPort: 1, name: UP--a}]'), ...['must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)', 'must not contain consecutive hyphens'].map((s) => `${c0}.ports[0].name: Invalid value: "UP--a": ${s}`)],
      // Kubernetes warns of these, and takes them
      [oneContainer('ports: [{containerPort: 1}, {containerPort: 1}], env: [{name: A, value: a}, {name: A, value: b}]')],
      [oneContainer('env: [{value: a}]'), `${c0}.env[0].name: Required value`],
      [oneContainer('env: [{name: "a=b"}]'), `${c0}.env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than '='`],
      [oneContainer('env: [{name: A, value: b, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]'), `${c0}.env[0].valueFrom: Invalid value: "": may not be specified when \`value\` is not empty`],
      [oneContainer('env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.x}}}]'), `${c0}.env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.x": error converting fieldPath: field label not supported: spec.x`],
      [oneContainer('resources: {limits: {cpu: 1}, requests: {cpu: 2}}'), `${c0}.resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`],
      [oneContainer('resources: {limits: {memory: "-1"}}'), `${c0}.resources.limits[memory]: Invalid value: "-1": must be greater than or equal to 0`, `${c0}.resources.requests[memory]: Invalid value: "-1": must be greater than or equal to 0`],
      [oneContainer('resources: {limits: {gpu: 1}}'), ...['limits', 'requests'].flatMap((l) => ['must be a standard resource type or fully qualified', 'must be a standard resource for containers'].map((sentence) => `${c0}.resources.${l}[gpu]: Invalid value: "gpu": ${sentence}`))],
      [oneContainer('livenessProbe: {}'), `${c0}.livenessProbe: Required value: must specify a handler type`],
      [oneContainer('livenessProbe: {httpGet: {port: 0}, tcpSocket: {port: 1}}'), `${c0}.livenessProbe.httpGet.port: Invalid value: 0: ${portRange}`, `${c0}.livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type`],
      [oneContainer('livenessProbe: {exec: {command: [a]}, successThreshold: 2}'), `${c0}.livenessProbe.successThreshold: Invalid value: 2: must be 1`],
      [oneContainer('readinessProbe: {exec: {command: [a]}, successThreshold: 2, periodSeconds: -1}'), `${c0}.readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0`],
      ['spec: {initContainers: [{name: i, image: i, readinessProbe: {tcpSocket: {port: 1}}}]}', 'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always'],
      ['spec: {initContainers: [{name: a, image: i}]}', 'spec.initContainers[0].name: Duplicate value: "a"'],
    ],
  },
  {
    kind: deployment, base: aDeployment,
    cases: [
      ['{}'],
      ['spec: null', 'spec.selector: Required value', 'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`', 'spec.template.spec.containers: Required value'],
      ['spec: {replicas: -1}', 'spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
      ['spec: {selector: {matchLabels: {app: other}}}', 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
      ['spec: {selector: {matchLabels: null}}', 'spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
      ['spec: {selector: {matchExpressions: [{key: app, operator: In}]}}', "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'", 'spec.selector: Invalid value: {"matchLabels":{"app":"web"},"matchExpressions":[{"key":"app","operator":"In"}]}: invalid label selector'],
      ['spec: {template: {spec: {restartPolicy: Never}}}', 'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"'],
      ['spec: {template: {spec: {containers: [{name: a}]}}}', 'spec.template.spec.containers[0].image: Required value'],
      ['spec: {strategy: {type: Recreate, rollingUpdate: {}}}', "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"],
      ['spec: {strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 0%}}}', 'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0'],
      ['spec: {strategy: {rollingUpdate: {maxUnavailable: 101%}}}', 'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%'],
      ['spec: {strategy: {rollingUpdate: {maxSurge: many}}}', "spec.strategy.rollingUpdate.maxSurge: Invalid value: \"many\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"],
      ['spec: {strategy: {type: Fast}}', 'spec.strategy: Unsupported value: {"Type":"Fast","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"'],
      ['spec: {minReadySeconds: 600}', 'spec.progressDeadlineSeconds: Invalid value: 600: must be greater than minReadySeconds'],
    ],
  },
  {
    kind: replicaSet, base: aDeployment,
    cases: [
      ['{}'],
      ['spec: {replicas: -3, template: {spec: {activeDeadlineSeconds: 5}}}', 'spec.replicas: Invalid value: -3: must be greater than or equal to 0', 'spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported'],
      ['spec: {template: null}', 'spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`', 'spec.template.spec.containers: Required value'],
    ],
  },
  {
    kind: replicationController, base: `spec: {template: ${template}}`,
    cases: [
      ['{}'],
      ['spec: {template: null}', 'spec.selector: Required value', 'spec.template: Required value'],
      ['spec: {selector: {a: b}}', 'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`'],
    ],
  },
  {
    kind: service, base: 'spec: {ports: [{port: 80}]}',
    cases: [
      ['{}'],
      ['metadata: {name: 1web}'],
      ['metadata: {name: -web}', `metadata.name: Invalid value: "-web": ${label}`],
      ['spec: {ports: [{port: 70000}]}', ...['port', 'targetPort'].map((p) => `spec.ports[0].${p}: Invalid value: 70000: ${portRange}`)],
      ['spec: {ports: [{}]}', `spec.ports[0].port: Invalid value: 0: ${portRange}`],
      ['spec: {ports: []}', 'spec.ports: Required value'],
      ['spec: {ports: [], clusterIP: None}'],
      ['spec: {ports: [{port: 80}, {port: 81}]}', 'spec.ports[0].name: Required value', 'spec.ports[1].name: Required value'],
      ['spec: {ports: [{name: a, port: 80}, {name: b, port: 80}]}', 'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}'],
      ['spec: {ports: [{name: a, port: 80}, {name: b, port: 80, protocol: UDP}]}'],
      ['spec: {ports: [{port: 80, nodePort: 30000}]}', "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"],
      ['spec: {type: Outside}', 'spec.type: Unsupported value: "Outside": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"'],
      ['spec: {type: ExternalName}', 'spec.externalName: Required value'],
      ['spec: {type: NodePort, clusterIP: None}', "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services"],
      ['spec: {clusterIP: "10.1"}', 'spec.clusterIPs[0]: Invalid value: "10.1": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
      ['spec: {sessionAffinity: ClientIP, sessionAffinityConfig: {clientIP: {timeoutSeconds: 90000}}}', 'spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 90000: must be greater than 0 and less than 86400'],
      ['spec: {externalTrafficPolicy: Local}', 'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services'],
    ],
  },
  {
    kind: node, base: '{}',
    cases: [
      ['{}'],
      ['spec: {taints: [{key: a}]}', 'metadata.taints[0].effect: Required value'],
      ['spec: {taints: [{key: a, effect: Never}]}', 'metadata.taints[0].effect: Unsupported value: "Never": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"'],
      ['spec: {taints: [{key: a, effect: NoSchedule}, {key: a, value: b, effect: NoSchedule}]}', 'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"b","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair'],
    ],
  },
  {
    kind: endpoints, base: 'subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 80}]}]',
    cases: [
      ['{}'],
      ['subsets: [{}]', 'subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
      ['subsets: [{addresses: [{ip: x}], ports: [{port: 0}]}]', 'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)', 'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address', `subsets[0].ports[0].port: Invalid value: 0: ${portRange}`],
    ],
  },
  {
    kind: endpointSlice, base: 'addressType: IPv4\nendpoints: [{addresses: [10.0.0.1]}]\nports: [{port: 80}]',
    cases: [
      ['{}'],
      ['addressType: null', 'addressType: Required value'],
      ['addressType: IPv5', 'addressType: Unsupported value: "IPv5": supported values: "FQDN", "IPv4", "IPv6"'],
      ['endpoints: [{addresses: []}]', 'endpoints[0].addresses: Required value: must contain at least 1 address'],
      ['endpoints: [{addresses: ["::1"]}]', 'endpoints[0].addresses: Invalid value: "::1": must be an IPv4 address', 'endpoints[0].addresses[0]: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
      ['ports: [{port: 1}, {port: 2}]', 'ports[1].name: Duplicate value: ""'],
      ['ports: [{port: 1, protocol: ""}]', 'ports[0].protocol: Unsupported value: "": supported values: "SCTP", "TCP", "UDP"'],
    ],
  },
  {
    kind: event, base: 'involvedObject: {kind: Pod, namespace: default, name: a}',
    cases: [
      ['{}'],
      ['involvedObject: {namespace: other}', 'involvedObject.namespace: Invalid value: "other": does not match event.namespace'],
      ['type: Loud'],
      ['eventTime: "2026-01-01T00:00:00.000000Z"\ntype: Loud', 'reportingComponent: Required value', 'reportingComponent: Invalid value: "": name part must be non-empty',
        'reportingComponent: Invalid value: "": name part must consist of alphanumeric characters, \'-\', \'_\' or \'.\', and must start and end with an alphanumeric character (e.g. \'MyName\',  or \'my.name\',  or \'123-abc\', regex used for validation is \'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\')',
        'reportingInstance: Required value', 'action: Required value', 'reason: Required value'],
    ],
  },
  {
    kind: lease, base: 'spec: {holderIdentity: a}',
    cases: [['{}'], ['spec: {leaseDurationSeconds: 0}', 'spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
  },
]

describe.each(tables)('a $kind.kind', ({ kind, base, cases }) => {
  for (const [change, ...errors] of cases) {
    const title = change === '{}' ? 'is right as it is' : `with ${change.slice(0, 100)} ${errors.length === 0 ? 'is right' : 'is refused'}`
    it(title, () => expect(mistakes(kind, changed(base, change))).toEqual(errors))
  }
})
