import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import { each, say } from '../checks.ts'
import type { Node } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { conditionOf } from '../meta.ts'
import { isValidCIDR } from '../validation.ts'
import { checkTaints } from './scheduling-fields.ts'

export type { Node }

export const node = defineKind<Node>({
  group: '', version: 'v1', kind: 'Node', plural: 'nodes', shortNames: ['no'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.Node',
  status: true,
  statusAtCreation: true,
  default: (object) => {
    object.spec ??= {}
    if (object.status?.capacity) object.status.allocatable ??= { ...object.status.capacity }
  },
  validate: ({ spec }, at) => [
    ...checkTaints(spec?.taints, at.child('spec', 'taints')),
    ...each(spec?.podCIDRs, at.child('spec', 'podCIDRs'), (cidr, here) => say(here, cidr, isValidCIDR(cidr))),
  ],
  validateUpdate: ({ spec }, { spec: old }, at) => [
    ...onlyOnce(spec?.providerID, old?.providerID, at.child('spec', 'providerID'), 'providerID'),
    ...onlyOnce(spec?.podCIDR, old?.podCIDR, at.child('spec', 'podCIDRs'), 'podCIDR'),
  ],
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec?.unschedulable ?? false) },
  columns: [
    { name: 'Status', type: 'string', description: 'The status of the node', cell: statusOf },
    { name: 'Roles', type: 'string', description: 'The roles of the node', cell: rolesOf },
    age,
    { name: 'Version', type: 'string', description: 'Kubelet Version reported by the node.', cell: ({ status }) => status?.nodeInfo?.kubeletVersion ?? '' },
    { name: 'Internal-IP', type: 'string', priority: 1, cell: (object) => addressOf(object, 'InternalIP') },
    { name: 'External-IP', type: 'string', priority: 1, cell: (object) => addressOf(object, 'ExternalIP') },
    { name: 'OS-Image', type: 'string', priority: 1, cell: ({ status }) => status?.nodeInfo?.osImage || '<unknown>' },
    { name: 'Kernel-Version', type: 'string', priority: 1, cell: ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>' },
    { name: 'Container-Runtime', type: 'string', priority: 1, cell: ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>' },
  ],
})

/** What may be filled in later, but never changed. */
const onlyOnce = (value: string | undefined, old: string | undefined, at: FieldPath, name: string): FieldError[] =>
  old && value !== old ? [at.forbidden(`node updates may not change ${name} except from "" to valid`)] : []

function statusOf({ spec, status }: Node): string {
  const ready = conditionOf(status?.conditions, 'Ready')
  const word = !ready ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word
}

const rolePrefix = 'node-role.kubernetes.io/'

function rolesOf({ metadata }: Node): string {
  const roles = Object.entries(metadata.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith(rolePrefix)) return key.slice(rolePrefix.length) || []
    return key === 'kubernetes.io/role' && value ? value : []
  })
  return roles.length === 0 ? '<none>' : [...new Set(roles)].sort().join(',')
}

const addressOf = ({ status }: Node, type: string): string => status?.addresses?.find((address) => address.type === type)?.address ?? '<none>'
