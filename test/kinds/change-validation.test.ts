import { expect, it } from 'vitest'
import { node } from '../../src-main/kinds/core/node.ts'
import { persistentVolumeClaim } from '../../src-main/kinds/core/persistent-volume-claim.ts'
import { persistentVolume } from '../../src-main/kinds/core/persistent-volume.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import type { AnyKind } from '../../src-main/kinds/kind.ts'
import { ingressClass } from '../../src-main/kinds/networking/ingress-class.ts'
import { ipAddress } from '../../src-main/kinds/networking/ip-address.ts'
import { serviceCidr } from '../../src-main/kinds/networking/service-cidr.ts'
import { priorityClass } from '../../src-main/kinds/scheduling/priority-class.ts'
import { csiDriver } from '../../src-main/kinds/storage/csi-driver.ts'
import { csiNode } from '../../src-main/kinds/storage/csi-node.ts'
import { csiStorageCapacity } from '../../src-main/kinds/storage/csi-storage-capacity.ts'
import { storageClass } from '../../src-main/kinds/storage/storage-class.ts'
import { volumeAttachment } from '../../src-main/kinds/storage/volume-attachment.ts'
import { volumeAttributesClass } from '../../src-main/kinds/storage/volume-attributes-class.ts'
import { changed, updateMistakes } from './prepared.ts'

const balanced = 'spec: { type: LoadBalancer, clusterIP: 10.96.0.7, externalTrafficPolicy: Local, healthCheckNodePort: 30001, ports: [{ port: 80 }] }'
const volume = 'spec: { capacity: { storage: 1Gi }, accessModes: [ReadWriteOnce], hostPath: { path: /a } }'
const placed = (key: string): string => changed(volume, `spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: ${key}, operator: In, values: [a] }] }] } } }`)
const claim = 'spec: { storageClassName: x, accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Gi } } }'
const grown = '{ spec: { accessModes: [ReadWriteOnce], volumeName: v, volumeAttributesClassName: slow, resources: { requests: { storage: 3Gi } } }, status: { phase: Bound, capacity: { storage: 1Gi }, currentVolumeAttributesClassName: slow } }'
const claimed = (change: string): string => `spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${change}\n`
const driver = 'spec: { drivers: [{ name: a.b, nodeID: n, allocatable: { count: 1 } }] }'

it.each<[AnyKind, from: string, change: string, ...errors: string[]]>([
  [service, balanced, 'spec: { clusterIP: None }', 'spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set'],
  [service, balanced, 'spec: { healthCheckNodePort: 30002 }', 'spec.healthCheckNodePort: Forbidden: field is immutable'],
  [service, balanced, 'spec: { loadBalancerClass: a/b }', 'spec.loadBalancerClass: Invalid value: "a/b": may not change once set'],
  [service, balanced, 'spec: { type: ExternalName, externalName: a.b, clusterIP: null }'],
  [node, 'spec: { podCIDR: 10.0.0.0/24 }', 'spec: { podCIDRs: [10.1.0.0/24] }'],
  [node, 'spec: { providerID: a, podCIDR: 10.0.0.0/24 }', 'spec: { providerID: b, podCIDR: 10.1.0.0/24 }',
    'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
  [node, 'spec: {}', 'spec: { providerID: b, podCIDRs: [10.1.0.0/24] }'],
  [node, 'spec: {}', 'spec: { configSource: { configMap: { namespace: a, name: b, kubeletConfigKey: c } } }'],
  [node, 'spec: {}', 'spec: { configSource: {} }', 'spec.configSource: Invalid value: {"ConfigMap":null}: exactly one reference subfield must be non-nil'],
  [node, 'spec: {}', '{ spec: { configSource: { configMap: { uid: u, namespace: a, name: b, kubeletConfigKey: .. } } }, status: { config: { active: { configMap: { uid: u, namespace: "", name: b, kubeletConfigKey: c } } } } }',
    'spec.configSource.configMap.uid: Forbidden: uid must not be set in spec', "spec.configSource.configMap.kubeletConfigKey: Invalid value: \"..\": must not be '..'",
    'status.config.active.configMap.resourceVersion: Required value', 'status.config.active.configMap.namespace: Required value'],
  [node, 'spec: {}', 'spec: { taints: [{ key: a b, effect: NoSchedule }] }', expect.stringMatching(/^metadata\.taints\[0\]\.key: Invalid value: "a b": name part must consist of/) as string],
  [persistentVolume, volume, 'spec: { hostPath: { path: /b } }', 'spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n@@ -1,6 +1,6 @@\n {\n  "hostPath": {\n-  "path": "/a",\n+  "path": "/b",\n   "type": ""\n  }\n }\n'],
  [persistentVolume, volume, 'spec: { volumeMode: Block }', 'volumeMode: Invalid value: "Block": field is immutable'],
  [persistentVolume, volume, 'spec: { capacity: { storage: 2Gi }, persistentVolumeReclaimPolicy: Delete }'],
  [persistentVolume, placed('failure-domain.beta.kubernetes.io/zone'), placed('topology.kubernetes.io/zone')],
  [persistentVolume, placed('rack'), '{ spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchFields: [{ key: metadata.name, operator: In, values: [a] }] }] } } } }',
    expect.stringMatching(/^nodeAffinity: Invalid value: .*: field is immutable, except for updating from beta label to GA$/) as string],
  [persistentVolumeClaim, claim, 'spec: { accessModes: [ReadWriteMany] }',
    claimed('@@ -1,6 +1,6 @@\n {\n  "accessModes": [\n-  "ReadWriteOnce"\n+  "ReadWriteMany"\n  ],\n  "resources": {\n   "requests": {')],
  [persistentVolumeClaim, claim, 'spec: { volumeMode: Block }',
    claimed('@@ -8,5 +8,5 @@\n   }\n  },\n  "storageClassName": "x",\n- "volumeMode": "Filesystem"\n+ "volumeMode": "Block"\n }'), 'volumeMode: Invalid value: "Block": field is immutable'],
  [persistentVolumeClaim, claim, 'spec: { volumeName: v }'],
  [persistentVolumeClaim, grown, 'spec: { resources: { requests: { storage: 2Gi } } }'],
  [persistentVolumeClaim, grown, 'spec: { resources: { requests: { storage: 1Gi } } }', 'spec.resources.requests.storage: Forbidden: field can not be less than status.capacity'],
  [persistentVolumeClaim, grown, 'spec: { volumeAttributesClassName: null }',
    'spec.volumeAttributesClassName: Forbidden: update to nil is forbidden when status.currentVolumeAttributesClassName is not nil'],
  [persistentVolumeClaim, grown, 'spec: { volumeAttributesClassName: fast }'],
  [ingressClass, 'spec: { controller: a.b/c }', 'spec: { controller: a.b/d }', 'spec.controller: Invalid value: "a.b/d": field is immutable'],
  [ipAddress, 'spec: { parentRef: { resource: services, name: a } }', 'spec: { parentRef: { name: b } }', 'spec.parentRef: Invalid value: {"Group":"","Resource":"services","Namespace":"","Name":"b"}: field is immutable'],
  [serviceCidr, 'spec: { cidrs: [10.0.0.0/24] }', 'spec: { cidrs: [10.0.1.0/24] }', 'spec.cidrs[0]: Invalid value: "10.0.1.0/24": field is immutable'],
  [serviceCidr, 'spec: { cidrs: [10.0.0.0/24] }', 'spec: { cidrs: [10.0.0.0/24, "fd00::/112"] }'],
  [serviceCidr, 'spec: { cidrs: [10.0.0.0/24] }', 'spec: { cidrs: [10.0.0.0/24, 10.0.1.0/24] }',
    'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","10.0.1.0/24"]}: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'],
  [priorityClass, 'value: 1', 'value: 2', 'value: Forbidden: may not be changed in an update.'],
  [csiDriver, 'spec: {}', 'spec: { attachRequired: false, volumeLifecycleModes: [Ephemeral] }',
    'spec.attachedRequired: Invalid value: false: field is immutable', 'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable'],
  [csiDriver, 'spec: {}', 'spec: { podInfoOnMount: true, storageCapacity: true, fsGroupPolicy: File }'],
  [csiNode, driver, 'spec: { drivers: [{ name: a.b, nodeID: m }] }', 'spec.drivers: Invalid value: {"Name":"a.b","NodeID":"m","TopologyKeys":null,"Allocatable":null}: field is immutable'],
  [csiNode, driver, 'spec: { drivers: [{ name: a.b, nodeID: n, allocatable: { count: 9 } }, { name: c.d, nodeID: n }] }'],
  [csiStorageCapacity, 'storageClassName: a', 'storageClassName: b', 'storageClassName: Invalid value: "b": field is immutable'],
  [storageClass, 'provisioner: a.b/c', '{ provisioner: x.y/z, parameters: { a: b } }',
    'parameters: Forbidden: updates to parameters are forbidden.', 'provisioner: Forbidden: updates to provisioner are forbidden.'],
  [volumeAttachment, 'spec: { attacher: a.b, nodeName: n, source: { persistentVolumeName: v } }', 'spec: { nodeName: m }',
    'spec: Invalid value: {"Attacher":"a.b","Source":{"PersistentVolumeName":"v","InlineVolumeSpec":null},"NodeName":"m"}: field is immutable'],
  [volumeAttributesClass, '{ driverName: a.b, parameters: { a: b } }', '{ driverName: c.d }', 'driverName: Forbidden: updates to driverName are forbidden.'],
])('%# a change of $kind from %s with %s', (kind, from, change, ...errors) => {
  expect(updateMistakes(kind, from, changed(from, change))).toEqual(errors)
})
