import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { ResourceRoute } from '../route.ts'
import { openLog } from './log.ts'
import type { PodDoors } from './pod-target.ts'

/** apiserver's wsstream/stream.go; a client that names neither gets the first. */
const protocols = ['binary.k8s.io', 'base64.binary.k8s.io']
const server = new WebSocketServer({
  noServer: true, perMessageDeflate: false,
  handleProtocols: (offered) => protocols.find((each) => offered.has(each)) ?? false,
})

/** Sends a container's log as messages, behind an empty one; with `follow`, until the container or the client ends it. */
export async function upgradeLog(route: ResourceRoute, req: IncomingMessage, socket: Duplex, head: Buffer, doors: PodDoors): Promise<void> {
  const log = await openLog(route, doors)
  if (!log) return void socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')
  if (socket.destroyed) return void log.destroy()
  const ws = await new Promise<WebSocket>((resolve) => server.handleUpgrade(req, socket, head, resolve))
  const send = (bytes: Buffer): Promise<void> => new Promise((resolve, reject) => {
    ws.send(ws.protocol === 'base64.binary.k8s.io' ? bytes.toString('base64') : bytes, (error) => (error ? reject(error) : resolve()))
  })
  ws.on('error', () => ws.terminate())
  ws.once('close', () => log.destroy())
  try {
    await send(Buffer.alloc(0))
    for await (const chunk of log) await send(Buffer.from(chunk as Buffer))
    ws.close(1000)
  } catch {
    // the client went away, which is how following ends; what the node reports cuts the answer short
    ws.terminate()
  }
}
