import { createSocket } from 'node:dgram'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode, type Answer } from 'dns-packet'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock, type Clock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { frames } from '../../src-main/dns/frames.ts'
import { startDns } from '../../src-main/dns/server.ts'
import { systemUpstreams, type Upstream } from '../../src-main/dns/upstream.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { askTcp, askUdp, dataOf, question, rcodeOf, sendTcp, sendUdp } from './ask.ts'
import { shop } from './fixture.ts'

async function start(upstreams: Upstream[] = [], clock: Clock = systemClock) {
  const world = await shop()
  const dns = await startDns({ informers: world.informers, clock, log: silent, signal: new AbortController().signal, address: '127.0.0.1', port: 0, upstreams })
  onTestFinished(async () => {
    await dns.stop()
    world.end()
  })
  return { dns, world }
}

/** A resolver that answers every name with one address, and a second datagram that is a lie before it. */
async function resolver(address: string): Promise<Upstream> {
  const udp = createSocket('udp4')
  const tcp = createServer()
  const answerTo = (message: Buffer, id: number, data: string) => {
    const { questions } = decode(message)
    const answers: Answer[] = [{ type: 'A', name: questions![0]!.name, ttl: 60, data }]
    return encode({ type: 'response', id, flags: 0x180, questions, answers })
  }
  udp.on('message', (message, from) => {
    const id = message.readUInt16BE(0)
    udp.send(answerTo(message, (id + 1) % 65_536, '6.6.6.6'), from.port, from.address)
    udp.send(answerTo(message, id, address), from.port, from.address)
  })
  tcp.on('connection', (socket) => socket.on('data', frames.reader((m) => socket.write(frames.wrap(answerTo(m, m.readUInt16BE(0), address))))))
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const { port } = tcp.address() as AddressInfo
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve))
  onTestFinished(() => {
    udp.close()
    tcp.close()
  })
  return { address: '127.0.0.1', port }
}

/** Takes questions and keeps them. */
async function silentResolver(): Promise<Upstream> {
  const udp = createSocket('udp4')
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => void udp.close())
  return { address: '127.0.0.1', port: udp.address().port }
}

test('answers by UDP and TCP with authority, several questions on one connection', async () => {
  const { dns } = await start()
  const udp = await askUdp(dns, 'web.shop.svc.cluster.local')
  expect(udp).toMatchObject({ id: 4711, type: 'response', flag_aa: true, flag_ra: true, flag_rd: true, rcode: 'NOERROR' })
  expect(dataOf(udp)).toEqual(['A 10.96.0.5'])
  const both = await sendTcp(dns, [question('web.shop.svc.cluster.local'), question('db.shop.svc.cluster.local')])
  expect(both.map((reply) => dataOf(decode(reply)))).toEqual([['A 10.96.0.5'], ['A 172.18.0.2', 'A 172.18.0.3']])
})

test('says no with the zone\'s SOA, so that the no may be remembered', async () => {
  const { dns } = await start()
  const wrong = await askUdp(dns, 'nobody.shop.svc.cluster.local')
  expect(rcodeOf(wrong)).toBe('NXDOMAIN')
  expect(wrong.authorities).toMatchObject([{ type: 'SOA', name: 'cluster.local', data: { minimum: 5 } }])
  const otherType = await askUdp(dns, 'web.shop.svc.cluster.local', 'AAAA')
  expect(rcodeOf(otherType)).toBe('NOERROR')
  expect(otherType.answers).toEqual([])
  expect(otherType.authorities).toHaveLength(1)
})

test('answers what has just changed', async () => {
  const { dns, world } = await start()
  await world.remove(endpointSlice, 'shop/db-1')
  expect(dataOf(await askUdp(dns, 'db.shop.svc.cluster.local'))).toEqual([])
})

test('asks the world for the world\'s names, the next resolver when one is silent or away', async () => {
  const away = { address: '127.0.0.1', port: 9 }
  const hasty: Clock = { now: Date.now, after: (ms, fn) => systemClock.after(ms / 20, fn) }
  const { dns } = await start([away, await silentResolver(), await resolver('203.0.113.8')], hasty)
  expect(dataOf(await askUdp(dns, 'example.org'))).toEqual(['A 203.0.113.8'])
  expect(dataOf(await askTcp(dns, 'example.org'))).toEqual(['A 203.0.113.8'])
})

test('answers SERVFAIL when no resolver can be asked', async () => {
  const { dns } = await start([{ address: '127.0.0.1', port: 9 }])
  expect(rcodeOf(await askUdp(dns, 'example.org'))).toBe('SERVFAIL')
})

test('follows an alias inside the cluster and outside', async () => {
  const { dns } = await start([await resolver('203.0.113.8')])
  expect(dataOf(await askUdp(dns, 'alias.shop.svc.cluster.local'))).toEqual(['CNAME web.shop.svc.cluster.local', 'A 10.96.0.5'])
  expect(dataOf(await askUdp(dns, 'outside.shop.svc.cluster.local'))).toEqual(['CNAME example.org', 'A 203.0.113.8'])
})

test('cuts what does not fit a datagram, unless the client takes larger ones, and says all by TCP', async () => {
  const { dns, world } = await start()
  const many = (n: number) => world.put(endpointSlice, {
    metadata: { name: 'db-1', namespace: 'shop', labels: { 'kubernetes.io/service-name': 'db' } }, addressType: 'IPv4', ports: [{ name: 'sql', port: 5432 }],
    endpoints: Array.from({ length: n }, (_, i) => ({ addresses: [`172.18.1.${i}`] })),
  })
  await many(25)
  expect((await askUdp(dns, 'db.shop.svc.cluster.local')).answers).toHaveLength(25)
  await many(40)
  const plain = await askUdp(dns, 'db.shop.svc.cluster.local')
  expect(plain).toMatchObject({ flag_tc: true, answers: [] })
  const edns = { additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] } as unknown as Answer] }
  const large = await askUdp(dns, 'db.shop.svc.cluster.local', 'A', edns)
  expect(large.answers).toHaveLength(40)
  expect(large.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }])
  expect(dataOf(large).at(-1)).toBe('A 172.18.1.39')
  await many(200)
  expect(await askUdp(dns, 'db.shop.svc.cluster.local', 'A', edns)).toMatchObject({ flag_tc: true })
  expect((await askTcp(dns, 'db.shop.svc.cluster.local')).answers).toHaveLength(200)
})

test('answers nonsense with an error or not at all, and goes on', async () => {
  const { dns } = await start()
  const header = (flags: number, questions: number) => Buffer.from([0x12, 0x34, flags >> 8, flags & 255, 0, questions, 0, 0, 0, 0, 0, 0])
  for (const [message, code] of [[header(0x0100, 0), 1], [Buffer.concat([header(0x0100, 1), Buffer.from([63])]), 1], [Buffer.concat([header(0x2900, 1), question('a.b').subarray(12)]), 4]] as const) {
    const reply = await sendUdp(dns, message)
    expect([reply.readUInt16BE(0), reply[3]! & 15]).toEqual([0x1234, code])
  }
  const ignored = createSocket('udp4')
  ignored.send(Buffer.from([1, 2, 3]), dns.port, dns.address)
  ignored.send(header(0x8180, 1), dns.port, dns.address, () => ignored.close())
  expect(rcodeOf(await askUdp(dns, 'web.shop.svc.cluster.local'))).toBe('NOERROR')
})

test('reads this machine\'s resolvers, and knows none where there is no file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'dns-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  await writeFile(join(directory, 'resolv.conf'), '# nameserver 9.9.9.9\nsearch lan\nnameserver 127.0.0.53\n nameserver fe80::1%eth0\nnameserver nonsense\n')
  expect((await systemUpstreams(join(directory, 'resolv.conf'))).map((u) => u.address)).toEqual(['127.0.0.53', 'fe80::1%eth0'])
  expect(await systemUpstreams(join(directory, 'absent'))).toEqual([])
})
