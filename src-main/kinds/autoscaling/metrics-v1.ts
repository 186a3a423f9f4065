import { isJsonObject } from '../../base/json.ts'
import type { MetricSpec, MetricStatus } from '../generated/types.ts'

/** Metrics of autoscaling/v2 in the shape that they have in the annotations of version 1, and back. */

type Json = Readonly<Record<string, unknown>>

const child = (json: Json | undefined, name: string): Json => {
  const value = json && Object.hasOwn(json, name) ? json[name] : undefined
  return isJsonObject(value) ? value : {}
}

/** Without what says nothing. */
const compact = (json: Json): Record<string, unknown> =>
  Object.fromEntries(Object.entries(json).filter(([, value]) => value !== undefined && value !== null))

const sources = { Resource: 'resource', ContainerResource: 'containerResource', Pods: 'pods', Object: 'object', External: 'external' } as const
type Type = keyof typeof sources

const typeOf = (json: Json): Type | undefined =>
  typeof json['type'] === 'string' && Object.hasOwn(sources, json['type']) ? (json['type'] as Type) : undefined

const isResource = (type: Type): boolean => type === 'Resource' || type === 'ContainerResource'

/** One metric in another shape; `side` is what it wishes (`target`) or what is (`current`). */
function reshaped(metric: Json, reshape: (type: Type, source: Json) => Json): object {
  const type = typeOf(metric)
  return type ? { type, [sources[type]]: compact(reshape(type, child(metric, sources[type]))) } : { type: metric['type'] }
}

function toV1(side: 'target' | 'current', type: Type, source: Json): Json {
  const value = child(source, side)
  const metric = child(source, 'metric')
  const name = (words: string): string => `${side}${words}`
  if (isResource(type)) {
    const { name: resource, container } = source
    return { name: resource, [name('AverageUtilization')]: value['averageUtilization'], [name('AverageValue')]: value['averageValue'] ?? (side === 'current' ? '0' : undefined), container }
  }
  const selector = metric['selector']
  if (type === 'Pods') return { metricName: metric['name'], [name('AverageValue')]: value['averageValue'], selector }
  if (type === 'Object') {
    return { target: source['describedObject'], metricName: metric['name'], [name('Value')]: value['value'] ?? '0', selector, averageValue: value['averageValue'] }
  }
  return { metricName: metric['name'], metricSelector: selector, [name('Value')]: value['value'] ?? (side === 'current' ? '0' : undefined), [name('AverageValue')]: value['averageValue'] }
}

function fromV1(side: 'target' | 'current', type: Type, source: Json): Json {
  const said = (words: string): unknown => source[`${side}${words}`] ?? undefined
  const targetType = (kind: string): Json => (side === 'target' ? { type: kind } : {})
  if (isResource(type)) {
    const { name, container } = source
    const utilization = said('AverageUtilization')
    return { name, container, [side]: compact({ ...targetType(utilization === undefined ? 'AverageValue' : 'Utilization'), averageUtilization: utilization, averageValue: said('AverageValue') }) }
  }
  const metric = compact({ name: source['metricName'], selector: source['selector'] ?? source['metricSelector'] })
  if (type === 'Pods') return { metric, [side]: compact({ ...targetType('AverageValue'), averageValue: said('AverageValue') }) }
  const value = said('Value')
  const average = type === 'Object' ? (source['averageValue'] ?? undefined) : said('AverageValue')
  const described = type === 'Object' ? { describedObject: source['target'] } : {}
  // an object's value is written whether it counts or not
  const counts = type === 'Object' && average !== undefined ? undefined : value
  return { metric, ...described, [side]: compact({ ...targetType(counts === undefined ? 'AverageValue' : 'Value'), value: counts, averageValue: average }) }
}

export const metricSpecV1 = (metric: MetricSpec): object => reshaped(metric as unknown as Json, (type, source) => toV1('target', type, source))
export const metricStatusV1 = (metric: MetricStatus): object => reshaped(metric as unknown as Json, (type, source) => toV1('current', type, source))
export const metricSpec = (metric: Json): MetricSpec => reshaped(metric, (type, source) => fromV1('target', type, source)) as MetricSpec
export const metricStatus = (metric: Json): MetricStatus => reshaped(metric, (type, source) => fromV1('current', type, source)) as MetricStatus
