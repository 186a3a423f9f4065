import { each } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Container, EphemeralContainer, PodSpec } from '../generated/types.ts'
import { checkContainer, checkImage, checkRestartPolicy, type PodFacts } from './container.ts'
import { checkLifecycle, checkProbes } from './probe.ts'

/** The containers of a pod, of all three sorts, in the order in which Kubernetes speaks of them. */
export const checkContainers = (spec: PodSpec, at: FieldPath, facts: PodFacts): FieldError[] => [
  ...checkMain(spec, at.child('containers'), facts),
  ...checkInit(spec, at.child('initContainers'), facts),
  ...checkEphemeral(spec, at.child('ephemeralContainers'), facts),
]

/** With their places: init containers, then the others. */
export function everyContainer(spec: PodSpec, at: FieldPath): Array<readonly [Container, FieldPath]> {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) =>
    (spec[list] ?? []).map((container, i) => [container as Container, at.child(list, i)] as const),
  )
}

function checkMain({ containers = [] }: PodSpec, list: FieldPath, facts: PodFacts): FieldError[] {
  if (containers.length === 0) return [list.required()]
  const names = new Set<string>()
  const errors = each(containers, list, (container, at) => {
    const found = checkContainer(container, at, facts)
    if (names.has(container.name)) found.push(at.child('name').duplicate(container.name))
    names.add(container.name)
    return [...found, ...checkService(container, at, facts), ...checkRestartPolicy(container, at)]
  })
  return [...errors, ...checkHostPorts(containers, list)]
}

/** What containers have that are there to serve. */
const checkService = (container: Container, at: FieldPath, { graceSeconds, os }: PodFacts): FieldError[] => [
  ...checkLifecycle(container.lifecycle, at.child('lifecycle'), graceSeconds, os),
  ...checkProbes(container, at, graceSeconds),
]

/** Two containers of a pod cannot take one port of the node. */
function checkHostPorts(containers: readonly Container[], list: FieldPath): FieldError[] {
  const taken = new Set<string>()
  return each(containers, list, (container, at) =>
    each(container.ports, at.child('ports'), ({ hostPort, hostIP = '', protocol = 'TCP' }, here) => {
      const place = `${protocol}/${hostIP}/${hostPort}`
      if (!hostPort) return []
      if (taken.has(place)) return [here.child('hostPort').duplicate(place)]
      taken.add(place)
      return []
    }),
  )
}

const notForInit = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const

function checkInit({ initContainers, containers = [] }: PodSpec, list: FieldPath, facts: PodFacts): FieldError[] {
  const names = new Set(containers.map(({ name }) => name))
  return each(initContainers, list, (container, at) => {
    const stays = container.restartPolicy === 'Always'
    const errors = [...checkContainer(container, at, facts), ...checkRestartPolicy(container, at, true)]
    if (names.has(container.name)) errors.push(at.child('name').duplicate(container.name))
    if (container.name) names.add(container.name)
    errors.push(...checkHostPorts([container], list))
    if (stays) return [...errors, ...checkService(container, at, facts)]
    const served = notForInit.filter((name) => container[name] !== undefined)
    errors.push(...served.map((name) => at.child(name).forbidden('may not be set for init containers without restartPolicy=Always')))
    return [...errors, ...each(container.resizePolicy, at.child('resizePolicy'), ({ restartPolicy }, here) =>
      restartPolicy === 'RestartContainer' ? [here.child('restartPolicy').invalid(restartPolicy, "must not be set to 'RestartContainer' for non-sidecar initContainers")] : [],
    )]
  })
}

const notForDebugging = ['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'] as const

function checkEphemeral({ ephemeralContainers, initContainers = [], containers = [] }: PodSpec, list: FieldPath, facts: PodFacts): FieldError[] {
  const others = new Set([...containers, ...initContainers].map(({ name }) => name))
  const names = new Set(others)
  return each(ephemeralContainers, list, (container, at) => {
    const { name, targetContainerName: target } = container
    const errors = [...checkContainer(container as Container, at, facts), ...checkImage(container.image, at.child('image'))]
    if (names.has(name)) errors.push(at.child('name').duplicate(name))
    names.add(name)
    if (target && !others.has(target)) errors.push(at.child('targetContainerName').notFound(target))
    return [...errors, ...checkDebugging(container, at)]
  })
}

const isUnset = (value: unknown): boolean => value === undefined || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

function checkDebugging(container: EphemeralContainer, at: FieldPath): FieldError[] {
  const sentence = 'cannot be set for an Ephemeral Container'
  const fields = notForDebugging.filter((name) => !isUnset(container[name])).map((name) => at.child(name).forbidden(sentence))
  return [...fields, ...each(container.volumeMounts, at.child('volumeMounts'), (mount, here) =>
    (['subPath', 'subPathExpr'] as const).filter((name) => mount[name]).map((name) => here.child(name).forbidden(sentence)),
  )]
}
