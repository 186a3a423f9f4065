import { randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { node } from '../../kinds/core/node.ts'
import { pod } from '../../kinds/core/pod.ts'
import { secret } from '../../kinds/core/secret.ts'
import { serviceAccount } from '../../kinds/core/service-account.ts'
import type { AnyKind } from '../../kinds/kind.ts'
import type { KubeObject, ObjectRef } from '../../kinds/meta.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { Reader } from '../admission/chain.ts'
import type { User } from '../verbs.ts'
import type { Jwt } from './jwt.ts'
import { proveSecretToken, secretTokenIssuer } from './secret-tokens.ts'

/** What a token says of itself besides who it is; all of it must still exist for the token to be good. */
export interface Bound {
  readonly pod?: Named
  readonly node?: Named
  readonly secret?: Named
}
export interface Named {
  readonly name: string
  readonly uid: string
}

export interface TokenWish {
  readonly account: Readonly<KubeObject>
  readonly audiences: readonly string[]
  readonly seconds: number
  /** From when on the token should have been replaced; nothing refuses it for that. */
  readonly warnAfterSeconds?: number
  readonly bound: Bound
}

/** Who a token proves somebody to be, and for which of the audiences asked; or why it proves nothing. */
export type Proof = { readonly user: User; readonly audiences: readonly string[] } | { readonly error: string }

export interface TokenOptions {
  readonly jwt: Jwt
  readonly read: Pick<Reader, 'get'>
  readonly clock: Clock
  readonly issuer: string
  /** The API server's own: those of tokens that name none. */
  readonly audiences: readonly string[]
}

const privateClaims = 'kubernetes.io'
/** The order in which what a token is bound to is looked at. */
const boundKinds: ReadonlyArray<readonly [keyof Bound, AnyKind]> = [
  ['secret', secret],
  ['pod', pod],
  ['node', node],
]

/** A token as Kubernetes signs it for a pod: its claims are those of bound service account tokens. */
export function sealToken(
  { jwt, clock, issuer }: TokenOptions,
  { account, audiences, seconds, warnAfterSeconds, bound }: TokenWish,
): string {
  const { namespace = '', name = '', uid = '' } = account.metadata
  const now = Math.floor(clock.now() / 1000)
  return jwt.seal({
    aud: audiences,
    exp: now + seconds,
    iat: now,
    iss: issuer,
    jti: randomUUID(),
    [privateClaims]: { namespace, ...bound, serviceaccount: { name, uid }, ...(warnAfterSeconds === undefined ? {} : { warnafter: now + warnAfterSeconds }) },
    nbf: now,
    sub: `system:serviceaccount:${namespace}:${name}`,
  })
}

/** Whether a token is one of ours for one of the audiences, still in time, and what it is bound to still there. */
export function proveToken(options: TokenOptions, token: string, audiences: readonly string[]): Proof {
  const opened = options.jwt.open(token)
  if ('error' in opened) return opened
  const { claims } = opened
  const now = options.clock.now() / 1000
  if (claims['iss'] === secretTokenIssuer) return proveSecretToken(options, token, claims, audiences)
  if (claims['iss'] !== options.issuer) return { error: 'invalid bearer token' }
  const asked = texts(claims['aud']).filter((audience) => audiences.includes(audience))
  if (asked.length === 0) {
    return {
      error: `token audiences ${JSON.stringify(claims['aud'])} is invalid for the target audiences ${JSON.stringify(audiences)}`,
    }
  }
  if (typeof claims['exp'] !== 'number' || now >= claims['exp']) return { error: 'service account token has expired' }
  if (typeof claims['nbf'] === 'number' && now < claims['nbf'])
    return { error: 'service account token is not valid yet' }
  return provePrivate(options, claims, asked)
}

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? (value as unknown[]) : [value]).filter((each) => typeof each === 'string')

function provePrivate(options: TokenOptions, claims: JsonObject, audiences: readonly string[]): Proof {
  const own = claims[privateClaims]
  const account = isJsonObject(own) ? named(own['serviceaccount']) : undefined
  const namespace = isJsonObject(own) ? own['namespace'] : undefined
  if (!isJsonObject(own) || !account || typeof namespace !== 'string') return { error: 'invalid bearer token' }
  if (claims['sub'] !== `system:serviceaccount:${namespace}:${account.name}`) return { error: 'invalid bearer token' }
  const lost = missing(options, serviceAccount, { namespace, name: account.name }, account.uid)
  if (lost) return { error: lost }
  const bound: Record<string, Named> = {}
  for (const [field, kind] of boundKinds) {
    const ref = named(own[field])
    if (!ref) continue
    bound[field] = ref
    // a pod's node is only told: the pod itself goes when its node is gone
    const onlyTold = field === 'node' && bound['pod']
    const gone = onlyTold
      ? undefined
      : missing(options, kind, { ...(kind.namespaced ? { namespace } : {}), name: ref.name }, ref.uid)
    if (gone) return { error: gone }
  }
  return { user: userOf(namespace, account, bound, claims['jti']), audiences }
}

function named(value: unknown): Named | undefined {
  if (!isJsonObject(value)) return undefined
  const { name, uid } = value
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined
}

/** As long as this after the end of its grace period an object still counts: what clears up after a pod needs its token. */
const leewayMs = 60_000
const invalidated = 'service account token has been invalidated'

/** Deleted, or another object of the same name: the token outlived what it was made for. */
function missing({ read, clock }: TokenOptions, kind: AnyKind, ref: ObjectRef, uid: string): string | undefined {
  if (ref.name.includes('/') || ref.namespace?.includes('/')) return 'invalid bearer token'
  const stored = read.get(keyFor(kind, ref))
  if (!stored) return kind === serviceAccount ? `serviceaccounts ${JSON.stringify(ref.name)} not found` : invalidated
  const { metadata } = objectOf(stored)
  if (metadata.deletionTimestamp && Date.parse(metadata.deletionTimestamp) < clock.now() - leewayMs) return invalidated
  if (metadata.uid === uid) return undefined
  return `${kind.singular} UID (${metadata.uid}) does not match service account ${kind === serviceAccount ? '' : `${kind.singular} ref `}claim (${uid})`
}

export function userOf(namespace: string, { name, uid }: Named, bound: Readonly<Record<string, Named>> = {}, jti?: unknown): User {
  const extra: Record<string, string[]> = {}
  if (typeof jti === 'string') extra['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`]
  for (const field of ['pod', 'node']) {
    const ref = bound[field]
    if (!ref) continue
    extra[`authentication.kubernetes.io/${field}-name`] = [ref.name]
    extra[`authentication.kubernetes.io/${field}-uid`] = [ref.uid]
  }
  return {
    name: `system:serviceaccount:${namespace}:${name}`,
    uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  }
}
