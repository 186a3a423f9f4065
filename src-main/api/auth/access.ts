import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import type { ServiceAccount } from '../../kinds/core/service-account.ts'
import type { Store } from '../../store/store.ts'
import { type AdmissionPlugin, committed } from '../admission/chain.ts'
import type { SubresourceAnswer } from '../registry.ts'
import type { User, Verbs } from '../verbs.ts'
import type { VirtualProvider } from '../virtual.ts'
import { startAggregation } from './aggregation.ts'
import { type Authorizer, createAuthorizer } from './authorizer.ts'
import { bootstrapUser } from './bootstrap-tokens.ts'
import { certificateAdmission } from './certificates.ts'
import { escalationCheck } from './escalation.ts'
import { createJwt, type SigningKeys } from './jwt.ts'
import { nodeRestriction } from './node-restriction.ts'
import { reconcileDefaultRoles } from './reconcile-roles.ts'
import { reviewProviders } from './reviews.ts'
import { type Proof, proveToken } from './service-account-tokens.ts'
import { sealSecretToken } from './secret-tokens.ts'
import { requestToken } from './token-request.ts'

export interface AccessOptions {
  readonly store: Store
  readonly clock: Clock
  readonly log: Logger
  /** Of service account tokens. */
  readonly keys: SigningKeys
  /** The `iss` of tokens, and the audience of those that name none; `https://kubernetes.default.svc.cluster.local` unless said. */
  readonly issuer?: string
  /** Other bearer tokens: the administrator's. */
  readonly staticTokens?: ReadonlyMap<string, User>
}

/** Who may do what, and what proves who somebody is: everything the API server needs to know of both. */
export interface Access extends Pick<Authorizer, 'authorize' | 'families'> {
  /** Whom a bearer token belongs to (static, bootstrap, service account); undefined when it is nobody's. */
  userOfToken(token: string): User | undefined
  /** For the registry and the server: the reviews. */
  readonly virtual: readonly VirtualProvider[]
  /** For the registry: NodeRestriction, RBAC escalation, certificates. */
  readonly plugins: readonly AdmissionPlugin[]
  /** For the registry: serviceaccounts/token. */
  readonly subresources: Readonly<Record<string, SubresourceAnswer>>
  /** What a Secret of type service-account-token holds for its account. */
  secretToken(account: Readonly<ServiceAccount>, secretName: string): string
  /** For the server: what stands at /openid/v1/jwks and /.well-known/openid-configuration. */
  document(path: string): { readonly type: string; readonly body: object } | undefined
  /** Writes the default roles and keeps aggregated ones up to date; once the system's namespaces are there. */
  start(verbs: Verbs): Promise<void>
  close(): void
}

const clusterIssuer = 'https://kubernetes.default.svc.cluster.local'

export async function createAccess(options: AccessOptions): Promise<Access> {
  const { store, clock, log, issuer = clusterIssuer, staticTokens = new Map<string, User>() } = options
  const audiences = [issuer]
  const jwt = createJwt(options.keys)
  const tokens = { jwt, clock, issuer, audiences, read: committed(store) }
  const authorizer = await createAuthorizer(store)
  let aggregation: { close(): void } | undefined

  const prove = (token: string, asked: readonly string[]): Proof => {
    const known = staticTokens.get(token) ?? bootstrapUser(tokens.read, token, clock.now())
    if (!known) return proveToken(tokens, token, asked)
    const served = asked.filter((audience) => audiences.includes(audience))
    const user = { ...known, groups: [...new Set([...known.groups, 'system:authenticated'])] }
    return served.length > 0 ? { user, audiences: served } : { error: 'invalid bearer token' }
  }
  return {
    authorize: authorizer.authorize,
    families: () => authorizer.families(),
    userOfToken(token) {
      const proof = prove(token, audiences)
      return 'user' in proof ? proof.user : undefined
    },
    virtual: reviewProviders({ authorizer, prove, audiences }),
    plugins: [nodeRestriction(authorizer.authorize), escalationCheck(authorizer), ...certificateAdmission(authorizer.authorize, clock)],
    subresources: { '/serviceaccounts/token': async (ref, body, context) => requestToken(tokens, ref, body, context) },
    secretToken: (account, secretName) => sealSecretToken(jwt, account, secretName),
    document(path) {
      if (path === '/openid/v1/jwks') return { type: 'application/jwk-set+json', body: jwt.jwks }
      if (path !== '/.well-known/openid-configuration') return undefined
      return {
        type: 'application/json',
        body: {
          issuer,
          jwks_uri: `${issuer}/openid/v1/jwks`,
          response_types_supported: ['id_token'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: jwt.algorithms,
        },
      }
    },
    async start(verbs) {
      await reconcileDefaultRoles(verbs)
      aggregation = await startAggregation(store, verbs, log)
    },
    close() {
      aggregation?.close()
      authorizer.close()
    },
  }
}
