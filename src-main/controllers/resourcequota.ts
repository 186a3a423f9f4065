import { addAmounts, type Amount, amountOf, formatAmount, zeroAmount } from '../base/amount.ts'
import type { Informers, Seen } from '../client/informer.ts'
import { coveredBy, Meter } from '../kinds/core/quota-usage.ts'
import { resourceQuota as quotaKind, type ResourceQuota } from '../kinds/core/resource-quota.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { keyOf, type KubeObject } from '../kinds/meta.ts'
import { sameValue } from '../kinds/same-value.ts'
import { again, type Context, type Controller, done, every, type Result, type Watch } from './controller.ts'

/** Custom kinds too, by `count/<plural>.<group>`; nobody counts events. */
const isCountable = ({ namespaced, verbs, plural }: AnyKind): boolean =>
  namespaced && verbs.includes('list') && verbs.includes('watch') && plural !== 'events'

/** Tells every quota what of it is used: level-triggered by all objects of its namespace that it counts. */
export function resourcequota(): Controller {
  const meter = new Meter()
  return {
    name: 'resourcequota-controller',
    watches: [every(quotaKind)],
    watchEach: (kind) => (isCountable(kind) ? quotasOver(kind, meter) : undefined),
    async reconcile(key, context) {
      const quota = await context.read(quotaKind, key)
      if (!quota || quota.metadata.deletionTimestamp) return done
      const { used, endsAt } = await usageOf(quota, meter, context)
      const status = { hard: quota.spec?.hard ?? {}, used }
      if (!sameValue(status, quota.status)) await context.client.updateStatus(quotaKind, { ...quota, status })
      return lookAgain(endsAt, context.clock.now())
    },
  }
}

export const resourcequotaController: Controller = resourcequota()

/** A change of an object that changes what it is charged for. */
function quotasOver(kind: AnyKind, meter: Meter): Watch {
  return {
    kind,
    *keys({ type, object, old }: Seen<KubeObject>, informers: Informers) {
      for (const quota of informers.of(quotaKind).list(object.metadata.namespace)) {
        if (coveredBy(kind, Object.keys(quota.spec?.hard ?? {})).length === 0) continue
        if (type === 'updated' && old && sameCharge(quota, kind, meter, object, old)) continue
        yield keyOf(quota)
      }
    },
  }
}

function sameCharge(quota: ResourceQuota, kind: AnyKind, meter: Meter, object: KubeObject, old: KubeObject): boolean {
  const spec = quota.spec ?? {}
  if (meter.concerns(spec, kind, object) !== meter.concerns(spec, kind, old)) return false
  const [now, before] = [meter.charge(kind, object), meter.charge(kind, old)]
  if (now.endsAt !== before.endsAt || now.usage.size !== before.usage.size) return false
  return [...now.usage].every(([name, { nano }]) => before.usage.get(name)?.nano === nano)
}

async function usageOf({ metadata, spec = {} }: ResourceQuota, meter: Meter, { readAll, clock, kinds }: Context): Promise<{ used: Record<string, string>; endsAt: number }> {
  const now = clock.now()
  const hard = Object.keys(spec.hard ?? {})
  const totals = new Map<string, Amount>()
  let endsAt = Infinity
  for (const kind of kinds.objects.filter(isCountable)) {
    const names = coveredBy(kind, hard)
    if (names.length === 0) continue
    const objects = await readAll<KubeObject>(kind, metadata.namespace)
    for (const [name, amount] of meter.total(spec, kind, objects, names, now)) totals.set(name, addAmounts(totals.get(name) ?? zeroAmount, amount))
    for (const object of objects) endsAt = Math.min(endsAt, later(meter.charge(kind, object).endsAt, now))
  }
  const used = hard.filter((name) => totals.has(name)).map((name) => [name, shown(totals.get(name)!, spec.hard?.[name])] as const)
  return { used: Object.fromEntries(used), endsAt }
}

const later = (at: number | undefined, now: number): number => (at !== undefined && at >= now ? at : Infinity)

/** Nothing is written in the family of the bound, so that `0` stays `0`. */
const shown = (amount: Amount, bound: string | undefined): string => formatAmount(amount.nano === 0n ? { ...amount, family: amountOf(bound).family } : amount)

const lookAgain = (endsAt: number, now: number): Result => (endsAt === Infinity ? done : again(endsAt - now + 1))
