import { checkLabels, say } from '../checks.ts'
import { age } from '../columns.ts'
import { checkResources } from '../core/resources.ts'
import { checkTolerations } from '../core/scheduling-fields.ts'
import { type FieldError, FieldPath } from '../field-error.ts'
import type { RuntimeClass, Toleration } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { sameValue } from '../same-value.ts'
import { isDNS1123Label } from '../validation.ts'

export type { RuntimeClass }

export const runtimeClass = defineKind<RuntimeClass>({
  group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', plural: 'runtimeclasses',
  namespaced: false,
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  conditionalUpdate: true,
  createOnUpdate: true,
  ownRules: true,
  validate: ({ handler = '', overhead, scheduling }, at) => [
    ...say(at.child('handler'), handler, isDNS1123Label(handler)),
    ...(overhead?.podFixed ? checkResources({ limits: overhead.podFixed }, at.child('overhead')) : []),
    ...checkLabels(scheduling?.nodeSelector, at.child('scheduling', 'nodeSelector')),
    ...checkOwnTolerations(scheduling?.tolerations ?? [], at.child('scheduling', 'tolerations')),
  ],
  validateUpdate: ({ handler }, old, at) => (handler === old.handler ? [] : [at.child('handler').immutable(handler)]),
  columns: [{ name: 'Handler', type: 'string', cell: ({ handler }) => handler }, age],
})

/** Kubernetes names the field twice in the path of a wrong toleration, and once in that of a repeated one. */
const checkOwnTolerations = (tolerations: readonly Toleration[], at: FieldPath): FieldError[] => tolerations.flatMap((toleration, i) => [
  ...(tolerations.slice(0, i).some((other) => sameValue(other, toleration)) ? [at.child(i).duplicate(toleration)] : []),
  ...checkTolerations([toleration], new FieldPath()).map((error) => ({ ...error, field: error.field.replace('[0]', `${at.child('tolerations', i).toString()}`) })),
])
