import { nonNegative } from '../checks.ts'
import { age } from '../columns.ts'
import type {
  HorizontalPodAutoscalerAutoscalingV2 as HorizontalPodAutoscaler, HorizontalPodAutoscalerSpecAutoscalingV2 as Spec, MetricSpec, MetricStatus,
} from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { defineKind } from '../kind.ts'
import { checkAutoscalerSpec } from './autoscaler-rules.ts'

export type { HorizontalPodAutoscaler }

export const horizontalPodAutoscaler = defineKind<HorizontalPodAutoscaler>({
  group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler', plural: 'horizontalpodautoscalers', shortNames: ['hpa'], categories: ['all'],
  namespaced: true,
  schema: 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  status: true,
  default: (object) => {
    const spec = (object.spec ??= {} as Spec)
    spec.minReplicas ??= 1
    if (!spec.metrics?.length) {
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } }]
    }
    if (spec.behavior) defaultBehavior(spec.behavior)
  },
  prepareCreate: (object) => {
    object.status = { currentMetrics: null, desiredReplicas: 0 }
  },
  ownRules: true,
  validate: ({ spec }, at, old) => checkAutoscalerSpec(spec ?? {}, at.child('spec'), old?.spec),
  validatePart: (_subresource, { status }, _old, at) => [
    ...nonNegative(status?.currentReplicas, at.child('status', 'currentReplicas')),
    ...nonNegative(status?.desiredReplicas, at.child('status', 'desiredReplicas')),
  ],
  columns: [
    { name: 'Reference', type: 'string', of: 'spec.scaleTargetRef', cell: ({ spec }) => `${spec?.scaleTargetRef?.kind ?? ''}/${spec?.scaleTargetRef?.name ?? ''}` },
    { name: 'Targets', type: 'string', of: 'spec.metrics', cell: ({ spec, status }) => showMetrics(spec?.metrics ?? [], status?.currentMetrics ?? []) },
    { name: 'MinPods', type: 'string', of: 'spec.minReplicas', cell: ({ spec }) => String(spec?.minReplicas ?? '<unset>') },
    { name: 'MaxPods', type: 'string', of: 'spec.maxReplicas', cell: ({ spec }) => spec?.maxReplicas ?? 0 },
    { name: 'Replicas', type: 'string', of: 'status.currentReplicas', cell: ({ status }) => status?.currentReplicas ?? 0 },
    age,
  ],
})

/** Written out whenever the spec speaks of behavior at all: defaults.go of autoscaling. */
function defaultBehavior(behavior: NonNullable<Spec['behavior']>): void {
  const percent = { type: 'Percent', value: 100, periodSeconds: 15 }
  behavior.scaleUp = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, percent], ...behavior.scaleUp }
  behavior.scaleDown = { selectPolicy: 'Max', policies: [{ ...percent }], ...behavior.scaleDown }
}

const sources = { ContainerResource: 'containerResource', External: 'external', Object: 'object', Pods: 'pods', Resource: 'resource' } as const

/** `cpu: 10%/80%`: what is, and what should be. The first two metrics, and how many more. */
function showMetrics(specs: readonly MetricSpec[], statuses: readonly MetricStatus[]): string {
  if (specs.length === 0) return '<none>'
  const shown = specs.slice(0, 2).map((spec, i) => showMetric(spec, statuses[i])).join(', ')
  return specs.length > 2 ? `${shown} + ${specs.length - 2} more...` : shown
}

function showMetric(spec: MetricSpec, status: MetricStatus | undefined): string {
  const source = lookup(sources, spec.type)
  if (!source) return '<unknown type>'
  const target = spec[source]?.target
  const current = status?.[source]?.current
  const name = spec.type === 'Resource' || spec.type === 'ContainerResource' ? `${spec[source === 'resource' ? 'resource' : 'containerResource']?.name}: ` : ''
  const average = spec.type === 'External' || spec.type === 'Object' ? ' (avg)' : ''
  if (target?.averageValue !== undefined) return `${name}${current?.averageValue ?? '<unknown>'}/${target.averageValue}${average}`
  if (target?.value !== undefined && name === '') return `${current?.value ?? '<unknown>'}/${target.value}`
  const percent = (value: number | undefined, none: string): string => (value === undefined ? none : `${value}%`)
  return `${name}${percent(current?.averageUtilization, '<unknown>')}/${percent(target?.averageUtilization, '<auto>')}`
}
