import type { SubjectAccessReview } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { SubjectAccessReview }

export const subjectAccessReview = defineKind<SubjectAccessReview>({
  group: 'authorization.k8s.io', version: 'v1', kind: 'SubjectAccessReview', plural: 'subjectaccessreviews',
  namespaced: false,
  schema: 'io.k8s.api.authorization.v1.SubjectAccessReview',
  verbs: ['create'],
})
