import { type Amount, amountOf, formatAmount, zeroAmount } from '../../base/amount.ts'
import type { Clock } from '../../base/clock.ts'
import { charged, type Charge, coveredBy, Meter, missingAmounts } from '../../kinds/core/quota-usage.ts'
import { resourceQuota as quotaKind, type ResourceQuota } from '../../kinds/core/resource-quota.ts'
import type { Pod } from '../../kinds/core/pod.ts'
import { forbidden } from '../../kinds/status-error.ts'
import { prefixOf } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { AdmissionPlugin, AdmissionRequest } from './chain.ts'
import { QuotaTallies } from './quota-tally.ts'

/**
 * Refuses what a namespace's ResourceQuotas have no room for. Kubernetes charges `status.used` before it writes and gives
 * back later; here the check runs inside the commit and counts the objects themselves, so nobody slips in between, nothing
 * is charged for what was refused, and what was deleted is free at once.
 */
export function resourceQuotaAdmission(clock: Pick<Clock, 'now'>): AdmissionPlugin {
  const meter = new Meter()
  const tallies = new QuotaTallies(meter)
  return {
    name: 'ResourceQuota',
    last: true,
    validate(request) {
      if (!counts(request)) return
      const quotas = request.read.list(prefixOf(quotaKind, request.namespace))
      for (const stored of quotas) checkQuota(request, objectOf(stored) as ResourceQuota, meter, tallies, clock.now())
    },
  }
}

const byUpdateToo = ['services', 'persistentvolumeclaims']

/** Whether the write may use more than before. Events are nobody's fault. */
function counts({ operation, kind, subresource, namespace }: AdmissionRequest): boolean {
  if (!namespace || !kind.namespaced || operation === 'DELETE' || kind.plural === 'events') return false
  if (operation === 'CREATE') return !subresource
  if (kind.group !== '') return false
  return kind.plural === 'pods' ? subresource === 'resize' : !subresource && byUpdateToo.includes(kind.plural)
}

function checkQuota(request: AdmissionRequest, { metadata, spec = {} }: ResourceQuota, meter: Meter, tallies: QuotaTallies, now: number): void {
  const { kind, name, object, old, read, namespace } = request
  const covered = coveredBy(kind, Object.keys(spec.hard ?? {}))
  if (covered.length === 0 || !meter.concerns(spec, kind, object)) return
  const refuse = (why: string) => forbidden(kind, name, why)
  if (kind.plural === 'pods' && kind.group === '') {
    const missing = missingAmounts(object as Pod, covered)
    if (missing) throw refuse(`failed quota: ${metadata.name}: ${missing}`)
  }
  // the object may still change before it is written: only what is stored is looked at once
  const charge = new Meter().charge(kind, object)
  const before = old && meter.concerns(spec, kind, old) ? meter.charge(kind, old) : undefined
  const more = increase(charge, before, covered, now)
  const negative = covered.filter((resource) => charged(charge, resource, now).nano < 0n)
  if (negative.length > 0) throw refuse(`quota usage is negative for resource(s): ${negative.sort().join(',')}`)
  if (more.size === 0) return
  const names = [...more.keys()]
  const sums = tallies.for(spec, kind).of(read.list(prefixOf(kind, namespace)).map(objectOf), covered, now)
  const used = new Map(names.map((resource) => [resource, sums.get(resource) ?? zeroAmount]))
  const hard = new Map(names.map((resource) => [resource, amountOf(spec.hard?.[resource])]))
  const exceeded = names.filter((resource) => used.get(resource)!.nano + more.get(resource)!.nano > hard.get(resource)!.nano).sort()
  if (exceeded.length === 0) return
  const show = (amounts: ReadonlyMap<string, Amount>) => exceeded.map((resource) => `${resource}=${formatAmount(amounts.get(resource)!)}`).join(',')
  throw refuse(`exceeded quota: ${metadata.name}, requested: ${show(more)}, used: ${show(used)}, limited: ${show(hard)}`)
}

function increase(charge: Charge, before: Charge | undefined, names: readonly string[], now: number): Map<string, Amount> {
  const more = new Map<string, Amount>()
  for (const name of names) {
    const amount = charged(charge, name, now)
    const nano = amount.nano - (before ? charged(before, name, now).nano : 0n)
    if (nano > 0n) more.set(name, { ...amount, nano })
  }
  return more
}
