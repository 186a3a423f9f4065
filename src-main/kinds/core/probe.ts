import { each, nonNegative, present, say } from '../checks.ts'
import type { FieldError, FieldPath } from '../field-error.ts'
import type { HTTPGetAction, LifecycleHandler, Probe } from '../generated/types.ts'
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

/** `once`: liveness and startup probes may not ask for several successes. */
export function checkProbe(probe: Probe | undefined, at: FieldPath, once: boolean): FieldError[] {
  if (!probe) return []
  const errors = [...checkHandler(probe, at), ...seconds.flatMap((name) => nonNegative(probe[name], at.child(name)))]
  if (once && (probe.successThreshold ?? 1) !== 1) errors.push(at.child('successThreshold').invalid(probe.successThreshold, 'must be 1'))
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) errors.push(at.child('terminationGracePeriodSeconds').invalid(grace, 'must be greater than 0'))
  if (!once && grace !== undefined) {
    errors.push(at.child('terminationGracePeriodSeconds').invalid(grace, 'must not be set for readinessProbes'))
  }
  return errors
}

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const

export function checkHandler(handler: Handler, at: FieldPath): FieldError[] {
  const [first, ...others] = handlers.filter((name) => handler[name])
  if (!first) return [at.required('must specify a handler type')]
  const errors = others.map((name) => at.child(name).forbidden('may not specify more than 1 handler type'))
  const { exec, httpGet, tcpSocket, grpc } = handler
  if (exec && !exec.command?.length) errors.push(at.child('exec', 'command').required())
  if (httpGet) errors.push(...checkHttp(httpGet, at.child('httpGet')))
  if (tcpSocket) errors.push(...checkPort(tcpSocket.port, at.child('tcpSocket', 'port')))
  if (grpc) errors.push(...checkPort(grpc.port, at.child('grpc', 'port')))
  return errors
}

function checkHttp(action: HTTPGetAction, at: FieldPath): FieldError[] {
  return [
    ...present(action.path, at.child('path')),
    ...checkPort(action.port, at.child('port')),
    ...each(action.httpHeaders, at.child('httpHeaders'), (header, here) =>
      say(here.child('name'), header.name ?? '', isHTTPHeaderName(header.name ?? '')),
    ),
  ]
}

/** A port's number, or the name of one. */
export function checkPort(port: number | string | undefined, at: FieldPath): FieldError[] {
  return typeof port === 'string' ? say(at, port, isValidPortName(port)) : say(at, port ?? 0, isValidPortNum(port ?? 0))
}
