import type { AnyKind } from './kind.ts'

/**
 * At what Kubernetes looks when an object changes: its metadata, its rules, what may not change of the metadata, and of the
 * rest. What it looks at twice is told twice.
 */
export type Look = 'metadata' | 'rules' | 'metadata change' | 'change'

const [metadata, rules, metadataChange, change] = ['metadata', 'rules', 'metadata change', 'change'] as const

const objectThenChange: readonly Look[] = [metadata, rules, metadataChange, change]
const objectTwice: readonly Look[] = [metadata, rules, metadata, rules, change]
const rulesTwice: readonly Look[] = [metadata, rules, metadataChange, rules, change]
const changeFirst: readonly Look[] = [metadataChange, change, metadata, rules]
const metadataChangeFirst: readonly Look[] = [metadataChange, metadata, rules, change]
const noMetadata: readonly Look[] = [metadataChange, rules, change]
const noMetadataChange: readonly Look[] = [metadata, rules, change]
const changeOnly: readonly Look[] = [metadataChange, change]

/** Where it is not the object and then its change: ValidateUpdate of the kinds' strategies, and what it calls. */
const ofKind: ReadonlyMap<string, readonly Look[]> = new Map(Object.entries({
  '': {
    ConfigMap: changeFirst, Secret: changeFirst, Service: [metadataChange, change, rules],
    Pod: metadataChangeFirst, Endpoints: metadataChangeFirst, ServiceAccount: metadataChangeFirst,
    PodTemplate: noMetadata, ReplicationController: rulesTwice, ResourceQuota: rulesTwice,
    LimitRange: noMetadataChange, PersistentVolume: objectTwice,
    PersistentVolumeClaim: [metadata, rules, metadataChange, metadata, rules, change],
    Event: [rules],
  },
  'events.k8s.io': { Event: [rules, metadataChange, change] },
  'apps': { ControllerRevision: metadataChangeFirst, DaemonSet: rulesTwice, ReplicaSet: rulesTwice, Deployment: noMetadata, StatefulSet: noMetadata },
  'batch': { Job: rulesTwice, CronJob: noMetadata },
  'autoscaling': { HorizontalPodAutoscaler: noMetadata },
  'policy': { PodDisruptionBudget: [rules] },
  'coordination.k8s.io': { Lease: noMetadata },
  'discovery.k8s.io': { EndpointSlice: noMetadataChange },
  'networking.k8s.io': { Ingress: metadataChangeFirst, IngressClass: changeFirst, NetworkPolicy: rulesTwice, IPAddress: changeOnly, ServiceCIDR: changeOnly },
  'scheduling.k8s.io': { PriorityClass: changeOnly },
  'storage.k8s.io': { CSIDriver: noMetadata, CSINode: objectTwice, VolumeAttachment: objectTwice },
  'rbac.authorization.k8s.io': Object.fromEntries(['Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding'].map((kind) => [kind, [metadata, rules, metadata, rules, metadataChange, change]])),
  'apiextensions.k8s.io': { CustomResourceDefinition: noMetadata },
  'apiregistration.k8s.io': { APIService: metadataChangeFirst },
  'admissionregistration.k8s.io': Object.fromEntries(
    ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding', 'MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding']
      .map((kind) => [kind, noMetadataChange]),
  ),
  'flowcontrol.apiserver.k8s.io': { FlowSchema: noMetadataChange, PriorityLevelConfiguration: noMetadataChange },
} satisfies Record<string, Record<string, readonly Look[]>>).flatMap(([group, kinds]) => Object.entries(kinds).map(([kind, looks]) => [`${group}/${kind}`, looks])))

const nameOf = ({ group, kind }: AnyKind): string => `${group}/${kind}`

/** The looks at an update, of which each comes after those that all kinds have in common. */
export const looksAtUpdate = (kind: AnyKind): readonly Look[] => (kind.custom ? noMetadata : (ofKind.get(nameOf(kind)) ?? objectThenChange))

/** Parts that nobody asks what may not change of their metadata. */
const withoutChange = new Set(['batch/CronJob', 'policy/PodDisruptionBudget', 'flowcontrol.apiserver.k8s.io/FlowSchema', 'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration', 'admissionregistration.k8s.io/ValidatingAdmissionPolicy'])

/** The same of a change through a subresource. */
export function looksAtPart(kind: AnyKind, subresource: string): readonly Look[] {
  if (kind.kind === 'CertificateSigningRequest') return [metadata, rules, metadataChange]
  if (kind.kind === 'VolumeAttachment') return objectTwice
  if (kind.kind === 'Pod' && subresource !== 'status') return [metadataChange, metadata, rules]
  return withoutChange.has(nameOf(kind)) ? [rules] : [metadataChange, rules]
}
