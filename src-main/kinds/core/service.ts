import type { Service } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Service }

export const service = defineKind<Service>({
  group: '', version: 'v1', kind: 'Service', plural: 'services', shortNames: ['svc'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Service',
  status: true,
})
