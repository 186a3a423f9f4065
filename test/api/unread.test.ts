import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect as connectPlain, type AddressInfo, type Socket } from 'node:net'
import { connect } from 'node:tls'
import { expect, it, onTestFinished } from 'vitest'
import { closeUnread, endUnread } from '../../src-main/api/unread.ts'
import { eventually } from '../fixtures/eventually.ts'
import { adminToken, served } from './served-fixture.ts'

/** What came over a connection, and how it ended. */
function watched(socket: Socket): { text: () => string; closed: Promise<unknown> } {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  onTestFinished(() => void socket.destroy())
  return { text: () => text, closed: new Promise((resolve) => socket.on('error', resolve).on('close', () => resolve('closed'))) }
}

it.each([
  ['a body over the limit', adminToken, 3 * 1024 * 1024 + 1, 413],
  ['a stranger', 'unknown', 100_000, 401],
  ['who may not', 'the-guest-token', 100_000, 403],
])('lets %s finish sending after the answer', async (_who, token, length, code) => {
  const { port, ca } = await served()
  const halfOpen = { host: '127.0.0.1', port, ca: ca.cert, allowHalfOpen: true }
  const socket = connect(halfOpen)
  const { text, closed } = watched(socket)
  socket.write(`POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`)
  await eventually('the answer', () => text().includes(`"code":${code}`))
  expect(text()).toMatch(new RegExp(`^HTTP/1.1 ${code} [^]*\r\nConnection: close\r\n`))
  const half = Buffer.alloc(Math.floor(length / 2), ' ')
  await new Promise((resolve) => socket.write(half, resolve))
  socket.end(Buffer.alloc(length - half.length, ' '))
  expect(await closed).toBe('closed')
})

it('waits no longer than it says for who never stops sending', async () => {
  const answer = Buffer.from('no')
  const server = createServer((req: IncomingMessage, res: ServerResponse) => {
    closeUnread(req, res)
    res.setHeader('Content-Length', answer.length)
    endUnread(req, res, answer, 1)
  })
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const socket = connectPlain((server.address() as AddressInfo).port, '127.0.0.1')
  const { text, closed } = watched(socket)
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nbegun')
  expect(await closed).toBe('closed')
  expect(text()).toMatch(/^HTTP\/1.1 200 OK\r\n[^]*no$/)
})
