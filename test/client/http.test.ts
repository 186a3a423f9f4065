import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createAuthenticator } from '../../src-main/api/authn.ts'
import { createFlowControl } from '../../src-main/api/flow-control/flow-control.ts'
import { createApiServer } from '../../src-main/api/server.ts'
import { systemClock } from '../../src-main/base/clock.ts'
import { silent } from '../../src-main/base/log.ts'
import { httpClient } from '../../src-main/client/http.ts'
import type { Connection } from '../../src-main/client/transport.ts'
import { configMap } from '../../src-main/kinds/core/config-map.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import { Kinds } from '../../src-main/kinds/kinds.ts'
import { openRegistry } from './cluster.ts'
import { version } from '../../src-main/base/version.ts'
import { describeClient } from './conformance.ts'
import { createPki, type TestPki } from './pki.ts'

const token = 'a-token-of-this-test'

async function serve(connection: (pki: TestPki, url: string) => Connection) {
  const pki = await createPki()
  const { verbs, store, close } = await openRegistry()
  const flowControl = await createFlowControl({ store, clock: systemClock })
  const server = createApiServer({
    verbs, flowControl, kinds: new Kinds(kinds), node: () => undefined, tls: { ...pki.server, ca: pki.ca }, clock: systemClock, log: silent,
    authenticate: createAuthenticator(new Map([[token, { name: 'conformance', groups: ['system:masters'] }]])),
    authorize: () => ({ allowed: true, reason: '' }),
    version,
  })
  const url = `https://127.0.0.1:${await server.listen(0)}`
  const client = httpClient(connection(pki, url))
  return {
    client, pki, url,
    compact: () => store.compact(store.revision),
    async close() {
      client.close()
      await server.close()
      flowControl.close()
      await close()
    },
  }
}

describeClient('the client over the wire, with a token', () => serve((pki, url) => ({ url, ca: pki.ca, token })))
describeClient('the client over the wire, with a certificate', () => serve((pki, url) => ({ url, ca: pki.ca, ...pki.client })))

describe('the client over the wire', () => {
  let pki: TestPki
  beforeAll(async () => {
    pki = await createPki()
  })

  /** A server that answers as it is told; port 0 of nothing when there is none. */
  async function against(answer: RequestListener) {
    const server = createServer({ ...pki.server }, answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const client = httpClient({ url, ca: pki.ca, token })
    onTestFinished(() => {
      client.close()
      server.closeAllConnections()
      server.close()
    })
    return { client, server, url }
  }
  const ref = { namespace: 'default', name: 'a' }

  test('is refused with a wrong token, and refuses a server of another authority', async () => {
    const { url, pki: served, close } = await serve((right, at) => ({ url: at, ca: right.ca, token: 'wrong' }))
    onTestFinished(close)
    const wrong = httpClient({ url, ca: served.ca, token: 'wrong' })
    await expect(wrong.list(configMap)).rejects.toMatchObject({ code: 401, reason: 'Unauthorized' })
    wrong.close()
    const suspicious = httpClient({ url, ca: pki.ca, token })
    await expect(suspicious.list(configMap)).rejects.toMatchObject({ code: 503, reason: 'ServiceUnavailable' })
    suspicious.close()
  })

  test('says that the server cannot be reached, and reaches it when it is there', async () => {
    const { client, server, url } = await against((_, response) => response.end('{}'))
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await expect(client.get(configMap, ref)).rejects.toMatchObject({
      code: 503, message: expect.stringMatching(new RegExp(`^the API server at ${url} cannot be reached: .*ECONNREFUSED`)),
    })
  })

  test('uses one connection for requests that follow each other', async () => {
    const ports = new Set<number | undefined>()
    const { client } = await against((request, response) => {
      ports.add(request.socket.remotePort)
      response.end(JSON.stringify({ kind: 'ConfigMap', metadata: { name: 'a' } }))
    })
    for (let i = 0; i < 5; i++) await client.get(configMap, ref)
    expect(ports.size).toBe(1)
  })

  test('makes an error of an answer that is no Status', async () => {
    const { client } = await against((_, response) => response.writeHead(502).end('<html>bad gateway</html>'))
    await expect(client.get(configMap, ref)).rejects.toMatchObject({ code: 502, message: expect.stringContaining('<html>bad gateway</html>') })
  })

  test('puts events together from chunks that end anywhere, and passes an ERROR event on', async () => {
    const event = (name: string) => `${JSON.stringify({ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name } } })}\n`
    const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' }
    const text = Buffer.from(`${event('käse')}${event('b')}${JSON.stringify({ type: 'ERROR', object: status })}\n`)
    const { client } = await against((_, response) => {
      for (const byte of text) response.write(Buffer.from([byte]))
      response.end()
    })
    const names: unknown[] = []
    const watching = (async () => {
      for await (const { object } of client.watch(configMap)) names.push(object.metadata.name)
    })()
    await expect(watching).rejects.toMatchObject({ code: 410, reason: 'Expired' })
    expect(names).toEqual(['käse', 'b'])
  })

  test('takes a watch whose connection breaks for a failure, and one that the server ends for its end', async () => {
    let broken = true
    const { client } = await against((_, response) => {
      response.write('\n')
      if (broken) setImmediate(() => response.destroy())
      else response.end()
    })
    const watch = async () => {
      for await (const event of client.watch(configMap)) throw new Error(`unexpected ${event.type}`)
    }
    await expect(watch()).rejects.toMatchObject({ code: 503 })
    broken = false
    await watch()
  })

  test('names an object that is gone by what the Status tells of it', async () => {
    const { client } = await against((_, response) => response.end(JSON.stringify({ kind: 'Status', status: 'Success', details: { name: 'a', uid: 'u-1' } })))
    expect(await client.delete(configMap, ref)).toEqual({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'a', uid: 'u-1' } })
  })
})
