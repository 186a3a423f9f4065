import type { Labels, LabelSelector } from '../base/selector.ts'
import type { PodTemplateSpec } from './generated/types.ts'
import type { Column } from './kind.ts'
import { lookup } from './lookup.ts'
import type { KubeObject } from './meta.ts'

export const age: Column<KubeObject> = {
  name: 'Age',
  type: 'date',
  of: 'metadata.creationTimestamp',
  cell: (object) => object.metadata.creationTimestamp,
}

/** When the object was made: what kinds without columns of their own show beside the name. */
export const createdAt: Column<KubeObject> = {
  name: 'Created At', type: 'date', time: true, of: 'metadata.creationTimestamp', cell: ({ metadata }) => metadata.creationTimestamp,
}

/** Labels as `a=b,c=d`, or `<none>`. */
export function showLabels(labels: Labels | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`).sort()
  return pairs.length === 0 ? '<none>' : pairs.join(',')
}

const operators: Readonly<Record<string, (key: string, values: string) => string>> = {
  In: (key, values) => `${key} in (${values})`,
  NotIn: (key, values) => `${key} notin (${values})`,
  Exists: (key) => key,
  DoesNotExist: (key) => `!${key}`,
}

export function showSelector(selector: LabelSelector | undefined): string {
  if (!selector) return '<none>'
  const equal = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`)
  const rest = (selector.matchExpressions ?? []).map(({ key, operator, values = [] }) =>
    (lookup(operators, operator) ?? ((name: string) => name))(key, [...values].sort().join(',')),
  )
  const all = [...equal, ...rest].sort()
  return all.length === 0 ? '<none>' : all.join(',')
}

/** The first three, and how many more: `10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 4 more...`. */
export function showSome(items: readonly string[], none: string): string {
  if (items.length === 0) return none
  return items.length > 3 ? `${items.slice(0, 3).join(',')} + ${items.length - 3} more...` : items.join(',')
}

/** `1h5m`, as `kubectl get` shows an age: duration.HumanDuration of apimachinery. */
export function showDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return two(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return two(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return two(days, 'd', hours % 24, 'h')
  if (days < 730) return `${days}d`
  const years = Math.floor(days / 365)
  return years < 8 ? two(years, 'y', days % 365, 'd') : `${years}y`
}

const two = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`

/** How long ago an RFC 3339 time was; `<unknown>` when there is none. */
export const since = (time: string | undefined, now: number): string => (time ? showDuration(now - Date.parse(time)) : '<unknown>')

/** The wide columns of every workload: its containers, their images, its selector, which is the field `of`. */
export function templateColumns<T extends KubeObject>(
  template: (object: T) => PodTemplateSpec | undefined,
  selector: (object: T) => string,
  of = 'spec.selector',
): Array<Column<T>> {
  const containers = (object: T) => template(object)?.spec?.containers ?? []
  return [
    { name: 'Containers', type: 'string', priority: 1, description: 'Names of each container in the template.', cell: (o) => containers(o).map((c) => c.name).join(',') },
    { name: 'Images', type: 'string', priority: 1, description: 'Images referenced by each container in the template.', cell: (o) => containers(o).map((c) => c.image ?? '').join(',') },
    { name: 'Selector', type: 'string', priority: 1, of, cell: selector },
  ]
}
