import { equalJson } from '../../base/json.ts'
import type { Node, PersistentVolumeClaim, Pod } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { forbidden } from '../../kinds/status-error.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission/chain.ts'
import { nodeNameOf } from './node-rules.ts'
import { podReferences } from './pod-references.ts'

/** A kubelet writes its own Node, its own Lease and what belongs to its own pods, and nothing else. */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  validate(request) {
    const nodeName = nodeNameOf(request.context.user)
    if (nodeName === undefined) return
    const key = `${request.kind.group}/${request.kind.plural}`
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined
    const cause = rule?.(JSON.stringify(nodeName), nodeName, request)
    if (cause) throw forbidden(request.kind, request.name, cause)
  },
}

/** Why the write is refused, or undefined. `quoted` is the node's name as messages write it. */
type Rule = (quoted: string, nodeName: string, request: AdmissionRequest) => string | undefined

const rules: Readonly<Record<string, Rule>> = {
  '/pods': podCause,
  '/nodes': nodeCause,
  '/persistentvolumeclaims': claimCause,
  'coordination.k8s.io/leases': (_quoted, nodeName, { namespace, name }) => {
    if (namespace !== 'kube-node-lease') return 'can only access leases in the "kube-node-lease" system namespace'
    return name === nodeName ? undefined : 'can only access node lease with the same name as the requesting node'
  },
  'storage.k8s.io/csinodes': (_quoted, nodeName, { name }) =>
    name === nodeName ? undefined : 'can only access CSINode with the same name as the requesting node',
}

function podCause(quoted: string, nodeName: string, request: AdmissionRequest): string | undefined {
  const { operation, subresource } = request
  const pod = request.object as Pod
  const old = request.old as Readonly<Pod> | undefined
  if (operation === 'DELETE') {
    return pod.spec?.nodeName === nodeName
      ? undefined
      : `node ${quoted} can only delete pods with spec.nodeName set to itself`
  }
  if (operation === 'CREATE') return mirrorCause(quoted, nodeName, pod)
  if (subresource !== 'status')
    return `unexpected operation "UPDATE", node ${quoted} can only create and delete mirror pods`
  if (old?.spec?.nodeName !== nodeName)
    return `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`
  return equalJson(old.metadata.labels ?? {}, pod.metadata.labels ?? {})
    ? undefined
    : `node ${quoted} cannot update labels through pod status`
}

function claimCause(quoted: string, _nodeName: string, { operation, subresource, object, old }: AdmissionRequest): string | undefined {
  if (subresource !== 'status') return 'may only update PVC status'
  if (operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(operation)}`
  return equalJson(withoutExpansion(object), withoutExpansion(old))
    ? undefined
    : `node ${quoted} is not allowed to update fields other than status.capacity and status.conditions`
}

/** A claim without what a kubelet tells of it once it has grown or changed the volume. */
function withoutExpansion(claim: Readonly<PersistentVolumeClaim> | undefined) {
  const { metadata = {}, status = {}, ...rest } = claim ?? {}
  const { resourceVersion: _version, managedFields: _owners, ...kept } = metadata
  const { capacity: _capacity, conditions: _conditions, allocatedResources: _allocated, allocatedResourceStatuses: _resizing, ...told } = status
  const { modifyVolumeStatus: _modifying, currentVolumeAttributesClassName: _class, ...left } = told
  return { ...rest, metadata: kept, status: left }
}

function mirrorCause(quoted: string, nodeName: string, pod: Pod): string | undefined {
  const mirror = 'kubernetes.io/config.mirror'
  if (pod.metadata.annotations?.[mirror] === undefined) {
    return `pod does not have "${mirror}" annotation, node ${quoted} can only create mirror pods`
  }
  if (pod.spec?.nodeName !== nodeName) return `node ${quoted} can only create pods with spec.nodeName set to itself`
  const owners = pod.metadata.ownerReferences ?? []
  if (owners.length !== 1 || owners[0]!.kind !== 'Node' || owners[0]!.name !== nodeName) {
    return `node ${quoted} can only create pods with an owner reference set to itself`
  }
  const reference = podReferences(pod).find((each) => !each.startsWith('serviceaccounts/'))
  return reference ? `node ${quoted} can not create pods that reference ${reference.split('/')[0]}` : undefined
}

function nodeCause(
  quoted: string,
  nodeName: string,
  { operation, name, object, old }: AdmissionRequest,
): string | undefined {
  if (operation === 'DELETE') return `node ${quoted} is not allowed to delete node ${JSON.stringify(name)}`
  if (name !== nodeName) return `node ${quoted} is not allowed to modify node ${JSON.stringify(name)}`
  const labels = forbiddenLabels(object, old)
  if (operation === 'CREATE') {
    return labels.length > 0
      ? `node ${quoted} is not allowed to set the following labels: ${labels.join(', ')}`
      : undefined
  }
  if (labels.length > 0) return `is not allowed to modify labels: ${labels.join(', ')}`
  const taints = (node: Readonly<KubeObject> | undefined) => (node as Readonly<Node> | undefined)?.spec?.taints ?? []
  if (!equalJson(taints(object), taints(old))) return `node ${quoted} is not allowed to modify taints`
  return equalJson(object.metadata.ownerReferences ?? [], old?.metadata.ownerReferences ?? [])
    ? undefined
    : `node ${quoted} is not allowed to modify ownerReferences`
}

/** Of Kubernetes' own labels, those a kubelet knows about itself: k8s.io/kubelet/pkg/apis/well_known_labels.go. */
const kubeletLabels: readonly string[] = [
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
]

function forbiddenLabels({ metadata }: KubeObject, old: Readonly<KubeObject> | undefined): string[] {
  const before = old?.metadata.labels ?? {}
  const after = metadata.labels ?? {}
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => before[key] !== after[key],
  )
  return changed.filter(isForbidden).sort()
}

function isForbidden(label: string): boolean {
  const space = label.includes('/') ? label.slice(0, label.indexOf('/')) : ''
  const within = (domain: string) => space === domain || space.endsWith(`.${domain}`)
  if (within('node-restriction.kubernetes.io')) return true
  if (!within('kubernetes.io') && !within('k8s.io')) return false
  return !kubeletLabels.includes(label) && !within('kubelet.kubernetes.io') && !within('node.kubernetes.io')
}
