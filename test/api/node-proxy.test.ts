import { createServer } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { NodeConnection } from '../../src-main/api/node-connection.ts'
import { relocated, rewriteHtml } from '../../src-main/api/subresources/proxy-rewrite.ts'
import { node as nodeKind } from '../../src-main/kinds/core/node.ts'
import { pod as podKind } from '../../src-main/kinds/core/pod.ts'
import { nodeDocument, type NodeView } from '../../src-main/kubelet/documents.ts'
import { context, podNamed } from './registry-fixture.ts'
import { eventually } from '../fixtures/eventually.ts'
import { served, type Served } from './served-fixture.ts'

const pods = '/api/v1/namespaces/default/pods'

const view: NodeView = {
  nodeName: 'n1', clusterDomain: 'cluster.local', clusterDns: '10.96.0.10', maxPods: () => 110,
  pods: () => [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'default', uid: 'u' }, status: { phase: 'Running', startTime: '2026-01-01T00:00:00Z' } }],
  stats: () => ({
    at: Date.parse('2026-01-01T00:00:10Z'), windowMs: 5000, node: { cpu: 0.5, cpuNanos: 3e9, memoryBytes: 1024 },
    pods: [{ namespace: 'default', name: 'web', uid: 'u', simulated: false, containers: [{ name: 'main', cpu: 0.25, cpuNanos: 2e9, memoryBytes: 512 }] }],
  }),
}

async function withNode(node: Partial<NodeConnection> = {}): Promise<Served> {
  const server = await served({ node: { document: (path) => nodeDocument(path, view), ...node } })
  await server.verbs.create(nodeKind, undefined, { metadata: { name: 'n1' } }, context())
  return server
}

test.each(['n1', 'n1:10250', 'https:n1:10250'])('answers the kubelet’s read endpoints below nodes/%s/proxy', async (name) => {
  const server = await withNode()
  const ask = (path: string) => server.call(`/api/v1/nodes/${name}/proxy${path}`)
  expect((await ask('/healthz')).text).toBe('ok')
  expect((await ask('/pods/')).json()).toMatchObject({ kind: 'PodList', apiVersion: 'v1', items: [{ metadata: { name: 'web' } }] })
  expect((await ask('/configz')).json()).toMatchObject({ kubeletconfig: { clusterDNS: ['10.96.0.10'], maxPods: 110 } })
  expect((await ask('/metrics')).text).toContain('kubelet_running_pods 1')
})

test('says what the node, its pods and their containers use', async () => {
  const server = await withNode()
  expect((await server.call('/api/v1/nodes/n1/proxy/stats/summary')).json()).toEqual({
    node: {
      nodeName: 'n1', cpu: { time: '2026-01-01T00:00:10Z', usageNanoCores: 5e8, usageCoreNanoSeconds: 3e9 },
      memory: { time: '2026-01-01T00:00:10Z', usageBytes: 1024, workingSetBytes: 1024 },
    },
    pods: [expect.objectContaining({
      podRef: { name: 'web', namespace: 'default', uid: 'u' }, startTime: '2026-01-01T00:00:00Z',
      containers: [expect.objectContaining({ name: 'main', memory: { time: '2026-01-01T00:00:10Z', usageBytes: 512, workingSetBytes: 512 } })],
    })],
  })
  const { text } = await server.call('/api/v1/nodes/n1/proxy/metrics/resource')
  expect(text).toContain('container_cpu_usage_seconds_total{container="main",namespace="default",pod="web"} 2\n')
  expect(text).toContain('# TYPE node_memory_working_set_bytes gauge\nnode_memory_working_set_bytes 1024\n')
})

test.each([
  ['/api/v1/nodes/n1/proxy/run/a/b', 404], ['/api/v1/nodes/nobody/proxy/healthz', 404], ['/api/v1/nodes/n1:8080/proxy/healthz', 503],
  ['/api/v1/nodes/a:n1:1/proxy/healthz', 400], ['/api/v1/nodes/n1/proxy/containerLogs/default/nobody/main', 404],
])('answers %s with %i', async (path, code) => {
  expect((await (await withNode()).call(path)).code).toBe(code)
})

test('lets nobody write to a kubelet, nor upgrade to it', async () => {
  const server = await withNode()
  expect((await server.call('/api/v1/nodes/n1/proxy/pods', { method: 'POST', body: {} })).code).toBe(405)
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}/api/v1/nodes/n1/proxy/exec/a/b/c`, { ca: server.ca.cert, headers: { authorization: `Bearer ${server.token}` } })
  let code = 0
  socket.on('error', () => undefined).on('unexpected-response', (_req, res) => (code = res.statusCode ?? 0))
  await eventually('the refusal', () => code > 0)
  expect(code).toBe(400)
})

async function withPage(): Promise<Served> {
  const workload = createServer((req, res) => {
    if (req.url === '/moved') return void res.writeHead(302, { Location: `http://${req.headers.host}/there?a=b` }).end()
    res.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(`<a href="/rewriteme">test ${req.method}</a>`)
  })
  await new Promise<void>((resolve) => workload.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void workload.close())
  const { port } = workload.address() as AddressInfo
  const server = await withNode({ connect: async () => connect(port, '127.0.0.1') })
  await server.verbs.create(podKind, 'default', podNamed('web', { nodeName: 'n1', containers: [{ name: 'main', image: 'busybox', ports: [{ name: 'http', containerPort: 8080 }] }] }), context())
  return server
}

test.each(['web', 'web:8080', 'web:http', 'http:web:8080'])('leads the links of a page through the proxy again: %s', async (name) => {
  const server = await withPage()
  const answer = await server.call(`${pods}/${name}/proxy/`)
  expect(answer.text).toBe(`<a href="${pods}/${name}/proxy/rewriteme">test GET</a>`)
  expect((await server.call(`${pods}/${name}/proxy/moved`)).headers.location).toBe(`${pods}/${name}/proxy/there?a=b`)
})

test.each(['DELETE', 'OPTIONS', 'PATCH', 'POST', 'PUT'])('passes %s on', async (method) => {
  const server = await withPage()
  expect((await server.call(`${pods}/web/proxy/x`, { method })).text).toContain(`test ${method}`)
})

test('relocates the links of the workload’s own host, and no other text', () => {
  const behind = { prefix: '/p/proxy', hosts: ['web:80'] }
  expect(relocated('https://example.com/a', behind)).toBe('https://example.com/a')
  expect(relocated('//web:80/a', behind)).toBe('/p/proxy/a')
  expect(relocated('a/b', behind)).toBe('a/b')
  expect(relocated('/p/proxy/a', behind)).toBe('/p/proxy/a')
  expect(rewriteHtml(`<img alt="/a" SRC='/b'> /c <script src="/d"></script><p href="/e"><a href=`, behind)).toBe(`<img alt="/a" SRC='/p/proxy/b'> /c <script src="/p/proxy/d"></script><p href="/e"><a href=`)
})

test.each(['v4.channel.k8s.io', 'v4.base64.channel.k8s.io'])('forwards ports over the channels of %s', async (protocol) => {
  const echo = createTcpServer((socket) => socket.on('error', () => undefined).pipe(socket))
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void echo.close())
  const { port } = echo.address() as AddressInfo
  const server = await withNode({ connect: async (_pod, wanted) => (wanted === 80 ? connect(port, '127.0.0.1') : Promise.reject(new Error('connection refused'))) })
  await server.verbs.create(podKind, 'default', podNamed('web', { nodeName: 'n1' }), context())
  await server.verbs.update(podKind, { namespace: 'default', name: 'web' }, { ...podNamed('web', { nodeName: 'n1' }), status: { phase: 'Running' } }, context(), 'status')
  const socket = new WebSocket(`wss://127.0.0.1:${server.port}${pods}/web/portforward?ports=80&ports=258`, protocol, { ca: server.ca.cert, headers: { authorization: `Bearer ${server.token}` } })
  onTestFinished(() => socket.terminate())
  const base64 = protocol.includes('base64')
  const heard: Record<number, Buffer> = {}
  socket.on('message', (data: Buffer) => {
    const [channel, bytes] = base64 ? [data[0]! - 48, Buffer.from(data.toString('latin1', 1), 'base64')] : [data[0]!, data.subarray(1)]
    heard[channel] = Buffer.concat([heard[channel] ?? Buffer.alloc(0), bytes])
  })
  await new Promise((resolve) => socket.on('open', resolve))
  socket.send(base64 ? `0${Buffer.from('hello').toString('base64')}` : Buffer.from('\x00hello'))
  await eventually('the echo', () => heard[0]?.subarray(2).toString() === 'hello')
  await eventually('the failure of the other port', () => heard[3]?.toString('latin1', 2).startsWith('error forwarding port 258 to pod web') ?? false)
  expect([heard[0]!.subarray(0, 2), heard[1], heard[2], heard[3]!.subarray(0, 2)]).toEqual([Buffer.from([80, 0]), Buffer.from([80, 0]), Buffer.from([2, 1]), Buffer.from([2, 1])])
})
