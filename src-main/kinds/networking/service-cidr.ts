import { each, say } from '../checks.ts'
import { age } from '../columns.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ServiceCIDR } from '../generated/types.ts'
import { defineKind } from '../kind.ts'
import { conditionOf } from '../meta.ts'
import { isAnyCIDR, isCanonicalCIDR } from '../ip.ts'

export type { ServiceCIDR }

/** Whether addresses are given out of it: what nobody has judged yet counts as ready. */
export const isReadyCidr = ({ metadata, status }: ServiceCIDR): boolean =>
  !metadata.deletionTimestamp && (conditionOf(status?.conditions, 'Ready')?.status ?? 'True') === 'True'

export const serviceCidr = defineKind<ServiceCIDR>({
  group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', plural: 'servicecidrs',
  namespaced: false,
  schema: 'io.k8s.api.networking.v1.ServiceCIDR',
  status: true,
  statusKeeps: 'all',
  ownRules: true,
  prepareCreate: (object) => {
    object.status = {}
  },
  validate: ({ spec }, at, old) => (old ? [] : checkCidrs(spec?.cidrs ?? [], at.child('spec', 'cidrs'))),
  validateUpdate: ({ spec }, { spec: old }, at) => checkChange(spec?.cidrs ?? [], old?.cidrs ?? [], at.child('spec', 'cidrs')),
  columns: [{ name: 'CIDRs', type: 'string', of: 'spec.cidrs', cell: ({ spec }) => spec?.cidrs?.join(',') ?? '' }, age],
})

function checkCidrs(cidrs: readonly string[], at: FieldPath): FieldError[] {
  if (cidrs.length === 0) return [at.required('at least one CIDR required')]
  if (cidrs.length > 2) return [at.invalid({ CIDRs: cidrs }, 'may only hold up to 2 values')]
  const notDual = checkFamilies(cidrs, at)
  return notDual.length > 0 ? notDual : each(cidrs, at, (cidr, here) => say(here, cidr, isCanonicalCIDR(cidr)))
}

/** Two are one of each family; what is no CIDR at all is of none. */
function checkFamilies(cidrs: readonly string[], at: FieldPath): FieldError[] {
  const [first = '', second] = cidrs
  if (second === undefined || (cidrs.every(isAnyCIDR) && first.includes(':') !== second.includes(':'))) return []
  return [at.invalid({ CIDRs: cidrs }, 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64')]
}

/** A second family may be added; what is there stays. */
function checkChange(cidrs: readonly string[], old: readonly string[], at: FieldPath): FieldError[] {
  const added = old.length === 1 && cidrs.length === 2
  if (!added && cidrs.length !== old.length) return [at.immutable(cidrs)]
  const errors = old.flatMap((cidr, i) => (cidr === cidrs[i] ? [] : [at.child(i).immutable(cidrs[i])]))
  return added ? [...errors, ...checkCidrs(cidrs, at)] : errors
}
