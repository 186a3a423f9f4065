import { each, oneOfIfAny, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Container, ContainerStatus, Pod, PodSpec } from '../generated/types.ts'
import { isValidId } from '../validation.ts'

type Lists = 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses'

/** Whether a container that ended so starts again: ContainerShouldRestart of Kubernetes' pod package. */
function restarts({ restartPolicy: own, restartPolicyRules: rules = [] }: Container, spec: PodSpec, exitCode: number): boolean {
  const rule = own === undefined ? undefined : rules.find(({ exitCodes: { operator = '', values = [] } = {} }) => (operator === 'In' ? values.includes(exitCode) : operator === 'NotIn' && !values.includes(exitCode)))
  if (rule?.action === 'Restart') return true
  const policy = own ?? spec.restartPolicy ?? 'Always'
  return policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never'
}

/** One container can start all of them again. */
const mayAllRestart = ({ containers, initContainers = [] }: PodSpec): boolean =>
  [...containers, ...initContainers].some(({ restartPolicyRules }) => restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'))

/** Of several the first. */
const byName = <T extends { name: string }>(items: readonly T[] | undefined): Map<string, T> => new Map(items?.toReversed().map((item) => [item.name, item]))

/** A container that ended and is not to restart stays ended. */
export function checkEnded({ status: now = {} }: Pod, { spec = { containers: [] }, status: before = {} }: Readonly<Pod>, at: FieldPath): FieldError[] {
  const check = (list: Lists, isFree: (name: string, exitCode: number) => boolean): FieldError[] => {
    const statuses = byName(now[list])
    return each<ContainerStatus>(before[list], at.child(list), ({ name, state }, here) => {
      const ended = state?.terminated
      if (!ended) return []
      const next = statuses.get(name)
      return !next || next.state?.terminated || isFree(name, ended.exitCode) ? [] : [here.child('state').forbidden('may not be transitioned to non-terminated state')]
    })
  }
  const all = mayAllRestart(spec)
  const among = (containers: readonly Container[] | undefined) => {
    const known = byName(containers)
    return (name: string, exitCode: number): boolean => {
      const container = known.get(name)
      return all || (container !== undefined && restarts(container, spec, exitCode))
    }
  }
  return [
    ...check('containerStatuses', among(spec.containers)),
    ...check('initContainerStatuses', among(spec.initContainers)),
    ...check('ephemeralContainerStatuses', () => false),
  ]
}

/** As whom containers run, and how the devices are that they have. */
export function checkContainerStatuses({ spec, status }: Pod, at: FieldPath): FieldError[] {
  const lists = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const
  return [
    ...lists.flatMap((list) => each<ContainerStatus>(status?.[list], at.child(list), ({ user }, here) => (user ? checkUser(user, spec?.os?.name ?? 'linux', here.child('user', 'linux')) : []))),
    ...checkDevices(status?.containerStatuses, spec?.containers, at.child('containerStatuses')),
    ...checkDevices(status?.initContainerStatuses, spec?.initContainers, at.child('initContainerStatuses')),
    ...each<ContainerStatus>(status?.ephemeralContainerStatuses, at.child('ephemeralContainerStatuses'), ({ allocatedResourcesStatus }, here) =>
      allocatedResourcesStatus?.length ? [here.child('allocatedResourcesStatus').forbidden('must not be specified in container status')] : [],
    ),
  ]
}

function checkUser({ linux }: NonNullable<ContainerStatus['user']>, os: string, at: FieldPath): FieldError[] {
  if (!linux) return []
  if (os === 'windows') return [at.forbidden('cannot be set for a windows pod')]
  const { uid = 0, gid = 0, supplementalGroups } = linux as Partial<typeof linux>
  return os === 'linux'
    ? [...say(at.child('uid'), uid, isValidId(uid)), ...say(at.child('gid'), gid, isValidId(gid)), ...each(supplementalGroups, at.child('supplementalGroups'), (id, here) => say(here, id, isValidId(id)))]
    : []
}

/** In bytes: ResourceHealthMessageMaxLength of core/v1. */
const longestMessage = 1024

function checkDevices(statuses: readonly ContainerStatus[] | undefined, containers: readonly Container[] | undefined, list: FieldPath): FieldError[] {
  const known = byName(containers)
  return each(statuses, list, ({ name, allocatedResourcesStatus }, at) => {
    const container = known.get(name)
    const claims = new Set(container?.resources?.claims?.map((claim) => `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`))
    return each(allocatedResourcesStatus, at.child('allocatedResourcesStatus'), (resource, here) => {
      const seen = new Set<string>()
      return [
        ...(container ? checkDeviceName(resource.name, container, claims, here.child('name')) : []),
        ...each(resource.resources, here.child('resources'), ({ health = '', message, resourceID = '' }, there) => {
          const errors = oneOfIfAny(health, ['Healthy', 'Unhealthy', 'Unknown'], there.child('health'))
          if (message === '') errors.push(there.child('message').required('must be non-empty if specified'))
          else if (message !== undefined && Buffer.byteLength(message) > longestMessage) errors.push(there.child('message').tooLong(longestMessage))
          if (seen.has(resourceID)) errors.push(there.child('resourceID').duplicate(resourceID))
          seen.add(resourceID)
          return errors
        }),
      ]
    })
  })
}

function checkDeviceName(name: string, { resources }: Container, claims: ReadonlySet<string>, at: FieldPath): FieldError[] {
  if (!name.startsWith('claim:')) return Object.hasOwn(resources?.requests ?? {}, name) ? [] : [at.invalid(name, "must match one of the container's resource requests")]
  return claims.has(name) ? [] : [at.invalid(name, "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty")]
}
