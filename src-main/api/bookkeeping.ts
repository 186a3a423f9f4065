import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { counter, Counters, type Family } from '../base/metric-families.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { AccessMetrics } from './access-metrics.ts'
import { auditEvent, isUnproven, sourceIPs } from './audit-event.ts'
import type { AuditLog } from './audit.ts'
import { ImpersonationMetrics } from './auth/impersonation-metrics.ts'
import { anonymousUser, type Authenticate } from './authn.ts'
import type { Authorize } from './authz.ts'
import { allowedMs, requestDeadlineMs, startDeadline } from './deadline.ts'
import { FilterMetrics } from './filter-metrics.ts'
import type { FlowControl } from './flow-control/flow-control.ts'
import { RequestMetrics } from './metrics.ts'
import { beginFacts, isLongRunning, isReadOnly, isWatch, type RequestFacts } from './request-facts.ts'
import type { PathRoute, ResourceRoute } from './route.ts'

export interface BookkeepingDependencies {
  readonly clock: Clock
  readonly log: Logger
  readonly audit?: AuditLog
  readonly flowControl: FlowControl
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  /** The most that an ordinary request may take; a minute unless said. */
  readonly deadlineMs?: number
}

/** What is done about every request besides answering it: limits, a deadline, metrics, the audit log. */
export class Bookkeeping {
  readonly #deps: BookkeepingDependencies
  /** Who asks, and what they may. */
  readonly access: AccessMetrics
  readonly #filters = new FilterMetrics()
  /** And who acts as somebody else. */
  readonly impersonation = new ImpersonationMetrics(this.#filters)
  readonly #metrics = new RequestMetrics()
  readonly #lateEnds = new Counters('apiserver_request_post_timeout_total', 'Tracks the activity of the request handlers after the associated requests have been timed out by the apiserver')
  readonly #cutOff = new Counters('apiserver_terminated_watchers_total', 'Counter of watchers closed due to unresponsiveness broken by resource type.')
  /** The answers and connections that have no end of their own. */
  readonly #long = new Set<ServerResponse | Duplex>()
  #failedHandshakes = 0

  constructor(deps: BookkeepingDependencies) {
    this.#deps = deps
    this.access = new AccessMetrics(deps, this.#filters)
  }

  /** Call it before anything else is done about a request; it is counted when its answer, or its connection, ends. */
  begin(req: IncomingMessage, res: ServerResponse): RequestFacts {
    const facts = beginFacts(req.method, req.headers['content-type'])
    const audit = this.#audited(req, facts, res)
    res.on('close', () => {
      const code = res.headersSent ? res.statusCode : 0
      this.#metrics.ended(facts, code, res, req.headers['content-length'])
      audit?.(code)
    })
    return facts
  }

  /** The same for an upgrade, with the code that it ended with: 101 unless it was refused. */
  beginUpgrade(req: IncomingMessage, socket: Duplex): RequestFacts {
    const facts = beginFacts(req.method)
    const audit = this.#audited(req, facts)
    socket.on('close', () => {
      const code = facts.terminated ?? facts.refusal?.code ?? 101
      this.#metrics.ended(facts, code)
      audit?.(code)
    })
    return facts
  }

  /**
   * The request is one that may be answered: it takes its seat, and its time begins. A promise when it has to wait for
   * its turn.
   *
   * @throws Shed (or rejects with it) when there are too many, StatusError 400 for a timeout that is none
   */
  admit(facts: RequestFacts, req: IncomingMessage, res: ServerResponse): Promise<unknown> | undefined {
    const { route } = facts
    if (!route) return undefined
    if (isLongRunning(route)) return this.runsLong(facts, req, res)
    const ms = allowedMs(route.query, this.#deps.deadlineMs ?? requestDeadlineMs)
    const began = performance.now()
    facts.until = began + ms
    startDeadline(req, res, facts, ms, this.#deps)
    const turn = this.#seat(facts, route, res, ms / 4)
    const taken = (): void => this.#filters.observe('priorityandfairness', (performance.now() - began) / 1000)
    if (!(turn instanceof Promise)) return void taken()
    const waits = performance.now()
    return turn.then(() => {
      facts.waitedMs = performance.now() - waits
      taken()
    })
  }

  /** The same for one that has no deadline. As in Kubernetes only a watch needs a seat, and only until it has begun. */
  runsLong(facts: RequestFacts, req: IncomingMessage, until: ServerResponse | Duplex): Promise<unknown> | undefined {
    const ended = this.#metrics.running(facts)
    this.#long.add(until)
    until.on('close', () => {
      this.#long.delete(until)
      ended()
    })
    this.#deps.audit?.write(auditEvent(req, facts, { ...this.#moment(facts), stage: 'RequestReceived' }))
    const { route } = facts
    if (!route || !isWatch(route)) return undefined
    const turn = this.#seat(facts, route, until)
    if (turn instanceof Promise) return turn.then((leave) => (facts.leaveSeat = leave))
    facts.leaveSeat = turn
    return undefined
  }

  /** Ends every watch, log and stream. */
  endLongRunning(): void {
    for (const each of this.#long) each.destroy()
  }

  /** The answer to a watch has begun. */
  begun(facts: RequestFacts, req: IncomingMessage, code: number): void {
    facts.leaveSeat?.()
    this.#deps.audit?.write(auditEvent(req, facts, { ...this.#moment(facts), stage: 'ResponseStarted', code }))
  }

  #seat({ method, user = anonymousUser, impersonated }: RequestFacts, route: ResourceRoute | PathRoute, until: ServerResponse | Duplex, patienceMs?: number) {
    return this.#deps.flowControl.admit(route, method, impersonated?.user ?? user, until, patienceMs)
  }

  /** A watcher of this kind has been sent an event. */
  readonly watchEvent = (kind: AnyKind, bytes: number): void => this.#metrics.watchEvent(kind, bytes)

  /** A streaming list has told what there was. */
  readonly watchListed = (route: ResourceRoute, seconds: number): void => this.#metrics.watchListed(route, seconds)

  /** A watcher of this kind did not read, and was cut off. */
  readonly watchCutOff = ({ group, plural }: AnyKind): void => this.#cutOff.add({ group, resource: plural })

  /** What was done about a request has come to its end; it is told of those that were answered before, when their time was over. */
  done({ terminated, route, method }: RequestFacts, status: 'ok' | 'error'): void {
    if (terminated !== 504 || !route) return
    this.#lateEnds.add({ source: isReadOnly(route, method) ? 'timeout-handler' : 'rest-handler', status })
  }

  /** Somebody connected who does not speak TLS, or not ours. */
  handshakeFailed(): void {
    this.#failedHandshakes++
  }

  families(): Family[] {
    return [
      ...this.#metrics.families(), ...this.access.families(), ...this.impersonation.families(), ...this.#filters.families(), this.#lateEnds.family(), this.#cutOff.family(), ...this.#deps.flowControl.families(), ...(this.#deps.audit?.families() ?? []),
      counter('apiserver_tls_handshake_errors_total', "Number of requests dropped with 'TLS handshake error from' error", this.#failedHandshakes),
    ]
  }

  #audited(req: IncomingMessage, facts: RequestFacts, res?: ServerResponse): ((code: number) => void) | undefined {
    const said = req.headers['audit-id']
    facts.auditId = typeof said === 'string' && said !== '' ? said : randomUUID()
    res?.setHeader('Audit-Id', facts.auditId)
    const { audit } = this.#deps
    if (!audit) return undefined
    audit.begin()
    // a connection that has ended does not know any more
    facts.sourceIPs = sourceIPs(req)
    facts.annotations = Object.create(null) as Record<string, string>
    return (code) => audit.write(auditEvent(req, facts, { ...this.#moment(facts), stage: isUnproven(facts) ? 'ResponseStarted' : 'ResponseComplete', code }))
  }

  #moment(facts: RequestFacts) {
    const nowMs = this.#deps.clock.now()
    return { auditID: facts.auditId ?? '', nowMs, receivedMs: nowMs - (performance.now() - facts.began) }
  }
}
