import type { IncomingMessage } from 'node:http'
import { get } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { allowedMs } from '../../src-main/api/deadline.ts'
import type { Verbs } from '../../src-main/api/verbs.ts'
import { eventually } from '../fixtures/eventually.ts'
import { configMap, type Served, served } from './served-fixture.ts'

const maps = '/api/v1/namespaces/default/configmaps'

interface Status { kind: string; code: number; reason: string; message: string; details: object }

/** Verbs whose `get` and `create` wait until they are let go. */
function held(): { wrap: (verbs: Verbs) => Verbs; arrived: () => number; letGo: () => void } {
  let letGo = () => undefined as unknown
  const gate = new Promise<void>((resolve) => (letGo = resolve))
  let arrived = 0
  const wait = async <T>(work: () => Promise<T>): Promise<T> => {
    arrived++
    await gate
    return work()
  }
  return {
    arrived: () => arrived,
    letGo: () => letGo(),
    wrap: (verbs) => ({ ...verbs, get: (...args) => wait(() => verbs.get(...args)), create: (...args) => wait(() => verbs.create(...args)) }),
  }
}

describe('the deadline', () => {
  it('answers 504 for what takes longer than a minute, and what comes later is dropped', async () => {
    const { wrap, arrived, letGo } = held()
    const { call, clock, store } = await served({ wrap })
    const late = call(maps, { method: 'POST', body: configMap('late') })
    await eventually('the request', () => arrived() === 1)
    clock.advance(59_999)
    clock.advance(1)
    const { code, json } = await late
    expect(code).toBe(504)
    expect(json<Status>()).toMatchObject({ kind: 'Status', reason: 'Timeout', code: 504, message: 'Timeout: request did not complete within requested timeout - context deadline exceeded' })
    letGo()
    await eventually('what was set in motion', () => store.get('/core/configmaps/default/late') !== undefined)
    expect((await call('/livez')).text).toBe('ok')
  })

  it('is nearer for who says so', async () => {
    const { wrap, arrived } = held()
    const { call, clock } = await served({ wrap })
    const late = call('/api/v1/namespaces/default?timeout=1m0.5s')
    const soon = call('/api/v1/namespaces/default?timeout=500ms')
    await eventually('both', () => arrived() === 2)
    clock.advance(500)
    expect((await soon).code).toBe(504)
    clock.advance(59_500)
    expect((await late).code).toBe(504)
    expect((await call('/api/v1/namespaces/default?timeout=soon')).json<Status>()).toMatchObject({ code: 400, reason: 'BadRequest' })
  })

  it('reads Go durations', () => {
    const ms = (timeout: string) => allowedMs(new URLSearchParams({ timeout }))
    expect(['-1s', '+1s'].map(ms)).toEqual([60_000, 1000])
    expect(['30s', '1h', '1.5s', '100ms', '0', '', '0s'].map(ms)).toEqual([30_000, 60_000, 1500, 100, 60_000, 60_000, 60_000])
    for (const wrong of ['x', '5', '-', '1s1', 's']) expect(() => ms(wrong)).toThrow('invalid timeout specified in the request URL')
  })
})

async function open({ port, ca }: Served): Promise<{ socket: TLSSocket; text: () => string; closed: Promise<void> }> {
  const socket = connect({ host: '127.0.0.1', port, ca: ca.cert })
  onTestFinished(() => void socket.destroy())
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString())).on('error', () => undefined)
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()))
  await new Promise<void>((resolve) => socket.on('secureConnect', () => resolve()))
  return { socket, text: () => text, closed }
}

describe('a client that is slow on purpose', () => {
  const head = (token: string) => `POST ${maps} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`

  it('with its body is cut off by the deadline, and nothing is stored', async () => {
    const server = await served()
    const before = server.store.revision
    const timers = server.clock.pending
    const { socket, text, closed } = await open(server)
    socket.write(head(server.token))
    await eventually('the request', () => server.clock.pending > timers)
    server.clock.advance(60_000)
    await closed
    expect(text()).toMatch(/^HTTP\/1.1 504 /)
    expect(text()).toMatch(/connection: close/i)
    expect(server.store.revision).toBe(before)
  })

  it('with its headers, or who sends too many, is refused by the server itself', async () => {
    const server = await served()
    const { socket, text, closed } = await open(server)
    socket.write(`GET ${maps} HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(100_000)}\r\n\r\n`)
    await closed
    expect(text()).toMatch(/^HTTP\/1.1 431 /)
    expect((await server.call('/livez')).text).toBe('ok')
  })
})

describe('what the HTTP parser refuses', () => {
  it('is told as Kubernetes tells it: a word that is no method is not allowed, and nothing else is HTTP', async () => {
    const server = await served()
    for (const [request, line, body] of [
      [`FOO ${maps} HTTP/1.1\r\nHost: x\r\n\r\n`, '405 Method Not Allowed', '"reason":"MethodNotAllowed"'],
      ['GET / HTTP/1.1\r\nHost x\r\n\r\n', '400 Bad Request', '400 Bad Request'],
    ]) {
      const { socket, text, closed } = await open(server)
      socket.write(request!)
      await closed
      expect(text()).toMatch(new RegExp(`^HTTP/1.1 ${line}\r\n[^]*\r\n\r\n[^]*${body}`))
    }
    expect((await server.call('/livez')).text).toBe('ok')
  })
})

describe('a server that closes', () => {
  it('answers what it has begun, ends watches, and takes nothing new', async () => {
    const { wrap, arrived, letGo } = held()
    const { api, call, port, ca, token } = await served({ wrap })
    const watch = await new Promise<IncomingMessage>((resolve, reject) =>
      get({ host: '127.0.0.1', port, path: `${maps}?watch=true`, ca: ca.cert, headers: { authorization: `Bearer ${token}` }, agent: false }, resolve).on('error', reject))
    const ended = new Promise<unknown>((resolve) => watch.on('error', () => undefined).on('close', () => resolve(undefined)).resume())
    const begun = call(maps, { method: 'POST', body: configMap('begun') })
    await eventually('the request', () => arrived() === 1)
    const closed = api.close()
    await ended
    await expect(call('/livez')).rejects.toThrow('ECONNREFUSED')
    letGo()
    expect((await begun).code).toBe(201)
    await closed
  })
})
