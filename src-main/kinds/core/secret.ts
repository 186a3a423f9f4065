import type { Secret } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Secret }

export const secret = defineKind<Secret>({
  group: '', version: 'v1', kind: 'Secret', plural: 'secrets',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Secret',
})
