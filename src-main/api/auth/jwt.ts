import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { isJsonObject, type JsonObject } from '../../base/json.ts'

/** PEM. Tokens are signed with the one; those signed with any of the others are still good. */
export interface SigningKeys {
  /** A private key: P-256 (ES256) or RSA (RS256). */
  readonly signing: string
  /** Public keys of earlier times. */
  readonly verifying?: readonly string[]
}

/** A new key to sign with, as PEM; P-256, because making an RSA key takes long enough to be noticed at a first start. */
export const newSigningKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

interface PublicKey {
  readonly id: string
  readonly algorithm: 'ES256' | 'RS256'
  readonly key: KeyObject
}

/** A token's parts, or a sentence that says why it is none of ours. */
export type Opened = { readonly claims: JsonObject } | { readonly error: string }

export interface Jwt {
  /** The text of a signed token. */
  seal(claims: object): string
  /** Checks form and signature, not what the claims say. */
  open(token: string): Opened
  /** RFC 7517, as served at /openid/v1/jwks. */
  readonly jwks: { readonly keys: readonly object[] }
  readonly algorithms: readonly string[]
}

/** Tokens whose signature need not be checked again: each check takes a tenth of a millisecond. */
const remembered = 1024

/** @throws Error when a key is not PEM, or neither P-256 nor RSA */
export function createJwt({ signing, verifying = [] }: SigningKeys): Jwt {
  const secret = createPrivateKey(signing)
  const own = publicKey(createPublicKey(secret))
  const keys = new Map([own, ...verifying.map((pem) => publicKey(createPublicKey(pem)))].map((key) => [key.id, key]))
  const opened = new Map<string, Opened>()
  const header = encode({ alg: own.algorithm, kid: own.id })
  return {
    seal(claims) {
      const content = `${header}.${encode(claims)}`
      return `${content}.${sign('sha256', Buffer.from(content), keyOptions(own.algorithm, secret)).toString('base64url')}`
    },
    open(token) {
      const known = opened.get(token)
      if (known) return known
      const result = open(token, keys)
      if ('error' in result) return result
      if (opened.size >= remembered) opened.clear()
      opened.set(token, result)
      return result
    },
    jwks: {
      keys: [...keys.values()].map(({ id, algorithm, key }) => ({
        use: 'sig',
        kid: id,
        alg: algorithm,
        ...key.export({ format: 'jwk' }),
      })),
    },
    algorithms: [...new Set([...keys.values()].map(({ algorithm }) => algorithm))],
  }
}

function publicKey(key: KeyObject): PublicKey {
  const curve = key.asymmetricKeyDetails?.namedCurve
  const algorithm = key.asymmetricKeyType === 'rsa' ? 'RS256' : curve === 'prime256v1' ? 'ES256' : undefined
  if (!algorithm) throw new Error('the key of service account tokens must be an RSA or a P-256 key')
  const id = createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
  return { id, algorithm, key }
}

/** JOSE writes an ECDSA signature as two numbers, not as DER. */
const keyOptions = (algorithm: PublicKey['algorithm'], key: KeyObject) =>
  algorithm === 'ES256' ? ({ key, dsaEncoding: 'ieee-p1363' } as const) : { key }

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function open(token: string, keys: ReadonlyMap<string, PublicKey>): Opened {
  const parts = token.split('.')
  const [head, body, signature] = parts
  if (parts.length !== 3 || !head || !body || !signature) return { error: 'invalid bearer token' }
  const header = parse(head)
  const known = typeof header?.['kid'] === 'string' ? keys.get(header['kid']) : undefined
  // the key says which algorithm counts: a token may not choose a weaker one
  if (!known || header?.['alg'] !== known.algorithm) return { error: 'invalid bearer token' }
  const good = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    keyOptions(known.algorithm, known.key),
    Buffer.from(signature, 'base64url'),
  )
  const claims = good ? parse(body) : undefined
  return claims ? { claims } : { error: 'invalid bearer token' }
}

function parse(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
