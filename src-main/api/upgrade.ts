import { type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Status } from '../kinds/generated/types.ts'

export const isSpdy = (req: IncomingMessage): boolean => /^spdy\/3\.1$/i.test(req.headers.upgrade ?? '')
export const isWebSocket = (req: IncomingMessage): boolean => /^websocket$/i.test(req.headers.upgrade ?? '')

/** Answers an upgrade with an ordinary response that carries a Status, or a line of text instead, and closes the connection. */
export function refuseUpgrade(socket: Duplex, status: Status, sentence?: string): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const code = status.code ?? 500
  const body = Buffer.from(`${sentence ?? JSON.stringify(status)}\n`)
  const form = sentence === undefined ? ['Content-Type: application/json'] : ['Content-Type: text/plain; charset=utf-8', 'X-Content-Type-Options: nosniff']
  const retry = status.details?.retryAfterSeconds
  const head = [
    `HTTP/1.1 ${code} ${STATUS_CODES[code] ?? 'Error'}`,
    'Connection: close', ...form, ...(retry === undefined ? [] : [`Retry-After: ${retry}`]), `Content-Length: ${body.length}`, '', '',
  ]
  socket.end(Buffer.concat([Buffer.from(head.join('\r\n')), body]))
}

/** Switches to SPDY/3.1, saying which of the client's protocols is spoken on top of it. */
export function acceptSpdy(socket: Duplex, head: Buffer, protocol: string | undefined): void {
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: SPDY/3.1']
  if (protocol) lines.push(`X-Stream-Protocol-Version: ${protocol}`)
  if (head.length > 0) socket.unshift(head)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
}

/** The protocols a SPDY client offers, most wanted first. */
export const offeredProtocols = (req: IncomingMessage): string[] =>
  [req.headers['x-stream-protocol-version'] ?? []].flat().flatMap((value) => value.split(',')).map((value) => value.trim()).filter(Boolean)
