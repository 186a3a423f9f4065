import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { errorMessage } from '../../base/log.ts'
import type { APIService } from '../../kinds/apiregistration/api-service.ts'
import { conditionOf } from '../../kinds/meta.ts'
import { StatusError, unavailable } from '../../kinds/status-error.ts'
import type { User } from '../verbs.ts'
import { type ExtensionServers, identityHeaders } from './extension-server.ts'

/** Hop by hop, and what proves who the client is: that is told by the X-Remote headers, and by nothing that a client sends. */
const dropped = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|authorization|cookie|expect|host|impersonate-.*|x-remote-.*)$/
const hopByHop = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/

export const isAvailable = ({ status }: Readonly<APIService>): boolean => conditionOf(status?.conditions, 'Available')?.status === 'True'

/** Passes a request on to its extension server as `user`, and the answer back as it comes. */
export async function forward(object: Readonly<APIService>, req: IncomingMessage, res: ServerResponse, user: User, servers: ExtensionServers): Promise<void> {
  if (!isAvailable(object)) return sayUnavailable(res)
  const forwarded = servers.request(object, user, { method: req.method, path: req.url, headers: keptHeaders(req) })
  await relay(forwarded, req, res)
}

/** The aggregator's own words, as plain text. */
function sayUnavailable(res: ServerResponse): void {
  res.writeHead(503, { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff' }).end('service unavailable\n')
}

function relay(forwarded: ClientRequest, req: IncomingMessage, res: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    forwarded.on('error', (error) => {
      if (res.headersSent) res.destroy()
      else if (!res.destroyed) return reject(unreachable(error))
      resolve()
    })
    forwarded.on('response', (answer) => {
      if (res.headersSent) return void answer.resume()
      for (const [name, value] of Object.entries(answer.headers)) if (value !== undefined && !hopByHop.test(name)) res.setHeader(name, value)
      res.writeHead(answer.statusCode ?? 502, answer.statusMessage)
      // a watcher is told that its watch stands before anything happens
      res.flushHeaders()
      answer.on('error', () => res.destroy()).on('close', () => answer.complete || res.destroy())
      answer.pipe(res)
    })
    res.on('close', () => {
      forwarded.destroy()
      resolve()
    })
    req.pipe(forwarded)
  })
}

/** Passes an upgraded connection through as it is. */
export async function forwardUpgrade(object: Readonly<APIService>, req: IncomingMessage, socket: Duplex, head: Buffer, user: User, servers: ExtensionServers): Promise<void> {
  if (!isAvailable(object)) throw unavailable('service unavailable')
  const connection = await servers.connect(object).catch((error: unknown) => Promise.reject(unreachable(error)))
  const { service } = object.spec ?? {}
  const headers = { ...keptHeaders(req), ...identityHeaders(user), host: `${service?.name}.${service?.namespace}.svc`, connection: 'Upgrade', upgrade: req.headers.upgrade }
  const lines = [`${req.method} ${req.url} HTTP/1.1`]
  for (const [name, value] of Object.entries(headers)) for (const each of [value ?? []].flat()) lines.push(`${name}: ${headerValue(each)}`)
  connection.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  connection.on('error', () => socket.destroy()).on('close', () => socket.destroy())
  socket.on('error', () => connection.destroy()).on('close', () => connection.destroy())
  connection.pipe(socket)
  socket.pipe(connection)
}

/** One line, whatever a user may be called. */
const headerValue = (text: string): string => text.replace(/[\r\n\0]/g, ' ')

function keptHeaders(req: IncomingMessage): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = { 'X-Forwarded-Uri': req.url ?? '' }
  if (req.headers.host) kept['X-Forwarded-Host'] = req.headers.host
  if (req.socket.remoteAddress) kept['X-Forwarded-For'] = req.socket.remoteAddress
  // what Connection names is between the client and us
  const named = new Set((req.headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  for (const [name, value] of Object.entries(req.headers)) {
    if (value !== undefined && !dropped.test(name) && !named.has(name) && !name.startsWith('x-forwarded-')) kept[name] = value
  }
  return kept
}

const unreachable = (error: unknown): StatusError => (error instanceof StatusError && error.code === 503 ? error : unavailable(`error trying to reach service: ${errorMessage(error)}`))
