import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { auditEvent } from './audit-event.ts'
import type { AuditLog } from './audit.ts'
import { anonymousUser } from './authn.ts'
import { allowedMs, requestDeadlineMs, startDeadline } from './deadline.ts'
import type { Family } from './exposition.ts'
import { InFlight, type InFlightLimits } from './in-flight.ts'
import { RequestMetrics } from './metrics.ts'
import { beginFacts, isLongRunning, isProbe, isReadOnly, type RequestFacts } from './request-facts.ts'
import { inFlightMetrics } from './server-metrics.ts'
import type { Verbs } from './verbs.ts'

export interface BookkeepingDependencies {
  readonly clock: Clock
  readonly log: Logger
  readonly audit?: AuditLog
  /** 200 and 400 unless said. */
  readonly inFlight?: InFlightLimits
  /** The most that an ordinary request may take; a minute unless said. */
  readonly deadlineMs?: number
}

/** What is done about every request besides answering it: limits, a deadline, metrics, the audit log. */
export class Bookkeeping {
  readonly #deps: BookkeepingDependencies
  readonly #metrics = new RequestMetrics()
  readonly #inFlight: InFlight

  constructor(deps: BookkeepingDependencies) {
    this.#deps = deps
    this.#inFlight = new InFlight(deps.inFlight)
  }

  /** Call it before anything else is done about a request; it is counted when its answer, or its connection, ends. */
  begin(req: IncomingMessage, res: ServerResponse): RequestFacts {
    const facts = beginFacts(req.method)
    const audit = this.#audited(req, facts, res)
    res.on('close', () => {
      const code = res.headersSent ? res.statusCode : 0
      this.#metrics.ended(facts, code)
      audit?.(code)
    })
    return facts
  }

  /** The same for an upgrade, with the code that it ended with: 101 unless it was refused. */
  beginUpgrade(req: IncomingMessage, socket: Duplex): RequestFacts {
    const facts = beginFacts(req.method)
    const audit = this.#audited(req, facts)
    socket.on('close', () => {
      const code = facts.refusal?.code ?? 101
      this.#metrics.ended(facts, code)
      audit?.(code)
    })
    return facts
  }

  /**
   * The request is one that may be answered: it takes its place, and its time begins.
   *
   * @throws StatusError 429 when there are too many, 400 for a timeout that is none
   */
  admit(facts: RequestFacts, req: IncomingMessage, res: ServerResponse): void {
    const { route, method, user = anonymousUser, actingAs } = facts
    if (!route) return
    if (isLongRunning(route)) return this.runsLong(facts, req, res)
    if (isProbe(route)) return
    const ms = allowedMs(route.query, this.#deps.deadlineMs ?? requestDeadlineMs)
    res.on('close', this.#inFlight.enter(isReadOnly(route, method) ? 'readOnly' : 'mutating', actingAs ?? user))
    startDeadline(req, res, ms, this.#deps)
  }

  runsLong(facts: RequestFacts, req: IncomingMessage, until: ServerResponse | Duplex): void {
    until.on('close', this.#metrics.running(facts))
    this.#deps.audit?.write(auditEvent(req, facts, { ...this.#moment(facts), stage: 'RequestReceived' }))
  }

  /** The same verbs, counting what watchers are told. */
  counted(verbs: Verbs): Verbs {
    const watch: Verbs['watch'] = (kind, request, tell) =>
      verbs.watch(kind, request, (told) => {
        this.#metrics.watchEvent(kind)
        tell(told)
      })
    return { ...verbs, watch }
  }

  families(): Family[] {
    return [...this.#metrics.families(), inFlightMetrics(this.#inFlight), ...(this.#deps.audit?.families() ?? [])]
  }

  #audited(req: IncomingMessage, facts: RequestFacts, res?: ServerResponse): ((code: number) => void) | undefined {
    const { audit } = this.#deps
    if (!audit) return undefined
    facts.auditId = randomUUID()
    res?.setHeader('Audit-Id', facts.auditId)
    return (code) => audit.write(auditEvent(req, facts, { ...this.#moment(facts), stage: 'ResponseComplete', code }))
  }

  #moment(facts: RequestFacts) {
    const nowMs = this.#deps.clock.now()
    return { auditID: facts.auditId ?? '', nowMs, receivedMs: nowMs - (performance.now() - facts.began) }
  }
}
