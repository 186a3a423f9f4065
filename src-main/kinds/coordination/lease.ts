import type { Lease } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Lease }

export const lease = defineKind<Lease>({
  group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases',
  namespaced: true,
  schema: 'io.k8s.api.coordination.v1.Lease',
})
