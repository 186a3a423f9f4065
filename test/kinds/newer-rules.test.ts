import { expect, it } from 'vitest'
import { apiService } from '../../src-main/kinds/apiregistration/api-service.ts'
import { certificateSigningRequest } from '../../src-main/kinds/certificates/certificate-signing-request.ts'
import { event } from '../../src-main/kinds/core/event.ts'
import { limitRange } from '../../src-main/kinds/core/limit-range.ts'
import { namespace } from '../../src-main/kinds/core/namespace.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { persistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import { persistentVolume } from '../../src-main/kinds/core/persistent-volume.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { resourceQuota } from '../../src-main/kinds/core/resource-quota.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { serviceCidr } from '../../src-main/kinds/networking/service-cidr.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { event as eventV1 } from '../../src-main/kinds/events/event.ts'
import { FieldPath } from '../../src-main/kinds/field-error.ts'
import { flowSchema } from '../../src-main/kinds/flowcontrol/flow-schema.ts'
import { priorityLevelConfiguration } from '../../src-main/kinds/flowcontrol/priority-level-configuration.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { networkPolicy } from '../../src-main/kinds/networking/network-policy.ts'
import { clusterRole } from '../../src-main/kinds/rbac/cluster-role.ts'
import { roleBinding } from '../../src-main/kinds/rbac/role-binding.ts'
import { volumeAttachment } from '../../src-main/kinds/storage/volume-attachment.ts'
import { briefly, mistakes, prepared, updateMistakes } from './prepared.ts'

const container = (fields: string): string => `spec: {containers: [{name: a, image: a, ${fields}}]}`
const spec = (fields: string): string => `spec: {containers: [{name: a, image: a}], ${fields}}`
const init = (fields: string): string => spec(`initContainers: [{name: i, image: a, ${fields}}]`)
const appArmor = (profile: string, field: string): string => `{metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/a: ${profile}}}, ${container(`securityContext: {appArmorProfile: ${field}}`)}}`
const spread = (fields: string): string => spec(`topologySpreadConstraints: [{maxSkew: 1, topologyKey: z, whenUnsatisfiable: DoNotSchedule, ${fields}}]`)
const slice = (endpoint: string): string => `{addressType: IPv4, endpoints: [{addresses: [10.0.0.1], ${endpoint}}]}`
const names = (count: number): string => Array.from({ length: count }, (_, i) => `{name: n${i}}`).join()
const volume = (fields: string): string => `spec: {capacity: {storage: 1Gi}, accessModes: [ReadWriteOnce], ${fields}}`
const inline = (fields: string): string => `spec: {attacher: a.b, nodeName: n, source: {inlineVolumeSpec: {accessModes: [ReadWriteOnce], ${fields}}}}`
const at = 'spec.source.inlineVolumeSpec'
const fixedCatchAll = 'spec: {matchingPrecedence: 9000, priorityLevelConfiguration: {name: catch-all}}'

const manifests: ReadonlyArray<readonly [AnyKind, manifest: string, ...errors: string[]]> = [
  [pod, init('restartPolicy: Never')],
  [pod, init('restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]')],
  [pod, init('restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [1]}}]'), 'spec.initContainers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used'],
  [pod, appArmor('runtime/default', '{type: RuntimeDefault}')],
  [pod, appArmor('unconfined', '{type: RuntimeDefault}'), 'spec.containers[0].securityContext.appArmorProfile.type: Forbidden: apparmor type in annotation and field must match'],
  [pod, spec('tolerations: [{key: a, operator: Gt, value: "1"}]'), 'spec.tolerations[0].operator: Unsupported value: "Gt": supported values: "Equal", "Exists", "Lt", "Gt"'],
  [pod, spread('labelSelector: {matchLabels: {a: b}}, matchLabelKeys: [c]')],
  [pod, spread('matchLabelKeys: [c]'), 'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set'],
  [pod, `spec: {containers: [{name: a, image: a, volumeMounts: [{name: v, mountPath: /a}]}], volumes: [{name: v, nfs: {}}]}`,
    'spec.volumes[0].nfs.server: Required value', 'spec.volumes[0].nfs.path: Required value', 'spec.volumes[0].nfs.path: Invalid value: "": must be an absolute path', 'spec.containers[0].volumeMounts[0].name: Not found: "v"'],
  [pod, container('env: [{name: A, valueFrom: {fieldRef: {fieldPath: spec.bogus}}}]'), 'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.bogus": error converting fieldPath: field label not supported: spec.bogus'],
  [pod, spec('hostAliases: [{ip: 010.0.0.1}]'), 'spec.hostAliases[0].ip: Invalid value: "010.0.0.1": must not have leading 0s'],
  [service, '{metadata: {name: 1st}, spec: {ports: [{port: 80}]}}'],
  [service, '{metadata: {name: a.b}, spec: {ports: [{port: 80}]}}', 'metadata.name: Invalid value: "a.b": must not contain dots'],
  [limitRange, 'spec: {limits: [{type: Pod, default: {cpu: 2}, max: {cpu: 1}}]}', "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
  [limitRange, 'spec: {limits: [{type: Pod, max: {requests.a.b/c: 1}}]}', "spec.limits[0].max[requests.a.b/c]: Invalid value: \"requests.a.b/c\": doesn't follow extended resource name standard"],
  [limitRange, 'spec: {limits: [{type: a.b/c, max: {cpu: "9007199254740992"}, min: {cpu: "9007199254740993"}}]}', 'spec.limits[0].min[cpu]: Invalid value: "9007199254740993": min value 9007199254740993 is greater than max value 9007199254740992'],
  [pod, spec('securityContext: {seLinuxChangePolicy: MountOption}'), 'spec.securityContext.seLinuxChangePolicy: Unsupported value: "MountOption": supported values: "Recursive"'],
  [limitRange, 'spec: {limits: [{type: Container, default: {a.b/c: 2}, defaultRequest: {a.b/c: 1}}]}', 'spec.limits[0].defaultRequest[a.b/c]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in a.b/c'],
  [endpointSlice, slice('hints: {forZones: [{name: a}, {name: a}], forNodes: [{name: N}]}'), 'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
    "endpoints[0].hints.forNodes[0].name: Invalid value: \"N\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"],
  [endpointSlice, slice(`hints: {forZones: [${names(9)}]}`), 'endpoints[0].hints.forZones: Too many: 9: must have at most 8 items'],
  [endpointSlice, '{addressType: FQDN, endpoints: [{addresses: [single]}]}', 'endpoints[0].addresses[0]: Invalid value: "single": should be a domain with at least two segments separated by dots'],
  [persistentVolume, volume('nfs: {server: s, path: a}'), 'spec.nfs.path: Invalid value: "a": must be an absolute path'],
  [persistentVolume, volume('iscsi: {targetPortal: p, iqn: wrong, lun: 300}'), 'spec.iscsi.iqn: Invalid value: "wrong": must be valid format', 'spec.iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive'],
  [persistentVolume, volume('local: {path: /a}'), 'spec.nodeAffinity: Required value: Local volume requires node affinity'],
  [persistentVolume, 'spec: {capacity: {storage: 1Gi}, nfs: {server: s, path: /a}, hostPath: {path: /a}, accessModes: [ReadWriteOncePod, ReadWriteOnce]}',
    'spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes', 'spec.nfs: Forbidden: may not specify more than 1 volume type'],
  [volumeAttachment, inline('csi: {driver: a.b, volumeHandle: h}')],
  [volumeAttachment, inline('hostPath: {path: /a}, storageClassName: x, volumeMode: Block, capacity: {storage: 1Gi}'), `${at}.capacity: Forbidden: may not be specified in the context of inline volumes`,
    `${at}.csi: Required value: has to be specified in the context of inline volumes`, `${at}.storageClassName: Forbidden: may not be specified in the context of inline volumes`,
    `${at}.volumeMode: Forbidden: may not specify volumeMode other than Filesystem in the context of inline volumes`],
  [node, 'status: {declaredFeatures: [Beta, Alpha, wrong]}', 'status.declaredFeatures[1]: Invalid value: "Alpha": list must be sorted alphabetically',
    'status.declaredFeatures[2]: Invalid value: "wrong": invalid feature name "wrong": must start with an UpperCamelCase segment, with subsequent segments separated by \'/\' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes'],
  [node, 'status: {declaredFeatures: [A/1, A/b]}', 'status.declaredFeatures[0]: Invalid value: "A/1": invalid feature name "A/1": must start with an UpperCamelCase segment, with subsequent segments separated by \'/\' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes'],
  [clusterRole, 'aggregationRule: {clusterRoleSelectors: [{matchExpressions: [{key: a}]}]}', 'aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "": not a valid selector operator',
    'aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.'],
  [networkPolicy, 'spec: {ingress: [{ports: [{port: 80, endPort: 79}]}]}', 'spec.ingress[0].ports[0].endPort: Invalid value: 80: must be greater than or equal to `port`'],
  [clusterRole, 'rules: [{verbs: [get], nonResourceURLs: [/x], resourceNames: [a]}]', 'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs'],
  [roleBinding, 'roleRef: {kind: Role, name: a}\nsubjects: [{kind: ServiceAccount, name: N_, apiGroup: x}]',
    "subjects[0].name: Invalid value: \"N_\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
    'subjects[0].apiGroup: Unsupported value: "x": supported values: ""'],
  [certificateSigningRequest, 'spec: {request: YQ==, signerName: a.b/c, usages: [any, any]}', 'spec.request: Invalid value: "YQ==": PEM block type must be CERTIFICATE REQUEST', 'spec.usages[1]: Duplicate value: "any"'],
  [certificateSigningRequest, '{}', 'spec.request: Invalid value: "": PEM block type must be CERTIFICATE REQUEST', 'spec.usages: Required value', 'spec.signerName: Required value'],
  [event, '{metadata: {namespace: kube-system}, involvedObject: {kind: Node, name: n}}', 'involvedObject.namespace: Invalid value: "": does not match event.namespace'],
  [event, 'eventTime: "2026-01-01T00:00:00.000000Z"\ninvolvedObject: {namespace: elsewhere}\nreportingComponent: a\nreportingInstance: b\naction: c\nreason: d\ntype: Loud'],
  [eventV1, 'eventTime: "2026-01-01T00:00:00.000000Z"\nreportingController: a\nreportingInstance: b\naction: c\nreason: d', 'type: Invalid value: "": has invalid value: '],
  [eventV1, 'eventTime: "2026-01-01T00:00:00.000000Z"\nreportingController: a b\nreportingInstance: b\naction: c\nreason: d\ntype: Loud',
    "reportingController: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", 'type: Invalid value: "": has invalid value: Loud'],
  [flowSchema, 'spec: {priorityLevelConfiguration: {name: a}, distinguisherMethod: {type: x}}', 'spec.distinguisherMethod.type: Unsupported value: {"Type":"x"}: supported values: "ByNamespace", "ByUser"'],
  [flowSchema, `{metadata: {name: catch-all}, ${fixedCatchAll}}`,
    'spec: Invalid value: {"PriorityLevelConfiguration":{"Name":"catch-all"},"MatchingPrecedence":9000,"DistinguisherMethod":null,"Rules":null}: spec of "catch-all" must equal the fixed value'],
  [flowSchema, '{}', 'spec.priorityLevelConfiguration.name: Required value: must reference a priority level'],
  [flowSchema, 'spec: {priorityLevelConfiguration: {name: a}, distinguisherMethod: {}}', 'spec.distinguisherMethod.type: Unsupported value: {"Type":""}: supported values: "ByNamespace", "ByUser"'],
  [priorityLevelConfiguration, 'spec: {}', 'spec.type: Unsupported value: "": supported values: "Exempt", "Limited"'],
  [priorityLevelConfiguration, 'spec: {type: Limited, limited: {lendablePercent: 101, borrowingLimitPercent: -1, limitResponse: {}}}', 'spec.limited.limitResponse.type: Unsupported value: "": supported values: "Queue", "Reject"',
    'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive', 'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer'],
  [priorityLevelConfiguration, '{metadata: {annotations: {flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares: ""}}, spec: {type: Limited, limited: {limitResponse: {type: Reject}}}}',
    "metadata.annotations: Forbidden: annotation 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares' is forbidden"],
  [apiService, '{metadata: {name: a/b}}', "metadata.name: Invalid value: \"a/b\": may not contain '/'", 'spec.group: Required value: only v1 may have an empty group and it better be legacy kube',
    "spec.version: Invalid value: \"\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
    'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000', 'spec.versionPriority: Invalid value: 0: must be positive and less than 1000'],
  [priorityLevelConfiguration, '{metadata: {name: catch-all}, spec: {type: Limited, limited: {limitResponse: {type: Reject}}}}',
    'spec: Invalid value: {"Type":"Limited","Limited":{"NominalConcurrencyShares":30,"LimitResponse":{"Type":"Reject","Queuing":null},"LendablePercent":0,"BorrowingLimitPercent":null},"Exempt":null}: spec of \'catch-all\' must equal the fixed value'],
  [serviceCidr, 'spec: {cidrs: []}', 'spec.cidrs: Required value: at least one CIDR required'],
  [serviceCidr, 'spec: {cidrs: [10.0.0.1/24, "fd00::/112"]}', expect.stringMatching(/^spec\.cidrs\[0\]: Invalid value: "10\.0\.0\.1\/24"/) as string],
  [serviceCidr, 'spec: {cidrs: [10.0.0.0/24, x]}',
    'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","x"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'],
]

it.each(manifests.map(([kind, ...row]) => [kind.kind, row[0], kind, row.slice(1)] as const))('says of a %s like %s what Kubernetes says', (_name, manifest, kind, errors) => {
  expect(mistakes(kind, manifest).map(briefly)).toEqual(errors)
})

const two = 'spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7, "fd00::7"], ipFamilies: [IPv4, IPv6], ipFamilyPolicy: RequireDualStack, ports: [{port: 80}]}'
const claim = (fields: string): string => `{spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}, status: {${fields}}}`

const statuses: ReadonlyArray<readonly [AnyKind, from: string, to: string, ...errors: string[]]> = [
  [namespace, 'status: {phase: Active}', 'status: {phase: Terminating}', "status.Phase: Invalid value: \"Terminating\": may only be 'Active' if `deletionTimestamp` is empty"],
  [resourceQuota, '{}', 'status: {hard: {pods: 1.5}}', 'status.hard[pods]: Invalid value: "1500m": must be an integer'],
  [node, '{}', 'status: {capacity: {pods: 1500m}}', 'status.capacity.pods: Invalid value: "1500m": must be an integer', 'status.allocatable.pods: Invalid value: "1500m": must be an integer'],
  [service, 'spec: {type: LoadBalancer, ports: [{port: 80}]}', '{spec: {type: LoadBalancer, ports: [{port: 80}]}, status: {loadBalancer: {ingress: [{ip: 10.0.0.1, ipMode: Odd}]}}}',
    'status.loadBalancer.ingress[0].ipMode: Unsupported value: "Odd": supported values: "Proxy", "VIP"'],
  [service, 'spec: {type: LoadBalancer, ports: [{port: 80}]}', '{spec: {type: LoadBalancer, ports: [{port: 80}]}, status: {loadBalancer: {ingress: [{ip: 10.0.0.1}]}}}'],
  [persistentVolumeClaim, claim('phase: Bound'), claim('phase: Bound, allocatedResources: {storage: -1}'), 'status.allocatedResources[storage]: Invalid value: -1: must be a valid resource quantity'],
  [persistentVolumeClaim, claim('phase: Bound'), claim('phase: Bound, allocatedResourceStatuses: {storage: Odd}'),
    'status.allocatedResourceStatuses: Unsupported value: "storage": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"'],
]

it.each(statuses.map(([kind, from, to, ...errors]) => [kind.kind, from, to, kind, errors] as const))('lets a status of a %s go from %s to %s as far as Kubernetes lets it', (_name, from, to, kind, errors) => {
  const found = kind.validatePart?.('status', prepared(kind, to) as never, prepared(kind, from) as never, new FieldPath()) ?? []
  expect(found.map(({ field, message }) => `${field}: ${message}`)).toEqual(errors)
})

it('lets a Service give up its second family, and no other', () => {
  const one = (family: string, address: string): string => `spec: {clusterIP: "${address}", clusterIPs: ["${address}"], ipFamilies: [${family}], ipFamilyPolicy: SingleStack, ports: [{port: 80}]}`
  expect(updateMistakes(service, two, one('IPv4', '10.96.0.7'))).toEqual([])
  expect(updateMistakes(service, two, one('IPv6', 'fd00::7'))).not.toEqual([])
})
