import { timingSafeEqual } from 'node:crypto'
import type { JsonObject } from '../../base/json.ts'
import { secret as secretKind, type Secret } from '../../kinds/core/secret.ts'
import { serviceAccount as accountKind, type ServiceAccount } from '../../kinds/core/service-account.ts'
import { keyFor } from '../keys.ts'
import { objectOf } from '../read.ts'
import type { Jwt } from './jwt.ts'
import { type Proof, type TokenOptions, userOf } from './service-account-tokens.ts'

/** Whose tokens live in Secrets of type service-account-token: they name no audience and no end. */
export const secretTokenIssuer = 'kubernetes/serviceaccount'

const claim = (name: string): string => `kubernetes.io/serviceaccount/${name}`

export function sealSecretToken(jwt: Jwt, { metadata }: Readonly<ServiceAccount>, secretName: string): string {
  const { namespace = '', name = '', uid = '' } = metadata
  return jwt.seal({
    iss: secretTokenIssuer,
    [claim('namespace')]: namespace,
    [claim('secret.name')]: secretName,
    [claim('service-account.name')]: name,
    [claim('service-account.uid')]: uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  })
}

/** Good as long as the Secret holds this very token and its account is there, for the API server alone. */
export function proveSecretToken(options: TokenOptions, token: string, claims: JsonObject, asked: readonly string[]): Proof {
  const text = (name: string): string => {
    const value = claims[claim(name)]
    return typeof value === 'string' ? value : ''
  }
  const [namespace, secretName, name, uid] = ['namespace', 'secret.name', 'service-account.name', 'service-account.uid'].map(text) as [string, string, string, string]
  if (claims['sub'] !== `system:serviceaccount:${namespace}:${name}`) return { error: 'sub claim is invalid' }
  const served = asked.filter((audience) => options.audiences.includes(audience))
  if (served.length === 0) {
    return { error: `token audiences ${JSON.stringify(options.audiences)} is invalid for the target audiences ${JSON.stringify(asked)}` }
  }
  const error = secretCause(options, { namespace, secretName, name, uid }, token)
  return error ? { error } : { user: userOf(namespace, { name, uid }), audiences: served }
}

const invalidSince = 'kubernetes.io/legacy-token-invalid-since'

interface Claimed {
  readonly namespace: string
  readonly secretName: string
  readonly name: string
  readonly uid: string
}

/** Why the token proves nothing any more. */
function secretCause({ read }: TokenOptions, { namespace, secretName, name, uid }: Claimed, token: string): string | undefined {
  if ([namespace, secretName, name].some((part) => part === '' || part.includes('/'))) return 'invalid bearer token'
  const storedSecret = read.get(keyFor(secretKind, { namespace, name: secretName }))
  const secret = storedSecret && (objectOf(storedSecret) as Secret)
  if (!secret || secret.metadata.deletionTimestamp) return 'service account token has been invalidated'
  if (!holds(secret, token)) return "service account token does not match server's copy"
  if (secret.metadata.labels?.[invalidSince]) {
    return `the token in secret ${namespace}/${secretName} for service account ${namespace}/${name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${invalidSince}' label from the secret to temporarily allow use of this token`
  }
  const storedAccount = read.get(keyFor(accountKind, { namespace, name }))
  if (!storedAccount) return `serviceaccounts ${JSON.stringify(name)} not found`
  const { metadata } = objectOf(storedAccount)
  if (metadata.deletionTimestamp) return `service account ${namespace}/${name} has been deleted`
  return metadata.uid === uid ? undefined : `service account UID (${metadata.uid}) does not match claim (${uid})`
}

function holds({ data }: Secret, token: string): boolean {
  const [kept, given] = [Buffer.from(data?.['token'] ?? '', 'base64'), Buffer.from(token)]
  return kept.length === given.length && timingSafeEqual(kept, given)
}
