import { checkLabels, say } from '../checks.ts'
import { age } from '../columns.ts'
import { checkResources } from '../core/container.ts'
import { checkTolerations } from '../core/scheduling-fields.ts'
import type { RuntimeClass } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isDNS1123Label } from '../validation.ts'

export type { RuntimeClass }

export const runtimeClass = defineKind<RuntimeClass>({
  group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', plural: 'runtimeclasses',
  namespaced: false,
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  validate: ({ handler = '', overhead, scheduling }, at) => [
    ...say(at.child('handler'), handler, isDNS1123Label(handler)),
    ...(overhead?.podFixed ? checkResources({ limits: overhead.podFixed }, at.child('overhead', 'podFixed')) : []),
    ...checkLabels(scheduling?.nodeSelector, at.child('scheduling', 'nodeSelector')),
    ...checkTolerations(scheduling?.tolerations, at.child('scheduling', 'tolerations')),
  ],
  validateUpdate: ({ handler }, old, at) => (handler === old.handler ? [] : [at.child('handler').immutable(handler)]),
  columns: [{ name: 'Handler', type: 'string', cell: ({ handler }) => handler }, age],
})
