import { type IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:https'
import type { Duplex } from 'node:stream'
import { onTestFinished } from 'vitest'
import { createAuthenticator } from '../../src-main/api/authn.ts'
import type { Authorize } from '../../src-main/api/authz.ts'
import type { CertificateMetrics } from '../../src-main/api/certificate-metrics.ts'
import { createFlowControl } from '../../src-main/api/flow-control/flow-control.ts'
import type { NodeConnection } from '../../src-main/api/node-connection.ts'
import { type ApiServer, type ApiServerDependencies, createApiServer } from '../../src-main/api/server.ts'
import type { Verbs } from '../../src-main/api/verbs.ts'
import { createCa, createClientLeaf, createServerLeaf, type KeyPair } from '../../src-main/base/cert.ts'
import { silent } from '../../src-main/base/log.ts'
import { version } from '../../src-main/base/version.ts'
import { kinds } from '../../src-main/kinds/index.ts'
import { Kinds } from '../../src-main/kinds/kinds.ts'
import { type Fixture, registry } from './registry-fixture.ts'

/** Administrators may do everything, nobody else anything. */
/** What the default roles give to anybody; everything else is for the masters. */
const publicPaths = ['/healthz', '/livez', '/readyz', '/version', '/version/']
const mastersOnly: Authorize = (user, asked) => ({ allowed: user.groups.includes('system:masters') || ('path' in asked && asked.verb === 'get' && publicPaths.includes(asked.path)), reason: '' })

export interface Answer {
  readonly code: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
  // a test knows what it asked for
  json<T = Record<string, unknown>>(): T
}

export interface Asked {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string | object
  readonly token?: string
  readonly cert?: KeyPair
}

export interface Served extends Fixture {
  readonly api: ApiServer
  readonly kinds: Kinds
  readonly port: number
  readonly ca: KeyPair
  readonly token: string
  call(path: string, asked?: Asked): Promise<Answer>
}

export const adminToken = 'the-admin-token'
const tokens = new Map([
  [adminToken, { name: 'admin', groups: ['system:masters'] }],
  ['the-guest-token', { name: 'guest', groups: [] }],
])

export interface Doors extends Partial<Pick<ApiServerDependencies, 'audit' | 'authorize' | 'checks' | 'metrics'>> {
  readonly certificates?: CertificateMetrics
  /** How many requests are answered at once. */
  readonly seats?: number
  readonly wrap?: (verbs: Verbs) => Verbs
  /** Further parts of the server, made of what it stands on. */
  readonly extend?: (fixture: Fixture, kinds: Kinds) => Promise<Partial<Pick<ApiServerDependencies, 'aggregation'>>>
  readonly node?: Partial<NodeConnection>
  readonly dialService?: (namespace: string, service: string, port: number) => Promise<Duplex>
}

let authority: Promise<{ ca: KeyPair; leaf: KeyPair }> | undefined
async function makeAuthority(): Promise<{ ca: KeyPair; leaf: KeyPair }> {
  const ca = await createCa('test', Date.now())
  return { ca, leaf: await createServerLeaf(ca, Date.now()) }
}

/** The real server over the real registry and store, on a free port of loopback. */
export async function served(doors: Doors = {}): Promise<Served> {
  const fixture = await registry()
  const { ca, leaf } = await (authority ??= makeAuthority())
  const live = new Kinds(kinds)
  const flowControl = await createFlowControl({ ...fixture, seats: doors.seats })
  const api = createApiServer({
    ...doors,
    flowControl,
    ...(await doors.extend?.(fixture, live)),
    verbs: doors.wrap?.(fixture.verbs) ?? fixture.verbs, kinds: live, clock: fixture.clock, log: silent, version,
    node: (name) => (name === 'n1' ? (doors.node as NodeConnection | undefined) : undefined),
    dialService: doors.dialService,
    tls: { ...leaf, ca: ca.cert },
    authenticate: createAuthenticator(tokens, { anonymous: true, certificates: doors.certificates }),
    authorize: doors.authorize ?? mastersOnly,
  })
  const port = await api.listen(0)
  onTestFinished(() => {
    flowControl.close()
    return api.close()
  })
  return { ...fixture, api, kinds: live, port, ca, token: adminToken, call: (path, asked = {}) => send(port, ca, path, asked) }
}

function send(port: number, ca: KeyPair, path: string, { method = 'GET', headers = {}, body, token = adminToken, cert }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const payload = typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body
    const agent = new Agent({ ca: ca.cert, ...(cert ? { cert: cert.cert, key: cert.key } : {}) })
    const typed = payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(payload)) }
    const req = request({
      agent, host: '127.0.0.1', port, path, method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...typed, ...headers },
    }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const text = bytes.toString()
        resolve({ code: res.statusCode ?? 0, headers: res.headers, bytes, text, json: <T>() => JSON.parse(text) as T })
      })
    })
    req.on('error', reject)
    req.end(payload)
  })
}

export const clientCertificate = (ca: KeyPair, name: string, groups: readonly string[]): Promise<KeyPair> =>
  createClientLeaf(ca, { name, groups }, Date.now())

export const configMap = (name: string, data: Record<string, string> = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })
