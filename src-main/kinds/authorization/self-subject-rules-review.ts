import type { SelfSubjectRulesReview } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { SelfSubjectRulesReview }

export const selfSubjectRulesReview = defineKind<SelfSubjectRulesReview>({
  group: 'authorization.k8s.io', version: 'v1', kind: 'SelfSubjectRulesReview', plural: 'selfsubjectrulesreviews',
  namespaced: false,
  schema: 'io.k8s.api.authorization.v1.SelfSubjectRulesReview',
  verbs: ['create'],
})
