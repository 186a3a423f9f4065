import { say } from '../checks.ts'
import { age } from '../columns.ts'
import type { RuntimeClass } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isDNS1123Label } from '../validation.ts'

export type { RuntimeClass }

export const runtimeClass = defineKind<RuntimeClass>({
  group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', plural: 'runtimeclasses',
  namespaced: false,
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  validate: ({ handler = '' }, at) => say(at.child('handler'), handler, isDNS1123Label(handler)),
  validateUpdate: ({ handler }, old, at) => (handler === old.handler ? [] : [at.child('handler').immutable(handler)]),
  columns: [{ name: 'Handler', type: 'string', cell: ({ handler }) => handler }, age],
})
