import type { Pod } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Pod }

export const pod = defineKind<Pod>({
  group: '', version: 'v1', kind: 'Pod', plural: 'pods', shortNames: ['po'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.core.v1.Pod',
  status: true,
  generation: true,
})
