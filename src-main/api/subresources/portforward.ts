import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import { errorMessage } from '../../base/log.ts'
import { badRequest } from '../../kinds/status-error.ts'
import type { ResourceRoute } from '../route.ts'
import { SpdySession, type SpdyStream } from '../spdy.ts'
import { acceptSpdy, isSpdy, isWebSocket, offeredProtocols } from '../upgrade.ts'
import { type PodDoors, type PodTarget, podTarget } from './pod-target.ts'
import { channelProtocols, forwardedPorts, forwardOverChannels } from './portforward-websocket.ts'

const protocol = 'portforward.k8s.io'
const tunnel = 'SPDY/3.1+portforward.k8s.io'
const tunnels = new WebSocketServer({ noServer: true, perMessageDeflate: false })
// ws refuses a subprotocol with a slash: it is taken off the request, and given back with the answer
tunnels.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${tunnel}`))

/** Opens connections into a pod: as the client asks for them over SPDY or SPDY inside a WebSocket, or those its URL names over a WebSocket's channels. */
export async function upgradePortForward(route: ResourceRoute, req: IncomingMessage, socket: Duplex, head: Buffer, doors: PodDoors): Promise<void> {
  const { name = '', namespace } = route
  const target = await podTarget(route.kind, { namespace, name }, doors)
  if (target.pod.status?.phase !== 'Running') {
    throw badRequest(`unable to forward port because pod is not running. Current status=${target.pod.status?.phase}`)
  }
  if (isWebSocket(req) && webSocketProtocols(req).some((each) => channelProtocols.includes(each)) && !webSocketProtocols(req).includes(tunnel)) {
    return forwardOverChannels(forwardedPorts(route), target, req, socket, head)
  }
  const connection = await accept(req, socket, head)
  const pairs = new Map<string, { data?: SpdyStream; error?: SpdyStream }>()
  const session = new SpdySession(connection, (stream) => {
    const id = stream.headers['requestid'] ?? stream.headers['port'] ?? ''
    const pair = pairs.get(id) ?? {}
    pairs.set(id, pair)
    if (stream.headers['streamtype'] === 'error') pair.error = stream
    else pair.data = stream
    if (!pair.data || !pair.error) return
    pairs.delete(id)
    void forward(target, pair.data, pair.error)
  })
  await session.closed
}

const webSocketProtocols = (req: IncomingMessage): string[] => (req.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim())

async function accept(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<Duplex> {
  if (isSpdy(req)) {
    const offered = offeredProtocols(req)
    if (offered.length > 0 && !offered.includes(protocol)) {
      throw badRequest(`unable to upgrade: unable to negotiate protocol: client supports ${JSON.stringify(offered)}, server accepts ["${protocol}"]`)
    }
    acceptSpdy(socket, head, protocol)
    return socket
  }
  const offered = webSocketProtocols(req)
  if (!offered.includes(tunnel)) throw badRequest(`unable to upgrade: unable to negotiate protocol: client supports ${JSON.stringify(offered)}, server accepts ${JSON.stringify([tunnel, ...channelProtocols])}`)
  delete req.headers['sec-websocket-protocol']
  const ws = await new Promise<WebSocket>((resolve) => tunnels.handleUpgrade(req, socket, head, resolve))
  return createWebSocketStream(ws)
}

/** One connection: bytes on one stream, a sentence on the other when it fails. */
async function forward({ node, ref }: PodTarget, data: SpdyStream, error: SpdyStream): Promise<void> {
  const port = Number(data.headers['port'])
  try {
    if (!Number.isInteger(port) || port < 1 || port > 65535) throw new Error(`${JSON.stringify(data.headers['port'])} is not a port`)
    await join(await node.connect(ref, port), data)
  } catch (reason) {
    if (!error.destroyed) error.write(`error forwarding port ${port} to pod ${ref.name}, uid ${ref.uid}: ${errorMessage(reason)}`)
  } finally {
    data.end()
    error.end()
  }
}

/** Passes bytes both ways until the server ends; rejects when the connection breaks. A client that ends first still hears all of the answer. */
function join(connection: Duplex, data: SpdyStream): Promise<void> {
  return new Promise((resolve, reject) => {
    connection.once('error', reject).once('close', resolve)
    // kubectl ends its side only after the error stream has ended
    connection.once('end', () => {
      data.unpipe(connection).resume()
      connection.end()
      resolve()
    })
    data.once('close', () => connection.destroy())
    connection.pipe(data)
    data.pipe(connection)
  })
}
