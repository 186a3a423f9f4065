import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { microTimestamp } from '../base/clock.ts'
import type { Status } from '../kinds/generated/types.ts'
import type { RequestFacts } from './request-facts.ts'
import type { User } from './verbs.ts'

export interface AuditMoment {
  readonly auditID: string
  readonly stage: 'RequestReceived' | 'ResponseStarted' | 'ResponseComplete'
  /** HTTP's, once there is one; 0 when the connection ended before the answer. */
  readonly code?: number
  /** Milliseconds since the epoch. */
  readonly receivedMs: number
  readonly nowMs: number
}

/** An audit.k8s.io/v1 Event of level Metadata: who did what, when and with which outcome; nothing of what bodies said. Pure. */
export function auditEvent(req: IncomingMessage, facts: RequestFacts, moment: AuditMoment): object {
  const { route, user, impersonated } = facts
  const annotations = annotationsOf(facts)
  return {
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata',
    auditID: moment.auditID,
    stage: moment.stage,
    requestURI: req.url ?? '',
    verb: route?.type === 'resource' ? route.verb : facts.method.toLowerCase(),
    user: userInfo(user),
    ...(impersonated ? { impersonatedUser: userInfo(impersonated.user) } : {}),
    ...(impersonated?.constraint ? { authenticationMetadata: { impersonationConstraint: impersonated.constraint } } : {}),
    sourceIPs: sourceIPs(req),
    ...(req.headers['user-agent'] ? { userAgent: req.headers['user-agent'] } : {}),
    ...(route?.type === 'resource' ? { objectRef: objectRef(route, facts.created) } : {}),
    ...(moment.code === undefined ? {} : { responseStatus: responseStatus(facts.refusal, moment.code) }),
    requestReceivedTimestamp: microTimestamp(moment.receivedMs),
    stageTimestamp: microTimestamp(moment.nowMs),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
  }
}

function annotationsOf({ decision, annotations }: RequestFacts): Record<string, string> {
  if (!decision) return { ...annotations }
  return { 'authorization.k8s.io/decision': decision.allowed ? 'allow' : 'forbid', 'authorization.k8s.io/reason': decision.reason, ...annotations }
}

const userInfo = (user: User | undefined): object =>
  user ? { username: user.name, ...(user.uid ? { uid: user.uid } : {}), groups: user.groups, ...(user.extra ? { extra: user.extra } : {}) } : {}

function objectRef({ kind, namespace, name: asked, subresource }: Extract<RequestFacts['route'], { type: 'resource' }>, created: string | undefined): object {
  const name = asked ?? created
  return {
    resource: kind.plural,
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(kind.group ? { apiGroup: kind.group } : {}),
    apiVersion: kind.version,
    ...(subresource ? { subresource } : {}),
  }
}

function responseStatus(refusal: Status | undefined, code: number): object {
  if (!refusal) return { metadata: {}, code }
  const { status, message, reason, details } = refusal
  return { metadata: {}, status, message, reason, ...(details ? { details } : {}), code: refusal.code }
}

/** As kube-apiserver's: what proxies say the way was, which a client can make up, and last whoever connected. */
function sourceIPs(req: IncomingMessage): string[] {
  const told = [...String(req.headers['x-forwarded-for'] ?? '').split(','), String(req.headers['x-real-ip'] ?? '')]
  const remote = (req.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return [...new Set([...told.map((ip) => ip.trim()), remote].filter((ip) => isIP(ip) !== 0))]
}
