import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createWebhookCaller } from '../../src-main/api/webhooks/call.ts'
import { createCa } from '../../src-main/base/cert.ts'
import { type Handler, hookServer } from './webhooks-fixture.ts'

const timeoutMs = 10_000
const failure = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('the call succeeded')
}

const own = (code: number, body: string, headers: Record<string, string> = {}): Handler => (_review, _req, res) => {
  res.writeHead(code, headers).end(body)
  return undefined
}

describe('a call of a webhook', () => {
  it('reaches a Service through its balancer, by the name its certificate is for, and keeps the connection', async () => {
    const server = await hookServer()
    server.handlers.set('/check', (review) => ({ echo: review.kind }))
    const config = { service: { namespace: 'default', name: 'hooks', path: '/check' }, caBundle: server.caBundle }
    expect(await server.caller.call(config, { kind: 'One' }, { timeoutMs })).toEqual({ echo: 'One' })
    expect(await server.caller.call(config, { kind: 'Two' }, { timeoutMs })).toEqual({ echo: 'Two' })
    expect(server.connections()).toBe(1)
  })

  it('reaches a URL, and tells the webhook how long it may take', async () => {
    const server = await hookServer()
    let url: string | undefined
    server.handlers.set('/check', (_review, req) => {
      url = req.url
      return { fine: true }
    })
    expect(await server.caller.call({ url: `https://127.0.0.1:${server.port}/check`, caBundle: server.caBundle }, {}, { timeoutMs })).toEqual({ fine: true })
    expect(url).toBe('/check?timeout=10s')
  })

  it('says in whole seconds how long it may take', async () => {
    const server = await hookServer()
    let url: string | undefined
    server.handlers.set('/check', (_review, req) => {
      url = req.url
      return {}
    })
    await server.caller.call({ url: `https://127.0.0.1:${server.port}/check`, caBundle: server.caBundle }, {}, { timeoutMs: 7001.5 })
    expect(url).toBe('/check?timeout=8s')
  })

  it('needs no new connections for as many at once as there were before', async () => {
    const server = await hookServer()
    const config = { url: `https://127.0.0.1:${server.port}/check`, caBundle: server.caBundle }
    const held: Array<() => void> = []
    server.handlers.set('/check', (_review, _req, res) => {
      held.push(() => res.end('{}'))
      if (held.length === 10) for (const answer of held.splice(0)) answer()
      return undefined
    })
    for (let round = 0; round < 2; round++) await Promise.all(Array.from({ length: 10 }, () => server.caller.call(config, {}, { timeoutMs })))
    expect(server.connections()).toBe(10)
  })

  it('is refused where the certificate is nobody\'s who is trusted', async () => {
    const server = await hookServer()
    const other = await createCa('another', Date.now())
    const service = { namespace: 'default', name: 'hooks', path: '/check' }
    const sentence = 'Post "https://hooks.default.svc:443/check?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority'
    expect(await failure(server.caller.call({ service }, {}, { timeoutMs }))).toBe(sentence)
    expect(await failure(server.caller.call({ service, caBundle: Buffer.from(other.cert).toString('base64') }, {}, { timeoutMs }))).toBe(sentence)
    const noPem = server.caller.call({ service, caBundle: Buffer.from('nothing').toString('base64') }, {}, { timeoutMs })
    expect(await failure(noPem)).toContain('unable to load root certificates')
  })

  it('is refused where the certificate is for somebody else', async () => {
    const server = await hookServer()
    const said = await failure(server.caller.call({ url: `https://127.0.0.2:${server.port}/`, caBundle: server.caBundle }, {}, { timeoutMs }))
    expect(said).toMatch(/^Post "https:\/\/127\.0\.0\.2:\d+\/\?timeout=10s": (dial tcp .*connection refused|tls: failed to verify certificate: x509: certificate is valid for .*, not 127\.0\.0\.2)$/)
  })

  it('fails with the sentence of Kubernetes when nobody is there', async () => {
    const server = await hookServer()
    const idle = createServer()
    await new Promise<void>((resolve) => idle.listen(0, '127.0.0.1', resolve))
    const { port } = idle.address() as AddressInfo
    await new Promise((resolve) => idle.close(resolve))
    expect(await failure(server.caller.call({ url: `https://127.0.0.1:${port}/x`, caBundle: server.caBundle }, {}, { timeoutMs: 2000 }))).toBe(
      `Post "https://127.0.0.1:${port}/x?timeout=2s": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    )
    expect(await failure(server.caller.call({ service: { namespace: 'default', name: 'other' }, caBundle: server.caBundle }, {}, { timeoutMs }))).toBe(
      'Post "https://other.default.svc:443/?timeout=10s": service "other" not found',
    )
    const alone = createWebhookCaller({})
    onTestFinished(() => alone.close())
    expect(await failure(alone.call({ service: { namespace: 'default', name: 'hooks', port: 8443 } }, {}, { timeoutMs }))).toContain('"https://hooks.default.svc:8443/?timeout=10s": no endpoints available for service "hooks"')
  })

  it('ends at its deadline when the webhook never answers', async () => {
    const server = await hookServer()
    server.handlers.set('/hang', () => undefined)
    const config = { service: { namespace: 'default', name: 'hooks', path: '/hang' }, caBundle: server.caBundle }
    expect(await failure(server.caller.call(config, {}, { timeoutMs: 300 }))).toBe('Post "https://hooks.default.svc:443/hang?timeout=1s": context deadline exceeded')
  })

  it('never speaks without TLS', async () => {
    const server = await hookServer()
    expect(await failure(server.caller.call({ url: `http://127.0.0.1:${server.port}/check` }, {}, { timeoutMs }))).toContain('must use https')
    expect(await failure(server.caller.call({}, {}, { timeoutMs }))).toContain('must have either service or URL')
  })

  it.each<[what: string, handler: Handler, sentence: string]>([
    ['a redirect, which is not followed', own(302, '', { location: '/elsewhere' }), 'the server responded with the status code 302 but did not return more information'],
    ['404', own(404, 'nope'), 'the server could not find the requested resource'],
    ['a text that explains a failure', own(500, 'out of memory', { 'content-type': 'text/plain' }), 'an error on the server ("out of memory") has prevented the request from succeeding'],
    ['a Status', own(403, JSON.stringify({ kind: 'Status', message: 'you may not' })), 'you may not'],
    ['what is no JSON', own(200, '<html>'), "couldn't get version/kind; json parse error: "],
    ['what is no object', own(200, '[]'), "couldn't get version/kind; json parse error: "],
    ['JSON of endless depth', own(200, '['.repeat(100_000)), 'exceeded max depth'],
  ])('fails on an answer that is %s', async (_what, handler, sentence) => {
    const server = await hookServer()
    server.handlers.set('/check', handler)
    server.handlers.set('/elsewhere', () => ({ followed: true }))
    expect(await failure(server.caller.call({ service: { namespace: 'default', name: 'hooks', path: '/check' }, caBundle: server.caBundle }, {}, { timeoutMs }))).toContain(sentence)
  })

  it('is bounded in what it reads of an answer', async () => {
    const server = await hookServer()
    let written = 0
    server.handlers.set('/flood', (_review, _req, res) => {
      const chunk = Buffer.alloc(1024 * 1024, 0x20)
      const pump = (): void => {
        while (!res.destroyed && written < 512 && res.write(chunk)) written++
        if (!res.destroyed && written < 512) res.once('drain', pump)
      }
      pump()
      return undefined
    })
    expect(await failure(server.caller.call({ service: { namespace: 'default', name: 'hooks', path: '/flood' }, caBundle: server.caBundle }, {}, { timeoutMs }))).toMatch(/longer than \d+ bytes/)
    expect(written).toBeLessThan(512)
  })
})
