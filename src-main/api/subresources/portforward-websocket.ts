import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { errorMessage } from '../../base/log.ts'
import { badRequest } from '../../kinds/status-error.ts'
import type { ResourceRoute } from '../route.ts'
import type { PodTarget } from './pod-target.ts'

/** Each port has two channels: 2n for its bytes, 2n+1 for a sentence when it fails. kubelet's portforward/websocket.go. */
export const channelProtocols: readonly string[] = ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io']

const maxMessageBytes = 4 * 1024 * 1024
const server = new WebSocketServer({
  noServer: true, perMessageDeflate: false, maxPayload: maxMessageBytes,
  handleProtocols: (offered) => channelProtocols.find((each) => offered.has(each)) ?? false,
})

/** @throws StatusError 400 */
export function forwardedPorts({ query }: ResourceRoute): number[] {
  const texts = [...query.getAll('ports'), ...query.getAll('port')].flatMap((text) => text.split(','))
  if (texts.length === 0) throw badRequest('query parameter "port" is required')
  return texts.map((text) => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN
    if (!(port >= 0 && port <= 65535)) throw badRequest(`unable to parse ${JSON.stringify(text)} as a port: invalid syntax`)
    if (port === 0) throw badRequest(`port ${JSON.stringify(text)} must be > 0`)
    return port
  })
}

/** Joins each port that the URL names with its channels, until the client leaves. */
export async function forwardOverChannels(ports: readonly number[], target: PodTarget, req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
  const ws = await new Promise<WebSocket>((resolve) => server.handleUpgrade(req, socket, head, resolve))
  const base64 = ws.protocol.includes('base64')
  const receivers = new Map<number, (bytes: Buffer) => void>()
  ws.on('error', () => ws.terminate())
  ws.on('message', (data: Buffer) => {
    if (data.length === 0) return
    const channel = base64 ? data[0]! - 0x30 : data[0]!
    receivers.get(channel)?.(base64 ? Buffer.from(data.toString('latin1', 1), 'base64') : data.subarray(1))
  })
  const send = (channel: number, bytes: Buffer, sent?: () => void): void =>
    ws.send(base64 ? `${String.fromCharCode(0x30 + channel)}${bytes.toString('base64')}` : Buffer.concat([Buffer.from([channel]), bytes]), () => sent?.())

  ports.forEach((port, index) => {
    const [data, error] = [2 * index, 2 * index + 1]
    // both channels begin with their port, in two bytes, the low one first
    for (const channel of [data, error]) send(channel, Buffer.from([port & 0xff, port >> 8]))
    const early: Buffer[] = []
    receivers.set(data, (bytes) => early.push(bytes))
    void target.node.connect(target.ref, port).then((connection) => {
      receivers.set(data, (bytes) => {
        if (connection.writable && !connection.write(bytes)) {
          ws.pause()
          connection.once('drain', () => ws.resume()).once('close', () => ws.resume())
        }
      })
      for (const bytes of early) connection.write(bytes)
      connection.on('error', (reason) => send(error, sentence(port, target, reason)))
      connection.on('data', (chunk: Buffer) => {
        connection.pause()
        send(data, chunk, () => connection.resume())
      })
      ws.once('close', () => connection.destroy())
      if (ws.readyState !== ws.OPEN) connection.destroy()
    }).catch((reason: unknown) => send(error, sentence(port, target, reason)))
  })
  await new Promise((resolve) => ws.once('close', resolve))
}

const sentence = (port: number, { ref }: PodTarget, reason: unknown): Buffer =>
  Buffer.from(`error forwarding port ${port} to pod ${ref.name}, uid ${ref.uid}: ${errorMessage(reason)}`)
