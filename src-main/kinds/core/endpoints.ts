import type { Endpoints } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Endpoints }

export const endpoints = defineKind<Endpoints>({
  group: '', version: 'v1', kind: 'Endpoints', plural: 'endpoints', shortNames: ['ep'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Endpoints',
})
