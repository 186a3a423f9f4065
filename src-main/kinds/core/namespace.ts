import type { Namespace } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Namespace }

export const namespace = defineKind<Namespace>({
  group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', shortNames: ['ns'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.Namespace',
  status: true,
})
