import { expect, test } from 'vitest'
import type { Endpoint, EndpointSlice, Service } from '../../src-main/kinds/generated/types.ts'
import { redirectsFor, wantedPorts } from '../../src-main/proxy/rules.ts'

const service = (spec: Service['spec'], annotations?: Record<string, string>): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop', annotations },
  spec: { clusterIP: '10.96.0.5', ports: [{ name: 'http', port: 80, protocol: 'TCP' }], ...spec },
})
const slice = (endpoints: Endpoint[], ports: EndpointSlice['ports'] = [{ name: 'http', port: 8080, protocol: 'TCP' }]): EndpointSlice => ({
  apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'web-1', namespace: 'shop' },
  addressType: 'IPv4', endpoints, ports,
})
const endpoint = (address: string, conditions?: Endpoint['conditions']): Endpoint => ({
  addresses: [address], conditions, targetRef: { kind: 'Pod', name: `pod-${address}` },
})
const usable = (s: Service, slices: EndpointSlice[]) =>
  wantedPorts(s, slices).map((p) => p.endpoints.filter((e) => e.usable).map((e) => e.id))

test('joins a port with the slices\' port of the same name and protocol', () => {
  const many = service({ ports: [{ name: 'http', port: 80 }, { name: 'dns', port: 53, protocol: 'UDP', nodePort: 30053 }] })
  const ports = [{ name: 'http', port: 8080, protocol: 'TCP' }, { name: 'dns', port: 5353, protocol: 'UDP' }, { name: 'dns', port: 1, protocol: 'TCP' }]
  const [http, dns] = wantedPorts(many, [slice([endpoint('10.0.0.1')], ports)])
  expect(http).toMatchObject({ id: 'shop/web:80/TCP', protocol: 'TCP', endpoints: [{ id: '10.0.0.1:8080', pod: 'pod-10.0.0.1', ready: true }] })
  expect(dns).toMatchObject({ id: 'shop/web:53/UDP', protocol: 'UDP', nodePort: 30053, endpoints: [{ id: '10.0.0.1:5353' }] })
})

test('merges slices, takes an address once, and keeps one order whatever order they come in', () => {
  const a = slice([endpoint('10.0.0.3'), endpoint('10.0.0.1')])
  const b = slice([endpoint('10.0.0.2'), endpoint('10.0.0.1', { ready: false })])
  expect(usable(service({}), [a, b])).toEqual([['10.0.0.1:8080', '10.0.0.2:8080', '10.0.0.3:8080']])
  expect(usable(service({}), [b, a])).toEqual(usable(service({}), [a, b]))
})

test('sends to ready endpoints, and while all terminate to those that still serve', () => {
  const terminating = endpoint('10.0.0.1', { ready: false, serving: true, terminating: true })
  const failing = endpoint('10.0.0.2', { ready: false, serving: false, terminating: true })
  const starting = endpoint('10.0.0.3', { ready: false, serving: false, terminating: false })
  expect(usable(service({}), [slice([terminating, failing, starting, endpoint('10.0.0.4', {})])])).toEqual([['10.0.0.4:8080']])
  expect(usable(service({}), [slice([terminating, failing, starting])])).toEqual([['10.0.0.1:8080']])
  expect(usable(service({}), [slice([failing, starting])])).toEqual([[]])
})

test('serves nothing for ExternalName and headless Services', () => {
  expect(wantedPorts(service({ type: 'ExternalName', externalName: 'example.org' }), [])).toEqual([])
  expect(wantedPorts(service({ clusterIP: 'None' }), [])).toEqual([])
  expect(wantedPorts(service({ clusterIP: '' }), [])).toEqual([])
})

test('reads balance from the annotation and affinity from the spec', () => {
  expect(wantedPorts(service({}), [])[0]).toMatchObject({ balance: 'round-robin', affinitySeconds: undefined })
  expect(wantedPorts(service({ sessionAffinity: 'ClientIP' }, { 'wheelhouse.dev/balance': 'random' }), [])[0])
    .toMatchObject({ balance: 'random', affinitySeconds: 10800 })
  const short = service({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 7 } } })
  expect(wantedPorts(short, [])[0]?.affinitySeconds).toBe(7)
})

test('redirects the ClusterIP and the NodePort, from this machine to loopback and from pods to the bridge', () => {
  const both = service({ ports: [{ port: 80, nodePort: 30080 }] })
  const [wanted] = wantedPorts(both, [slice([endpoint('10.0.0.1')], [{ port: 8080 }])])
  const listening = { host: { address: '127.0.0.1', port: 4001 }, pods: { address: '172.18.0.1', port: 4002 } }
  expect(redirectsFor(wanted!, listening).map((r) => [r.from, r.destination, r.port, `${r.to.address}:${r.to.port}`])).toEqual([
    ['host', { address: '10.96.0.5' }, 80, '127.0.0.1:4001'],
    ['host', 'this machine', 30080, '127.0.0.1:4001'],
    ['pods', { address: '10.96.0.5' }, 80, '172.18.0.1:4002'],
    ['pods', 'this machine', 30080, '172.18.0.1:4002'],
  ])
  expect(redirectsFor(wanted!, {})).toEqual([])
  const [unanswered] = wantedPorts(both, [])
  expect(redirectsFor(unanswered!, listening).map((r) => r.destination)).toEqual(['this machine', 'this machine'])
})
