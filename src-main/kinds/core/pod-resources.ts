import { amountOf, formatAmount } from '../../base/amount.ts'
import { each } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { PodSpec } from '../generated/types.ts'
import { lookup } from '../lookup.ts'
import { podAmounts, type Amounts } from './pod-amounts.ts'
import { checkPodResource, checkResources } from './resources.ts'

/** All that the containers say together. */
function ofContainers(spec: PodSpec, which: 'requests' | 'limits'): Amounts {
  const { resources: _asWhole, ...rest } = spec
  return podAmounts({ apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: rest }, which, { overhead: false })
}

const isForPods = (name: string): boolean => name === 'cpu' || name === 'memory' || name.startsWith('hugepages-')

/** What a pod with limits of its own requests as a whole: what its containers request together, else its limits. */
export function defaultPodResources(spec: PodSpec): void {
  const limits = spec.resources?.limits ?? {}
  if (!spec.resources || Object.keys(limits).length === 0) return
  const together = [...ofContainers(spec, 'requests')].map(([name, amount]) => [name, formatAmount(amount)] as const)
  const requests = Object.fromEntries([...Object.entries(limits), ...together].filter(([name]) => isForPods(name)))
  const all = { ...requests, ...spec.resources.requests }
  if (Object.keys(all).length > 0) spec.resources.requests = all
}

export function checkPodResources(spec: PodSpec, at: FieldPath): FieldError[] {
  const { resources, containers, os } = spec
  if (!resources) return []
  if (os?.name === 'windows') return [at.forbidden('may not be set for a windows pod')]
  const errors = resources.claims === undefined ? [] : [at.child('claims').forbidden('claims may not be set for Resources at pod-level')]
  errors.push(...checkResources(resources, at, { checkName: checkPodResource, claims: new Set((spec.resourceClaims ?? []).map(({ name }) => name)) }))
  errors.push(...covers(resources.requests, ofContainers(spec, 'requests'), at.child('requests'), 'requests'))
  const pages = new Map([...ofContainers(spec, 'limits')].filter(([name]) => name.startsWith('hugepages-')))
  errors.push(...covers(resources.limits, pages, at.child('limits'), 'limits'))
  return [...errors, ...each(containers, at.child('containers'), (container, here) =>
    Object.entries(container.resources?.limits ?? {}).flatMap(([name, limit]) => {
      const most = lookup(resources.limits ?? {}, name)
      if (most === undefined || amountOf(limit).nano <= amountOf(most).nano) return []
      return [here.key(name).child('limits').invalid(limit, `must be less than or equal to pod limits of ${most}`)]
    }),
  )]
}

function covers(list: Readonly<Record<string, string>> = {}, together: Amounts, at: FieldPath, what: string): FieldError[] {
  return [...together].flatMap(([name, amount]) => {
    const whole = lookup(list, name)
    if (whole === undefined || amount.nano <= amountOf(whole).nano) return []
    return [at.key(name).invalid(whole, `must be greater than or equal to aggregate container ${what} of ${formatAmount(amount)}`)]
  })
}
