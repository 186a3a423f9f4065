import { parseCertificateRequest } from '../../base/certificate-request.ts'
import { equalJson } from '../../base/json.ts'
import { errorMessage } from '../../base/log.ts'
import { pod as podKind } from '../../kinds/core/pod.ts'
import type { CertificateSigningRequest, Node, PersistentVolumeClaim, Pod } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { forbidden, notFound } from '../../kinds/status-error.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission/chain.ts'
import type { Authorize } from '../authz.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import { mirrorCause } from './node-mirror-pods.ts'
import { nodeNameOf } from './node-rules.ts'
import { nodeTokenCause } from './node-tokens.ts'

/** A kubelet writes its own Node, its own Lease and what belongs to its own pods, and nothing else. */
export const nodeRestriction = (authorize: Authorize): AdmissionPlugin => {
  const check = (request: AdmissionRequest): void => {
    const nodeName = nodeNameOf(request.context.user)
    if (nodeName === undefined || request.operation === 'CONNECT') return
    const cause = nodeName === '' ? `could not determine node from user ${JSON.stringify(request.context.user.name)}` : causeOf(authorize, nodeName, request)
    if (cause) throw forbidden(request.kind, request.name, cause)
  }
  return {
    name: 'NodeRestriction',
    everywhere: true,
    admit: check,
    validate(request) {
      // of a deletion nothing is made that could be looked at before
      if (request.operation === 'DELETE') check(request)
    },
  }
}

/** Why the write is refused, or undefined. `quoted` is the node's name as messages write it. */
type Rule = (quoted: string, nodeName: string, request: AdmissionRequest) => string | undefined

function causeOf(authorize: Authorize, nodeName: string, request: AdmissionRequest): string | undefined {
  const key = `${request.kind.group}/${request.kind.plural}`
  if (key === '/serviceaccounts') return request.subresource === 'token' ? nodeTokenCause(authorize, nodeName, request) : undefined
  return Object.hasOwn(rules, key) ? rules[key]?.(JSON.stringify(nodeName), nodeName, request) : undefined
}

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
  'certificates.k8s.io/certificatesigningrequests': certificateCause,
}

function podCause(quoted: string, nodeName: string, request: AdmissionRequest): string | undefined {
  const { operation, subresource = '' } = request
  if (subresource === 'eviction') return evictionCause(nodeName, request)
  if (subresource === 'status') return statusCause(quoted, nodeName, request)
  if (subresource !== '') return `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`
  const pod = request.object as Pod
  if (operation === 'CREATE') return mirrorCause(quoted, nodeName, pod, request.read)
  if (operation !== 'DELETE') return `unexpected operation "${operation}", node ${quoted} can only create and delete mirror pods`
  return pod.spec?.nodeName === nodeName ? undefined : `node ${quoted} can only delete pods with spec.nodeName set to itself`
}

/** @throws StatusError 404 */
function evictionCause(nodeName: string, { namespace, name, read }: AdmissionRequest): string | undefined {
  const stored = read.get(keyFor(podKind, { namespace, name }))
  if (!stored) throw notFound(podKind, name)
  return (objectOf(stored) as Pod).spec?.nodeName === nodeName ? undefined : `node ${nodeName} can only evict pods with spec.nodeName set to itself`
}

function statusCause(quoted: string, nodeName: string, request: AdmissionRequest): string | undefined {
  const [pod, old] = [request.object, request.old] as [Pod, Readonly<Pod> | undefined]
  if (old?.spec?.nodeName !== nodeName) return `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`
  if (!equalJson(old.metadata.labels ?? {}, pod.metadata.labels ?? {})) return `node ${quoted} cannot update labels through pod status`
  return equalJson(old.status?.resourceClaimStatuses ?? [], pod.status?.resourceClaimStatuses ?? []) ? undefined : `node ${quoted} cannot update resource claim statues`
}

const nodeSigners: readonly string[] = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']

/** A node asks for certificates of a node in its own name only. */
function certificateCause(_quoted: string, nodeName: string, { operation, object }: AdmissionRequest): string | undefined {
  const { signerName, request = '' } = (object as CertificateSigningRequest).spec ?? {}
  if (operation !== 'CREATE' || !nodeSigners.includes(signerName)) return undefined
  try {
    const { commonName } = parseCertificateRequest(Buffer.from(request, 'base64').toString('latin1'))
    return commonName === `system:node:${nodeName}` ? undefined : `can only create a node CSR with CN=system:node:${nodeName}`
  } catch (error) {
    return `unable to parse csr: ${errorMessage(error)}`
  }
}

function claimCause(quoted: string, _nodeName: string, { operation, subresource, object, old }: AdmissionRequest): string | undefined {
  if (subresource !== 'status') return 'may only update PVC status'
  if (operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(operation)}`
  return equalJson(withoutExpansion(object), withoutExpansion(old))
    ? undefined
    : `node ${quoted} is not allowed to update fields other than status.quantity and status.conditions`
}

/** A claim without what a kubelet tells of it once it has grown or changed the volume. */
function withoutExpansion(claim: Readonly<PersistentVolumeClaim> | undefined) {
  const { metadata = {}, status = {}, ...rest } = claim ?? {}
  const { resourceVersion: _version, managedFields: _owners, ...kept } = metadata
  const { capacity: _capacity, conditions: _conditions, allocatedResources: _allocated, allocatedResourceStatuses: _resizing, ...told } = status
  const { modifyVolumeStatus: _modifying, currentVolumeAttributesClassName: _class, ...left } = told
  return { ...rest, metadata: kept, status: left }
}

function nodeCause(
  quoted: string,
  nodeName: string,
  { operation, name, object, old }: AdmissionRequest,
): string | undefined {
  if (name !== nodeName) return `node ${quoted} is not allowed to modify node ${JSON.stringify(name)}`
  if (operation === 'DELETE') return undefined
  const [source, before] = [object, old].map((each) => (each as Readonly<Node> | undefined)?.spec?.configSource)
  if (operation === 'CREATE' && source) return `node ${quoted} is not allowed to create pods with a non-nil configSource`
  if (source && !equalJson(source, before)) return `node ${quoted} is not allowed to update configSource to a new non-nil configSource`
  const labels = forbiddenLabels(object, old)
  if (operation === 'CREATE') {
    return labels.length > 0
      ? `node ${quoted} is not allowed to set the following labels: ${labels.join(', ')}`
      : undefined
  }
  const taints = (node: Readonly<KubeObject> | undefined) => (node as Readonly<Node> | undefined)?.spec?.taints ?? []
  if (!equalJson(taints(object), taints(old))) return `node ${quoted} is not allowed to modify taints`
  if (labels.length > 0) return `is not allowed to modify labels: ${labels.join(', ')}`
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
