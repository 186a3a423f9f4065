import { timestamp } from '../../base/clock.ts'
import { isJsonObject } from '../../base/json.ts'
import type { HorizontalPodAutoscaler as HorizontalPodAutoscalerV1, HorizontalPodAutoscalerBehavior, MetricSpec, MetricStatus } from '../generated/types.ts'
import type { Kind } from '../kind.ts'
import { otherVersion } from '../versions.ts'
import { horizontalPodAutoscaler, type HorizontalPodAutoscaler } from './horizontal-pod-autoscaler.ts'
import { metricSpec, metricSpecV1, metricStatus, metricStatusV1 } from './metrics-v1.ts'

/** Version 1 has a target for the processor alone: everything else of version 2 stands in annotations there. */
export const horizontalPodAutoscalerV1: Kind<HorizontalPodAutoscalerV1> = otherVersion(horizontalPodAutoscaler, {
  version: 'v1', schema: 'io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler',
  default: ({ spec }: HorizontalPodAutoscalerV1) => {
    // what is to be measured is known when the annotations have been read
    if (spec) spec.minReplicas ??= 1
  },
  toStored: fromV1,
  fromStored: toV1,
})

/** A beta of the same shape. */
export const horizontalPodAutoscalerV2Beta2: Kind<HorizontalPodAutoscaler> = otherVersion(horizontalPodAutoscaler, {
  version: 'v2beta2', deprecated: { since: '1.23', until: '1.26' },
})

const annotation = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  current: 'autoscaling.alpha.kubernetes.io/current-metrics',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
} as const
const roundTrip = new Set<string>(Object.values(annotation))

const isCpu = (metric: { type: string; resource?: { name: string } }): boolean => metric.type === 'Resource' && metric.resource?.name === 'cpu'
const targetsCpu = (metric: MetricSpec): boolean => isCpu(metric) && metric.resource?.target?.averageUtilization !== undefined

const withAnnotations = (metadata: HorizontalPodAutoscaler['metadata'], more: Readonly<Record<string, string>>): HorizontalPodAutoscaler['metadata'] => {
  const { annotations = {}, ...rest } = metadata
  const own = Object.entries(annotations).filter(([name]) => !roundTrip.has(name))
  const all = Object.fromEntries([...own, ...Object.entries(more)])
  return Object.keys(all).length > 0 ? { ...rest, annotations: all } : rest
}

function toV1({ metadata, spec, status, ...rest }: Readonly<HorizontalPodAutoscaler>): HorizontalPodAutoscalerV1 {
  const { metrics = [], behavior, ...common } = spec ?? {}
  const { currentMetrics: measured, conditions = [], ...counts } = status ?? {}
  const currentMetrics = measured ?? []
  const others = metrics.filter((metric) => !targetsCpu(metric))
  const target = metrics.find(isCpu)?.resource?.target?.averageUtilization
  const current = currentMetrics.filter(isCpu).map(({ resource }) => resource?.current.averageUtilization).findLast((percent) => percent !== undefined)
  const kept = {
    ...(others.length > 0 ? { [annotation.metrics]: JSON.stringify(others.map(metricSpecV1)) } : {}),
    ...(currentMetrics.length > 0 ? { [annotation.current]: JSON.stringify(currentMetrics.map(metricStatusV1)) } : {}),
    ...(behavior ? { [annotation.behavior]: JSON.stringify(behaviorV1(behavior)) } : {}),
    ...(conditions.length > 0 ? { [annotation.conditions]: JSON.stringify(conditions) } : {}),
  }
  return {
    ...rest,
    metadata: withAnnotations(metadata, kept),
    ...(spec ? { spec: { ...common, ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }) } } : {}),
    ...(status ? { status: { currentReplicas: 0, ...counts, ...(current === undefined ? {} : { currentCPUUtilizationPercentage: current }) } } : {}),
  } as HorizontalPodAutoscalerV1
}

function fromV1({ metadata, spec, status, ...rest }: Readonly<HorizontalPodAutoscalerV1>): HorizontalPodAutoscaler {
  const read = (name: keyof typeof annotation): unknown => parsed(metadata.annotations?.[annotation[name]])
  const { targetCPUUtilizationPercentage: target, ...common } = spec ?? {}
  const { currentCPUUtilizationPercentage: current, ...counts } = status ?? {}
  const cpu: MetricSpec[] = target === undefined ? [] : [cpuTarget(target)]
  const metrics = [...listed(read('metrics')).map(metricSpec), ...cpu]
  const behavior = behaviorOf(read('behavior'))
  const saved = listed(read('current')).map(metricStatus)
  const seen: MetricStatus[] = saved.length > 0 ? saved : current === undefined ? [] : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }]
  const conditions = listed(read('conditions'))
  return {
    ...rest,
    metadata: withAnnotations(metadata, {}),
    spec: { ...common, metrics: metrics.length > 0 ? metrics : [cpuTarget(80)], ...(behavior ? { behavior } : {}) },
    ...(status || seen.length > 0 || conditions.length > 0
      ? { status: { desiredReplicas: 0, ...counts, ...(seen.length > 0 ? { currentMetrics: seen } : {}), ...(conditions.length > 0 ? { conditions: conditions.map(completeCondition) } : {}) } }
      : {}),
  } as HorizontalPodAutoscaler
}

const cpuTarget = (averageUtilization: number): MetricSpec =>
  ({ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } })

/** As a person may have written the annotation: what is no JSON says nothing, as in Kubernetes. */
function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

type Json = Readonly<Record<string, unknown>>

const listed = (value: unknown): Json[] => (Array.isArray(value) ? value.filter((item) => isJsonObject(item)) : [])

const completeCondition = (condition: Json) => ({ type: '', status: '', ...condition, lastTransitionTime: condition['lastTransitionTime'] ?? timestamp(0) })

/** Kubernetes writes its internal type there: the names begin with capitals, and what is not said is null. */
function behaviorV1({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): object {
  const rules = (side: HorizontalPodAutoscalerBehavior['scaleUp']) => side
    ? {
        StabilizationWindowSeconds: side.stabilizationWindowSeconds ?? null,
        SelectPolicy: side.selectPolicy ?? null,
        Policies: side.policies?.map(({ type, value, periodSeconds }) => ({ Type: type, Value: value, PeriodSeconds: periodSeconds })) ?? null,
        Tolerance: side.tolerance ?? null,
      }
    : null
  return { ScaleUp: rules(scaleUp), ScaleDown: rules(scaleDown) }
}

/** Reads names in either case, as Go does. */
function behaviorOf(value: unknown): HorizontalPodAutoscalerBehavior | undefined {
  const behavior = uncapitalized(value)
  return isJsonObject(behavior) && Object.keys(behavior).length > 0 ? behavior : undefined
}

function uncapitalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(uncapitalized)
  if (!isJsonObject(value)) return value
  const entries = Object.entries(value).filter(([, each]) => each !== null)
  return Object.fromEntries(entries.map(([name, each]) => [name.charAt(0).toLowerCase() + name.slice(1), uncapitalized(each)]))
}
