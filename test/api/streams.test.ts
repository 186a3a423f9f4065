import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { ExecOptions, ExecSession, LogOptions, NodeConnection } from '../../src-main/api/node-connection.ts'
import { badRequest, internal } from '../../src-main/kinds/status-error.ts'
import { eventually } from '../fixtures/eventually.ts'
import { type Doors, type Served, served } from './served-fixture.ts'
import { context } from './registry-fixture.ts'
import { pod as podKind } from '../../src-main/kinds/core/pod.ts'

const pods = '/api/v1/namespaces/default/pods'
const pod = (containers: string[], annotations = {}) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', annotations },
  spec: { nodeName: 'n1', containers: containers.map((name) => ({ name, image: 'busybox' })) },
})

async function withPod(doors: Doors, containers = ['main'], annotations = {}): Promise<Served> {
  const server = await served(doors)
  await server.verbs.create(podKind, 'default', pod(containers, annotations), context())
  return server
}

/** A command that repeats its input and ends with a code. */
function session(code: number, seen: { resized?: string; closed?: boolean } = {}): ExecSession {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  stdin.pipe(stdout)
  return {
    stdin, stdout, stderr: Readable.from([Buffer.from('complaint')]),
    resize: async (columns, rows) => void (seen.resized = `${columns}x${rows}`),
    exited: new Promise((resolve) => stdout.on('end', () => resolve(code))),
    close: () => (seen.closed = true),
  }
}

function exec(server: Served, query: string, protocol: string) {
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/web/exec?${query}`, protocol, { ca: server.ca.cert, headers: { authorization: `Bearer ${server.token}` } })
  onTestFinished(() => socket.terminate())
  const channels: Record<number, string> = {}
  let closed = false
  let refused = 0
  socket.on('message', (data: Buffer) => {
    const [channel, body] = socket.protocol.includes('base64') ? [data[0]! - 48, Buffer.from(data.toString('latin1', 1), 'base64')] : [data[0]!, data.subarray(1)]
    channels[channel] = (channels[channel] ?? '') + body.toString()
  })
  socket.on('close', () => (closed = true)).on('error', () => undefined).on('unexpected-response', (_req, res) => (refused = res.statusCode ?? 0))
  return { socket, channels, closed: () => closed, refused: () => refused, open: () => new Promise((resolve) => socket.on('open', resolve)) }
}

describe('exec over WebSocket', () => {
  it('carries input, both outputs, the terminal size and the exit code', async () => {
    const seen: { resized?: string; options?: ExecOptions } = {}
    const server = await withPod({ node: { exec: async (_pod, _container, options) => ((seen.options = options), session(3, seen)) } })
    const { socket, channels, closed, open } = exec(server, 'command=sh&command=-c&stdin=1&stdout=1&stderr=1', 'v5.channel.k8s.io')
    await open()
    socket.send(Buffer.from('\x04{"Width":80,"Height":24}'))
    socket.send(Buffer.from('\x00hello'))
    socket.send(Buffer.from([255, 0]))
    await eventually('the end', closed)
    expect(seen.options).toEqual({ command: ['sh', '-c'], stdin: true, stdout: true, stderr: true, tty: false })
    expect([channels[1], channels[2], seen.resized]).toEqual(['hello', 'complaint', '80x24'])
    expect(JSON.parse(channels[3]!)).toMatchObject({ status: 'Failure', reason: 'NonZeroExitCode', details: { causes: [{ reason: 'ExitCode', message: '3' }] } })
  })

  it('gives a command that starts late the terminal size that came first', async () => {
    const seen: { resized?: string } = {}
    const starting: Array<() => void> = []
    const server = await withPod({ node: { exec: () => new Promise((resolve) => starting.push(() => resolve(session(0, seen)))) } })
    const { socket, open } = exec(server, 'command=sh&stdin=1&stdout=1&tty=1', 'v5.channel.k8s.io')
    await open()
    await eventually('the command to be asked for', () => starting.length === 1)
    socket.send(Buffer.from('\x04{"Width":123,"Height":45}'))
    // answered once everything before it has been read
    const answered = new Promise((resolve) => socket.once('pong', resolve))
    socket.ping()
    await answered
    starting[0]!()
    await eventually('the size', () => seen.resized === '123x45')
  })

  it('speaks base64 to those who cannot send bytes, and lets go of the command when the client leaves', async () => {
    const seen: { closed?: boolean } = {}
    const server = await withPod({ node: { exec: async () => session(0, seen) } })
    const { socket, channels, open } = exec(server, 'command=cat&stdin=1&stdout=1', 'base64.channel.k8s.io')
    await open()
    socket.send(`0${Buffer.from('hi').toString('base64')}`)
    await eventually('the echo', () => channels[1] === 'hi')
    socket.close()
    await eventually('the command to be let go', () => seen.closed === true)
  })

  it('takes input as it comes, in frames of bytes or of text', async () => {
    const server = await withPod({ node: { exec: async () => session(0) } })
    const { socket, channels, open } = exec(server, 'command=cat&stdin=1&stdout=1', 'v4.channel.k8s.io')
    await open()
    socket.send('\0text, ')
    socket.send(Buffer.from('\0bytes'))
    await eventually('the echo', () => channels[1] === 'text, bytes')
  })

  it('reads what is asked for as Kubernetes reads booleans: everything is true but false and 0', async () => {
    const seen: { options?: ExecOptions } = {}
    const server = await withPod({ node: { exec: async (_pod, _container, options) => ((seen.options = options), session(0)) } })
    const { closed, channels } = exec(server, 'command=x&stdout=True&stderr=yes&stdin=False&tty=0', 'v4.channel.k8s.io')
    await eventually('the command', () => seen.options !== undefined || closed())
    expect(seen.options).toMatchObject({ stdin: false, stdout: true, stderr: true, tty: false })
    expect(channels).not.toHaveProperty('3', expect.stringContaining('Failure'))
  })

  it('says on the error channel why a command could not start, and refuses what it cannot serve before the upgrade', async () => {
    const server = await withPod({ node: { exec: async () => Promise.reject(badRequest('container "main" is not running')) } })
    const failed = exec(server, 'command=x&stdout=1', 'v4.channel.k8s.io')
    await eventually('the end', failed.closed)
    expect(JSON.parse(failed.channels[3]!)).toMatchObject({ reason: 'BadRequest', message: 'container "main" is not running' })
    for (const [query, protocol] of [['stdout=1', 'v5.channel.k8s.io'], ['command=x', 'v5.channel.k8s.io'], ['command=x&stdout=1', 'v9.channel.k8s.io'], ['command=x&stdout=1&container=no', 'v5.channel.k8s.io']]) {
      const refused = exec(server, query!, protocol!)
      await eventually('the refusal', () => refused.refused() !== 0)
      expect(refused.refused()).toBe(400)
    }
  })
})

describe('logs', () => {
  it('reads the container that is meant, with the options of the query', async () => {
    const asked: Array<[string, LogOptions]> = []
    const logs: NodeConnection['logs'] = async (_pod, container, options) => (asked.push([container, options]), Readable.from(['one\n', 'two\n']))
    const server = await withPod({ node: { logs } }, ['main', 'side'], { 'kubectl.kubernetes.io/default-container': 'side' })
    const answer = await server.call(`${pods}/web/log?tailLines=2&timestamps=true`)
    expect([answer.code, answer.headers['content-type'], answer.text]).toEqual([200, 'text/plain', 'one\ntwo\n'])
    expect(asked[0]).toMatchObject(['side', { tailLines: 2, timestamps: true, follow: false }])
  })

  it('explains what is wrong with a request in Kubernetes\' words', async () => {
    const server = await withPod({ node: {} }, ['main', 'side'])
    const message = async (query: string) => (await server.call(`${pods}/web/log?${query}`)).json<{ code: number; message: string }>()
    expect(await message('')).toMatchObject({ code: 400, message: 'a container name must be specified for pod web, choose one of: [main side]' })
    expect(await message('container=x')).toMatchObject({ code: 400, message: 'container x is not valid for pod web' })
    expect(await message('stream=Stdout')).toMatchObject({ code: 422, message: 'PodLogOptions "web" is invalid: stream: Forbidden: may not be specified' })
    expect(await message('tailLines=-1')).toMatchObject({ code: 422, message: 'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0' })
    expect((await server.call(`${pods}/none/log`)).code).toBe(404)
  })

  it.each([
    [undefined, ['', 'one\n', 'two\n']], ['binary.k8s.io', ['', 'one\n', 'two\n']], ['base64.binary.k8s.io', ['', 'b25lCg==', 'dHdvCg==']],
  ])('go over a WebSocket of protocol %s as messages', async (protocol, messages) => {
    const server = await withPod({ node: { logs: async () => Readable.from([Buffer.from('one\n'), Buffer.from('two\n')]) } })
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/web/log?container=main`, protocol ?? [], { ca: server.ca.cert, headers: { authorization: `Bearer ${server.token}` } })
    onTestFinished(() => socket.terminate())
    const heard: string[] = []
    let ended: number | undefined
    socket.on('message', (data: Buffer) => heard.push(data.toString())).on('close', (code) => (ended = code)).on('error', () => (ended = 0))
    await eventually('the end', () => ended !== undefined)
    expect([ended, heard, socket.protocol]).toEqual([1000, messages, protocol ?? ''])
  })

  it('that follow over a WebSocket are let go when the client leaves', async () => {
    const log = new PassThrough()
    const server = await withPod({ node: { logs: async () => log } })
    const socket = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/web/log?follow=true`, { ca: server.ca.cert, headers: { authorization: `Bearer ${server.token}` } })
    onTestFinished(() => socket.terminate())
    const heard: string[] = []
    socket.on('message', (data: Buffer) => heard.push(data.toString()))
    log.write('first\n')
    await eventually('the first line', () => heard.includes('first\n'))
    socket.close()
    await eventually('the log to be let go', () => log.destroyed)
  })

  it('follows until the client leaves, and then lets go of the log', async () => {
    const log = new PassThrough()
    const server = await withPod({ node: { logs: async () => log } })
    const { request } = await import('node:https')
    const seen: string[] = []
    const req = request({ host: '127.0.0.1', port: server.port, ca: server.ca.cert, path: `${pods}/web/log?follow=true`, headers: { authorization: `Bearer ${server.token}` } }, (res) => {
      res.on('data', (chunk: Buffer) => seen.push(chunk.toString())).on('error', () => undefined)
    })
    req.on('error', () => undefined).end()
    log.write('first\n')
    await eventually('the first line', () => seen.join('') === 'first\n')
    req.destroy()
    await eventually('the log to be let go', () => log.destroyed)
  })
})

describe('the proxy', () => {
  async function backend(): Promise<{ server: Server; dial: () => Promise<Socket> }> {
    const server = createServer((req, res) => {
      if (req.url === '/moved') return void res.writeHead(302, { location: '/there' }).end()
      res.setHeader('set-cookie', 'a=b').end(JSON.stringify({ url: req.url, method: req.method, headers: req.headers }))
    })
    server.on('upgrade', (_req, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nupgraded'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as AddressInfo
    return { server, dial: () => new Promise((resolve) => { const socket = connect(port, '127.0.0.1', () => resolve(socket)) }) }
  }
  const service = '/api/v1/namespaces/default/services'
  const body = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ name: 'http', port: 80 }] } }

  it('passes a request on to a Service without what belongs to the cluster, and leads redirects back', async () => {
    const { dial } = await backend()
    const asked: string[] = []
    const server = await served({ dialService: (namespace, name, port) => (asked.push(`${namespace}/${name}:${port}`), dial()) })
    await server.call(service, { method: 'POST', body })
    const answer = await server.call(`${service}/web:http/proxy/a%2Fb?q=1`, { headers: { cookie: 'secret=1', 'x-mine': 'kept' } })
    const seen = answer.json<{ url: string; headers: Record<string, string> }>()
    expect([seen.url, seen.headers['x-mine'], seen.headers['authorization'], seen.headers['cookie'], asked]).toEqual(['/a%2Fb?q=1', 'kept', undefined, undefined, ['default/web:80']])
    const moved = await server.call(`${service}/web/proxy/moved`)
    expect(moved.headers.location).toBe(`${service}/web/proxy/there`)
    expect((await server.call(`${service}/web/proxy`)).headers.location).toBe(`${service}/web/proxy/`)
    expect((await server.call(`${service}/web:81/proxy/`)).json()).toMatchObject({ code: 503, reason: 'ServiceUnavailable' })
  })

  it('says that nobody answers', async () => {
    const server = await served({ dialService: async () => Promise.reject(new Error('connect ECONNREFUSED')) })
    await server.call(service, { method: 'POST', body })
    expect((await server.call(`${service}/web/proxy/`)).json()).toMatchObject({ code: 503, message: 'error trying to reach service: connect ECONNREFUSED' })
    const refusing = await served({ dialService: async () => Promise.reject(internal('dial tcp 10.0.0.1:80: connect: connection refused')) })
    await refusing.call(service, { method: 'POST', body })
    expect((await refusing.call(`${service}/web/proxy/`)).json()).toMatchObject({ code: 503, reason: 'ServiceUnavailable', message: 'error trying to reach service: dial tcp 10.0.0.1:80: connect: connection refused' })
  })

  it('passes upgrades through', async () => {
    const { dial } = await backend()
    const server = await served({ dialService: dial })
    await server.call(service, { method: 'POST', body })
    const { request } = await import('node:https')
    const text = await new Promise<string>((resolve, reject) => {
      const req = request({
        host: '127.0.0.1', port: server.port, ca: server.ca.cert, path: `${service}/web/proxy/ws`,
        headers: { authorization: `Bearer ${server.token}`, connection: 'upgrade', upgrade: 'websocket' },
      })
      req.on('upgrade', (_res, socket, head) => {
        onTestFinished(() => void socket.destroy())
        if (head.length > 0) resolve(head.toString())
        else socket.once('data', (chunk: Buffer) => resolve(chunk.toString()))
      }).on('error', reject).end()
    })
    expect(text).toBe('upgraded')
  })
})

