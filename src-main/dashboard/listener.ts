import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { listenNear } from '../api/listen.ts'
import type { ApiServer } from '../api/server.ts'
import { refuseUpgrade } from '../api/upgrade.ts'
import type { User } from '../api/verbs.ts'
import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import { badRequest, type StatusError, unauthorized } from '../kinds/status-error.ts'
import { Sessions } from './sessions.ts'
import { sendFile, staticFile } from './static-files.ts'

export interface DashboardDependencies {
  /** A busy one is replaced by the next free one; 0 takes any. */
  readonly port: number
  /** 127.0.0.1 unless said. */
  readonly host?: string
  /** Folder of the built renderer. */
  readonly rendererDir: string
  readonly api: Pick<ApiServer, 'handle' | 'upgrade'>
  /** Whom everybody who signed in acts as. */
  readonly user: User
  readonly clock: Clock
  readonly log: Logger
  /** What the window says about the cluster as a whole. */
  facts(): DashboardFacts
  /** Tells a person without a valid link how to get one. */
  readonly signIn?: string
}

export interface DashboardFacts {
  /** Plain sentences a person must see. */
  readonly notices: readonly string[]
  readonly version: string
  readonly kubernetes: string
  /** `docker 28.2.2` or `simulated`. */
  readonly runtime: string
}

export interface Dashboard {
  readonly port: number
  /** Works once, however late: a person may come back to the terminal after lunch, and who reads it owns the cluster anyway. */
  readonly url: string
  /** A link for one more window or browser; works once, within 10 minutes. */
  signInUrl(): string
  close(): Promise<void>
}

const forwarded = /^\/(api|apis|version|openapi|healthz|livez|readyz)(\/|$)/

/** What a workload answers through the API is never a page of this origin. */
const apiPolicy = "sandbox; default-src 'none'; frame-ancestors 'none'"

/** Serves the window's page over plain HTTP on loopback, and the API under the signed-in user's identity. */
export async function startDashboard(deps: DashboardDependencies): Promise<Dashboard> {
  const { api, user, log } = deps
  const host = deps.host ?? '127.0.0.1'
  const sessions = new Sessions(deps.clock)
  const sockets = new Set<Duplex>()
  let port = deps.port

  const signedIn = (req: IncomingMessage): boolean => {
    // cookies do not know ports: two clusters on one machine must not sign each other out
    const cookie = new RegExp(`(?:^|;\\s*)${cookieName(port)}=([^;]+)`).exec(req.headers.cookie ?? '')
    return cookie?.[1] !== undefined && sessions.has(cookie[1])
  }

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    res.setHeader('X-Content-Type-Options', 'nosniff').setHeader('X-Frame-Options', 'DENY').setHeader('Referrer-Policy', 'no-referrer')
    const refusal = foreign(req, port, host)
    if (refusal) return sendText(res, 403, refusal)
    const url = new URL(req.url ?? '/', 'http://dashboard')
    if (forwarded.test(url.pathname)) {
      res.setHeader('Content-Security-Policy', apiPolicy)
      if (!signedIn(req)) return sendStatus(res, unauthorized())
      return api.handle(req, res, user)
    }
    if (req.method !== 'GET' && req.method !== 'HEAD') return sendText(res, 405, 'This path can only be read.')
    if (url.pathname === '/wheelhouse/notices') return signedIn(req) ? sendJson(res, 200, deps.facts()) : sendStatus(res, unauthorized())
    const token = url.searchParams.get('token')
    if (token !== null) return exchangeToken(req, res, token)
    const file = await staticFile(deps.rendererDir, url.pathname)
    if (!file) return sendText(res, 404, 'There is no such file.')
    if (file.headers['Content-Type']?.startsWith('text/html') && !signedIn(req)) return sendText(res, 401, signInHelp(deps.signIn))
    return sendFile(res, file, req.method === 'GET')
  }

  function exchangeToken(req: IncomingMessage, res: ServerResponse, token: string): void {
    const known = signedIn(req)
    const secret = known ? undefined : sessions.exchange(token)
    if (!known && secret === undefined) return sendText(res, 401, signInHelp(deps.signIn))
    if (secret !== undefined) res.setHeader('Set-Cookie', `${cookieName(port)}=${secret}; Path=/; HttpOnly; SameSite=Strict`)
    res.writeHead(303, { Location: '/', 'Cache-Control': 'no-store' }).end()
  }

  const server = createServer({ shouldUpgradeCallback: (req) => /^websocket$/i.test(req.headers.upgrade ?? '') })
  server.on('request', (req, res) => {
    answer(req, res).catch((error: unknown) => {
      log.error('dashboard request failed', { error: errorMessage(error) })
      if (res.headersSent) res.destroy()
      else sendText(res, 500, 'Something went wrong here; the log says what.')
    })
  })
  server.on('upgrade', (req, socket, head) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)))
    socket.on('error', () => socket.destroy())
    const path = (req.url ?? '').split('?')[0]!
    const refusal = foreign(req, port, host) ?? (forwarded.test(path) ? undefined : 'this path cannot be upgraded')
    if (refusal) refuseUpgrade(socket, { ...badRequest(refusal).status, code: 403, reason: 'Forbidden' })
    else if (!signedIn(req)) refuseUpgrade(socket, unauthorized().status)
    else void api.upgrade(req, socket, head, user)
  })

  port = await listenNear(server, deps.port, host)
  const origin = `http://${host}:${port}`
  const link = (lasting: boolean) => `${origin}/?token=${sessions.issue(lasting)}`
  return {
    port,
    url: link(true),
    signInUrl: () => link(false),
    close: async () => {
      for (const socket of sockets) socket.destroy()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

const cookieName = (port: number): string => `wheelhouse-${port}`

/** Why a request comes from somewhere else than our own page: a rebound name, or another site. */
function foreign(req: IncomingMessage, port: number, host: string): string | undefined {
  const own = [...new Set([host, '127.0.0.1', 'localhost', '[::1]'])].map((name) => `${name}:${port}`)
  const asked = req.headers.host ?? ''
  if (!own.includes(asked)) return `The dashboard does not answer to the name ${JSON.stringify(asked)}; open http://${own[0]}.`
  const { origin } = req.headers
  const needed = req.headers.upgrade !== undefined || (req.method !== 'GET' && req.method !== 'HEAD')
  if (origin === undefined) return needed ? 'This request must come from the dashboard\'s own page.' : undefined
  return origin === `http://${asked}` ? undefined : 'This request comes from another page than the dashboard\'s own.'
}

const signInHelp = (how = 'Restart Wheelhouse to get a new one, or open it from its window.'): string =>
  `You are not signed in: the sign-in link is missing, was used already, or is older than 10 minutes. ${how}`

function sendText(res: ServerResponse, code: number, text: string): void {
  const body = Buffer.from(`${text}\n`)
  res.writeHead(code, {
    'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length, 'Cache-Control': 'no-store', 'Content-Security-Policy': apiPolicy,
    ...(res.req.complete ? {} : { Connection: 'close' }),
  })
  res.end(body)
}

const sendStatus = (res: ServerResponse, { status }: StatusError): void => sendJson(res, status.code ?? 500, status)

function sendJson(res: ServerResponse, code: number, value: object): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`)
  res.writeHead(code, { 'Content-Type': 'application/json', 'Content-Length': body.length, 'Cache-Control': 'no-store' })
  res.end(body)
}
