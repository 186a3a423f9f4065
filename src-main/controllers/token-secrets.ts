import { secret as secretKind, type Secret } from '../kinds/core/secret.ts'
import { serviceAccount as accountKind, type ServiceAccount } from '../kinds/core/service-account.ts'
import type { Seen } from '../client/informer.ts'
import { isNotFound } from '../kinds/status-error.ts'
import { type Context, type Controller, done, every, type Result, type Watch } from './controller.ts'
import { remove } from './deletion.ts'

const tokenType = 'kubernetes.io/service-account-token'
const nameKey = 'kubernetes.io/service-account.name'
const uidKey = 'kubernetes.io/service-account.uid'

const isTokenOf = ({ type, metadata }: Secret, account: string | undefined): boolean => type === tokenType && metadata.annotations?.[nameKey] === account

const ofAccounts: Watch = {
  kind: accountKind,
  *keys({ object: { metadata } }: Seen<ServiceAccount>, informers) {
    for (const secret of informers.of(secretKind).list(metadata.namespace)) {
      if (isTokenOf(secret, metadata.name)) yield `${metadata.namespace}/${secret.metadata.name}`
    }
  },
}

/** What is left to do when a Secret for tokens is gone, as a key: nobody remembers it otherwise. */
type Gone = readonly [namespace: string, secret: string, account: string, uid: string]

const goneTokens: Watch = {
  kind: secretKind,
  *keys({ type, object: { type: of, metadata } }: Seen<Secret>) {
    const { [nameKey]: account = '', [uidKey]: uid = '' } = metadata.annotations ?? {}
    const gone: Gone = [metadata.namespace ?? '', metadata.name ?? '', account, uid]
    if (type === 'deleted' && of === tokenType && account) yield JSON.stringify(gone)
  },
}

export interface TokenSecretsOptions {
  /** The token that a Secret of this name holds for the account. */
  readonly token: (account: Readonly<ServiceAccount>, secretName: string) => string
  /** The cluster's authority, PEM. */
  readonly caPem: string
}

/** Fills Secrets of type service-account-token, deletes those whose account is gone, and takes those that are gone out of their account. */
export const tokenSecrets = (options: TokenSecretsOptions): Controller => ({
  name: 'legacy-serviceaccount-token-controller',
  watches: [every(secretKind), ofAccounts, goneTokens],
  async reconcile(key, context) {
    if (key.startsWith('[')) return forget(JSON.parse(key) as Gone, context)
    const secret = await context.read(secretKind, key)
    if (secret?.type !== tokenType || secret.metadata.deletionTimestamp) return done
    const { namespace, annotations } = secret.metadata
    const account = await accountOf(context, { namespace, name: annotations?.[nameKey] ?? '' })
    const plan = planToken(secret, account, options)
    if (plan === 'delete') await remove(context.client, secretKind, secret, { preconditions: { resourceVersion: secret.metadata.resourceVersion } })
    else if (plan) await context.client.update(secretKind, plan)
    return done
  },
})

async function forget([namespace, secret, name, uid]: Gone, context: Context): Promise<Result> {
  const account = await accountOf(context, { namespace, name })
  if (!account || (uid && account.metadata.uid !== uid) || (await context.read(secretKind, `${namespace}/${secret}`))) return done
  const secrets = account.secrets?.filter((reference) => reference.name !== secret)
  if (secrets && secrets.length !== account.secrets?.length) await context.client.update(accountKind, { ...account, secrets })
  return done
}

/** Asks again whether an account is really missing: it may have been made in the same moment as its Secret. */
async function accountOf({ client, read }: Context, ref: { namespace?: string; name: string }): Promise<ServiceAccount | undefined> {
  const known = await read(accountKind, `${ref.namespace}/${ref.name}`)
  if (known) return known
  try {
    return await client.get(accountKind, ref)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** What becomes of a Secret for tokens: itself as it must be, nothing when it already is so. */
export function planToken(secret: Readonly<Secret>, account: Readonly<ServiceAccount> | undefined, { token, caPem }: TokenSecretsOptions): Secret | 'delete' | undefined {
  const { metadata, data = {} } = secret
  const uid = account?.metadata.uid ?? ''
  const bound = metadata.annotations?.[uidKey]
  if (!account || (bound && bound !== uid)) return 'delete'
  const encode = (text: string): string => Buffer.from(text).toString('base64')
  const ca = encode(caPem)
  if (data['token'] && data['namespace'] && data['ca.crt'] === ca && bound) return undefined
  return {
    ...secret,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [uidKey]: uid } },
    data: {
      ...data,
      'ca.crt': ca,
      namespace: data['namespace'] || encode(metadata.namespace ?? ''),
      token: data['token'] || encode(token(account, metadata.name ?? '')),
    },
  }
}
