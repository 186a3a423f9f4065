import { parseQuantity } from '../../base/quantity.ts'
import { each, present, say, unique } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { Container, ContainerPort, EnvFromSource, ResourceRequirements, VolumeMount } from '../generated/types.ts'
import { isDNS1123Label, isEnvVarName, isQualifiedName, isValidId, isValidPortName, isValidPortNum } from '../validation.ts'
import { checkEnv } from './env.ts'
import { lookup } from '../lookup.ts'
import { checkHandler, checkProbe, defaultHandler, defaultProbe } from './probe.ts'

/** What a container's checks must know of its pod. */
export interface PodFacts {
  readonly volumes: ReadonlySet<string>
  readonly hostNetwork: boolean
}

/** `Always` for `latest` and for images without a tag, else `IfNotPresent`. */
function pullPolicy(image: string): 'Always' | 'IfNotPresent' {
  if (image.includes('@')) return 'IfNotPresent'
  const tag = /:([^:/]+)$/.exec(image)?.[1]
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent'
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
  for (const variable of container.env ?? []) if (variable.valueFrom?.fieldRef) variable.valueFrom.fieldRef.apiVersion ||= 'v1'
}

/** Defaults of a pod's containers that a template leaves open: requests from limits, and the node's ports. */
export function defaultRunningContainer(container: Container, hostNetwork: boolean): void {
  const { limits, requests } = container.resources ?? {}
  if (limits) container.resources = { ...container.resources, requests: { ...limits, ...requests } }
  if (hostNetwork) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort
}

export function checkContainer(container: Container, at: FieldPath, facts: PodFacts): FieldError[] {
  return [
    ...(container.name ? say(at.child('name'), container.name, isDNS1123Label(container.name)) : [at.child('name').required()]),
    ...checkImage(container.image, at.child('image')),
    ...checkPorts(container.ports, at.child('ports'), facts.hostNetwork),
    ...each(container.env, at.child('env'), checkEnv),
    ...each(container.envFrom, at.child('envFrom'), checkEnvFrom),
    ...checkMounts(container.volumeMounts, at.child('volumeMounts'), facts.volumes),
    ...checkProbe(container.livenessProbe, at.child('livenessProbe'), true),
    ...checkProbe(container.readinessProbe, at.child('readinessProbe'), false),
    ...checkProbe(container.startupProbe, at.child('startupProbe'), true),
    ...checkLifecycle(container, at.child('lifecycle')),
    ...checkResources(container.resources, at.child('resources')),
    ...checkSecurity(container.securityContext, at.child('securityContext')),
  ]
}

export function checkImage(image: string | undefined, at: FieldPath): FieldError[] {
  if (!image) return [at.required()]
  return image.trim() === image ? [] : [at.invalid(image, 'must not have leading or trailing whitespace')]
}

/** What only containers that keep running may have. */
export function checkInitContainer(container: Container, at: FieldPath): FieldError[] {
  if (container.restartPolicy === 'Always') return []
  return (['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const)
    .filter((name) => container[name] !== undefined)
    .map((name) => at.child(name).forbidden('may not be set for init containers without restartPolicy=Always'))
}

function checkPorts(ports: readonly ContainerPort[] | undefined, at: FieldPath, hostNetwork: boolean): FieldError[] {
  const errors = each(ports, at, (port, here) => {
    const found = port.name ? say(here.child('name'), port.name, isValidPortName(port.name)) : []
    if (!port.containerPort) found.push(here.child('containerPort').required())
    else found.push(...say(here.child('containerPort'), port.containerPort, isValidPortNum(port.containerPort)))
    if (port.hostPort) found.push(...say(here.child('hostPort'), port.hostPort, isValidPortNum(port.hostPort)))
    if (hostNetwork && port.hostPort && port.hostPort !== port.containerPort) {
      found.push(here.child('containerPort').invalid(port.containerPort, 'must match `hostPort` when `hostNetwork` is true'))
    }
    return found
  })
  return [...errors, ...unique(ports, (port) => port.name, (i) => at.child(i, 'name'))]
}

function checkEnvFrom(source: EnvFromSource, at: FieldPath): FieldError[] {
  const errors = source.prefix ? say(at.child('prefix'), source.prefix, isEnvVarName(source.prefix)) : []
  const given = (['configMapRef', 'secretRef'] as const).filter((name) => source[name])
  if (given.length === 0) errors.push(at.invalid('', 'must specify one of: `configMapRef` or `secretRef`'))
  if (given.length > 1) errors.push(at.invalid('', 'may not have more than one field specified at a time'))
  for (const name of given) errors.push(...present(source[name]?.name, at.child(name, 'name')))
  return errors
}

function checkMounts(mounts: readonly VolumeMount[] | undefined, at: FieldPath, volumes: ReadonlySet<string>): FieldError[] {
  const seen = new Set<string>()
  return each(mounts, at, (mount, here) => {
    const errors: FieldError[] = []
    if (!mount.name) errors.push(here.child('name').required())
    else if (!volumes.has(mount.name)) errors.push(here.child('name').notFound(mount.name))
    if (!mount.mountPath) errors.push(here.child('mountPath').required())
    else if (seen.has(mount.mountPath)) errors.push(here.child('mountPath').invalid(mount.mountPath, 'must be unique'))
    seen.add(mount.mountPath)
    for (const name of ['subPath', 'subPathExpr'] as const) errors.push(...descending(mount[name], here.child(name)))
    if (mount.subPath && mount.subPathExpr) {
      errors.push(here.child('subPathExpr').invalid(mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'))
    }
    return errors
  })
}

/** A path that stays below where it starts. */
export function descending(path: string | undefined, at: FieldPath): FieldError[] {
  if (!path) return []
  const errors = path.startsWith('/') ? [at.invalid(path, 'must be a relative path')] : []
  return path.split('/').includes('..') ? [...errors, at.invalid(path, "must not contain '..'")] : errors
}

function checkLifecycle({ lifecycle }: Container, at: FieldPath): FieldError[] {
  return (['postStart', 'preStop'] as const).flatMap((hook) => {
    const handler = lifecycle?.[hook]
    return handler ? checkHandler(handler, at.child(hook)) : []
  })
}

const standardResources = /^(cpu|memory|ephemeral-storage|hugepages-.+)$/

export function checkResources(resources: ResourceRequirements | undefined, at: FieldPath): FieldError[] {
  const errors = (['limits', 'requests'] as const).flatMap((list) =>
    Object.entries(resources?.[list] ?? {}).flatMap(([name, quantity]) => {
      const here = at.child(list).key(name)
      const wrong = say(here, name, isQualifiedName(name))
      if (!name.includes('/') && !standardResources.test(name)) wrong.push(here.invalid(name, 'must be a standard resource for containers'))
      if ((parseQuantity(quantity) ?? 0) < 0) wrong.push(here.invalid(quantity, 'must be greater than or equal to 0'))
      return wrong
    }),
  )
  for (const [name, request] of Object.entries(resources?.requests ?? {})) {
    const limit = lookup(resources?.limits, name)
    if (limit !== undefined && (parseQuantity(request) ?? 0) > (parseQuantity(limit) ?? 0)) {
      errors.push(at.child('requests').invalid(request, `must be less than or equal to ${name} limit of ${limit}`))
    }
  }
  return errors
}

function checkSecurity(context: Container['securityContext'], at: FieldPath): FieldError[] {
  if (!context) return []
  const errors = (['runAsUser', 'runAsGroup'] as const).flatMap((name) => {
    const id = context[name]
    return id === undefined ? [] : say(at.child(name), id, isValidId(id))
  })
  if (context.privileged && context.allowPrivilegeEscalation === false) {
    errors.push(at.invalid(context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'))
  }
  return errors
}
