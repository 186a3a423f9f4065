import { createSocket } from 'node:dgram'
import { createServer as createHttpServer, request } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { service as serviceKind } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import type { ServiceSpec } from '../../src-main/kinds/generated/types.ts'
import { startProxy, type ProxyDependencies } from '../../src-main/proxy/proxy.ts'
import { noRedirector } from '../../src-main/proxy/redirector.ts'
import { createWorld } from '../client/world.ts'

/** Real timers, and a time that can be moved. */
export function movableClock(): Clock & { advance(ms: number): void } {
  let offset = 0
  return {
    now: () => Date.now() + offset,
    after(ms, fn) {
      const timer = setTimeout(fn, ms)
      return () => clearTimeout(timer)
    },
    advance: (ms) => void (offset += ms),
  }
}

/** A proxy over a world of objects, ended with the test. */
export async function startTestProxy(more: Partial<ProxyDependencies> = {}) {
  const world = createWorld()
  const clock = movableClock()
  const proxy = await startProxy({
    informers: world.informers, clock, log: silent, signal: new AbortController().signal, redirector: noRedirector('Not in this test.'), ...more,
  })
  onTestFinished(async () => {
    await proxy.stop()
    world.end()
  })
  return {
    proxy, clock, world,
    async serve(spec: ServiceSpec, ports: number[], annotations?: Record<string, string>) {
      const { name, protocol } = spec.ports![0]!
      await world.put(endpointSlice, {
        metadata: { name: 'web-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } }, addressType: 'IPv4',
        ports: [{ name, protocol, port: ports[0] }],
        endpoints: ports.slice(0, 1).map(() => ({ addresses: ['127.0.0.1'] })),
      })
      // one slice for each port: endpoints of one address differ in ports only across slices
      for (const [i, port] of ports.slice(1).entries()) {
        await world.put(endpointSlice, {
          metadata: { name: `web-${i + 2}`, namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web' } }, addressType: 'IPv4',
          ports: [{ name, protocol, port }], endpoints: [{ addresses: ['127.0.0.1'] }],
        })
      }
      await world.put(serviceKind, { metadata: { name: 'web', namespace: 'shop', annotations }, spec })
    },
    /** The traffic of shop/web's first port. */
    async port() {
      const traffic = await proxy.traffic.get('web', 'shop')
      return traffic?.status.ports[0]
    },
  }
}

export async function httpServer(answer: string): Promise<number> {
  const server = createHttpServer((_, response) => response.setHeader('connection', 'close').end(answer))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

export async function tcpServer(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

export async function udpEcho(prefix: string): Promise<number> {
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => socket.send(`${prefix}${message}`, from.port, from.address))
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void socket.close())
  return socket.address().port
}

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The body, over a connection of its own. */
export function fetchText(address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const get = request(`http://${address}/`, { agent: false, timeout: 5000 }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk)).on('end', () => resolve(text)).on('error', reject)
    })
    get.on('timeout', () => get.destroy(new Error('timed out'))).on('error', reject).end()
  })
}

export async function fetchMany(address: string, times: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (let i = 0; i < times; i++) {
    const text = await fetchText(address)
    counts[text] = (counts[text] ?? 0) + 1
  }
  return counts
}

export function ask(address: string, messages: string[]): Promise<string[]> {
  const [host, port] = address.split(':')
  const socket = createSocket('udp4')
  const answers: string[] = []
  return new Promise<string[]>((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error(`only ${answers.join()} came back`)), 5000)
    socket.on('error', reject)
    socket.on('message', (message) => {
      answers.push(String(message))
      if (answers.length < messages.length) return socket.send(messages[answers.length]!, Number(port), host)
      clearTimeout(deadline)
      resolve(answers)
    })
    socket.send(messages[0]!, Number(port), host)
  }).finally(() => socket.close())
}
