import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/log.ts'
import { badRequest, timedOut } from '../kinds/status-error.ts'
import type { RequestFacts } from './request-facts.ts'
import { sendError } from './respond.ts'

/** kube-apiserver's --request-timeout. */
export const requestDeadlineMs = 60_000

const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, 'µs': 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/**
 * How long a request may take: what its `timeout` asks for, a Go duration like `30s` or `1m30s`, at most `mostMs`. Pure.
 *
 * @throws StatusError 400 for what is not a duration
 */
export function allowedMs(query: URLSearchParams, mostMs = requestDeadlineMs): number {
  const text = query.get('timeout') ?? ''
  if (text === '' || text === '0') return mostMs
  // no duration is longer, and a text of nothing but digits would be looked at again from each of them
  const span = text.replace(/^[-+]/, '')
  const parts = span.length > 64 ? [] : [...span.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g)]
  if (span === '' || parts.map(([part]) => part).join('') !== span) {
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`)
  }
  const ms = parts.reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0)
  return ms > 0 && !text.startsWith('-') ? Math.min(ms, mostMs) : mostMs
}

/**
 * Answers 504 when nothing has been answered after `ms`, and cuts off an answer that is not taken by then. What the request
 * set in motion goes on, as in Kubernetes: its outcome is unknown to the client.
 */
export function startDeadline(req: IncomingMessage, res: ServerResponse, facts: RequestFacts, ms: number, { clock, log }: { clock: Clock; log: Logger }): void {
  const cancel = clock.after(ms, () => {
    facts.terminated = 504
    if (res.headersSent) {
      facts.aborted = true
      res.destroy()
    } else void sendError(req, res, timedOut(isRead(req) ? 'request did not complete within the allotted timeout' : 'request did not complete within requested timeout - context deadline exceeded'), log)
  })
  res.on('close', cancel)
}

// a write waits in the place where Kubernetes has other words for it
const isRead = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD'
