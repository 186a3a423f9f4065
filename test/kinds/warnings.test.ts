import { expect, it } from 'vitest'
import { endpoints } from '../../src-main/kinds/core/endpoints.ts'
import { node } from '../../src-main/kinds/core/node.ts'
import { persistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import { persistentVolume } from '../../src-main/kinds/core/persistent-volume.ts'
import { podTemplate } from '../../src-main/kinds/core/pod-template.ts'
import { pod } from '../../src-main/kinds/core/pod.ts'
import { replicationController } from '../../src-main/kinds/core/replication-controller.ts'
import { secret } from '../../src-main/kinds/core/secret.ts'
import { serviceAccount } from '../../src-main/kinds/core/service-account.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { ingress } from '../../src-main/kinds/networking/ingress.ts'
import { networkPolicy } from '../../src-main/kinds/networking/network-policy.ts'
import { prepared } from './prepared.ts'

const container = (fields: string): string => `spec: {containers: [{name: a, image: a, ${fields}}]}`
const spec = (fields: string): string => `spec: {containers: [{name: a, image: a}], ${fields}}`
const noSelector = 'a null labelSelector results in matching no pod'
const hard = 'requiredDuringSchedulingIgnoredDuringExecution'
const soft = 'preferredDuringSchedulingIgnoredDuringExecution'
const zone = 'failure-domain.beta.kubernetes.io/zone'
const oldZone = 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
const hostname = "can result in surprising behavior; a DNS label is recommended: [must not contain dots]"
const appArmor = 'container.apparmor.security.beta.kubernetes.io/a'

const manifests: ReadonlyArray<readonly [AnyKind, manifest: string, ...warnings: string[]]> = [
  [pod, spec('nodeName: n')],
  [pod, `{metadata: {name: a.b}, ${spec('')}}`, `metadata.name: this is used in the Pod's hostname, which ${hostname}`],
  [pod, spec(`nodeSelector: {${zone}: a}`), `spec.nodeSelector[${zone}]: ${oldZone}`],
  [pod, spec(`affinity: {nodeAffinity: {${hard}: {nodeSelectorTerms: [{matchExpressions: [{key: ${zone}, operator: Exists}]}]}}}`),
    `spec.affinity.nodeAffinity.${hard}.nodeSelectorTerms[0].matchExpressions[0].key: ${zone} is ${oldZone}`],
  [pod, spec(`topologySpreadConstraints: [{maxSkew: 1, topologyKey: ${zone}, whenUnsatisfiable: DoNotSchedule}]`),
    `spec.topologySpreadConstraints[0].topologyKey: ${zone} is ${oldZone}`, `spec.topologySpreadConstraints[0].labelSelector: ${noSelector}`],
  [pod, spec(`affinity: {podAffinity: {${hard}: [{topologyKey: a}]}, podAntiAffinity: {${soft}: [{weight: 1, podAffinityTerm: {topologyKey: a}}]}}`),
    `spec.affinity.podAffinity.${hard}[0].labelSelector: ${noSelector}`, `spec.affinity.podAntiAffinity.${soft}[0].podAffinityTerm.labelSelector: ${noSelector}`],
  [pod, `{metadata: {annotations: {scheduler.alpha.kubernetes.io/critical-pod: ""}}, ${spec('')}}`,
    'metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the "priorityClassName" field instead'],
  [pod, `{metadata: {annotations: {${appArmor}: runtime/default}}, ${spec('')}}`, `metadata.annotations[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`],
  [pod, `{metadata: {annotations: {${appArmor}: runtime/default}}, ${spec('securityContext: {appArmorProfile: {type: RuntimeDefault}}')}}`],
  [pod, spec('volumes: [{name: v, gitRepo: {repository: a}}, {name: w, storageos: {volumeName: a}}]'),
    'spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+', 'spec.volumes[1].storageOS: deprecated in v1.22, non-functional in v1.25+'],
  [pod, spec('volumes: [{name: v, configMap: {name: m, items: [{key: a, path: x/y}, {key: b, path: x}, {key: c, path: xy}]}}]'),
    'volume "v" (ConfigMap "m"): overlapping paths: "x" with "x/y"'],
  [pod, spec('volumes: [{name: v, projected: {sources: [{secret: {name: s, items: [{key: a, path: t}]}}, {serviceAccountToken: {path: t/}}, {}]}}]'),
    'volume "v" (Projected) has no sources provided', 'volume "v" (Projected): overlapping paths: "t" (ServiceAccountToken) with "t" (Secret "s")'],
  [pod, spec('hostAliases: [{ip: 10.0.0.1}, {ip: 10.0.0.1}], imagePullSecrets: [{name: a}, {name: a}, {}]'),
    'spec.hostAliases[1].ip: duplicate ip "10.0.0.1"', 'spec.imagePullSecrets[2].name: invalid empty name ""', 'spec.imagePullSecrets[1].name: duplicate name "a"'],
  [pod, container('resources: {limits: {memory: 100m, cpu: 100m}, requests: {memory: 100m}}'),
    'spec.containers[0].resources.limits[memory]: fractional byte value "100m" is invalid, must be an integer',
    'spec.containers[0].resources.requests[memory]: fractional byte value "100m" is invalid, must be an integer'],
  [pod, container('env: [{name: A, value: a}, {name: A, value: b}, {name: B}, {name: B, value: x$(B)}, {name: B, value: $(B)}]'),
    'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply', 'spec.containers[0].env[4]: hides previous definition of "B", which may be dropped when using apply'],
  [pod, container('ports: [{containerPort: 80}, {containerPort: 80}, {containerPort: 80, hostPort: 1}, {containerPort: 81, hostIP: 10.0.0.1, name: p}]'),
    'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]',
    'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[0]', 'spec.containers[0].ports[2]: overlapping port definition with spec.containers[0].ports[1]',
    'spec.containers[0].ports[3]: hostIP set without hostPort: {Name:p HostPort:0 ContainerPort:81 Protocol:TCP HostIP:10.0.0.1}'],
  [pod, container('ports: [{containerPort: 80, hostPort: 1}, {containerPort: 80, hostPort: 1, hostIP: 10.0.0.1}]'),
    'spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]'],
  [pod, spec('terminationGracePeriodSeconds: -1'), 'spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
  [pod, spec('dnsConfig: {nameservers: ["FD00::1"]}'), 'spec.dnsConfig.nameservers[0]: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")'],
  [podTemplate, `template: {metadata: {annotations: {${appArmor}: unconfined}}, ${spec(`nodeSelector: {${zone}: a}`)}}`,
    `template.spec.nodeSelector[${zone}]: ${oldZone}`, `template.metadata.annotations[${appArmor}]: deprecated since v1.30; use the "appArmorProfile" field instead`],
  [replicationController, `{metadata: {name: a.b}, spec: {template: {${spec('terminationGracePeriodSeconds: -1')}}}}`,
    `metadata.name: this is used in Pod names and hostnames, which ${hostname}`, 'template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1'],
  [service, 'spec: {ports: [{port: 80}], externalIPs: ["10.0.0.9"], externalName: a.b, trafficDistribution: PreferClose}',
    'spec.externalIPs is deprecated and may no longer be implemented in some clusters', 'spec.externalName is ignored when spec.type is not "ExternalName"',
    'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'],
  [service, '{metadata: {annotations: {service.kubernetes.io/topology-aware-hints: auto}}, spec: {clusterIP: None, externalIPs: ["10.0.0.9"], sessionAffinity: ClientIP, loadBalancerIP: 10.0.0.1}}',
    'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    'spec.loadBalancerIP is ignored for headless services', 'spec.externalIPs is ignored for headless services', 'spec.SessionAffinity is ignored for headless services'],
  [service, 'spec: {type: LoadBalancer, ports: [{port: 80}], loadBalancerSourceRanges: [10.1.1.1/8]}',
    'spec.loadBalancerSourceRanges[0]: CIDR value "10.1.1.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.1.1/32"?)'],
  [service, 'spec: {type: ExternalName, externalName: a.b, externalIPs: ["10.0.0.9"]}', 'spec.externalIPs is ignored when spec.type is "ExternalName"'],
  [persistentVolume, '{metadata: {annotations: {volume.beta.kubernetes.io/storage-class: a}}, spec: {persistentVolumeReclaimPolicy: Recycle, rbd: {monitors: [a], image: b}}}',
    'metadata.annotations[volume.beta.kubernetes.io/storage-class]: deprecated since v1.8; use "storageClassName" attribute instead',
    'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning',
    'spec.rbd: deprecated in v1.28, non-functional in v1.31+'],
  [persistentVolumeClaim, 'spec: {resources: {requests: {storage: 100m}}}', 'spec.resources.requests[storage]: fractional byte value "100m" is invalid, must be an integer'],
  [serviceAccount, 'metadata: {annotations: {kubernetes.io/enforce-mountable-secrets: "true"}}',
    'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets'],
  [node, 'spec: {externalID: a, configSource: {}}', 'spec.configSource: the feature is removed', 'spec.externalID: this field is deprecated, and is unused by Kubernetes'],
  [secret, '{type: kubernetes.io/tls, stringData: {tls.crt: a, tls.key: b}}', 'tls: failed to find any PEM data in certificate input'],
  [endpoints, 'subsets: [{addresses: [{ip: "FD00::1"}]}]', 'subsets[0].addresses[0].ip: IPv6 address "FD00::1" should be in RFC 5952 canonical format ("fd00::1")'],
  [endpointSlice, '{addressType: FQDN, endpoints: [{addresses: [a.b]}]}', 'spec.addressType: FQDN endpoints are deprecated'],
  [ingress, '{metadata: {annotations: {kubernetes.io/ingress.class: a}}, spec: {}}', `annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`],
  [networkPolicy, 'spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.1.1.1/8}}]}]}',
    'spec.ingress[0].from[0].ipBlock.cidr: CIDR value "10.1.1.1/8" is ambiguous in this context (should be "10.0.0.0/8" or "10.1.1.1/32"?)'],
]

it.each(manifests.map(([kind, manifest, ...warnings]) => [kind.kind, manifest, kind, warnings] as const))('warns of a %s like %s', (_name, manifest, kind, warnings) => {
  expect(kind.warn?.(prepared(kind, manifest))).toEqual(warnings)
})

it('does not warn of a pod that changes, nor of a template that stays', () => {
  const old = prepared(pod, spec('terminationGracePeriodSeconds: -1'))
  expect(pod.warn?.(old as never, old as never)).toEqual([])
  const template = prepared(podTemplate, `template: {${spec('terminationGracePeriodSeconds: -1')}}`)
  expect(podTemplate.warn?.(template as never, template as never)).toEqual([])
})

it('tells a bounded number of ports and files that are there many times', () => {
  const many = Array.from({ length: 3000 }, () => 0)
  const ports = many.map(() => '{containerPort: 80}').join()
  const items = many.map(() => '{key: a, path: b}').join()
  const object = prepared(pod, `spec: {containers: [{name: a, image: a, ports: [${ports}]}], volumes: [{name: v, secret: {secretName: s, items: [${items}]}}]}`)
  const warnings = pod.warn?.(object as never) ?? []
  expect(warnings).toContain('spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]')
  expect(warnings).toContain('volume "v" (Secret "s"): overlapping paths: "b" with "b"')
  expect(warnings.length).toBeLessThan(5000)
})
