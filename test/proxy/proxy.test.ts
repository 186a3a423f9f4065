import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test, vi } from 'vitest'
import { service as serviceKind } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { serviceCidr } from '../../src-main/kinds/networking/service-cidr.ts'
import type { ServiceTraffic } from '../../src-main/kinds/traffic.ts'
import type { Redirector, RedirectTable } from '../../src-main/proxy/redirector.ts'
import { ask, closedPort, fetchMany, fetchText, httpServer, startTestProxy, tcpServer, udpEcho } from './parts.ts'

const tcp = { clusterIP: '10.96.7.7', ports: [{ name: 'http', port: 80, protocol: 'TCP' as const }] }
const udp = { clusterIP: '10.96.7.7', ports: [{ name: 'dns', port: 53, protocol: 'UDP' as const }] }
const deadline = { timeout: 5000, interval: 10 }

async function serving(spec: Parameters<Awaited<ReturnType<typeof startTestProxy>>['serve']>[0], ports: number[], annotations?: Record<string, string>, random?: () => number) {
  const started = await startTestProxy({ random })
  await started.serve(spec, ports, annotations)
  const listen = await vi.waitFor(async () => {
    const port = await started.port()
    expect(port?.listen).toMatch(/^127\.0\.0\.1:\d+$/)
    return port!.listen
  }, deadline)
  return { ...started, listen }
}

describe('TCP', () => {
  test('spreads connections exactly in turn, and counts them', async () => {
    const ports = await Promise.all(['a', 'b', 'c'].map(httpServer))
    const { listen, port } = await serving(tcp, ports)
    expect(await fetchMany(listen, 9)).toEqual({ a: 3, b: 3, c: 3 })
    await vi.waitFor(async () => expect((await port())?.endpoints.map((e) => [e.connections, e.active, e.failures])).toEqual([[3, 0, 0], [3, 0, 0], [3, 0, 0]]), deadline)
    const [first] = (await port())!.endpoints
    expect(first!.bytesSent).toBeGreaterThan(3 * 30)
    expect(first!.bytesReceived).toBeGreaterThan(3 * 50)
    expect(first!.connectMs).toBeGreaterThan(0)
  })

  test('spreads at random when the annotation says so', async () => {
    const draws = [0.1, 0.9, 0.9, 0.5, 0.9]
    const ports = (await Promise.all(['a', 'b', 'c'].map(httpServer)))
    const { listen } = await serving(tcp, ports, { 'wheelhouse.dev/balance': 'random' }, () => draws.shift()!)
    const counts = Object.values(await fetchMany(listen, 5)).sort()
    expect(counts).toEqual([1, 1, 3])
  })

  test('keeps a client at one endpoint while affinity lasts', async () => {
    const ports = await Promise.all(['a', 'b'].map(httpServer))
    const { listen, clock } = await serving({ ...tcp, sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }, ports)
    const [[first, count] = []] = Object.entries(await fetchMany(listen, 4))
    expect(count).toBe(4)
    clock.advance(61_000)
    expect(await fetchText(listen)).not.toBe(first)
  })

  test('tries the next endpoint when one refuses, and counts the failure', async () => {
    const [dead, live] = [await closedPort(), await httpServer('live')]
    const { listen, port } = await serving(tcp, [dead, live])
    expect(await fetchMany(listen, 4)).toEqual({ live: 4 })
    const endpoints = (await port())!.endpoints
    expect(endpoints.find((e) => e.address.endsWith(`:${dead}`))).toMatchObject({ connections: 0, failures: 1 })
    expect(endpoints.find((e) => e.address.endsWith(`:${live}`))).toMatchObject({ connections: 4, failures: 0 })
  })

  test('resets a connection when there is no endpoint', async () => {
    const { listen } = await serving(tcp, [await closedPort()])
    await expect(fetchText(listen)).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  test('lets one direction end before the other', async () => {
    const echo = await tcpServer((socket) => void text(socket).then((all) => socket.end(all.toUpperCase())))
    const { listen } = await serving(tcp, [echo])
    const client = connect({ port: Number(listen.split(':')[1]), host: '127.0.0.1', allowHalfOpen: true })
    client.end('said everything')
    expect(await text(client)).toBe('SAID EVERYTHING')
  })

  test('holds a sender back while the receiver does not read, and loses nothing', async () => {
    let read: (() => void) | undefined
    let received = 0
    const slow = await tcpServer((socket) => {
      socket.pause()
      read = () => void socket.on('data', (chunk: Buffer) => (received += chunk.length)).on('end', () => socket.end()).resume()
    })
    const { listen, port } = await serving(tcp, [slow])
    const client = connect(Number(listen.split(':')[1]), '127.0.0.1')
    const megabyte = Buffer.alloc(1024 * 1024)
    for (let i = 0; i < 64; i++) client.write(megabyte)
    client.end()
    let before = -1
    await vi.waitFor(async () => {
      const sent = (await port())!.endpoints[0]!.bytesSent
      const steady = sent > 0 && sent === before
      before = sent
      expect(steady).toBe(true)
    }, { timeout: 5000, interval: 100 })
    expect(before).toBeLessThan(32 * 1024 * 1024)
    read!()
    client.resume()
    await once(client, 'close')
    expect(received).toBe(64 * 1024 * 1024)
  })

  test('passes an abort on to the other side', async () => {
    const errors: string[] = []
    const endpoint = await tcpServer((socket) => void socket.on('error', (e: NodeJS.ErrnoException) => errors.push(e.code ?? '')).resume())
    const { listen, port } = await serving(tcp, [endpoint])
    const client = connect(Number(listen.split(':')[1]), '127.0.0.1')
    client.write('hello')
    await vi.waitFor(async () => expect((await port())!.endpoints[0]!.bytesSent).toBe(5), deadline)
    client.resetAndDestroy()
    await vi.waitFor(() => expect(errors).toEqual(['ECONNRESET']), deadline)
    expect((await port())!.endpoints[0]!.active).toBe(0)
  })
})

describe('UDP', () => {
  test('keeps a client\'s datagrams at one endpoint, and gives the next client the next one', async () => {
    const { listen, port } = await serving(udp, [await udpEcho('a:'), await udpEcho('b:')])
    const first = await ask(listen, ['1', '2', '3'])
    const second = await ask(listen, ['1'])
    expect(new Set(first.map((answer) => answer[0])).size).toBe(1)
    expect(second[0]![0]).not.toBe(first[0]![0])
    expect((await port())!.endpoints.map((e) => e.connections)).toEqual([1, 1])
  })

  test('sends what an endpoint refused to the next one', async () => {
    const dead = await closedPort()
    const { listen, port } = await serving(udp, [dead, await udpEcho('live:')])
    expect(await ask(listen, ['1', '2'])).toEqual(['live:1', 'live:2'])
    expect(await ask(listen, ['3'])).toEqual(['live:3'])
    expect((await port())!.endpoints.find((e) => e.address.endsWith(`:${dead}`))).toMatchObject({ failures: 1, active: 0 })
  })
})

test('opens a NodePort, and moves it when the Service moves it', async () => {
  const [first, second] = [await closedPort(), await closedPort()]
  const { serve, port, proxy, world } = await startTestProxy()
  const backend = await httpServer('here')
  const spec = (nodePort: number) => ({ ...tcp, type: 'NodePort' as const, ports: [{ ...tcp.ports[0]!, nodePort }] })
  await serve(spec(first), [backend])
  await vi.waitFor(async () => expect(await fetchText(`127.0.0.1:${first}`)).toBe('here'), deadline)
  expect((await port())?.access).toContainEqual({ type: 'NodePort', address: `127.0.0.1:${first}`, available: true })
  await serve(spec(second), [backend])
  await vi.waitFor(async () => expect(await fetchText(`127.0.0.1:${second}`)).toBe('here'), deadline)
  await expect(fetchText(`127.0.0.1:${first}`)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await world.remove(serviceKind, 'shop/web')
  await vi.waitFor(() => expect(fetchText(`127.0.0.1:${second}`)).rejects.toMatchObject({ code: 'ECONNREFUSED' }), deadline)
  expect(await proxy.traffic.list()).toEqual([])
})

test('says in the traffic why a ClusterIP or a NodePort does not work, and what to use', async () => {
  const taken = await httpServer('somebody else')
  const { serve, port } = await startTestProxy()
  await serve({ ...tcp, ports: [{ ...tcp.ports[0]!, nodePort: taken }] }, [await httpServer('here')])
  const access = await vi.waitFor(async () => {
    const ways = (await port())!.access
    expect(ways[1]?.available).toBe(false)
    return ways
  }, deadline)
  expect(access[0]).toMatchObject({ type: 'ClusterIP', address: '10.96.7.7:80', available: false })
  expect(access[0]!.message).toMatch(/^Not in this test\. On this machine, use 127\.0\.0\.1:\d+ instead\.$/)
  expect(access[1]!.message).toMatch(new RegExp(`^Port ${taken} of this machine could not be opened \\(.*EADDRINUSE.*\\)\\.`))
})

test('dials a Service by port number and by name, counted, and says what is missing', async () => {
  const { proxy, port, world } = await serving(tcp, [await httpServer('dialled')])
  for (const by of [80, 'http', '80']) {
    const stream = await proxy.dial('shop', 'web', by)
    stream.write('GET / HTTP/1.1\r\nHost: web\r\n\r\n')
    expect(await text(stream)).toMatch(/dialled$/)
    stream.end()
  }
  expect((await port())!.endpoints[0]!.connections).toBe(3)
  await expect(proxy.dial('shop', 'nobody', 80)).rejects.toMatchObject({ code: 404, message: 'services "nobody" not found' })
  await expect(proxy.dial('shop', 'web', 81)).rejects.toMatchObject({ code: 503, message: 'no service port "81" found for service "web"' })
  await world.remove(endpointSlice, 'shop/web-1')
  await expect(proxy.dial('shop', 'web', 80)).rejects.toMatchObject({ code: 503, message: 'no endpoints available for service "web"' })
})

test('tells subscribers what changes, and nothing while nothing does', async () => {
  const { proxy, listen, world } = await serving(tcp, [await httpServer('x')])
  const told: Array<[string, ServiceTraffic]> = []
  const stop = proxy.traffic.subscribe((type, object) => told.push([type, object]))
  await fetchMany(listen, 3)
  await vi.waitFor(() => expect(told.at(-1)?.[1].status.ports[0]!.endpoints[0]).toMatchObject({ connections: 3, active: 0 }), deadline)
  expect(told.length).toBeLessThanOrEqual(3)
  await world.remove(serviceKind, 'shop/web')
  await vi.waitFor(() => expect(told.at(-1)?.[0]).toBe('DELETED'), deadline)
  stop()
})

test('refuses what goes into a range that a ServiceCIDR adds, but never the whole network', async () => {
  const applied: RedirectTable[] = []
  const redirector: Redirector = { canRedirect: () => Promise.resolve({ ok: true }), apply: (table) => Promise.resolve(void applied.push(table)), clear: () => Promise.resolve() }
  const { world } = await startTestProxy({ redirector, serviceRange: '10.96.0.0/16' })
  await world.put(serviceCidr, { metadata: { name: 'more' }, spec: { cidrs: ['10.200.0.0/24', 'fd00::/112'] } })
  await world.put(serviceCidr, { metadata: { name: 'slip' }, spec: { cidrs: ['0.0.0.0/0'] } })
  await vi.waitFor(() => expect(applied.at(-1)?.serviceRanges).toEqual(['10.96.0.0/16', '10.200.0.0/24']), deadline)
})
