import type { EndpointSlice } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { EndpointSlice }

export const endpointSlice = defineKind<EndpointSlice>({
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', plural: 'endpointslices',
  namespaced: true,
  schema: 'io.k8s.api.discovery.v1.EndpointSlice',
  generation: true,
})
