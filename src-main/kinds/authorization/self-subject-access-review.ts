import type { SelfSubjectAccessReview } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { SelfSubjectAccessReview }

export const selfSubjectAccessReview = defineKind<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews',
  namespaced: false,
  schema: 'io.k8s.api.authorization.v1.SelfSubjectAccessReview',
  verbs: ['create'],
})
