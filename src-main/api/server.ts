import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Duplex } from 'node:stream'
import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Family } from '../base/metric-families.ts'
import type { Version } from '../base/version.ts'
import type { AnyKind } from '../kinds/kind.ts'
import type { Kinds } from '../kinds/kinds.ts'
import { lookup } from '../kinds/lookup.ts'
import { badRequest, methodNotAllowed, pathNotFound, StatusError, unauthorized } from '../kinds/status-error.ts'
import type { Aggregation } from './aggregation/aggregation.ts'
import { isForwarded } from './aggregation/route.ts'
import { askedOf } from './asked.ts'
import { Impersonation } from './auth/impersonation.ts'
import type { AuditLog } from './audit.ts'
import { type Authenticate, dropTokenProtocol } from './authn.ts'
import { attributesOf, type Authorize, denied } from './authz.ts'
import { Bookkeeping } from './bookkeeping.ts'
import { admittedConnection } from './connect.ts'
import { whole } from './codec-json.ts'
import { discover, type Document } from './discovery.ts'
import { sendTagged } from './etag.ts'
import { exposition, expositionType } from './exposition.ts'
import { type Check, Health } from './health.ts'
import type { FlowControl } from './flow-control/flow-control.ts'
import { Shed } from './flow-control/shed.ts'
import { LargeRequests } from './large-requests.ts'
import { listenNear } from './listen.ts'
import { answerMalformed } from './malformed.ts'
import type { NodeConnection } from './node-connection.ts'
import { formsOf } from './forms.ts'
import { createOpenApi } from './openapi.ts'
import type { RequestFacts } from './request-facts.ts'
import { serveResource } from './resource-request.ts'
import { isNobodys, isPathNotFound, sendNoPage } from './no-page.ts'
import { exchange, send, sendError, statusOf, setWarnings } from './respond.ts'
import { parseRoute, type PathRoute, type ResourceRoute } from './route.ts'
import { processMetrics, processStart } from './server-metrics.ts'
import { upgradeAttach, upgradeExec } from './subresources/exec.ts'
import { serveLog } from './subresources/log.ts'
import { upgradeLog } from './subresources/log-websocket.ts'
import { serveNodeProxy } from './subresources/node-proxy.ts'
import { assertOpenable } from './subresources/pod-target.ts'
import { upgradePortForward } from './subresources/portforward.ts'
import { serveProxy, upgradeProxy } from './subresources/proxy.ts'
import { isSpdy, isWebSocket, refuseUpgrade } from './upgrade.ts'
import type { User, Verbs } from './verbs.ts'
import { upgradeWatch, type WatchDependencies } from './watch-request.ts'

export interface ApiServerDependencies {
  readonly verbs: Verbs
  /** Everything that is served, computed kinds too. */
  readonly kinds: Kinds
  readonly node: (nodeName: string) => NodeConnection | undefined
  /** Connects to a Service through its balancer. Without it `services/proxy` answers 503. */
  readonly dialService?: (namespace: string, service: string, port: number) => Promise<Duplex>
  /** PEM. Clients' certificates are verified against `ca`. */
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string }
  readonly authenticate: Authenticate
  readonly authorize: Authorize
  /** Further documents by their path: the keys of service account tokens. */
  readonly document?: (path: string) => Document | undefined
  /** For /healthz, /livez and /readyz, besides `ping`. */
  readonly checks?: readonly Check[]
  /** For /metrics, besides what the server knows of its requests and of the process. */
  readonly metrics?: () => Family[]
  readonly audit?: AuditLog
  /** Who is answered now, who waits, who is refused. */
  readonly flowControl: FlowControl
  /** Extension API servers behind this one. */
  readonly aggregation?: Aggregation
  /** The most that a request may take which does not run long by nature; a minute unless said. */
  readonly deadlineMs?: number
  readonly clock: Clock
  readonly log: Logger
  readonly version: Version
}

export interface ApiServer {
  /** Listens on the address, 127.0.0.1 unless said, besides earlier ones; resolves with the port, the next free one when it is busy. */
  listen(port: number, host?: string): Promise<number>
  /** Answers one request. With a user it has been authenticated already. Never rejects. */
  handle(req: IncomingMessage, res: ServerResponse, user?: User): Promise<void>
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, user?: User): Promise<void>
  /** Takes no new request, ends watches and streams, and lets other requests have their answer, for a few seconds at most. */
  close(): Promise<void>
}

const headersTimeoutMs = 15_000
/** How often those who are too slow are looked for. */
const timeoutCheckMs = 5000
/** For a whole request with its body to arrive. */
const requestTimeoutMs = 60_000
/** How long requests in flight may still take once the server closes, and how often it looks whether they are done. */
const drainMs = 5000
const drainSweepMs = 20
/** Longer than clients keep a connection that they do not use, so that none is closed under a request. */
const keepAliveMs = 120_000

/** The only door to the store: HTTPS with HTTP/1.1, which was faster for lists and watches than HTTP/2. */
export function createApiServer(deps: ApiServerDependencies): ApiServer {
  const { log } = deps
  const { kinds } = deps
  const books = new Bookkeeping(deps)
  const { access } = books
  const watched = { ...deps, largeRequests: new LargeRequests(), sent: books.watchEvent, listed: books.watchListed, cutOff: books.watchCutOff }
  const documents = documentsOf(deps, books)
  const sockets = new Set<Duplex>()
  const impersonation = new Impersonation(deps.authorize, books.impersonation)

  /** Who may do what is asked; throws the StatusError otherwise. */
  function admit(req: IncomingMessage, user: User | undefined, facts: RequestFacts): { route: ResourceRoute | PathRoute; user: User } {
    const url = req.url ?? '/'
    if (!url.startsWith('/')) throw badRequest('the request must name a path')
    const method = req.method ?? 'GET'
    const asks = user ?? access.authenticate(req)
    if (!asks) throw unauthorized()
    facts.user = asks
    facts.impersonated = impersonation.of(req, asks, () => askedOf(method, url))
    const who = facts.impersonated?.user ?? asks
    const route = (facts.route = deps.aggregation?.route(method, url) ?? routeOf(method, url, who))
    const attributes = attributesOf(route, method)
    const { allowed, reason } = (facts.decision = access.authorize(who, attributes))
    if (!allowed) throw denied(who, attributes, reason)
    return { route, user: who }
  }

  /** Whether there is such a path is told to those alone who might have what is there. */
  function routeOf(method: string, url: string, who: User): ResourceRoute | PathRoute {
    try {
      return parseRoute(method, url, kinds)
    } catch (error) {
      const asked = askedOf(method, url)
      const { allowed, reason } = access.authorize(who, asked)
      throw allowed ? error : denied(who, asked, reason)
    }
  }

  async function handle(req: IncomingMessage, res: ServerResponse, user?: User): Promise<void> {
    const facts = books.begin(req, res)
    const warnings: string[] = []
    let end: 'ok' | 'error' = 'ok'
    try {
      const admitted = admit(req, user, facts)
      const { route } = admitted
      const turn = books.admit(facts, req, res)
      if (turn) await turn
      if (isForwarded(route)) {
        facts.leaveSeat?.()
        return await deps.aggregation?.serve(route, req, res, admitted.user)
      }
      if (route.type === 'path') return await documents(route, req, res)
      switch (route.subresource) {
        case 'log':
          return await serveLog(route, req, res, deps)
        case 'proxy':
          await admittedConnection(route, admitted.user, facts, deps.verbs, warnings)
          setWarnings(res, warnings)
          if (route.kind.plural === 'nodes') return await serveNodeProxy(route, req, res, deps)
          return await serveProxy(route, req, res, deps, user !== undefined)
        case 'exec':
        case 'attach':
        case 'portforward':
          await admittedConnection(route, admitted.user, facts, deps.verbs, warnings)
          await assertOpenable(route, deps)
          throw badRequest('Upgrade request required')
      }
      await serveResource(route, { ...exchange(req, res, formsOf(route)), warnings, audit: facts.annotations, created: facts.annotations && ((name) => (facts.created = name)), until: facts.until, waits: facts }, admitted.user,
        { ...watched, begun: facts.leaveSeat && (() => books.begun(facts, req, 200)) })
    } catch (error) {
      end = 'error'
      if (res.writableEnded) return log.debug('answered at its deadline already', { url: req.url, error: errorMessage(error) })
      if (error instanceof Shed) {
        facts.terminated = error.code
        return error.answer(req, res)
      }
      facts.refusal = statusOf(error, log)
      if (isPathNotFound(facts.refusal) && isNobodys(req.url ?? '/', kinds.all)) return sendNoPage(req, res)
      await sendError(req, res, new StatusError(facts.refusal), log, warnings)
    } finally {
      books.done(facts, end)
    }
  }

  async function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer, user?: User): Promise<void> {
    sockets.add(socket.on('close', () => sockets.delete(socket)))
    socket.on('error', () => socket.destroy())
    const facts = books.beginUpgrade(req, socket)
    let begun = false
    try {
      const { route, user: who } = admit(req, user, facts)
      dropTokenProtocol(req)
      const { aggregation } = deps
      const open = aggregation && isForwarded(route) ? () => aggregation.upgrade(route, req, socket, head, who) : route.type === 'resource' ? upgraderOf(route, req) : undefined
      if (!open || route.type !== 'resource') throw badRequest('this path cannot be upgraded')
      const bytesBefore = bytesWritten(socket)
      const turn = books.runsLong(facts, req, socket)
      if (turn) await turn
      const connection = isForwarded(route) ? route : await admittedConnection(route, who, facts, deps.verbs)
      await open(connection, req, socket, head, { ...watched, begun: facts.leaveSeat && (() => books.begun(facts, req, 101)) }).catch((error: unknown) => {
        begun = bytesWritten(socket) !== bytesBefore
        throw error
      })
    } catch (error) {
      if (error instanceof Shed) {
        facts.terminated = error.code
        return error.answerUpgrade(socket)
      }
      const status = statusOf(error, log)
      if (!begun) facts.refusal = status
      if (begun) socket.destroy()
      else refuseUpgrade(socket, status)
    }
  }

  const options: ServerOptions = {
    ...deps.tls,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: timeoutCheckMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    // a client that would like h2c or anything else is answered as if it had not asked
    shouldUpgradeCallback: (req) => isWebSocket(req) || isSpdy(req),
  }
  const servers: Server[] = []

  return {
    handle,
    upgrade,
    async listen(port, host = '127.0.0.1') {
      const server = createServer(options)
      server.on('request', (req, res) => void handle(req, res))
      server.on('upgrade', (req, socket, head) => void upgrade(req, socket, head))
      server.on('clientError', answerMalformed)
      server.on('tlsClientError', (error) => {
        books.handshakeFailed()
        log.debug('TLS handshake failed', { error: error.message })
      })
      servers.push(server)
      return listenNear(server, port, host)
    },
    close: async () => {
      const closed = Promise.all(servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))))
      books.endLongRunning()
      for (const socket of sockets) socket.destroy()
      // a connection is kept after its answer, so those that have had theirs are looked for
      const sweep = setInterval(() => servers.forEach((server) => server.closeIdleConnections()), drainSweepMs)
      const impatience = setTimeout(() => servers.forEach((server) => server.closeAllConnections()), drainMs)
      await closed
      clearInterval(sweep)
      clearTimeout(impatience)
    },
  }
}

type Upgrader = (route: ResourceRoute, req: IncomingMessage, socket: Duplex, head: Buffer, deps: ApiServerDependencies & WatchDependencies) => Promise<void>
const upgraders: Readonly<Record<string, Upgrader>> = {
  exec: upgradeExec, attach: upgradeAttach, portforward: upgradePortForward, proxy: upgradeProxy,
}

function upgraderOf(route: ResourceRoute, req: IncomingMessage): Upgrader | undefined {
  if (route.verb === 'watch') return isWebSocket(req) ? upgradeWatch : undefined
  if (route.subresource === 'log') return isWebSocket(req) ? upgradeLog : undefined
  // what a kubelet runs for others, it runs through the pod's own subresources
  return route.subresource === undefined || route.kind.plural === 'nodes' ? undefined : lookup(upgraders, route.subresource)
}

const bytesWritten = (socket: Duplex): number => (socket as Duplex & { bytesWritten?: number }).bytesWritten ?? 0

/** What stands at paths that are about no object. */
function documentsOf(deps: ApiServerDependencies, books: Bookkeeping) {
  const { kinds } = deps
  const health = new Health(deps)
  const openApi = createOpenApi(kinds, deps.version.gitVersion, deps.aggregation?.specs)
  const platform = `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`
  const { app: _app, ...release } = deps.version
  // the fields are Go's; what runs here is Node
  const version = { ...release, gitTreeState: 'clean', goVersion: `node${process.versions.node}`, compiler: 'v8', platform }
  return async ({ path, query }: PathRoute, req: IncomingMessage, res: ServerResponse): Promise<void> => {
    if (await health.serve(path, query, req, res)) return
    // some of these Kubernetes answers whatever the method
    const toBeRead = <T>(found: T): T => {
      if (found && req.method !== 'GET' && req.method !== 'HEAD') throw methodNotAllowed()
      return found
    }
    const metrics = (families: readonly Family[]) => send(req, res, 200, expositionType, Buffer.from(exposition(families)))
    if (path === '/metrics') return metrics([...books.families(), ...(await processMetrics(version)), ...(deps.metrics?.() ?? [])])
    if (path === '/metrics/slis') return metrics([...health.families(), processStart()])
    // these two are JSON, whatever the client accepts
    const plainJson = (value: object) => send(req, res, 200, 'application/json', Buffer.from(`${JSON.stringify(value, null, 2)}\n`))
    if (toBeRead(path === '/version' || path === '/version/')) return plainJson(version)
    if (path === '/') return plainJson({ paths: pathsOf(kinds.all, health.paths) })
    const document = toBeRead(deps.document?.(path))
    if (document) return sendTagged(req, res.setHeader('Cache-Control', 'public, max-age=3600'), document.type, Buffer.from(`${JSON.stringify(document.body)}\n`))
    const found = discover(path, kinds.all, req.headers.accept, req.headers.host ?? '127.0.0.1', deps.aggregation)
    if (path !== '/apis' && !isOfCustom(path, kinds.all)) toBeRead(found)
    if (found) return sendTagged(req, res, found.type, whole(await found.bytes))
    if (!(await openApi.serve(path, req, res))) throw pathNotFound()
  }
}

/** Whether a document is about a group of custom resources alone. */
function isOfCustom(path: string, kinds: readonly AnyKind[]): boolean {
  const of = kinds.filter(({ group }) => group !== '' && group === path.split('/')[2])
  return of.length > 0 && of.every(({ custom }) => custom)
}

function pathsOf(kinds: readonly AnyKind[], health: readonly string[]): string[] {
  const groups = kinds.filter(({ group }) => group !== '').flatMap(({ group, apiVersion }) => [`/apis/${group}`, `/apis/${apiVersion}`])
  const others = [...health, '/metrics', '/metrics/slis', '/openapi/v2', '/openapi/v3', '/version'].sort()
  return [...new Set(['/api', '/api/v1', '/apis', ...groups.sort(), ...others])]
}
