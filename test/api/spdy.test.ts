import { request } from 'node:https'
import { createServer, connect, type AddressInfo } from 'node:net'
import { Duplex, PassThrough, Readable } from 'node:stream'
import { constants, createDeflate, createInflate } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import type { ExecSession } from '../../src-main/api/node-connection.ts'
import { spdyDictionary } from '../../src-main/api/spdy-dictionary.ts'
import { pod as podKind } from '../../src-main/kinds/core/pod.ts'
import { context } from './registry-fixture.ts'
import { eventually } from '../fixtures/eventually.ts'
import { type Doors, type Served, served } from './served-fixture.ts'

const path = '/api/v1/namespaces/default/pods/web'

async function withPod(doors: Doors): Promise<Served> {
  const server = await served(doors)
  const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'busybox' }] } }
  await server.verbs.create(podKind, 'default', body, context())
  await server.verbs.patch(podKind, { namespace: 'default', name: 'web' }, { type: 'merge', body: { status: { phase: 'Running' } } }, context(), 'status')
  return server
}

/** The least of a SPDY/3.1 client: opens streams, sends data, collects what comes back by stream. */
class Client {
  readonly received: Record<number, string> = {}
  readonly ended = new Set<number>()
  readonly replied = new Set<number>()
  readonly pongs: number[] = []
  gone = false
  readonly #socket: Duplex
  readonly #deflate = createDeflate({ dictionary: spdyDictionary })
  readonly #inflate = createInflate({ dictionary: spdyDictionary })
  #next = 1

  constructor(socket: Duplex) {
    this.#socket = socket
    let bytes = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      while (bytes.length >= 8) {
        const end = 8 + (bytes.readUInt32BE(4) & 0xffffff)
        if (bytes.length < end) return
        this.#frame(bytes.subarray(0, 8), bytes.subarray(8, end))
        bytes = bytes.subarray(end)
      }
    })
    socket.on('close', () => (this.gone = true)).on('error', () => undefined)
  }

  #frame(head: Buffer, body: Buffer): void {
    const id = (head[0]! & 0x80 ? body : head).readUInt32BE(0)
    if (!(head[0]! & 0x80)) {
      this.received[id] = (this.received[id] ?? '') + body.toString()
      if (head[4]! & 1) this.ended.add(id)
    } else if (head[3] === 2) this.#inflate.write(body.subarray(4), () => this.replied.add(id))
    else if (head[3] === 6) this.pongs.push(id)
  }

  async open(headers: Record<string, string>): Promise<number> {
    const word = (text: string) => Buffer.concat([number(text.length), Buffer.from(text)])
    const pairs = Object.entries(headers)
    this.#deflate.write(Buffer.concat([number(pairs.length), ...pairs.flatMap(([name, value]) => [word(name), word(value)])]))
    await new Promise<void>((resolve) => this.#deflate.flush(constants.Z_SYNC_FLUSH, resolve))
    const id = this.#next
    this.#next += 2
    this.#control(1, Buffer.concat([number(id), Buffer.alloc(6), this.#deflate.read() as Buffer]))
    return id
  }

  ping(id: number): void {
    this.#control(6, number(id))
  }

  send(id: number, text: string, last = false): void {
    const head = Buffer.concat([number(id), number(text.length)])
    head[4] = last ? 1 : 0
    this.#socket.write(Buffer.concat([head, Buffer.from(text)]))
  }

  raw(bytes: Buffer): void {
    this.#socket.write(bytes)
  }

  #control(type: number, body: Buffer): void {
    this.#socket.write(Buffer.concat([Buffer.from([0x80, 3, 0, type]), number(body.length), body]))
  }
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function upgrade(server: Served, query: string, protocol: string): Promise<Client> {
  return new Promise((resolve, reject) => {
    const req = request({
      host: '127.0.0.1', port: server.port, ca: server.ca.cert, path: `${path}/${query}`, method: 'POST',
      headers: { authorization: `Bearer ${server.token}`, connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol },
    })
    req.on('upgrade', (res, socket) => {
      expect(res.headers['x-stream-protocol-version']).toBe(protocol.split(',')[0])
      onTestFinished(() => void socket.destroy())
      resolve(new Client(socket))
    }).on('response', (res) => reject(new Error(`answered ${res.statusCode}`))).on('error', reject).end()
  })
}

/** A WebSocket by hand: the library's client refuses a subprotocol with a slash. */
function tunnel(server: Served): Promise<Client> {
  return new Promise((resolve, reject) => {
    const req = request({
      host: '127.0.0.1', port: server.port, ca: server.ca.cert, path: `${path}/portforward`,
      headers: {
        authorization: `Bearer ${server.token}`, connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.alloc(16).toString('base64'), 'sec-websocket-protocol': 'SPDY/3.1+portforward.k8s.io',
      },
    })
    req.on('upgrade', (res, socket, head) => {
      expect(res.headers['sec-websocket-protocol']).toBe('SPDY/3.1+portforward.k8s.io')
      onTestFinished(() => void socket.destroy())
      resolve(new Client(frames(socket, head)))
    }).on('error', reject).end()
  })
}

/** Bytes as the payloads of binary frames, masked with zeroes. */
function frames(socket: Duplex, head: Buffer): Duplex {
  let bytes = Buffer.alloc(0)
  const payloads = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _encoding, done) {
      const length = chunk.length < 126 ? [0x80 | chunk.length] : [0x80 | 126, chunk.length >> 8, chunk.length & 255]
      socket.write(Buffer.concat([Buffer.from([0x82, ...length, 0, 0, 0, 0]), chunk]), done)
    },
  })
  const take = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk])
    for (;;) {
      const start = (bytes[1] ?? 0) < 126 ? 2 : 4
      const length = start === 2 ? (bytes[1] ?? Infinity) : bytes.length < 4 ? Infinity : bytes.readUInt16BE(2)
      if (bytes.length < start + length) return
      payloads.push(bytes.subarray(start, start + length))
      bytes = bytes.subarray(start + length)
    }
  }
  socket.on('data', take).on('close', () => payloads.destroy())
  take(head)
  return payloads
}

function echo(code: number, resized: string[] = []): ExecSession {
  const stdin = new PassThrough()
  const stdout = stdin.pipe(new PassThrough())
  return {
    stdin, stdout, stderr: Readable.from([Buffer.from('complaint')]),
    resize: async (columns, rows) => void resized.push(`${columns}x${rows}`),
    exited: new Promise((resolve) => stdout.on('end', () => resolve(code))),
    close: () => undefined,
  }
}

it('runs a command over SPDY as kubectl up to 1.28 does, half-closing and exit code included', async () => {
  const server = await withPod({ node: { exec: async () => echo(7) } })
  const client = await upgrade(server, 'exec?command=cat&stdin=true&stdout=true&stderr=true', 'v4.channel.k8s.io,v3.channel.k8s.io')
  const ids: Record<string, number> = {}
  for (const streamType of ['error', 'stdin', 'stdout', 'stderr']) ids[streamType] = await client.open({ streamtype: streamType })
  await eventually('the replies', () => client.replied.size === 4)
  client.ping(1)
  const long = 'x'.repeat(100_000)
  client.send(ids['stdin']!, long)
  client.send(ids['stdin']!, 'end', true)
  await eventually('the end', () => client.ended.size === 4)
  expect(client.received[ids['stdout']!]).toBe(`${long}end`)
  expect(client.received[ids['stderr']!]).toBe('complaint')
  expect(JSON.parse(client.received[ids['error']!]!)).toMatchObject({ reason: 'NonZeroExitCode', details: { causes: [{ message: '7' }] } })
  expect(client.pongs).toEqual([1])
})

it('tells the size of a terminal, however its messages are cut', async () => {
  const resized: string[] = []
  const server = await withPod({ node: { exec: async () => echo(0, resized) } })
  const client = await upgrade(server, 'exec?command=sh&stdin=true&stdout=true&tty=true', 'v4.channel.k8s.io')
  const ids: Record<string, number> = {}
  for (const streamType of ['error', 'stdin', 'stdout', 'resize']) ids[streamType] = await client.open({ streamtype: streamType })
  client.send(ids['resize']!, '{"Width":80,"Hei')
  client.send(ids['resize']!, 'ght":24}\n{"Width":100,"Height":30}')
  await eventually('both sizes', () => resized.length === 2)
  expect(resized).toEqual(['80x24', '100x30'])
})

it('closes a connection that does not speak SPDY, and goes on', async () => {
  const server = await withPod({ node: { exec: async () => echo(0) } })
  for (const bytes of [Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 12, ...Buffer.alloc(12, 0xff)]), Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 0]), Buffer.from([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff])]) {
    const client = await upgrade(server, 'exec?command=x&stdout=true', 'v4.channel.k8s.io')
    client.raw(bytes)
    await eventually('the close', () => client.gone)
  }
  expect((await server.call('/readyz')).text).toBe('ok')
  await expect(upgrade(server, 'exec?command=x&stdout=true', 'v9.channel.k8s.io')).rejects.toThrow('answered 400')
})

it.each([true, false])('forwards ports over SPDY, and over SPDY inside a WebSocket, until the server ends (connections that stay half open: %s)', async (halfOpen) => {
  const backend = createServer((socket) => socket.on('data', (data: Buffer) => socket.end(`got ${data.toString()}`)))
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void backend.close())
  const dial = (port: number): Promise<Duplex> => new Promise((resolve, reject) => {
    const socket = connect({ port: port === 8080 ? (backend.address() as AddressInfo).port : 1, host: '127.0.0.1', allowHalfOpen: halfOpen }, () => resolve(socket)).on('error', reject)
  })
  const server = await withPod({ node: { connect: (_pod, port) => dial(port) } })
  const clients = [await upgrade(server, 'portforward', 'portforward.k8s.io'), await tunnel(server)]
  for (const client of clients) {
    const error = await client.open({ streamtype: 'error', port: '8080', requestid: '0' })
    const data = await client.open({ streamtype: 'data', port: '8080', requestid: '0' })
    client.send(data, 'hello')
    await eventually('the end of both', () => client.ended.has(data) && client.ended.has(error))
    expect([client.received[data], client.received[error]]).toEqual(['got hello', ''])
    const refused = await client.open({ streamtype: 'error', port: '9', requestid: '1' })
    await client.open({ streamtype: 'data', port: '9', requestid: '1' })
    await eventually('the reason', () => client.ended.has(refused))
    expect(client.received[refused]).toMatch(/^error forwarding port 9 to pod web, uid [-0-9a-f]+: connect ECONNREFUSED/)
  }
})
