import { checkLabels, each, oneOf, oneOfIfAny, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Container, PodSpec, PodTemplateSpec, Volume } from '../generated/types.ts'
import { isValidIP } from '../ip.ts'
import { checkAnnotations } from '../object-meta.ts'
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName } from '../validation.ts'
import { defaultContainer, defaultRunningContainer, type PodFacts } from './container.ts'
import { checkContainers } from './containers.ts'
import { checkAppArmorAgrees, checkPodAnnotations, checkSeccompAgrees } from './pod-annotations.ts'
import { checkDns, checkHostNetwork, checkHostnameOverride, checkHostUsers } from './pod-host.ts'
import { checkHostProcess, checkOs } from './pod-os.ts'
import { checkPodResources, defaultPodResources } from './pod-resources.ts'
import { checkResourceClaims } from './resource-claims.ts'
import { checkResources } from './resources.ts'
import { checkAffinity, checkSpread, checkTolerations } from './scheduling-fields.ts'
import { checkPodSecurityContext } from './security-context.ts'
import { checkVolumes, defaultVolume } from './volumes.ts'

/** The defaults of core/v1 PodSpec, for pods and for the templates of workloads alike. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.restartPolicy ??= 'Always'
  spec.terminationGracePeriodSeconds ??= 30
  spec.securityContext ??= {}
  spec.schedulerName ||= 'default-scheduler'
  // the old name of the field and the new one always say the same
  const account = spec.serviceAccountName || spec.serviceAccount
  if (account) Object.assign(spec, { serviceAccountName: account, serviceAccount: account })
  for (const container of allContainers(spec)) defaultContainer(container)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
}

/** Defaults of a workload's template. */
export function defaultTemplate(template: PodTemplateSpec | undefined): void {
  if (!template) return
  template.metadata ??= {}
  if (template.spec) defaultPodSpec(template.spec)
}

/** What only pods get, and templates leave open. */
export function defaultRunningPod(spec: PodSpec): void {
  defaultPodSpec(spec)
  spec.enableServiceLinks ??= true
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) defaultRunningContainer(container, spec.hostNetwork ?? false)
  defaultPodResources(spec)
}

const allContainers = (spec: PodSpec): Container[] => [
  ...(spec.initContainers ?? []), ...(spec.containers ?? []), ...((spec.ephemeralContainers ?? []) as Container[]),
]

/** `pod` is the pod's own name; absent for a template. ValidatePodSpec of core validation, in its order. */
export function checkPodSpec(spec: PodSpec, at: FieldPath, pod?: string): FieldError[] {
  const hostUsers = spec.hostUsers ?? true
  const { restartPolicy = '', terminationGracePeriodSeconds: graceSeconds, os } = spec
  const right = new Map<string, Volume>()
  const volumes = checkVolumes(spec.volumes, at.child('volumes'), pod, right)
  const claims = new Set((spec.resourceClaims ?? []).map(({ name }) => name))
  const facts: PodFacts = { volumes: right, claims, hostUsers, restartPolicy, os: os?.name, graceSeconds }
  return [
    ...volumes,
    ...checkResourceClaims(spec.resourceClaims, at.child('resourceClaims')),
    ...checkContainers(spec, at, facts),
    ...checkPodResources(spec, at.child('resources')),
    ...checkHostNetwork(spec, at, pod !== undefined),
    ...oneOf(spec.restartPolicy, ['Always', 'OnFailure', 'Never'], at.child('restartPolicy')),
    ...oneOf(spec.dnsPolicy, ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'], at.child('dnsPolicy')),
    ...checkLabels(spec.nodeSelector, at.child('nodeSelector')),
    ...checkPodSecurityContext(spec, at.child('securityContext')),
    ...checkAffinity(spec.affinity ?? {}, at.child('affinity')),
    ...checkDns(spec, at.child('dnsConfig')),
    ...each(spec.readinessGates, at.child('readinessGates'), ({ conditionType = '' }, here) => say(here.child('conditionType'), conditionType, isQualifiedName(conditionType))),
    ...checkGates(spec, at.child('schedulingGates')),
    ...checkSpread(spec.topologySpreadConstraints, at.child('topologySpreadConstraints')),
    ...checkHostProcess(spec, at),
    ...checkHostUsers(spec, at),
    ...checkHostnameOverride(spec, at.child('hostnameOverride')),
    ...checkNames(spec, at),
    ...checkRest(spec, at),
  ]
}

function checkGates({ schedulingGates }: PodSpec, list: FieldPath): FieldError[] {
  const seen = new Set<string>()
  return each(schedulingGates, list, ({ name = '' }, at) => {
    const errors = say(at, name, isQualifiedName(name))
    if (seen.has(name)) errors.push(at.duplicate(name))
    seen.add(name)
    return errors
  })
}

const named = (spec: PodSpec, name: 'serviceAccountName' | 'nodeName' | 'hostname' | 'subdomain' | 'priorityClassName', at: FieldPath, rule: typeof isDNS1123Label) =>
  spec[name] ? say(at.child(name), spec[name], rule(spec[name])) : []

function checkNames(spec: PodSpec, at: FieldPath): FieldError[] {
  const errors = [...named(spec, 'serviceAccountName', at, isDNS1123Subdomain), ...named(spec, 'nodeName', at, isDNS1123Subdomain)]
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647)) errors.push(at.child('activeDeadlineSeconds').outOfRange(deadline, 1, 2147483647))
  return [
    ...errors,
    ...named(spec, 'hostname', at, isDNS1123Label),
    ...named(spec, 'subdomain', at, isDNS1123Label),
    ...checkTolerations(spec.tolerations, at.child('tolerations')),
    ...each(spec.hostAliases, at.child('hostAliases'), ({ ip = '', hostnames }, here) => [
      ...say(here.child('ip'), ip, isValidIP(ip)),
      ...each(hostnames, here.child('hostnames'), (name, there) => say(there, name, isDNS1123Subdomain(name))),
    ]),
    ...named(spec, 'priorityClassName', at, isDNS1123Subdomain),
  ]
}

const checkRest = (spec: PodSpec, at: FieldPath): FieldError[] => [
  ...(spec.runtimeClassName === undefined ? [] : say(at.child('runtimeClassName'), spec.runtimeClassName, isDNS1123Subdomain(spec.runtimeClassName))),
  ...oneOfIfAny(spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'], at.child('preemptionPolicy')),
  ...(spec.overhead ? checkResources({ limits: spec.overhead }, at.child('overhead')) : []),
  ...checkOs(spec, at),
  ...checkFiles(spec, at),
]

/** Variables that a container reads from files stand in volumes that live as long as the pod. */
function checkFiles(spec: PodSpec, at: FieldPath): FieldError[] {
  let volumes: ReadonlyMap<string, Volume> | undefined
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    each<{ env?: Container['env'] }>(spec[list], at.child(list), ({ env }, container) =>
      each(env, container.child('env'), ({ valueFrom }, here) => {
        const name = valueFrom?.fileKeyRef?.volumeName
        if (name === undefined) return []
        const place = here.child('valueFrom', 'fileKeyRef', 'volumeName')
        volumes ??= new Map(spec.volumes?.toReversed().map((volume) => [volume.name, volume]))
        const volume = volumes.get(name)
        if (!volume) return [place.notFound(name)]
        return volume.emptyDir ? [] : [place.invalid(name, 'referenced volume must be of type emptyDir')]
      }),
    ),
  )
}

export function checkTemplate({ metadata = {}, spec = noSpec() }: PodTemplateSpec, at: FieldPath): FieldError[] {
  const errors = [
    ...checkTemplateMeta({ metadata, spec }, at),
    ...checkPodSpec(spec, at.child('spec')),
    ...checkSeccompAgrees(metadata.annotations, spec, at.child('spec')),
    ...checkAppArmorAgrees(metadata.annotations, spec, at.child('spec')),
  ]
  if (spec.ephemeralContainers?.length) errors.push(at.child('spec', 'ephemeralContainers').forbidden('ephemeral containers not allowed in pod template'))
  return errors
}

export const checkTemplateMeta = ({ metadata = {}, spec = noSpec() }: PodTemplateSpec, at: FieldPath): FieldError[] => [
  ...checkLabels(metadata.labels, at.child('labels')),
  ...checkAnnotations(metadata.annotations, at.child('annotations')),
  ...checkPodAnnotations(metadata.annotations, spec, at.child('annotations')),
]

/** What Go has where nobody said a spec: an empty one, with its defaults. */
export function noSpec(): PodSpec {
  const spec: PodSpec = { containers: [] }
  defaultPodSpec(spec)
  return spec
}
