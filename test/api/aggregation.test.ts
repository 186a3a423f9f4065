import { request } from 'node:https'
import { expect, test } from 'vitest'
import { exposition } from '../../src-main/api/exposition.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { aggregating, available, deploy, extensionServer, group, register } from './extension-server.ts'
import { eventually } from '../fixtures/eventually.ts'
import { context } from './registry-fixture.ts'
import { adminToken, type Doors } from './served-fixture.ts'

const flunders = `/apis/${group}/v1alpha1/namespaces/default/flunders`

async function ready(doors?: Doors) {
  const extension = await extensionServer()
  const server = await aggregating(extension, doors)
  await deploy(server)
  await register(server, extension)
  await available(server, 'Passed')
  extension.asked.length = 0
  return { extension, server }
}

test('hands a request below an aggregated group version to its extension server, as the user who asked', async () => {
  const { extension, server } = await ready()
  extension.answer = (_req, res) => Boolean(res.writeHead(201, { 'Content-Type': 'application/json', 'X-Own': 'yes' }).end('{"kind":"Flunder"}'))

  const answer = await server.call(`${flunders}?dryRun=All`, { method: 'POST', body: { kind: 'Flunder' }, headers: { 'X-Remote-User': 'somebody-else', 'X-Remote-Group': 'system:masters', Cookie: 'a=b' } })

  expect([answer.code, answer.text, answer.headers['x-own']]).toEqual([201, '{"kind":"Flunder"}', 'yes'])
  const [asked] = extension.asked
  expect(asked).toMatchObject({ method: 'POST', url: `${flunders}?dryRun=All`, body: '{"kind":"Flunder"}', certificate: 'front-proxy-client' })
  expect(asked!.headers).toMatchObject({ 'x-remote-user': 'admin', host: 'api.wardle.svc:443' })
  expect(asked!.headers['x-remote-group']).toBe('system:masters, system:authenticated')
  expect(asked!.headers['authorization']).toBeUndefined()
  expect(asked!.headers['cookie']).toBeUndefined()
})

test('asks an extension server for the impersonated user, with their extra', async () => {
  const { extension, server } = await ready({ authorize: () => ({ allowed: true, reason: '' }) })
  extension.answer = (_req, res) => Boolean(res.end('{}'))
  await server.call(`${flunders}/a`, { headers: { 'Impersonate-User': 'jane', 'Impersonate-Group': 'devs', 'Impersonate-Extra-acme.com%2Fproject': 'x' } })
  expect(extension.asked[0]!.headers).toMatchObject({ 'x-remote-user': 'jane', 'x-remote-group': 'devs, system:authenticated', 'x-remote-extra-acme.com%2fproject': 'x' })
})

test('authorizes before it hands on', async () => {
  const { extension, server } = await ready()
  const answer = await server.call(flunders, { token: 'the-guest-token' })
  expect([answer.code, answer.json()['message']]).toEqual([403, `flunders.${group} is forbidden: User "guest" cannot list resource "flunders" in API group "${group}" in the namespace "default"`])
  expect(extension.asked).toEqual([])
})

test.each(['//flunders', '/namespaces//flunders', '/flunders/..%2f..%2fother', '/%2e%2e/x', '/namespaces/a/../flunders'])('hands on no path that could be read in two ways: %s', async (path) => {
  const { extension, server } = await ready()
  expect((await server.call(`/apis/${group}/v1alpha1${path}`)).code).toBeOneOf([400, 404])
  expect(extension.asked).toEqual([])
})

test('passes a watch on event by event, and ends it when the client leaves', async () => {
  const { extension, server } = await ready()
  let say: (text: string) => void = () => undefined
  let left = false
  extension.answer = (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders()
    say = (text) => void res.write(text)
    res.on('close', () => (left = true))
    return true
  }
  const seen: string[] = []
  let begun = false
  const watch = request({ host: '127.0.0.1', port: server.port, path: `${flunders}?watch=true`, ca: server.ca.cert, headers: { authorization: `Bearer ${adminToken}` } }, (res) => {
    begun = true
    res.on('data', (chunk: Buffer) => seen.push(chunk.toString()))
  })
  watch.on('error', () => undefined).end()
  await eventually('the watch to stand', () => begun)
  say('{"type":"ADDED"}\n')
  await eventually('the first event', () => seen.length === 1)
  say('{"type":"DELETED"}\n')
  await eventually('the second event', () => seen.join('') === '{"type":"ADDED"}\n{"type":"DELETED"}\n')
  watch.destroy()
  await eventually('the extension server to notice', () => left)
})

test('passes an upgraded connection through', async () => {
  const { extension, server } = await ready()
  extension.server.on('upgrade', (req, socket) => {
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-User: ${String(req.headers['x-remote-user'])}\r\n\r\n`)
    socket.on('data', (chunk: Buffer) => socket.write(`heard ${chunk.toString()}`))
  })
  const heard = await new Promise<string>((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1', port: server.port, path: `${flunders}/a/connect`, ca: server.ca.cert,
      headers: { authorization: `Bearer ${adminToken}`, connection: 'Upgrade', upgrade: 'websocket' },
    })
    asked.on('error', reject).on('upgrade', (res, socket) => {
      socket.on('data', (chunk: Buffer) => {
        socket.destroy()
        resolve(`${String(res.headers['x-user'])}: ${chunk.toString()}`)
      })
      socket.write('hello')
    })
    asked.end()
  })
  expect(heard).toBe('admin: heard hello')
})

test('answers 503 in the aggregator’s words while the extension server is not available', async () => {
  const extension = await extensionServer()
  const server = await aggregating(extension)
  await register(server, extension)
  expect(await available(server, 'ServiceNotFound')).toMatchObject({ status: 'False', message: 'service/api in "wardle" is not present' })
  const answer = await server.call(flunders)
  expect([answer.code, answer.text, answer.headers['content-type']]).toEqual([503, 'service unavailable\n', 'text/plain; charset=utf-8'])
  const gauge = `aggregator_unavailable_apiservice{name="v1alpha1.${group}"}`
  const metrics = () => exposition(server.aggregation.families())
  expect(metrics()).toContain(`${gauge} 1\n`)
  await deploy(server)
  await available(server, 'Passed')
  expect(metrics()).toContain(`${gauge} 0\n`)
  await server.verbs.delete(service, { namespace: 'wardle', name: 'api' }, {}, context())
  await available(server, 'ServiceNotFound')
  expect(metrics()).toContain(`aggregator_unavailable_apiservice_total{name="v1alpha1.${group}",reason="ServiceNotFound"} 1\n`)
})

test('refuses an extension server whose certificate is not signed by the bundle', async () => {
  const extension = await extensionServer()
  const server = await aggregating(extension)
  await deploy(server)
  await register(server, extension, { caBundle: Buffer.from(extension.frontProxy.ca.cert).toString('base64') })
  expect((await available(server, 'FailedDiscoveryCheck'))['message']).toContain(`failing or missing response from https://api.wardle.svc:443/apis/${group}/v1alpha1: `)
  expect((await server.call(flunders)).code).toBe(503)
})

test('refuses an extension server that goes by another name, unless nobody is to look', async () => {
  const extension = await extensionServer(['other.wardle.svc'])
  const server = await aggregating(extension)
  await deploy(server)
  await register(server, extension, { caBundle: undefined, insecureSkipTLSVerify: true })
  await available(server, 'Passed')
  expect((await server.call(`/apis/${group}/v1alpha1`)).json()['kind']).toBe('APIResourceList')
})

test('says in an answer of its own that the extension server broke off', async () => {
  const { extension, server } = await ready()
  extension.answer = (req) => Boolean(req.socket.destroy())
  const answer = await server.call(flunders, { method: 'POST', body: {} })
  expect([answer.code, answer.json()['reason']]).toEqual([503, 'ServiceUnavailable'])
  expect(answer.json()['message']).toContain('error trying to reach service: ')
})
