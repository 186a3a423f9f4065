import { parseQuantity } from '../../base/quantity.ts'
import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Node, Taint } from '../generated/types.ts'
import { isQualifiedName, isValidCIDR, isValidLabelValue } from '../validation.ts'

export function checkNode({ spec, status }: Node, at: FieldPath): FieldError[] {
  return [
    // Kubernetes' own path: taints were an annotation once
    ...checkTaints(spec?.taints ?? [], at.child('metadata', 'taints')),
    ...checkAmounts(status?.capacity, at.child('status', 'capacity')),
    ...checkAmounts(status?.allocatable, at.child('status', 'allocatable')),
    ...checkCidrs(spec?.podCIDRs ?? [], at.child('spec', 'podCIDRs')),
  ]
}

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']

function checkTaints(taints: readonly Taint[], at: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(taints, at, (taint, here) => {
    const { key = '', value = '', effect } = taint
    const errors = say(here.child('key'), key, isQualifiedName(key))
    const wrong = isValidLabelValue(value)
    if (wrong.length > 0) errors.push(here.child('value').invalid(value, wrong.join(';')))
    if (!effect) errors.push(here.child('effect').required())
    else if (!effects.includes(effect)) errors.push(here.child('effect').notSupported(effect, effects))
    const identity = JSON.stringify([key, effect])
    if (seen.has(identity)) {
      const { message, ...error } = here.duplicate(taint)
      errors.push({ ...error, message: `${message}: taints must be unique by key and effect pair` })
    }
    seen.add(identity)
    return errors
  })
}

/** Kubernetes joins a resource to the path as if it were a field. */
function checkAmounts(amounts: Readonly<Record<string, string>> | undefined, at: FieldPath): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, quantity]) => {
    const amount = parseQuantity(quantity) ?? 0
    if (amount < 0) return [at.child(name).invalid(quantity, 'must be greater than or equal to 0')]
    return isCounted(name) && !Number.isInteger(amount) ? [at.child(name).invalid(quantity, 'must be an integer')] : []
  })
}

/** What only comes in whole pieces: pods, volumes and the resources of devices. */
const isCounted = (name: string): boolean => name === 'pods' || name.startsWith('attachable-volumes-') || (name.includes('/') && !name.includes('kubernetes.io/'))

function checkCidrs(cidrs: readonly string[], at: FieldPath): FieldError[] {
  const errors = each(cidrs, at, (cidr, here) => say(here, cidr, isValidCIDR(cidr)))
  if (cidrs.length < 2) return errors
  const families = new Set(cidrs.map((cidr) => cidr.includes(':')))
  if (cidrs.length > 2 || families.size < 2) errors.push(at.invalid(cidrs, 'may specify no more than one CIDR for each IP family'))
  return [...errors, ...cidrs.flatMap((cidr, i) => (cidrs.indexOf(cidr) < i ? [at.child(i).duplicate(cidr)] : []))]
}

export function checkNodeUpdate({ spec, status }: Node, { spec: old }: Node, at: FieldPath): FieldError[] {
  const addresses = (status?.addresses ?? []).map((address) => JSON.stringify([address.type, address.address]))
  const errors = (status?.addresses ?? []).flatMap((address, i) =>
    addresses.indexOf(addresses[i] ?? '') < i ? [at.child('status', 'addresses', i).duplicate(address)] : [])
  const [now, before] = [spec?.podCIDRs ?? [], old?.podCIDRs ?? []]
  const podCidrs = at.child('spec', 'podCIDRs').forbidden('node updates may not change podCIDR except from "" to valid')
  if (before.length > 0 && before.length !== now.length) errors.push(podCidrs)
  else errors.push(...before.filter((cidr, i) => cidr !== now[i]).map(() => podCidrs))
  if (old?.providerID && old.providerID !== spec?.providerID) {
    errors.push(at.child('spec', 'providerID').forbidden('node updates may not change providerID except from "" to valid'))
  }
  if ((spec?.externalID ?? '') !== (old?.externalID ?? '')) errors.push(at.child('spec', 'externalID').forbidden('may not be updated'))
  return errors
}
