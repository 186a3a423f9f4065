import { each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { ContainerStatus, Pod, PodStatus } from '../generated/types.ts'
import { isDNS1123Subdomain, isQualifiedName, isValidIP } from '../validation.ts'
import { checkAnnotationChange } from './pod-annotations.ts'

/** What a status may not say, or no longer: ValidatePodStatusUpdate of core validation. */
export function checkPodStatus(pod: Pod, old: Readonly<Pod>, root: FieldPath): FieldError[] {
  const at = root.child('status')
  const metadata = root.child('metadata')
  const now = pod.status ?? {}
  const before = old.status ?? {}
  const errors = [
    ...checkAnnotationChange(pod.metadata.annotations, old.metadata.annotations, metadata.child('annotations')),
    ...checkConditions(now, metadata.child('conditions')),
  ]
  if ((pod.spec?.nodeName ?? '') !== (old.spec?.nodeName ?? '')) errors.push(at.child('nodeName').forbidden('may not be changed directly'))
  const { nominatedNodeName: nominated } = now
  if (nominated && nominated !== before.nominatedNodeName) errors.push(...say(at.child('nominatedNodeName'), nominated, isDNS1123Subdomain(nominated)))
  if ((now.qosClass ?? '') !== (before.qosClass ?? '')) errors.push(at.child('qosClass').immutable(now.qosClass ?? ''))
  return [...errors, ...checkEnded(pod, old, at), ...checkClaims(pod, at.child('resourceClaimStatuses')), ...checkPodIPs(now, at.child('podIPs')), ...checkHostIPs(now, at)]
}

const systemConditions = ['PodScheduled', 'Ready', 'Initialized']

const checkConditions = ({ conditions }: PodStatus, list: FieldPath): FieldError[] =>
  each(conditions, list, ({ type = '', observedGeneration = 0 }, at) => {
    const errors = observedGeneration < 0 ? [at.child('observedGeneration').invalid(observedGeneration, 'must be a non-negative integer')] : []
    return systemConditions.includes(type) ? errors : [...errors, ...say(at.child('Type'), type, isQualifiedName(type))]
  })

/** A container that ended and is not to restart stays ended. */
function checkEnded({ status: now = {} }: Pod, { spec, status: before = {} }: Readonly<Pod>, at: FieldPath): FieldError[] {
  const stays = (name: string) => spec?.initContainers?.some((container) => container.name === name && container.restartPolicy === 'Always') ?? false
  // who has a policy or rules of its own may start again whatever the pod says
  const own = (name: string) => [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])].some((one) => one.name === name && (one.restartPolicy !== undefined || one.restartPolicyRules?.length))
  const policy = spec?.restartPolicy ?? 'Always'
  const check = (list: 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses', restarts: string, isFree: (name: string) => boolean) => {
    if (restarts === 'Always') return []
    return each<ContainerStatus>(before[list], at.child(list), ({ name, state }, here) => {
      const ended = state?.terminated
      if (!ended || (ended.exitCode !== 0 && restarts === 'OnFailure') || isFree(name)) return []
      const runsAgain = now[list]?.some((one) => one.name === name && !one.state?.terminated)
      return runsAgain ? [here.child('state').forbidden('may not be transitioned to non-terminated state')] : []
    })
  }
  return [
    ...check('containerStatuses', policy, own),
    ...check('initContainerStatuses', policy, (name) => stays(name) || own(name)),
    ...check('ephemeralContainerStatuses', 'Never', () => false),
  ]
}

function checkClaims({ spec, status }: Pod, list: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(status?.resourceClaimStatuses, list, ({ name, resourceClaimName: claim }, at) => {
    const errors = spec?.resourceClaims?.some((one) => one.name === name) ? [] : [at.child('name').invalid(name, 'must match the name of an entry in `spec.resourceClaims`')]
    if (seen.has(name)) errors.push(at.child('name').duplicate(name))
    seen.add(name)
    return claim === undefined ? errors : [...errors, ...say(at.child('resourceClaimName'), claim, isDNS1123Subdomain(claim))]
  })
}

/** One address, or one of each family. */
function checkAddresses(ips: ReadonlyArray<{ ip?: string }>, at: FieldPath): FieldError[] {
  const errors = each(ips, at, ({ ip = '' }, here) => say(here, ip, isValidIP(ip)))
  const [first = '', second = ''] = ips.map(({ ip = '' }) => ip)
  const isPair = ips.length === 2 && first.includes(':') !== second.includes(':')
  return ips.length < 2 || isPair ? errors : [...errors, at.invalid(ips.map(({ ip = '' }) => ({ IP: ip })), 'may specify no more than one IP for each IP family')]
}

const checkPodIPs = ({ podIPs = [] }: PodStatus, at: FieldPath): FieldError[] => checkAddresses(podIPs, at)

function checkHostIPs({ hostIP = '', hostIPs = [] }: PodStatus, at: FieldPath): FieldError[] {
  const first = hostIPs[0]?.ip ?? ''
  const errors = hostIPs.length > 0 && first !== hostIP ? [at.child('hostIPs', 0, 'ip').invalid(first, 'must be equal to `hostIP`')] : []
  return [...errors, ...checkAddresses(hostIPs, at.child('hostIPs'))]
}
