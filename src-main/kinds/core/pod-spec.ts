import { checkLabels, each, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Container, PodSpec, PodTemplateSpec } from '../generated/types.ts'
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, isValidIP } from '../validation.ts'
import { checkContainer, checkInitContainer, defaultContainer, defaultRunningContainer, type PodFacts } from './container.ts'
import { checkScheduling } from './scheduling-fields.ts'
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
  if (template?.spec) defaultPodSpec(template.spec)
}

/** What only pods get, and templates leave open. */
export function defaultRunningPod(spec: PodSpec): void {
  defaultPodSpec(spec)
  spec.enableServiceLinks ??= true
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) defaultRunningContainer(container, spec.hostNetwork ?? false)
}

const allContainers = (spec: PodSpec): Container[] => [
  ...(spec.initContainers ?? []), ...(spec.containers ?? []), ...((spec.ephemeralContainers ?? []) as Container[]),
]

export function checkPodSpec(spec: PodSpec | undefined, at: FieldPath): FieldError[] {
  if (!spec) return [at.required()]
  const facts: PodFacts = { volumes: new Set(spec.volumes?.map((volume) => volume.name)), hostNetwork: spec.hostNetwork ?? false }
  return [
    ...checkVolumes(spec.volumes, at.child('volumes')),
    ...checkContainers(spec, at, facts),
    ...checkNames(spec, at),
    ...checkDns(spec, at),
    ...checkScheduling(spec, at),
    ...checkLimits(spec, at),
    ...each(spec.readinessGates, at.child('readinessGates'), ({ conditionType = '' }, here) =>
      say(here.child('conditionType'), conditionType, isQualifiedName(conditionType)),
    ),
    ...each(spec.hostAliases, at.child('hostAliases'), ({ ip, hostnames }, here) => [
      ...say(here.child('ip'), ip ?? '', isValidIP(ip ?? '')),
      ...each(hostnames, here.child('hostnames'), (name, there) => say(there, name, isDNS1123Subdomain(name))),
    ]),
  ]
}

function checkContainers(spec: PodSpec, at: FieldPath, facts: PodFacts): FieldError[] {
  const names = new Set<string>()
  const check = (list: 'containers' | 'initContainers') => each(spec[list], at.child(list), (container, here) => {
    const errors = checkContainer(container, here, facts)
    if (names.has(container.name)) errors.push(here.child('name').duplicate(container.name))
    names.add(container.name)
    return list === 'initContainers' ? [...errors, ...checkInitContainer(container, here)] : errors
  })
  const errors = spec.containers?.length ? check('containers') : [at.child('containers').required()]
  return [...errors, ...check('initContainers'), ...checkHostPorts(spec, at.child('containers'))]
}

/** Two containers of a pod cannot take one port of the node. */
function checkHostPorts(spec: PodSpec, at: FieldPath): FieldError[] {
  const taken = new Set<string>()
  return each(spec.containers, at, (container, here) =>
    each(container.ports, here.child('ports'), ({ hostPort, hostIP = '', protocol = 'TCP' }, there) => {
      if (!hostPort) return []
      const place = `${protocol}/${hostIP}/${hostPort}`
      if (taken.has(place)) return [there.child('hostPort').duplicate(place)]
      taken.add(place)
      return []
    }),
  )
}

function checkNames(spec: PodSpec, at: FieldPath): FieldError[] {
  const rules = [
    ['serviceAccountName', isDNS1123Subdomain], ['nodeName', isDNS1123Subdomain], ['priorityClassName', isDNS1123Subdomain],
    ['runtimeClassName', isDNS1123Subdomain], ['hostname', isDNS1123Label], ['subdomain', isDNS1123Label],
  ] as const
  return rules.flatMap(([name, rule]) => {
    const value = spec[name]
    return value ? say(at.child(name), value, rule(value)) : []
  })
}

function checkDns({ dnsPolicy, dnsConfig }: PodSpec, at: FieldPath): FieldError[] {
  const nameservers = dnsConfig?.nameservers ?? []
  if (dnsPolicy === 'None' && nameservers.length === 0) {
    return [at.child('dnsConfig', 'nameservers').required('must provide at least one DNS nameserver when `dnsPolicy` is None')]
  }
  const here = at.child('dnsConfig', 'nameservers')
  if (nameservers.length > 3) return [here.invalid(nameservers, 'must not have more than 3 nameservers')]
  return each(nameservers, here, (ip, there) => say(there, ip, isValidIP(ip)))
}

function checkLimits(spec: PodSpec, at: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  const deadline = spec.activeDeadlineSeconds
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647)) {
    errors.push(at.child('activeDeadlineSeconds').outOfRange(deadline, 1, 2147483647))
  }
  if (spec.hostPID && spec.shareProcessNamespace) {
    errors.push(at.child('shareProcessNamespace').invalid(true, 'ShareProcessNamespace and HostPID cannot both be enabled'))
  }
  return errors
}

/**
 * A template whose pods a controller keeps running: it must be there, and restart always. `owner` is the name Kubernetes'
 * sentence has (`ReplicaSet` for Deployments too).
 */
export function checkRunningTemplate(template: PodTemplateSpec | undefined, at: FieldPath, owner: string): FieldError[] {
  if (!template) return [at.required()]
  const { spec } = template
  const errors = checkTemplate(template, at)
  if (spec?.restartPolicy && spec.restartPolicy !== 'Always') {
    errors.push(at.child('spec', 'restartPolicy').notSupported(spec.restartPolicy, ['Always']))
  }
  if (spec?.activeDeadlineSeconds !== undefined) {
    errors.push(at.child('spec', 'activeDeadlineSeconds').forbidden(`activeDeadlineSeconds in ${owner} is not Supported`))
  }
  return errors
}

export function checkTemplate(template: PodTemplateSpec, at: FieldPath): FieldError[] {
  const errors = [...checkLabels(template.metadata?.labels, at.child('metadata', 'labels')), ...checkPodSpec(template.spec, at.child('spec'))]
  if (template.spec?.ephemeralContainers?.length) {
    errors.push(at.child('spec', 'ephemeralContainers').forbidden('ephemeral containers not allowed in pod template'))
  }
  return errors
}
