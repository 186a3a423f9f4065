import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Pod, PodStatus } from '../generated/types.ts'
import { isValidIP, unusualIP, withoutKept } from '../ip.ts'
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../validation.ts'
import { checkContainerStatuses, checkEnded } from './container-statuses.ts'
import { checkAnnotationChange } from './pod-annotations.ts'

/** What a status may not say, or no longer: ValidatePodStatusUpdate of core validation. */
export function checkPodStatus(pod: Pod, old: Readonly<Pod>, root: FieldPath): FieldError[] {
  const at = root.child('status')
  const now = pod.status ?? {}
  const before = old.status ?? {}
  const errors = [
    ...checkAnnotationChange(pod.metadata.annotations, old.metadata.annotations, root.child('metadata', 'annotations')),
    ...checkConditions(now, at.child('conditions')),
  ]
  if ((pod.spec?.nodeName ?? '') !== (old.spec?.nodeName ?? '')) errors.push(at.child('nodeName').forbidden('may not be changed directly'))
  const { nominatedNodeName: nominated, observedGeneration = 0 } = now
  if (nominated && nominated !== before.nominatedNodeName) {
    errors.push(...say(at.child('nominatedNodeName'), nominated, isDNS1123Subdomain(nominated)))
    if (old.spec?.nodeName) errors.push(at.child('nominatedNodeName').forbidden('may not be set on pods that are already bound to a node'))
  }
  if (observedGeneration < 0) errors.push(at.child('observedGeneration').invalid(observedGeneration, 'must be a non-negative integer'))
  if ((now.qosClass ?? '') !== (before.qosClass ?? '')) errors.push(at.child('qosClass').immutable(now.qosClass ?? ''))
  return [
    ...errors,
    ...checkEnded(pod, old, at),
    ...checkClaims(pod, at.child('resourceClaimStatuses')),
    ...checkExtendedClaim(pod, at.child('extendedResourceClaimStatus')),
    ...withoutKept([...checkAddresses(now.podIPs ?? [], at.child('podIPs')), ...checkHostIPs(now, at)], addressesIn(before)),
    ...checkContainerStatuses(pod, at),
  ]
}

/** Who leaves out of which generation a condition speaks means no change. Changes `pod`. */
export function keepObservedGenerations({ status }: Pod, { status: old }: Readonly<Pod>): void {
  if (!status?.conditions || !old?.conditions?.some(({ observedGeneration }) => observedGeneration)) return
  // of several of one type the first that was not met yet
  const before = Map.groupBy(old.conditions.toReversed(), ({ type }) => type)
  status.conditions = status.conditions.map((condition) => {
    const known = before.get(condition.type)?.pop()
    return !condition.observedGeneration && known?.observedGeneration ? { ...condition, observedGeneration: known.observedGeneration } : condition
  })
}

const systemConditions = ['PodScheduled', 'Ready', 'Initialized']

const checkConditions = ({ conditions }: PodStatus, list: FieldPath): FieldError[] =>
  each(conditions, list, ({ type = '', observedGeneration = 0 }, at) => {
    const errors = observedGeneration < 0 ? [at.child('observedGeneration').invalid(observedGeneration, 'must be a non-negative integer')] : []
    return systemConditions.includes(type) ? errors : [...errors, ...say(at.child('Type'), type, isQualifiedName(type))]
  })

function checkClaims({ spec, status }: Pod, list: FieldPath): FieldError[] {
  const seen = new Set<string>()
  const known = new Set(spec?.resourceClaims?.map(({ name }) => name))
  return each(status?.resourceClaimStatuses, list, ({ name, resourceClaimName: claim }, at) => {
    const errors = known.has(name) ? [] : [at.child('name').invalid(name, 'must match the name of an entry in `spec.resourceClaims`')]
    if (seen.has(name)) errors.push(at.child('name').duplicate(name))
    seen.add(name)
    return claim === undefined ? errors : [...errors, ...say(at.child('resourceClaimName'), claim, isDNS1123Subdomain(claim))]
  })
}

/** The claim that stands for extended resources, and for which of them each of its requests stands. */
function checkExtendedClaim({ spec, status }: Pod, at: FieldPath): FieldError[] {
  const { extendedResourceClaimStatus: extended } = status ?? {}
  if (!extended) return []
  const { requestMappings: mappings = [], resourceClaimName: claim } = extended as Partial<typeof extended>
  const containers = new Map([...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map((container) => [container.name, container]))
  const seen = new Set<string>()
  const list = at.child('requestMappings')
  return [
    ...(mappings.length === 0 ? [list.required('at least one request mapping is required')] : []),
    ...each(mappings, list, ({ containerName, resourceName, requestName }, here) => {
      const container = containers.get(containerName)
      const errors: FieldError[] = []
      if (!container) errors.push(here.child('containerName').invalid(containerName, 'must match the name of an entry in spec.initContainers.name or spec.containers.name'))
      else if (!Object.hasOwn(container.resources?.requests ?? {}, resourceName)) {
        errors.push(here.child('resourceName').invalid(resourceName, 'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests'))
      }
      errors.push(...say(at.child('requestName'), requestName, isDNS1123Label(requestName)))
      const names = { containerName, resourceName, requestName }
      const key = JSON.stringify(names)
      if (seen.has(key)) errors.push(...Object.entries(names).map(([name, value]) => here.child(name).duplicate(value)))
      seen.add(key)
      return errors
    }),
    ...(claim ? say(at.child('resourceClaimName'), claim, isDNS1123Subdomain(claim)) : [at.child('resourceClaimName').required()]),
  ]
}

/** Makes `podIP` the first of `podIPs`: who says only one of them means both, and where they differ the older name counts. */
export function agreeOnPodIP(status: PodStatus): PodStatus {
  const [one, first] = [status.podIP || undefined, status.podIPs?.[0]?.ip || undefined]
  if (one === first) return status
  return one === undefined ? { ...status, podIP: first } : { ...status, podIPs: [{ ip: one }] }
}

const addressesIn = ({ podIPs = [], hostIPs = [] }: PodStatus): Array<string | undefined> => [...podIPs, ...hostIPs].map(({ ip }) => ip)

/** What a client is told of addresses that are hardly written so. */
export const warnOfPodStatus = ({ status }: Pod): string[] =>
  (['podIPs', 'hostIPs'] as const).flatMap((list) => (status?.[list] ?? []).flatMap(({ ip = '' }, i) => unusualIP(`status.${list}[${i}].ip`, ip)))

/** One address, or one of each family. */
function checkAddresses(ips: ReadonlyArray<{ ip?: string }>, at: FieldPath): FieldError[] {
  const errors = each(ips, at, ({ ip = '' }, here) => say(here, ip, isValidIP(ip)))
  const [first = '', second = ''] = ips.map(({ ip = '' }) => ip)
  const isPair = ips.length === 2 && first.includes(':') !== second.includes(':')
  return ips.length < 2 || isPair ? errors : [...errors, at.invalid(ips.map(({ ip = '' }) => ({ IP: ip })), 'may specify no more than one IP for each IP family')]
}

function checkHostIPs({ hostIP = '', hostIPs = [] }: PodStatus, at: FieldPath): FieldError[] {
  const first = hostIPs[0]?.ip ?? ''
  const errors = hostIPs.length > 0 && first !== hostIP ? [at.child('hostIPs', 0, 'ip').invalid(first, 'must be equal to `hostIP`')] : []
  return [...errors, ...checkAddresses(hostIPs, at.child('hostIPs'))]
}
