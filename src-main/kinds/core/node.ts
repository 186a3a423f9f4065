import type { Node } from '../generated/types.ts'
import { defineKind } from '../kind.ts'

export type { Node }

export const node = defineKind<Node>({
  group: '', version: 'v1', kind: 'Node', plural: 'nodes', shortNames: ['no'],
  namespaced: false,
  schema: 'io.k8s.api.core.v1.Node',
  status: true,
})
