import { nonNegative, oneOf, oneOfIfAny, present, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../generated/types.ts'
import { schemas } from '../schemas.ts'
import { isHTTPHeaderName, isValidPortName, isValidPortNum } from '../validation.ts'

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>

export function defaultHandler(handler: Handler): void {
  if (!handler.httpGet) return
  handler.httpGet.path ||= '/'
  handler.httpGet.scheme ??= 'HTTP'
}

/** A zero in a probe is one that nobody set. */
export function defaultProbe(probe: Probe): void {
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  defaultHandler(probe)
}

const seconds = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const
const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const

/** `graceSeconds` is the pod's, within which a hook has to end. */
export const checkProbes = (container: Readonly<Partial<Record<(typeof probes)[number], Probe>>>, at: FieldPath, graceSeconds: number | undefined): FieldError[] =>
  probes.flatMap((name) => (container[name] ? checkProbe(container[name], at.child(name), name === 'readinessProbe', graceSeconds) : []))

function checkProbe(probe: Probe, at: FieldPath, isReadiness: boolean, graceSeconds: number | undefined): FieldError[] {
  const errors = [...checkHandler(probe, at, graceSeconds), ...seconds.flatMap((name) => nonNegative(probe[name], at.child(name)))]
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) errors.push(at.child('terminationGracePeriodSeconds').invalid(grace, 'must be greater than 0'))
  if (isReadiness && grace !== undefined) errors.push(at.child('terminationGracePeriodSeconds').invalid(grace, 'must not be set for readinessProbes'))
  if (!isReadiness && probe.successThreshold !== 1) errors.push(at.child('successThreshold').invalid(probe.successThreshold ?? 0, 'must be 1'))
  return errors
}

export function checkLifecycle(lifecycle: Lifecycle | undefined, at: FieldPath, graceSeconds: number | undefined, os: string | undefined): FieldError[] {
  const { postStart, preStop, stopSignal } = lifecycle ?? {}
  return [
    ...(postStart ? checkHandler(postStart, at.child('postStart'), graceSeconds) : []),
    ...(preStop ? checkHandler(preStop, at.child('preStop'), graceSeconds) : []),
    ...(stopSignal ? checkSignal(stopSignal, at.child('stopSignal'), os) : []),
  ]
}

function checkSignal(signal: string, at: FieldPath, os: string | undefined): FieldError[] {
  if (os === undefined) return [at.forbidden('may not be set for containers with empty `spec.os.name`')]
  const known = schemas['io.k8s.api.core.v1.Lifecycle']?.fields['stopSignal']?.enum ?? []
  return os === 'windows' ? oneOfIfAny(signal, ['SIGKILL', 'SIGTERM'], at) : oneOfIfAny(signal, known, at)
}

const handlers: { readonly [name in keyof Handler]-?: (handler: Handler, at: FieldPath, graceSeconds: number | undefined) => FieldError[] } = {
  exec: ({ exec }, at) => (exec?.command?.length ? [] : [at.child('command').required()]),
  httpGet: ({ httpGet }, at) => (httpGet ? checkHttp(httpGet, at) : []),
  tcpSocket: ({ tcpSocket }, at) => checkPort(tcpSocket?.port, at.child('port')),
  grpc: ({ grpc }, at) => checkPort(grpc?.port, at.child('port')),
  sleep: ({ sleep }, at, graceSeconds) => {
    const seconds = sleep?.seconds ?? 0
    if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return []
    return [at.invalid(seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`)]
  },
}

function checkHandler(handler: Handler, at: FieldPath, graceSeconds: number | undefined): FieldError[] {
  const given = (Object.keys(handlers) as Array<keyof Handler>).filter((name) => handler[name])
  if (given.length === 0) return [at.required('must specify a handler type')]
  return given.flatMap((name, i) =>
    i === 0 ? handlers[name](handler, at.child(name), graceSeconds) : [at.child(name).forbidden('may not specify more than 1 handler type')],
  )
}

function checkHttp({ path, port, scheme, httpHeaders = [] }: HTTPGetAction, at: FieldPath): FieldError[] {
  return [
    ...present(path, at.child('path')),
    ...checkPort(port, at.child('port')),
    ...oneOf(scheme, ['HTTP', 'HTTPS'], at.child('scheme')),
    ...httpHeaders.flatMap(({ name = '' }) => say(at.child('httpHeaders'), name, isHTTPHeaderName(name))),
  ]
}

/** A port's number, or the name of one. */
export function checkPort(port: number | string | undefined, at: FieldPath): FieldError[] {
  return typeof port === 'string' ? say(at, port, isValidPortName(port)) : say(at, port ?? 0, isValidPortNum(port ?? 0))
}
