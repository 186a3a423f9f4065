import type { Service } from '../../kinds/core/service.ts'
import { service as serviceKind } from '../../kinds/core/service.ts'
import { field } from '../../kinds/field-error.ts'
import { internal, invalid } from '../../kinds/status-error.ts'
import { ipAddress } from '../../kinds/networking/ip-address.ts'
import { isReadyCidr, type ServiceCIDR, serviceCidr } from '../../kinds/networking/service-cidr.ts'
import { kindPrefix } from '../keys.ts'
import { objectOf } from '../read.ts'
import { isAllocation } from '../service-ip-addresses.ts'
import type { AdmissionPlugin, AdmissionRequest, Reader } from './chain.ts'
import {
  addressIn,
  addressText,
  inRange,
  pickAddress,
  pickPort,
  type PortRange,
  rangeOf,
  type ServiceRange,
} from './address-range.ts'
import { carryOver, hasNodePorts } from './service-carry-over.ts'

export interface ServiceAddressOptions {
  /** Where ClusterIPs come from before there is any ServiceCIDR. */
  readonly addresses: ServiceRange
  readonly nodePorts: PortRange
  /** 0 <= random() < 1 */
  random(): number
}

type Spec = NonNullable<Service['spec']>

/**
 * Gives Services their ClusterIP and node ports. Runs inside the commit and reads what is taken from the Services
 * themselves, so that nothing is ever given twice and nothing must be released.
 */
export function serviceAddress(options: ServiceAddressOptions): AdmissionPlugin {
  return {
    name: 'ServiceAddress',
    admit(request) {
      const { kind, subresource, object, operation } = request
      if (kind.kind !== 'Service' || kind.group !== '' || subresource || operation === 'DELETE') return
      const { spec } = object as Service
      if (!spec) return
      const old = request.old as Service | undefined
      if (old?.spec) carryOver(spec, old.spec)
      if (spec.type === 'ExternalName') return
      if (!addressesAgree(spec)) return
      setFamilies(request, spec)
      const taken = takenBy(request.read, request)
      allocateAddress(request, spec, taken, options)
      if (hasNodePorts(spec)) allocatePorts(request, spec, taken, options)
    },
  }
}

interface Taken {
  readonly addresses: ReadonlySet<string>
  /** `30080/TCP` */
  readonly ports: Set<string>
  /** Of any protocol: what a random choice avoids. */
  readonly numbers: Set<number>
}

function takenBy(read: Reader, { namespace, name }: AdmissionRequest): Taken {
  const taken = { addresses: new Set<string>(), ports: new Set<string>(), numbers: new Set<number>() }
  for (const stored of read.list(kindPrefix(serviceKind))) {
    const { metadata, spec } = objectOf(stored) as Service
    if (metadata.namespace === namespace && metadata.name === name) continue
    for (const address of spec?.clusterIPs ?? []) taken.addresses.add(address)
    for (const { nodePort, protocol = 'TCP' } of spec?.ports ?? []) {
      if (!nodePort) continue
      taken.ports.add(`${nodePort}/${protocol}`)
      taken.numbers.add(nodePort)
    }
    if (spec?.healthCheckNodePort) taken.numbers.add(spec.healthCheckNodePort)
  }
  // what others hold without a Service, such as a Gateway
  for (const stored of read.list(kindPrefix(ipAddress))) if (!isAllocation(objectOf(stored))) taken.addresses.add(objectOf(stored).metadata.name ?? '')
  return taken
}

/** One family here, IPv4; a headless Service without a selector says that its endpoints may have both. */
function setFamilies({ kind, name }: AdmissionRequest, spec: Spec): void {
  const open = spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= open ? 'RequireDualStack' : 'SingleStack'
  if (open && spec.ipFamilyPolicy !== 'SingleStack') {
    spec.ipFamilies ??= ['IPv4', 'IPv6']
    return
  }
  spec.ipFamilies ??= [spec.clusterIP?.includes(':') ? 'IPv6' : 'IPv4']
  const foreign = spec.ipFamilies.indexOf('IPv6')
  if (foreign >= 0) throw invalid(kind, name, [field('spec', 'ipFamilies', foreign).invalid('IPv6', 'not configured on this cluster')])
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const at = field('spec', 'ipFamilyPolicy')
    throw invalid(kind, name, [at.invalid(spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services')])
  }
}

/** Whether the two fields say the same; what they say is the Service's validation to judge. */
const addressesAgree = ({ clusterIP = '', clusterIPs = [] }: Spec): boolean => clusterIPs.length === 0 || (clusterIP !== '' && clusterIPs[0] === clusterIP)

/** Every range that is ready, the oldest first. */
function rangesOf(read: Reader, before: ServiceRange): ServiceRange[] {
  const all = read.list(kindPrefix(serviceCidr)).map((stored) => objectOf(stored) as ServiceCIDR)
  if (all.length === 0) return [before]
  const since = ({ metadata }: ServiceCIDR): number => Date.parse(metadata.creationTimestamp ?? '')
  return all.filter(isReadyCidr).sort((a, b) => since(a) - since(b)).flatMap(({ spec }) => (spec?.cidrs ?? []).flatMap((cidr) => rangeOf(cidr) ?? []))
}

function allocateAddress(
  { kind, name, read, old: before }: AdmissionRequest,
  spec: Spec,
  taken: Taken,
  { addresses, random }: ServiceAddressOptions,
): void {
  const wanted = spec.clusterIP
  const old = (before as Service | undefined)?.spec?.clusterIPs
  if (wanted === 'None') {
    spec.clusterIP = 'None'
    spec.clusterIPs = ['None']
    return
  }
  if (wanted) {
    const refuse = (why: string) =>
      invalid(kind, name, [field('spec', 'clusterIPs').invalid([wanted], `failed to allocate IP ${wanted}: ${why}`)])
    const number = addressIn(wanted)
    // what an update may not change is the Service's validation to say, and so is what is not an address at all
    spec.clusterIPs ??= [wanted]
    if (old && old.length > 0 && !old.includes(wanted)) return
    if (number !== undefined && !old?.includes(wanted) && !rangesOf(read, addresses).some((range) => inRange(range, number)))
      throw refuse('the provided network does not match the current range')
    if (taken.addresses.has(wanted)) throw refuse('provided IP is already allocated')
    return
  }
  const free = firstOf(rangesOf(read, addresses), (range) => pickAddress(range, (address) => taken.addresses.has(addressText(address)), random))
  if (free === undefined) throw internal('failed to allocate a serviceIP: range is full')
  spec.clusterIP = addressText(free)
  spec.clusterIPs = [spec.clusterIP]
}

function firstOf<T, R>(all: readonly T[], look: (one: T) => R | undefined): R | undefined {
  for (const one of all) {
    const found = look(one)
    if (found !== undefined) return found
  }
  return undefined
}

function allocatePorts(
  { kind, name }: AdmissionRequest,
  spec: Spec,
  taken: Taken,
  { nodePorts, random }: ServiceAddressOptions,
): void {
  const own = new Set<number>()
  for (const [index, port] of (spec.ports ?? []).entries()) {
    if (!port.nodePort) continue
    const at = field('spec', 'ports', index, 'nodePort')
    const { nodePort, protocol = 'TCP' } = port
    if (nodePort < nodePorts.low || nodePort > nodePorts.high) {
      throw invalid(kind, name, [
        at.invalid(
          nodePort,
          `provided port is not in the valid range. The range of valid ports is ${nodePorts.low}-${nodePorts.high}`,
        ),
      ])
    }
    if (taken.ports.has(`${nodePort}/${protocol}`))
      throw invalid(kind, name, [at.invalid(nodePort, 'provided port is already allocated')])
    own.add(nodePort)
  }
  const pick = (): number => {
    const free = pickPort(nodePorts, (port) => taken.numbers.has(port) || own.has(port), random)
    if (free === undefined) throw internal('failed to allocate a nodePort: range is full')
    own.add(free)
    return free
  }
  for (const port of spec.ports ?? []) port.nodePort ||= pick()
  if (spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local') spec.healthCheckNodePort ||= pick()
}
