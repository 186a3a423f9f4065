import type { IncomingMessage, ServerResponse } from 'node:http'

/** Go's rstAvoidanceDelay: how long who is answered early may go on sending. */
const graceMs = 500

/** Says that the connection ends with this answer when its body was not read: what is left of it would be taken for the next request. */
export function closeUnread(req: IncomingMessage, res: ServerResponse): void {
  if (!req.complete) res.setHeader('Connection', 'close')
}

/** Whether the answer goes out while its request still comes in. */
export const isUnread = (req: IncomingMessage, res: ServerResponse): boolean => !req.complete && res.getHeader('Connection') === 'close'

/**
 * Sends the last of an answer and ends it when the client is done sending, or after the grace: the system drops an answer
 * on its way to a client that still sends into a closed connection, and the client sees a broken pipe instead.
 */
export function endUnread(req: IncomingMessage, res: ServerResponse, last: Buffer, waitMs = graceMs): void {
  res.write(last)
  const end = (): void => {
    clearTimeout(timer)
    req.off('end', end).off('close', end)
    if (!res.destroyed) res.end()
  }
  const timer = setTimeout(end, waitMs)
  req.on('end', end).on('close', end).resume()
}
