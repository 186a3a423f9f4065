import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { errorMessage } from '../../base/log.ts'
import type { Service } from '../../kinds/generated/types.ts'
import type { KubeObject } from '../../kinds/meta.ts'
import { badRequest, StatusError, unavailable } from '../../kinds/status-error.ts'
import type { ResourceRoute } from '../route.ts'
import { type PodDoors, podTarget } from './pod-target.ts'
import { parseProxyName, type ProxyName } from './proxy-name.ts'
import { type Behind, relocated, sendBody } from './proxy-rewrite.ts'

export interface ProxyDoors extends PodDoors {
  /** Through the Service's balancer; rejects when no endpoint answers. */
  readonly dialService?: (namespace: string, service: string, port: number) => Promise<Duplex>
}

/** Hop by hop, and what tells a workload who we are. */
const notForwarded = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade',
  'authorization', 'cookie', 'expect',
])

/**
 * Passes a request on to a pod or a Service and its answer back. `foreign`: the answer is read on an origin that is not
 * the workload's own (the dashboard's), so that it may not set cookies there.
 */
export async function serveProxy(route: ResourceRoute, req: IncomingMessage, res: ServerResponse, doors: ProxyDoors, foreign: boolean): Promise<void> {
  const { tail = '' } = route
  const [path = '', search] = (req.url ?? '').split(/\?(.*)/s)
  if (tail === '' && (req.method === 'GET' || req.method === 'HEAD')) {
    res.writeHead(301, { Location: `${path}/${search === undefined ? '' : `?${search}`}` }).end()
    return
  }
  const { connection, host } = await dial(route, doors)
  const prefix = path.slice(0, path.length - tail.length)
  const forwarded = request({
    // without an agent of its own, the request takes this connection
    createConnection: () => connection, method: req.method, setHost: false,
    path: `${tail || '/'}${search === undefined ? '' : `?${search}`}`,
    headers: { ...forwardedHeaders(req), host },
  })
  await relay(forwarded, req, res, { prefix, hosts: [host, req.headers.host] }, foreign).finally(() => connection.destroy())
}

function relay(forwarded: ClientRequest, req: IncomingMessage, res: ServerResponse, behind: Behind, foreign: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    forwarded.on('error', (error) => {
      if (!res.headersSent) return reject(unreachable(error))
      res.destroy()
      resolve()
    })
    forwarded.on('response', (answer) => {
      for (const [name, value] of Object.entries(answer.headers)) {
        if (value === undefined || notForwarded.has(name) || res.hasHeader(name) || (foreign && name === 'set-cookie')) continue
        res.setHeader(name, name === 'location' ? relocated(String(value), behind) : value)
      }
      // whoever breaks off, the other side learns it
      sendBody(answer, res, behind).catch(() => res.destroy())
    })
    res.on('close', () => {
      forwarded.destroy()
      resolve()
    })
    req.pipe(forwarded)
  })
}

function forwardedHeaders(req: IncomingMessage): Record<string, string | string[] | undefined> {
  const kept = Object.entries(req.headers).filter(([name]) => !notForwarded.has(name))
  return { ...Object.fromEntries(kept), 'x-forwarded-uri': req.url, 'x-forwarded-host': req.headers.host }
}

/** Passes an upgraded connection (a WebSocket) through as it is. */
export async function upgradeProxy(route: ResourceRoute, req: IncomingMessage, socket: Duplex, head: Buffer, doors: ProxyDoors): Promise<void> {
  const { connection, host } = await dial(route, doors)
  const search = (req.url ?? '').split(/\?(.*)/s)[1]
  const lines = [`${req.method} ${route.tail || '/'}${search === undefined ? '' : `?${search}`} HTTP/1.1`]
  const headers = { ...forwardedHeaders(req), host, connection: 'Upgrade', upgrade: req.headers.upgrade }
  for (const [name, value] of Object.entries(headers)) {
    for (const each of [value ?? []].flat()) lines.push(`${name}: ${each}`)
  }
  connection.write(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  connection.on('error', () => socket.destroy()).on('close', () => socket.destroy())
  socket.on('error', () => connection.destroy()).on('close', () => connection.destroy())
  connection.pipe(socket)
  socket.pipe(connection)
}

async function dial(route: ResourceRoute, doors: ProxyDoors): Promise<{ connection: Duplex; host: string }> {
  const target = parseProxyName(route.name ?? '', route.kind.singular)
  const { connection, port } = route.kind.plural === 'services' ? await dialService(route, target, doors) : await dialPod(route, target, doors)
  // nobody verifies a workload's certificate here, as kube-apiserver's proxy does not either
  const secure = target.scheme === 'https' ? connectTls({ socket: connection, rejectUnauthorized: false }) : connection
  return { connection: secure, host: `${target.name}:${port}` }
}

async function dialPod(route: ResourceRoute, { name, port }: ProxyName, doors: ProxyDoors) {
  const { pod, node, ref } = await podTarget(route.kind, { namespace: route.namespace, name }, doors)
  const declared = pod.spec?.containers.flatMap((container) => container.ports ?? []) ?? []
  const number = port === '' ? (declared[0]?.containerPort ?? 80) : numberOf(port) ?? declared.find((each) => each.name === port)?.containerPort
  if (number === undefined) throw badRequest(`pod ${JSON.stringify(name)} has no port named ${JSON.stringify(port)}`)
  return { port: number, connection: await orUnreachable(node.connect(ref, number)) }
}

async function dialService(route: ResourceRoute, { name, port }: ProxyName, { verbs, dialService: open }: ProxyDoors) {
  const service = (await verbs.get(route.kind, { namespace: route.namespace, name })).object as KubeObject & Service
  const ports = service.spec?.ports ?? []
  const wanted = numberOf(port)
  const found = port === ''
    ? (ports.length === 1 ? ports[0] : ports.find((each) => !each.name))
    : ports.find((each) => (wanted === undefined ? each.name === port : each.port === wanted))
  if (!found) throw unavailable(port === '' ? `no endpoints available for service ${JSON.stringify(name)}` : `no service port ${JSON.stringify(port)} found for service ${JSON.stringify(name)}`)
  if (!open) throw unavailable(`error trying to reach service: no proxy runs on this node`)
  return { port: found.port, connection: await orUnreachable(open(route.namespace ?? '', name, found.port)) }
}

const numberOf = (port: string): number | undefined => (/^\d{1,5}$/.test(port) ? Number(port) : undefined)

const unreachable = (error: unknown): StatusError => unavailable(`error trying to reach service: ${errorMessage(error)}`)

async function orUnreachable(connection: Promise<Duplex>): Promise<Duplex> {
  try {
    return await connection
  } catch (error) {
    if (!(error instanceof StatusError)) throw unreachable(error)
    // the kubelet says why it could not connect, which here is what the connection was for
    const cause = error.code === 500 ? error.status.details?.causes?.[0]?.message : undefined
    throw cause === undefined ? error : unavailable(`error trying to reach service: ${cause}`)
  }
}
