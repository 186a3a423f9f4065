import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { microTimestamp } from '../base/clock.ts'
import type { Status } from '../kinds/generated/types.ts'
import { askedOf } from './asked.ts'
import type { Attributes } from './authz.ts'
import { queryOf } from './query.ts'
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
  const { user, impersonated } = facts
  // when it was received nobody had decided anything
  const annotations = moment.stage === 'RequestReceived' ? {} : annotationsOf(facts)
  const { verb, ref } = askedFor(req, facts)
  return {
    kind: 'Event', apiVersion: 'audit.k8s.io/v1', level: 'Metadata',
    auditID: moment.auditID,
    stage: moment.stage,
    requestURI: req.url ?? '',
    verb,
    user: userInfo(user),
    ...(impersonated ? { impersonatedUser: userInfo(impersonated.user) } : {}),
    ...(impersonated?.constraint ? { authenticationMetadata: { impersonationConstraint: impersonated.constraint } } : {}),
    sourceIPs: facts.sourceIPs ?? sourceIPs(req),
    ...(req.headers['user-agent'] ? { userAgent: req.headers['user-agent'] } : {}),
    ...(ref ? { objectRef: ref } : {}),
    ...(moment.code === undefined ? {} : { responseStatus: isUnproven(facts) ? { metadata: {}, message: proofsTried(req), code: moment.code } : responseStatus(facts.refusal, moment.code) }),
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

/** What it was about; of what was refused before that was looked up, what its path says. */
function askedFor(req: IncomingMessage, { method, route, created }: RequestFacts): { verb: string; ref?: object } {
  if (route?.type === 'path') return { verb: method.toLowerCase() }
  if (route) return { verb: route.verb, ref: objectRef({ ...route, group: route.kind.group, version: route.kind.version, resource: route.kind.plural, name: route.name ?? created }) }
  const asked = askedOf(method, req.url ?? '/')
  return 'path' in asked ? { verb: asked.verb } : { verb: asked.verb, ref: objectRef(asked) }
}

type About = Pick<Exclude<Attributes, { path: string }>, 'group' | 'version' | 'resource' | 'namespace' | 'name' | 'subresource'>

const objectRef = ({ group, version, resource, namespace, name, subresource }: About): object => ({
  resource,
  ...(namespace ? { namespace } : {}),
  ...(name ? { name } : {}),
  ...(group ? { apiGroup: group } : {}),
  apiVersion: version,
  ...(subresource ? { subresource } : {}),
})

/** Nobody knows who asked, and so it was refused. */
export const isUnproven = ({ user, refusal }: RequestFacts): boolean => !user && refusal?.code === 401

function proofsTried({ headers: { authorization = '' }, url = '' }: IncomingMessage): string {
  const tried = [...(/^basic /i.test(authorization) ? ['basic'] : []), ...(/^bearer( |$)/i.test(authorization.trim()) ? ['bearer'] : []), ...(queryOf(url).get('access_token') ? ['access_token'] : [])]
  return tried.length > 0 ? `Authentication failed, attempted: ${tried.join(', ')}` : 'Authentication failed, no credentials provided'
}

function responseStatus(refusal: Status | undefined, code: number): object {
  if (!refusal) return { metadata: {}, code }
  const { status, message, reason, details } = refusal
  return { metadata: {}, status, message, reason, ...(details ? { details } : {}), code: refusal.code }
}

/** As kube-apiserver's: what proxies say the way was, which a client can make up, and last whoever connected. */
export function sourceIPs(req: IncomingMessage): string[] {
  const told = [...String(req.headers['x-forwarded-for'] ?? '').split(','), String(req.headers['x-real-ip'] ?? '')]
  const remote = (req.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return [...new Set([...told.map((ip) => ip.trim()), remote].filter((ip) => isIP(ip) !== 0))]
}
