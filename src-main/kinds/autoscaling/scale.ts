import { age } from '../columns.ts'
import type { Scale } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import type { KubeObject } from '../meta.ts'

/** What `/scale` answers with. It has no path of its own, so it is in no list of kinds. */
export const scale = defineKind<Scale & KubeObject>({
  group: 'autoscaling', version: 'v1', kind: 'Scale', plural: 'scales', verbs: [],
  namespaced: true,
  schema: 'io.k8s.api.autoscaling.v1.Scale',
  columns: [
    { name: 'Desired', type: 'integer', of: 'spec.replicas', cell: ({ spec }) => spec?.replicas ?? 0 },
    { name: 'Available', type: 'integer', of: 'status.replicas', cell: ({ status }) => status?.replicas ?? 0 },
    age,
  ],
})
