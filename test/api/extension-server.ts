import { createServer, type Server } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { type Aggregation, createAggregation } from '../../src-main/api/aggregation/aggregation.ts'
import { silent } from '../../src-main/base/log.ts'
import { createCa, createClientLeaf, createServerLeaf, type KeyPair } from '../../src-main/base/cert.ts'
import { apiService } from '../../src-main/kinds/apiregistration/api-service.ts'
import { service } from '../../src-main/kinds/core/service.ts'
import { endpointSlice } from '../../src-main/kinds/discovery/endpoint-slice.ts'
import { context } from './registry-fixture.ts'
import { type Served, served } from './served-fixture.ts'

export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The common name of the client certificate. */
  readonly certificate: string | undefined
}

export interface Extension {
  readonly server: Server
  readonly port: number
  readonly ca: KeyPair
  readonly frontProxy: { readonly ca: KeyPair; readonly leaf: KeyPair }
  readonly asked: Asked[]
  /** Answers with this instead; false lets the usual answer go out. */
  answer: (req: IncomingMessage, res: ServerResponse) => boolean
}

export const group = 'wardle.example.com'

const resources = {
  kind: 'APIResourceList', apiVersion: 'v1', groupVersion: `${group}/v1alpha1`,
  resources: [
    { name: 'flunders', singularName: 'flunder', namespaced: true, kind: 'Flunder', verbs: ['get', 'list', 'watch', 'create'], shortNames: ['fl'] },
    { name: 'flunders/status', singularName: '', namespaced: true, kind: 'Flunder', verbs: ['get'] },
  ],
}

const openApiV2 = {
  swagger: '2.0',
  paths: { [`/apis/${group}/v1alpha1/flunders`]: { get: { parameters: [{ $ref: '#/parameters/limit-abc' }], schema: { $ref: '#/definitions/Flunder' } } }, '/apis/other/v1/things': {} },
  parameters: { 'limit-abc': { name: 'limit', in: 'query', type: 'integer' } },
  definitions: { Flunder: { type: 'object', properties: { spec: { $ref: '#/definitions/FlunderSpec' } } }, FlunderSpec: { type: 'object' }, Unused: { type: 'object' } },
}

const documents: Readonly<Record<string, object>> = {
  [`/apis/${group}/v1alpha1`]: resources,
  '/openapi/v2': openApiV2,
  '/openapi/v3': { paths: { [`apis/${group}/v1alpha1`]: { serverRelativeURL: `/openapi/v3/apis/${group}/v1alpha1?hash=abc` } } },
  [`/openapi/v3/apis/${group}/v1alpha1?hash=abc`]: { openapi: '3.0.0', info: { title: 'wardle' } },
}

/** A real HTTPS server on loopback that wants the front proxy's certificate, as the sample API server does. */
export async function extensionServer(names: readonly string[] = ['api.wardle.svc']): Promise<Extension> {
  const ca = await createCa('wardle', Date.now())
  const proxyCa = await createCa('front-proxy-ca', Date.now())
  const frontProxy = { ca: proxyCa, leaf: await createClientLeaf(proxyCa, { name: 'front-proxy-client', groups: [] }, Date.now()) }
  const leaf = await createServerLeaf(ca, Date.now(), names)
  const asked: Asked[] = []
  const server = createServer({ ...leaf, ca: proxyCa.cert, requestCert: true, rejectUnauthorized: false }, (req, res) => {
    const chunks: Buffer[] = []
    req.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const { method = '', url = '', headers } = req
      const socket = req.socket as TLSSocket
      const certificate = socket.authorized ? String(socket.getPeerCertificate().subject.CN) : undefined
      asked.push({ method, url, headers, body: Buffer.concat(chunks).toString(), certificate })
      if (extension.answer(req, res)) return
      const document = documents[url]
      res.writeHead(document ? 200 : 404, { 'Content-Type': 'application/json' }).end(JSON.stringify(document ?? { kind: 'Status', code: 404 }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close().closeAllConnections())
  const extension: Extension = { server, port: (server.address() as AddressInfo).port, ca, frontProxy, asked, answer: () => false }
  return extension
}

/** The API server with an extension server behind its Service `wardle/api`. */
export async function aggregating(extension: Extension, doors: Parameters<typeof served>[0] = {}): Promise<Served & { readonly aggregation: Aggregation }> {
  let made: Aggregation | undefined
  const server = await served({
    ...doors,
    extend: async ({ store, verbs, clock }, kinds) => {
      const aggregation = await createAggregation({
        store, verbs, kinds, clock, log: silent, frontProxy: extension.frontProxy.leaf,
        dialService: () => new Promise((resolve, reject) => {
          const socket = connect(extension.port, '127.0.0.1', () => resolve(socket)).once('error', reject)
        }),
      })
      onTestFinished(() => aggregation.close())
      made = aggregation
      return { aggregation }
    },
  })
  return { ...server, aggregation: made! }
}

export const registration = (extension: Extension, spec: object = {}): object => ({
  metadata: { name: `v1alpha1.${group}` },
  spec: {
    group, version: 'v1alpha1', groupPriorityMinimum: 2000, versionPriority: 200,
    caBundle: Buffer.from(extension.ca.cert).toString('base64'), service: { namespace: 'wardle', name: 'api' }, ...spec,
  },
})

export const register = (server: Served, extension: Extension, spec: object = {}): Promise<unknown> =>
  server.verbs.create(apiService, undefined, registration(extension, spec), context())

/** What stands for a deployment of it: the Service, and an endpoint. */
export async function deploy(server: Served): Promise<void> {
  const { namespace } = await import('../../src-main/kinds/core/namespace.ts')
  await server.verbs.create(namespace, undefined, { metadata: { name: 'wardle' } }, context())
  await server.verbs.create(service, 'wardle', { metadata: { name: 'api' }, spec: { selector: { app: 'wardle' }, ports: [{ port: 443 }] } }, context())
  await expose(server)
}

export const expose = (server: Served): Promise<unknown> => server.verbs.create(endpointSlice, 'wardle', {
  metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } }, addressType: 'IPv4',
  endpoints: [{ addresses: ['10.1.2.3'], conditions: { ready: true } }], ports: [{ name: '', port: 8443, protocol: 'TCP' }],
}, context())

export async function condition(server: Served, name = `v1alpha1.${group}`): Promise<Record<string, string> | undefined> {
  const { status } = (await server.verbs.get(apiService, { name })).object as { status?: { conditions?: Array<Record<string, string>> } }
  return status?.conditions?.[0]
}

/** Waits for the Available condition to have this reason, with a deadline. */
export async function available(server: Served, reason: string, name?: string): Promise<Record<string, string>> {
  for (const end = Date.now() + 5000; ; await new Promise((resolve) => setImmediate(resolve))) {
    const found = await condition(server, name)
    if (found?.['reason'] === reason) return found
    if (Date.now() > end) throw new Error(`gave up waiting for ${reason}: ${JSON.stringify(found)}`)
  }
}
