import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ServiceSpec } from '../generated/types.ts'
import { isValidIP } from '../ip.ts'

const families = ['IPv4', 'IPv6']
const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']

/** Whether the balancer must ask the nodes which of them have endpoints. */
export const needsHealthCheck = ({ type, externalTrafficPolicy }: ServiceSpec): boolean => type === 'LoadBalancer' && externalTrafficPolicy === 'Local'

/** All its addresses: who says one alone means a list of one. */
const addressesOf = ({ clusterIP, clusterIPs }: ServiceSpec): readonly string[] => (clusterIPs?.length ? clusterIPs : clusterIP ? [clusterIP] : [])

const isHeadless = (spec: ServiceSpec): boolean => addressesOf(spec).length === 1 && addressesOf(spec)[0] === 'None'

/** `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` belong together: ValidateServiceClusterIPsRelatedFields. */
export function checkServiceAddresses(spec: ServiceSpec, at: FieldPath): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const { clusterIP = '', ipFamilies = [], ipFamilyPolicy } = spec
  const clusterIPs = addressesOf(spec)
  const here = at.child('clusterIPs')
  const errors: FieldError[] = []
  if (!clusterIP) {
    if (clusterIPs.length > 0) errors.push(here.invalid(clusterIPs, 'must be empty when `clusterIP` is not specified'))
  } else if (clusterIPs[0] !== clusterIP) errors.push(here.invalid(clusterIPs, 'first value must match `clusterIP`'))
  const seen = new Set<string>()
  errors.push(...each(ipFamilies, at.child('ipFamilies'), (family, there) => {
    const wrong = families.includes(family) ? [] : [there.notSupported(family, families)]
    if (seen.has(family)) wrong.push(there.duplicate(family))
    seen.add(family)
    return wrong
  }))
  if (ipFamilyPolicy !== undefined && !policies.includes(ipFamilyPolicy)) errors.push(at.child('ipFamilyPolicy').notSupported(ipFamilyPolicy, policies))
  const wrong = checkEach(clusterIPs, here)
  errors.push(...wrong, ...(clusterIPs.length > 2 ? [here.invalid(clusterIPs, 'may only hold up to 2 values')] : []))
  if (wrong.length > 0) return errors
  if (clusterIPs.length > 1 && !isDual(clusterIPs)) errors.push(here.invalid(clusterIPs, 'may specify no more than one IP for each IP family'))
  return errors.length > 0 || isHeadless(spec) ? errors : checkFamilies(clusterIPs, ipFamilies, here)
}

function checkEach(addresses: readonly string[], at: FieldPath): FieldError[] {
  const wrong = each(addresses, at, (address, here) => {
    if (address === 'None' && addresses[0] === address) return []
    return say(here, address, isValidIP(address))
  })
  return addresses[0] === 'None' && addresses.length > 1 ? [at.invalid(addresses, "'None' must be the first and only value"), ...wrong] : wrong
}

const isDual = ([first = '', second = '', ...more]: readonly string[]): boolean => more.length === 0 && first.includes(':') !== second.includes(':')

function checkFamilies(addresses: readonly string[], given: readonly string[], at: FieldPath): FieldError[] {
  return each(addresses.slice(0, given.length), at, (address, here) => {
    const index = addresses.indexOf(address)
    const family = address.includes(':') ? 'IPv6' : 'IPv4'
    return family === given[index] ? [] : [here.invalid(address, `expected an ${given[index]} value as indicated by \`ipFamilies[${index}]\``)]
  })
}

/** A Service keeps its addresses and families as long as it has them; only another type lets them go. */
export function checkServiceUpdate(spec: ServiceSpec, old: ServiceSpec, at: FieldPath): FieldError[] {
  const errors = spec.type === 'ExternalName' || old.type === 'ExternalName' ? [] : [...checkKeptAddresses(spec, old, at), ...checkKeptFamilies(spec, old, at)]
  if (old.type === 'LoadBalancer' && spec.type === 'LoadBalancer' && spec.loadBalancerClass !== old.loadBalancerClass) {
    errors.push(at.child('loadBalancerClass').invalid(spec.loadBalancerClass ?? null, 'may not change once set'))
  }
  if (needsHealthCheck(spec) && needsHealthCheck(old) && spec.healthCheckNodePort !== old.healthCheckNodePort) {
    errors.push(at.child('healthCheckNodePort').forbidden('field is immutable'))
  }
  return errors
}

function checkKeptAddresses(spec: ServiceSpec, old: ServiceSpec, at: FieldPath): FieldError[] {
  const [now, before] = [addressesOf(spec), addressesOf(old)]
  if (isHeadless(spec) && isHeadless(old)) return []
  const changed = (index: number): FieldError => at.child('clusterIPs', index).invalid(now, 'may not change once set')
  if (now.length === before.length) return before.flatMap((address, i) => (address === now[i] ? [] : [changed(i)]))
  const errors: FieldError[] = []
  if (before.length > 0 && now.length === 0) errors.push(at.child('clusterIPs', 0).invalid(now, 'primary clusterIP can not be unset'))
  else if (before.length > 0 && now[0] !== before[0]) errors.push(changed(0))
  if (now.length === 1 && before.length > 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    errors.push(at.child('ipFamilyPolicy').invalid(spec.ipFamilyPolicy ?? null, "must be set to 'SingleStack' when releasing the secondary clusterIP"))
  }
  return errors
}

function checkKeptFamilies(spec: ServiceSpec, old: ServiceSpec, at: FieldPath): FieldError[] {
  const [now, before] = [spec.ipFamilies ?? [], old.ipFamilies ?? []]
  if (isHeadless(spec) || isHeadless(old)) return []
  const here = at.child('ipFamilies', 0)
  if (now.length === before.length) return before.flatMap((family, i) => (family === now[i] ? [] : [here.invalid(now, 'may not change once set')]))
  const addresses = addressesOf(spec)
  const released = before.length > now.length
  const errors = released && addresses.length === 0 ? [here.invalid(now.length === 0 ? null : now, 'primary ipFamily can not be unset')] : []
  // Kubernetes shows the addresses here
  if (now.length > 0 && before.length > 0 && now[0] !== before[0]) errors.push(here.invalid(addresses.length === 0 ? null : addresses, 'may not change once set'))
  if (released && now.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    errors.push(at.child('ipFamilyPolicy').invalid(spec.ipFamilyPolicy ?? null, "must be set to 'SingleStack' when releasing the secondary ipFamily"))
  }
  return errors
}
