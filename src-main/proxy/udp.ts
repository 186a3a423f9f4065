import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram'
import type { Clock } from '../base/clock.ts'
import type { Backend, Chosen } from './backend.ts'
import type { Admits, Listener } from './listener.ts'
import type { Socket } from './rules.ts'

/** nf_conntrack_udp_timeout: a client that is silent for so long starts anew, perhaps at another endpoint. */
const idleMs = 30_000
const sweepMs = 5_000
/** The client that was silent longest makes room; each session holds a file descriptor. */
const sessionsBound = 1_000
/** Datagrams that wait until the endpoint's socket is open. */
const waitingBound = 64

interface Session {
  readonly client: RemoteInfo
  readonly chosen: Chosen
  readonly upstream: UdpSocket
  readonly flow: { bytesRead: number; bytesWritten: number }
  readonly tried: Set<string>
  /** Sent, and nothing came back yet: what another endpoint gets when this one refuses. */
  unanswered: Buffer[]
  state: 'opening' | 'open' | 'ended'
  usedAt: number
}

/** Forwards datagrams, each client's to one endpoint while it goes on. Port 0 takes a free one. */
export function listenUdp(backend: Backend, at: Socket, admits: Admits, clock: Clock): Promise<Listener> {
  const server = createSocket({ type: 'udp4', reuseAddr: false })
  const sessions = new Map<string, Session>()
  const keyOfClient = (client: RemoteInfo) => `${client.address}:${client.port}`

  function end(session: Session): void {
    if (session.state === 'ended') return
    session.state = 'ended'
    const key = keyOfClient(session.client)
    if (sessions.get(key) === session) sessions.delete(key)
    session.chosen.meter.closed(session.flow)
    session.upstream.close()
  }

  function start(client: RemoteInfo, tried: Set<string>): Session | undefined {
    const chosen = backend.choose(client.address, tried)
    if (!chosen) return undefined
    tried.add(chosen.endpoint.id)
    const upstream = createSocket('udp4')
    const flow = { bytesRead: 0, bytesWritten: 0 }
    const session: Session = { client, chosen, upstream, flow, tried, unanswered: [], state: 'opening', usedAt: clock.now() }
    const connected = chosen.meter.connecting()
    upstream.on('error', () => refused(session))
    upstream.on('message', (message) => {
      session.usedAt = clock.now()
      session.unanswered = []
      flow.bytesRead += message.length
      chosen.works()
      server.send(message, client.port, client.address)
    })
    upstream.connect(chosen.endpoint.port, chosen.endpoint.address, (error?: Error) => {
      if (error) return refused(session)
      session.state = 'open'
      connected(flow)
      for (const message of session.unanswered) transmit(session, message)
    })
    sessions.set(keyOfClient(client), session)
    if (sessions.size > sessionsBound) end(sessions.values().next().value!)
    return session
  }

  function transmit(session: Session, message: Buffer): void {
    session.flow.bytesWritten += message.length
    session.upstream.send(message)
  }

  /** ICMP said that nobody listens there. */
  function refused(session: Session): void {
    if (session.state === 'ended') return
    session.chosen.meter.failed()
    session.chosen.fails()
    end(session)
    const other = session.unanswered.length > 0 ? start(session.client, session.tried) : undefined
    if (other) other.unanswered = session.unanswered
  }

  server.on('message', (message, client) => {
    if (!admits(client.address)) return
    const key = keyOfClient(client)
    const session = sessions.get(key) ?? start(client, new Set())
    if (!session) return
    // to the end of the map: the order of last use
    sessions.delete(key)
    sessions.set(key, session)
    session.usedAt = clock.now()
    if (session.state === 'open') {
      session.unanswered = [message]
      transmit(session, message)
    } else if (session.unanswered.length < waitingBound) {
      session.unanswered.push(message)
    }
  })

  let cancelSweep = clock.after(sweepMs, sweep)
  function sweep(): void {
    for (const session of [...sessions.values()]) if (clock.now() - session.usedAt >= idleMs) end(session)
    cancelSweep = clock.after(sweepMs, sweep)
  }

  function refresh(): void {
    const usable = new Set(backend.wanted.endpoints.filter((e) => e.usable).map((e) => e.id))
    for (const session of sessions.values()) if (!usable.has(session.chosen.endpoint.id)) end(session)
  }

  function close(): Promise<void> {
    cancelSweep()
    for (const session of sessions.values()) end(session)
    return new Promise((resolve) => server.close(resolve))
  }

  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.bind({ port: at.port, address: at.address, exclusive: true }, () => {
      server.removeListener('error', reject)
      // a reply to a client that has gone away is refused: nothing to do about it
      server.on('error', () => undefined)
      resolve({ socket: { address: at.address, port: server.address().port }, refresh, close })
    })
  })
}
