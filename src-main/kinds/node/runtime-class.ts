import { checkLabels, say } from '../checks.ts'
import { age } from '../columns.ts'
import { oldNodeLabel } from '../core/node-labels.ts'
import { checkResources } from '../core/resources.ts'
import { checkTolerations } from '../core/scheduling-fields.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { RuntimeClass, Toleration } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { isDNS1123Label } from '../validation.ts'

export type { RuntimeClass }

export const runtimeClass = defineKind<RuntimeClass>({
  group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', plural: 'runtimeclasses',
  namespaced: false,
  schema: 'io.k8s.api.node.v1.RuntimeClass',
  conditionalUpdate: true,
  createOnUpdate: true,
  warn: ({ scheduling }) => Object.keys(scheduling?.nodeSelector ?? {}).flatMap((label) => (oldNodeLabel(label) ? [`scheduling.nodeSelector: ${oldNodeLabel(label)}`] : [])),
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
const checkOwnTolerations = (tolerations: readonly Toleration[], at: FieldPath): FieldError[] => [
  ...checkTolerations(tolerations, at.child('tolerations')),
  ...tolerations.flatMap((toleration, i) => (tolerations.slice(0, i).some((other) => isSame(other, toleration)) ? [at.child(i).duplicate(internalToleration(toleration))] : [])),
]

const isSame = (a: Toleration, b: Toleration): boolean => (['key', 'operator', 'value', 'effect'] as const).every((name) => (a[name] ?? '') === (b[name] ?? ''))

/** Kubernetes' own type, as its sentence shows it. */
const internalToleration = ({ key = '', operator, value = '', effect, tolerationSeconds }: Toleration): object =>
  ({ Key: key, Operator: operator ?? '', Value: value, Effect: effect ?? '', TolerationSeconds: tolerationSeconds ?? null })
