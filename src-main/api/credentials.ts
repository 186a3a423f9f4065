import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newSigningKey } from './auth/jwt.ts'

/** What proves who the cluster and its administrator are; kept in the data directory, 0600. */
export interface Credentials {
  /** Short and stable: names this cluster's containers and iptables chains. */
  readonly clusterId: string
  readonly caPem: string
  /** Signs certificates of users and nodes. */
  readonly caKeyPem: string
  readonly serverCertPem: string
  readonly serverKeyPem: string
  readonly adminToken: string
  /** Signs the tokens of service accounts. */
  readonly serviceAccountKeyPem: string
  /** Proves to extension API servers that it is this server that asks for somebody. */
  readonly frontProxy: { readonly caPem: string; readonly cert: string; readonly key: string }
}

/** The common name that extension API servers trust. */
export const frontProxyName = 'front-proxy-client'

/** Leaves are made anew when they have less than this left. */
const renewBeforeMs = 30 * 24 * 3600 * 1000

/**
 * Reads the credentials, or makes what is missing or about to expire. Certificates are made by a library that takes
 * longer to load than all else, so it is loaded only then.
 */
export async function loadCredentials(dataDir: string, now: number): Promise<Credentials> {
  const folder = join(dataDir, 'pki')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = (name: string) => join(folder, name)
  const read = (name: string) => readFileSync(file(name), 'utf8')
  const write = (name: string, text: string) => writeFileSync(file(name), text, { mode: 0o600 })
  const missing = (...names: string[]) => names.some((name) => !existsSync(file(name)))

  if (missing('ca.crt', 'ca.key')) {
    const { createCa } = await import('../base/cert.ts')
    const ca = await createCa('wheelhouse', now)
    write('ca.key', ca.key)
    write('ca.crt', ca.cert)
  }
  if (missing('apiserver.crt', 'apiserver.key') || expiresSoon(read('apiserver.crt'), now)) {
    const { createServerLeaf } = await import('../base/cert.ts')
    const leaf = await createServerLeaf({ cert: read('ca.crt'), key: read('ca.key') }, now)
    write('apiserver.key', leaf.key)
    write('apiserver.crt', leaf.cert)
  }
  if (missing('front-proxy-ca.crt', 'front-proxy-ca.key')) {
    const { createCa } = await import('../base/cert.ts')
    const ca = await createCa('front-proxy-ca', now)
    write('front-proxy-ca.key', ca.key)
    write('front-proxy-ca.crt', ca.cert)
    // what another authority signed is of no use any more
    rmSync(file('front-proxy-client.crt'), { force: true })
  }
  if (missing('front-proxy-client.crt', 'front-proxy-client.key') || expiresSoon(read('front-proxy-client.crt'), now)) {
    const { createClientLeaf } = await import('../base/cert.ts')
    const leaf = await createClientLeaf({ cert: read('front-proxy-ca.crt'), key: read('front-proxy-ca.key') }, { name: frontProxyName, groups: [] }, now)
    write('front-proxy-client.key', leaf.key)
    write('front-proxy-client.crt', leaf.cert)
  }
  if (missing('sa.key')) write('sa.key', newSigningKey())
  if (missing('admin.token')) write('admin.token', randomBytes(32).toString('base64url'))
  return {
    clusterId: createHash('sha256').update(read('ca.crt')).digest('hex').slice(0, 8),
    caPem: read('ca.crt'),
    caKeyPem: read('ca.key'),
    serverCertPem: read('apiserver.crt'),
    serverKeyPem: read('apiserver.key'),
    adminToken: read('admin.token').trim(),
    serviceAccountKeyPem: read('sa.key'),
    frontProxy: { caPem: read('front-proxy-ca.crt'), cert: read('front-proxy-client.crt'), key: read('front-proxy-client.key') },
  }
}

const expiresSoon = (pem: string, now: number): boolean => Date.parse(new X509Certificate(pem).validTo) - now < renewBeforeMs
