import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Status } from '../kinds/generated/types.ts'
import { badRequest } from '../kinds/status-error.ts'
import { SpdySession, type SpdyStream } from './spdy.ts'
import { type Channels, type ChannelsWanted, resizeOf } from './stream.ts'
import { acceptSpdy, offeredProtocols } from './upgrade.ts'

/** Best first. From v4 on the outcome is a Status; v3 brought resizing, v2 the rest. */
const protocols = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io']

/** kubelet's DefaultStreamCreationTimeout. */
const streamDeadlineMs = 30_000

export async function openSpdyChannels(req: IncomingMessage, socket: Duplex, head: Buffer, wanted: ChannelsWanted): Promise<Channels> {
  const offered = offeredProtocols(req)
  const protocol = offered.length === 0 ? 'channel.k8s.io' : protocols.find((each) => offered.includes(each))
  if (!protocol) throw badRequest(`unable to upgrade: unable to negotiate protocol: client supports ${JSON.stringify(offered)}, server supports ${JSON.stringify(protocols)}`)
  acceptSpdy(socket, head, offered.length === 0 ? undefined : protocol)
  const version = Number(/^v(\d)/.exec(protocol)?.[1] ?? 1)
  const names = ['error', ...(['stdin', 'stdout', 'stderr'] as const).filter((name) => wanted[name]), ...(wanted.tty && version >= 3 ? ['resize'] : [])]
  const { session, streams } = await openStreams(socket, names)
  const error = streams.get('error')!
  return {
    stdin: streams.get('stdin'),
    stdout: streams.get('stdout'),
    stderr: streams.get('stderr'),
    closed: session.closed,
    onResize(listener) {
      let text = ''
      streams.get('resize')?.on('data', (chunk: Buffer) => {
        // a client writes one JSON object after the other
        text += chunk.toString('utf8')
        for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}')) {
          const size = resizeOf(text.slice(0, end + 1))
          text = text.slice(end + 1)
          if (size) listener(size.columns, size.rows)
        }
        if (text.length > 1024) text = ''
      })
    },
    async finish(outcome) {
      const text = outcomeText(outcome, version)
      if (text) error.write(text)
      const ended = [...streams.values()].map((stream) => finished(stream.end(), { readable: false }).catch(() => undefined))
      await Promise.race([Promise.all(ended), session.closed])
      await session.end()
    },
  }
}

/** What older protocols say of an outcome: nothing when it is well, else the message. */
export const outcomeText = (outcome: Status, version: number): string =>
  version >= 4 ? JSON.stringify(outcome) : outcome.status === 'Success' ? '' : (outcome.message ?? '')

function openStreams(socket: Duplex, names: readonly string[]): Promise<{ session: SpdySession; streams: Map<string, SpdyStream> }> {
  return new Promise((resolve, reject) => {
    const streams = new Map<string, SpdyStream>()
    const deadline = setTimeout(() => {
      session.destroy()
      reject(badRequest(`timed out waiting for client to create streams`))
    }, streamDeadlineMs)
    const session = new SpdySession(socket, (stream) => {
      const name = stream.headers['streamtype'] ?? ''
      if (!names.includes(name) || streams.has(name)) return void stream.destroy()
      streams.set(name, stream)
      if (streams.size < names.length) return
      clearTimeout(deadline)
      resolve({ session, streams })
    })
    void session.closed.then(() => {
      clearTimeout(deadline)
      reject(badRequest('the client closed the connection before its streams were open'))
    })
  })
}
