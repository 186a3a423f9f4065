import type { IncomingMessage } from 'node:http'
import { type Duplex, PassThrough, Writable } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { badRequest } from '../kinds/status-error.ts'
import { outcomeText } from './stream-spdy.ts'
import { type Channels, type ChannelsWanted, resizeOf } from './stream.ts'

const channel = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** Best first. From v4 on the outcome is a Status; v5 can close a channel. */
const protocols = [
  'v5.channel.k8s.io', 'v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'channel.k8s.io', 'base64.channel.k8s.io',
]

const choose = (offered: Set<string>): string | false => protocols.find((each) => offered.has(each)) ?? false
const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: choose, maxPayload: 4 * 1024 * 1024 })

export async function openWebSocketChannels(req: IncomingMessage, socket: Duplex, head: Buffer, wanted: ChannelsWanted): Promise<Channels> {
  const offered = new Set((req.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim()).filter(Boolean))
  if (offered.size > 0 && choose(offered) === false) {
    throw badRequest(`unable to upgrade: unable to negotiate protocol: client supports ${JSON.stringify([...offered])}, server supports ${JSON.stringify(protocols)}`)
  }
  const ws = await new Promise<WebSocket>((resolve) => server.handleUpgrade(req, socket, head, resolve))
  return webSocketChannels(ws, wanted)
}

/** The channels over an open WebSocket: each message begins with its channel's number. */
export function webSocketChannels(ws: WebSocket, wanted: ChannelsWanted): Channels {
  const base64 = ws.protocol.includes('base64')
  const version = Number(/^v(\d)/.exec(ws.protocol)?.[1] ?? 1)
  const stdin = wanted.stdin ? new PassThrough() : undefined
  let resized: ((columns: number, rows: number) => void) | undefined
  let size: ReturnType<typeof resizeOf>
  ws.on('error', () => ws.terminate())
  ws.on('message', (data: Buffer) => {
    if (data.length === 0) return
    // the protocol decides, not the frame: the Python client sends text as text, after the channel's byte
    const number = base64 ? data[0]! - 0x30 : data[0]!
    const body = base64 ? Buffer.from(data.toString('latin1', 1), 'base64') : data.subarray(1)
    if (number === channel.stdin && stdin && !stdin.writableEnded) {
      // an empty message is how older clients keep the connection alive
      if (body.length > 0 && !stdin.write(body)) {
        ws.pause()
        stdin.once('drain', () => ws.resume())
      }
    } else if (number === channel.resize) {
      size = resizeOf(body.toString('utf8')) ?? size
      if (size) resized?.(size.columns, size.rows)
    } else if (number === channel.close && version >= 5 && body[0] === channel.stdin) stdin?.end()
  })
  const closed = new Promise<void>((resolve) => ws.once('close', () => {
    stdin?.destroy()
    resolve()
  }))
  const send = (number: number, body: Buffer): Promise<void> => new Promise((resolve, reject) => {
    const message = base64 ? `${number}${body.toString('base64')}` : Buffer.concat([Buffer.from([number]), body])
    ws.send(message, (error) => (error ? reject(error) : resolve()))
  })
  const output = (number: number) => new Writable({
    write: (chunk: Buffer, _encoding, done) => void send(number, chunk).then(() => done(), done),
  }).on('error', () => undefined)
  // as apiserver's remotecommand: the client learns by an empty message that the connection stands
  void send(wanted.stdout ? channel.stdout : wanted.stderr ? channel.stderr : channel.error, Buffer.alloc(0)).catch(() => undefined)
  return {
    stdin,
    stdout: wanted.stdout ? output(channel.stdout) : undefined,
    stderr: wanted.stderr ? output(channel.stderr) : undefined,
    closed,
    onResize(listener) {
      resized = listener
      // a client tells its size as soon as the connection stands, which is before anything runs
      if (size) listener(size.columns, size.rows)
    },
    async finish(outcome) {
      const text = outcomeText(outcome, version)
      if (text) await send(channel.error, Buffer.from(text)).catch(() => undefined)
      ws.close(1000)
    },
  }
}
