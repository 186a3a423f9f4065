import { connect, createServer, type Socket as TcpSocket } from 'node:net'
import type { Backend, Chosen } from './backend.ts'
import type { Admits, Listener } from './listener.ts'
import type { Socket } from './rules.ts'

/** An endpoint that does not answer for this long counts as failed, and the next one is tried. */
const connectTimeoutMs = 2_000
const keepAliveMs = 60_000

/** Forwards each connection to an endpoint. Port 0 takes a free one. Rejects when the address cannot be had. */
export function listenTcp(backend: Backend, at: Socket, admits: Admits): Promise<Listener> {
  const open = new Set<TcpSocket>()
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
    const address = client.remoteAddress ?? ''
    if (!admits(address)) return void client.resetAndDestroy()
    open.add(client)
    client.once('close', () => open.delete(client))
    void forward(backend, client, address)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.address, () => {
      server.removeListener('error', reject)
      const bound = server.address()
      const port = typeof bound === 'object' && bound ? bound.port : at.port
      resolve({
        socket: { address: at.address, port },
        refresh: () => undefined,
        close: () => {
          for (const client of open) client.destroy()
          return new Promise((closed) => server.close(() => closed()))
        },
      })
    })
  })
}

async function forward(backend: Backend, client: TcpSocket, address: string): Promise<void> {
  client.on('error', () => client.destroy())
  const upstream = await connectToEndpoint(backend, address, () => client.destroyed)
  // as a packet filter would: refused, not closed politely
  if (!upstream) client.resetAndDestroy()
  else if (client.destroyed) upstream.destroy()
  else join(client, upstream)
}

/** Each direction ends on its own, a full one holds its sender back, and an abort on one side aborts the other. */
function join(client: TcpSocket, upstream: TcpSocket): void {
  client.setKeepAlive(true, keepAliveMs)
  client.pipe(upstream)
  upstream.pipe(client)
  client.on('close', () => abortUnlessEnded(client, upstream))
  upstream.on('close', () => abortUnlessEnded(upstream, client))
  client.resume()
}

function abortUnlessEnded(gone: TcpSocket, other: TcpSocket): void {
  if (other.destroyed) return
  if (gone.errored || !gone.readableEnded) other.resetAndDestroy()
}

/** A counted connection to the next endpoint that accepts one; undefined when none does. */
export async function connectToEndpoint(backend: Backend, client: string, abandoned: () => boolean): Promise<TcpSocket | undefined> {
  const tried = new Set<string>()
  for (let chosen = backend.choose(client, tried); chosen && !abandoned(); chosen = backend.choose(client, tried)) {
    tried.add(chosen.endpoint.id)
    const socket = await tryConnect(chosen)
    if (socket) return socket
  }
  return undefined
}

function tryConnect({ endpoint, meter, works, fails }: Chosen): Promise<TcpSocket | undefined> {
  const connected = meter.connecting()
  const socket = connect({ host: endpoint.address, port: endpoint.port, allowHalfOpen: true, noDelay: true })
  socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('timed out')))
  return new Promise((resolve) => {
    const refused = () => {
      meter.failed()
      fails()
      resolve(undefined)
    }
    socket.once('error', refused)
    socket.once('connect', () => {
      socket.removeListener('error', refused)
      socket.on('error', () => socket.destroy())
      socket.setTimeout(0)
      socket.setKeepAlive(true, keepAliveMs)
      connected(socket)
      works()
      socket.once('close', () => meter.closed(socket))
      resolve(socket)
    })
  })
}
