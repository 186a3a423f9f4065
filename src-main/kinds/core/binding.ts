import type { Binding } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Binding }

export const binding = defineKind<Binding>({
  group: '', version: 'v1', kind: 'Binding', plural: 'bindings',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Binding',
  verbs: ['create'],
})
