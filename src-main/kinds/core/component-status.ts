import type { ComponentStatus } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { conditionOf } from '../meta.ts'

export type { ComponentStatus }

/** Computed at each request, never stored. */
export const componentStatus = defineKind<ComponentStatus>({
  group: '', version: 'v1', kind: 'ComponentStatus', plural: 'componentstatuses', shortNames: ['cs'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.ComponentStatus',
  verbs: ['get', 'list'],
  deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
  columns: [
    { name: 'Name', type: 'string', of: 'metadata.name', cell: ({ metadata }) => metadata.name },
    { name: 'Status', type: 'string', description: 'Status of the component conditions', cell: healthOf },
    { name: 'Message', type: 'string', description: 'Message of the component conditions', cell: (object) => conditionOf(object.conditions, 'Healthy')?.message ?? '' },
    { name: 'Error', type: 'string', description: 'Error of the component conditions', cell: (object) => conditionOf(object.conditions, 'Healthy')?.error ?? '' },
  ],
})

function healthOf({ conditions }: ComponentStatus): string {
  const { status } = conditionOf(conditions, 'Healthy') ?? {}
  return status === 'True' ? 'Healthy' : status === 'False' ? 'Unhealthy' : 'Unknown'
}
