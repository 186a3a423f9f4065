import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { startDns } from '../../src-main/dns/server.ts'
import { dnsObjects } from '../../src-main/dns/service.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { iptablesRedirector } from '../../src-main/proxy/iptables.ts'
import { startProxy } from '../../src-main/proxy/proxy.ts'
import { describeWith } from '../parts.ts'
import { askTcp, askUdp, dataOf } from './ask.ts'
import { shop } from './fixture.ts'

describeWith(['iptables'], 'DNS at its ClusterIP', () => {
  test('answers on port 53 by UDP and TCP, though the server listens on a port of its own', async () => {
    const world = await shop()
    const cluster = randomBytes(3).toString('hex')
    const common = { informers: world.informers, clock: systemClock, log: silent, signal: new AbortController().signal }
    const dns = await startDns({ ...common, address: '127.0.0.1', port: 0, upstreams: [] })
    const proxy = await startProxy({ ...common, redirector: iptablesRedirector(cluster) })
    onTestFinished(async () => {
      await proxy.stop()
      await dns.stop()
      world.end()
    })
    const clusterIP = '198.51.100.53'
    const objects = dnsObjects({ clusterIP, address: '127.0.0.1', port: dns.port })
    await world.put(service, objects.service)
    await world.put(endpointSlice, objects.endpointSlice)
    const rules = () => execFileSync('iptables-save', ['-t', 'nat'], { encoding: 'utf8' }).split('\n').filter((l) => l.includes(`WHEELHOUSE-${cluster}-HOST -d ${clusterIP}`))
    await vi.waitFor(() => expect(rules()).toHaveLength(2), { timeout: 10_000, interval: 20 })
    for (const ask of [askUdp, askTcp]) {
      expect(dataOf(await ask({ address: clusterIP, port: 53 }, 'kube-dns.kube-system.svc.cluster.local'))).toEqual([`A ${clusterIP}`])
    }
  })
})
