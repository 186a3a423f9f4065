import { type Amount, amountOf, formatAmount, zeroAmount } from '../../base/amount.ts'
import { limitRange as limitRangeKind, type LimitRange } from '../../kinds/core/limit-range.ts'
import type { PersistentVolumeClaim } from '../../kinds/core/persistent-volume-claim.ts'
import { type Amounts, amountsOf, podAmounts } from '../../kinds/core/pod-amounts.ts'
import type { Pod } from '../../kinds/core/pod.ts'
import type { Container, LimitRangeItem } from '../../kinds/generated/types.ts'
import { forbidden } from '../../kinds/status-error.ts'
import { prefixOf } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, AdmissionRequest } from './chain.ts'

type Item = LimitRangeItem
type Limited = { readonly requests: Amounts; readonly limits: Amounts }

/** Gives containers the requests and limits that their namespace's LimitRanges say, and holds everybody to their bounds. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  early: true,
  admit(request) {
    const { operation, object } = request
    if (limited(request) !== 'Pod' || operation !== 'CREATE') return
    for (const { spec } of rangesFor(request)) setDefaults(object as Pod, spec?.limits ?? [])
  },
  validate(request) {
    const what = limited(request)
    if (!what) return
    for (const { spec } of rangesFor(request)) {
      const items = spec?.limits ?? []
      const wrong = what === 'Pod' ? podErrors(request.object as Pod, items) : claimErrors(request.object as PersistentVolumeClaim, items)
      if (wrong.length > 0) throw forbidden(request.kind, request.name, aggregate(wrong))
    }
  },
}

/** Containers cannot change once their pod is there, but for a resize. */
function limited({ operation, kind, subresource, object }: AdmissionRequest): 'Pod' | 'Claim' | undefined {
  if (kind.group !== '' || operation === 'DELETE' || object.metadata.deletionTimestamp) return undefined
  if (kind.kind === 'Pod') return operation === 'CREATE' || subresource === 'resize' ? 'Pod' : undefined
  return kind.kind === 'PersistentVolumeClaim' && !subresource ? 'Claim' : undefined
}

const rangesFor = ({ read, namespace }: AdmissionRequest): LimitRange[] =>
  read.list(prefixOf(limitRangeKind, namespace)).map((stored) => objectOf(stored) as LimitRange)

/** A list of errors as Kubernetes says it: each once, in brackets when there are several. */
function aggregate(errors: readonly string[]): string {
  const different = [...new Set(errors)]
  return different.length === 1 ? different[0]! : `[${different.join(', ')}]`
}

function setDefaults(pod: Pod, items: readonly Item[]): void {
  const containers = items.filter(({ type }) => type === 'Container')
  const requests = Object.assign({}, ...containers.map((item) => item.defaultRequest)) as Record<string, string>
  const limits = Object.assign({}, ...containers.map((item) => item.default)) as Record<string, string>
  const done: string[] = []
  const fill = (container: Container, called: string): void => {
    const resources = (container.resources ??= {})
    for (const [list, word, defaults] of [['requests', 'request', requests], ['limits', 'limit', limits]] as const) {
      const missing = Object.keys(defaults).filter((name) => !Object.hasOwn(resources[list] ?? {}, name)).sort()
      if (missing.length === 0) continue
      resources[list] = { ...resources[list], ...Object.fromEntries(missing.map((name) => [name, defaults[name]!])) }
      done.push(`${missing.join(', ')} ${word} for ${called} ${container.name}`)
    }
  }
  for (const container of pod.spec?.containers ?? []) fill(container, 'container')
  for (const container of pod.spec?.initContainers ?? []) fill(container, 'init container')
  if (done.length === 0) return
  pod.metadata.annotations = { ...pod.metadata.annotations, 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${done.join('; ')}` }
}

function podErrors(pod: Pod, items: readonly Item[]): string[] {
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])]
  return items.flatMap((item) => {
    if (item.type === 'Container') {
      return all.flatMap(({ resources }) => {
        const own = { requests: amountsOf(resources?.requests), limits: amountsOf(resources?.limits) }
        return itemErrors(item, own)
      })
    }
    if (item.type !== 'Pod') return []
    const options = { overhead: false }
    return itemErrors(item, { requests: podAmounts(pod, 'requests', options), limits: podAmounts(pod, 'limits', options) })
  })
}

function claimErrors({ spec }: PersistentVolumeClaim, items: readonly Item[]): string[] {
  const requests = amountsOf(spec?.resources?.requests)
  return items
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap((item) => [
      ...each(item.min, (name, bound) => minError(item.type, name, bound, { requests, limits: new Map() })),
      ...each(item.max, (name, bound) => maxRequestError(item.type, name, bound, requests.get(name))),
    ])
}

const itemErrors = (item: Item, own: Limited): string[] => [
  ...each(item.min, (name, bound) => minError(item.type, name, bound, own)),
  ...each(item.max, (name, bound) => maxError(item.type, name, bound, own)),
  ...each(item.maxLimitRequestRatio, (name, bound) => ratioError(item.type, name, bound, own)),
]

const each = (list: Readonly<Record<string, string>> | undefined, check: (name: string, bound: Amount) => string | undefined): string[] =>
  Object.entries(list ?? {}).flatMap(([name, quantity]) => check(name, amountOf(quantity)) ?? [])

function minError(type: string, name: string, bound: Amount, own: Limited): string | undefined {
  const request = own.requests.get(name)
  const limit = own.limits.get(name)
  const rule = `minimum ${name} usage per ${type} is ${formatAmount(bound)}`
  if (!request) return `${rule}.  No request is specified`
  if (request.nano < bound.nano) return `${rule}, but request is ${formatAmount(request)}`
  return limit && limit.nano < bound.nano ? `${rule}, but limit is ${formatAmount(limit)}` : undefined
}

function maxError(type: string, name: string, bound: Amount, own: Limited): string | undefined {
  const limit = own.limits.get(name)
  const rule = `maximum ${name} usage per ${type} is ${formatAmount(bound)}`
  if (!limit) return `${rule}.  No limit is specified`
  if (limit.nano > bound.nano) return `${rule}, but limit is ${formatAmount(limit)}`
  const request = own.requests.get(name)
  return request && request.nano > bound.nano ? `${rule}, but request is ${formatAmount(request)}` : undefined
}

function maxRequestError(type: string, name: string, bound: Amount, request: Amount | undefined): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${formatAmount(bound)}`
  if (!request) return `${rule}.  No request is specified`
  return request.nano > bound.nano ? `${rule}, but request is ${formatAmount(request)}` : undefined
}

function ratioError(type: string, name: string, bound: Amount, own: Limited): string | undefined {
  const { nano: request } = own.requests.get(name) ?? zeroAmount
  const { nano: limit } = own.limits.get(name) ?? zeroAmount
  const rule = `${name} max limit to request ratio per ${type} is ${formatAmount(bound)}`
  if (request === 0n) return `${rule}, but no request is specified or request is 0`
  if (limit === 0n) return `${rule}, but no limit is specified or limit is 0`
  const ratio = Number(limit) / Number(request)
  return ratio > Number(bound.nano) / 1e9 ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined
}
