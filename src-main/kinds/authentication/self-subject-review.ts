import type { SelfSubjectReview } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { SelfSubjectReview }

export const selfSubjectReview = defineKind<SelfSubjectReview>({
  group: 'authentication.k8s.io', version: 'v1', kind: 'SelfSubjectReview', plural: 'selfsubjectreviews',
  namespaced: false,
  schema: 'io.k8s.api.authentication.v1.SelfSubjectReview',
  verbs: ['create'],
})
