import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import { errorMessage, type Logger } from '../base/log.ts'
import type { Informers } from '../client/informer.ts'
import { frames } from './frames.ts'
import { recordsOf } from './records.ts'
import { respond, type Responder } from './respond.ts'
import { askUpstreams, type Upstream } from './upstream.ts'

export interface DnsDependencies {
  readonly informers: Informers
  readonly clock: Clock
  readonly log: Logger
  readonly signal: AbortSignal
  /** Where to listen, UDP and TCP; port 0 takes one that is free for both. */
  readonly address: string
  readonly port: number
  /** Who is asked for names outside the cluster, in this order: see `systemUpstreams`. */
  readonly upstreams: readonly Upstream[]
  /** `cluster.local` unless said. */
  readonly domain?: string
}

export interface Dns {
  readonly address: string
  readonly port: number
  stop(): Promise<void>
}

/** A client that says nothing for this long loses its TCP connection (RFC 7766 asks for a few seconds). */
const idleMs = 10_000
const connectionsBound = 200

/** Answers for the cluster until `signal` aborts or `stop` is called. Rejects when the address cannot be had. */
export async function startDns(deps: DnsDependencies): Promise<Dns> {
  const { informers, clock, log } = deps
  const stopping = new AbortController()
  const signal = AbortSignal.any([deps.signal, stopping.signal])
  const records = recordsOf(informers)
  await informers.synced()
  const { udp, tcp, port } = await bindBoth(deps.address, deps.port)
  // a resolver list that names this server itself would go round in circles
  const upstreams = deps.upstreams.filter((upstream) => upstream.address !== deps.address || upstream.port !== port)
  const responder: Responder = {
    records,
    domain: deps.domain ?? 'cluster.local',
    forward: (query, transport) => askUpstreams(query, transport, upstreams, clock, signal),
  }

  function answer(message: Buffer, transport: 'udp' | 'tcp', send: (reply: Buffer) => void): void {
    respond(message, transport, responder).then(
      (reply) => reply && !signal.aborted && send(reply),
      (error: unknown) => log.error('question not answered', { error: errorMessage(error) }),
    )
  }

  udp.on('error', (error) => log.warn('UDP socket failed', { error: errorMessage(error) }))
  udp.on('message', (message, from) => answer(message, 'udp', (reply) => udp.send(reply, from.port, from.address)))
  const connections = new Set<Socket>()
  tcp.maxConnections = connectionsBound
  tcp.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.setTimeout(idleMs, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.on('close', () => connections.delete(socket))
    socket.on('data', frames.reader((message) => answer(message, 'tcp', (reply) => socket.write(frames.wrap(reply)))))
  })

  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= (async () => {
    stopping.abort()
    records.close()
    for (const socket of connections) socket.destroy()
    await Promise.all([new Promise<void>((resolve) => udp.close(resolve)), new Promise((resolve) => tcp.close(resolve))])
  })())
  deps.signal.addEventListener('abort', () => void stop(), { once: true })
  log.info('DNS answers', { address: deps.address, port })
  return { address: deps.address, port, stop }
}

/** UDP and TCP on one port; when the system chose it for one and it is taken for the other, it chooses again. */
async function bindBoth(address: string, port: number): Promise<{ udp: UdpSocket; tcp: Server; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const udp = createSocket('udp4')
    const tcp = createServer()
    try {
      await new Promise<void>((resolve, reject) => udp.once('error', reject).bind({ address, port, exclusive: true }, resolve))
      const bound = udp.address().port
      await new Promise<void>((resolve, reject) => tcp.once('error', reject).listen(bound, address, resolve))
      udp.removeAllListeners('error')
      tcp.removeAllListeners('error')
      return { udp, tcp, port: bound }
    } catch (error) {
      udp.close()
      if (port !== 0 || attempt === 10) throw error
    }
  }
}
