import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import type { AnyKind } from '../kinds/kind.ts'
import { AccessMetrics } from './access-metrics.ts'
import { auditEvent } from './audit-event.ts'
import type { AuditLog } from './audit.ts'
import { anonymousUser, type Authenticate } from './authn.ts'
import type { Authorize } from './authz.ts'
import { allowedMs, requestDeadlineMs, startDeadline } from './deadline.ts'
import { counter, type Family } from './exposition.ts'
import type { FlowControl } from './flow-control/flow-control.ts'
import { RequestMetrics } from './metrics.ts'
import { beginFacts, isLongRunning, isWatch, type RequestFacts } from './request-facts.ts'
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

/** What a client may call its request, as Kubernetes takes it. */
const auditIdForm = /^[A-Za-z0-9-]{1,256}$/

/** What is done about every request besides answering it: limits, a deadline, metrics, the audit log. */
export class Bookkeeping {
  readonly #deps: BookkeepingDependencies
  /** Who asks, and what they may. */
  readonly access: AccessMetrics
  readonly #metrics = new RequestMetrics()
  /** The answers and connections that have no end of their own. */
  readonly #long = new Set<ServerResponse | Duplex>()
  #failedHandshakes = 0

  constructor(deps: BookkeepingDependencies) {
    this.#deps = deps
    this.access = new AccessMetrics(deps)
  }

  /** Call it before anything else is done about a request; it is counted when its answer, or its connection, ends. */
  begin(req: IncomingMessage, res: ServerResponse): RequestFacts {
    const facts = beginFacts(req.method, req.headers['content-type'])
    const audit = this.#audited(req, facts, res)
    res.on('close', () => {
      const code = res.headersSent ? res.statusCode : 0
      this.#metrics.ended(facts, code, res)
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
    facts.until = performance.now() + ms
    startDeadline(req, res, facts, ms, this.#deps)
    const turn = this.#seat(facts, route, res, ms / 4)
    if (!(turn instanceof Promise)) return undefined
    const waits = performance.now()
    return turn.then(() => (facts.waitedMs = performance.now() - waits))
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

  /** Somebody connected who does not speak TLS, or not ours. */
  handshakeFailed(): void {
    this.#failedHandshakes++
  }

  families(): Family[] {
    return [
      ...this.#metrics.families(), ...this.access.families(), ...this.#deps.flowControl.families(), ...(this.#deps.audit?.families() ?? []),
      counter('apiserver_tls_handshake_errors_total', "Number of requests dropped with 'TLS handshake error from' error", this.#failedHandshakes),
    ]
  }

  #audited(req: IncomingMessage, facts: RequestFacts, res?: ServerResponse): ((code: number) => void) | undefined {
    const said = req.headers['audit-id']
    facts.auditId = typeof said === 'string' && auditIdForm.test(said) ? said : randomUUID()
    res?.setHeader('Audit-Id', facts.auditId)
    const { audit } = this.#deps
    if (!audit) return undefined
    audit.begin()
    facts.annotations = Object.create(null) as Record<string, string>
    return (code) => audit.write(auditEvent(req, facts, { ...this.#moment(facts), stage: 'ResponseComplete', code }))
  }

  #moment(facts: RequestFacts) {
    const nowMs = this.#deps.clock.now()
    return { auditID: facts.auditId ?? '', nowMs, receivedMs: nowMs - (performance.now() - facts.began) }
  }
}
