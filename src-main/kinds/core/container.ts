import { each, oneOf, oneOfIfAny, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Container, ContainerPort, ContainerResizePolicy, ContainerRestartRule } from '../generated/types.ts'
import { isDNS1123Label, isValidPortName, isValidPortNum } from '../validation.ts'
import { checkEnv, checkEnvFrom } from './env.ts'
import { defaultHandler, defaultProbe } from './probe.ts'
import { checkResources } from './resources.ts'
import { checkSecurityContext } from './security-context.ts'
import { checkMountsAndDevices, type Volumes } from './volume-mounts.ts'

/** What a container's checks must know of its pod. */
export interface PodFacts {
  readonly volumes: Volumes
  /** Names of the pod's resource claims. */
  readonly claims: ReadonlySet<string>
  readonly hostUsers: boolean
  readonly restartPolicy: string
  /** `linux`, `windows` */
  readonly os?: string | undefined
  readonly graceSeconds?: number | undefined
}

/** host and port, path, tag, digest */
const reference = /^(?:[A-Za-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::(\w[\w.-]{0,127}))?(@[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,})?$/

/** `Always` for `latest` and for images without a tag, else `IfNotPresent`; so too for what is no image's name. */
export function pullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const match = image.length > 1024 ? undefined : reference.exec(image)
  if (!match) return 'IfNotPresent'
  const [, tag, digest] = match
  return tag === 'latest' || (!tag && !digest) ? 'Always' : 'IfNotPresent'
}

/** Defaults in pods and templates alike. */
export function defaultContainer(container: Container): void {
  container.imagePullPolicy ??= pullPolicy(container.image ?? '')
  container.terminationMessagePath ||= '/dev/termination-log'
  container.terminationMessagePolicy ??= 'File'
  container.resources ??= {}
  for (const port of container.ports ?? []) port.protocol ??= 'TCP'
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) defaultProbe(probe)
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) if (handler) defaultHandler(handler)
  for (const { valueFrom: { fieldRef, resourceFieldRef } = {} } of container.env ?? []) {
    if (fieldRef) fieldRef.apiVersion ||= 'v1'
    if (resourceFieldRef) resourceFieldRef.divisor ||= '0'
  }
}

/** Defaults of a pod's containers that a template leaves open: requests from limits, and the node's ports. */
export function defaultRunningContainer(container: Container, hostNetwork: boolean): void {
  const { limits, requests } = container.resources ?? {}
  if (limits) container.resources = { ...container.resources, requests: requests ? { ...limits, ...requests } : limits }
  if (hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
}

/** What containers of every sort have in common: validateContainerCommon of core validation. */
export function checkContainer(container: Container, at: FieldPath, facts: PodFacts): FieldError[] {
  return [
    ...(container.name ? say(at.child('name'), container.name, isDNS1123Label(container.name)) : [at.child('name').required()]),
    ...(container.image ? [] : [at.child('image').required()]),
    ...oneOf(container.terminationMessagePolicy, ['File', 'FallbackToLogsOnError'], at.child('terminationMessagePolicy')),
    ...checkPorts(container.ports, at.child('ports')),
    ...each(container.env, at.child('env'), checkEnv),
    ...checkEnvFrom(container.envFrom, at.child('envFrom')),
    ...checkMountsAndDevices(container, facts.volumes, at),
    ...oneOf(container.imagePullPolicy, pullPolicies, at.child('imagePullPolicy')),
    ...checkResources(container.resources, at.child('resources'), { claims: facts.claims }),
    ...checkResizePolicies(container.resizePolicy, at.child('resizePolicy'), facts.restartPolicy),
    ...checkSecurityContext(container.securityContext, at.child('securityContext'), facts.hostUsers),
  ]
}

export const pullPolicies: readonly string[] = ['Always', 'IfNotPresent', 'Never']

/** What templates allow, and pods do not. */
export const checkImage = (image: string | undefined, at: FieldPath): FieldError[] =>
  image && image.trim() !== image ? [at.invalid(image, 'must not have leading or trailing whitespace')] : []

function checkPorts(ports: readonly ContainerPort[] | undefined, list: FieldPath): FieldError[] {
  const names = new Set<string>()
  return each(ports, list, ({ name, containerPort, hostPort, protocol }, at) => {
    const errors = name ? say(at.child('name'), name, isValidPortName(name)) : []
    if (name && errors.length === 0 && names.has(name)) errors.push(at.child('name').duplicate(name))
    if (name) names.add(name)
    if (!containerPort) errors.push(at.child('containerPort').required())
    else errors.push(...say(at.child('containerPort'), containerPort, isValidPortNum(containerPort)))
    if (hostPort) errors.push(...say(at.child('hostPort'), hostPort, isValidPortNum(hostPort)))
    return [...errors, ...oneOf(protocol, ['SCTP', 'TCP', 'UDP'], at.child('protocol'))]
  })
}

function checkResizePolicies(policies: readonly ContainerResizePolicy[] | undefined, list: FieldPath, podPolicy: string): FieldError[] {
  const seen = new Set<string>()
  return each(policies, list, ({ resourceName, restartPolicy }, at) => {
    const errors = seen.has(resourceName) ? [at.duplicate(resourceName)] : []
    seen.add(resourceName)
    errors.push(...oneOf(resourceName, ['cpu', 'memory'], list), ...oneOf(restartPolicy, ['NotRequired', 'RestartContainer'], list))
    if (podPolicy === 'Never' && restartPolicy !== 'NotRequired') errors.push(list.invalid(restartPolicy ?? '', "must be 'NotRequired' when pod `restartPolicy` is 'Never'"))
    return errors
  })
}

/** When a container restarts, if that differs from what its pod says. Of an init container without a policy no more is said than that. */
export function checkRestartPolicy({ restartPolicy, restartPolicyRules: rules = [] }: Container, at: FieldPath, isInit = false): FieldError[] {
  const errors = oneOfIfAny(restartPolicy, ['Always', 'Never', 'OnFailure'], at.child('restartPolicy'))
  if (restartPolicy === undefined && rules.length > 0) errors.push(at.child('restartPolicy').required('must specify restartPolicy when restart rules are used'))
  if (restartPolicy === undefined && isInit) return errors
  if (rules.length > 20) errors.push(at.child('restartPolicyRules').tooMany(rules.length, 20))
  return [...errors, ...each(rules, at.child('restartPolicyRules'), checkRestartRule)]
}

function checkRestartRule({ action, exitCodes }: ContainerRestartRule, at: FieldPath): FieldError[] {
  const errors = oneOfIfAny(action ?? '', ['Restart', 'RestartAllContainers'], at.child('action'))
  if (!exitCodes) return [...errors, at.child('exitCodes').required('must be specified')]
  errors.push(...oneOfIfAny(exitCodes.operator ?? '', ['In', 'NotIn'], at.child('exitCodes', 'operator')))
  const count = exitCodes.values?.length ?? 0
  return count > 255 ? [...errors, at.child('exitCodes', 'values').tooMany(count, 255)] : errors
}
