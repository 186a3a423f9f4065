import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import type { CertificateMetrics } from './certificate-metrics.ts'
import type { User } from './verbs.ts'

/** Finds out who asks; undefined when nothing in the request says so, or what it says is wrong. */
export type Authenticate = (req: IncomingMessage) => User | undefined

export interface AuthenticatorOptions {
  /** Whom a token belongs to that is none of the static ones: service accounts'. */
  readonly userOfToken?: (token: string) => User | undefined
  /** Who says nothing of who they are is system:anonymous; nobody unless said. */
  readonly anonymous?: boolean
  /** Where to tell how long clients' certificates are still good. */
  readonly certificates?: CertificateMetrics
}

export const anonymousUser: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] }

/** Bearer tokens (also as a WebSocket subprotocol), and client certificates that the server's TLS has verified. */
export function createAuthenticator(tokens: ReadonlyMap<string, User>, options: AuthenticatorOptions = {}): Authenticate {
  const known = [...tokens].map(([token, user]) => ({ hash: hashOf(token), user: asAuthenticated(user) }))
  // static tokens are good for as long as this process is, so a connection need not prove the same one again
  const proven = new WeakMap<object, { readonly header: string; readonly user: User }>()
  return (req) => {
    const { authorization: header = '' } = req.headers
    const before = proven.get(req.socket)
    if (before && before.header === header) return before.user
    const token = bearerToken(req)
    const owner = token === undefined ? undefined : userOf(known, token)
    if (owner) {
      if (header !== '') proven.set(req.socket, { header, user: owner })
      return owner
    }
    // a wrong token is not saved by a good certificate
    const user = token === undefined ? certificateUser(req, options.certificates) : options.userOfToken?.(token)
    if (!user && token === undefined && options.anonymous) return anonymousUser
    return user && asAuthenticated(user)
  }
}

const asAuthenticated = (user: User): User => ({ ...user, groups: [...new Set([...user.groups, 'system:authenticated'])] })

const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest()

/** Compares with every token, so that the time tells nothing about them. */
function userOf(known: ReadonlyArray<{ hash: Buffer; user: User }>, token: string): User | undefined {
  const hash = hashOf(token)
  let found: User | undefined
  for (const each of known) if (timingSafeEqual(each.hash, hash)) found = each.user
  return found
}

const protocolPrefix = 'base64url.bearer.authorization.k8s.io.'

function bearerToken(req: IncomingMessage): string | undefined {
  const header = /^bearer +(\S+)\s*$/i.exec(req.headers.authorization ?? '')?.[1]
  if (header) return header
  const protocols = req.headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim())
  const carrier = protocols?.find((protocol) => protocol.startsWith(protocolPrefix))
  return carrier && Buffer.from(carrier.slice(protocolPrefix.length), 'base64url').toString('utf8')
}

/** Takes the subprotocol that carries the token off the request: nobody speaks it. */
export function dropTokenProtocol(req: IncomingMessage): void {
  const header = req.headers['sec-websocket-protocol']
  if (header === undefined) return
  const rest = header.split(',').map((protocol) => protocol.trim()).filter((protocol) => !protocol.startsWith(protocolPrefix))
  if (rest.length > 0) req.headers['sec-websocket-protocol'] = rest.join(', ')
  else delete req.headers['sec-websocket-protocol']
}

function certificateUser(req: IncomingMessage, certificates: CertificateMetrics | undefined): User | undefined {
  const socket = req.socket as Partial<TLSSocket>
  if (!socket.authorized || !socket.getPeerCertificate) return undefined
  const certificate = socket.getPeerCertificate()
  certificates?.seen(certificate.valid_to)
  const subject = certificate.subject as unknown as Record<string, string | string[] | undefined> | undefined
  const name = subject?.['CN']
  if (typeof name !== 'string') return undefined
  const groups = subject?.['O'] ?? []
  const fingerprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase()
  return { name, groups: Array.isArray(groups) ? groups : [groups], extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] } }
}
