import type { LocalSubjectAccessReview } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { LocalSubjectAccessReview }

export const localSubjectAccessReview = defineKind<LocalSubjectAccessReview>({
  group: 'authorization.k8s.io', version: 'v1', kind: 'LocalSubjectAccessReview', plural: 'localsubjectaccessreviews',
  namespaced: true,
  schema: 'io.k8s.api.authorization.v1.LocalSubjectAccessReview',
  verbs: ['create'],
})
